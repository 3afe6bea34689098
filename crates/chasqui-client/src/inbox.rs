//! Messages, receipts and changes of the account's state on their way to the program.
//!
//! A row is written in the commit of the stanza that brought it, given out after that commit, and deleted when the
//! program confirms it. Rows that do not fit into the window stay in the store and are fed from there. Rows left from an
//! earlier run are given again as `redelivered`.
//!
//! **Again.** What kills the program would do so at every start. So it is counted how often a row of an earlier run is given
//! again, durably and before it is given; the program lets it go when that is too often. A row that is given for the first
//! time costs nothing, and what comes back unbegun from a program that says goodbye does not count. A row that was given
//! again before, in vain, is given *alone*: what others die of is not counted against it.
//!
//! The program confirms in any order, so that a row may outlive later ones. What is given has a number of its own
//! ([`crate::event`]): an answer that comes after the session was closed and opened again says nothing about the rows of
//! now.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use chasqui_error::ErrorCode;
use chasqui_store::{Batch, Key, Namespace, Record};
use tokio::time::Instant;

use crate::{
    actor::{Actor, Effect, Fault},
    event::{ChangeSet, Event, EventSender, Notice},
    message::{Message, Receipt},
    reason::{End, Next},
    wire::Wire,
};

/// Rows that a store in memory may hold before the connection is ended.
pub(crate) const MEMORY_CAP: u64 = 20_000;
/// Rows read at once.
pub(crate) const PAGE: usize = 256;
/// Bytes of rows that are read and wait for room.
const AHEAD: usize = 256 * 1024;
/// Stands for a part of the history, which has no row here: those are counted from 1.
const HISTORY: u64 = 0;
/// How long others wait for a row that is given alone.
const ALONE: Duration = Duration::from_secs(10);

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
    given: BTreeMap<u64, Given>,
    /// Rows behind `offered` that were read and found no room.
    ahead: VecDeque<(u64, Option<Vec<u8>>)>,
    /// A row that is given alone, by the number under which it was given, and until when.
    alone: Option<(u64, Instant)>,
    /// Nothing more is given out.
    held_back: bool,
    /// The rows are those of this opening of the store.
    loaded: bool,
    /// What is given again is counted: the run before ended without a goodbye.
    counting: bool,
    /// Rows that the program has confirmed and that a failing store has not deleted: they are not given again.
    confirmed: BTreeSet<u64>,
}

/// A row in the program's hands.
#[derive(Debug, Clone, Copy)]
struct Given {
    row: u64,
    /// How often it was given again: stored now, and before it was given this time.
    again: u32,
    before: u32,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            next: 1,
            depth: 0,
            durable: 0,
            offered: 0,
            run_start: 1,
            given: BTreeMap::new(),
            ahead: VecDeque::new(),
            alone: None,
            held_back: false,
            loaded: false,
            counting: false,
            confirmed: BTreeSet::new(),
        }
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
            && self.may_give()
            && let Ok(number) = events.offer(event)
        {
            self.given.insert(number, Given { row, again: 0, before: 0 });
            self.offered = row;
        }
        self.durable = self.durable.max(row);
    }

    /// Keeps rows of this run for which there was no room: as the program confirms one by one, they are given one by one.
    fn keep_ahead(&mut self, rows: impl Iterator<Item = NextRow>) {
        let mut bytes = 0;
        let fresh = rows.skip_while(|row| row.seq < self.run_start).map(|NextRow { seq, row, .. }| (seq, row));
        self.ahead = fresh
            .take_while(|(_, row)| {
                bytes += row.as_ref().map_or(0, Vec::len);
                bytes <= AHEAD
            })
            .collect();
    }

    /// The next row to be given, if it was read.
    fn next_ahead(&mut self) -> Option<(u64, Option<Vec<u8>>)> {
        let next = self.offered + 1;
        self.ahead.pop_front().filter(|(seq, _)| *seq == next)
    }

    /// A part of the history was given out under this number.
    pub fn note_history(&mut self, number: u64) {
        self.given.insert(number, Given { row: HISTORY, again: 0, before: 0 });
    }

    /// Whether durable rows wait in the store.
    fn has_backlog(&self) -> bool {
        self.offered < self.durable
    }

    /// Whether anything may be given out now.
    pub fn may_give(&self) -> bool {
        !self.held_back && self.alone.is_none()
    }

    /// Gives out nothing more until the store is opened again.
    pub fn hold_back(&mut self) {
        self.held_back = true;
    }

    /// When what waits behind a row that was given alone is given out in any case.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.alone.filter(|_| !self.held_back).map(|(_, until)| until)
    }

    /// The program has confirmed these rows, and the store has failed to delete them.
    pub fn keep_confirmed(&mut self, rows: impl Iterator<Item = u64>) {
        self.confirmed.extend(rows);
    }

    /// What deletes them.
    pub fn deletion(&self) -> Batch {
        let mut batch = Batch::new();
        for row in &self.confirmed {
            batch.delete(Namespace::Inbox, key(*row));
            put_again(&mut batch, *row, 0);
        }
        batch
    }

    /// All of them are deleted.
    pub fn are_deleted(&mut self) {
        self.confirmed.clear();
    }

    /// This row is deleted.
    pub fn is_deleted(&mut self, row: u64) {
        self.confirmed.remove(&row);
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

/// A row to be given out, and how often it was given again before, and with this time.
struct NextRow {
    seq: u64,
    row: Option<Vec<u8>>,
    before: u32,
    again: u32,
}

fn put_again(batch: &mut Batch, row: u64, again: u32) {
    match again {
        0 => batch.delete(Namespace::Redelivery, key(row)),
        again => batch.put(Namespace::Redelivery, key(row), again.to_be_bytes()),
    };
}

fn decode(seq: u64, row: &[u8], redelivered: bool) -> Option<Event> {
    let (kind, rest) = row.split_first()?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let (json, raw) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    match kind {
        0 => {
            let message: Message = serde_json::from_slice(json).ok()?;
            let message = Box::new(Message { raw: raw.to_vec(), redelivered, ..message });
            Some(Event::Message { seq, again: 0, message })
        }
        1 => Some(Event::Receipt { seq, receipt: serde_json::from_slice::<Receipt>(json).ok()? }),
        2 => Some(Event::Change { seq, set: serde_json::from_slice(json).ok()? }),
        3 => Some(Event::Notice { seq, notice: serde_json::from_slice(json).ok()? }),
        4 => {
            let wire: Wire = serde_json::from_slice(json).ok()?;
            Some(Event::Wire { seq, again: 0, wire: Box::new(Wire { raw: raw.to_vec(), redelivered, ..wire }) })
        }
        _ => None,
    }
}

impl Actor {
    /// Puts a message into the inbox.
    pub(crate) fn deliver(&mut self, message: Message) {
        self.archive_message(&message);
        let seq = self.new_row(|| Some(encode(0, &serde_json::to_vec(&message).ok()?, &message.raw)));
        self.turn.effects.push(Effect::Inbox(Event::Message { seq, again: 0, message: Box::new(message) }));
    }

    /// Puts a message as it came into the inbox.
    pub(crate) fn deliver_as_it_came(&mut self, wire: Wire) {
        let seq = self.new_row(|| Some(encode(4, &serde_json::to_vec(&wire).ok()?, &wire.raw)));
        self.turn.effects.push(Effect::Inbox(Event::Wire { seq, again: 0, wire: Box::new(wire) }));
    }

    /// Puts a receipt into the inbox.
    pub(crate) fn deliver_receipt(&mut self, receipt: Receipt) {
        self.archive_receipt(&receipt);
        let seq = self.new_row(|| Some(encode(1, &serde_json::to_vec(&receipt).ok()?, &[])));
        self.turn.effects.push(Effect::Inbox(Event::Receipt { seq, receipt }));
    }

    /// Puts changes of the account's state into the inbox.
    pub(crate) fn deliver_changes(&mut self, set: ChangeSet) {
        self.archive_changes(&set);
        let seq = self.new_row(|| Some(encode(2, &serde_json::to_vec(&set).ok()?, &[])));
        self.turn.effects.push(Effect::Inbox(Event::Change { seq, set: Box::new(set) }));
    }

    /// Puts what a stanza told into the inbox.
    pub(crate) fn deliver_notice(&mut self, notice: Notice) {
        let seq = self.new_row(|| Some(encode(3, &serde_json::to_vec(&notice).ok()?, &[])));
        self.turn.effects.push(Effect::Inbox(Event::Notice { seq, notice: Box::new(notice) }));
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
        // After a failed commit everything is read anew; that says nothing about the program.
        let counting = !self.inbox.loaded;
        let confirmed = std::mem::take(&mut self.inbox.confirmed);
        self.close_inbox();
        (self.inbox.loaded, self.inbox.counting) = (true, counting);
        if !counting {
            self.inbox.confirmed = confirmed;
        }
        let store = self.store()?;
        let (mut depth, mut ends): (u64, Option<(u64, u64)>) = (0, None);
        let mut page = first;
        loop {
            for seq in page.iter().filter_map(|(key, _)| seq_of(key)) {
                depth += u64::from(!self.inbox.confirmed.contains(&seq));
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

    /// A store that failed to delete rows has something else to write: they go with it.
    pub(crate) fn delete_confirmed(&mut self) {
        self.turn.batch.append(self.inbox.deletion());
        self.turn.effects.extend(self.inbox.confirmed.iter().map(|row| Effect::Confirmed(*row)));
    }

    /// Deletes what the program has confirmed.
    pub(crate) fn confirm_inbox(&mut self) {
        let retried = self.events.take_retried();
        for number in &retried {
            if let Some(given) = self.inbox.given.get_mut(number) {
                given.again = given.again.saturating_add(1);
                put_again(&mut self.turn.batch, given.row, given.again);
            }
        }
        let settled = self.events.settle(&mut self.inbox.given);
        for Given { row, again, .. } in settled.confirmed {
            if row == HISTORY {
                self.on_part_taken();
                continue;
            }
            self.turn.batch.delete(Namespace::Inbox, key(row));
            self.turn.effects.push(Effect::Confirmed(row));
            if again > 0 {
                put_again(&mut self.turn.batch, row, 0);
            }
            self.inbox.depth = self.inbox.depth.saturating_sub(1);
        }
        for Given { row, again, before } in settled.not_begun {
            if again != before {
                put_again(&mut self.turn.batch, row, before);
            }
        }
        let given = &self.inbox.given;
        self.inbox.alone = self.inbox.alone.filter(|(alone, _)| given.contains_key(alone) && !retried.contains(alone));
    }

    /// Goes on behind a row that was given alone and takes too long.
    pub(crate) async fn feed_in_time(&mut self, now: Instant) -> Result<(), Fault> {
        if self.inbox.next_deadline().is_some_and(|until| until <= now) {
            self.inbox.alone = None;
            self.feed().await?;
        }
        Ok(())
    }

    /// Gives out rows from the store while there is room.
    async fn feed(&mut self) -> Result<(), Fault> {
        while self.inbox.has_backlog() && self.inbox.may_give() && self.events.has_room() {
            if let Some((seq, row)) = self.inbox.next_ahead() {
                self.give_row(NextRow { seq, row, before: 0, again: 0 });
                continue;
            }
            let rows = self.next_rows().await?;
            let mut rows = self.count_again(rows).await?.into_iter();
            while self.events.has_room()
                && let Some(row) = rows.next()
            {
                self.give_row(row);
            }
            self.inbox.keep_ahead(rows);
        }
        Ok(())
    }

    /// There is room for it.
    fn give_row(&mut self, NextRow { seq, row, before, again }: NextRow) {
        if self.inbox.confirmed.contains(&seq) {
            self.inbox.offered = seq;
            return;
        }
        let redelivered = seq < self.inbox.run_start;
        match row.and_then(|row| decode(seq, &row, redelivered)) {
            Some(event) => {
                let Ok(number) = self.events.offer(event.given_again(again)) else { return };
                self.inbox.given.insert(number, Given { row: seq, again, before });
                if before > 0 {
                    self.inbox.alone = Some((number, Instant::now() + ALONE));
                }
            }
            None => {
                tracing::error!(session = %self.name, seq, "a stored event cannot be read and was left out")
            }
        }
        self.inbox.offered = seq;
    }

    /// Notes that rows of an earlier run are given again, durably, before they are: as many of them as may be given now.
    async fn count_again(&mut self, mut rows: Vec<(u64, Option<Vec<u8>>)>) -> Result<Vec<NextRow>, Fault> {
        let fresh = |(seq, row)| NextRow { seq, row, before: 0, again: 0 };
        if rows.first().is_none_or(|(seq, _)| *seq >= self.inbox.run_start) {
            return Ok(rows.into_iter().map(fresh).collect());
        }
        rows.truncate(self.events.room());
        let store = self.store()?;
        let keys: Vec<Key> = rows.iter().map(|(seq, _)| Key::new(Namespace::Redelivery, key(*seq))).collect();
        let counts = store.get_many(&keys).await?;
        let mut batch = Batch::new();
        let mut next = Vec::with_capacity(rows.len());
        for ((seq, row), count) in rows.into_iter().zip(counts) {
            let before = count.and_then(|count| count.try_into().ok()).map_or(0, u32::from_be_bytes);
            if before > 0 && !next.is_empty() {
                break;
            }
            let counts = self.inbox.counting && row.as_ref().is_some_and(|row| matches!(row.first(), Some(0 | 4)));
            let again = before.saturating_add(u32::from(counts));
            if counts {
                put_again(&mut batch, seq, again);
            }
            next.push(NextRow { seq, row, before, again });
            if before > 0 {
                break;
            }
        }
        if !batch.is_empty() {
            store.apply(batch).await?;
        }
        Ok(next)
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

    #[tokio::test]
    async fn what_waits_behind_a_row_that_is_given_alone_is_given_when_that_takes_too_long() {
        let mut actor = Actor::for_tests().await;
        let Event::Receipt { receipt, .. } = row(0) else { unreachable!() };
        let stored = encode(1, &serde_json::to_vec(&receipt).expect("json"), &[]);
        let mut batch = Batch::new();
        for seq in 1..=3 {
            batch.put(Namespace::Inbox, key(seq), stored.clone());
        }
        put_again(&mut batch, 2, 1);
        let store = actor.store().expect("open");
        store.apply(batch).await.expect("stored");
        actor.load_inbox(store.scan(Namespace::Inbox, None, PAGE).await.expect("read")).await.expect("loaded");
        let given = |actor: &Actor| actor.inbox.given.values().map(|given| given.row).collect::<Vec<_>>();
        assert_eq!(given(&actor), [1, 2]);
        let until = actor.inbox.next_deadline().expect("a deadline");
        actor.feed_in_time(until - Duration::from_millis(1)).await.expect("fed");
        assert_eq!(given(&actor), [1, 2]);
        actor.inbox.hold_back();
        actor.feed_in_time(until).await.expect("fed");
        assert_eq!((given(&actor), actor.inbox.next_deadline()), (vec![1, 2], None));
        actor.inbox.held_back = false;
        actor.feed_in_time(until).await.expect("fed");
        assert_eq!((given(&actor), actor.inbox.next_deadline()), (vec![1, 2, 3], None));
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
