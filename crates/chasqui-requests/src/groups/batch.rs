//! Several groups in one request: what they are, and their pictures (07 §2.4).

use std::collections::HashMap;

use chasqui_error::PublicError;
use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};

use super::{
    fetch, iq_to_service,
    metadata::{self, Group, MAX_PEOPLE},
    not_told, refused,
};
use crate::{Result, Session, answer, args};

/// Most groups of one call.
const MAX_ASKED: usize = 1000;
/// Longest text of a picture that is read.
const MAX_TEXT: usize = 2048;

/// What came of it for one group.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told<T> {
    group: String,
    ok: bool,
    #[serde(flatten)]
    told: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl<T> Told<T> {
    fn of(group: &Jid, told: T, failure: Option<PublicError>) -> Self {
        Self {
            group: group.to_string(),
            ok: failure.is_none(),
            told,
            code: failure.as_ref().map(|failure| failure.code.as_str()),
            error: failure.as_ref().and_then(answer::code_of),
            message: failure.map(|failure| failure.message),
        }
    }
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Info {
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Group>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<Picture>,
}

/// Where the picture of a group is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Picture {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_path: Option<String>,
    preview: bool,
    unchanged: bool,
}

/// The groups that a call names, each once.
fn named(groups: &[String]) -> Result<Vec<Jid>> {
    if groups.is_empty() || groups.len() > MAX_ASKED {
        let why = format!("names {} groups, and 1 to {MAX_ASKED} are taken", groups.len());
        return Err(args::invalid("groups", &why).with("limit", MAX_ASKED));
    }
    let mut jids: Vec<Jid> = Vec::with_capacity(groups.len());
    for group in groups {
        let jid = args::group(group)?;
        if !jids.contains(&jid) {
            jids.push(jid);
        }
    }
    Ok(jids)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    groups: Vec<String>,
    #[serde(default)]
    refresh: bool,
}

/// What an answer says of one group.
enum Entry {
    Group(Box<Group>),
    Refused(u64),
    /// It is too large for this answer.
    Truncated,
}

/// Groups as they are known; one request tells those that are not.
pub(super) async fn infos(session: &Session, Asked { groups, refresh }: Asked) -> Result<Vec<Told<Info>>> {
    let asked = named(&groups)?;
    let mut found: HashMap<Jid, Entry> = HashMap::with_capacity(asked.len());
    if !refresh {
        for jid in &asked {
            if let Some(known) = session.group(jid).await? {
                found.insert(jid.clone(), Entry::Group(Box::new(known)));
            }
        }
    }
    let unknown = asked.iter().filter(|jid| !found.contains_key(*jid));
    let nodes: Vec<_> = unknown.map(|jid| Node::new("group").attr("jid", jid.clone())).collect();
    if !nodes.is_empty() {
        let read = |answer: &Node<'_>| {
            let list = answer.find("groups").ok_or_else(|| answer::lacks("list of groups"))?;
            let entry = |node: &Node<'_>| {
                let jid = metadata::jid_in(node, "id").or_else(|| metadata::jid_in(node, "jid"))?;
                let entry = match node.get_str("error") {
                    Some(code) => Entry::Refused(code.parse().unwrap_or(500)),
                    None if node.is("truncated", "true") => Entry::Truncated,
                    None => Entry::Group(Box::new(metadata::read_as(jid.clone(), node, MAX_PEOPLE))),
                };
                Some((jid, entry))
            };
            Ok(list.all("group").take(MAX_ASKED).filter_map(entry).collect::<Vec<_>>())
        };
        found.extend(session.read(iq_to_service("get").child(Node::new("query").children(nodes)), read).await?);
    }
    let mut told = Vec::with_capacity(asked.len());
    for jid in asked {
        let outcome = match found.remove(&jid) {
            Some(Entry::Group(group)) => Ok(*group),
            Some(Entry::Refused(code)) => Err(not_told(&jid, answer::refusal(code, None))),
            Some(Entry::Truncated) => fetch(session, &jid).await,
            None => Err(answer::lacks("group")),
        };
        let (metadata, failure) = match outcome {
            Ok(group) => (Some(group), None),
            Err(failure) => (None, Some(failure)),
        };
        told.push(Told::of(&jid, Info { metadata }, failure));
    }
    Ok(told)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pictures {
    groups: Vec<String>,
    #[serde(default)]
    preview: bool,
}

/// Where the pictures of groups are. A group without one is none that failed.
pub(super) async fn pictures(session: &Session, Pictures { groups, preview }: Pictures) -> Result<Vec<Told<Shown>>> {
    let asked = named(&groups)?;
    let kind = if preview { "preview" } else { "image" };
    let nodes: Vec<_> =
        asked.iter().map(|jid| Node::new("picture").attr("jid", jid.clone()).attr("type", kind)).collect();
    let answer = session.query(iq_to_service("get").child(Node::new("pictures").children(nodes))).await?;
    let list = answer.find("pictures").ok_or_else(|| answer::lacks("list of pictures"))?;
    let mut found = HashMap::with_capacity(asked.len());
    for node in list.all("picture").take(MAX_ASKED) {
        if let Some(jid) = metadata::jid_in(node, "jid") {
            found.insert(jid, node);
        }
    }
    let one = |jid: &Jid| {
        let Some(node) = found.get(jid) else { return Told::of(jid, Shown::default(), None) };
        let failed = node.get_str("error").map(|code| code.parse().unwrap_or(500)).filter(|code| *code != 404);
        let text = |attr: &str| node.get_str(attr).map(|text| metadata::bounded(&text, MAX_TEXT));
        let picture = text("id").filter(|id| !id.is_empty() && failed.is_none()).map(|id| Picture {
            id,
            url: text("url"),
            direct_path: text("direct_path"),
            preview,
            unchanged: false,
        });
        Told::of(jid, Shown { picture }, failed.map(|code| refused(jid, answer::refusal(code, None))))
    };
    Ok(asked.iter().map(one).collect())
}
