//! A part of the history, as the program is told of it, goes into the archive in the commit that it is told after.

use chasqui_store::archive::{Chat, Contact, Group, Op, Person};

use super::{history::HistoryFacts, millis};
use crate::{
    actor::Actor,
    history::{HistoryChat, HistoryMessage, HistoryPart},
    message::{ReceiptStatus, Sender},
};

impl Actor {
    /// Everything that a part tells. What was told live stays.
    pub(crate) fn archive_history(&mut self, part: &HistoryPart) {
        if self.options.archive.is_none() {
            return;
        }
        for contact in &part.contacts {
            let person = Person { jid: contact.jid.clone(), lid: contact.lid.clone() };
            if let Some(name) = &contact.push_name {
                self.archive_push_name(person.clone(), name.clone());
            }
            if contact.name.is_some() || contact.username.is_some() {
                let (name, username) = (contact.name.clone(), contact.username.clone());
                self.archive_history_contact(person, Contact { name, first_name: None, username });
            }
        }
        for chat in &part.chats {
            self.archive_history_chat(&chat.jid, facts(chat));
            if chat.jid.ends_with("@g.us") {
                let facts = Group {
                    subject: chat.name.clone(),
                    owner: chat.created_by.clone(),
                    created: chat.created_at.map(millis),
                    members: u32::try_from(chat.members.len()).ok().filter(|members| *members > 0),
                };
                self.put_in_archive(Op::Group { chat: chat.jid.clone(), facts });
            }
        }
        for told in &part.messages {
            // What the phone noted in a chat was said by nobody, but for what it leaves in place of a deleted message.
            let revoked = told.system.as_ref().is_some_and(|system| system.what == "REVOKE");
            if told.system.is_some() && !revoked {
                continue;
            }
            let mut message = told.message.clone();
            let [from, to] = told.at;
            message.raw = part.raw.get(from..to).unwrap_or_default().to_vec();
            let facts = HistoryFacts {
                status: told.status.and_then(status),
                starred: told.starred,
                revoked: revoked.then_some(message.timestamp),
                reactions: reactions(told),
            };
            self.archive_history_message(&message, facts);
        }
    }
}

fn facts(chat: &HistoryChat) -> Chat {
    let pinned_at = chat.pinned_at.map(millis);
    Chat {
        name: chat.name.clone().filter(|_| chat.pn.is_none() && chat.lid.is_none()),
        archived: chat.archived,
        pinned: pinned_at.or(chat.pinned.filter(|pinned| !pinned).map(|_| 0)),
        muted: chat.muted_until.map(millis),
        locked: chat.locked,
        unread: chat.unread,
        marked_unread: chat.marked_unread,
        last_time: chat.timestamp.map(millis),
    }
}

fn status(name: &str) -> Option<ReceiptStatus> {
    Some(match name {
        "failed" => ReceiptStatus::Failed,
        "sent" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "read" => ReceiptStatus::Read,
        "played" => ReceiptStatus::Played,
        _ => return None,
    })
}

fn reactions(told: &HistoryMessage) -> Vec<(Sender, String, u64)> {
    let by = |jid: &str| Sender { jid: jid.to_owned(), pn: None, lid: None, device: 0, name: None };
    let of = told.reactions.iter();
    of.map(|reaction| {
        (by(&reaction.sender), reaction.emoji.clone(), reaction.timestamp.unwrap_or(told.message.timestamp))
    })
    .collect()
}
