//! What can go wrong, and what the document says must follow. Source: 04-app-state §2.4, §7, §8.

use std::fmt;

use crate::{IndexMac, KeyId};

/// A patch or snapshot that was not applied. The caller's state is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{applying}: {fault}")]
pub struct SyncError {
    /// What was being read or applied.
    pub applying: Applying,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What was being read or applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applying {
    /// A patch, or the external mutations of one.
    Patch,
    /// A snapshot.
    Snapshot,
}

impl fmt::Display for Applying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "app-state patch",
            Self::Snapshot => "app-state snapshot",
        })
    }
}

/// What is wrong with a patch or a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It, or one of its records, is under a key that is not known.
    #[error("key {0} is not known")]
    MissingKey(KeyId),
    /// A MAC is absent or does not verify.
    #[error("the {0} is wrong")]
    WrongMac(Mac),
    /// Its version is at or below the one that is applied already.
    #[error("version {got} is not newer than {have}")]
    Old {
        /// The applied version.
        have: u64,
        /// The version that arrived.
        got: u64,
    },
    /// Versions between the applied one and this one are missing.
    #[error("version {got} does not follow {have}")]
    Gap {
        /// The applied version, 0 when there is none.
        have: u64,
        /// The version that arrived.
        got: u64,
    },
    /// Its mutations are in a blob that was not handed in.
    #[error("the external mutations were not fetched")]
    ExternalMissing,
    /// A mutation is neither SET nor REMOVE.
    #[error("operation {0} is unknown")]
    UnknownOperation(u64),
    /// The same operation on one index twice.
    #[error("index {0} occurs twice")]
    DuplicateIndex(IndexMac),
    /// The device that wrote the patch gave the collection up.
    #[error("its writer ended the collection with code {0}")]
    Terminal(u64),
    /// It does not have the form it must have.
    #[error("{0} is malformed")]
    Malformed(&'static str),
}

/// One of the four MACs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mac {
    /// Of one record's ciphertext.
    Value,
    /// Of one record's index.
    Index,
    /// Of the whole map.
    Snapshot,
    /// Of a patch.
    Patch,
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "value MAC",
            Self::Index => "index MAC",
            Self::Snapshot => "snapshot MAC",
            Self::Patch => "patch MAC",
        })
    }
}

/// What must follow from an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing: what it says is known. Go on with the next patch.
    Skip,
    /// Hold the collection, ask the account's own devices for this key, and fetch the collection again when it has come
    /// (§2.4).
    RequestKey(KeyId),
    /// Fetch the blob of external mutations and apply again. The version does not move until then.
    FetchExternal,
    /// Fetch the collection from a snapshot and apply that onto [`State::EMPTY`](crate::State::EMPTY). Bound the
    /// attempts: when a fresh snapshot does not help, the collection is lost.
    Resync,
    /// Stop syncing this collection. Only recovery by the primary device is left (§12); stale state is better than
    /// logging out.
    Fatal,
}

impl SyncError {
    pub(crate) fn patch(fault: Fault) -> Self {
        Self { applying: Applying::Patch, fault }
    }

    pub(crate) fn snapshot(fault: Fault) -> Self {
        Self { applying: Applying::Snapshot, fault }
    }

    /// What must follow. A patch that is wrong is repaired by a snapshot; a snapshot that is wrong, by nothing.
    pub fn remedy(&self) -> Remedy {
        match (&self.fault, self.applying) {
            (Fault::Old { .. }, _) => Remedy::Skip,
            (Fault::MissingKey(id), _) => Remedy::RequestKey(*id),
            (Fault::ExternalMissing, _) => Remedy::FetchExternal,
            (Fault::Terminal(_), _) | (_, Applying::Snapshot) => Remedy::Fatal,
            (_, Applying::Patch) => Remedy::Resync,
        }
    }
}

/// Why a patch could not be built from our own mutations. All of them are mistakes of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// There is nothing in it.
    #[error("a patch needs at least one mutation")]
    Empty,
    /// A mutation belongs to another collection than the patch.
    #[error("a mutation of another collection")]
    WrongCollection,
    /// Two mutations of one index: receivers disagree about what that means.
    #[error("two mutations of one index")]
    DuplicateIndex,
    /// There is no key that new mutations may be encrypted with. A device that was just linked has to wait for its first
    /// key share.
    #[error("there is no active app-state key")]
    NoActiveKey,
}
