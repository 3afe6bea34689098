//! Reads: a few threads, each with a read-only connection, beside the writer.

use std::sync::Arc;
use std::thread::JoinHandle;

use async_channel::{Receiver, Sender};
use chasqui_archive as archive;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, params};
use tokio::sync::oneshot;

use super::{Place, schema};
use crate::{Found, Key, Page, Record, StoreError, Values};

const THREADS: usize = 2;
/// More readers than this wait for their turn before they queue.
const WAITING: usize = 256;

type Read = Box<dyn FnOnce(Result<&mut Connection, StoreError>) + Send>;

/// The reading side of a file. Its threads end when it is dropped.
pub(super) struct Readers {
    place: Arc<Place>,
    reads: Sender<Read>,
}

impl Readers {
    /// Starts the threads; they open the file at their first read.
    pub(super) fn start(place: &Arc<Place>) -> Result<(Self, Vec<JoinHandle<()>>), StoreError> {
        let (reads, waiting) = async_channel::bounded(WAITING);
        let mut threads = Vec::new();
        for _ in 0..THREADS {
            let (place, waiting) = (place.clone(), waiting.clone());
            let thread = std::thread::Builder::new().name("chasqui-read".to_owned());
            threads.push(thread.spawn(move || read_all(&place, &waiting)).map_err(StoreError::failed)?);
        }
        Ok((Self { place: place.clone(), reads }, threads))
    }

    async fn run<T: Send + 'static>(
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

fn read_all(place: &Place, waiting: &Receiver<Read>) {
    let mut connection = None;
    while let Ok(read) = waiting.recv_blocking() {
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
