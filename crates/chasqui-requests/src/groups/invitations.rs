//! Links that lead into a group, and invitations of one person (07 §2.12 and §2.13).

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::{Message as Protobuf, ProtoMessage};
use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};

use super::{
    One, iq_to_service,
    metadata::{self, Group, MAX_PEOPLE},
    named, participants, query, refused,
};
use crate::{Result, Session, answer, args};

/// What public links begin with.
const LINK: &str = "chat.whatsapp.com/";
/// Characters of a code; the service's have 22.
const MAX_CODE: usize = 64;

/// The code in a link, or a code as it is.
fn code_in(text: &str) -> Result<String> {
    let trimmed = text.trim();
    let code = trimmed.split_once(LINK).map_or(trimmed, |(_, rest)| rest.strip_prefix("invite/").unwrap_or(rest));
    let code = code.split(['?', '#', '/']).next().unwrap_or_default();
    let is_code = !code.is_empty() && code.len() <= MAX_CODE && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code { Ok(code.to_owned()) } else { Err(args::invalid("invite", "is neither a code nor a link to a group")) }
}

/// What the service says of links that do not work.
fn dead_link(error: PublicError) -> PublicError {
    let Some(number) = answer::code_of(&error) else { return error };
    let (code, message) = match number {
        400 | 404 | 406 => (ErrorCode::NotFound, "There is no group with this invitation"),
        410 => (ErrorCode::NotFound, "The invitation was revoked, or has expired"),
        304 | 409 => (ErrorCode::RequestFailed, "The account is in the group already"),
        405 => (ErrorCode::NotAllowed, "The account was removed from the group, and cannot come back by a link"),
        412 | 419 => (ErrorCode::RequestFailed, "The group is full"),
        416 | 423 | 436 => (ErrorCode::NotAllowed, "The group takes nobody in at the moment"),
        _ => return error,
    };
    PublicError::new(code, format!("{message} (error {number}).")).with("error", number)
}

#[derive(Debug, Serialize)]
pub(super) struct Code {
    code: String,
}

fn read_code(answer: &Node<'_>) -> Result<Code> {
    let code = answer.find("invite").and_then(|invite| invite.get_str("code"));
    let code = code.filter(|code| !code.is_empty() && code.len() <= MAX_CODE);
    Ok(Code { code: code.ok_or_else(|| answer::lacks("code"))?.into_owned() })
}

/// The code of a group's link.
pub(super) async fn code(session: &Session, One { group }: One) -> Result<Code> {
    read_code(&query(session, &args::group(&group)?, "get", Node::new("invite")).await?)
}

/// Makes the link worthless; gives the new code.
pub(super) async fn renew(session: &Session, One { group }: One) -> Result<Code> {
    read_code(&query(session, &args::group(&group)?, "set", Node::new("invite")).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    invite: String,
}

/// The group to which a link leads.
pub(super) async fn info(session: &Session, Link { invite }: Link) -> Result<Group> {
    let asked = iq_to_service("get").child(Node::new("invite").attr("code", code_in(&invite)?));
    read_group(&session.query(asked).await.map_err(dead_link)?)
}

/// The group in an answer to somebody who need not be in it: not all people are told, but how many there are.
fn read_group(answer: &Node<'_>) -> Result<Group> {
    let node = answer.find("group").ok_or_else(|| answer::lacks("group"))?;
    let mut group = metadata::read(node, MAX_PEOPLE).ok_or_else(|| answer::lacks("group's id"))?;
    group.size = node.get_u64("size").unwrap_or(0).max(group.size);
    Ok(group)
}

/// Where joining has led.
#[derive(Debug, Serialize)]
pub(super) struct Joined {
    group: String,
    /// Admins have to agree first.
    pending: bool,
}

fn read_joined(answer: &Node<'_>) -> Result<Joined> {
    let (tag, pending) =
        if answer.find("group").is_some() { ("group", false) } else { ("membership_approval_request", true) };
    let told = answer.find(tag).and_then(|node| metadata::jid_in(node, "jid").or_else(|| metadata::jid_in(node, "id")));
    let group = told.or_else(|| answer.get_jid("from").filter(|from| from.is_group() && !from.user.is_empty()));
    let group = group.ok_or_else(|| answer::lacks("group"))?;
    Ok(Joined { group: group.to_string(), pending })
}

/// Goes into a group by its link.
pub(super) async fn join(session: &Session, Link { invite }: Link) -> Result<Joined> {
    let asked = iq_to_service("set").child(Node::new("invite").attr("code", code_in(&invite)?));
    read_joined(&session.query(asked).await.map_err(dead_link)?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Invite {
    group: String,
    code: String,
    /// Milliseconds since the epoch.
    expires_at: u64,
    /// The group's name, for who reads it.
    subject: Option<String>,
    caption: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Bytes {
    raw: String,
}

/// The message that invites one person.
pub(super) async fn message(session: &Session, invite: Invite) -> Result<Bytes> {
    let group = args::group(&invite.group)?;
    check_invitation(&invite.code)?;
    if let Some(caption) = &invite.caption {
        args::short("caption", caption, 4096)?;
    }
    let name = match invite.subject {
        Some(subject) => Some(subject),
        None => session.group(&group).await?.map(|known| known.subject),
    };
    let content = chasqui_proto::message::GroupInviteMessage {
        group_jid: Some(group.to_string()),
        invite_code: Some(invite.code),
        invite_expiration: i64::try_from(invite.expires_at / 1000).ok(),
        group_name: Some(name.unwrap_or_default()),
        caption: invite.caption,
        ..Default::default()
    };
    let message = Protobuf { group_invite_message: Some(Box::new(content)), ..Default::default() };
    Ok(Bytes { raw: STANDARD.encode(message.encode_to_vec()) })
}

fn check_invitation(code: &str) -> Result<()> {
    let is_code = !code.is_empty() && code.len() <= 256 && code.bytes().all(|byte| byte.is_ascii_graphic());
    if is_code { Ok(()) } else { Err(args::invalid("code", "is no code of an invitation")) }
}

/// An invitation that somebody sent: the message's protobuf, or what is in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Received {
    raw: Option<String>,
    group: Option<String>,
    code: Option<String>,
    expires_at: Option<u64>,
    /// Who sent it.
    inviter: String,
}

/// An invitation as requests name it.
struct Invitation {
    group: Jid,
    code: String,
    /// Seconds since the epoch.
    expiration: u64,
    inviter: Jid,
}

impl Invitation {
    async fn of(session: &Session, received: Received) -> Result<Self> {
        let none = || args::invalid("message", "is no invitation to a group");
        let (group, code, expiration) = match &received.raw {
            Some(raw) => {
                let bytes = STANDARD.decode(raw).map_err(|_| none())?;
                let message = Protobuf::decode(bytes.as_slice()).map_err(|_| none())?;
                let invite = message.group_invite_message.ok_or_else(none)?;
                let expiration = invite.invite_expiration.and_then(|seconds| u64::try_from(seconds).ok());
                (invite.group_jid, invite.invite_code, expiration)
            }
            None => (received.group, received.code, received.expires_at.map(|at| at / 1000)),
        };
        let (Some(group), Some(code), Some(expiration)) = (group, code, expiration) else { return Err(none()) };
        check_invitation(&code)?;
        let inviter = session.lids(vec![args::person(&received.inviter)?]).await?.pop().ok_or_else(none)?;
        Ok(Self { group: args::group(&group)?, code, expiration, inviter })
    }

    fn node(&self, tag: &'static str) -> Node<'static> {
        Node::new(tag)
            .attr("code", self.code.clone())
            .attr("expiration", self.expiration)
            .attr("admin", self.inviter.clone())
    }

    async fn put(&self, session: &Session, kind: &'static str, child: Node<'static>) -> Result<Node<'static>> {
        session.query(super::iq_to_group(&self.group, kind).child(child)).await.map_err(dead_link)
    }
}

/// The group to which an invitation leads.
pub(super) async fn invitation_info(session: &Session, received: Received) -> Result<Group> {
    let invitation = Invitation::of(session, received).await?;
    let asked = Node::new("query").child(invitation.node("add_request"));
    read_group(&invitation.put(session, "get", asked).await?)
}

/// Goes into a group by an invitation.
pub(super) async fn accept(session: &Session, received: Received) -> Result<Joined> {
    let invitation = Invitation::of(session, received).await?;
    let accept = invitation.node("accept");
    read_joined(&invitation.put(session, "set", accept).await?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revoke {
    group: String,
    people: Vec<String>,
}

/// Takes back the invitations of these people.
pub(super) async fn revoke(session: &Session, Revoke { group, people }: Revoke) -> Result<()> {
    let group = args::group(&group)?;
    people.iter().try_for_each(|person| args::person(person).map(drop))?;
    let people = participants(session, &named("people", &people)?.0).await?;
    let asked = super::iq_to_group(&group, "set").child(Node::new("revoke").children(people));
    session.query(asked).await.map_err(|error| refused(&group, error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_every_form_of_a_link() {
        let code = "AbCdEfGhIjKlMnOpQrStUv";
        for text in [
            code.to_owned(),
            format!(" https://chat.whatsapp.com/{code} "),
            format!("chat.whatsapp.com/invite/{code}?mode=ac_t"),
            format!("http://chat.whatsapp.com/{code}/"),
        ] {
            assert_eq!(code_in(&text).expect(&text), code);
        }
        for text in ["", "https://chat.whatsapp.com/", "https://example.com/x", "a b", &"a".repeat(65)] {
            assert_eq!(code_in(text).expect_err(text).code, ErrorCode::InvalidArgument);
        }
    }

    #[test]
    fn joining_leads_into_the_group_or_to_its_admins() {
        let group = || "120363000000000001@g.us".parse::<Jid>().expect("a JID");
        let answer = |tag: &'static str| Node::new("iq").child(Node::new(tag).attr("jid", group()));
        let read = |node: Node<'static>| read_joined(&node).map(|joined| (joined.group, joined.pending)).ok();
        assert_eq!(read(answer("group")), Some((group().to_string(), false)));
        assert_eq!(read(answer("membership_approval_request")), Some((group().to_string(), true)));
        assert_eq!(read(Node::new("iq")), None);
    }
}
