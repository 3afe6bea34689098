//! History: what the phone has of the past, as a series of compressed blobs that it tells of.
//!
//! | File | |
//! | --- | --- |
//! | `blob` | verified bytes, decrypted, inflated and cut into parts |
//! | `walk` | the incremental reader of `HistorySync` |
//! | `part` | records, decoded |
//! | `apply` | what a part changes, and what the program is told of it |
//! | `plain` | what the program sees |
//! | `ask` | what the phone is asked for: older messages, and blobs that could not be had |
//!
//! ```text
//! notification ─► row of Namespace::History, with the receipt ─► download, verify ─► part ─► commit, tell ─► confirmed: row moves on
//! ```
//!
//! **The row stays until the program has confirmed the last part.** Beside it stands how many of the blob's records were
//! confirmed; after a restart the blob is fetched once more and goes on from there. So nothing of a blob is stored twice, and no part
//! is lost. A part that the program was given and did not confirm comes again, marked `redelivered`.
//!
//! One blob at a time for each session, in the order of arrival. One part is with the program and the next one is made
//! meanwhile: no further, whatever the size of the blob. Work is done on the threads for files. Source: 06-history-sync.

mod apply;
mod ask;
mod blob;
mod part;
mod plain;
mod walk;

use std::{collections::HashMap, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::{Expected, MediaKey, MediaKind};
use chasqui_proto::{
    ProtoMessage,
    message::{HistorySyncNotification, HistorySyncType},
};
use chasqui_store::{BoxFuture, Key, Namespace};
use tokio::time::Instant;

pub use plain::*;

#[doc(hidden)]
pub use blob::read_blob;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub use blob::read_deflated;

use crate::{
    actor::{Actor, Effect, Fault},
    connection::unix_now_ms,
    event::Event,
    media::{self, Remote},
    options::HistoryMode,
    receive::Envelope,
};

use ask::Requests;
use blob::{Blob, BlobError, Bytes};
use part::Part;

/// The largest blob that is downloaded, in bytes.
const MAX_BLOB: u64 = 256 << 20;
/// How often a download is tried before the phone is asked for the blob again, and the pause before the second time.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// What the program has asked for.
const ON_DEMAND: &str = "on-demand";
/// How often a part may be given in vain, in runs of the program, before it is passed over.
const MAX_RUNS: u32 = 5;

/// A blob that is to be worked off, as it is stored.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
struct Row {
    /// Id of the message that told of it.
    #[prost(string, tag = "1")]
    id: String,
    /// `HistorySyncNotification`.
    #[prost(bytes = "vec", tag = "2")]
    notification: Vec<u8>,
}

/// How far the first of the blobs is, as it is stored.
#[derive(Clone, PartialEq, prost::Message)]
struct Progress {
    /// Its row.
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    /// Records and parts of it that the program has confirmed.
    #[prost(uint64, tag = "2")]
    confirmed: u64,
    #[prost(uint32, tag = "3")]
    parts: u32,
    /// Runs in which the part after those was given, or about to be.
    #[prost(uint32, tag = "4")]
    runs: u32,
}

/// What the session knows of its history.
pub(crate) struct History {
    /// There may be rows.
    wanted: bool,
    /// When the newest row of this run came, in milliseconds; each a little later than the one before.
    newest: u64,
    /// Not before this time.
    due: Option<Instant>,
    attempts: u32,
    now: Option<Now>,
    /// What is done beside the session.
    pub work: Option<BoxFuture<'static, Box<Done>>>,
    /// Parts that were made and not given: at most one.
    made: usize,
    /// The one that is durable, and waits for its turn.
    ready: Option<Box<Ready>>,
    /// How far the blob is with the part that the program has.
    given: Option<Mark>,
    requests: Requests,
    /// There is a message to the phone that waits to be sent.
    asked: bool,
    /// How often the phone was asked for a blob again, by type and number.
    again: HashMap<(i32, u32), u32>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            wanted: true,
            newest: 0,
            due: None,
            attempts: 0,
            now: None,
            work: None,
            made: 0,
            ready: None,
            given: None,
            requests: Requests::default(),
            asked: false,
            again: HashMap::new(),
        }
    }
}

impl History {
    /// Everything is read anew; who waits for an answer of the phone still does.
    pub fn forget(&mut self) {
        let requests = std::mem::take(&mut self.requests);
        *self = Self { requests, newest: self.newest, ..Self::default() };
    }

    /// The key of a new row: rows are worked off in the order of arrival.
    fn next_key(&mut self, id: &str) -> Vec<u8> {
        self.newest = unix_now_ms().max(self.newest.saturating_add(1));
        [&self.newest.to_be_bytes()[..], id.as_bytes()].concat()
    }
}

/// The blob that is worked off.
struct Now {
    progress: Progress,
    /// Id of the message that told of it.
    id: String,
    notification: HistorySyncNotification,
    /// Waiting for its next part to be wanted; away while that is made.
    blob: Option<Box<Blob>>,
    /// Whether a part was made in this run.
    begun: bool,
    /// Parts that were made, in this run and before it.
    parts: u32,
    /// Messages, and whether there are more, for whoever asked.
    messages: u64,
    more: bool,
}

/// A part on its way to the program.
pub(crate) struct Ready {
    event: Event,
    mark: Mark,
}

/// How far a blob is told.
struct Mark {
    /// Its row. Another blob may be under way when the program confirms: this one may have turned out to be damaged.
    key: Vec<u8>,
    until: u64,
    parts: u32,
    last: bool,
}

/// What came of work beside the session.
pub(crate) enum Done {
    /// A blob is there.
    Fetched(Result<Box<Blob>, PublicError>),
    /// A part of it.
    Read(Box<Blob>, Result<Option<Part>, BlobError>),
}

fn progress_key() -> Key {
    Key::new(Namespace::Meta, "history")
}

fn kind_of(notification: &HistorySyncNotification) -> Option<HistorySyncType> {
    HistorySyncType::try_from(notification.sync_type?).ok()
}

fn name_of(notification: &HistorySyncNotification) -> &'static str {
    match kind_of(notification) {
        Some(HistorySyncType::InitialBootstrap) => "initial",
        Some(HistorySyncType::InitialStatusV3) => "status",
        Some(HistorySyncType::Full) => "full",
        Some(HistorySyncType::Recent) => "recent",
        Some(HistorySyncType::PushName) => "names",
        Some(HistorySyncType::OnDemand) => ON_DEMAND,
        _ => "other",
    }
}

/// Where a blob is; nothing without its key and hashes.
fn remote(notification: &HistorySyncNotification) -> Option<(Remote, MediaKey)> {
    let hash = |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(|bytes| bytes.try_into().ok());
    let key = MediaKey::from_slice(notification.media_key.as_deref()?).ok()?;
    let remote = Remote {
        kind: MediaKind::History,
        key: Some(key.clone()),
        direct_path: Some(notification.direct_path.clone().filter(|path| path.starts_with('/'))?),
        url: None,
        expected: Expected {
            file_sha256: Some(hash(&notification.file_sha256)?),
            file_enc_sha256: Some(hash(&notification.file_enc_sha256)?),
            file_length: notification.file_length,
            max_length: MAX_BLOB,
        },
    };
    Some((remote, key))
}

/// Makes the next part, on the threads for files.
async fn read_on(mut blob: Box<Blob>) -> Box<Done> {
    let read = media::aside(async move {
        let part = blob.next_part();
        Ok((blob, part))
    });
    Box::new(match read.await {
        Ok((blob, part)) => Done::Read(blob, part),
        Err(error) => Done::Fetched(Err(error)),
    })
}

impl Actor {
    /// The own phone tells of a blob: it is noted in the commit that the receipt waits for.
    pub(crate) fn on_history_notification(&mut self, envelope: &Envelope, notification: &HistorySyncNotification) {
        self.confirm_history(envelope);
        let Some(kind) = kind_of(notification) else { return };
        let request = notification.peer_data_request_session_id.as_deref();
        self.history.requests.answered(request);
        let mode = self.options.history;
        let wanted = match kind {
            // There is no blob.
            HistorySyncType::NoHistory | HistorySyncType::MessageAccessStatus => {
                self.finish_request(request, 0, false);
                false
            }
            HistorySyncType::Full => mode == HistoryMode::Full,
            // What the session itself needs is in the others.
            HistorySyncType::Recent | HistorySyncType::InitialStatusV3 => mode != HistoryMode::Off,
            _ => true,
        };
        if wanted {
            let row = Row { id: envelope.id.clone(), notification: notification.encode_to_vec() };
            let key = self.history.next_key(&envelope.id);
            self.turn.batch.put(Namespace::History, key, row.encode_to_vec());
            self.history.wanted = true;
        }
    }

    /// Does what is to be done next, if nothing is under way.
    pub(crate) async fn advance_history(&mut self) -> Result<(), Fault> {
        self.offer_history();
        if std::mem::take(&mut self.history.asked) {
            self.advance_jobs().await?;
            self.flush();
        }
        loop {
            let history = &mut self.history;
            if history.work.is_some() || history.made > 0 {
                return Ok(());
            }
            if let Some(now) = &mut history.now {
                if let Some(blob) = now.blob.take() {
                    history.work = Some(Box::pin(read_on(blob)));
                }
                return Ok(());
            }
            let due = history.due.is_none_or(|due| due <= Instant::now());
            if !history.wanted || !due || !self.is_open() || !self.has_store() {
                return Ok(());
            }
            self.history.due = None;
            // Scans see what was submitted.
            self.flush();
            let first = self.store()?.scan(Namespace::History, None, 1).await?;
            let Some((key, row)) = first.into_iter().next() else {
                self.history.wanted = false;
                return Ok(());
            };
            let progress = self.read(progress_key()).await?.and_then(|bytes| Progress::decode(bytes.as_slice()).ok());
            let fresh = || Progress { key: key.clone(), ..Progress::default() };
            self.begin_blob(progress.filter(|progress| progress.key == key).unwrap_or_else(fresh), &row);
            self.flush();
        }
    }

    /// When there is something to be done.
    pub(crate) fn history_deadline(&self) -> Option<Instant> {
        let due = self.history.due.filter(|_| self.is_open());
        due.into_iter().chain(self.history.requests.next_deadline()).min()
    }

    fn begin_blob(&mut self, progress: Progress, row: &[u8]) {
        let read = Row::decode(row).ok();
        let read = read.and_then(|row| Some((HistorySyncNotification::decode(&*row.notification).ok()?, row.id)));
        let Some((mut notification, id)) = read else {
            tracing::error!(session = %self.name, "a stored history notification cannot be read and was left out");
            self.turn.batch.delete(Namespace::History, progress.key);
            return;
        };
        let (skip, whole) = (progress.confirmed, self.options.wire);
        let in_vain = progress.runs >= MAX_RUNS;
        let inline = notification.initial_hist_bootstrap_inline_payload.take();
        let parts = progress.parts;
        let mut now = Now { progress, id, notification, blob: None, begun: false, parts, messages: 0, more: false };
        if in_vain {
            return self.lose_blob(now, "a part of it was given to the program several times, and never taken", false);
        }
        if let Some(bytes) = inline {
            let compressed = bytes.len() as u64;
            now.blob = Some(Box::new(Blob::new(Bytes::Inline(bytes), compressed, skip, whole)));
        } else if let Some((remote, key)) = remote(&now.notification) {
            let length = remote.expected.file_length.unwrap_or(0);
            let fetcher = self.fetcher();
            self.history.work = Some(Box::pin(async move {
                let file = match fetcher {
                    Ok(fetcher) => fetcher.fetch_sealed(remote).await,
                    Err(error) => Err(error),
                };
                let blob = file.map(|file| Box::new(Blob::new(Bytes::Sealed(file, key), length, skip, whole)));
                Box::new(Done::Fetched(blob))
            }));
        } else {
            return self.lose_blob(now, "its notification does not say where it is", false);
        }
        self.history.now = Some(now);
    }

    /// Work beside the session has ended.
    pub(crate) async fn on_history_done(&mut self, done: Done) -> Result<(), Fault> {
        self.history.work = None;
        match done {
            Done::Fetched(Ok(blob)) => {
                self.history.attempts = 0;
                if let Some(now) = &mut self.history.now {
                    now.blob = Some(blob);
                }
            }
            Done::Fetched(Err(error)) => self.on_fetch_failed(&error),
            Done::Read(blob, Ok(Some(part))) => self.on_part(blob, part).await?,
            // It was read to its end before.
            Done::Read(_, Ok(None)) => {}
            Done::Read(_, Err(BlobError::File(error))) => {
                self.on_fetch_failed(&PublicError::new(ErrorCode::FileFailed, error.to_string()));
            }
            Done::Read(_, Err(error)) => {
                if let Some(now) = self.history.now.take() {
                    // Other bytes may do. Who sends a bomb is not asked for another.
                    let again = !matches!(error, BlobError::Bomb);
                    self.lose_blob(now, &error.to_string(), again);
                }
            }
        }
        Ok(())
    }

    fn on_fetch_failed(&mut self, error: &PublicError) {
        let Some(now) = self.history.now.take() else { return };
        let gone = matches!(error.code, ErrorCode::MediaGone | ErrorCode::MediaCorrupt | ErrorCode::MediaTooLarge);
        self.history.attempts += 1;
        if gone || self.history.attempts >= ATTEMPTS {
            self.history.attempts = 0;
            return self.lose_blob(now, &error.message, true);
        }
        tracing::warn!(session = %self.name, "a blob of history is tried again: {}", error.message);
        self.history.due = Some(Instant::now() + FIRST_PAUSE * 2u32.pow(self.history.attempts.saturating_sub(1)));
    }

    /// A blob cannot be had: the program is told, the phone may be asked for it, and the others go on.
    fn lose_blob(&mut self, now: Now, why: &str, again: bool) {
        let Now { progress, id, notification, .. } = now;
        let asked = again && self.ask_for_blob(&id, &notification);
        let rest = if asked { "; the phone was asked for it again" } else { "" };
        let why = why.trim_end_matches('.');
        let error = PublicError::new(ErrorCode::HistoryFailed, format!("A blob of history was lost: {why}{rest}."));
        let order = notification.chunk_order.unwrap_or(0);
        let error = error.with("type", name_of(&notification)).with("order", order).with("askedAgain", asked);
        match notification.peer_data_request_session_id.as_deref() {
            request if asked => self.history.requests.asked_again(request),
            request => self.fail_request(request, &error),
        }
        self.emit(Event::Error(error));
        self.turn.batch.delete(Namespace::History, progress.key);
        self.turn.batch.delete(Namespace::Meta, progress_key().bytes);
    }

    /// A part was read: what it changes is committed, then it is told.
    async fn on_part(&mut self, blob: Box<Blob>, mut part: Part) -> Result<(), Fault> {
        let Some(now) = &mut self.history.now else { return Ok(()) };
        let first = !std::mem::replace(&mut now.begun, true);
        let mut told = HistoryPart {
            kind: name_of(&now.notification),
            progress: part.progress.or(now.notification.progress),
            order: now.notification.chunk_order.unwrap_or(0),
            part: now.parts,
            last: part.last,
            request: now.notification.peer_data_request_session_id.clone(),
            redelivered: first && now.progress.runs > 0,
            unreadable: part.unreadable,
            ..HistoryPart::default()
        };
        now.parts += 1;
        now.blob = Some(blob).filter(|_| !part.last);
        let key = now.progress.key.clone();
        let mark = Mark { key, until: part.until, parts: now.parts, last: part.last };
        if first {
            // If the program dies of it, that is counted.
            now.progress.runs += 1;
            self.turn.batch.put(Namespace::Meta, progress_key().bytes, now.progress.encode_to_vec());
        }
        self.history.made += 1;
        let whole = std::mem::take(&mut part.whole);
        self.apply_part(part, &mut told).await?;
        self.archive_history(&told);
        if self.options.wire {
            told = told.with_fields(whole);
        }
        if let Some(now) = &mut self.history.now {
            now.messages += told.messages.len() as u64;
            now.more |= told.chats.iter().any(|chat| chat.more == Some(true));
        }
        if self.options.history == HistoryMode::Off && told.kind != ON_DEMAND {
            self.history.made = 0;
            self.move_on(mark);
            return Ok(());
        }
        let event = Event::History { seq: 0, history: Box::new(told) };
        self.turn.effects.push(Effect::History(Box::new(Ready { event, mark })));
        Ok(())
    }

    /// A part is durable.
    pub(crate) fn on_part_stored(&mut self, part: Box<Ready>) {
        self.history.ready = Some(part);
        self.offer_history();
    }

    /// Gives the program the part that is ready, once it has taken the one before.
    fn offer_history(&mut self) {
        if self.history.given.is_some() || !self.inbox.may_give() {
            return;
        }
        let Some(ready) = self.history.ready.take() else { return };
        let Ready { event, mark } = *ready;
        match self.events.offer(event) {
            Ok(number) => {
                self.inbox.note_history(number);
                self.history.given = Some(mark);
                self.history.made = 0;
            }
            Err(event) => self.history.ready = Some(Box::new(Ready { event: *event, mark })),
        }
    }

    /// The program has taken the part that it was given.
    pub(crate) fn on_part_taken(&mut self) {
        if let Some(mark) = self.history.given.take() {
            self.move_on(mark);
        }
    }

    /// Notes how far the blob is; it is done with after its last part.
    fn move_on(&mut self, mark: Mark) {
        let Mark { key, until, parts, last } = mark;
        let Some(now) = self.history.now.as_mut().filter(|now| now.progress.key == key) else { return };
        if !last {
            now.progress = Progress { confirmed: until, parts, runs: 1, ..now.progress.clone() };
            let progress = now.progress.encode_to_vec();
            self.turn.batch.put(Namespace::Meta, progress_key().bytes, progress);
            return;
        }
        let Some(Now { progress, notification, messages, more, .. }) = self.history.now.take() else { return };
        self.turn.batch.delete(Namespace::History, progress.key);
        self.turn.batch.delete(Namespace::Meta, progress_key().bytes);
        self.finish_request(notification.peer_data_request_session_id.as_deref(), messages, more);
    }
}
