//! App-state sync ("syncd") without any I/O: the settings that all devices of an account share – archived, pinned and
//! muted chats, stars, contacts, labels, the push name – as an end-to-end encrypted map per collection.
//!
//! | module | keeps |
//! |---|---|
//! | [`collection`] | the five collections and their names |
//! | [`keys`] | key ids, what a key is expanded to, the ring of known keys |
//! | [`share`] | the peer messages that carry keys and ask for them |
//! | [`record`] | one record: encryption, value MAC and index MAC |
//! | [`lthash`] | the hash that stands for the whole map, whatever the order of changes |
//! | [`state`] | what is stored per collection, and lookups of what is replaced |
//! | [`patch`] | reading, checking and applying a patch |
//! | [`snapshot`] | the same for a snapshot |
//! | [`build`] | patches from our own changes, snapshots, and the forms the server stores |
//! | [`replica`] | a whole collection in memory, for virtual phones and tests |
//! | [`action`] | the catalogue of actions, and their typed form |
//! | [`change`] | our own changes: archive, pin, mute … |
//! | [`plain`] | both as plain objects, the form that programs see |
//! | [`error`] | what can go wrong, and what must follow from it |
//!
//! The map lives with the caller, record by record. To apply a patch is therefore two steps: [`Patch::needed`] names the
//! keys and the index MACs to look up, and [`Patch::apply`] gives everything that changes, to be stored in one
//! transaction before anything of it is told. What arrives is hostile until its MACs are checked; nothing here panics on
//! it. Source: 04-app-state.
#![forbid(unsafe_code)]

pub mod action;
pub mod build;
pub mod change;
pub mod collection;
pub mod error;
mod fields;
pub mod keys;
pub mod lthash;
mod mac;
mod parallel;
pub mod patch;
pub mod plain;
pub mod record;
pub mod replica;
pub mod share;
pub mod snapshot;
pub mod state;

#[cfg(test)]
mod vectors;

pub use action::Action;
pub use build::{Built, build_patch, build_snapshot};
pub use collection::Collection;
pub use error::{BuildError, Fault, Remedy, SyncError};
pub use keys::{KeyData, KeyId, KeyRing, MutationKeys};
pub use lthash::LtHash;
pub use patch::{Applied, Patch, SnapshotCheck};
pub use plain::Change;
pub use record::{ActionData, IndexMac, LocalMutation, Mutation, Operation, Record, ValueMac};
pub use replica::Replica;
pub use snapshot::{AppliedSnapshot, Snapshot};
pub use state::{State, ValueMacs};
