//! Who asks to come into a group, and what admins answer (07 §2.10).

use chasqui_wire::Node;
use serde::{Deserialize, Serialize};

use super::{
    One,
    metadata::millis,
    named, participants,
    people::{Action, Outcome, outcomes},
    query,
};
use crate::{Result, Session, answer, args, person::Person};

/// Most requests that are told.
const MAX_REQUESTS: usize = 10_000;

/// Somebody who wants to come in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    /// Who.
    #[serde(flatten)]
    person: Person,
    /// Since when, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
    /// How.
    method: String,
    /// Who asked for it, when somebody else did.
    #[serde(skip_serializing_if = "Option::is_none")]
    requestor: Option<Person>,
}

/// How somebody asked, in our words.
pub fn method(node: &Node<'_>) -> String {
    match node.get_str("request_method").as_deref() {
        None | Some("invite_link") => "link".to_owned(),
        Some("linked_group_join") => "community".to_owned(),
        Some("non_admin_add") => "member".to_owned(),
        Some(other) => super::metadata::bounded(other, 64),
    }
}

/// Who waits for an admin.
pub(super) async fn list(session: &Session, One { group }: One) -> Result<Vec<JoinRequest>> {
    let group = args::group(&group)?;
    let answer = query(session, &group, "get", Node::new("membership_approval_requests")).await?;
    let list = answer.find("membership_approval_requests").ok_or_else(|| answer::lacks("list of requests"))?;
    let read = |node: &Node<'_>| {
        Some(JoinRequest {
            person: Person::participant(node)?,
            timestamp: millis(node, "request_time"),
            method: method(node),
            requestor: Person::named(node, "requestor", &["requestor_pn"]),
        })
    };
    Ok(list.all("membership_approval_request").filter_map(read).take(MAX_REQUESTS).collect())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decide {
    group: String,
    people: Vec<String>,
    approve: bool,
}

/// Lets people in, or not.
pub(super) async fn decide(session: &Session, Decide { group, people, approve }: Decide) -> Result<Vec<Outcome>> {
    let group = args::group(&group)?;
    let action = if approve { Action::Approve } else { Action::Reject };
    let (asked, unknown) = named("people", &people)?;
    if asked.is_empty() {
        return Ok(unknown);
    }
    let decision = Node::new(action.tag()).children(participants(session, &asked).await?);
    let answer = query(session, &group, "set", Node::new("membership_requests_action").child(decision)).await?;
    let told = answer.find("membership_requests_action").and_then(|node| node.find(action.tag()));
    let told = told.ok_or_else(|| answer::lacks("result for each person"))?;
    Ok([outcomes(told, &group, action, &asked), unknown].concat())
}

/// Takes the own request back.
pub(super) async fn cancel(session: &Session, One { group }: One) -> Result<()> {
    let group = args::group(&group)?;
    let own = Node::new("participant").attr("jid", session.me().lid.to_bare());
    query(session, &group, "set", Node::new("cancel_membership_requests").child(own)).await?;
    Ok(())
}
