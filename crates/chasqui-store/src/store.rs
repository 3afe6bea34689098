//! The interface: a [`Store`] is one database of many sessions, a [`SessionStore`] is one session held under a lease.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::{Batch, Holder, Key, Namespace, StoreError, archive};

/// A boxed future, for traits that are used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A record of a scan: key bytes and value.
pub type Record = (Vec<u8>, Vec<u8>);

/// A page of a namespace: at most `limit` records in key order, from the first key greater than `after`. A page shorter
/// than `limit` is the last one.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where the records are.
    pub namespace: Namespace,
    /// The key before the page; from the first one on without it.
    pub after: Option<Vec<u8>>,
    /// How many at most.
    pub limit: usize,
}

impl Page {
    /// The first page of a namespace.
    pub fn first(namespace: Namespace, limit: usize) -> Self {
        Self { namespace, after: None, limit }
    }
}

/// The values of keys, in their order.
pub type Values = Vec<Option<Vec<u8>>>;

/// What [`SessionStore::read`] finds: the value of each key, and the records of each page.
pub type Found = (Vec<Option<Vec<u8>>>, Vec<Vec<Record>>);

/// One database: a place where many sessions live.
pub trait Store: Send + Sync + 'static {
    /// Opens a session under an exclusive lease, creating it empty if there is none of that name.
    ///
    /// [`StoreError::Held`] when anybody else, this process included, has it open.
    fn open(&self, session: &str, holder: Holder) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>>;

    /// As [`open`](Self::open), but whoever has the session is asked to let it go ([`SessionStore::wanted`]) and waited
    /// for: at most for `patience`, by default for twice the time after which a holder without a sign of life loses its
    /// sessions. A free session is opened at once.
    ///
    /// The wish is for the end of the lease that is found: while it stands, nobody else gets the session, and a second
    /// one who wishes for it is refused at once. It falls with the future, also if that is dropped, and soon after the
    /// death of its process; whoever holds the session later is not asked.
    ///
    /// [`StoreError::Held`] names who still has the session, or is about to have it.
    fn take_over(
        &self,
        session: &str,
        holder: Holder,
        patience: Option<Duration>,
    ) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>>;

    /// The names of the sessions that hold any record, sorted.
    fn sessions(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>>;

    /// The values of these keys as they stand, also in a session that somebody has open; `None` by a store that cannot
    /// tell.
    fn glance(&self, session: &str, keys: &[Key]) -> BoxFuture<'_, Result<Option<Values>, StoreError>> {
        let _ = (session, keys);
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Where this is, for messages to people. Contains no secret.
    fn describe(&self) -> String;
}

/// One session under its lease. Dropping the handle releases the lease after what was submitted.
///
/// **Order.** Batches are applied in the order of the calls to [`apply`](Self::apply), whether or not their
/// [`Commit`]s are awaited. A read sees every batch submitted before it.
///
/// **Failure.** When a batch fails, the caller's memory is ahead of the store. The handle is then *poisoned*: that
/// batch, every batch queued behind it, and every call after it fail, until [`resync`](Self::resync) says that the
/// caller has thrown its memory away and will read again.
///
/// **Fencing.** Each batch is applied only while the lease is still ours; otherwise it fails with
/// [`StoreError::LeaseLost`], as does everything after it, and [`lost`](Self::lost) resolves.
pub trait SessionStore: Send + Sync + 'static {
    /// The values of these keys and the records of these pages, in their order; all from one moment.
    fn read(&self, keys: &[Key], pages: &[Page]) -> BoxFuture<'_, Result<Found, StoreError>>;

    /// The values of these keys, in their order; all from one moment.
    fn get_many(&self, keys: &[Key]) -> BoxFuture<'_, Result<Vec<Option<Vec<u8>>>, StoreError>> {
        let found = self.read(keys, &[]);
        Box::pin(async { Ok(found.await?.0) })
    }

    /// One [`Page`].
    fn scan(
        &self,
        namespace: Namespace,
        after: Option<&[u8]>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Record>, StoreError>> {
        let found = self.read(&[], &[Page { namespace, after: after.map(<[u8]>::to_vec), limit }]);
        Box::pin(async { Ok(found.await?.1.pop().unwrap_or_default()) })
    }

    /// Submits a batch, at once and without waiting; the result resolves when it is durable. Dropping the result does
    /// not take the batch back.
    fn apply(&self, batch: Batch) -> Commit;

    /// Resolves when there is room for another batch. A writer that submits without awaiting each commit awaits this
    /// between batches; far beyond the bound [`apply`](Self::apply) fails with [`StoreError::Overloaded`].
    fn ready(&self) -> BoxFuture<'_, ()>;

    /// Makes the session's archive ready: from here on batches may write to it. The tables are made if they are not there;
    /// [`StoreError::NewerArchive`] when a newer version made them. [`StoreError::NoArchive`] by a store that has none.
    fn open_archive(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(Err(StoreError::NoArchive)))
    }

    /// Asks the archive, beside the writer; it sees every batch submitted before.
    fn ask_archive(&self, query: archive::Query) -> BoxFuture<'static, Result<archive::Found, StoreError>> {
        drop(query);
        Box::pin(std::future::ready(Err(StoreError::NoArchive)))
    }

    /// Says that a number and a LID are one person's, before the batch in which that is stored: what is read next may be kept under
    /// either. Most stores know nothing of it.
    fn expect_pair(&self, pn: &str, lid: &str) {
        let _ = (pn, lid);
    }

    /// Removes everything of this session, atomically but for the archive, which goes in steps. The lease stays.
    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Completes what is kept beside the store, such as files that show it to another program. Most have nothing.
    fn flush(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Waits for what was submitted and ends the state "poisoned": from here reads show what is durable. Fails when
    /// the handle is closed or its lease is lost.
    fn resync(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Waits for what was submitted, then releases the lease. May be called again; every other call fails afterwards.
    /// An error says that the release itself could not be written; the lease then ends with its expiry.
    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Resolves when the lease is lost; never when it was not.
    fn lost(&self) -> BoxFuture<'static, ()>;

    /// Resolves when somebody wishes for this lease's end ([`Store::take_over`]): at the latest at the next sign of life
    /// of this process. The lease and everything else stay as they are until [`close`](Self::close).
    fn wanted(&self) -> BoxFuture<'static, ()>;
}

/// The outcome of a submitted batch: resolves when the batch is durable, or was not applied.
pub struct Commit(State);

enum State {
    Done(Option<Result<(), StoreError>>),
    Waiting(oneshot::Receiver<Result<(), StoreError>>),
}

impl Commit {
    /// An outcome that is already known.
    pub fn done(result: Result<(), StoreError>) -> Self {
        Self(State::Done(Some(result)))
    }

    /// An outcome and the slot that will set it.
    pub fn pending() -> (Committer, Self) {
        let (sender, receiver) = oneshot::channel();
        (Committer(sender), Self(State::Waiting(receiver)))
    }
}

impl Future for Commit {
    type Output = Result<(), StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = match &mut self.0 {
            State::Done(result) => result.take(),
            State::Waiting(receiver) => ready!(Pin::new(receiver).poll(cx)).ok(),
        };
        self.0 = State::Done(None);
        Poll::Ready(result.unwrap_or_else(|| Err(StoreError::failed("the writer has ended"))))
    }
}

impl fmt::Debug for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Commit")
    }
}

/// Sets the outcome of a [`Commit`]. Dropped without being set, the commit fails.
#[derive(Debug)]
pub struct Committer(oneshot::Sender<Result<(), StoreError>>);

impl Committer {
    /// Resolves the commit.
    pub fn set(self, result: Result<(), StoreError>) {
        // A caller that dropped its commit does not want to know.
        let _ = self.0.send(result);
    }
}
