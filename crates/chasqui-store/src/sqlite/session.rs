//! One open session: what it has submitted, and what its reads have to wait for.
//!
//! **Read your writes.** Submitted keys are remembered (as hashes, until their batch is committed); a read that touches
//! one waits for that commit, any other goes straight to the file. Scans wait for everything submitted.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use chasqui_archive as archive;
use tokio::sync::{oneshot, watch};

use super::Backend;
use super::queue::{Apply, Job, Queue, Release};
use crate::{Batch, BoxFuture, Commit, Found, Key, MAX_BATCH_BYTES, Op, Page, SessionStore, StoreError, lock};

/// From here on [`SessionStore::ready`] waits ...
const READY_BATCHES: u64 = 1024;
const READY_BYTES: usize = 8 << 20;
/// ... and from here on batches are refused. One batch of the largest size always fits.
const HARD_BATCHES: u64 = 32 * READY_BATCHES;
const HARD_BYTES: usize = 4 * MAX_BATCH_BYTES;
/// A batch of more operations is not remembered key by key: reads simply wait for it.
const REMEMBERED_OPS: usize = 256;
/// Messages of the archive that are wiped in one transaction.
const PURGED_AT_ONCE: u32 = 2048;

#[derive(Default)]
struct State {
    /// Batches submitted and completed so far; a batch's number is the count with itself.
    submitted: u64,
    completed: u64,
    unfinished_bytes: usize,
    /// The hash of each key in an unfinished batch, with the last such batch's number.
    keys: HashMap<u64, u64>,
    /// The last batch that touches more than its keys.
    sweeping: u64,
    /// Whether batches may write to the archive.
    archive: bool,
    poison: Option<Poison>,
    lost: bool,
    closed: bool,
}

/// Why the caller's memory is ahead of the store, and the number of the last batch from before.
struct Poison {
    after: u64,
    cause: Arc<str>,
}

impl State {
    fn poison(&mut self, after: u64, error: &StoreError) {
        if self.poison.as_ref().is_none_or(|poison| poison.after > after) {
            self.poison = Some(Poison { after, cause: error.to_string().into() });
        }
    }
}

/// What the writer and the handle share.
pub(super) struct Core {
    pub(super) id: i64,
    pub(super) token: i64,
    name: String,
    state: Mutex<State>,
    completed: watch::Sender<u64>,
    lost: watch::Sender<bool>,
    wanted: watch::Sender<bool>,
    released: watch::Sender<Option<Result<(), StoreError>>>,
}

fn hash(key: &Key) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The key hashes of a batch; `None` when it touches more than a few keys.
fn hashes(batch: &Batch) -> Option<impl Iterator<Item = u64>> {
    let key = |op: &Op| match op {
        Op::Put(key, _) | Op::Delete(key) => Some(hash(key)),
        Op::DeleteNamespace(_) | Op::DeleteAll | Op::Archive(_) => None,
    };
    // What is asked of the archive waits for everything, so its operations have no keys.
    let sweeps = |op: &Op| matches!(op, Op::DeleteNamespace(_) | Op::DeleteAll);
    let few = batch.len() <= REMEMBERED_OPS && !batch.ops().iter().any(sweeps);
    few.then(|| batch.ops().iter().filter_map(key))
}

impl Core {
    pub(super) fn new(id: i64, token: i64, name: String) -> Self {
        Self {
            id,
            token,
            name,
            state: Mutex::default(),
            completed: watch::Sender::new(0),
            lost: watch::Sender::new(false),
            wanted: watch::Sender::new(false),
            released: watch::Sender::new(None),
        }
    }

    /// Whether the handle may be used.
    fn check(&self, state: &State) -> Result<(), StoreError> {
        if state.closed {
            return Err(StoreError::Closed { session: self.name.clone() });
        }
        self.check_healthy(state, u64::MAX)
    }

    fn check_healthy(&self, state: &State, number: u64) -> Result<(), StoreError> {
        if state.lost {
            return Err(self.lease_lost());
        }
        match &state.poison {
            Some(Poison { after, cause }) if number > *after => {
                Err(StoreError::Poisoned { session: self.name.clone(), cause: cause.clone() })
            }
            _ => Ok(()),
        }
    }

    /// What the writer asks before it applies a batch: the handle may have been poisoned since its submission. (A
    /// closed handle's last batches still count.)
    pub(super) fn check_submitted(&self, number: u64) -> Result<(), StoreError> {
        self.check_healthy(&lock(&self.state), number)
    }

    pub(super) fn lease_lost(&self) -> StoreError {
        StoreError::LeaseLost { session: self.name.clone() }
    }

    /// The lease is somebody else's: every later call fails.
    pub(super) fn lose(&self) {
        lock(&self.state).lost = true;
        self.lost.send_replace(true);
    }

    /// Somebody wishes for the end of the lease.
    pub(super) fn want(&self) {
        self.wanted.send_replace(true);
    }

    /// A batch is through, for better or worse.
    pub(super) fn complete(&self, number: u64, batch: &Batch, result: &Result<(), StoreError>) {
        let mut state = lock(&self.state);
        state.completed = number;
        state.unfinished_bytes = state.unfinished_bytes.saturating_sub(batch.bytes());
        if state.completed == state.submitted {
            state.keys.clear();
        } else if let Some(hashes) = hashes(batch) {
            for hash in hashes {
                if state.keys.get(&hash) == Some(&number) {
                    state.keys.remove(&hash);
                }
            }
        }
        if let Err(error) = result {
            state.poison(number, error);
        }
        drop(state);
        self.completed.send_replace(number);
    }

    pub(super) fn released(&self, result: Result<(), StoreError>) {
        self.released.send_if_modified(|released| {
            let first = released.is_none();
            released.get_or_insert(result);
            first
        });
    }
}

/// The right to a session, released when dropped.
pub(super) struct Lease {
    core: Arc<Core>,
    queue: Arc<Queue>,
}

impl Lease {
    pub(super) fn new(core: Arc<Core>, queue: Arc<Queue>) -> Self {
        Self { core, queue }
    }

    fn release(&self) {
        if !std::mem::replace(&mut lock(&self.core.state).closed, true) {
            drop(self.queue.push(Job::Release(Release::new(self.core.clone()))));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.release();
    }
}

/// The handle. The lease goes first: its release needs the backend's writer.
pub(super) struct SqliteSession {
    lease: Lease,
    backend: Arc<Backend>,
}

impl SqliteSession {
    pub(super) fn new(lease: Lease, backend: Arc<Backend>) -> Self {
        Self { lease, backend }
    }

    fn core(&self) -> &Core {
        &self.lease.core
    }

    fn submit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let core = &self.lease.core;
        let mut state = lock(&core.state);
        core.check(&state)?;
        let bytes = batch.bytes();
        let refused = if bytes > MAX_BATCH_BYTES {
            Some(StoreError::TooLarge { bytes })
        } else if state.submitted - state.completed >= HARD_BATCHES || state.unfinished_bytes + bytes > HARD_BYTES {
            Some(StoreError::Overloaded { session: core.name.clone() })
        } else if !state.archive && batch.has_archive() {
            Some(StoreError::NoArchive)
        } else {
            None
        };
        if let Some(error) = refused {
            let after = state.submitted;
            state.poison(after, &error);
            return Err(error);
        }
        state.submitted += 1;
        state.unfinished_bytes += bytes;
        let number = state.submitted;
        match hashes(&batch) {
            Some(hashes) => state.keys.extend(hashes.map(|hash| (hash, number))),
            None => state.sweeping = number,
        }
        let (committer, commit) = Commit::pending();
        let job = Job::Apply(Apply::new(core.clone(), number, batch, committer));
        // Under the state's lock, so that numbers and queue have one order.
        let rejected = self.backend.queue.push(job);
        drop(state);
        drop(rejected);
        Ok(commit)
    }

    /// Waits until that many batches are through.
    async fn wait_for(&self, number: u64) {
        // The sender lives in the core that we hold.
        let _ = self.core().completed.subscribe().wait_for(|completed| *completed >= number).await;
    }

    /// Removes what the session has in an archive, be it open or not, in steps between which others can write.
    async fn purge_archive(&self) -> Result<(), StoreError> {
        if !self.backend.readers.has_archive().await? {
            return Ok(());
        }
        self.open_archive().await?;
        while self.ask_archive(archive::Query::Holds).await?.value == true {
            let mut batch = Batch::new();
            batch.archive(archive::Op::Purge { limit: PURGED_AT_ONCE });
            self.apply(batch).await?;
        }
        Ok(())
    }

    /// Waits for what a read has to see; says whether it may be made.
    async fn wait_to_read(&self, number: u64) -> Result<(), StoreError> {
        if number > 0 {
            self.wait_for(number).await;
        }
        self.core().check(&lock(&self.core().state))
    }
}

impl SessionStore for SqliteSession {
    fn read(&self, keys: &[Key], pages: &[Page]) -> BoxFuture<'_, Result<Found, StoreError>> {
        let state = lock(&self.core().state);
        let number = match (pages.is_empty(), state.keys.is_empty()) {
            (false, _) => state.submitted,
            (true, true) => state.sweeping,
            (true, false) => {
                let last = keys.iter().filter_map(|key| state.keys.get(&hash(key)).copied()).max();
                last.unwrap_or_default().max(state.sweeping)
            }
        };
        drop(state);
        let (keys, pages) = (keys.to_vec(), pages.to_vec());
        Box::pin(async move {
            self.wait_to_read(number).await?;
            self.backend.readers.read(self.core().id, keys, pages).await
        })
    }

    fn apply(&self, batch: Batch) -> Commit {
        self.submit(batch).unwrap_or_else(|error| Commit::done(Err(error)))
    }

    fn ready(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.backend.queue.wait_for_room(|| {
            let state = lock(&self.core().state);
            state.submitted - state.completed < READY_BATCHES && state.unfinished_bytes < READY_BYTES
        }))
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let all = || {
            let mut batch = Batch::new();
            batch.delete_all();
            self.apply(batch)
        };
        // An open archive goes first: cut off in between, the session is still there to be wiped again.
        let archive = lock(&self.core().state).archive;
        let first = (!archive).then(all);
        Box::pin(async move {
            match first {
                Some(wiped) => {
                    wiped.await?;
                    self.purge_archive().await
                }
                None => {
                    self.purge_archive().await?;
                    all().await
                }
            }
        })
    }

    fn open_archive(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async {
            self.core().check(&lock(&self.core().state))?;
            let (reply, opened) = oneshot::channel();
            drop(self.backend.queue.push(Job::Archive { reply }));
            opened.await.unwrap_or_else(|_| Err(StoreError::failed("the writer has ended")))?;
            lock(&self.core().state).archive = true;
            Ok(())
        })
    }

    fn ask_archive(&self, query: archive::Query) -> BoxFuture<'static, Result<archive::Found, StoreError>> {
        let core = self.lease.core.clone();
        let number = {
            let state = lock(&core.state);
            let refused = match core.check(&state) {
                Ok(()) if !state.archive => Some(StoreError::NoArchive),
                checked => checked.err(),
            };
            if let Some(error) = refused {
                return Box::pin(std::future::ready(Err(error)));
            }
            state.submitted
        };
        let backend = self.backend.clone();
        Box::pin(async move {
            let _ = core.completed.subscribe().wait_for(|completed| *completed >= number).await;
            core.check(&lock(&core.state))?;
            backend.readers.ask_archive(core.id, query).await
        })
    }

    fn resync(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let number = lock(&self.core().state).submitted;
        Box::pin(async move {
            self.wait_for(number).await;
            let mut state = lock(&self.core().state);
            state.poison = None;
            self.core().check(&state)
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.lease.release();
        Box::pin(async {
            let mut released = self.core().released.subscribe();
            match released.wait_for(Option::is_some).await.map(|result| result.clone()) {
                Ok(Some(result)) => result,
                _ => Err(StoreError::failed("the writer has ended")),
            }
        })
    }

    fn lost(&self) -> BoxFuture<'static, ()> {
        crate::until_true(self.core().lost.subscribe())
    }

    fn wanted(&self) -> BoxFuture<'static, ()> {
        crate::until_true(self.core().wanted.subscribe())
    }
}
