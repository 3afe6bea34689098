//! Where a session lives: memory and SQLite behind one small interface.
//!
//! A [`Store`] is one database of many sessions; [`Store::open`] takes a session's exclusive lease and gives a
//! [`SessionStore`], which reads many keys, scans a namespace, applies [`Batch`]es atomically and in order, and wipes.
//! Values are opaque bytes: what they mean is the business of the layer above.

mod batch;
mod error;
mod holder;
mod memory;
mod store;

use std::sync::Arc;

pub use batch::{Batch, Key, MAX_BATCH_BYTES, Namespace, Op};
pub use error::StoreError;
pub use holder::Holder;
pub use store::{BoxFuture, Commit, Committer, Record, SessionStore, Store};

/// Opens the store that a URL names: `memory:`, `memory:NAME` (shared by name within the process).
pub fn open_store(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match scheme {
        "memory" => Ok(Arc::new(memory::MemoryHandle(memory::MemoryStore::named(rest)))),
        _ => Err(StoreError::UnknownScheme { scheme: scheme.chars().take(32).collect() }),
    }
}

/// A session name as every backend takes it.
pub(crate) fn check_name(name: &str) -> Result<(), StoreError> {
    let usable = (1..=256).contains(&name.len()) && !name.chars().any(char::is_control);
    if usable { Ok(()) } else { Err(StoreError::BadName) }
}
