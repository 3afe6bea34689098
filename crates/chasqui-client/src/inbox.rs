//! Messages and receipts on their way to the program.
//!
//! A row is written in the commit of the stanza that brought it, given out after that commit, and deleted when the
//! program confirms it. Rows that do not fit into the window stay in the store and are fed from there. Rows left from an
//! earlier run are given again as `redelivered`.
//!
//! The program confirms in any order, so that a row may outlive later ones. What is given has a number of its own
//! ([`crate::event`]): an answer that comes after the session was closed and opened again says nothing about the rows of
//! now.

use std::collections::BTreeMap;

use chasqui_error::ErrorCode;
use chasqui_store::{Key, Namespace, Record};

use crate::{
    actor::{Actor, Effect, Fault},
    event::{Event, EventSender},
    message::{Message, Receipt},
    reason::{End, Next},
};

/// Rows that a store in memory may hold before the connection is ended.
pub(crate) const MEMORY_CAP: u64 = 20_000;
/// Rows read at once.
pub(crate) const PAGE: usize = 256;

/// Where the rows stand. Their numbers grow and are never repeated while the client lives.
pub(crate) struct Inbox {
    /// Number of the next row.
    next: u64,
    /// Rows that are not deleted.
    depth: u64,
    /// Newest durable row.
    durable: u64,
    /// Newest row given to the window. Durable rows after it wait in the store for room.
    offered: u64,
    /// Rows below this were there when the store was opened. Among them numbers are missing.
    run_start: u64,
    /// Rows in the window or with the program, by the number under which they were given.
    given: BTreeMap<u64, u64>,
}

impl Default for Inbox {
    fn default() -> Self {
        Self { next: 1, depth: 0, durable: 0, offered: 0, run_start: 1, given: BTreeMap::new() }
    }
}

impl Inbox {
    /// Rows not yet confirmed.
    pub fn depth(&self) -> u64 {
        self.depth
    }

    /// Gives out a row that has just become durable, if the window has room.
    pub fn offer(&mut self, events: &EventSender, event: Event) {
        let Some(row) = event.seq() else { return };
        if !self.has_backlog()
            && let Ok(number) = events.offer(event)
        {
            self.given.insert(number, row);
            self.offered = row;
        }
        self.durable = self.durable.max(row);
    }

    /// Whether durable rows wait in the store.
    fn has_backlog(&self) -> bool {
        self.offered < self.durable
    }

    /// Whether the program has something that it has not confirmed.
    pub fn awaits_confirmation(&self) -> bool {
        !self.given.is_empty()
    }
}

fn key(seq: u64) -> [u8; 8] {
    seq.to_be_bytes()
}

fn seq_of(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

/// A row: kind, length of the JSON, JSON, protobuf.
fn encode(kind: u8, json: &[u8], raw: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(5 + json.len() + raw.len());
    row.push(kind);
    row.extend_from_slice(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_be_bytes());
    row.extend_from_slice(json);
    row.extend_from_slice(raw);
    row
}

fn decode(seq: u64, row: &[u8], redelivered: bool) -> Option<Event> {
    let (kind, rest) = row.split_first()?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let (json, raw) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    match kind {
        0 => {
            let message: Message = serde_json::from_slice(json).ok()?;
            Some(Event::Message { seq, message: Box::new(Message { raw: raw.to_vec(), redelivered, ..message }) })
        }
        1 => Some(Event::Receipt { seq, receipt: serde_json::from_slice::<Receipt>(json).ok()? }),
        _ => None,
    }
}

impl Actor {
    /// Puts a message into the inbox.
    pub(crate) fn deliver(&mut self, message: Message) {
        let seq = self.new_row(|| Some(encode(0, &serde_json::to_vec(&message).ok()?, &message.raw)));
        self.turn.effects.push(Effect::Inbox(Event::Message { seq, message: Box::new(message) }));
    }

    /// Puts a receipt into the inbox.
    pub(crate) fn deliver_receipt(&mut self, receipt: Receipt) {
        let seq = self.new_row(|| Some(encode(1, &serde_json::to_vec(&receipt).ok()?, &[])));
        self.turn.effects.push(Effect::Inbox(Event::Receipt { seq, receipt }));
    }

    fn new_row(&mut self, row: impl FnOnce() -> Option<Vec<u8>>) -> u64 {
        let seq = self.inbox.next;
        self.inbox.next += 1;
        self.inbox.depth += 1;
        if let Some(row) = row() {
            self.turn.batch.put(Namespace::Inbox, key(seq), row);
        }
        seq
    }

    /// A store in memory cannot hold a backlog without end.
    pub(crate) fn check_inbox(&self) -> Result<(), Fault> {
        if self.inbox.depth() > MEMORY_CAP && self.options.store.describe().starts_with("memory") {
            return Err(End::new(
                ErrorCode::InboxFull,
                format!("JavaScript has not taken {MEMORY_CAP} events, and the store in memory holds no more."),
                Next::Stop,
            )
            .into());
        }
        Ok(())
    }

    /// Counts the rows of an earlier run and starts giving them out.
    pub(crate) async fn load_inbox(&mut self, first: Vec<Record>) -> Result<(), Fault> {
        self.close_inbox();
        let store = self.store()?;
        let (mut depth, mut ends): (u64, Option<(u64, u64)>) = (0, None);
        let mut page = first;
        loop {
            for seq in page.iter().filter_map(|(key, _)| seq_of(key)) {
                depth += 1;
                ends = Some((ends.map_or(seq, |(first, _)| first), seq));
            }
            let Some((last, _)) = page.last().filter(|_| page.len() >= PAGE) else { break };
            page = store.scan(Namespace::Inbox, Some(last), PAGE).await?;
        }
        let inbox = &mut self.inbox;
        if let Some((first, last)) = ends {
            inbox.next = inbox.next.max(last.saturating_add(1));
            (inbox.depth, inbox.durable, inbox.offered) = (depth, last, first.saturating_sub(1));
        }
        inbox.run_start = inbox.next;
        self.feed().await
    }

    /// Before the store is closed or read anew: numbers go on, rows are counted again at the next opening, and what the
    /// program has in hand comes again.
    pub(crate) fn close_inbox(&mut self) {
        let Inbox { next, given, .. } = std::mem::take(&mut self.inbox);
        self.inbox = Inbox { next, durable: next - 1, offered: next - 1, run_start: next, ..Inbox::default() };
        if !given.is_empty() {
            self.events.emit(Event::Released);
        }
    }

    /// The program confirmed something.
    pub(crate) async fn on_freed(&mut self) -> Result<(), Fault> {
        if !self.has_store() {
            return Ok(());
        }
        self.confirm_inbox();
        self.feed().await
    }

    /// Deletes what the program has confirmed.
    pub(crate) fn confirm_inbox(&mut self) {
        for row in self.events.take_confirmed(&mut self.inbox.given) {
            self.turn.batch.delete(Namespace::Inbox, key(row));
            self.inbox.depth = self.inbox.depth.saturating_sub(1);
        }
    }

    /// Gives out rows from the store while there is room.
    async fn feed(&mut self) -> Result<(), Fault> {
        while self.inbox.has_backlog() && self.events.has_room() {
            for (seq, row) in self.next_rows().await? {
                let redelivered = seq < self.inbox.run_start;
                match row.and_then(|row| decode(seq, &row, redelivered)) {
                    Some(event) => match self.events.offer(event) {
                        Ok(number) => drop(self.inbox.given.insert(number, seq)),
                        Err(_) => return Ok(()),
                    },
                    None => {
                        tracing::error!(session = %self.name, seq, "a stored event cannot be read and was left out")
                    }
                }
                self.inbox.offered = seq;
            }
        }
        Ok(())
    }

    /// The next rows to be given. Those of this run are asked for by their numbers: a scan would wait for everything that
    /// is being written, and this is when most is.
    async fn next_rows(&mut self) -> Result<Vec<(u64, Option<Vec<u8>>)>, Fault> {
        let (store, inbox) = (self.store()?, &mut self.inbox);
        if inbox.offered.saturating_add(1) < inbox.run_start {
            let page = store.scan(Namespace::Inbox, Some(&key(inbox.offered)), PAGE).await?;
            let rows = page.into_iter().filter_map(|(key, row)| Some((seq_of(&key)?, Some(row))));
            let rows: Vec<_> = rows.take_while(|(seq, _)| *seq < inbox.run_start).collect();
            if !rows.is_empty() {
                return Ok(rows);
            }
            inbox.offered = inbox.run_start - 1;
        }
        let seqs = inbox.offered + 1..=inbox.durable.min(inbox.offered + PAGE as u64);
        let keys: Vec<Key> = seqs.clone().map(|seq| Key::new(Namespace::Inbox, key(seq))).collect();
        Ok(seqs.zip(store.get_many(&keys).await?).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::{self, WINDOW},
        message::{ReceiptStatus, Recipient},
    };

    fn row(seq: u64) -> Event {
        let recipient = Recipient { jid: "15550001111@s.whatsapp.net".into(), pn: None, lid: None, device: 0 };
        let status = ReceiptStatus::Read;
        let receipt =
            Receipt { ids: Vec::new(), chat: recipient.jid.clone(), recipient, status, error: None, timestamp: 0 };
        Event::Receipt { seq, receipt }
    }

    #[test]
    fn rows_go_straight_to_the_program_again_once_the_store_has_been_fed_to_its_end() {
        let (events, receiver) = event::channel();
        let mut inbox = Inbox::default();
        let full = WINDOW as u64;
        (1..=full + 2).for_each(|seq| inbox.offer(&events, row(seq)));
        assert_eq!((inbox.offered, inbox.has_backlog()), (full, true));

        receiver.confirm().delivered(full, WINDOW);
        inbox.offer(&events, row(full + 3));
        assert_eq!(inbox.offered, full, "never before the rows that wait");

        inbox.offered = inbox.durable;
        inbox.offer(&events, row(full + 4));
        assert_eq!((inbox.offered, inbox.has_backlog()), (full + 4, false));
    }
}
