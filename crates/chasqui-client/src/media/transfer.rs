//! One file on its way: a task, and its line to the session and to the program.

use std::{
    future::Future,
    io,
    sync::{Arc, LazyLock},
    time::Duration,
};

use chasqui_error::{ErrorCode, PublicError};
use serde_json::Value;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{Semaphore, mpsc, oneshot},
    task::{AbortHandle, JoinSet},
    time::Instant,
};

use super::{
    Inputs, again, cache,
    hosts::{self, Hosts},
};
use crate::{
    Reply,
    actor::Input,
    error,
    event::{Event, EventSender},
};

/// Transfers under way at once in this process; further ones wait for their turn.
const AT_ONCE: usize = 32;
static SLOTS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Pieces of a download that the program may have in hand.
const AHEAD: usize = 8;
/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(100);

/// Threads for files: encryption and disk are slow enough to hold up every session that shared one with them.
static THREADS: LazyLock<io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).thread_name("chasqui-media").enable_all().build());

/// A piece of a file that the program gives: bytes, or its end.
pub(crate) type Piece = Option<Vec<u8>>;

/// What a transfer says to the session.
pub(crate) enum News {
    /// It wants to know the hosts; those that it was told before do not do.
    Hosts { stale: Option<Arc<Hosts>>, answer: hosts::Answer },
    /// It wants the phone to upload its file again.
    Again { wanted: Box<again::Wanted>, answer: again::Answer },
    /// It wants to know whether its file is at the hosts already.
    Known { what: cache::What, answer: cache::Answer },
    /// It begins to upload a file, or has done so.
    Uploaded { what: cache::What, now: cache::Known },
    /// It has ended.
    Done(Result<Value, PublicError>),
}

/// The session's hold on a transfer; dropped, the transfer ends and leaves nothing behind.
pub(crate) struct Handle {
    task: AbortHandle,
    pieces: mpsc::Sender<Piece>,
    taken: Arc<Semaphore>,
}

impl Handle {
    pub fn give(&self, piece: Piece) {
        // One piece is asked for at a time: what comes unasked does not fit and is not taken.
        let _ = self.pieces.try_send(piece);
    }

    pub fn taken(&self) {
        if self.taken.available_permits() < AHEAD {
            self.taken.add_permits(1);
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A transfer's line to the session and to the program.
pub(crate) struct Line {
    inputs: Inputs,
    /// `None` for a file that the session itself needs: the program is told nothing of it.
    events: Option<EventSender>,
    ticket: Reply,
    pieces: mpsc::Receiver<Piece>,
    taken: Arc<Semaphore>,
    /// For the handle.
    giver: Option<mpsc::Sender<Piece>>,
}

/// Starts a transfer.
pub(crate) fn start<F>(mut line: Line, run: impl FnOnce(Line) -> F + Send + 'static) -> Result<Handle, PublicError>
where
    F: Future<Output = Result<Value, PublicError>> + Send + 'static,
{
    let threads = THREADS.as_ref().map_err(no_thread)?;
    let pieces = line.giver.take().unwrap_or_else(|| unreachable!("a line is started once"));
    let (inputs, ticket, taken) = (line.inputs.clone(), line.ticket, line.taken.clone());
    let task = threads.spawn(async move {
        let _slot = SLOTS.acquire().await;
        let result = run(line).await;
        say(&inputs, ticket, News::Done(result));
    });
    Ok(Handle { task: task.abort_handle(), pieces, taken })
}

/// Does work with a file that the session itself needs on the threads for files; dropped, it ends.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl Future<Output = Result<T, PublicError>> + Send + 'static,
) -> Result<T, PublicError> {
    let threads = THREADS.as_ref().map_err(no_thread)?;
    let mut task = JoinSet::new();
    task.spawn_on(
        async move {
            let _slot = SLOTS.acquire().await;
            work.await
        },
        threads.handle(),
    );
    match task.join_next().await {
        Some(Ok(done)) => done,
        _ => Err(PublicError::new(ErrorCode::Internal, "The work with a file ended early.")),
    }
}

fn no_thread(error: &io::Error) -> PublicError {
    PublicError::new(ErrorCode::Internal, format!("No thread could be started: {error}."))
}

fn say(inputs: &Inputs, ticket: Reply, news: News) {
    if let Some(inputs) = inputs.upgrade() {
        // The session has ended otherwise, and with it whoever waits.
        let _ = inputs.send(Input::Transfer(ticket, news));
    }
}

impl Line {
    pub fn new(inputs: Inputs, events: EventSender, ticket: Reply) -> Self {
        Self { events: Some(events), ..Self::own(inputs, ticket) }
    }

    /// For what the session itself needs.
    pub fn own(inputs: Inputs, ticket: Reply) -> Self {
        let (giver, pieces) = mpsc::channel(1);
        let events = None;
        Self { inputs, events, ticket, pieces, taken: Arc::new(Semaphore::new(AHEAD)), giver: Some(giver) }
    }

    /// The present hosts; others than `stale`, with which something was refused.
    pub async fn hosts(&self, stale: Option<&Arc<Hosts>>) -> Result<Arc<Hosts>, PublicError> {
        let (answer, told) = oneshot::channel();
        say(&self.inputs, self.ticket, News::Hosts { stale: stale.cloned(), answer });
        told.await.unwrap_or_else(|_| Err(error::disconnected()))
    }

    /// The direct path of a file that was uploaded again.
    pub async fn again(&self, wanted: again::Wanted) -> Result<String, PublicError> {
        let (answer, told) = oneshot::channel();
        say(&self.inputs, self.ticket, News::Again { wanted: Box::new(wanted), answer });
        match tokio::time::timeout(again::PATIENCE, told).await {
            Ok(told) => told.unwrap_or_else(|_| Err(error::disconnected())),
            Err(_) => {
                let message = "The hosts do not have the file any more, and the phone did not answer.";
                Err(PublicError::new(ErrorCode::MediaGone, message))
            }
        }
    }

    /// What is known of a file from before.
    pub async fn uploaded(&self, what: cache::What) -> Option<cache::Known> {
        let (answer, told) = oneshot::channel();
        say(&self.inputs, self.ticket, News::Known { what, answer });
        told.await.ok().flatten()
    }

    /// Lets the session know it for later.
    pub fn keep_upload(&self, what: cache::What, now: cache::Known) {
        say(&self.inputs, self.ticket, News::Uploaded { what, now });
    }

    /// The next piece of a file that the program is the source of; `None` at its end.
    pub async fn piece(&mut self) -> Result<Piece, PublicError> {
        self.emit(Event::Pull { ticket: self.ticket });
        // The handle holds the other end, and ends this task when it goes.
        Ok(self.pieces.recv().await.flatten())
    }

    /// Gives the program a piece of the file, as soon as it has taken enough of those before.
    pub async fn give(&self, bytes: Vec<u8>) {
        if let Ok(permit) = self.taken.acquire().await {
            permit.forget();
            self.emit(Event::Piece { ticket: self.ticket, bytes });
        }
    }

    fn emit(&self, event: Event) {
        if let Some(events) = &self.events {
            events.emit(event);
        }
    }

    /// Counts what has passed.
    pub fn progress(&self, total: Option<u64>) -> Progress {
        Progress { events: self.events.clone(), ticket: self.ticket, total, bytes: 0, told: None }
    }
}

/// Tells the program how far a transfer is, not too often.
pub(crate) struct Progress {
    events: Option<EventSender>,
    ticket: Reply,
    total: Option<u64>,
    bytes: u64,
    told: Option<Instant>,
}

impl Progress {
    /// So many bytes are through in all.
    pub fn at(&mut self, bytes: u64) {
        self.bytes = bytes;
        let now = Instant::now();
        let done = self.total == Some(bytes);
        if done || self.told.is_none_or(|told| now.duration_since(told) >= PROGRESS) {
            self.told = Some(now);
            if let Some(events) = &self.events {
                events.emit(Event::Progress { ticket: self.ticket, bytes, total: self.total });
            }
        }
    }

    /// So many more.
    pub fn more(&mut self, bytes: usize) {
        self.at(self.bytes.saturating_add(bytes as u64));
    }
}
