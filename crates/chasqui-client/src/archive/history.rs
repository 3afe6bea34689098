//! History, as the phone tells it chunk by chunk: older than what is here, and never in its way. What was told live stays.

use chasqui_store::archive::{Chat, Contact, Op, Person, Status};

use super::{ops_of, target};
use crate::{
    actor::Actor,
    message::{Message, MessageKey, ReceiptStatus, Sender},
};

/// What a history blob says of a message beside the message itself.
#[derive(Debug, Default)]
pub(crate) struct HistoryFacts {
    /// Of own messages, how far they got.
    pub status: Option<ReceiptStatus>,
    /// Whether it is starred.
    pub starred: bool,
    /// It was deleted for everyone, at this time (milliseconds since the epoch).
    pub revoked: Option<u64>,
    /// Who reacted, with what, and when (milliseconds since the epoch).
    pub reactions: Vec<(Sender, String, u64)>,
}

impl Actor {
    /// A message of a history blob, in the public form (`source` is `history`).
    pub(crate) fn archive_history_message(&mut self, message: &Message, facts: HistoryFacts) {
        let Some(options) = self.options.archive else { return };
        for mut op in ops_of(message, options.max_per_chat) {
            if let Op::Message(row) = &mut op {
                row.starred = facts.starred;
                row.status = facts.status.map(super::status_of).or(message.from_me.then_some(Status::Sent));
            }
            self.put_in_archive(op);
        }
        let key = MessageKey {
            id: message.id.clone(),
            chat: message.chat.clone(),
            sender: message.sender.jid.clone(),
            from_me: message.from_me,
        };
        for (sender, emoji, time) in facts.reactions {
            let (target, by) = (target(&key), super::person(&sender));
            self.put_in_archive(Op::Reaction { target, by, emoji, timestamp: super::millis(time) });
        }
        if let Some(time) = facts.revoked {
            self.put_in_archive(Op::Revoke { target: target(&key), timestamp: super::millis(time) });
        }
    }

    /// What a history blob says of a chat (its JID as it is shown).
    pub(crate) fn archive_history_chat(&mut self, chat: &str, facts: Chat) {
        self.put_in_archive(Op::Chat { chat: chat.to_owned(), facts, history: true });
    }

    /// A contact of a history blob.
    pub(crate) fn archive_history_contact(&mut self, person: Person, contact: Contact) {
        self.put_in_archive(Op::Contact { person, contact, history: true });
    }

    /// The name that somebody gives to himself.
    pub(crate) fn archive_push_name(&mut self, person: Person, name: String) {
        self.put_in_archive(Op::Person { person, push_name: Some(name) });
    }
}
