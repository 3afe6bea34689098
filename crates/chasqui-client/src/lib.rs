//! One session: connect, pair, send, receive.

pub mod event;
pub mod message;
pub mod options;
mod error;

use chasqui_error::PublicError;
pub use event::{Event, State, User};
pub use options::Options;

/// A command of the program; its result comes as [`Event::Done`] or [`Event::Failed`] with the same ticket.
#[derive(Debug, Clone)]
pub enum Command {
    /// Opens the session and connects. Done with `{ state: "open" | "qr" }`.
    Connect,
    /// Done once logged in.
    Opened,
    /// Sends a text. Done with `{ id, timestamp }`.
    Send {
        /// Number, JID or chat.
        to: String,
        /// `{ text }`.
        content: serde_json::Value,
        /// Id of the first attempt, for an idempotent retry.
        id: Option<String>,
        /// Milliseconds, instead of the option's.
        timeout: Option<u64>,
    },
    /// Marks messages as read: `[{ id, chat, sender }]`.
    Read {
        /// The messages.
        messages: Vec<ReadKey>,
    },
    /// Closes; keeps the session.
    Disconnect,
    /// Unlinks and wipes.
    Logout,
}

/// Which message was read.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct ReadKey {
    /// Its id.
    pub id: String,
    /// Its chat.
    pub chat: String,
    /// Its author's JID.
    pub sender: String,
}

/// A cheap snapshot.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Status {
    /// State of the connection.
    pub state: State,
    /// Who the session is, once paired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// Handle to one session's task. Dropping the last handle stops the task.
#[derive(Clone)]
pub struct Client {
    _todo: (),
}

impl Client {
    /// A client that does nothing until [`Command::Connect`]. Must be called inside a tokio runtime.
    pub fn new(_options: Options, _events: event::EventSender) -> Self {
        unimplemented!()
    }
    /// Hands a command to the session's task without waiting. Fails at once when too many wait already.
    pub fn submit(&self, _ticket: u64, _command: Command) -> Result<(), PublicError> {
        unimplemented!()
    }
    /// Gives up a ticket: it fails with `ABORTED`.
    pub fn abort(&self, _ticket: u64) {
        unimplemented!()
    }
    /// The present state.
    pub fn status(&self) -> Status {
        unimplemented!()
    }
    /// Figures of the session (`Stats` of `index.d.ts`).
    pub fn stats(&self) -> serde_json::Value {
        unimplemented!()
    }
}
