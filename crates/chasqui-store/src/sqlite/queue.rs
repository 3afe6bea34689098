//! The way from the session handles to the writer: in order, and bounded.
//!
//! Submitting never blocks, so the bound is kept by the submitters: [`Queue::wait_for_room`] is what
//! [`crate::SessionStore::ready`] awaits, and a session that goes far beyond its own bound is refused.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::claim::Claim;
use super::session::{Core, Lease};
use crate::{Batch, Committer, Holder, StoreError, lock};

/// One transaction holds at most this many jobs ...
const GROUP_JOBS: usize = 4096;
/// ... and is not extended beyond this many bytes.
const GROUP_BYTES: usize = 16 << 20;
/// All sessions of a file together wait for room from this many uncommitted batches ...
const FILE_JOBS: usize = 16_384;
/// ... or bytes on.
const FILE_BYTES: usize = 64 << 20;

/// What the writer is asked for.
pub(super) enum Job {
    Apply(Apply),
    Open { name: String, holder: Holder, claim: Option<Claim>, reply: oneshot::Sender<Result<Opening, StoreError>> },
    Withdraw(Claim),
    Release(Release),
    Names { reply: oneshot::Sender<Result<Vec<String>, StoreError>> },
    Archive { reply: oneshot::Sender<Result<(), StoreError>> },
}

/// What became of an attempt to open a session.
pub(super) enum Opening {
    Open(Lease),
    /// The holder of the lease with this token was asked for it; the error is for when that is in vain.
    Asked(i64, StoreError),
}

impl Job {
    fn bytes(&self) -> usize {
        match self {
            Self::Apply(apply) => apply.batch.bytes(),
            _ => 0,
        }
    }
}

/// A submitted batch. Dropped unfinished (the writer has died), it fails.
pub(super) struct Apply {
    pub(super) core: Arc<Core>,
    /// Its place among the session's submissions.
    pub(super) number: u64,
    pub(super) batch: Batch,
    committer: Option<Committer>,
}

impl Apply {
    pub(super) fn new(core: Arc<Core>, number: u64, batch: Batch, committer: Committer) -> Self {
        Self { core, number, batch, committer: Some(committer) }
    }

    /// Tells the session, then the submitter.
    pub(super) fn finish(mut self, result: Result<(), StoreError>) {
        self.set(result);
    }

    fn set(&mut self, result: Result<(), StoreError>) {
        if let Some(committer) = self.committer.take() {
            self.core.complete(self.number, &self.batch, &result);
            committer.set(result);
        }
    }
}

impl Drop for Apply {
    fn drop(&mut self) {
        self.set(Err(StoreError::failed("the writer has ended")));
    }
}

/// A handle that is done. Dropped unfinished, the release failed.
pub(super) struct Release(Arc<Core>);

impl Release {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.0
    }

    pub(super) fn finish(self, result: Result<(), StoreError>) {
        self.0.released(result);
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        self.0.released(Err(StoreError::failed("the writer has ended")));
    }
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Submitted and not yet finished, including the group in work.
    unfinished: usize,
    unfinished_bytes: usize,
    /// The last handle is gone: the writer finishes and goes.
    ending: bool,
    /// The writer is gone.
    ended: bool,
}

/// The jobs of one file.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    room: Notify,
}

/// A group of jobs for one transaction, with the count to be given back.
pub(super) struct Group {
    pub(super) jobs: Vec<Job>,
    bytes: usize,
}

impl Queue {
    /// Adds a job at the end. After the writer's end the job comes back; dropping it fails it.
    pub(super) fn push(&self, job: Job) -> Option<Job> {
        let mut waiting = lock(&self.waiting);
        if waiting.ended {
            return Some(job);
        }
        waiting.unfinished += 1;
        waiting.unfinished_bytes += job.bytes();
        waiting.jobs.push_back(job);
        if waiting.jobs.len() == 1 {
            self.arrived.notify_one();
        }
        None
    }

    /// The next group: at once if there is any job; empty after `patience`; `None` when the last job of an ending queue
    /// was taken.
    pub(super) fn take(&self, patience: Option<Duration>) -> Option<Group> {
        let mut waiting = lock(&self.waiting);
        if waiting.jobs.is_empty() && !waiting.ending {
            waiting = match patience {
                None => self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                Some(time) => self.arrived.wait_timeout(waiting, time).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        if waiting.jobs.is_empty() && waiting.ending {
            return None;
        }
        let (mut count, mut bytes) = (0, 0);
        for job in waiting.jobs.iter().take(GROUP_JOBS) {
            if count > 0 && bytes + job.bytes() > GROUP_BYTES {
                break;
            }
            bytes += job.bytes();
            count += 1;
        }
        Some(Group { jobs: waiting.jobs.drain(..count).collect(), bytes })
    }

    /// Gives a finished group's room back.
    pub(super) fn give_back(&self, jobs: usize, group: &Group) {
        let mut waiting = lock(&self.waiting);
        waiting.unfinished = waiting.unfinished.saturating_sub(jobs);
        waiting.unfinished_bytes = waiting.unfinished_bytes.saturating_sub(group.bytes);
        drop(waiting);
        self.room.notify_waiters();
    }

    /// Resolves when the file has room and `fits` agrees; both are looked at again after each group.
    pub(super) async fn wait_for_room(&self, fits: impl Fn() -> bool) {
        loop {
            let changed = self.room.notified();
            let has_room = {
                let waiting = lock(&self.waiting);
                waiting.ended || waiting.unfinished < FILE_JOBS && waiting.unfinished_bytes < FILE_BYTES
            };
            if has_room && fits() {
                return;
            }
            changed.await;
        }
    }

    /// No more will come.
    pub(super) fn end(&self) {
        lock(&self.waiting).ending = true;
        self.arrived.notify_one();
    }

    /// The writer is gone: what waits fails, and so does everything that still comes.
    pub(super) fn ended(&self) {
        let jobs = {
            let mut waiting = lock(&self.waiting);
            waiting.ended = true;
            std::mem::take(&mut waiting.jobs)
        };
        drop(jobs);
        self.room.notify_waiters();
    }
}
