//! SQLite: many sessions in one file, the embedded default.
//!
//! ```text
//! session handles --apply--> queue --> writer thread: one transaction per group --> file (WAL)
//!                 --read---> bounded queue --> reader threads, while there are reads --^
//! ```
//!
//! Per file and process there is one [`Backend`], found in a registry by canonical path, so that all handles share one
//! writer. Several processes may use one file for different sessions: the writer takes SQLite's write lock for each
//! group, waits for as long as others hold it, and pauses between groups while it has neighbours.
//!
//! The writer opens the file when the first session is opened, after [`inspect`] has looked at it without touching it.

mod claim;
mod inspect;
mod lease;
mod queue;
mod reader;
mod schema;
mod session;
mod writer;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::{BoxFuture, Holder, Key, SessionStore, Store, StoreError, Values, check_name, lock};
use claim::Wish;
use queue::{Job, Opening, Queue};
use reader::Readers;
use session::SqliteSession;

/// How a file is used; set by the URL's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// `?sync=full` (the default) survives a power cut; `?sync=normal` only the death of the process.
    full_sync: bool,
    /// `?max_pages=N`: an upper bound on the file's size, in pages of 4096 bytes.
    max_pages: Option<u32>,
    /// How long a sign of life of this process counts: `?lease=MS`, for tests.
    lease: Duration,
    /// Between two signs of life of this process.
    heartbeat: Duration,
    /// `?sync_delay=MS`, for tests: by how much each transaction takes longer, as on a slow disk.
    sync_delay: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            full_sync: true,
            max_pages: None,
            lease: lease::LEASE,
            heartbeat: lease::LEASE / 3,
            sync_delay: Duration::ZERO,
        }
    }
}

/// What every thread of a backend knows about its file.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    options: Options,
}

impl Place {
    /// The store's error for one of SQLite's.
    fn error(&self, error: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => self.corrupt(error),
            _ => StoreError::failed(format_args!("{}: {error}", self.path.display())),
        }
    }

    fn corrupt(&self, detail: impl ToString) -> StoreError {
        StoreError::Corrupt { path: self.path.clone(), detail: detail.to_string() }
    }
}

/// One file in use by this process: its queue, its writer and its readers.
pub(crate) struct Backend {
    place: Arc<Place>,
    queue: Arc<Queue>,
    readers: Readers,
}

/// A file's backend while it lives, and its writer thread, which may outlive it for the last transaction.
struct Registered {
    backend: Weak<Backend>,
    writer: JoinHandle<()>,
}

static FILES: LazyLock<Mutex<HashMap<PathBuf, Registered>>> = LazyLock::new(Mutex::default);

impl Backend {
    /// The backend of this file: the one that lives, or a new one once the last one's writer has ended.
    fn of(path: PathBuf, options: Options) -> Result<Arc<Self>, StoreError> {
        let mut files = lock(&FILES);
        if let Some(backend) = Self::living(&files, &path, &options)? {
            return Ok(backend);
        }
        files.retain(|other, registered| *other == path || !registered.writer.is_finished());
        if let Some(ended) = files.remove(&path) {
            // A writer that panicked has failed its jobs already.
            let _ = ended.writer.join();
        }
        let place = Arc::new(Place { path: path.clone(), options });
        let queue = Arc::new(Queue::default());
        let readers = Readers::new(&place);
        let writer = writer::start(place.clone(), queue.clone(), readers.reading().clone())?;
        let backend = Arc::new(Self { place, queue, readers });
        files.insert(path, Registered { backend: Arc::downgrade(&backend), writer });
        Ok(backend)
    }
}

impl Backend {
    async fn open(&self, name: &str, holder: Holder, claim: Option<claim::Claim>) -> Result<Opening, StoreError> {
        let (reply, opened) = oneshot::channel();
        drop(self.queue.push(Job::Open { name: name.to_owned(), holder, claim, reply }));
        opened.await.unwrap_or_else(|_| Err(StoreError::failed("the writer has ended")))
    }

    fn living(
        files: &HashMap<PathBuf, Registered>,
        path: &Path,
        options: &Options,
    ) -> Result<Option<Arc<Self>>, StoreError> {
        let registered = files.get(path).filter(|registered| !registered.writer.is_finished());
        match registered.and_then(|registered| registered.backend.upgrade()) {
            Some(backend) if backend.place.options != *options => {
                let detail = format!("{} is already open with other options", path.display());
                Err(StoreError::BadUrl { detail })
            }
            living => Ok(living),
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.queue.end();
    }
}

/// A handle to a file of sessions.
///
/// Only open sessions hold the file open: with the last one its threads end, and whoever owns the folder may move or
/// delete it. (To SQLite, a file that is replaced under an open connection is a way to corruption.)
pub(crate) struct SqliteStore {
    path: PathBuf,
    options: Options,
}

impl SqliteStore {
    /// The store of the part of the URL behind `sqlite:`.
    pub(crate) fn from_url(rest: &str) -> Result<Self, StoreError> {
        let (path, query) = rest.rsplit_once('?').unwrap_or((rest, ""));
        Self::with(Path::new(path), parse_options(query)?)
    }

    pub(crate) fn with(path: &Path, options: Options) -> Result<Self, StoreError> {
        let path = canonical(path)?;
        Backend::living(&lock(&FILES), &path, &options)?;
        Ok(Self { path, options })
    }

    fn backend(&self) -> Result<Arc<Backend>, StoreError> {
        Backend::of(self.path.clone(), self.options.clone())
    }
}

impl Store for SqliteStore {
    fn open(&self, session: &str, holder: Holder) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let name = session.to_owned();
        Box::pin(async move {
            check_name(&name)?;
            let backend = self.backend()?;
            match backend.open(&name, holder, None).await? {
                Opening::Open(lease) => Ok(Arc::new(SqliteSession::new(lease, backend)) as Arc<dyn SessionStore>),
                Opening::Asked(_, held) => Err(held),
            }
        })
    }

    fn take_over(
        &self,
        session: &str,
        holder: Holder,
        patience: Option<Duration>,
    ) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let name = session.to_owned();
        Box::pin(async move {
            check_name(&name)?;
            let mut wish = Wish::new(self.backend()?);
            let patience = patience.unwrap_or(2 * self.options.lease);
            wish.fulfil(&name, &holder, patience).await
        })
    }

    fn sessions(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(async {
            let (reply, names) = oneshot::channel();
            let backend = self.backend()?;
            drop(backend.queue.push(Job::Names { reply }));
            names.await.unwrap_or_else(|_| Err(StoreError::failed("the writer has ended")))
        })
    }

    fn glance(&self, session: &str, keys: &[Key]) -> BoxFuture<'_, Result<Option<Values>, StoreError>> {
        let (name, keys) = (session.to_owned(), keys.to_vec());
        Box::pin(async move {
            let place = Place { path: self.path.clone(), options: self.options.clone() };
            let looked = tokio::task::spawn_blocking(move || inspect::inspect(&place)).await;
            looked.unwrap_or_else(|_| Err(StoreError::failed("the look at the file was cut short")))?;
            self.backend()?.readers.glance(name, keys).await.map(Some)
        })
    }

    fn describe(&self) -> String {
        let sync = if self.options.full_sync { "" } else { " (sync=normal)" };
        format!("sqlite:{}{sync}", self.path.display())
    }
}

fn parse_options(query: &str) -> Result<Options, StoreError> {
    let mut options = Options::default();
    let millis =
        |text: &str| text.parse().ok().filter(|millis| (1..=60_000).contains(millis)).map(Duration::from_millis);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sync", "full")) => options.full_sync = true,
            Some(("sync", "normal")) => options.full_sync = false,
            Some(("max_pages", pages)) if pages.parse::<u32>().is_ok_and(|pages| pages > 0) => {
                options.max_pages = pages.parse().ok();
            }
            Some(("sync_delay", text)) if millis(text).is_some() => {
                options.sync_delay = millis(text).unwrap_or_default();
            }
            Some(("lease", text)) if millis(text).is_some() => {
                options.lease = millis(text).unwrap_or(lease::LEASE);
                options.heartbeat = options.lease / 3;
            }
            _ => {
                let detail = format!("{pair:?} is none of sync=full, sync=normal, max_pages=N");
                return Err(StoreError::BadUrl { detail });
            }
        }
    }
    Ok(options)
}

/// One name for one file, so that a second path to it finds the same writer.
fn canonical(path: &Path) -> Result<PathBuf, StoreError> {
    let Some(name) = path.file_name() else {
        return Err(StoreError::BadUrl { detail: "sqlite: needs the path of a file".to_owned() });
    };
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) => Err(StoreError::failed(format_args!("the folder {} of the store: {error}", folder.display()))),
    }
}

#[cfg(test)]
mod tests;
