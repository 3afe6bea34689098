//! The addon: one client of `chasqui-client` as a class for JavaScript.
//!
//! JavaScript calls in with a ticket and returns at once; everything comes back, in order, through one threadsafe
//! function in batches: the events as one JSON array and the received protobufs as one buffer ([`pump`]).
//! `js/client.ts` makes promises, an emitter and types out of that. Nothing here knows the protocol.

pub mod curve;
mod guard;
pub mod lattice;
mod log;
pub mod nodes;
pub mod pictures;
pub mod playing;
mod pump;
mod runtime;

use std::sync::{Arc, Mutex, PoisonError};

use chasqui_client::{Bridge, Client, Command, Options, Source, event};
use chasqui_error::{ErrorCode, PublicError};
use napi::{
    bindgen_prelude::{BufferSlice, FnArgs, Function, Uint8Array},
    threadsafe_function::{ThreadsafeCallContext, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use tokio::sync::Semaphore;

use crate::{guard::guard, log::LogSink, pump::Batch};

/// Batches that JavaScript may have in hand before the pump waits for it.
const BATCHES_AHEAD: usize = 2;

/// What JavaScript is called with: a JSON array of events, and the protobufs of the messages in it.
type BatchArgs = FnArgs<(String, Option<BufferSlice<'static>>)>;

/// One session as JavaScript holds it.
///
/// Dropped by the garbage collector or at the end of its environment (also by `worker.terminate()`); the session then
/// closes like one whose process ended.
#[napi]
pub struct NativeClient {
    /// `None` after [`NativeClient::close`].
    client: Mutex<Option<Client>>,
    confirm: event::Confirm,
    window: Arc<Semaphore>,
    span: tracing::Span,
    bridge: Option<Arc<Bridge>>,
}

#[napi]
impl NativeClient {
    /// Takes `ClientOptions` as JSON, and optionally `"log"`, the least level that `log` events have; and beside it, so
    /// that they are in no text, the keys that seal the session: 32 bytes each, the present one first;
    /// and the credentials of a program that keeps an auth state of Baileys.
    ///
    /// The function is weak: it keeps neither the event loop nor, if it holds the object weakly, the object alive.
    #[napi(constructor)]
    pub fn new(
        options_json: String,
        on_batch: Function<'_, BatchArgs, ()>,
        keys: Option<Uint8Array>,
        creds: Option<String>,
        on_keys: Option<Function<'_, FnArgs<(f64, String)>, ()>>,
    ) -> napi::Result<Self> {
        let builder = on_batch.build_threadsafe_function::<Batch>().weak::<true>().callee_handled::<false>();
        let call = builder.build_callback(to_args)?;
        let bridge = on_keys.map(bridge).transpose()?;
        guard(move || {
            let mut options = Options::from_json(&options_json)?;
            if let Some(keys) = keys {
                options.seal(&keys)?;
            }
            match (creds, &bridge) {
                (Some(creds), Some(bridge)) => options.with_keys(&creds, bridge.clone())?,
                (Some(creds), None) => options.with_creds(&creds)?,
                _ => {}
            }
            let logs = LogSink::from_options(&options_json)?;
            let (runtime, seat) = runtime::seat()?;
            let span = logs.as_ref().map_or_else(tracing::Span::none, LogSink::span);
            let (sender, events) = event::channel();
            let confirm = events.confirm();
            let window = Arc::new(Semaphore::new(BATCHES_AHEAD));
            let _runtime = runtime.enter();
            let client = span.in_scope(|| Client::new(options, sender));
            runtime.spawn(pump::run(events, logs, window.clone(), move |batch| {
                // The pump ends with the session: until then its seat is taken.
                let _taken = &seat;
                call.call(batch, ThreadsafeFunctionCallMode::NonBlocking) == napi::Status::Ok
            }));
            Ok(Self { client: Mutex::new(Some(client)), confirm, window, span, bridge })
        })
    }

    /// Opens the session and connects.
    #[napi]
    pub fn connect(&self, ticket: f64) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::Connect))
    }

    /// As [`NativeClient::connect`]; who else has the session is asked to let it go, and waited for.
    #[napi]
    pub fn take_over(&self, ticket: f64, timeout: Option<f64>) -> napi::Result<()> {
        // A float-to-int cast saturates, so no value of the caller is out of range.
        self.submit(ticket, || Ok(Command::TakeOver { timeout: timeout.map(|millis| millis as u64) }))
    }

    /// Waits until logged in.
    #[napi]
    pub fn opened(&self, ticket: f64) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::Opened))
    }

    /// Sends `content_json` to a number, JID or chat.
    #[napi]
    pub fn send(
        &self,
        ticket: f64,
        to: String,
        content_json: String,
        id: Option<String>,
        timeout: Option<f64>,
    ) -> napi::Result<()> {
        self.submit(ticket, move || {
            let content = read_content(&content_json)?;
            // A float-to-int cast saturates, so no value of the caller is out of range.
            Ok(Command::Send { to, content, id, timeout: timeout.map(|millis| millis as u64) })
        })
    }

    /// Sends a `Message` protobuf that the program has made; `more_json` says what else belongs to it.
    #[napi]
    pub fn relay(
        &self,
        ticket: f64,
        to: String,
        message: &[u8],
        id: String,
        is_new: bool,
        more_json: Option<String>,
    ) -> napi::Result<()> {
        self.submit(ticket, move || {
            let more = more_json.map_or_else(|| Ok(serde_json::json!({})), |json| read_content(&json))?;
            Ok(Command::Relay { to, message: message.to_vec(), more, id, is_new })
        })
    }

    /// Refuses what `send` would refuse in any session.
    #[napi]
    pub fn check(&self, to: String, content_json: String) -> napi::Result<()> {
        guard(|| chasqui_client::check(&to, &read_content(&content_json)?))
    }

    /// Marks messages as read, or as played: a JSON array of `{ id, chat, sender }`.
    #[napi]
    pub fn read(&self, ticket: f64, keys_json: String, played: Option<bool>) -> napi::Result<()> {
        self.submit(ticket, move || {
            let messages = serde_json::from_str(&keys_json)
                .map_err(|_| PublicError::new(ErrorCode::InvalidContent, "Only messages can be read or played."))?;
            Ok(Command::Read { messages, played: played.unwrap_or_default() })
        })
    }

    /// Changes the account's state: a JSON array of `Change`s.
    #[napi]
    pub fn change(&self, ticket: f64, changes_json: String, timeout: Option<f64>) -> napi::Result<()> {
        self.submit(ticket, move || {
            let changes = serde_json::from_str(&changes_json)
                .map_err(|_| PublicError::new(ErrorCode::InvalidChange, "change() takes plain objects."))?;
            Ok(Command::Change { changes, timeout: timeout.map(|timeout| timeout as u64) })
        })
    }

    /// Offers to be paired by a code that is typed into the phone with this number.
    #[napi]
    pub fn pairing_code(&self, ticket: f64, phone: String, code: Option<String>) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::PairingCode { phone, code }))
    }

    /// Finds both addresses of a person.
    #[napi]
    pub fn resolve(&self, ticket: f64, who: String) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::Resolve { who }))
    }

    /// Answers an `ask` event; without JSON there is no answer.
    #[napi]
    pub fn tell(&self, ask: String, answer_json: Option<String>) -> napi::Result<()> {
        self.with_client(|client| {
            client.tell(&ask, answer_json.and_then(|json| serde_json::from_str(&json).ok()));
            Ok(())
        })
    }

    /// Uploads a file that is `{ kind, … }`: bytes, a path, a URL, or what [`NativeClient::give`] gives.
    #[napi]
    pub fn upload(
        &self,
        ticket: f64,
        about_json: String,
        bytes: Option<Uint8Array>,
        path: Option<String>,
        url: Option<String>,
    ) -> napi::Result<()> {
        self.submit(ticket, || {
            let source = match (bytes, path, url) {
                // Copied: the program may change its buffer while the file is on its way.
                (Some(bytes), ..) => Source::Bytes(bytes.to_vec()),
                (_, Some(path), _) => Source::Path(path.into()),
                (_, _, Some(url)) => Source::Url(url),
                _ => Source::Stream,
            };
            Ok(Command::Upload { source, about: read_content(&about_json)? })
        })
    }

    /// Downloads the file of a message, into `path` if there is one.
    #[napi]
    pub fn download(&self, ticket: f64, request_json: String) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::Download { request: read_content(&request_json)? }))
    }

    /// Gives the next piece of a file that is uploaded; nothing is its end.
    #[napi]
    pub fn give(&self, ticket: f64, piece: Option<Uint8Array>) -> napi::Result<()> {
        self.with_client(|client| {
            client.give(ticket as u64, piece.map(|piece| piece.to_vec()));
            Ok(())
        })
    }

    /// JavaScript has taken a piece of a file that is downloaded.
    #[napi]
    pub fn taken(&self, ticket: f64) -> napi::Result<()> {
        self.with_client(|client| {
            client.taken(ticket as u64);
            Ok(())
        })
    }

    /// Asks the phone for older messages: `{ chat, count?, before?, timeout? }`.
    #[napi]
    pub fn fetch_history(&self, ticket: f64, request_json: String) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::FetchHistory { request: read_content(&request_json)? }))
    }

    /// Asks the archive: a question of `js/archive.ts` as JSON.
    #[napi]
    pub fn archive(&self, ticket: f64, query_json: String) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::Archive { query: read_content(&query_json)? }))
    }

    /// Calls the method `area.name` with arguments as JSON.
    #[napi]
    pub fn request(&self, ticket: f64, method: String, args_json: String, timeout: Option<f64>) -> napi::Result<()> {
        self.submit(ticket, || {
            let args = serde_json::from_str(&args_json)
                .map_err(|_| PublicError::new(ErrorCode::InvalidArgument, "The arguments are not plain values."))?;
            Ok(Command::Request { method, args, timeout: timeout.map(|millis| millis as u64) })
        })
    }

    /// Begins to give out the stanzas that a pattern names, or ends it.
    #[napi]
    pub fn watch(&self, number: u32, pattern_json: Option<String>) -> napi::Result<()> {
        self.with_client(|client| {
            let pattern = pattern_json.map(|json| serde_json::from_str(&json)).transpose();
            let pattern = pattern
                .map_err(|_| PublicError::new(ErrorCode::InvalidArgument, "The pattern is not a plain object."))?;
            client.watch(number, pattern)
        })
    }

    /// Takes over the session of Baileys in a folder; done with what came of it.
    #[napi]
    pub fn import_baileys(&self, ticket: f64, folder: String) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::ImportBaileys { folder: folder.into() }))
    }

    /// Writes the session into a folder for a version of Baileys; done with what was written.
    #[napi]
    pub fn export_baileys(&self, ticket: f64, folder: String, version: Option<String>) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::ExportBaileys { folder: folder.into(), version }))
    }

    /// Closes the connection and keeps the session.
    #[napi]
    pub fn disconnect(&self, ticket: f64) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::Disconnect))
    }

    /// Unlinks the device and wipes the session.
    #[napi]
    pub fn logout(&self, ticket: f64) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::Logout))
    }

    /// Gives up a ticket; it fails with `ABORTED`.
    #[napi]
    pub fn abort(&self, ticket: f64) -> napi::Result<()> {
        self.with_client(|client| {
            client.abort(ticket as u64);
            Ok(())
        })
    }

    /// JavaScript has dispatched one batch: `count` inbox events, the last of them number `seq`. It confirms them but for
    /// those that are `held`: [`NativeClient::finished`] follows for each.
    #[napi]
    pub fn delivered(&self, seq: f64, count: u32, held: Option<Vec<f64>>) -> napi::Result<()> {
        guard(|| {
            if count > 0 {
                let held: Vec<u64> = held.unwrap_or_default().into_iter().map(|number| number as u64).collect();
                self.confirm.delivered_but(seq as u64, count as usize, &held);
            }
            self.window.add_permits(1);
            Ok(())
        })
    }

    /// Ends the holding of inbox events. What was `taken` is confirmed; what was `begun`, or not even that (`left`), comes
    /// again at the next opening of the session.
    #[napi]
    pub fn finished(&self, seqs: Vec<f64>, outcome: String) -> napi::Result<()> {
        guard(|| {
            let outcome = match outcome.as_str() {
                "taken" => event::Outcome::Taken,
                "begun" => event::Outcome::Begun,
                _ => event::Outcome::NotBegun,
            };
            let numbers: Vec<u64> = seqs.into_iter().map(|number| number as u64).collect();
            self.confirm.finished(&numbers, outcome);
            Ok(())
        })
    }

    /// A handler threw on an event that is held, and will be called with it once more.
    #[napi]
    pub fn retried(&self, seq: f64) -> napi::Result<()> {
        guard(|| {
            self.confirm.retried(seq as u64);
            Ok(())
        })
    }

    /// Completes the files that show the session to Baileys.
    #[napi]
    pub fn flush_auth(&self, ticket: f64) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::FlushAuth))
    }

    /// Values of the auth state that the session is: an object from file to JSON.
    #[napi]
    pub fn get_auth(&self, ticket: f64, files: Vec<String>) -> napi::Result<()> {
        self.submit(ticket, move || Ok(Command::GetAuth { files }))
    }

    /// Removes the session, which is not open.
    #[napi]
    pub fn wipe_auth(&self, ticket: f64) -> napi::Result<()> {
        self.submit(ticket, || Ok(Command::WipeAuth))
    }

    /// Puts values of an auth state into the session: an object from file to JSON, or to null.
    #[napi]
    pub fn set_auth(&self, ticket: f64, values_json: String, anyway: Option<bool>) -> napi::Result<()> {
        self.submit(ticket, move || {
            let values = serde_json::from_str(&values_json)
                .map_err(|_| PublicError::new(ErrorCode::InvalidArgument, "The values are not an object of texts."))?;
            Ok(Command::SetAuth { values, anyway: anyway.unwrap_or_default() })
        })
    }

    /// Answers a question about keys: what was asked for in JSON, or why there is no answer.
    #[napi]
    pub fn answer_keys(&self, number: f64, answer: Option<String>, refusal: Option<String>) {
        if let Some(bridge) = &self.bridge {
            bridge.answer(number as u64, refusal.map_or_else(|| Ok(answer.unwrap_or_default()), Err));
        }
    }

    /// `{ state, user }` as JSON.
    #[napi]
    pub fn status(&self) -> napi::Result<String> {
        self.with_client(|client| to_json(&client.status()))
    }

    /// `Stats` as JSON.
    #[napi]
    pub fn stats(&self) -> napi::Result<String> {
        self.with_client(|client| to_json(&client.stats()))
    }

    /// Drops the session's task now instead of at garbage collection. Every later call fails.
    #[napi]
    pub fn close(&self) -> napi::Result<()> {
        guard(|| {
            drop(self.client.lock().unwrap_or_else(PoisonError::into_inner).take());
            Ok(())
        })
    }

    fn submit(&self, ticket: f64, command: impl FnOnce() -> Result<Command, PublicError>) -> napi::Result<()> {
        self.with_client(|client| self.span.in_scope(|| client.submit(ticket as u64, command()?)))
    }

    fn with_client<T>(&self, act: impl FnOnce(&Client) -> Result<T, PublicError>) -> napi::Result<T> {
        guard(|| {
            let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
            act(&client.ok_or_else(|| PublicError::new(ErrorCode::NotConnected, "The client was closed."))?)
        })
    }
}

/// Questions about keys go past the events: the session waits for them.
fn bridge(on_keys: Function<'_, FnArgs<(f64, String)>, ()>) -> napi::Result<Arc<Bridge>> {
    let builder = on_keys.build_threadsafe_function::<(u64, String)>().weak::<true>().callee_handled::<false>();
    let call = builder.build_callback(|context: ThreadsafeCallContext<(u64, String)>| {
        let (number, question) = context.value;
        Ok(FnArgs::from((number as f64, question)))
    })?;
    Ok(Arc::new(Bridge::new(move |number, question| {
        call.call((number, question), ThreadsafeFunctionCallMode::NonBlocking) == napi::Status::Ok
    })))
}

fn read_content(json: &str) -> Result<serde_json::Value, PublicError> {
    serde_json::from_str(json)
        .map_err(|_| PublicError::new(ErrorCode::InvalidContent, "The content is not a plain object."))
}

/// Runs on JavaScript's thread.
fn to_args(context: ThreadsafeCallContext<Batch>) -> napi::Result<BatchArgs> {
    let Batch { events, raw } = context.value;
    // Copied: below a megabyte that is cheaper than an external buffer with its finalizer.
    let raw = if raw.is_empty() { None } else { Some(BufferSlice::copy_from(&context.env, raw)?) };
    Ok(FnArgs::from((events, raw)))
}

impl Drop for NativeClient {
    /// Nobody will give batches back any more: lets the pump end instead of waiting for that.
    fn drop(&mut self) {
        self.window.close();
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<String, PublicError> {
    serde_json::to_string(value).map_err(|error| PublicError::new(ErrorCode::Internal, error.to_string()))
}
