//! For programs that make their own events: what crossed the wire, instead of what it means (`Options::wire`).
//!
//! Everything else stays as it is: what comes is decrypted, verified, acted on and confirmed by the session, and what is told
//! stands in the inbox until the program has taken it.

use std::collections::BTreeMap;

use chasqui_requests::{Plain, plain::Room};
use chasqui_signal::SignalError;
use chasqui_wire::Node;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    actor::Actor,
    beside::beside,
    event::{Event, Notice},
    receive::Envelope,
};

/// Bytes and elements of one stanza that are stored for the program.
const MAX_BYTES: usize = 1 << 20;
const MAX_NODES: usize = 20_000;
/// Bytes of a message's attributes.
const MAX_ATTRS: usize = 16 << 10;

/// A `<message>`, as far as it is not encrypted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Wire {
    /// Attributes of the stanza.
    pub attrs: BTreeMap<String, String>,
    /// What stands beside the content.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub nodes: Vec<Plain>,
    /// Why there is no content.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Problem>,
    /// How often it was encrypted anew for this device.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub count: Option<u32>,
    /// Given again after a restart.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub redelivered: bool,
    /// The `Message` protobuf, without the wrapper for own devices.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

/// Why a message has no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// Nothing in it was encrypted for this device.
    Absent,
    /// There is no session with its sender, or no key of the group.
    NoSession,
    /// It was encrypted with a key that was used before.
    UsedKey,
    /// Another key than the one it was encrypted with.
    WrongKey,
    /// It is no message of a kind that is known.
    Malformed,
}

impl From<&SignalError> for Problem {
    fn from(failure: &SignalError) -> Self {
        match failure {
            SignalError::Duplicate => Self::UsedKey,
            SignalError::NoSession => Self::NoSession,
            SignalError::InvalidMessage => Self::Malformed,
            _ => Self::WrongKey,
        }
    }
}

impl Wire {
    /// What is kept of a stanza while its content is worked on.
    pub(crate) fn of(node: &Node<'_>) -> Self {
        let mut left = MAX_ATTRS;
        let attrs = node.attrs.iter().filter_map(|(name, value)| {
            let value = value.to_text();
            left = left.checked_sub(name.as_str().len() + value.len())?;
            Some((name.as_str().to_owned(), value.into_owned()))
        });
        let attrs = attrs.collect();
        let count = node.all("enc").find_map(|enc| enc.get_u64("count")).and_then(|count| u32::try_from(count).ok());
        let unavailable = node.find("unavailable").and_then(|child| Plain::of(child, &mut Room::default()));
        Self { attrs, nodes: beside(node).into_iter().chain(unavailable).collect(), count, ..Self::default() }
    }
}

impl Actor {
    /// Tells of a message as it came.
    pub(crate) fn deliver_wire(&mut self, envelope: &Envelope, raw: Vec<u8>, problem: Option<Problem>) {
        let wire = envelope.wire.as_deref().cloned().unwrap_or_default();
        self.deliver_as_it_came(Wire { raw, problem, ..wire });
    }

    /// Tells of a stanza as it came: once it is taken, or at once and not stored where it only counts now.
    pub(crate) fn deliver_stanza(&mut self, node: &Node<'_>) {
        let Some(plain) = Plain::of(node, &mut Room { nodes: MAX_NODES, bytes: MAX_BYTES }) else {
            tracing::warn!(session = %self.name, "a <{}> is too large to be given out", node.tag.as_str());
            return;
        };
        let notice = Notice { event: "stanza".into(), value: json!(plain) };
        if matches!(node.tag.as_str(), "presence" | "chatstate") {
            let text = |name: &str| node.get_str(name).unwrap_or_default().into_owned();
            let key = format!("{} {} {}", node.tag.as_str(), text("from"), text("participant"));
            self.events.pass(Some(key), Event::Passing { notice: Box::new(notice) });
        } else {
            self.deliver_notice(notice);
        }
    }

    /// Tells of something that is no stanza.
    pub(crate) fn deliver_fact(&mut self, event: &'static str, value: Value) {
        self.deliver_notice(Notice { event: event.into(), value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_encrypted_is_kept_as_it_came() {
        let node = Node::new("message")
            .attr("id", "3EB0")
            .attr("notify", "Rosa")
            .child(Node::new("enc").attr("count", "2").bytes([1].as_slice()))
            .child(Node::new("unavailable").attr("type", "view_once"))
            .child(Node::new("meta"));
        let wire = Wire::of(&node);
        assert_eq!(wire.count, Some(2));
        let shown = serde_json::to_value(&wire).expect("is plain");
        let nodes = json!([{ "tag": "meta" }, { "tag": "unavailable", "attrs": { "type": "view_once" } }]);
        assert_eq!(shown, json!({ "attrs": { "id": "3EB0", "notify": "Rosa" }, "nodes": nodes, "count": 2 }));
        assert_eq!(serde_json::from_value::<Wire>(shown).expect("is read again"), wire);
    }

    #[test]
    fn attributes_without_end_are_cut() {
        let node = Node::new("message").attr("id", "3EB0").attr("x", "y".repeat(MAX_ATTRS));
        assert_eq!(Wire::of(&node).attrs.keys().collect::<Vec<_>>(), ["id"]);
    }
}
