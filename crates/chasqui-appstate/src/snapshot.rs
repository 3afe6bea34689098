//! Reading a snapshot, checking it and applying it. Source: 04-app-state §5, §6, §8.1.

use std::collections::{BTreeSet, HashSet};

use subtle::ConstantTimeEq;

use crate::{
    Collection, IndexMac, KeyId, KeyRing, LtHash, Mutation, Operation, Record, State, SyncError, ValueMac,
    error::{Fault, Mac},
    fields::{self, Fields},
    mac,
    record::{key_id_of, open_all},
};

/// A `SyncdSnapshot` that was read, but of which nothing is verified. Its records borrow from the blob.
#[derive(Debug, Clone)]
pub struct Snapshot<'a> {
    version: u64,
    records: Vec<Record<'a>>,
    mac: Option<[u8; 32]>,
    key_id: Option<KeyId>,
    is_trusted: bool,
}

/// The collection as a snapshot has it. In one transaction: replace the whole map by `records`, store `state`; then tell
/// of `mutations`.
#[derive(Debug, Clone)]
pub struct AppliedSnapshot {
    /// The new version and hash. A remembered mismatch is repaired.
    pub state: State,
    /// The new map.
    pub records: Vec<(IndexMac, ValueMac)>,
    /// What is set, in the order of the snapshot.
    pub mutations: Vec<Mutation>,
}

impl<'a> Snapshot<'a> {
    /// Reads an encoded `SyncdSnapshot`: the downloaded and decrypted blob, which is not compressed.
    pub fn parse(message: &'a [u8]) -> Result<Self, SyncError> {
        Self::read(message).map_err(SyncError::snapshot)
    }

    fn read(message: &'a [u8]) -> Result<Self, Fault> {
        const WHAT: &str = "a snapshot";
        let mut snapshot = Self { version: 0, records: Vec::new(), mac: None, key_id: None, is_trusted: false };
        for field in Fields::new(message, WHAT) {
            let field = field?;
            match field.number {
                1 => snapshot.version = fields::varint(field.bytes(WHAT)?, 1, WHAT)?.unwrap_or(0),
                2 => snapshot.records.push(Record::parse(field.bytes(WHAT)?)?),
                3 => snapshot.mac = field.bytes(WHAT)?.try_into().ok(),
                4 => snapshot.key_id = key_id_of(field.bytes(WHAT)?)?,
                _ => {}
            }
        }
        Ok(snapshot)
    }

    /// Its own MAC is not looked at. Those of its records are.
    #[must_use]
    pub fn trusted(mut self) -> Self {
        self.is_trusted = true;
        self
    }

    /// The version of the collection.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The records, unverified.
    pub fn records(&self) -> &[Record<'a>] {
        &self.records
    }

    /// The keys of the snapshot and of its records, each once.
    pub fn needed_keys(&self) -> Vec<KeyId> {
        let keys: BTreeSet<_> = self.records.iter().map(Record::key_id).chain(self.key_id).collect();
        keys.into_iter().collect()
    }

    /// Checks everything and gives the collection.
    ///
    /// A snapshot that is not newer than `state` is refused as old; who has to repair a collection passes
    /// [`State::EMPTY`].
    pub fn apply(&self, collection: Collection, state: &State, keys: &KeyRing) -> Result<AppliedSnapshot, SyncError> {
        self.check_and_apply(collection, state, keys).map_err(SyncError::snapshot)
    }

    fn check_and_apply(&self, collection: Collection, state: &State, keys: &KeyRing) -> Result<AppliedSnapshot, Fault> {
        if self.version <= state.version {
            return Err(Fault::Old { have: state.version, got: self.version });
        }
        let snapshot_keys = keys.get(self.key_id.ok_or(Fault::Malformed("a snapshot without key id"))?)?;

        let mutations = open_all(&self.records, |record| (Operation::Set, record), keys)?;
        let mut seen = HashSet::with_capacity(self.records.len());
        if let Some(twice) = self.records.iter().find(|record| !seen.insert(record.index_mac())) {
            return Err(Fault::DuplicateIndex(twice.index_mac()));
        }

        let values: Vec<ValueMac> = self.records.iter().map(Record::value_mac).collect();
        let hash = LtHash::sum(&values);
        let expected = mac::snapshot(snapshot_keys, &hash, self.version, collection);
        if !self.is_trusted && !self.mac.is_some_and(|mac| expected.ct_eq(&mac).into()) {
            return Err(Fault::WrongMac(Mac::Snapshot));
        }
        let records = self.records.iter().map(|record| (record.index_mac(), record.value_mac())).collect();
        Ok(AppliedSnapshot { state: State { version: self.version, hash, mismatch: false }, records, mutations })
    }
}
