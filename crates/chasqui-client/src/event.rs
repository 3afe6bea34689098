//! What a client tells its program, and the bounded window through which it does.
//!
//! Events travel in one ordered queue. Messages and receipts have a `seq`: the number of their row in the session's
//! inbox, which is deleted once the program confirms it. While the window is full they stay in the inbox and the
//! client feeds them later; nothing is lost and the socket is read all the time.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use chasqui_error::PublicError;
use serde::Serialize;
use tokio::sync::{Notify, mpsc};

use crate::{
    identity::IdentityChange,
    message::{Message, Receipt},
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
    /// A version that is newer than this one, which the service calls outdated: three numbers, or null.
    Version {
        /// The present version.
        version: [u32; 3],
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
    /// A message; `seq` is its inbox row.
    Message {
        /// Inbox row.
        seq: u64,
        /// The message.
        message: Box<Message>,
    },
    /// A receipt; `seq` is its inbox row.
    Receipt {
        /// Inbox row.
        seq: u64,
        /// The receipt.
        receipt: Receipt,
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
    /// The inbox row, for the events that have one (0 stands for none).
    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Message { seq, .. } | Self::Receipt { seq, .. } if *seq > 0 => Some(*seq),
            _ => None,
        }
    }

    /// The received protobuf, for messages.
    pub fn raw(&self) -> Option<&[u8]> {
        match self {
            Self::Message { message, .. } => Some(&message.raw),
            _ => None,
        }
    }
}

/// Inbox events that may wait for the program at once; further ones stay in the inbox.
pub const WINDOW: usize = 1024;

/// Makes the two ends of a client's event queue.
pub fn channel() -> (EventSender, EventReceiver) {
    // Only inbox events are many, and WINDOW bounds those; the others answer the program's own calls.
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::default());
    (EventSender { sender, shared: shared.clone() }, EventReceiver { receiver, shared })
}

#[derive(Default)]
struct Shared {
    /// Inbox events in the queue or handed out and not yet confirmed.
    in_flight: AtomicUsize,
    confirmed: AtomicU64,
    freed: Notify,
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

    /// Gives out an inbox event if the window has room.
    pub(crate) fn offer(&self, event: Event) -> Result<(), Box<Event>> {
        if self.shared.in_flight.load(Ordering::Acquire) >= WINDOW {
            return Err(Box::new(event));
        }
        self.shared.in_flight.fetch_add(1, Ordering::AcqRel);
        let _ = self.sender.send(event);
        Ok(())
    }

    /// Whether the window has room.
    pub(crate) fn has_room(&self) -> bool {
        self.shared.in_flight.load(Ordering::Acquire) < WINDOW
    }

    /// The last inbox row that the program confirmed.
    pub(crate) fn confirmed(&self) -> u64 {
        self.shared.confirmed.load(Ordering::Acquire)
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
    /// The program has taken `count` inbox events, the last of them row `seq`.
    pub fn delivered(&self, seq: u64, count: usize) {
        self.0.confirmed.fetch_max(seq, Ordering::AcqRel);
        let _ =
            self.0.in_flight.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| Some(now.saturating_sub(count)));
        self.0.freed.notify_one();
    }
}

impl EventReceiver {
    /// The next events, at least one, at most `max`, in order; `None` when the client is gone.
    pub async fn next_batch(&mut self, max: usize) -> Option<Vec<Event>> {
        let mut batch = Vec::new();
        let count = self.receiver.recv_many(&mut batch, max).await;
        (count > 0).then_some(batch)
    }

    /// The end that confirms.
    pub fn confirm(&self) -> Confirm {
        Confirm(self.shared.clone())
    }
}
