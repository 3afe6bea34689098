//! Reads: a few threads, each with a read-only connection, beside the writer. They come when there is something to read, and
//! go when there is nothing for a while: of many files few are read at a time, and a connection takes as much memory as a
//! session.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chasqui_archive as archive;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, params};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Place, schema};
use crate::{Found, Key, Page, Record, StoreError, Values, lock};

const THREADS: usize = 2;
/// How long a thread waits for the next read.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(50) } else { Duration::from_secs(2) };
/// More readers than this wait for their turn before they queue.
const WAITING: usize = 256;

type Read = Box<dyn FnOnce(Result<&mut Connection, StoreError>) + Send>;

#[derive(Default)]
struct State {
    /// Each with its place in the queue.
    reads: VecDeque<(Read, OwnedSemaphorePermit)>,
    running: usize,
    /// Of the running ones, those that have nothing to do.
    idle: usize,
    threads: Vec<JoinHandle<()>>,
    /// The last handle is gone: nothing more will come.
    ending: bool,
}

/// What the threads of a file share.
pub(super) struct Reading {
    place: Arc<Place>,
    state: Mutex<State>,
    arrived: Condvar,
}

impl Reading {
    /// Waits for the threads, once the reading side was dropped.
    pub(super) fn join(&self) {
        let threads = std::mem::take(&mut lock(&self.state).threads);
        for thread in threads {
            let _ = thread.join();
        }
    }

    fn push(self: &Arc<Self>, read: Read, permit: OwnedSemaphorePermit) -> Result<(), StoreError> {
        let mut state = lock(&self.state);
        state.reads.push_back((read, permit));
        if state.idle >= state.reads.len() || state.running >= THREADS {
            self.arrived.notify_one();
            return Ok(());
        }
        let reading = self.clone();
        let started = std::thread::Builder::new().name("chasqui-read".to_owned()).spawn(move || reading.work());
        match started {
            Ok(thread) => {
                state.running += 1;
                state.threads.retain(|thread| !thread.is_finished());
                state.threads.push(thread);
                Ok(())
            }
            // One that runs will come to it.
            Err(_) if state.running > 0 => Ok(()),
            Err(error) => {
                state.reads.pop_back();
                Err(StoreError::failed(error))
            }
        }
    }

    fn work(&self) {
        let mut connection = None;
        while let Some((read, permit)) = self.next() {
            drop(permit);
            if connection.is_none() {
                match schema::open(&self.place, OpenFlags::SQLITE_OPEN_READ_ONLY) {
                    Ok(opened) => connection = Some(opened),
                    Err(error) => {
                        read(Err(error));
                        continue;
                    }
                }
            }
            let read = || connection.as_mut().map(|connection| read(Ok(connection)));
            if catch_unwind(AssertUnwindSafe(read)).is_err() {
                // Whoever waits for it learns that it has ended; others wait for this thread.
                connection = None;
            }
        }
    }

    /// `None` when none has come for a while, or none will: the thread does not count as running any more.
    fn next(&self) -> Option<(Read, OwnedSemaphorePermit)> {
        let mut state = lock(&self.state);
        if state.reads.is_empty() && !state.ending {
            state.idle += 1;
            let waited =
                self.arrived.wait_timeout_while(state, PATIENCE, |state| state.reads.is_empty() && !state.ending);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.idle -= 1;
        }
        let read = state.reads.pop_front();
        if read.is_none() {
            state.running -= 1;
        }
        read
    }
}

/// The reading side of a file. Its threads end when it is dropped.
pub(super) struct Readers {
    reading: Arc<Reading>,
    room: Arc<Semaphore>,
}

impl Drop for Readers {
    fn drop(&mut self) {
        lock(&self.reading.state).ending = true;
        self.reading.arrived.notify_all();
    }
}

impl Readers {
    pub(super) fn new(place: &Arc<Place>) -> Self {
        let (state, arrived) = (Mutex::default(), Condvar::new());
        let reading = Arc::new(Reading { place: place.clone(), state, arrived });
        Self { reading, room: Arc::new(Semaphore::new(WAITING)) }
    }

    pub(super) fn reading(&self) -> &Arc<Reading> {
        &self.reading
    }

    async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, result) = oneshot::channel();
        let place = self.reading.place.clone();
        let read: Read = Box::new(move |connection| {
            // Nobody waits any more if this fails.
            let _ = reply.send(connection.and_then(|connection| act(connection).map_err(|error| place.error(error))));
        });
        let ended = || StoreError::failed("the readers have ended");
        let permit = self.room.clone().acquire_owned().await.map_err(|_| ended())?;
        self.reading.push(read, permit)?;
        result.await.unwrap_or_else(|_| Err(ended()))
    }

    pub(super) async fn read(&self, session: i64, keys: Vec<Key>, pages: Vec<Page>) -> Result<Found, StoreError> {
        self.run(move |connection| {
            // One transaction: everything from one moment.
            let snapshot = connection.transaction()?;
            let values = keys.iter().map(|key| value(&snapshot, session, key)).collect::<rusqlite::Result<_>>()?;
            Ok((values, pages.iter().map(|page| records(&snapshot, session, page)).collect::<rusqlite::Result<_>>()?))
        })
        .await
    }

    /// Values of a session that need not be open here.
    pub(super) async fn glance(&self, session: String, keys: Vec<Key>) -> Result<Values, StoreError> {
        self.run(move |connection| {
            let snapshot = connection.transaction()?;
            let id = snapshot.query_row("SELECT id FROM sessions WHERE name = ?1", [session], |row| row.get(0));
            match id.optional()? {
                Some(id) => keys.iter().map(|key| value(&snapshot, id, key)).collect(),
                None => Ok(vec![None; keys.len()]),
            }
        })
        .await
    }

    pub(super) async fn ask_archive(&self, session: i64, query: archive::Query) -> Result<archive::Found, StoreError> {
        self.run(move |connection| {
            // A page and what belongs to its rows are from one moment.
            let snapshot = connection.transaction()?;
            Ok(query.read(&snapshot, session)?.into_found())
        })
        .await
    }

    /// Whether the file has an archive.
    pub(super) async fn has_archive(&self) -> Result<bool, StoreError> {
        self.run(|connection| archive::is_there(connection)).await
    }
}

fn value(snapshot: &Transaction<'_>, session: i64, key: &Key) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut select = snapshot.prepare_cached("SELECT value FROM kv WHERE session = ?1 AND ns = ?2 AND key = ?3")?;
    select.query_row(params![session, key.namespace.code(), key.bytes], |row| row.get(0)).optional()
}

fn records(snapshot: &Transaction<'_>, session: i64, page: &Page) -> rusqlite::Result<Vec<Record>> {
    let from = match page.after {
        Some(_) => "SELECT key, value FROM kv WHERE session = ?1 AND ns = ?2 AND key > ?3 ORDER BY key LIMIT ?4",
        None => "SELECT key, value FROM kv WHERE session = ?1 AND ns = ?2 AND key >= ?3 ORDER BY key LIMIT ?4",
    };
    let after = page.after.as_deref().unwrap_or_default();
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    snapshot.prepare_cached(from)?.query_map(params![session, page.namespace.code(), after, limit], row)?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Options;

    async fn one(readers: &Readers) -> Result<i64, StoreError> {
        readers.run(|connection| connection.query_row("SELECT 1", [], |row| row.get(0))).await
    }

    async fn until(readers: &Readers, condition: impl Fn(&State) -> bool) {
        while !condition(&lock(&readers.reading.state)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn threads_come_with_reads_and_go_without_and_outlive_a_panic() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file.db");
        Connection::open(&path).expect("made").execute_batch("CREATE TABLE t (a)").expect("made");
        let readers = Arc::new(Readers::new(&Arc::new(Place { path, options: Options::default() })));
        assert_eq!(lock(&readers.reading.state).running, 0);
        for _ in 0..3 {
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..600 {
                let readers = readers.clone();
                all.spawn(async move { one(&readers).await });
            }
            assert!(all.join_all().await.into_iter().all(|read| read == Ok(1)));
            until(&readers, |state| state.running == 0).await;
        }
        let failed = readers.run(|_| -> rusqlite::Result<()> { panic!("as a test") }).await;
        assert_eq!(failed, Err(StoreError::failed("the readers have ended")));
        assert_eq!(one(&readers).await, Ok(1));
        let reading = readers.reading.clone();
        drop(readers);
        reading.join();
        assert_eq!(lock(&reading.state).running, 0);
    }
}
