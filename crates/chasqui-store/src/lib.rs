//! Where a session lives: memory and SQLite behind one small interface.
//!
//! A [`Store`] is one database of many sessions; [`Store::open`] takes a session's exclusive lease and gives a
//! [`SessionStore`], which reads many keys, scans a namespace, applies [`Batch`]es atomically and in order, and wipes.
//! Values are opaque bytes: what they mean is the business of the layer above.

mod batch;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod error;
mod holder;
mod memory;
mod sealed;
mod sqlite;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub use chasqui_archive as archive;

pub use batch::{Batch, Key, MAX_BATCH_BYTES, Namespace, Op};
pub use error::StoreError;
pub use holder::Holder;
pub use sealed::{Keyring, is_sealed, seal};
pub use store::{BoxFuture, Commit, Committer, Found, Page, Record, SessionStore, Store, Values};

/// Opens the store that a URL names:
///
/// - `memory:` a new store that ends with its last handle; `memory:NAME` the same, shared by name within the process.
/// - `sqlite:PATH` a file, made if absent (its folder is not). Options: `?sync=normal` trades the last transactions at a
///   power cut for speed, `?max_pages=N` bounds the file's size in pages of 4096 bytes. For tests of what a bad disk
///   and a lost lease do: `?sync_delay=MS` makes each transaction take so much longer, `?lease=MS` changes how long a
///   sign of life counts. The file is touched, and refused if it is not a store of ours, when the first session is
///   opened.
///
/// [`seal`] encrypts what goes into any of them.
pub fn open_store(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    // Without a colon there is no scheme, and a file's name may hold what is not to be repeated.
    let (scheme, rest) = url.split_once(':').unwrap_or_default();
    match scheme {
        "memory" => Ok(Arc::new(memory::MemoryHandle(memory::MemoryStore::named(rest)))),
        "sqlite" => Ok(Arc::new(sqlite::SqliteStore::from_url(rest)?)),
        _ => Err(StoreError::UnknownScheme { scheme: scheme.chars().take(32).collect() }),
    }
}

/// A mutex's content, also after a panic elsewhere: what we keep under locks is consistent after each statement.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Resolves when it becomes true; never if it does not.
pub(crate) fn until_true(mut told: watch::Receiver<bool>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        // Its sender is gone with the handle: then there is nothing left to tell.
        if told.wait_for(|told| *told).await.is_err() {
            std::future::pending().await
        }
    })
}

/// A session name as every backend takes it.
pub(crate) fn check_name(name: &str) -> Result<(), StoreError> {
    let usable = (1..=256).contains(&name.len()) && !name.chars().any(char::is_control);
    if usable { Ok(()) } else { Err(StoreError::BadName) }
}
