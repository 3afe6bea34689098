//! What a client tells its program, and the bounded window through which it does.
//!
//! Events travel in one ordered queue. Messages, receipts and changes of the account's state stand in the session's inbox and
//! have a `seq`, the number
//! under which they are given out; once the program confirms that, their row is deleted. While the window is full they
//! stay in the inbox and the client feeds them later; nothing is lost and the socket is read all the time.
//!
//! Confirmation is by number: what a handler still works on is *held*, and may be confirmed later and in any order, or
//! *returned*, begun or not, which leaves its row for the next opening of the session.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use chasqui_appstate::Change;
use chasqui_error::PublicError;
use chasqui_requests::Plain;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};

use crate::{
    history::HistoryPart,
    identity::IdentityChange,
    lock,
    message::{Message, Receipt},
    wire::Wire,
};

/// State of a client as users see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not connected and not trying.
    #[default]
    Closed,
    /// First attempt under way.
    Connecting,
    /// A QR code waits to be scanned.
    Qr,
    /// A code waits to be typed into the phone.
    Code,
    /// Logged in.
    Open,
    /// The connection broke and comes back by itself.
    Reconnecting,
}

/// Who the session is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Phone-number JID without device.
    pub jid: String,
    /// LID without device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lid: Option<String>,
    /// Own device number.
    pub device: u16,
    /// Own push name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A QR code in every form.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QrCode {
    /// The text in the code.
    pub text: String,
    /// PNG as a data URL.
    pub data_url: String,
    /// SVG document.
    pub svg: String,
    /// Block characters for a terminal.
    pub terminal: String,
    /// Milliseconds since the epoch.
    pub expires_at: u64,
}

/// A change of the connection.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionEvent {
    /// New state.
    pub state: State,
    /// Why the connection ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<PublicError>,
    /// Whether the client reconnects by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub will_retry: Option<bool>,
    /// Milliseconds until the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_in: Option<u64>,
    /// On `open`: whether this login followed a new pairing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_new_login: Option<bool>,
}

impl ConnectionEvent {
    /// A change to `state` without more to say.
    pub(crate) fn of(state: State) -> Self {
        Self { state, reason: None, will_retry: None, retry_in: None, is_new_login: None }
    }
}

/// From where changes of the account's state are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeSource {
    /// A collection was read as a whole: what is different from what was known.
    Snapshot,
    /// Another device made them.
    Patch,
    /// This client made them.
    Echo,
}

/// One change, and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The change; its JIDs as canonical as known.
    #[serde(flatten)]
    pub change: Change,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
}

/// Changes of the account's state that became known together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// Name of the collection that they belong to.
    pub collection: String,
    /// From where they are known.
    pub source: ChangeSource,
    /// The changes, in their order.
    pub changes: Vec<Told>,
}

/// What a stanza told, other than messages and receipts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Name of the event.
    pub event: std::borrow::Cow<'static, str>,
    /// Its value.
    pub value: serde_json::Value,
}

/// What a client asks its program.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum Question {
    /// A message that it sent and that a device wants again: `{ raw }` in base64, a content as for `send`, or null.
    Message {
        /// Its id.
        id: String,
        /// Its chat.
        chat: String,
    },
    /// How often a message was asked for, or given again: a number. With a count it is told, and there is no answer.
    Retries {
        /// Its id.
        id: String,
        /// The device that asks; the author of a message to a group that is asked for, and nobody of others.
        participant: String,
        /// How often it was by now.
        #[serde(skip_serializing_if = "Option::is_none")]
        count: Option<u32>,
    },
    /// A version that is newer than this one, which the service calls outdated: three numbers, or null.
    Version {
        /// The present version.
        version: [u32; 3],
    },
    /// How to go on after a connection has ended: a pause in milliseconds, `false` to stop, or null for what is proposed.
    Reconnect {
        /// Why it ended.
        reason: PublicError,
        /// Attempts in a row that have failed.
        attempt: u32,
        /// What is proposed: milliseconds, or nothing to stop.
        #[serde(skip_serializing_if = "Option::is_none")]
        pause: Option<u64>,
    },
}

/// Everything a client tells.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Event {
    /// A QR code to show.
    Qr(QrCode),
    /// The connection changed.
    Connection(ConnectionEvent),
    /// The session's own addresses or name are known or changed.
    User(User),
    /// How far the delivery of what waited at the server is.
    Offline {
        /// What the server announced.
        total: u64,
        /// What of it has come, and is stored.
        received: u64,
        /// Whether that was all.
        done: bool,
    },
    /// What has changed of the credentials that the program keeps.
    Creds {
        /// A JSON object: fields of `creds.json`.
        fields: String,
    },
    /// Somebody else is to have the session: the program finishes what it works on, and begins nothing more.
    Wanted,
    /// The session's store was closed or read anew: what was given and not confirmed will be given again.
    Released,
    /// A message.
    Message {
        /// Number under which it is confirmed.
        seq: u64,
        /// How often it was given again, with this time; 0 in the run that received it.
        #[serde(skip_serializing_if = "is_zero")]
        again: u32,
        /// The message.
        message: Box<Message>,
    },
    /// A message as it came, for programs that make their own events.
    Wire {
        /// Number under which it is confirmed.
        seq: u64,
        /// How often it was given again, with this time; 0 in the run that received it.
        #[serde(skip_serializing_if = "is_zero")]
        again: u32,
        /// It.
        #[serde(flatten)]
        wire: Box<Wire>,
    },
    /// A receipt.
    Receipt {
        /// Number under which it is confirmed.
        seq: u64,
        /// The receipt.
        receipt: Receipt,
    },
    /// Changes of the account's state.
    Change {
        /// Number under which it is confirmed.
        seq: u64,
        /// The changes.
        #[serde(flatten)]
        set: Box<ChangeSet>,
    },
    /// What a stanza told that is no message and no receipt.
    Notice {
        /// Number under which it is confirmed.
        seq: u64,
        /// It.
        #[serde(flatten)]
        notice: Box<Notice>,
    },
    /// The same, of what only counts now: who is there, who types. It is not stored; of one person the program gets at
    /// least the last.
    Passing {
        /// It.
        #[serde(flatten)]
        notice: Box<Notice>,
    },
    /// A stanza that the program wants to see.
    Node {
        /// The program's numbers for what it wants to see.
        numbers: Vec<u32>,
        /// It.
        node: Box<Plain>,
    },
    /// A part of the history.
    History {
        /// Number under which it is confirmed.
        seq: u64,
        /// It.
        history: Box<HistoryPart>,
    },
    /// Somebody's identity key has changed.
    Identity(IdentityChange),
    /// A question to the program; answered with `Client::tell`.
    Ask {
        /// Names the question.
        ask: String,
        /// What is asked.
        #[serde(flatten)]
        question: Question,
    },
    /// Something went wrong that no call waits for.
    Error(PublicError),
    /// How far a file is.
    Progress {
        /// The program's number of the command.
        ticket: u64,
        /// Bytes that are through.
        bytes: u64,
        /// Bytes in all, where that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
    },
    /// The next piece of a file that the program uploads is wanted.
    Pull {
        /// The program's number of the command.
        ticket: u64,
    },
    /// A piece of a downloaded file; **not verified** before the command succeeds.
    Piece {
        /// The program's number of the command.
        ticket: u64,
        /// It.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// The answer of the archive.
    Found {
        /// The program's number of the command.
        ticket: u64,
        /// What was found.
        value: serde_json::Value,
        /// The protobufs of the messages in it; their `rawAt` tell where.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// A command of the program succeeded.
    Done {
        /// The program's number of the command.
        ticket: u64,
        /// Its result.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<serde_json::Value>,
    },
    /// A command of the program failed.
    Failed {
        /// The program's number of the command.
        ticket: u64,
        /// Why.
        error: PublicError,
    },
}

impl Event {
    /// The number under which it is confirmed, for the events of the inbox. Before they are given out it is that of
    /// their row.
    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Message { seq, .. }
            | Self::Wire { seq, .. }
            | Self::Receipt { seq, .. }
            | Self::Change { seq, .. }
            | Self::Notice { seq, .. }
                if *seq > 0 =>
            {
                Some(*seq)
            }
            _ => None,
        }
    }

    /// The same, as given again so many times.
    pub(crate) fn given_again(mut self, times: u32) -> Self {
        if let Self::Message { again, .. } | Self::Wire { again, .. } = &mut self {
            *again = times;
        }
        self
    }

    fn set_seq(&mut self, number: u64) {
        if let Self::Message { seq, .. }
        | Self::Wire { seq, .. }
        | Self::Receipt { seq, .. }
        | Self::Change { seq, .. }
        | Self::Notice { seq, .. }
        | Self::History { seq, .. } = self
        {
            *seq = number;
        }
    }

    /// What goes beside the JSON: the received protobuf of a message, a piece of a file.
    pub fn raw(&self) -> Option<&[u8]> {
        match self {
            Self::Message { message, .. } => Some(&message.raw),
            Self::Wire { wire, .. } => Some(&wire.raw),
            Self::History { history, .. } => Some(&history.raw),
            Self::Piece { bytes, .. } | Self::Found { bytes, .. } => Some(bytes),
            _ => None,
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Inbox events that may wait for the program at once; further ones stay in the inbox.
pub const WINDOW: usize = 1024;

/// Events that only count now in the queue, and as many people of whom the last is kept behind it.
const PASSING: usize = 1024;

/// Makes the two ends of a client's event queue.
pub fn channel() -> (EventSender, EventReceiver) {
    // Only inbox events are many, and WINDOW bounds those; the others answer the program's own calls.
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::default());
    (EventSender { sender, shared: shared.clone() }, EventReceiver { receiver, shared })
}

#[derive(Default)]
struct Shared {
    /// Inbox events in the queue, or handed out and neither confirmed nor returned.
    in_flight: AtomicUsize,
    /// Number of the last inbox event that was given out.
    given: AtomicU64,
    ledger: Mutex<Ledger>,
    freed: Notify,
    passing: Mutex<Passing>,
}

/// What only counts now, on its way.
#[derive(Default)]
struct Passing {
    /// Such events in the queue.
    queued: usize,
    /// The last about each, of what found no room there.
    last: BTreeMap<String, Event>,
    /// What found no room at all.
    missed: u64,
}

/// What the program has said about what it was given. At most as many numbers as the window has places.
#[derive(Default)]
struct Ledger {
    /// Everything up to here is confirmed, but for what is held.
    through: u64,
    /// Up to here the session has taken note of it.
    noted: u64,
    held: HashSet<u64>,
    /// What was held, and the session has not taken note of.
    finished: BTreeMap<u64, Outcome>,
    /// What was finished before the batch that it came in.
    early: HashMap<u64, Outcome>,
    /// What is begun once more, one entry for each time.
    retried: Vec<u64>,
}

/// What became of something that was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done with: its row is deleted.
    Taken,
    /// It was begun and not finished: its row stays.
    Begun,
    /// It was not begun: its row stays, and this time did not count.
    NotBegun,
}

/// What the program is done with.
#[derive(Debug)]
pub(crate) struct Settled<T> {
    pub confirmed: Vec<T>,
    pub not_begun: Vec<T>,
}

impl Shared {
    fn free(&self, count: usize) {
        let _ = self.in_flight.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| Some(now.saturating_sub(count)));
        self.freed.notify_one();
    }
}

/// The client's end.
#[derive(Clone)]
pub struct EventSender {
    sender: mpsc::UnboundedSender<Event>,
    shared: Arc<Shared>,
}

impl EventSender {
    /// Gives out an event that is not an inbox row.
    pub(crate) fn emit(&self, event: Event) {
        let _ = self.sender.send(event);
    }

    /// Gives out an inbox event if the window has room; gives its number.
    pub(crate) fn offer(&self, mut event: Event) -> Result<u64, Box<Event>> {
        if !self.has_room() {
            return Err(Box::new(event));
        }
        self.shared.in_flight.fetch_add(1, Ordering::AcqRel);
        let number = self.shared.given.fetch_add(1, Ordering::AcqRel) + 1;
        event.set_seq(number);
        let _ = self.sender.send(event);
        Ok(number)
    }

    /// Gives out what only counts now. While the program does not keep up only the last about each `key` waits for it;
    /// without a key it is let go.
    pub(crate) fn pass(&self, key: Option<String>, event: Event) {
        let mut passing = lock(&self.shared.passing);
        match key {
            _ if passing.queued < PASSING => {
                passing.queued += 1;
                let _ = self.sender.send(event);
            }
            Some(key) if passing.last.len() < PASSING || passing.last.contains_key(&key) => {
                if passing.last.insert(key, event).is_some() {
                    passing.missed += 1;
                }
            }
            _ => passing.missed += 1,
        }
    }

    /// How much of what only counts now the program was not told, because it did not keep up.
    pub(crate) fn missed(&self) -> u64 {
        lock(&self.shared.passing).missed
    }

    /// How many more inbox events the window takes.
    pub(crate) fn room(&self) -> usize {
        WINDOW.saturating_sub(self.shared.in_flight.load(Ordering::Acquire))
    }

    /// Whether the window has room.
    pub(crate) fn has_room(&self) -> bool {
        self.room() > 0
    }

    /// Takes out of `given` (number to row) what the program is done with.
    pub(crate) fn settle<T>(&self, given: &mut BTreeMap<u64, T>) -> Settled<T> {
        let mut ledger = lock(&self.shared.ledger);
        let mut settled = Settled { confirmed: Vec::new(), not_begun: Vec::new() };
        // Only what is new is looked at: much may be held for long.
        let delivered: Vec<u64> = given
            .range(ledger.noted.saturating_add(1)..=ledger.through.max(ledger.noted.saturating_add(1)))
            .map(|(number, _)| *number)
            .filter(|number| *number <= ledger.through && !ledger.held.contains(number))
            .collect();
        ledger.noted = ledger.through;
        let finished = std::mem::take(&mut ledger.finished);
        for number in delivered.into_iter().filter(|number| !finished.contains_key(number)) {
            settled.confirmed.extend(given.remove(&number));
        }
        // What is not known here any more was given before the session was closed.
        for (number, outcome) in finished {
            let Some(row) = given.remove(&number) else { continue };
            match outcome {
                Outcome::Taken => settled.confirmed.push(row),
                Outcome::NotBegun => settled.not_begun.push(row),
                Outcome::Begun => {}
            }
        }
        settled
    }

    /// What the program begins once more, one entry for each time.
    pub(crate) fn take_retried(&self) -> Vec<u64> {
        std::mem::take(&mut lock(&self.shared.ledger).retried)
    }

    /// Waits until the program confirms something.
    pub(crate) async fn freed(&self) {
        self.shared.freed.notified().await;
    }

    /// Waits until the program takes no more events at all.
    pub(crate) async fn gone(&self) {
        self.sender.closed().await;
    }
}

/// The program's end.
pub struct EventReceiver {
    receiver: mpsc::UnboundedReceiver<Event>,
    shared: Arc<Shared>,
}

/// Confirms inbox rows; may be used from another thread than the receiver.
#[derive(Clone)]
pub struct Confirm(Arc<Shared>);

impl Confirm {
    /// The program has taken `count` inbox events, the last of them number `seq`.
    pub fn delivered(&self, seq: u64, count: usize) {
        self.delivered_but(seq, count, &[]);
    }

    /// As [`Self::delivered`], but the program still works on some of them: [`Self::finished`] follows for each.
    pub fn delivered_but(&self, seq: u64, count: usize, held: &[u64]) {
        let mut ledger = lock(&self.0.ledger);
        ledger.through = ledger.through.max(seq);
        let mut free = count.saturating_sub(held.len());
        for number in held {
            match ledger.early.remove(number) {
                Some(outcome) => {
                    ledger.finished.insert(*number, outcome);
                    free += 1;
                }
                None => drop(ledger.held.insert(*number)),
            }
        }
        ledger.early.clear();
        drop(ledger);
        self.0.free(free);
    }

    /// Ends the holding of events.
    pub fn finished(&self, numbers: &[u64], outcome: Outcome) {
        let mut ledger = lock(&self.0.ledger);
        let mut free = 0;
        for number in numbers {
            if ledger.held.remove(number) {
                ledger.finished.insert(*number, outcome);
                free += 1;
            } else if *number > ledger.through {
                ledger.early.insert(*number, outcome);
            }
        }
        drop(ledger);
        self.0.free(free);
    }

    /// The program failed on an event that it holds, and will begin it once more.
    pub fn retried(&self, number: u64) {
        lock(&self.0.ledger).retried.push(number);
        self.0.freed.notify_one();
    }
}

impl EventReceiver {
    /// The next events, at least one, at most `max`, in order; `None` when the client is gone.
    pub async fn next_batch(&mut self, max: usize) -> Option<Vec<Event>> {
        let mut batch = Vec::new();
        let count = self.receiver.recv_many(&mut batch, max).await;
        let passing = batch.iter().filter(|event| matches!(event, Event::Passing { .. } | Event::Node { .. })).count();
        if passing > 0 {
            let mut shared = lock(&self.shared.passing);
            shared.queued -= passing;
            if shared.queued == 0 {
                batch.extend(std::mem::take(&mut shared.last).into_values());
            }
        }
        (count > 0).then_some(batch)
    }

    /// The end that confirms.
    pub fn confirm(&self) -> Confirm {
        Confirm(self.shared.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome::*, *};

    fn given(numbers: std::ops::RangeInclusive<u64>) -> BTreeMap<u64, u64> {
        numbers.map(|number| (number, number + 100)).collect()
    }

    #[test]
    fn what_is_held_is_confirmed_later_in_any_order_and_what_is_returned_never() {
        let (events, receiver) = channel();
        let confirm = receiver.confirm();
        let mut rows = given(1..=6);
        confirm.delivered_but(5, 5, &[2, 3, 4]);
        assert_eq!(events.settle(&mut rows).confirmed, [101, 105]);
        confirm.finished(&[4], Taken);
        assert_eq!(events.settle(&mut rows).confirmed, [104]);
        confirm.finished(&[3], Begun);
        assert!(events.settle(&mut rows).confirmed.is_empty());
        confirm.finished(&[2, 2, 77], Taken);
        assert_eq!(events.settle(&mut rows).confirmed, [102]);
        assert_eq!(rows.into_keys().collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn what_is_returned_says_whether_it_was_begun() {
        let (events, receiver) = channel();
        let confirm = receiver.confirm();
        let mut rows = given(1..=4);
        confirm.finished(&[4], NotBegun);
        confirm.delivered_but(4, 4, &[1, 2, 3, 4]);
        confirm.retried(1);
        confirm.finished(&[2], Begun);
        confirm.finished(&[3], NotBegun);
        let Settled { confirmed, not_begun } = events.settle(&mut rows);
        assert_eq!((confirmed, not_begun, events.take_retried()), (vec![], vec![103, 104], vec![1]));
        assert_eq!(rows.into_keys().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_is_held_takes_its_place_in_the_window_until_it_is_finished() {
        let (events, receiver) = channel();
        let confirm = receiver.confirm();
        events.shared.in_flight.store(WINDOW, Ordering::Release);
        confirm.delivered_but(3, 3, &[1, 2, 3]);
        assert!(!events.has_room());
        confirm.finished(&[2], NotBegun);
        assert!(events.has_room());
        confirm.finished(&[2, 99], Taken);
        assert_eq!(events.shared.in_flight.load(Ordering::Acquire), WINDOW - 1);
    }

    #[test]
    fn what_is_finished_before_its_batch_is_given_back_is_not_held_for_ever() {
        let (events, receiver) = channel();
        let confirm = receiver.confirm();
        events.shared.in_flight.store(WINDOW, Ordering::Release);
        let mut rows = given(1..=3);
        confirm.finished(&[1], Taken);
        confirm.finished(&[2], NotBegun);
        assert!(events.settle(&mut rows).confirmed.is_empty());
        confirm.delivered_but(3, 3, &[1, 2, 3]);
        assert_eq!(events.settle(&mut rows).confirmed, [101]);
        assert_eq!(rows.into_keys().collect::<Vec<_>>(), [3]);
        assert_eq!(events.shared.in_flight.load(Ordering::Acquire), WINDOW - 2);
    }

    #[test]
    fn an_answer_for_what_is_no_longer_known_changes_nothing() {
        let (events, receiver) = channel();
        let confirm = receiver.confirm();
        confirm.delivered_but(2, 2, &[1, 2]);
        // Closed and opened again: the numbers from before mean nothing now.
        let mut rows = given(3..=4);
        confirm.finished(&[1], Taken);
        confirm.finished(&[2], NotBegun);
        assert!(events.settle(&mut rows).confirmed.is_empty());
        confirm.delivered(4, 2);
        assert_eq!(events.settle(&mut rows).confirmed, [103, 104]);
    }

    #[tokio::test]
    async fn of_what_only_counts_now_the_last_about_each_waits_for_a_program_that_does_not_keep_up() {
        let (events, mut receiver) = channel();
        let event = |about: usize, state: usize| {
            let value = serde_json::json!({ "about": about, "state": state });
            Event::Passing { notice: Box::new(Notice { event: "presence".into(), value }) }
        };
        for state in 0..5 {
            for about in 0..PASSING {
                events.pass(Some(about.to_string()), event(about, state));
            }
        }
        events.pass(None, event(0, 9));
        assert_eq!(events.missed(), 3 * PASSING as u64 + 1);
        let mut told = Vec::new();
        while told.len() < 2 * PASSING {
            told.extend(receiver.next_batch(100).await.expect("events"));
        }
        let states = |of: &[Event], state: usize| {
            of.iter().all(|event| matches!(event, Event::Passing { notice } if notice.value["state"] == state))
        };
        assert!(states(&told[..PASSING], 0) && states(&told[PASSING..], 4) && told.len() == 2 * PASSING);
        events.pass(None, event(0, 9));
        assert_eq!(receiver.next_batch(100).await.map(|batch| batch.len()), Some(1));
    }
}
