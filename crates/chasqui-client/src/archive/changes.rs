//! Changes of the account's state: what they make of chats, messages, people and labels.

use chasqui_appstate::{Change, plain::Extent};
use chasqui_store::archive::{Chat, Contact, Label, Op, Person, Target};

use super::MAX_NAME;
use crate::{
    actor::Actor,
    event::{ChangeSet, Told},
};

/// Ids of a chat's end that are looked for.
const MAX_IDS: usize = 16;

impl Actor {
    /// Changes as the program gets them: their addresses are those that are shown.
    pub(crate) fn archive_changes(&mut self, set: &ChangeSet) {
        if self.options.archive.is_none() {
            return;
        }
        let own = self.creds.paired.as_ref().map(|paired| paired.pn.to_bare().to_string()).unwrap_or_default();
        for op in set.changes.iter().filter_map(|told| op_of(told, &own)) {
            self.put_in_archive(op);
        }
    }
}

/// Up to when a chat is meant; where that is not said, up to the change. The times of messages are whole seconds: one of the
/// same second may have come after it.
fn end_of(extent: &Extent, changed: i64) -> i64 {
    extent.last_message_timestamp.unwrap_or(changed.saturating_sub(changed.rem_euclid(1000)))
}

fn chat(chat: &str, facts: Chat) -> Op {
    Op::Chat { chat: chat.to_owned(), facts, history: false }
}

/// Which message a change is about. In a group its author has to be named.
fn target(message: &chasqui_appstate::plain::ChatMessage, own: &str) -> Option<Target> {
    let is_group = !message.chat.ends_with("@s.whatsapp.net") && !message.chat.ends_with("@lid");
    let sender = match &message.sender {
        _ if message.from_me => own.to_owned(),
        Some(sender) if is_group => sender.clone(),
        None if is_group => return None,
        _ => message.chat.clone(),
    };
    let (chat, id) = (message.chat.clone(), message.id.clone());
    Some(Target { chat, id, sender: Person::of(sender), from_me: message.from_me })
}

fn op_of(Told { change, timestamp }: &Told, own: &str) -> Option<Op> {
    Some(match change {
        Change::Archive { chat: jid, archived, .. } => chat(jid, Chat { archived: Some(*archived), ..Chat::default() }),
        Change::Pin { chat: jid, pinned } => {
            let pinned = if *pinned { (*timestamp).max(1) } else { 0 };
            chat(jid, Chat { pinned: Some(pinned), ..Chat::default() })
        }
        Change::Mute { chat: jid, muted, until } => {
            let muted = if *muted { until.unwrap_or(-1) } else { 0 };
            chat(jid, Chat { muted: Some(muted), ..Chat::default() })
        }
        Change::Lock { chat: jid, locked } => chat(jid, Chat { locked: Some(*locked), ..Chat::default() }),
        Change::MarkRead { chat: jid, read: false, .. } => {
            chat(jid, Chat { marked_unread: Some(true), ..Chat::default() })
        }
        Change::MarkRead { chat, read: true, extent } => Op::Read {
            chat: chat.clone(),
            ids: extent.last_messages.iter().rev().take(MAX_IDS).map(|message| message.id.clone()).collect(),
            until: extent.last_message_timestamp.or((!extent.last_messages.is_empty()).then_some(*timestamp)),
        },
        Change::Clear { chat, delete_starred, extent, .. } => {
            Op::Clear { chat: chat.clone(), until: end_of(extent, *timestamp), keep_starred: !delete_starred }
        }
        Change::DeleteChat { chat, extent, .. } => {
            Op::DeleteChat { chat: chat.clone(), until: end_of(extent, *timestamp) }
        }
        Change::Star { message, starred } => Op::Star { target: target(message, own)?, starred: *starred },
        Change::DeleteForMe { message, message_timestamp, .. } => {
            Op::DeleteForMe { target: target(message, own)?, timestamp: message_timestamp.unwrap_or(*timestamp) }
        }
        Change::Contact { jid, lid, name, first_name, username, removed, .. } => {
            let short = |name: &Option<String>| name.clone().filter(|name| !removed && name.len() <= MAX_NAME);
            Op::Contact {
                person: Person { jid: jid.clone(), lid: lid.clone() },
                contact: Contact { name: short(name), first_name: short(first_name), username: short(username) },
                history: false,
            }
        }
        Change::LidMapping { lid, pn } => {
            Op::Person { person: Person { jid: pn.clone(), lid: Some(lid.clone()) }, push_name: None }
        }
        Change::Label { id, name, color, deleted, .. } => {
            let label = (!deleted).then(|| Label { name: name.clone(), color: *color });
            Op::Label { id: id.clone(), label }
        }
        Change::LabelAssociation { label_id, chat, message_id, labeled } => Op::Labelled {
            label: label_id.clone(),
            chat: chat.clone(),
            message: message_id.clone(),
            labelled: *labeled,
        },
        _ => return None,
    })
}
