//! The newest messages that were handled, to recognise one that comes again under new encryption, and to tell a message
//! that comes again from another one under a message key that is used up.
//!
//! Kept in the store as a ring: slot to number of the message; hash of chat, sender and id; its server time; the horizon, as
//! it was with it.

use std::collections::{HashSet, VecDeque};

use chasqui_store::Namespace;
use chasqui_wire::Jid;
use sha2::{Digest, Sha256};

use crate::{
    actor::{Actor, Fault},
    receive::Envelope,
};

/// Messages that are known.
pub(crate) const CAP: u16 = 1024;

/// See the module.
#[derive(Default)]
pub(crate) struct Recent {
    /// Hash and server time, oldest first.
    order: VecDeque<(u64, u64)>,
    known: HashSet<u64>,
    /// Number of the next message: they count up, so that they tell the order in which messages came.
    next: u64,
    /// Server time of the newest message that was forgotten; 0 while none was.
    horizon: u64,
    loaded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    number: u64,
    hash: u64,
    /// Server time, Unix seconds.
    sent: u64,
    /// [`Recent::horizon`] with this message.
    horizon: u64,
}

impl Row {
    fn from_bytes(row: &[u8]) -> Option<Self> {
        let row: &[u8; 32] = row.try_into().ok()?;
        let mut numbers = row.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok().map(u64::from_be_bytes));
        Some(Self { number: numbers.next()?, hash: numbers.next()?, sent: numbers.next()?, horizon: numbers.next()? })
    }

    fn to_bytes(self) -> Vec<u8> {
        [self.number, self.hash, self.sent, self.horizon].map(u64::to_be_bytes).concat()
    }

    fn slot(self) -> [u8; 2] {
        // Less than the cap, which is a `u16`.
        ((self.number % u64::from(CAP)) as u16).to_be_bytes()
    }
}

impl Recent {
    /// How many messages are known.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    fn load(mut rows: Vec<Row>) -> Self {
        rows.sort_unstable_by_key(|row| row.number);
        let newest = rows.last();
        Self {
            next: newest.map_or(0, |row| row.number.saturating_add(1)),
            horizon: newest.map_or(0, |row| row.horizon),
            known: rows.iter().map(|row| row.hash).collect(),
            order: rows.into_iter().map(|row| (row.hash, row.sent)).collect(),
            loaded: true,
        }
    }

    /// Remembers a message in place of the oldest; gives its row.
    fn insert(&mut self, hash: u64, sent: u64) -> Row {
        self.known.insert(hash);
        self.order.push_back((hash, sent));
        if self.order.len() > usize::from(CAP)
            && let Some((oldest, sent)) = self.order.pop_front()
        {
            self.known.remove(&oldest);
            self.horizon = self.horizon.max(sent);
        }
        let row = Row { number: self.next, hash, sent, horizon: self.horizon };
        self.next += 1;
        row
    }
}

fn fingerprint(chat: &Jid, sender: &Jid, id: &str) -> u64 {
    let digest = Sha256::digest(format!("{chat}\n{}\n{id}", sender.to_bare()));
    u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default())
}

impl Actor {
    /// Whether this message was handled before; if not, it is from now on.
    pub(crate) async fn seen(&mut self, envelope: &Envelope) -> Result<bool, Fault> {
        let hash = self.fingerprint(envelope).await?;
        if self.recent.known.contains(&hash) {
            return Ok(true);
        }
        let row = self.recent.insert(hash, envelope.timestamp);
        self.turn.batch.put(Namespace::Dedup, row.slot(), row.to_bytes());
        Ok(false)
    }

    /// Whether this message was handled before.
    pub(crate) async fn seen_before(&mut self, envelope: &Envelope) -> Result<bool, Fault> {
        let hash = self.fingerprint(envelope).await?;
        Ok(self.recent.known.contains(&hash))
    }

    /// Whether this message was certainly never handled.
    pub(crate) async fn is_new(&mut self, envelope: &Envelope) -> Result<bool, Fault> {
        Ok(!self.seen_before(envelope).await? && envelope.timestamp > self.recent.horizon)
    }

    /// Reads what is known, if that was not yet done. Before anything of a stanza is in the turn: the scan sees only what was
    /// submitted, and a stanza's changes are submitted together.
    pub(crate) async fn load_recent(&mut self) -> Result<(), Fault> {
        if !self.recent.loaded {
            self.flush();
            let rows = self.store()?.scan(Namespace::Dedup, None, usize::from(CAP)).await?;
            self.recent = Recent::load(rows.iter().filter_map(|(_, row)| Row::from_bytes(row)).collect());
        }
        Ok(())
    }

    async fn fingerprint(&mut self, envelope: &Envelope) -> Result<u64, Fault> {
        self.load_recent().await?;
        Ok(fingerprint(&envelope.chat, &self.canonical(&envelope.sender).await?, &envelope.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in the store after messages that were sent at these times, each its own hash, and came in this order.
    fn rows(times: impl Iterator<Item = u64>) -> Vec<Row> {
        let (mut recent, mut rows) = (Recent::default(), std::collections::BTreeMap::new());
        for (n, time) in (0..).zip(times) {
            let row = recent.insert(n, time);
            rows.insert(row.slot(), row);
        }
        rows.into_values().collect()
    }

    #[test]
    fn the_oldest_is_forgotten_and_the_horizon_tells_when_it_was_sent() {
        let mut recent = Recent::default();
        for n in 0..u64::from(CAP) {
            recent.insert(n, 100 + n);
        }
        assert_eq!((recent.horizon, recent.known.contains(&0)), (0, true));
        recent.insert(u64::from(CAP), 5000);
        assert_eq!((recent.horizon, recent.known.contains(&0), recent.known.contains(&1)), (100, false, true));
    }

    #[test]
    fn a_ring_goes_on_after_a_restart_where_it_was() {
        for count in [0, 1, 5, 1023, 1024, 1025, 3000] {
            // All of one second: times say nothing of the order.
            let mut recent = Recent::load(rows((0..count).map(|_| 100)));
            assert_eq!(recent.next, count);
            assert_eq!(recent.order.back().map(|(hash, _)| *hash), count.checked_sub(1), "{count}");
            assert_eq!(recent.horizon > 0, count > u64::from(CAP), "{count}");
            recent.insert(count, 100);
            assert!(recent.known.contains(&count) && recent.order.len() <= usize::from(CAP));
            assert_eq!(recent.known.contains(&0), count < u64::from(CAP), "{count}");
        }
    }

    #[test]
    fn what_was_forgotten_is_not_new_after_a_restart_though_it_was_sent_later_than_what_is_known() {
        let times = std::iter::once(500).chain(100..100 + u64::from(CAP));
        assert_eq!(Recent::load(rows(times)).horizon, 500);
    }

    #[test]
    fn rows_survive_their_bytes_and_those_of_other_lengths_are_left_out() {
        let row = Row { number: 1, hash: 2, sent: 3, horizon: 4 };
        assert_eq!(Row::from_bytes(&row.to_bytes()), Some(row));
        assert_eq!(Row::from_bytes(&[0; 24]), None);
    }
}
