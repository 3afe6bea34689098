//! What can go wrong with a store, as data that a caller can act on.
//!
//! Errors are cheap to clone: one failed transaction answers every batch that was in it.

use std::path::PathBuf;
use std::sync::Arc;

/// Why a store refused or failed. Messages name the session and the holder, never a key or a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL's scheme is none of ours.
    #[error("unknown store scheme {scheme:?}: use memory: or sqlite:PATH")]
    UnknownScheme {
        /// The part before the first colon (the rest may hold a password and is not repeated).
        scheme: String,
    },
    /// The scheme is known, the rest is not usable.
    #[error("store URL not usable: {detail}")]
    BadUrl {
        /// What is wrong with it.
        detail: String,
    },
    /// A session name is empty, too long, or holds a control character.
    #[error("a session name has 1 to 256 bytes and no control characters")]
    BadName,
    /// Somebody else holds the session: another process, or this one through another handle.
    #[error("session {session:?} is held by process {pid} on {host}")]
    Held {
        /// The session asked for.
        session: String,
        /// The holder's host name.
        host: String,
        /// The holder's process id (in its own pid namespace).
        pid: u32,
    },
    /// The lease went to somebody else: this handle will never write again.
    #[error("the lease on session {session:?} was lost; another process may hold it now")]
    LeaseLost {
        /// The session that was held.
        session: String,
    },
    /// The file is damaged, or belongs to another program. It has not been touched.
    #[error("{} is not a usable store: {detail}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The file was written by a newer version. It has not been touched.
    #[error("{} has schema version {found}, this version knows up to {supported}", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The newest version known here.
        supported: u32,
    },
    /// The archive in the file was written by a newer version. It has not been touched.
    #[error("the archive in {} has version {found}, this version knows up to {supported}", path.display())]
    NewerArchive {
        /// The file.
        path: PathBuf,
        /// The archive's version.
        found: u32,
        /// The newest version known here.
        supported: u32,
    },
    /// Something is asked of the archive, and it was not opened, or this store has none.
    #[error("this store has no archive, or the session has not opened it")]
    NoArchive,
    /// The batch is larger than [`crate::MAX_BATCH_BYTES`].
    #[error("a batch of {bytes} bytes is too large")]
    TooLarge {
        /// Its size as [`crate::Batch::bytes`] counts.
        bytes: usize,
    },
    /// More was submitted than the queue's hard bound, without waiting for [`crate::SessionStore::ready`].
    #[error("too many uncommitted batches of session {session:?}")]
    Overloaded {
        /// The session.
        session: String,
    },
    /// The operation failed below us (disk full, I/O error); nothing of the transaction was applied.
    #[error("store operation failed: {cause}")]
    Failed {
        /// The cause as the system or the database words it.
        cause: Arc<str>,
    },
    /// The handle was closed.
    #[error("session {session:?} is closed")]
    Closed {
        /// The session.
        session: String,
    },
    /// The session is sealed with a key that was not given. It has not been touched.
    #[error("session {session:?} is sealed with another key ({sealed_with}) than was given ({})", given.join(", "))]
    WrongKey {
        /// The session.
        session: String,
        /// Id of the key that it is sealed with; no secret.
        sealed_with: String,
        /// Ids of the keys that were given.
        given: Vec<String>,
    },
    /// A sealed value does not open with its key.
    #[error("a record of session {session:?} was altered, moved or replaced outside of this program")]
    Altered {
        /// The session.
        session: String,
    },
    /// An earlier batch of this handle failed; the caller's memory is ahead of the disk until
    /// [`crate::SessionStore::resync`].
    #[error("session {session:?} needs a resync after a failed commit: {cause}")]
    Poisoned {
        /// The session.
        session: String,
        /// Why the first batch failed.
        cause: Arc<str>,
    },
}

impl StoreError {
    pub(crate) fn failed(cause: impl std::fmt::Display) -> Self {
        Self::Failed { cause: cause.to_string().into() }
    }
}
