//! What happens to contacts, kept in order so that a slow listener loses nothing.

use std::collections::VecDeque;

use serde::Serialize;
use tokio::sync::watch;

/// Most events that are kept.
const MAX_EVENTS: usize = 100_000;
/// Most events that one call gives.
const MAX_BATCH: usize = 1000;

/// Something that happened to a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ContactEvent {
    /// The contact's phone decrypted a message.
    Message {
        /// The contact.
        contact: String,
        /// The message's id.
        id: String,
        /// The conversation: the other person's phone-number JID, bare; or the group, the status or a list.
        chat: String,
        /// The group, if it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// The sender's phone-number JID, bare.
        from: String,
        /// The sender's LID, bare.
        from_lid: String,
        /// The sender's device.
        from_device: u16,
        /// Whether another device of the contact sent it.
        from_me: bool,
        /// The sender's push name, if the message told one.
        #[serde(skip_serializing_if = "Option::is_none")]
        push_name: Option<String>,
        /// The text, if it is a text.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// `pkmsg`, `msg` or `skmsg`.
        encryption: String,
        /// Milliseconds since the epoch.
        timestamp: u64,
        /// The Message protobuf in base64.
        message: String,
    },
    /// A receipt for messages that the contact sent.
    Receipt {
        /// The contact.
        contact: String,
        /// The messages' ids.
        ids: Vec<String>,
        /// `delivery`, or the type: `read`, `played`, `inactive`, `retry`, …
        receipt: String,
        /// The group, the status or the list that the messages were sent to.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// The reader's phone-number JID, bare.
        from: String,
        /// The reader's device.
        from_device: u16,
        /// Milliseconds since the epoch.
        timestamp: u64,
    },
    /// Something happened to a call of the contact.
    Call {
        /// The contact.
        contact: String,
        /// The call's id.
        id: String,
        /// `offer`, `accept`, `reject`, `terminate`, …
        action: String,
        /// Who did it: the phone-number JID, bare.
        from: String,
        /// His device.
        from_device: u16,
        /// An offer to be seen, too.
        video: bool,
        /// The group, if it is a group's call.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Milliseconds since the epoch.
        timestamp: u64,
    },
    /// The contact's phone could not decrypt a message, and asked for it again.
    Undecryptable {
        /// The contact.
        contact: String,
        /// The message's id.
        id: String,
        /// The sender's phone-number JID, bare.
        from: String,
        /// The sender's device.
        from_device: u16,
        /// Why.
        reason: String,
    },
}

impl ContactEvent {
    /// Whose event it is.
    pub fn contact(&self) -> &str {
        match self {
            Self::Message { contact, .. }
            | Self::Receipt { contact, .. }
            | Self::Call { contact, .. }
            | Self::Undecryptable { contact, .. } => contact,
        }
    }
}

/// An event with its place in the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Numbered {
    /// Counts from 1.
    pub sequence: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: ContactEvent,
}

/// The last events, and a bell that rings for new ones.
pub(crate) struct EventLog {
    ring: VecDeque<Numbered>,
    latest: watch::Sender<u64>,
}

impl Default for EventLog {
    fn default() -> Self {
        Self { ring: VecDeque::new(), latest: watch::Sender::new(0) }
    }
}

impl EventLog {
    pub fn push(&mut self, event: ContactEvent) {
        let sequence = *self.latest.borrow() + 1;
        if self.ring.len() == MAX_EVENTS {
            self.ring.pop_front();
        }
        self.ring.push_back(Numbered { sequence, event });
        self.latest.send_replace(sequence);
    }

    /// The events after a sequence number, oldest first, of one contact or of all.
    pub fn after(&self, sequence: u64, contact: Option<&str>) -> Vec<Numbered> {
        let first = self.ring.partition_point(|event| event.sequence <= sequence);
        let wanted = |event: &&Numbered| contact.is_none_or(|contact| event.event.contact() == contact);
        self.ring.range(first..).filter(wanted).take(MAX_BATCH).cloned().collect()
    }

    /// Tells the number of the newest event.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// Forgets everything; numbers go on.
    pub fn clear(&mut self) {
        self.ring.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(contact: &str) -> ContactEvent {
        ContactEvent::Receipt {
            contact: contact.into(),
            ids: vec![],
            receipt: "read".into(),
            group: None,
            from: String::new(),
            from_device: 1,
            timestamp: 0,
        }
    }

    #[test]
    fn a_listener_that_comes_back_gets_what_it_missed() {
        let mut log = EventLog::default();
        ["a", "b", "a"].iter().for_each(|contact| log.push(event(contact)));
        assert_eq!(log.after(1, None).len(), 2);
        assert_eq!(log.after(0, Some("a")).iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(*log.subscribe().borrow(), 3);
    }
}
