//! Who is in a group: adding, removing, promoting, demoting; with a result for each person (07 §2.9).

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use serde::{Deserialize, Serialize};

use super::{TOKENS_AT_ADDING, metadata::millis, named, newcomers, participants, query};
use crate::{Result, Session, answer, args, person::Person};

/// What came of it for one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Who.
    #[serde(flatten)]
    pub person: Named,
    /// Whether it was done.
    pub ok: bool,
    /// Why not, as a program knows errors ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// ... as the service numbers them ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<u64>,
    /// ... and as people read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What can be sent to somebody who is not to be added by others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Invitation>,
    /// Whether admins are asked to let the person in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub requested: bool,
}

/// Whom a call named.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Named {
    /// Somebody.
    Person(Person),
    /// Nobody: what was given is no address.
    Nobody {
        /// As it was given.
        jid: String,
    },
}

/// An invitation of one person to one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The group's JID.
    pub group: String,
    /// What it is accepted by.
    pub code: String,
    /// Milliseconds since the epoch.
    pub expires_at: u64,
}

impl Outcome {
    fn done(person: Person) -> Self {
        let person = Named::Person(person);
        Self { person, ok: true, code: None, error: None, message: None, invitation: None, requested: false }
    }

    fn refused(person: Person, number: u64, why: &str) -> Self {
        let code = match number {
            401 | 403 | 405 => ErrorCode::NotAllowed,
            404 => ErrorCode::NotFound,
            _ => ErrorCode::RequestFailed,
        };
        Self {
            ok: false,
            code: Some(code.as_str()),
            error: Some(number),
            message: Some(format!("{why} (error {number}).")),
            ..Self::done(person)
        }
    }

    /// Of what is no address; the others are not to suffer from it.
    pub(super) fn nobody(given: &str, why: &PublicError) -> Self {
        Self {
            person: Named::Nobody { jid: given.chars().take(64).collect() },
            ok: false,
            code: Some(why.code.as_str()),
            error: None,
            message: Some(why.message.clone()),
            invitation: None,
            requested: false,
        }
    }

    /// Who, unless what was given is no address.
    pub const fn person(&self) -> Option<&Person> {
        match &self.person {
            Named::Person(person) => Some(person),
            Named::Nobody { .. } => None,
        }
    }

    /// Reads `<participant>` of an answer.
    fn read(node: &Node<'_>, group: &Jid, action: Action) -> Option<Self> {
        let person = Person::participant(node)?;
        let failed = node.get_str("error").map(|code| code.parse::<u64>().unwrap_or(500));
        let number = failed.or_else(|| node.get_u64("type")).unwrap_or(200);
        if number == 200 {
            return Some(Self::done(person));
        }
        let mut outcome = Self::refused(person, number, action.why(number));
        let request = node.find("add_request").filter(|_| number == 403);
        outcome.invitation = request.and_then(|request| {
            let code = request.get_str("code").filter(|code| !code.is_empty() && code.len() <= 256)?.into_owned();
            Some(Invitation { group: group.to_string(), code, expires_at: millis(request, "expiration")? })
        });
        outcome.requested = number == 421 || node.find("membership_approval_request").is_some();
        Some(outcome)
    }
}

/// What is done with people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// They come in.
    Add,
    /// They go.
    Remove,
    /// They become admins.
    Promote,
    /// They become members again.
    Demote,
    /// They come in, as they asked for.
    Approve,
    /// They do not.
    Reject,
}

impl Action {
    /// Its element.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Promote => "promote",
            Self::Demote => "demote",
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    /// What a number of the service means for one person.
    const fn why(self, number: u64) -> &'static str {
        match (number, self) {
            (401, _) => "The person has blocked the account",
            (403, Self::Add) => "The person does not let others add them; an invitation may be sent",
            (403, _) => "The account may not do this to the person",
            (404, Self::Add) => "There is no such account",
            (404, Self::Approve | Self::Reject) => "The person has not asked to come in",
            (404, _) => "The person is not in the group",
            (405 | 406, Self::Remove | Self::Demote) => "The person made the group",
            (408, _) => "The person has left the group a short while ago",
            (409, Self::Add) => "The person is in the group already",
            (409, _) => "It is so already",
            (419 | 500, _) => "The group is full",
            (421, _) => "Admins have to agree, and were asked",
            _ => "The service refused it",
        }
    }
}

/// What the service says of each of these people, in the order of the answer; who is not named there was not dealt with.
pub(super) fn outcomes(answer: &Node<'_>, group: &Jid, action: Action, asked: &[Jid]) -> Vec<Outcome> {
    let nodes = answer.all("participant").take(2 * super::MAX_NAMED);
    let mut told: Vec<Outcome> = nodes.filter_map(|node| Outcome::read(node, group, action)).collect();
    // The service may know somebody by the other address, and not say so: then the numbers tell that nobody is missing.
    if told.len() < asked.len() {
        let missing = asked
            .iter()
            .filter(|jid| !told.iter().any(|outcome| outcome.person().is_some_and(|person| person.is(jid))));
        let unnamed: Vec<_> = missing.filter_map(|jid| Person::of(jid, None)).collect();
        let room = asked.len() - told.len();
        told.extend(
            unnamed.into_iter().take(room).map(|person| Outcome::refused(person, 500, "The service did not say")),
        );
    }
    told
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    group: String,
    people: Vec<String>,
    action: Action,
    /// Also from all groups of a community.
    #[serde(default)]
    everywhere: bool,
}

/// Adds people, removes them, or changes what they may do.
pub(super) async fn change(session: &Session, args: Change) -> Result<Vec<Outcome>> {
    let Change { group, people, action, everywhere } = args;
    let group = args::group(&group)?;
    if !matches!(action, Action::Add | Action::Remove | Action::Promote | Action::Demote) {
        return Err(args::invalid("action", "is none of these"));
    }
    let (asked, unknown) = named("people", &people)?;
    if asked.is_empty() {
        return Ok(unknown);
    }
    let everywhere = (everywhere && action == Action::Remove).then_some("true");
    let participants = match action {
        Action::Add => newcomers(session, &asked, TOKENS_AT_ADDING).await?,
        _ => participants(session, &asked).await?,
    };
    let child = Node::new(action.tag()).attr_opt("linked_groups", everywhere).children(participants);
    let answer = query(session, &group, "set", child).await?;
    let told = answer.find(action.tag()).ok_or_else(|| answer::lacks("result for each person"))?;
    Ok([outcomes(told, &group, action, &asked), unknown].concat())
}
