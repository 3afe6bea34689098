//! Reading a patch, checking it and applying it. Source: 04-app-state §4, §5, §6, §8.2.
//!
//! A patch MAC that does not verify, or a record that is not what its MACs say, makes nothing of the patch happen. A
//! snapshot MAC that does not match is remembered and lived with: some writers have a wrong map.

use std::collections::{BTreeSet, HashMap};

use chasqui_proto::{ExternalBlobReference, ProtoMessage};
use subtle::ConstantTimeEq;

use crate::{
    Collection, IndexMac, KeyId, KeyRing, Mutation, Operation, Record, State, SyncError, ValueMac, ValueMacs,
    error::{Fault, Mac},
    fields::{self, Fields},
    mac,
    record::{key_id_of, open_all, parse_mutation},
    state::Lookup,
};

/// A `SyncdPatch` that was read, but of which nothing is verified.
#[derive(Debug, Clone)]
pub struct Patch<'a> {
    version: Option<u64>,
    mutations: Vec<(Operation, Record<'a>)>,
    external: Option<ExternalBlobReference>,
    snapshot_mac: Option<[u8; 32]>,
    patch_mac: Option<[u8; 32]>,
    key_id: Option<KeyId>,
    exit_code: u64,
    is_trusted: bool,
}

/// What must be known before a patch can be applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needed {
    /// The keys of the patch and of its records, each once.
    pub keys: Vec<KeyId>,
    /// The indexes whose stored value MACs are to be looked up, each once.
    pub index_macs: Vec<IndexMac>,
}

/// What came of comparing the hash with the writer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotCheck {
    /// Both have the same map.
    Matches,
    /// The maps differ. Fetching a snapshot repairs it.
    Mismatch,
    /// They differed before, and were not compared.
    NotCompared,
}

/// What a patch changes. Store `state`, `puts` and `deletes` in one transaction, then tell of `mutations`.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The new version and hash.
    pub state: State,
    /// Records that are new or replaced.
    pub puts: Vec<(IndexMac, ValueMac)>,
    /// Records that are gone.
    pub deletes: Vec<IndexMac>,
    /// The mutations in the order of the patch.
    pub mutations: Vec<Mutation>,
    /// Whether our map is the writer's.
    pub snapshot_check: SnapshotCheck,
    /// Removals of what was not there: worth a warning, not an error.
    pub unknown_removals: usize,
}

impl Applied {
    /// Brings looked-up value MACs up to date, for the next patch of the same answer.
    pub fn update(&self, lookup: &mut Lookup) {
        lookup.extend(self.puts.iter().copied());
        for index in &self.deletes {
            lookup.remove(index);
        }
    }
}

impl<'a> Patch<'a> {
    /// Reads an encoded `SyncdPatch`, as downloaded or (without version) as uploaded.
    pub fn parse(message: &'a [u8]) -> Result<Self, SyncError> {
        Self::read(message).map_err(SyncError::patch)
    }

    fn read(message: &'a [u8]) -> Result<Self, Fault> {
        const WHAT: &str = "a patch";
        let mut patch = Self {
            version: None,
            mutations: Vec::new(),
            external: None,
            snapshot_mac: None,
            patch_mac: None,
            key_id: None,
            exit_code: 0,
            is_trusted: false,
        };
        for field in Fields::new(message, WHAT) {
            let field = field?;
            match field.number {
                1 => patch.version = fields::varint(field.bytes(WHAT)?, 1, WHAT)?,
                2 => patch.mutations.push(parse_mutation(field.bytes(WHAT)?)?),
                3 => {
                    let reference = ExternalBlobReference::decode(field.bytes(WHAT)?);
                    patch.external = Some(reference.map_err(|_| Fault::Malformed("an external blob reference"))?);
                }
                4 => patch.snapshot_mac = field.bytes(WHAT)?.try_into().ok(),
                5 => patch.patch_mac = field.bytes(WHAT)?.try_into().ok(),
                6 => patch.key_id = key_id_of(field.bytes(WHAT)?)?,
                7 => patch.exit_code = fields::varint(field.bytes(WHAT)?, 1, WHAT)?.unwrap_or(0),
                _ => {}
            }
        }
        Ok(patch)
    }

    /// Appends the mutations of a downloaded and decrypted external blob: an encoded `SyncdMutations`.
    pub fn with_external(mut self, message: &'a [u8]) -> Result<Self, SyncError> {
        const WHAT: &str = "external mutations";
        for field in Fields::new(message, WHAT) {
            let field = field.map_err(SyncError::patch)?;
            if field.number == 1 {
                let mutation = field.bytes(WHAT).and_then(parse_mutation).map_err(SyncError::patch)?;
                self.mutations.push(mutation);
            }
        }
        self.external = None;
        Ok(self)
    }

    /// Its own MAC and that of the writer's map are not looked at. Those of its records are.
    #[must_use]
    pub fn trusted(mut self) -> Self {
        self.is_trusted = true;
        self
    }

    /// The version after this patch; none in an upload.
    pub const fn version(&self) -> Option<u64> {
        self.version
    }

    /// The blob that must be fetched first, see [`Patch::with_external`].
    pub const fn external(&self) -> Option<&ExternalBlobReference> {
        self.external.as_ref()
    }

    /// Operations and records in their order, unverified.
    pub fn mutations(&self) -> &[(Operation, Record<'a>)] {
        &self.mutations
    }

    /// Whether both aggregate MACs are there: a server refuses an upload without them (§16.1).
    pub const fn has_macs(&self) -> bool {
        self.snapshot_mac.is_some() && self.patch_mac.is_some()
    }

    /// What to look up before [`Patch::apply`].
    pub fn needed(&self) -> Needed {
        let keys: BTreeSet<_> = self.mutations.iter().map(|(_, record)| record.key_id()).chain(self.key_id).collect();
        let index_macs: BTreeSet<_> = self.mutations.iter().map(|(_, record)| record.index_mac()).collect();
        Needed { keys: keys.into_iter().collect(), index_macs: index_macs.into_iter().collect() }
    }

    /// Checks everything and gives what changes.
    ///
    /// `previous` holds the stored value MACs of the indexes in [`Patch::needed`]; one that it does not have is not in
    /// the map.
    pub fn apply(
        &self,
        collection: Collection,
        state: &State,
        keys: &KeyRing,
        previous: &impl ValueMacs,
    ) -> Result<Applied, SyncError> {
        self.check_and_apply(collection, state, keys, previous).map_err(SyncError::patch)
    }

    fn check_and_apply(
        &self,
        collection: Collection,
        state: &State,
        keys: &KeyRing,
        previous: &impl ValueMacs,
    ) -> Result<Applied, Fault> {
        let version = self.version.ok_or(Fault::Malformed("a patch without version"))?;
        if version <= state.version {
            return Err(Fault::Old { have: state.version, got: version });
        }
        if version - state.version != 1 {
            return Err(Fault::Gap { have: state.version, got: version });
        }
        if self.exit_code != 0 {
            return Err(Fault::Terminal(self.exit_code));
        }
        if self.external.is_some() {
            return Err(Fault::ExternalMissing);
        }

        let patch_keys = keys.get(self.key_id.ok_or(Fault::Malformed("a patch without key id"))?)?;
        let snapshot_mac = match self.is_trusted {
            true => None,
            false => {
                let snapshot_mac = self.snapshot_mac.ok_or(Fault::WrongMac(Mac::Snapshot))?;
                let values = self.mutations.iter().map(|(_, record)| record.value_mac()).collect::<Vec<_>>();
                let expected = mac::patch(patch_keys, &snapshot_mac, values.iter(), version, collection);
                let patch_mac = self.patch_mac.ok_or(Fault::WrongMac(Mac::Patch))?;
                if !bool::from(expected.ct_eq(&patch_mac)) {
                    return Err(Fault::WrongMac(Mac::Patch));
                }
                Some(snapshot_mac)
            }
        };

        let mutations = open_all(&self.mutations, |(operation, record)| (*operation, record), keys)?;
        let delta = Delta::of(&self.mutations, previous)?;
        let mut state = State { version, ..state.clone() };
        delta.apply_to(&mut state);
        let snapshot_check = match snapshot_mac.filter(|_| !state.mismatch) {
            None => SnapshotCheck::NotCompared,
            Some(theirs) if mac::snapshot(patch_keys, &state.hash, version, collection).ct_eq(&theirs).into() => {
                SnapshotCheck::Matches
            }
            Some(_) => {
                state.mismatch = true;
                SnapshotCheck::Mismatch
            }
        };
        Ok(delta.into_applied(state, mutations, snapshot_check))
    }
}

/// What a list of mutations does to the map and to the hash.
pub(crate) struct Delta {
    replaced: Vec<ValueMac>,
    puts: Vec<(IndexMac, ValueMac)>,
    deletes: Vec<IndexMac>,
    unknown_removals: usize,
}

impl Delta {
    /// Each index may be set once and removed once. When both happen to one, the stored value goes and the set one
    /// stays, whatever their order (§4).
    pub(crate) fn of(mutations: &[(Operation, Record<'_>)], previous: &impl ValueMacs) -> Result<Self, Fault> {
        let mut seen: HashMap<IndexMac, (Option<ValueMac>, bool)> = HashMap::with_capacity(mutations.len());
        let mut order = Vec::with_capacity(mutations.len());
        for (operation, record) in mutations {
            let index = record.index_mac();
            let (set, removed) = seen.entry(index).or_insert_with(|| {
                order.push(index);
                (None, false)
            });
            let again = match operation {
                Operation::Set => set.replace(record.value_mac()).is_some(),
                Operation::Remove => std::mem::replace(removed, true),
            };
            if again {
                return Err(Fault::DuplicateIndex(index));
            }
        }
        let mut delta = Self { replaced: Vec::new(), puts: Vec::new(), deletes: Vec::new(), unknown_removals: 0 };
        for index in order {
            let stored = previous.value_mac(&index);
            delta.replaced.extend(stored);
            match (seen.get(&index).and_then(|(set, _)| *set), stored) {
                (Some(set), _) => delta.puts.push((index, set)),
                (None, Some(_)) => delta.deletes.push(index),
                (None, None) => delta.unknown_removals += 1,
            }
        }
        Ok(delta)
    }

    pub(crate) fn apply_to(&self, state: &mut State) {
        let set: Vec<ValueMac> = self.puts.iter().map(|(_, value)| *value).collect();
        state.hash.update(&self.replaced, &set);
    }

    pub(crate) fn into_applied(self, state: State, mutations: Vec<Mutation>, snapshot_check: SnapshotCheck) -> Applied {
        let Self { puts, deletes, unknown_removals, .. } = self;
        Applied { state, puts, deletes, mutations, snapshot_check, unknown_removals }
    }
}

#[cfg(test)]
mod tests;
