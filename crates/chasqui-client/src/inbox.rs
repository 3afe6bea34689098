//! Messages and receipts on their way to the program.
//!
//! A row is written in the commit of the stanza that brought it, given out after that commit, and deleted when the
//! program confirms it. Rows that do not fit into the window stay in the store and are fed from there. Rows left from an
//! earlier run are given again as `redelivered`.

use chasqui_error::ErrorCode;
use chasqui_store::{Key, Namespace};

use crate::{
    actor::{Actor, Effect, Fault},
    event::{Event, EventSender},
    message::{Message, Receipt},
    reason::{End, Next},
};

/// Rows that a store in memory may hold before the connection is ended.
pub(crate) const MEMORY_CAP: u64 = 20_000;
/// Rows read at once.
const PAGE: usize = 256;

/// Where the rows stand. Their numbers are contiguous and never repeat while the client lives.
pub(crate) struct Inbox {
    /// Oldest row that is not deleted.
    first: u64,
    /// Number of the next row.
    next: u64,
    /// Newest durable row.
    durable: u64,
    /// Newest row given to the window. Durable rows after it wait in the store for room.
    offered: u64,
    /// Rows below this were there when the store was opened.
    run_start: u64,
}

impl Default for Inbox {
    fn default() -> Self {
        Self { first: 1, next: 1, durable: 0, offered: 0, run_start: 1 }
    }
}

impl Inbox {
    /// Rows not yet confirmed.
    pub fn depth(&self) -> u64 {
        self.next - self.first
    }

    /// Gives out a row that has just become durable, if the window has room.
    pub fn offer(&mut self, events: &EventSender, event: Event) {
        let Some(seq) = event.seq() else { return };
        if !self.has_backlog() && events.offer(event).is_ok() {
            self.offered = seq;
        }
        self.durable = self.durable.max(seq);
    }

    /// Whether durable rows wait in the store.
    fn has_backlog(&self) -> bool {
        self.offered < self.durable
    }

    /// Whether the program still has something to take or to confirm.
    pub fn awaits_confirmation(&self, events: &EventSender) -> bool {
        self.first <= self.offered && events.confirmed() < self.offered
    }

    /// After the store was closed: numbers go on, rows are counted again at the next opening.
    pub fn closed(self) -> Self {
        let next = self.next;
        Self { first: next, next, durable: next - 1, offered: next - 1, run_start: next }
    }
}

fn key(seq: u64) -> [u8; 8] {
    seq.to_be_bytes()
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
    pub(crate) async fn load_inbox(&mut self) -> Result<(), Fault> {
        let store = self.store()?;
        let mut ends: Option<(u64, u64)> = None;
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page = store.scan(Namespace::Inbox, after.as_deref(), PAGE).await?;
            let seqs = page.iter().filter_map(|(key, _)| key.as_slice().try_into().ok().map(u64::from_be_bytes));
            for seq in seqs {
                ends = Some((ends.map_or(seq, |(first, _)| first), seq));
            }
            after = page.last().map(|(key, _)| key.clone());
            if page.len() < PAGE {
                break;
            }
        }
        let inbox = &mut self.inbox;
        if let Some((first, last)) = ends {
            inbox.next = inbox.next.max(last + 1);
            (inbox.first, inbox.durable, inbox.offered) = (first, last, first - 1);
        }
        inbox.run_start = inbox.next;
        self.feed().await
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
        let confirmed = self.events.confirmed().min(self.inbox.offered);
        while self.inbox.first <= confirmed {
            self.turn.batch.delete(Namespace::Inbox, key(self.inbox.first));
            self.inbox.first += 1;
        }
    }

    /// Gives out rows from the store while there is room. They are asked for by their numbers: a scan would wait for
    /// everything that is being written, and this is when most is.
    async fn feed(&mut self) -> Result<(), Fault> {
        while self.inbox.has_backlog() && self.events.has_room() {
            let seqs = self.inbox.offered + 1..=self.inbox.durable.min(self.inbox.offered + PAGE as u64);
            let keys: Vec<Key> = seqs.clone().map(|seq| Key::new(Namespace::Inbox, key(seq))).collect();
            let rows = self.store()?.get_many(&keys).await?;
            for (seq, row) in seqs.zip(rows) {
                match row.and_then(|row| decode(seq, &row, seq < self.inbox.run_start)) {
                    Some(event) => {
                        if self.events.offer(event).is_err() {
                            return Ok(());
                        }
                    }
                    None => {
                        tracing::error!(session = %self.name, seq, "a stored event cannot be read and was left out")
                    }
                }
                self.inbox.offered = seq;
            }
        }
        Ok(())
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
        let receipt = Receipt { ids: Vec::new(), chat: recipient.jid.clone(), recipient, status, error: None, timestamp: 0 };
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
