//! What stanzas tell a program: [`read`] makes **notices** of a notification, call or presence.
//!
//! A notice is an event's name and its value. People in it are objects with a `jid`, to which the session adds `pn` and
//! `lid` as far as it knows them. A malformed stanza gives none and ends nothing.

mod business;
mod call;
mod channel;
mod groups;
mod people;

use chasqui_wire::Node;
use serde_json::Value;

use crate::session::Me;

/// Most people that one notice names; of more it tells the number (`count`).
pub const MAX_PEOPLE: usize = 1024;

/// What is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Name of the event.
    pub event: &'static str,
    /// Its value.
    pub value: Value,
}

/// What a stanza says.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// This; nothing where it only concerns the session itself.
    Told(Vec<Notice>),
    /// Something that lacks what it has to say.
    Malformed(&'static str),
    /// Something that nobody here knows: it is given to the program as it came.
    Unknown,
}

/// What is to be known about the session in which a stanza came.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who the session is, once it is paired.
    pub me: Option<Me>,
    /// Milliseconds since the epoch, for what says nothing about its time.
    pub now: u64,
}

impl Context {
    /// When a stanza was made, milliseconds since the epoch.
    pub fn time_of(&self, node: &Node<'_>) -> u64 {
        node.get_u64("t").and_then(|seconds| seconds.checked_mul(1000)).unwrap_or(self.now)
    }
}

/// Pairs of addresses, phone number and LID in any order, that a `mex` notification names.
pub fn pairs(node: &Node<'_>) -> Vec<(chasqui_wire::Jid, chasqui_wire::Jid)> {
    channel::pairs(node)
}

/// Reads a stanza that is no message, receipt, request or answer.
pub fn read(node: &Node<'_>, context: &Context) -> Read {
    match node.tag.as_str() {
        "call" => call::read(node, context),
        "notification" => match node.get_str("type").unwrap_or_default().as_ref() {
            // What concerns the session alone.
            "w:gp2" => groups::read(node, context),
            "encrypt" | "mediaretry" | "server_sync" | "link_code_companion_reg" | "privacy_token" => {
                Read::Told(Vec::new())
            }
            "picture" => people::picture(node, context),
            kind @ ("status" | "disappearing_mode" | "devices" | "contacts") => {
                people::about_person(kind, node, context)
            }
            "account_sync" => people::account(node, context),
            "business" => business::read(node, context),
            "newsletter" => channel::read(node, context),
            "mex" => channel::read_pushed(node, context),
            kind if kind.starts_with("passkey") => Read::Told(Vec::new()),
            _ => Read::Unknown,
        },
        "presence" => people::presence(node),
        "chatstate" => people::chatstate(node),
        _ => Read::Unknown,
    }
}
