//! The aggregate MACs: over a whole map, and over a patch. Source: 04-app-state §5.

use hmac::Mac as _;

use crate::{Collection, LtHash, MutationKeys, ValueMac};

/// `HMAC(snapshot MAC key, hash || u64be(version) || collection)`; the version is the one after the change.
pub(crate) fn snapshot(keys: &MutationKeys, hash: &LtHash, version: u64, collection: Collection) -> [u8; 32] {
    let mac = keys.snapshot_mac.clone().chain_update(hash.to_bytes()).chain_update(version.to_be_bytes());
    mac.chain_update(collection.name()).finalize().into_bytes().into()
}

/// `HMAC(patch MAC key, snapshot MAC || value MACs in patch order || u64be(version) || collection)`.
pub(crate) fn patch<'a>(
    keys: &MutationKeys,
    snapshot_mac: &[u8],
    values: impl Iterator<Item = &'a ValueMac>,
    version: u64,
    collection: Collection,
) -> [u8; 32] {
    let mut mac = keys.patch_mac.clone().chain_update(snapshot_mac);
    values.for_each(|value| mac.update(&value.0));
    mac.chain_update(version.to_be_bytes()).chain_update(collection.name()).finalize().into_bytes().into()
}
