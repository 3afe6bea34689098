//! Communities: groups of groups (07 §3).

use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};

use super::{
    check_description, check_subject, fresh_id, iq_to_service,
    metadata::{self, Group, MAX_PEOPLE, millis},
    query, text,
};
use crate::{Result, Session, answer, args, methods, person::Person};

/// Most groups of one request.
const MAX_LINKED: usize = 100;

methods! {
    "create" => create,
    "groups" => groups,
    "group" => group,
    "participants" => participants,
    "link" => link,
    "unlink" => unlink,
    "join" => join,
    "deactivate" => deactivate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    subject: String,
    description: Option<String>,
    /// Whether whoever comes has to be let in.
    #[serde(default)]
    closed: bool,
    /// Whether members who are no admins make groups in it.
    #[serde(default)]
    open: bool,
    /// Whether it has a chat for everybody.
    #[serde(default)]
    general: bool,
}

/// Makes a community; the service makes its group for announcements.
async fn create(session: &Session, args: Create) -> Result<Group> {
    let Create { subject, description, closed, open, general } = args;
    check_subject(&subject)?;
    let mut children = Vec::new();
    if let Some(written) = description.as_deref().filter(|text| !text.is_empty()) {
        check_description(written)?;
        children.push(Node::new("description").attr("id", fresh_id()).child(text("body", written)));
    }
    let mode = closed.then_some("request_required");
    children.push(Node::new("parent").attr_opt("default_membership_approval_mode", mode));
    children.extend(open.then(|| Node::new("allow_non_admin_sub_group_creation")));
    children.extend(general.then(|| Node::new("create_general_chat")));
    let create = Node::new("create").attr("subject", subject).children(children);
    let answer = session.query(iq_to_service("set").child(create)).await?;
    answer.find("group").and_then(|group| metadata::read(group, MAX_PEOPLE)).ok_or_else(|| answer::lacks("group"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    community: String,
}

/// A group of a community as those see it who need not be in it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SubGroup {
    group: String,
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Person>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    announcements: bool,
    general: bool,
}

/// The groups of a community.
async fn groups(session: &Session, One { community }: One) -> Result<Vec<SubGroup>> {
    let community = args::group(&community)?;
    let answer = query(session, &community, "get", Node::new("sub_groups")).await?;
    let list = answer.find("sub_groups").ok_or_else(|| answer::lacks("list of groups"))?;
    let read = |node: &Node<'_>| {
        Some(SubGroup {
            group: metadata::jid_in(node, "jid").or_else(|| metadata::jid_in(node, "id"))?.to_string(),
            subject: metadata::subject(&node.get_str("subject").unwrap_or_default()),
            created: millis(node, "creation"),
            owner: Person::named(node, "creator", &["creator_pn"]),
            size: node.get_u64("size"),
            announcements: node.find("default_sub_group").is_some() || node.is("default_sub_group", "true"),
            general: node.find("general_chat").is_some() || node.is("general_chat", "true"),
        })
    };
    Ok(list.all("group").filter_map(read).take(super::MAX_GROUPS).collect())
}

/// Everybody in the groups of a community, each once.
async fn participants(session: &Session, One { community }: One) -> Result<Vec<Person>> {
    let community = args::group(&community)?;
    let answer = query(session, &community, "get", Node::new("linked_groups_participants")).await?;
    let list = answer.find("linked_groups_participants").ok_or_else(|| answer::lacks("list of people"))?;
    let nested = list.all("group").flat_map(|group| group.all("participant"));
    let mut seen = std::collections::HashSet::new();
    let mut people = Vec::new();
    for person in list.all("participant").chain(nested).filter_map(Person::participant) {
        if people.len() < MAX_PEOPLE && seen.insert(person.jid.clone()) {
            people.push(person);
        }
    }
    session.learn(people.iter().filter_map(Person::pair).collect());
    Ok(people)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Links {
    community: String,
    groups: Vec<String>,
    /// Who is in no other group of the community leaves it.
    #[serde(default)]
    remove_orphans: bool,
}

impl Links {
    fn check(&self) -> Result<(Jid, Vec<Jid>)> {
        if self.groups.is_empty() || self.groups.len() > MAX_LINKED {
            let why = format!("names {} groups, and 1 to {MAX_LINKED} are taken", self.groups.len());
            return Err(args::invalid("groups", &why).with("limit", MAX_LINKED));
        }
        let groups: Result<Vec<Jid>> = self.groups.iter().map(|group| args::group(group)).collect();
        Ok((args::group(&self.community)?, groups?))
    }
}

/// What came of it for one group.
#[derive(Debug, Serialize)]
struct Linked {
    group: String,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

fn linked<'n>(nodes: impl Iterator<Item = &'n Node<'n>>, asked: &[Jid]) -> Vec<Linked> {
    let told: Vec<_> = nodes
        .filter_map(|node| {
            let jid = metadata::jid_in(node, "jid").or_else(|| metadata::jid_in(node, "id"))?;
            Some((jid, node.get_str("error").map(|code| code.parse::<u64>().unwrap_or(500))))
        })
        .collect();
    let outcome = |jid: &Jid| {
        let refused = match told.iter().find(|(group, _)| group == jid) {
            Some((_, error)) => error.map(|number| answer::refusal(number, None)),
            None => Some(answer::refusal(500, Some("not answered"))),
        };
        Linked {
            group: jid.to_string(),
            ok: refused.is_none(),
            code: refused.as_ref().map(|error| error.code.as_str()),
            error: refused.as_ref().and_then(answer::code_of),
            message: refused.map(|error| error.message),
        }
    };
    asked.iter().map(outcome).collect()
}

/// Makes groups part of a community.
async fn link(session: &Session, args: Links) -> Result<Vec<Linked>> {
    let (community, groups) = args.check()?;
    let nodes = groups.iter().map(|group| Node::new("group").attr("jid", group.clone()));
    let link = Node::new("link").attr("link_type", "sub_group").children(nodes);
    let answer = query(session, &community, "set", Node::new("links").child(link)).await?;
    let links = answer.find("links").ok_or_else(|| answer::lacks("result for each group"))?;
    Ok(linked(links.all("link").flat_map(|link| link.all("group")), &groups))
}

/// Makes groups independent again.
async fn unlink(session: &Session, args: Links) -> Result<Vec<Linked>> {
    let (community, groups) = args.check()?;
    let orphans = args.remove_orphans.then_some("true");
    let nodes = groups
        .iter()
        .map(|group| Node::new("group").attr("jid", group.clone()).attr_opt("remove_orphaned_members", orphans));
    let unlink = Node::new("unlink").attr("unlink_type", "sub_group").children(nodes);
    let answer = query(session, &community, "set", unlink).await?;
    let told = answer.find("unlink").ok_or_else(|| answer::lacks("result for each group"))?;
    Ok(linked(told.all("group"), &groups))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    community: String,
    group: String,
}

/// A group of a community as the community tells it: the account need not be in it.
async fn group(session: &Session, Join { community, group }: Join) -> Result<Group> {
    let (community, group) = (args::group(&community)?, args::group(&group)?);
    let asked = Node::new("query_linked").attr("type", "sub_group").attr("jid", group.clone());
    let answer = query(session, &community, "get", asked).await?;
    let node = answer.find("linked_group").and_then(|linked| linked.find("group"));
    let node = node.ok_or_else(|| answer::lacks("group"))?;
    Ok(metadata::read_as(group, node, MAX_PEOPLE))
}

/// Goes into a group of a community in which the account is.
async fn join(session: &Session, Join { community, group }: Join) -> Result<Group> {
    let (community, group) = (args::group(&community)?, args::group(&group)?);
    let answer = query(session, &community, "set", Node::new("join_linked_group").attr("jid", group.clone())).await?;
    let node = answer.find("linked_group").and_then(|linked| linked.find("group"));
    let node = node.ok_or_else(|| answer::lacks("group"))?;
    Ok(metadata::read_as(group, node, MAX_PEOPLE))
}

/// Ends a community; its groups stay.
async fn deactivate(session: &Session, One { community }: One) -> Result<()> {
    query(session, &args::group(&community)?, "set", Node::new("delete_parent")).await?;
    Ok(())
}
