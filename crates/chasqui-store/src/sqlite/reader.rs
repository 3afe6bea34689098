//! Reads: a few threads, each with a read-only connection, beside the writer.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use tokio::sync::{mpsc, oneshot};

use super::{Place, schema};
use crate::{Key, Namespace, Record, StoreError, lock};

const THREADS: usize = 2;
/// More readers than this wait for their turn before they queue.
const WAITING: usize = 256;

type Read = Box<dyn FnOnce(Result<&mut Connection, StoreError>) + Send>;

/// The reading side of a file. Its threads end when it is dropped.
pub(super) struct Readers {
    place: Arc<Place>,
    reads: mpsc::Sender<Read>,
}

impl Readers {
    /// Starts the threads; they open the file at their first read.
    pub(super) fn start(place: &Arc<Place>) -> Result<(Self, Vec<JoinHandle<()>>), StoreError> {
        let (reads, waiting) = mpsc::channel(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Vec::new();
        for _ in 0..THREADS {
            let (place, waiting) = (place.clone(), waiting.clone());
            let thread = std::thread::Builder::new().name("chasqui-read".to_owned());
            threads.push(thread.spawn(move || read_all(&place, &waiting)).map_err(StoreError::failed)?);
        }
        Ok((Self { place: place.clone(), reads }, threads))
    }

    async fn read<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, result) = oneshot::channel();
        let place = self.place.clone();
        let read: Read = Box::new(move |connection| {
            // Nobody waits any more if this fails.
            let _ = reply.send(connection.and_then(|connection| act(connection).map_err(|error| place.error(error))));
        });
        let ended = || StoreError::failed("the readers have ended");
        self.reads.send(read).await.map_err(|_| ended())?;
        result.await.unwrap_or_else(|_| Err(ended()))
    }

    pub(super) async fn get_many(&self, session: i64, keys: Vec<Key>) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.read(move |connection| {
            // One transaction: all values from one moment.
            let snapshot = connection.transaction()?;
            let mut select =
                snapshot.prepare_cached("SELECT value FROM kv WHERE session = ?1 AND ns = ?2 AND key = ?3")?;
            keys.iter()
                .map(|key| {
                    select.query_row(params![session, key.namespace.code(), key.bytes], |row| row.get(0)).optional()
                })
                .collect()
        })
        .await
    }

    pub(super) async fn scan(
        &self,
        session: i64,
        namespace: Namespace,
        after: Option<Vec<u8>>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| {
            let from = match after {
                Some(_) => {
                    "SELECT key, value FROM kv WHERE session = ?1 AND ns = ?2 AND key > ?3 ORDER BY key LIMIT ?4"
                }
                None => "SELECT key, value FROM kv WHERE session = ?1 AND ns = ?2 AND key >= ?3 ORDER BY key LIMIT ?4",
            };
            let after = after.unwrap_or_default();
            connection
                .prepare_cached(from)?
                .query_map(params![session, namespace.code(), after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .await
    }
}

fn read_all(place: &Place, waiting: &Mutex<mpsc::Receiver<Read>>) {
    let mut connection = None;
    loop {
        let Some(read) = lock(waiting).blocking_recv() else { return };
        if connection.is_none() {
            match schema::open(place, OpenFlags::SQLITE_OPEN_READ_ONLY) {
                Ok(opened) => connection = Some(opened),
                Err(error) => {
                    read(Err(error));
                    continue;
                }
            }
        }
        if let Some(connection) = &mut connection {
            read(Ok(connection));
        }
    }
}
