//! Patches from our own changes, snapshots, and the forms in which a server stores patches. Source: 04-app-state §5, §8,
//! §9, §16.1.

use std::collections::HashSet;

use chasqui_proto::{ExternalBlobReference, ProtoMessage};
use chasqui_wire::curve::random_bytes;

use crate::{
    Applied, BuildError, Collection, IndexMac, KeyRing, LocalMutation, LtHash, Mutation, Operation, Record,
    SnapshotCheck, State, SyncError, ValueMac, ValueMacs,
    fields::{self, Fields},
    mac,
    patch::Delta,
    record::mutation_bytes,
};

/// A patch of ours. Upload it; when the server has taken it, store and tell what it changes. After a conflict, apply what
/// came in between and build it anew from the mutations.
#[derive(Debug, Clone)]
pub struct Built {
    /// The encoded `SyncdPatch` without version, for the upload onto the version of the state it was built on.
    pub bytes: Vec<u8>,
    /// What changes once the server has taken it.
    pub applied: Applied,
    /// The records themselves, for who keeps them whole.
    pub records: Vec<(Operation, Record<'static>)>,
}

/// The index MACs whose stored value MACs [`build_patch`] needs.
pub fn needed(keys: &KeyRing, mutations: &[LocalMutation]) -> Result<Vec<IndexMac>, BuildError> {
    let (_, keys) = keys.active()?;
    Ok(mutations.iter().map(|mutation| IndexMac(keys.index_mac(mutation.data.index()))).collect())
}

/// Builds a patch onto `state`, with all mutations encrypted under the active key (§9).
///
/// `previous` holds the stored value MACs of the indexes in [`needed`].
pub fn build_patch(
    collection: Collection,
    state: &State,
    keys: &KeyRing,
    mutations: &[LocalMutation],
    previous: &impl ValueMacs,
) -> Result<Built, BuildError> {
    build_patch_with(collection, state, keys, mutations, previous, random_bytes)
}

/// [`build_patch`] with a source of IVs.
pub(crate) fn build_patch_with(
    collection: Collection,
    state: &State,
    keys: &KeyRing,
    mutations: &[LocalMutation],
    previous: &impl ValueMacs,
    mut iv: impl FnMut() -> [u8; 16],
) -> Result<Built, BuildError> {
    if mutations.is_empty() {
        return Err(BuildError::Empty);
    }
    if mutations.iter().any(|mutation| mutation.collection != collection) {
        return Err(BuildError::WrongCollection);
    }
    let (key_id, keys) = keys.active()?;
    let seal = |mutation: &LocalMutation| {
        (mutation.operation, Record::seal(mutation.operation, &mutation.data, key_id, keys, iv()))
    };
    let records: Vec<(Operation, Record<'static>)> = mutations.iter().map(seal).collect();
    let mut indexes = HashSet::new();
    if !records.iter().all(|(_, record)| indexes.insert(record.index_mac())) {
        return Err(BuildError::DuplicateIndex);
    }

    let delta = Delta::of(&records, previous).map_err(|_| BuildError::DuplicateIndex)?;
    let mut state = State { version: state.version.saturating_add(1), ..state.clone() };
    delta.apply_to(&mut state);
    let snapshot_mac = mac::snapshot(keys, &state.hash, state.version, collection);
    let values: Vec<ValueMac> = records.iter().map(|(_, record)| record.value_mac()).collect();
    let patch_mac = mac::patch(keys, &snapshot_mac, values.iter(), state.version, collection);

    let mut bytes = Vec::new();
    for (operation, record) in &records {
        fields::put_bytes(&mut bytes, 2, &mutation_bytes(*operation, record));
    }
    fields::put_bytes(&mut bytes, 4, &snapshot_mac);
    fields::put_bytes(&mut bytes, 5, &patch_mac);
    put_nested(&mut bytes, 6, key_id.as_bytes());

    let check = if state.mismatch { SnapshotCheck::NotCompared } else { SnapshotCheck::Matches };
    let told = mutations.iter().zip(&records).map(|(mutation, (operation, record))| Mutation {
        operation: *operation,
        index_mac: record.index_mac(),
        data: mutation.data.clone(),
    });
    let applied = delta.into_applied(state, told.collect(), check);
    Ok(Built { bytes, applied, records })
}

/// Builds a snapshot of live records, which stay as they are, each under its own key (§16.2).
///
/// Gives the encoded `SyncdSnapshot`, still to be encrypted as media `md-app-state`, and the hash of the records.
pub fn build_snapshot<'r, 'b: 'r>(
    collection: Collection,
    version: u64,
    keys: &KeyRing,
    records: impl IntoIterator<Item = &'r Record<'b>>,
) -> Result<(Vec<u8>, LtHash), BuildError> {
    let (key_id, keys) = keys.active()?;
    let mut bytes = Vec::new();
    put_version(&mut bytes, version);
    let mut values = Vec::new();
    for record in records {
        fields::put_bytes(&mut bytes, 2, &record.to_bytes());
        values.push(record.value_mac());
    }
    let hash = LtHash::sum(&values);
    fields::put_bytes(&mut bytes, 3, &mac::snapshot(keys, &hash, version, collection));
    put_nested(&mut bytes, 4, key_id.as_bytes());
    Ok((bytes, hash))
}

/// The form in which the server stores an uploaded patch: with its version in front, instead of any that it had.
pub fn stored_patch(upload: &[u8], version: u64) -> Result<Vec<u8>, SyncError> {
    let mut out = Vec::with_capacity(upload.len() + 12);
    put_version(&mut out, version);
    for field in Fields::new(upload, "a patch") {
        let field = field.map_err(SyncError::patch)?;
        if field.number != 1 {
            out.extend_from_slice(field.raw);
        }
    }
    Ok(out)
}

/// Takes the mutations out of a patch: gives the patch without them and an encoded `SyncdMutations`, to be encrypted as
/// media `md-app-state`. [`with_reference`] puts the uploaded blob in their place; the MACs stay as they are.
pub fn take_mutations(patch: &[u8]) -> Result<(Vec<u8>, Vec<u8>), SyncError> {
    let (mut rest, mut mutations) = (Vec::new(), Vec::new());
    for field in Fields::new(patch, "a patch") {
        let field = field.map_err(SyncError::patch)?;
        if field.number == 2 {
            fields::put_bytes(&mut mutations, 1, field.bytes("a patch").map_err(SyncError::patch)?);
        } else {
            rest.extend_from_slice(field.raw);
        }
    }
    Ok((rest, mutations))
}

/// A patch from [`take_mutations`] that names the blob with its mutations.
pub fn with_reference(mut patch: Vec<u8>, reference: &ExternalBlobReference) -> Vec<u8> {
    fields::put_bytes(&mut patch, 3, &reference.encode_to_vec());
    patch
}

fn put_version(out: &mut Vec<u8>, version: u64) {
    let mut nested = Vec::new();
    fields::put_number(&mut nested, 1, version);
    fields::put_bytes(out, 1, &nested);
}

pub(crate) fn put_nested(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    let mut nested = Vec::new();
    fields::put_bytes(&mut nested, 1, bytes);
    fields::put_bytes(out, number, &nested);
}
