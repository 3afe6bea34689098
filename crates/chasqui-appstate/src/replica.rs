//! A whole collection in memory, with its records as they came. A virtual phone keeps one per collection; a client, whose
//! map is in its store, does not. Source: 04-app-state §16.2.

use std::collections::BTreeMap;

use crate::{
    ActionData, Applied, BuildError, Built, Collection, IndexMac, KeyRing, LocalMutation, Mutation, Operation, Patch,
    Record, Snapshot, State, SyncError, ValueMac, ValueMacs, build_patch, build_snapshot,
};

/// A collection, its live records and what is in them.
#[derive(Debug, Clone)]
pub struct Replica {
    collection: Collection,
    state: State,
    live: BTreeMap<IndexMac, (Record<'static>, ActionData)>,
}

impl ValueMacs for Replica {
    fn value_mac(&self, index: &IndexMac) -> Option<ValueMac> {
        self.live.get(index).map(|(record, _)| record.value_mac())
    }
}

impl Replica {
    /// An empty collection.
    pub const fn new(collection: Collection) -> Self {
        Self { collection, state: State::EMPTY, live: BTreeMap::new() }
    }

    /// Which collection it is.
    pub const fn collection(&self) -> Collection {
        self.collection
    }

    /// Version and hash.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The live records, in the order of their index MACs.
    pub fn records(&self) -> impl ExactSizeIterator<Item = &Record<'static>> {
        self.live.values().map(|(record, _)| record)
    }

    /// What is in the live records, in the same order.
    pub fn data(&self) -> impl ExactSizeIterator<Item = &ActionData> {
        self.live.values().map(|(_, data)| data)
    }

    /// Becomes what a snapshot says; see [`Snapshot::apply`].
    pub fn apply_snapshot(&mut self, snapshot: &Snapshot<'_>, keys: &KeyRing) -> Result<Vec<Mutation>, SyncError> {
        let applied = snapshot.apply(self.collection, &self.state, keys)?;
        self.live = BTreeMap::new();
        for (record, mutation) in snapshot.records().iter().zip(&applied.mutations) {
            self.live.insert(mutation.index_mac, (record.clone().into_owned(), mutation.data.clone()));
        }
        self.state = applied.state;
        Ok(applied.mutations)
    }

    /// Follows a patch; see [`Patch::apply`].
    pub fn apply_patch(&mut self, patch: &Patch<'_>, keys: &KeyRing) -> Result<Applied, SyncError> {
        let applied = patch.apply(self.collection, &self.state, keys, self)?;
        self.follow(patch.mutations(), &applied);
        Ok(applied)
    }

    /// Builds a patch of our own; nothing changes before [`Replica::accept`].
    pub fn build(&self, keys: &KeyRing, mutations: &[LocalMutation]) -> Result<Built, BuildError> {
        build_patch(self.collection, &self.state, keys, mutations, self)
    }

    /// Follows a patch of our own that the server has taken, and that was built on the present state.
    pub fn accept(&mut self, built: &Built) {
        self.follow(&built.records, &built.applied);
    }

    /// An encoded `SyncdSnapshot` of the live records.
    pub fn snapshot(&self, keys: &KeyRing) -> Result<Vec<u8>, BuildError> {
        build_snapshot(self.collection, self.state.version, keys, self.records()).map(|(bytes, _)| bytes)
    }

    fn follow(&mut self, records: &[(Operation, Record<'_>)], applied: &Applied) {
        for ((operation, record), mutation) in records.iter().zip(&applied.mutations) {
            if *operation == Operation::Set {
                self.live.insert(mutation.index_mac, (record.clone().into_owned(), mutation.data.clone()));
            }
        }
        for index in &applied.deletes {
            self.live.remove(index);
        }
        self.state = applied.state.clone();
    }
}
