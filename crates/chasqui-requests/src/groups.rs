//! Groups: what is asked of them and changed in them. Source: 07-requests-and-notifications §2.
//!
//! What a change does to what is known of a group is the session's: it reads requests and answers as they go by, in the
//! order of the stream, in which notifications come, too.

mod batch;
pub mod communities;
pub mod invitations;
pub mod metadata;
pub mod people;
mod reports;
pub mod requests;
pub mod settings;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node, Server, curve};
use serde::Deserialize;

use crate::{Result, Session, answer, args, methods, session::iq_to};

use metadata::{Group, MAX_PEOPLE};
use people::Outcome;

/// The namespace of requests about groups.
pub const XMLNS: &str = "w:g2";
/// Most people of one request.
pub(crate) const MAX_NAMED: usize = 1024;
/// Characters of a subject and of a description.
const MAX_SUBJECT: usize = 100;
const MAX_DESCRIPTION: usize = 2048;
/// Whether privacy tokens go with people who are put into a new group, and with people who are added to one; so by default.
const TOKENS_AT_CREATION: &str = "11261";
const TOKENS_AT_ADDING: &str = "11262";
/// Most groups that are listed.
const MAX_GROUPS: usize = 10_000;

methods! {
    "metadata" => metadata,
    "list" => list,
    "metadataOf" => batch::infos,
    "pictures" => batch::pictures,
    "report" => reports::report,
    "reports" => reports::list,
    "create" => settings::create,
    "leave" => settings::leave,
    "set" => settings::set,
    "setSubject" => settings::set_subject,
    "setDescription" => settings::set_description,
    "people" => people::change,
    "joinRequests" => requests::list,
    "decide" => requests::decide,
    "cancelJoin" => requests::cancel,
    "inviteCode" => invitations::code,
    "revokeInvite" => invitations::renew,
    "inviteInfo" => invitations::info,
    "join" => invitations::join,
    "invitation" => invitations::message,
    "invitationInfo" => invitations::invitation_info,
    "acceptInvitation" => invitations::accept,
    "revokeInvitation" => invitations::revoke,
}

/// A request to the service of groups, and not to one group.
fn iq_to_service(kind: &'static str) -> Node<'static> {
    iq_to(&Jid::new("", Server::Group), kind, XMLNS)
}

/// A request to one group.
fn iq_to_group(group: &Jid, kind: &'static str) -> Node<'static> {
    iq_to(group, kind, XMLNS)
}

/// A fresh id, as those of messages.
fn fresh_id() -> String {
    let random: [u8; 9] = curve::random_bytes();
    random.iter().fold("3EB0".to_owned(), |id, byte| format!("{id}{byte:02X}"))
}

/// What the service refuses about a group of which one has to be a member.
fn refused(group: &Jid, error: PublicError) -> PublicError {
    match answer::code_of(&error) {
        Some(401 | 403) if error.code == ErrorCode::NotAllowed => {
            let message = "The account is no member of the group, or only admins may do this";
            let number = answer::code_of(&error).unwrap_or(403);
            PublicError::new(ErrorCode::NotAllowed, format!("{message} (error {number})."))
                .with("error", number)
                .with("jid", group.to_string())
        }
        Some(404) => PublicError::new(ErrorCode::NotFound, "There is no such group (error 404).")
            .with("error", 404)
            .with("jid", group.to_string()),
        Some(419) => PublicError::new(ErrorCode::RequestFailed, "The group is full (error 419).")
            .with("error", 419)
            .with("jid", group.to_string()),
        _ => error,
    }
}

/// Asks or changes one group.
async fn query(session: &Session, group: &Jid, kind: &'static str, child: Node<'static>) -> Result<Node<'static>> {
    session.query(iq_to_group(group, kind).child(child)).await.map_err(|error| refused(group, error))
}

/// Names one group.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    group: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    group: String,
    #[serde(default)]
    refresh: bool,
}

/// A group: as it is known and kept current, or as the service tells it.
async fn metadata(session: &Session, Metadata { group, refresh }: Metadata) -> Result<Group> {
    let group = args::group(&group)?;
    if !refresh && let Some(known) = session.group(&group).await? {
        return Ok(known);
    }
    fetch(session, &group).await
}

/// What the service tells of a group.
pub(crate) async fn fetch(session: &Session, group: &Jid) -> Result<Group> {
    let query = Node::new("query").attr("request", "interactive");
    let jid = group.clone();
    let read = move |answer: &Node<'_>| {
        let found = answer.find("group").ok_or_else(|| answer::lacks("group"))?;
        Ok(metadata::read_as(jid, found, MAX_PEOPLE))
    };
    session.read(iq_to_group(group, "get").child(query), read).await.map_err(|error| not_told(group, error))
}

/// Why the service does not tell what a group is.
fn not_told(group: &Jid, error: PublicError) -> PublicError {
    match answer::code_of(&error) {
        Some(number @ (401 | 403)) => {
            PublicError::new(ErrorCode::NotInGroup, "The account is not a member of the group.")
                .with("error", number)
                .with("jid", group.to_string())
        }
        _ => refused(group, error),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    communities: Option<bool>,
}

/// Every group that the account is in.
async fn list(session: &Session, List { communities }: List) -> Result<Vec<Group>> {
    let asked = Node::new("participating").children([Node::new("participants"), Node::new("description")]);
    let read = move |answer: &Node<'_>| {
        let groups = answer.find("groups").into_iter().flat_map(|groups| groups.all("group")).take(MAX_GROUPS);
        let groups = groups.filter(|group| group.get("error").is_none());
        let groups = groups.filter(|group| communities.is_none_or(|wanted| group.find("parent").is_some() == wanted));
        Ok(groups.filter_map(|group| metadata::read(group, MAX_PEOPLE)).collect())
    };
    session.read(iq_to_service("get").child(asked), read).await
}

/// The people that a call names, each once, and what is to be said of those that name nobody.
fn named(argument: &str, people: &[String]) -> Result<(Vec<Jid>, Vec<Outcome>)> {
    if people.is_empty() || people.len() > MAX_NAMED {
        let why = format!("names {} people, and 1 to {MAX_NAMED} are taken", people.len());
        return Err(args::invalid(argument, &why).with("limit", MAX_NAMED));
    }
    let mut jids: Vec<Jid> = Vec::with_capacity(people.len());
    let mut unknown = Vec::new();
    for person in people {
        match args::person(person) {
            Ok(jid) if !jids.contains(&jid) => jids.push(jid),
            Ok(_) => {}
            Err(why) => unknown.push(Outcome::nobody(person, &why)),
        }
    }
    Ok((jids, unknown))
}

/// `<participant>` for each of these people: by LID where it is known, with the phone number beside it.
async fn participants(session: &Session, people: &[Jid]) -> Result<Vec<Node<'static>>> {
    let others = session.counterparts(people.to_vec()).await?;
    let participant = |(jid, other): (&Jid, Option<Jid>)| {
        let by_lid = other.as_ref().filter(|other| other.is_lid());
        let number = if by_lid.is_some() { Some(jid.clone()) } else { other.clone().filter(Jid::is_pn) };
        Node::new("participant").attr("jid", by_lid.unwrap_or(jid)).attr_opt("phone_number", number).into_owned()
    };
    Ok(people.iter().zip(others).map(participant).collect())
}

/// The same of people who are to come in, each with the token that he gave the account, where that still counts: it shows
/// that he knows who adds him (07 §7.4). `switch` is the service's switch for it.
async fn newcomers(session: &Session, people: &[Jid], switch: &str) -> Result<Vec<Node<'static>>> {
    let nodes = participants(session, people).await?;
    let tokens = session.tokens(people.to_vec()).await?;
    if tokens.iter().all(Option::is_none) {
        return Ok(nodes);
    }
    if session.props().await?.get(switch).is_some_and(|value| value == "0" || value == "false") {
        return Ok(nodes);
    }
    let with_token = |(node, token): (Node<'static>, Option<Vec<u8>>)| match token {
        Some(token) => node.child(Node::new("privacy").bytes(token)),
        None => node,
    };
    Ok(nodes.into_iter().zip(tokens).map(with_token).collect())
}

fn check_subject(subject: &str) -> Result<()> {
    if subject.trim().is_empty() {
        return Err(args::invalid("subject", "must not be empty"));
    }
    args::short("subject", subject, MAX_SUBJECT)
}

fn check_description(text: &str) -> Result<()> {
    args::short("description", text, MAX_DESCRIPTION)
}

fn text(tag: &'static str, text: &str) -> Node<'static> {
    Node::new(tag).bytes(text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests;
