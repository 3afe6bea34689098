//! The archive, fed: what the session receives, sends and learns becomes operations in the batch of the turn that brought
//! it, so that archive and session are always of one moment. With the option off nothing here does anything.
//!
//! What a message says of another one (an edit, a revoke, a reaction) is no row of its own but a state of that one.
//! [`chasqui_store::archive`] says how it is kept.

mod changes;
mod history;
mod part;

use std::time::Duration;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::archive::{Group, Message as Row, Op, Person, Query, Retention, Status, Target};
use chasqui_wire::{Jid, Node};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    Reply,
    actor::{Actor, Fault},
    connection::unix_now_ms,
    content, error,
    event::Event,
    message::{Message, MessageKey, Receipt, ReceiptStatus, Sender, Source},
    options::ArchiveOptions,
};

/// Messages that go at once when they are too old or too many.
const RETAINED_AT_ONCE: u32 = 512;
/// The pause after such a step ...
const STEP: Duration = Duration::from_millis(100);
/// ... and between two looks when nothing is to go, or the age at which messages go when that is less.
const LOOK: Duration = Duration::from_secs(600);
/// Fields of a message that have columns, or mean nothing here.
const COLUMNS: [&str; 9] = ["id", "chat", "sender", "fromMe", "source", "timestamp", "type", "text", "redelivered"];
/// Types that are nothing to be read.
const UNCOUNTED: [&str; 6] = ["vote", "event-response", "pin", "keep", "ephemeral", "unavailable"];
/// Names are at most so long, in bytes.
const MAX_NAME: usize = 1024;

/// When the archive is looked through next.
#[derive(Default)]
pub(crate) struct Archive {
    due: Option<Instant>,
}

impl Archive {
    /// When something is to be done next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.due
    }
}

fn person(sender: &Sender) -> Person {
    Person { jid: sender.jid.clone(), lid: sender.lid.clone() }
}

fn target(key: &MessageKey) -> Target {
    let sender = Person::of(key.sender.clone());
    Target { chat: key.chat.clone(), id: key.id.clone(), sender, from_me: key.from_me }
}

fn millis(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

fn status_of(status: ReceiptStatus) -> Status {
    match status {
        ReceiptStatus::Failed => Status::Failed,
        ReceiptStatus::Sent => Status::Sent,
        ReceiptStatus::Delivered => Status::Delivered,
        ReceiptStatus::Read => Status::Read,
        ReceiptStatus::Played => Status::Played,
    }
}

/// What becomes of the archive with a message.
fn ops_of(message: &Message, keep: Option<u32>) -> Vec<Op> {
    let timestamp = millis(message.timestamp);
    let about = message.details.target.as_ref().map(target);
    match (message.kind.as_str(), about) {
        ("edit", Some(target)) => match &message.text {
            Some(text) => vec![Op::Edit { target, text: Some(text.clone()), timestamp }],
            None => Vec::new(),
        },
        ("revoke", Some(target)) => vec![Op::Revoke { target, timestamp }],
        ("reaction", Some(target)) => match message.details.emoji.clone() {
            Some(emoji) => vec![Op::Reaction { target, by: person(&message.sender), emoji, timestamp }],
            None => Vec::new(),
        },
        ("edit" | "revoke" | "reaction" | "protocol", _) => Vec::new(),
        _ => {
            let trim = keep.map(|keep| Op::Trim { chat: message.chat.clone(), keep });
            std::iter::once(Op::Message(Box::new(row(message)))).chain(trim).collect()
        }
    }
}

fn row(message: &Message) -> Row {
    let mut fields = match serde_json::to_value(message) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let source = fields.get("source").and_then(Value::as_str).unwrap_or_default().to_owned();
    fields.retain(|name, value| !COLUMNS.contains(&name.as_str()) && *value != Value::Array(Vec::new()));
    let is_new = matches!(message.source, Source::Live | Source::Offline);
    let is_to_be_read = !UNCOUNTED.contains(&message.kind.as_str()) && message.chat != "status@broadcast";
    Row {
        key: Target {
            chat: message.chat.clone(),
            id: message.id.clone(),
            sender: person(&message.sender),
            from_me: message.from_me,
        },
        device: message.sender.device,
        sender_name: message.sender.name.clone().filter(|name| name.len() <= MAX_NAME),
        timestamp: millis(message.timestamp),
        kind: message.kind.clone(),
        source,
        text: message.text.clone(),
        body: (!fields.is_empty()).then(|| Value::Object(fields).to_string()),
        raw: message.raw.clone(),
        counts: is_new && is_to_be_read && !message.from_me,
        status: match message.source {
            Source::Echo => Some(Status::Pending),
            Source::OwnDevice => Some(Status::Sent),
            _ => None,
        },
        starred: false,
        history: message.source == Source::History,
    }
}

impl Actor {
    /// Makes the archive ready with the session's store.
    pub(crate) async fn open_archive(&mut self) -> Result<(), PublicError> {
        if self.options.archive.is_some() {
            let store = self.store().map_err(|_| error::disconnected())?;
            store.open_archive().await.map_err(error::store)?;
            self.archive.due = Some(Instant::now());
        }
        Ok(())
    }

    fn put_in_archive(&mut self, op: Op) {
        if self.options.archive.is_some() {
            self.turn.batch.archive(op);
        }
    }

    /// A message as the program gets it.
    pub(crate) fn archive_message(&mut self, message: &Message) {
        let Some(ArchiveOptions { max_per_chat, .. }) = self.options.archive else { return };
        for op in ops_of(message, max_per_chat) {
            self.put_in_archive(op);
        }
    }

    /// A message that is handed to the connection.
    pub(crate) async fn archive_sent(&mut self, id: &str, chat: &Jid, message: &[u8]) -> Result<(), Fault> {
        if self.options.archive.is_none() {
            return Ok(());
        }
        let Some(sent) = self.described_sent(id, chat, message).await? else { return Ok(()) };
        self.archive_message(&sent);
        Ok(())
    }

    /// A post of a channel that is changed from here: it has the id of what it changes.
    pub(crate) async fn archive_own_change(&mut self, id: &str, channel: &Jid, message: &[u8]) -> Result<(), Fault> {
        let Some(own) = self.own_device(channel).filter(|_| self.options.archive.is_some()) else { return Ok(()) };
        let (own, chat) = (self.shown(&own).await?.to_string(), channel.to_string());
        let target = Target { chat, id: id.to_owned(), sender: Person::of(own), from_me: true };
        let timestamp = millis(unix_now_ms());
        if message.is_empty() {
            self.put_in_archive(Op::Revoke { target, timestamp });
        } else if let Some(text) = content::describe_bytes(message).and_then(|described| described.text) {
            self.put_in_archive(Op::Edit { target, text: Some(text), timestamp });
        }
        Ok(())
    }

    /// What became of sent messages.
    pub(crate) fn archive_receipt(&mut self, receipt: &Receipt) {
        let status = status_of(receipt.status);
        let by_person = status > Status::Sent;
        let person = Person { jid: receipt.recipient.jid.clone(), lid: receipt.recipient.lid.clone() };
        self.put_in_archive(Op::Status {
            chat: receipt.chat.clone(),
            ids: receipt.ids.clone(),
            person: by_person.then_some(person),
            status,
            timestamp: millis(receipt.timestamp),
        });
    }

    /// Messages of others were read here.
    pub(crate) async fn archive_read(&mut self, chat: &Jid, ids: &[String]) -> Result<(), Fault> {
        if self.options.archive.is_some() {
            let chat = self.shown(chat).await?.to_string();
            self.put_in_archive(Op::Read { chat, ids: ids.to_vec(), until: None });
        }
        Ok(())
    }

    /// `<receipt>` of an own device: it has read a chat. Source: 03-messages §15.
    pub(crate) async fn archive_own_reading(&mut self, node: &Node<'_>, ids: &[String]) -> Result<(), Fault> {
        let kind = node.get_str("type").unwrap_or_default();
        if self.options.archive.is_none() || !matches!(kind.as_ref(), "read" | "read-self" | "played" | "played-self") {
            return Ok(());
        }
        let Some(from) = node.get_jid("from") else { return Ok(()) };
        let chat = if from.is_user() { node.get_jid("recipient") } else { Some(from) };
        match chat {
            Some(chat) => self.archive_read(&chat, ids).await,
            None => Ok(()),
        }
    }

    /// Two addresses are one person's.
    pub(crate) fn archive_pair(&mut self, pn: &Jid, lid: &Jid) {
        if self.options.archive.is_some() {
            let person = Person { jid: pn.to_string(), lid: Some(lid.to_string()) };
            self.put_in_archive(Op::Person { person, push_name: None });
        }
    }

    /// A group's `<group>`, or the change of its subject.
    pub(crate) fn archive_group(&mut self, chat: &Jid, node: &Node<'_>) {
        if self.options.archive.is_none() {
            return;
        }
        let members = node.all("participant").filter(|member| member.get("error").is_none()).count();
        let facts = Group {
            subject: node.get_str("subject").map(|text| text.into_owned()).filter(|text| text.len() <= MAX_NAME),
            owner: node.get_jid("creator_pn").or_else(|| node.get_jid("creator")).map(|jid| jid.to_bare().to_string()),
            created: node.get_u64("creation").map(|seconds| millis(seconds.saturating_mul(1000))),
            members: u32::try_from(members).ok().filter(|members| *members > 0),
        };
        self.put_in_archive(Op::Group { chat: chat.to_string(), facts });
    }

    /// Lets go what is not to stay, step by step.
    pub(crate) async fn retain_in_time(&mut self, now: Instant) -> Result<(), Fault> {
        let Some(options) = self.options.archive.filter(|_| self.has_store()) else {
            self.archive.due = None;
            return Ok(());
        };
        if self.archive.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        let oldest =
            |age: Duration| millis(unix_now_ms()).saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
        let retention = Retention { since: options.max_age.map(oldest), per_chat: options.max_per_chat };
        let found = self.store()?.ask_archive(Query::Due(retention)).await?;
        let is_due = found.value == true;
        if is_due {
            self.put_in_archive(Op::Retain { retention, limit: RETAINED_AT_ONCE });
        }
        let look = options.max_age.map_or(LOOK, |age| age.clamp(Duration::from_secs(1), LOOK));
        self.archive.due = Some(now + if is_due { STEP } else { look });
        Ok(())
    }

    /// A question of the program: answered beside this task.
    pub(crate) fn on_archive(&mut self, reply: Reply, query: Value) {
        if self.options.archive.is_none() {
            let error = PublicError::new(ErrorCode::ArchiveOff, "The client was made without the option \"archive\".");
            return self.answer(reply, Err(error));
        }
        let query: Query = match serde_json::from_value(query) {
            Ok(query) => query,
            Err(cause) => {
                let error =
                    PublicError::new(ErrorCode::InvalidOption, format!("The archive cannot be asked so: {cause}."));
                return self.answer(reply, Err(error.with("option", "archive")));
            }
        };
        let Ok(store) = self.store() else {
            let message = "The archive is open from connect() to disconnect().";
            return self.answer(reply, Err(PublicError::new(ErrorCode::NotConnected, message)));
        };
        let (asked, shared, events) = (store.ask_archive(query), self.shared.clone(), self.events.clone());
        tokio::spawn(async move {
            let found = asked.await;
            if let Some(ticket) = shared.settle(reply) {
                events.emit(match found {
                    Ok(found) => Event::Found { ticket, value: found.value, bytes: found.bytes },
                    Err(failure) => Event::Failed { ticket, error: error::store(failure) },
                });
            }
        });
    }
}

#[cfg(test)]
mod tests;
