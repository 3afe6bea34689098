//! The newest messages that were handled, to recognise one that comes again under new encryption, and to tell a message
//! that comes again from another one under a message key that is used up.
//!
//! Kept in the store as a ring: slot to hash of chat, sender and id; server time of the message; own time of its coming.

use std::collections::{HashSet, VecDeque};

use chasqui_store::Namespace;
use chasqui_wire::Jid;
use sha2::{Digest, Sha256};

use crate::{
    actor::{Actor, Fault},
    connection::unix_now,
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
    next_slot: u16,
    /// Server time of the newest message that was forgotten; 0 while none was.
    horizon: u64,
    loaded: bool,
}

struct Row {
    slot: u16,
    hash: u64,
    /// Server time, Unix seconds.
    sent: u64,
    /// When it came, Unix seconds by the own clock.
    came: u64,
}

impl Row {
    fn from_bytes(slot: &[u8], row: &[u8]) -> Option<Self> {
        let slot = u16::from_be_bytes(slot.try_into().ok()?);
        let (hash, came) = (u64::from_be_bytes(*row.first_chunk()?), u64::from_be_bytes(*row.last_chunk()?));
        let sent = row.get(8..16).and_then(|sent| sent.try_into().ok()).map_or(came, u64::from_be_bytes);
        (slot < CAP).then_some(Self { slot, hash, sent, came })
    }

    fn to_bytes(&self) -> Vec<u8> {
        [self.hash, self.sent, self.came].map(u64::to_be_bytes).concat()
    }
}

impl Recent {
    /// How many messages are known.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    fn load(mut rows: Vec<Row>) -> Self {
        rows.sort_unstable_by_key(|row| row.slot);
        let full = rows.len() >= usize::from(CAP);
        // The ring goes on at its first free slot, or where time jumps back.
        let turn = rows.windows(2).position(|pair| matches!(pair, [a, b] if b.came < a.came)).map_or(0, |at| at + 1);
        let next = if full { turn } else { rows.len() };
        rows.rotate_left(if full { turn } else { 0 });
        Self {
            known: rows.iter().map(|row| row.hash).collect(),
            // What was forgotten is older than what is remembered longest.
            horizon: rows.first().filter(|_| full).map_or(0, |row| row.sent),
            order: rows.into_iter().map(|row| (row.hash, row.sent)).collect(),
            next_slot: u16::try_from(next).unwrap_or(0),
            loaded: true,
        }
    }

    /// Remembers a message in place of the oldest; gives its slot.
    fn insert(&mut self, hash: u64, sent: u64) -> u16 {
        self.known.insert(hash);
        self.order.push_back((hash, sent));
        if self.order.len() > usize::from(CAP)
            && let Some((oldest, sent)) = self.order.pop_front()
        {
            self.known.remove(&oldest);
            self.horizon = self.horizon.max(sent);
        }
        let slot = self.next_slot;
        self.next_slot = (slot + 1) % CAP;
        slot
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
        let slot = self.recent.insert(hash, envelope.timestamp);
        let row = Row { slot, hash, sent: envelope.timestamp, came: unix_now() };
        self.turn.batch.put(Namespace::Dedup, slot.to_be_bytes(), row.to_bytes());
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
            self.recent = Recent::load(rows.iter().filter_map(|(slot, row)| Row::from_bytes(slot, row)).collect());
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

    /// What is in the store after messages of these times, each its own hash.
    fn rows(times: impl Iterator<Item = u64>) -> Vec<Row> {
        let (mut recent, mut rows) = (Recent::default(), std::collections::BTreeMap::new());
        for (hash, time) in times.enumerate() {
            let slot = recent.insert(hash as u64, time);
            rows.insert(slot, Row { slot, hash: hash as u64, sent: time, came: time });
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
            let mut recent = Recent::load(rows(100..100 + count));
            assert_eq!(u64::from(recent.next_slot), count % u64::from(CAP), "{count}");
            assert_eq!(recent.order.back().map(|(hash, _)| *hash), count.checked_sub(1), "{count}");
            assert_eq!(recent.horizon > 0, count >= u64::from(CAP), "{count}");
            recent.insert(count, 100 + count);
            assert!(recent.known.contains(&count) && recent.order.len() <= usize::from(CAP));
        }
    }

    #[test]
    fn rows_survive_their_bytes_and_those_of_other_lengths_are_left_out() {
        let row = Row { slot: 7, hash: 1, sent: 2, came: 3 };
        let read = Row::from_bytes(&[0, 7], &row.to_bytes()).expect("a row");
        assert_eq!((read.slot, read.hash, read.sent, read.came), (7, 1, 2, 3));
        assert!(Row::from_bytes(&[0, 7], &[0; 7]).is_none());
        assert!(Row::from_bytes(&[0], &row.to_bytes()).is_none());
    }
}
