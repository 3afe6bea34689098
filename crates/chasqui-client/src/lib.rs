//! One session of the service: connect, pair, log in, send, receive.
//!
//! A [`Client`] is a handle to one task (the actor) that owns the session's keys, its connection and its store. Commands
//! go in by a channel, events come out by a bounded window ([`event`]). Files are named after capabilities; each keeps
//! parsing, acting and sending of its stanzas together.

pub mod event;
pub mod history;
pub mod identity;
pub mod message;
pub mod options;
pub mod proxy;

mod ack;
mod actor;
mod addon;
mod adv;
mod alone;
mod app_state;
mod archive;
mod baileys;
mod beside;
mod blocklist;
mod bundles;
mod cache;
mod calls;
mod channels;
mod cipher;
mod connection;
mod content;
mod creds;
mod device_list;
mod devices;
mod ending;
mod error;
mod fanout;
mod group_send;
mod groups;
mod hand_over;
mod inbox;
mod iq;
mod lid;
mod lifecycle;
mod link_code;
mod login;
mod media;
mod notices;
mod offline;
mod outbox;
mod overlimit;
mod pair;
mod pairing;
mod pairing_code;
mod peer_data;
mod prekeys;
mod presence;
mod privacy;
mod props;
mod qr;
mod question;
mod raw;
mod reason;
mod receipt;
mod receive;
mod recent;
mod reporting;
mod requests;
mod resolve;
mod retry;
mod secrets;
mod send;
mod sender_keys;
mod sent;
mod sessions;
mod signed_prekey;
mod status;
mod tokens;
mod told_creds;
mod watch;
mod wire;

#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(test)]
mod hostile;

use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use chasqui_error::{ErrorCode, PublicError};
use futures_util::FutureExt;
use tokio::sync::mpsc;
use tracing::Instrument;

pub use baileys::{Bridge, Exported, Imported, Skipped};
pub use event::{Event, State, User};
pub use media::Source;
pub use options::Options;
pub use send::check;
pub use told_creds::Told;
pub use wire::{Problem, Wire};

use actor::{Actor, Input};
use chasqui_requests::number;

/// Commands that may wait for their answer at once.
const MAX_COMMANDS: usize = 65_536;

/// A command of the program; its result comes as [`Event::Done`] or [`Event::Failed`] with the same ticket.
#[derive(Debug, Clone)]
pub enum Command {
    /// Opens the session and connects. Done with `{ state: "open" | "qr" }`.
    Connect,
    /// As [`Command::Connect`]; who else has the session is asked to let it go, and waited for.
    TakeOver {
        /// Milliseconds to wait, instead of the store's.
        timeout: Option<u64>,
    },
    /// Done once logged in.
    Opened,
    /// Sends a message. Done with `{ id, timestamp }`.
    Send {
        /// Number, JID or chat.
        to: String,
        /// A `Content` of `index.d.ts`; bytes as base64, messages as `{ id, chat, sender?, fromMe, raw?, text? }`.
        content: serde_json::Value,
        /// Id of the first attempt, for an idempotent retry.
        id: Option<String>,
        /// Milliseconds, instead of the option's.
        timeout: Option<u64>,
    },
    /// Sends a message that the program has made. Done with `{ id, timestamp }`.
    Relay {
        /// Number, JID or chat.
        to: String,
        /// The `Message` protobuf.
        message: Vec<u8>,
        /// What else a `RawContent` of `index.d.ts` says, an object.
        more: serde_json::Value,
        /// Id of the message.
        id: String,
        /// The id was made for this call: it was never sent.
        is_new: bool,
    },
    /// Changes the account's state.
    Change {
        /// A list of `Change`s of `index.d.ts`.
        changes: serde_json::Value,
        /// Milliseconds, instead of the option's.
        timeout: Option<u64>,
    },
    /// Takes over the session of Baileys in this folder. Done with [`Imported`].
    ImportBaileys {
        /// The folder of its auth state.
        folder: std::path::PathBuf,
    },
    /// Writes the session into a folder, for Baileys to go on with. Done with [`Exported`].
    ExportBaileys {
        /// The folder, made if it is not there.
        folder: std::path::PathBuf,
        /// Which Baileys, such as `6.17.16`. `None`: the one that the session came from, or 7.
        version: Option<String>,
    },
    /// Marks messages as read.
    Read {
        /// The messages.
        messages: Vec<ReadKey>,
        /// As played, too.
        played: bool,
    },
    /// Offers to be paired by a code. Done with the code, once it can be typed into the phone.
    PairingCode {
        /// The phone's number.
        phone: String,
        /// Instead of a random one.
        code: Option<String>,
    },
    /// Finds both addresses of a person. Done with `{ jid, pn?, lid? }`.
    Resolve {
        /// Number or JID.
        who: String,
    },
    /// Uploads a file. Done with an uploaded file (`File` of `index.d.ts`).
    Upload {
        /// Where it comes from.
        source: Source,
        /// `{ kind, mimetype?, fileName?, width?, … }`; the kind is `image`, `video`, `gif`, `note`, `audio`, `voice`,
        /// `document` or `sticker`.
        about: serde_json::Value,
    },
    /// Downloads the file of a message. Done with `{ size, path? }`; without a path it comes before in
    /// [`Event::Piece`]s.
    Download {
        /// `{ raw, path?, limit? }`.
        request: serde_json::Value,
    },
    /// Asks the phone for older messages of a chat. Done with `{ request, messages, more }`, after they were told.
    FetchHistory {
        /// `{ chat, count?, before?: { id, fromMe, timestamp }, timeout? }`, times in milliseconds.
        request: serde_json::Value,
    },
    /// Asks the archive. Answered with [`Event::Found`].
    Archive {
        /// A question: `{ what, … }`, see `js/archive.ts`.
        query: serde_json::Value,
    },
    /// Calls a method of `chasqui-requests`. Done with its result.
    Request {
        /// `area.method`.
        method: String,
        /// Its arguments.
        args: serde_json::Value,
        /// Milliseconds, instead of the option's.
        timeout: Option<u64>,
    },
    /// Completes the files that show the session to Baileys; answers whether the session is open.
    FlushAuth,
    /// Values of the auth state that the session is. Done with those that there are, by the names of their files.
    GetAuth {
        /// The names.
        files: Vec<String>,
    },
    /// Puts values of an auth state into the session, by the names of their files; `None` deletes. Answers whether that was
    /// done.
    SetAuth {
        /// The values in JSON.
        values: std::collections::HashMap<String, Option<String>>,
        /// Also where the session is not open.
        anyway: bool,
    },
    /// Removes the session, which is not open.
    WipeAuth,
    /// Closes; keeps the session.
    Disconnect,
    /// Unlinks and wipes.
    Logout,
}

/// Which message was read or played.
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

/// The program's number of a command that waits for its answer.
pub(crate) type Reply = u64;

/// Handle to one session's task. Dropping the last handle stops the task.
#[derive(Clone)]
pub struct Client {
    inputs: mpsc::UnboundedSender<Input>,
    shared: Arc<Shared>,
}

impl Client {
    /// A client that does nothing until [`Command::Connect`]. Must be called inside a tokio runtime.
    pub fn new(options: Options, events: event::EventSender) -> Self {
        let (inputs, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { session: options.session.clone(), ..Shared::default() });
        let actor = Actor::new(options, events.clone(), shared.clone(), receiver, inputs.downgrade());
        let task = shared.clone();
        // A panic is a fault of one session: its calls are answered, the process and the other sessions go on.
        // Not an async block, which would have room for the session's whole state twice.
        let run = AssertUnwindSafe(Box::new(actor).run()).catch_unwind().map(move |ended| {
            if ended.is_err() {
                task.on_panic(&events);
            }
        });
        // The caller's span tells whose log lines these are.
        tokio::spawn(run.in_current_span());
        Self { inputs, shared }
    }

    /// Hands a command to the session's task without waiting. Fails at once when too many wait already.
    pub fn submit(&self, ticket: u64, command: Command) -> Result<(), PublicError> {
        let mut waiting = lock(&self.shared.waiting);
        if waiting.len() >= MAX_COMMANDS {
            return Err(PublicError::new(
                ErrorCode::QueueFull,
                format!("{MAX_COMMANDS} calls wait for their answer already."),
            ));
        }
        waiting.insert(ticket);
        drop(waiting);
        self.inputs.send(Input::Command(ticket, command)).map_err(|_| error::disconnected())
    }

    /// Gives up a ticket: it fails with `ABORTED`, unless it is answered already.
    pub fn abort(&self, ticket: u64) {
        let _ = self.inputs.send(Input::Abort(ticket));
    }

    /// Answers a question ([`Event::Ask`]); `None` when there is no answer.
    pub fn tell(&self, ask: &str, answer: Option<serde_json::Value>) {
        let _ = self.inputs.send(Input::Told(ask.to_owned(), answer));
    }

    /// Gives the next piece of a file, when asked ([`Event::Pull`]); `None` is its end.
    pub fn give(&self, ticket: u64, piece: Option<Vec<u8>>) {
        let _ = self.inputs.send(Input::Piece(ticket, piece));
    }

    /// Tells that a piece of a file ([`Event::Piece`]) was taken.
    pub fn taken(&self, ticket: u64) {
        let _ = self.inputs.send(Input::Taken(ticket));
    }

    /// The present state.
    pub fn status(&self) -> Status {
        lock(&self.shared.status).clone()
    }

    /// From now on stanzas that match are given out as [`event::Event::Node`] under the program's number, or no longer.
    /// `pattern`: `{ tag?, attrs?, child? }`, or nothing to end it.
    pub fn watch(&self, number: u32, pattern: Option<serde_json::Value>) -> Result<(), PublicError> {
        self.shared.watched.set(number, pattern)
    }

    /// Figures of the session (`Stats` of `index.d.ts`).
    pub fn stats(&self) -> serde_json::Value {
        self.shared.stats()
    }
}

/// Name, size and cap of every cache.
pub(crate) type Caches = [(&'static str, usize, usize); 13];

/// What the handle may look at while the task runs. No protocol state is in here.
#[derive(Default)]
pub(crate) struct Shared {
    session: String,
    status: Mutex<Status>,
    waiting: Mutex<HashSet<u64>>,
    inbox_depth: AtomicU64,
    outbox_depth: AtomicUsize,
    caches: Mutex<Caches>,
    pub received: AtomicU64,
    pub sent: AtomicU64,
    pub undecryptable: AtomicU64,
    pub reconnects: AtomicU64,
    missed: AtomicU64,
    watched: watch::Watched,
}

impl Shared {
    fn set_state(&self, state: State) {
        lock(&self.status).state = state;
    }

    fn set_user(&self, user: Option<User>) {
        lock(&self.status).user = user;
    }

    fn on_panic(&self, events: &event::EventSender) {
        let error = PublicError::new(ErrorCode::Internal, "A fault in chasqui ended this session's task.");
        self.set_state(State::Closed);
        for ticket in lock(&self.waiting).drain() {
            events.emit(Event::Failed { ticket, error: error.clone() });
        }
        events.emit(Event::Connection(event::ConnectionEvent {
            reason: Some(error),
            will_retry: Some(false),
            ..event::ConnectionEvent::of(State::Closed)
        }));
    }

    /// The ticket of a command that still waits; `None` when it was answered already.
    fn settle(&self, reply: Reply) -> Option<u64> {
        lock(&self.waiting).remove(&reply).then_some(reply)
    }

    fn set_depths(&self, inbox: u64, outbox: usize, missed: u64, caches: Caches) {
        self.missed.store(missed, Ordering::Relaxed);
        self.inbox_depth.store(inbox, Ordering::Relaxed);
        self.outbox_depth.store(outbox, Ordering::Relaxed);
        *lock(&self.caches) = caches;
    }

    fn stats(&self) -> serde_json::Value {
        let caches: serde_json::Map<_, _> = lock(&self.caches)
            .iter()
            .map(|(name, size, cap)| ((*name).to_owned(), serde_json::json!({ "size": size, "cap": cap })))
            .collect();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        serde_json::json!({
            "session": self.session,
            "state": lock(&self.status).state,
            "inboxDepth": count(&self.inbox_depth),
            "outboxDepth": self.outbox_depth.load(Ordering::Relaxed),
            "caches": caches,
            "received": count(&self.received),
            "sent": count(&self.sent),
            "undecryptable": count(&self.undecryptable),
            "reconnects": count(&self.reconnects),
            "missed": count(&self.missed),
        })
    }
}

/// A panic elsewhere does not make a snapshot unreadable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
