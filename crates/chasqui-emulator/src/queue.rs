//! The ordered queue of one device: what it has not acknowledged yet (the emulator contract, §8).
//!
//! Entries leave `waiting` for `sent` when they are written to a connection and disappear when the device
//! acknowledges them; when the connection ends, what was sent goes back in front, in the old order.

use std::{
    collections::{HashSet, VecDeque},
    hash::Hash,
    sync::Arc,
};

use chasqui_wire::node::Node;
use compact_str::CompactString;

use crate::{account::AccountId, clock::Millis};

/// Most entries that one device's queue holds.
const MAX_ENTRIES: usize = 250_000;
/// Most message ids that are remembered per device.
const MAX_RECENT: usize = 8192;

/// What an entry is, and so what makes the server forget it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Message,
    Receipt,
    Notification,
    /// A stage of a call.
    Call,
    /// Never acknowledged: forgotten when it is sent, or when it is older than its time.
    Chatstate,
}

/// One stanza for a device.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub kind: Kind,
    pub id: CompactString,
    /// The account that it came from; `None` for the server's own.
    pub author: Option<AccountId>,
    /// A copy of an own message: only a `sender` receipt or a negative ack drains it.
    pub own_copy: bool,
    /// For chat states: when it is worthless.
    pub expires: Option<Millis>,
    pub node: Arc<Node<'static>>,
}

/// The queue is full; the stanza was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueueFull;

/// How many stanzas wait, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub message: usize,
    pub receipt: usize,
    pub notification: usize,
    pub call: usize,
}

impl Counts {
    pub fn total(self) -> usize {
        self.message + self.receipt + self.notification + self.call
    }
}

/// The queue of one device.
#[derive(Debug, Default)]
pub(crate) struct DeviceQueue {
    sent: VecDeque<Entry>,
    waiting: VecDeque<Entry>,
    /// How many entries have left `waiting` in all.
    position: u64,
}

impl DeviceQueue {
    /// Appends a stanza.
    pub fn push(&mut self, entry: Entry) -> Result<(), QueueFull> {
        if self.len() >= MAX_ENTRIES {
            return Err(QueueFull);
        }
        self.waiting.push_back(entry);
        Ok(())
    }

    /// The next stanza to write, which from now on awaits its acknowledgement.
    pub fn next(&mut self, now: Millis) -> Option<Entry> {
        loop {
            let entry = self.waiting.pop_front()?;
            self.position += 1;
            if entry.expires.is_some_and(|expires| expires <= now) {
                continue;
            }
            if entry.kind != Kind::Chatstate {
                self.sent.push_back(entry.clone());
            }
            return Some(entry);
        }
    }

    /// Puts everything unacknowledged back in front; when a connection has ended.
    pub fn rewind(&mut self) {
        self.sent.append(&mut self.waiting);
        std::mem::swap(&mut self.sent, &mut self.waiting);
    }

    /// Puts back chat states that were written into a dying connection, in front of what waits.
    pub fn restore(&mut self, chatstates: impl DoubleEndedIterator<Item = Entry>) {
        for entry in chatstates.rev() {
            self.waiting.push_front(entry);
        }
    }

    /// Forgets the oldest sent entry with this id, if `drains` agrees. An author narrows the search.
    pub fn acknowledge(
        &mut self,
        kind: Kind,
        id: &str,
        author: Option<AccountId>,
        drains: impl Fn(&Entry) -> bool,
    ) -> Option<Entry> {
        let named = |entry: &Entry| entry.kind == kind && entry.id == id;
        let at = self
            .sent
            .iter()
            .position(|entry| named(entry) && author.is_some() && entry.author == author)
            .or_else(|| self.sent.iter().position(named))?;
        if !self.sent.get(at).is_some_and(drains) {
            return None;
        }
        self.sent.remove(at)
    }

    /// What waits and is counted in `<offline_preview/>`.
    pub fn waiting(&self) -> Counts {
        let mut counts = Counts::default();
        for entry in &self.waiting {
            match entry.kind {
                Kind::Message => counts.message += 1,
                Kind::Receipt => counts.receipt += 1,
                Kind::Notification => counts.notification += 1,
                Kind::Call => counts.call += 1,
                Kind::Chatstate => {}
            }
        }
        counts
    }

    /// How many entries have been taken from the front so far; with [`Self::waiting_len`], where the queue ends now.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How many entries wait to be written, chat states included.
    pub fn waiting_len(&self) -> usize {
        self.waiting.len()
    }

    /// Entries sent or waiting.
    pub fn len(&self) -> usize {
        self.sent.len() + self.waiting.len()
    }
}

/// A bounded set that forgets its oldest members.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    order: VecDeque<T>,
    members: HashSet<T>,
}

/// Messages by author and id.
pub(crate) type RecentIds = Recent<(AccountId, CompactString)>;

impl<T: Clone + Eq + Hash> Recent<T> {
    pub fn insert(&mut self, member: T) {
        if self.members.insert(member.clone()) {
            self.order.push_back(member);
            if self.order.len() > MAX_RECENT
                && let Some(oldest) = self.order.pop_front()
            {
                self.members.remove(&oldest);
            }
        }
    }

    pub fn contains(&self, member: &T) -> bool {
        self.members.contains(member)
    }

    pub fn remove(&mut self, member: &T) {
        if self.members.remove(member) {
            self.order.retain(|known| known != member);
        }
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), members: HashSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind, id: &str) -> Entry {
        Entry {
            kind,
            id: id.into(),
            author: None,
            own_copy: false,
            expires: None,
            node: Arc::new(Node::new("message")),
        }
    }

    fn queue(ids: &[&str]) -> DeviceQueue {
        let mut queue = DeviceQueue::default();
        ids.iter().for_each(|id| queue.push(entry(Kind::Message, id)).unwrap());
        queue
    }

    fn drain(queue: &mut DeviceQueue) -> Vec<String> {
        std::iter::from_fn(|| queue.next(Millis(0))).map(|entry| entry.id.to_string()).collect()
    }

    #[test]
    fn what_was_not_acknowledged_comes_again_in_the_old_order() {
        let mut queue = queue(&["a", "b", "c", "d"]);
        (0..3).for_each(|_| drop(queue.next(Millis(0))));
        assert!(queue.acknowledge(Kind::Message, "b", None, |_| true).is_some());
        queue.rewind();
        assert_eq!(queue.waiting().total(), 3);
        assert_eq!(drain(&mut queue), ["a", "c", "d"]);
    }

    #[test]
    fn an_acknowledgement_drains_only_the_oldest_entry_with_its_id() {
        let mut queue = queue(&["a", "a"]);
        drain(&mut queue);
        assert!(queue.acknowledge(Kind::Message, "a", None, |_| true).is_some());
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn what_was_not_sent_cannot_be_acknowledged() {
        let mut queue = queue(&["a"]);
        assert!(queue.acknowledge(Kind::Message, "a", None, |_| true).is_none());
        assert!(queue.acknowledge(Kind::Receipt, "a", None, |_| true).is_none());
        assert_eq!(drain(&mut queue), ["a"]);
    }

    #[test]
    fn a_copy_of_an_own_message_waits_for_its_own_kind_of_receipt() {
        let mut queue = DeviceQueue::default();
        queue.push(Entry { own_copy: true, ..entry(Kind::Message, "a") }).unwrap();
        drain(&mut queue);
        assert!(queue.acknowledge(Kind::Message, "a", None, |entry| !entry.own_copy).is_none());
        assert!(queue.acknowledge(Kind::Message, "a", None, |entry| entry.own_copy).is_some());
    }

    #[test]
    fn an_expired_chat_state_is_never_written_and_none_is_counted() {
        let mut queue = queue(&["a"]);
        queue.push(Entry { expires: Some(Millis(5)), ..entry(Kind::Chatstate, "") }).unwrap();
        queue.push(entry(Kind::Message, "b")).unwrap();
        assert_eq!(queue.waiting().total(), 2);
        let ids: Vec<_> = std::iter::from_fn(|| queue.next(Millis(5))).map(|entry| entry.id.to_string()).collect();
        assert_eq!(ids, ["a", "b"]);
    }

    #[test]
    fn remembered_ids_are_bounded_and_forget_the_oldest() {
        let mut recent = Recent::default();
        (0..MAX_RECENT + 1).for_each(|n| recent.insert(n));
        assert!(!recent.contains(&0) && recent.contains(&1) && recent.contains(&MAX_RECENT));
        recent.remove(&1);
        assert!(!recent.contains(&1));
    }
}
