//! Messages on their way to the server.
//!
//! A message is committed before its first byte leaves, and deleted with the server's ack. What a broken connection or a
//! crash left over is sent again under the same id after the next login.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use chasqui_error::PublicError;
use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace, Record};
use chasqui_wire::{Jid, Node, codec};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    Reply,
    actor::{Actor, Effect, Fault},
    cache::Cache,
    error,
};

/// Places in the order of sending that are reserved at once, so that none is used twice after a restart.
const RESERVED: u64 = 64;
/// Rows read at once.
pub(crate) const PAGE: usize = 256;
/// Acknowledged ids kept for calls that repeat one.
const ACKED_CAP: usize = 1024;

/// Where the reservation stands.
pub(crate) fn reservation_key() -> Key {
    Key::new(Namespace::Meta, "outbox")
}

/// What the stanzas of a message carry: the same after a restart, and when a device asks for it again.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub(crate) struct Outgoing {
    /// The `Message` protobuf.
    #[prost(bytes = "vec", tag = "1")]
    pub message: Vec<u8>,
    /// `type` of the stanza.
    #[prost(string, tag = "2")]
    pub kind: String,
    /// `edit` of the stanza.
    #[prost(string, optional, tag = "3")]
    pub edit: Option<String>,
    /// `mediatype` of what is encrypted.
    #[prost(string, optional, tag = "4")]
    pub media_type: Option<String>,
    /// `decrypt-fail=hide`: who cannot read it shows nothing in its place.
    #[prost(bool, tag = "5")]
    pub hide: bool,
    /// Further attributes of the stanza.
    #[prost(btree_map = "string, string", tag = "6")]
    pub attrs: BTreeMap<String, String>,
    /// Further children of the stanza, encoded.
    #[prost(bytes = "vec", repeated, tag = "7")]
    pub nodes: Vec<Vec<u8>>,
    /// The audience of a status post, as the program named it.
    #[prost(string, repeated, tag = "8")]
    pub recipients: Vec<String>,
    /// Which setting chose the audience of a status post; `contacts` where that is not said.
    #[prost(string, optional, tag = "9")]
    pub status_setting: Option<String>,
    /// What single devices get instead of the message; where there are any, the others get nothing.
    #[prost(message, repeated, tag = "10")]
    pub variants: Vec<Variant>,
}

/// A message as one device gets it.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Variant {
    #[prost(string, tag = "1")]
    pub device: String,
    /// The `Message` protobuf, without the wrapper for own devices.
    #[prost(bytes = "vec", tag = "2")]
    pub message: Vec<u8>,
}

impl Outgoing {
    /// `<message>` with every attribute that does not depend on who gets it.
    pub fn stanza(&self, id: &str, to: &Jid) -> Node<'static> {
        let stanza = Node::new("message")
            .attr("id", id.to_owned())
            .attr("to", to)
            .attr("type", self.kind.clone())
            .attr_opt("edit", self.edit.clone());
        let attr = |stanza: Node<'_>, (name, value): (&String, &String)| {
            stanza.attr(name.clone(), chasqui_wire::Value::from_user_text(value)).into_owned()
        };
        self.attrs.iter().fold(stanza, attr)
    }

    /// Marks an `<enc>` of the message.
    pub fn mark(&self, enc: Node<'static>) -> Node<'static> {
        enc.attr_opt("mediatype", self.media_type.clone()).attr_opt("decrypt-fail", self.hide.then_some("hide"))
    }

    /// The further children of the stanza.
    pub fn children(&self) -> impl Iterator<Item = Node<'static>> {
        // The first byte tells of compression; what was encoded here has none.
        self.nodes.iter().filter_map(|node| codec::decode(node.get(1..)?).ok().map(Node::into_owned))
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({}, {} bytes)", self.kind, self.message.len())
    }
}

/// A message that the server has not acknowledged.
pub(crate) struct Entry {
    pub id: String,
    /// As the program gave it.
    pub to: String,
    pub outgoing: Outgoing,
    /// The call that waits, if any still does.
    pub reply: Option<Reply>,
    pub deadline: Option<Instant>,
    /// It survives this client.
    pub stored: bool,
    /// Handed to the present connection.
    pub on_wire: bool,
    /// Refusals that were answered by another attempt.
    pub refusals: u32,
    /// Not before this time.
    pub not_before: Option<Instant>,
}

impl Entry {
    /// An entry for which no call waits.
    pub fn new(id: String, to: String, outgoing: Outgoing) -> Self {
        Self {
            id,
            to,
            outgoing,
            reply: None,
            deadline: None,
            stored: false,
            on_wire: false,
            refusals: 0,
            not_before: None,
        }
    }
}

#[derive(Clone, PartialEq, prost::Message)]
struct Row {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(string, tag = "2")]
    to: String,
    #[prost(message, required, tag = "4")]
    outgoing: Outgoing,
}

/// Unacknowledged messages in the order of their calls.
pub(crate) struct Outbox {
    next: u64,
    /// The first place that is not reserved.
    reserved: u64,
    entries: BTreeMap<u64, Entry>,
    by_id: HashMap<String, u64>,
    /// Not after the first deadline; exact again after each look at the entries.
    first_deadline: Option<Instant>,
    /// Server times of acknowledged ids.
    pub acked: Cache<String, u64>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            next: 1,
            reserved: 0,
            entries: BTreeMap::new(),
            by_id: HashMap::new(),
            first_deadline: None,
            acked: Cache::new(ACKED_CAP),
        }
    }
}

impl Outbox {
    pub fn depth(&self) -> usize {
        self.entries.len()
    }

    pub fn find(&self, id: &str) -> Option<u64> {
        self.by_id.get(id).copied()
    }

    /// The entry for which this call waits.
    pub fn find_reply(&self, reply: Reply) -> Option<u64> {
        self.entries.iter().find(|(_, entry)| entry.reply == Some(reply)).map(|(seq, _)| *seq)
    }

    pub fn get(&self, seq: u64) -> Option<&Entry> {
        self.entries.get(&seq)
    }

    pub fn get_mut(&mut self, seq: u64) -> Option<&mut Entry> {
        self.entries.get_mut(&seq)
    }

    /// Remembers that an entry is durable.
    pub fn is_stored(&mut self, seq: u64) {
        if let Some(entry) = self.entries.get_mut(&seq) {
            entry.stored = true;
        }
    }

    /// Entries not handed to the present connection, in order.
    pub fn unsent(&self) -> Vec<u64> {
        self.entries.iter().filter(|(_, entry)| !entry.on_wire).map(|(seq, _)| *seq).collect()
    }

    /// Whether a call waits for the ack of what has left.
    pub fn awaits_ack(&self) -> bool {
        self.entries.values().any(|entry| entry.on_wire && entry.reply.is_some())
    }

    /// Nothing is on the wire any more.
    pub fn connection_ended(&mut self) {
        for entry in self.entries.values_mut() {
            entry.on_wire = false;
        }
    }

    /// Ends the pauses that are over; says whether there were any.
    pub fn release_due(&mut self, now: Instant) -> bool {
        let mut released = false;
        for entry in self.entries.values_mut().filter(|entry| entry.not_before.is_some_and(|until| until <= now)) {
            entry.not_before = None;
            released = true;
        }
        released
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.first_deadline.filter(|_| !self.entries.is_empty())
    }

    /// Calls that have waited too long: their reply and id. The message stays.
    pub fn expired(&mut self, now: Instant) -> Vec<(Reply, String)> {
        if self.first_deadline.is_none_or(|deadline| deadline > now) {
            return Vec::new();
        }
        let expired = self.take_replies(|entry| entry.deadline.is_some_and(|deadline| deadline <= now));
        self.first_deadline = self.entries.values().filter_map(|entry| entry.deadline).min();
        expired.into_iter().map(|(reply, id, _)| (reply, id)).collect()
    }

    /// A call waits for an entry until then.
    pub fn watch(&mut self, deadline: Instant) {
        self.first_deadline = Some(self.first_deadline.map_or(deadline, |first| first.min(deadline)));
    }

    /// The calls that wait for entries of this kind: their reply, id, and whether the message is durable.
    pub fn take_replies(&mut self, wanted: impl Fn(&Entry) -> bool) -> Vec<(Reply, String, bool)> {
        let matching = self.entries.values_mut().filter(|entry| wanted(entry));
        matching
            .filter_map(|entry| {
                entry.deadline = None;
                entry.reply.take().map(|reply| (reply, entry.id.clone(), entry.stored))
            })
            .collect()
    }

    fn insert(&mut self, seq: u64, entry: Entry) {
        if let Some(deadline) = entry.deadline {
            self.watch(deadline);
        }
        self.by_id.insert(entry.id.clone(), seq);
        self.entries.insert(seq, entry);
    }
}

impl Actor {
    /// Puts a message into the outbox.
    pub(crate) fn enqueue(&mut self, entry: Entry) -> u64 {
        let seq = self.outbox.next;
        self.outbox.next += 1;
        if seq >= self.outbox.reserved {
            self.outbox.reserved = self.outbox.next + RESERVED;
            let Key { namespace, bytes } = reservation_key();
            self.turn.batch.put(namespace, bytes, self.outbox.reserved.to_be_bytes());
        }
        let row = Row { id: entry.id.clone(), to: entry.to.clone(), outgoing: entry.outgoing.clone() };
        self.turn.batch.put(Namespace::Outbox, seq.to_be_bytes(), row.encode_to_vec());
        self.turn.effects.push(Effect::Stored(seq));
        self.outbox.insert(seq, entry);
        seq
    }

    /// Takes a message out: it is acknowledged, or will never be sent.
    pub(crate) fn dequeue(&mut self, seq: u64) -> Option<Entry> {
        let entry = self.outbox.entries.remove(&seq)?;
        self.outbox.by_id.remove(&entry.id);
        self.turn.batch.delete(Namespace::Outbox, seq.to_be_bytes());
        Some(entry)
    }

    /// An answer that was to follow a commit, and the commit failed. A message that is in the outbox again is not done
    /// after all: its call goes on waiting.
    pub(crate) fn take_back(
        &mut self,
        reply: Reply,
        answer: &Result<Option<Value>, PublicError>,
        deadline: Option<Instant>,
        failure: &PublicError,
    ) {
        let id = match answer {
            Ok(value) => value.as_ref().and_then(|value| value.get("id")),
            Err(error) => error.data.get("id"),
        };
        let Some(id) = id.and_then(Value::as_str) else { return self.answer(reply, Err(failure.clone())) };
        if let Some(entry) = self.outbox.find(id).and_then(|seq| self.outbox.get_mut(seq)) {
            entry.reply = Some(reply);
            let deadline = deadline.unwrap_or_else(|| Instant::now() + self.options.send_timeout);
            entry.deadline = Some(deadline);
            self.outbox.watch(deadline);
        } else if answer.is_ok() {
            // It had left, and what became of it cannot be read any more.
            self.answer(reply, Err(error::cut_short(id, failure)));
        } else {
            self.answer(reply, Err(failure.clone()));
        }
    }

    /// Reads what an earlier run left; calls of this run keep waiting for theirs.
    pub(crate) async fn load_outbox(&mut self, reserved: Option<&[u8]>, first: Vec<Record>) -> Result<(), Fault> {
        let mut waiting: HashMap<String, (Option<Reply>, Option<Instant>)> = std::mem::take(&mut self.outbox.entries)
            .into_values()
            .map(|entry| (entry.id, (entry.reply, entry.deadline)))
            .collect();
        self.outbox.by_id.clear();
        self.jobs.clear();
        let reserved = reserved.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()).map_or(0, u64::from_be_bytes);
        self.outbox.next = self.outbox.next.max(reserved);
        let store = self.store()?;
        let mut page = first;
        loop {
            let next = page.last().filter(|_| page.len() >= PAGE).map(|(key, _)| key.clone());
            for (key, row) in page {
                if let (Ok(seq), Ok(row)) = (<[u8; 8]>::try_from(key.as_slice()), Row::decode(row.as_slice())) {
                    let seq = u64::from_be_bytes(seq);
                    let (reply, deadline) = waiting.remove(&row.id).unwrap_or_default();
                    let entry = Entry { reply, deadline, stored: true, ..Entry::new(row.id, row.to, row.outgoing) };
                    self.outbox.insert(seq, entry);
                    self.outbox.next = self.outbox.next.max(seq.saturating_add(1));
                }
            }
            let Some(after) = next else { break };
            page = store.scan(Namespace::Outbox, Some(&after), PAGE).await?;
        }
        // What is not in the store was in no commit: nothing of it has left, and nothing will.
        for (id, (reply, _)) in waiting {
            if let Some(reply) = reply {
                self.answer(reply, Err(error::not_stored(&id)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;

    use super::*;
    use crate::event::{self, Event};

    #[tokio::test]
    async fn after_a_lost_lease_calls_are_told_what_is_stored_and_what_is_not() {
        let mut actor = Actor::for_tests().await;
        let (events, mut receiver) = event::channel();
        actor.events = events;
        crate::lock(&actor.shared.waiting).extend([1, 2]);
        let entry = |id: &str, reply| Entry {
            reply: Some(reply),
            ..Entry::new(id.to_owned(), "15550001111".to_owned(), Outgoing::default())
        };
        actor.enqueue(entry("STORED", 1));
        actor.settle().await;
        actor.enqueue(entry("NOWHERE", 2));
        actor.fail_sends(&PublicError::new(ErrorCode::LeaseLost, "the lease was lost"));
        let told: Vec<_> = receiver
            .next_batch(8)
            .await
            .expect("answers")
            .into_iter()
            .filter_map(|event| match event {
                Event::Failed { ticket, error } => Some((ticket, error.code, error.data["id"].clone())),
                _ => None,
            })
            .collect();
        let expected = [(1, ErrorCode::SendUnconfirmed, "STORED".into()), (2, ErrorCode::LeaseLost, "NOWHERE".into())];
        assert_eq!(told, expected);
    }
}
