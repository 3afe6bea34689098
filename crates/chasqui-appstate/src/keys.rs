//! Keys: their ids, what one is expanded to, and the ring of those that are known. Source: 04-app-state §2.1, §2.2, §2.5.

use std::{collections::HashMap, fmt};

use aes::cipher::KeyInit as _;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{BuildError, Fault};

/// The name of a key: the device that made it and its epoch. Six bytes, `u16be(device) || u32be(epoch)`.
///
/// Ordered by age: the greatest is the one for new mutations, which has the highest epoch and among equals the lowest
/// device.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 6]);

impl KeyId {
    /// The id of a key that `device` makes.
    pub const fn new(device: u16, epoch: u32) -> Self {
        let ([a, b], [c, d, e, f]) = (device.to_be_bytes(), epoch.to_be_bytes());
        Self([a, b, c, d, e, f])
    }

    /// Takes exactly six bytes; there are no ids of another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The six bytes.
    pub const fn as_bytes(&self) -> &[u8; 6] {
        &self.0
    }

    /// The device that made the key; 0 is the phone.
    pub const fn device(&self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]])
    }

    /// Counts the rotations.
    pub const fn epoch(&self) -> u32 {
        u32::from_be_bytes([self.0[2], self.0[3], self.0[4], self.0[5]])
    }
}

impl Ord for KeyId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.epoch().cmp(&other.epoch()).then(other.device().cmp(&self.device()))
    }
}

impl PartialOrd for KeyId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// The 32 secret bytes that devices share. Never printed, zeroized on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct KeyData([u8; 32]);

impl KeyData {
    /// Takes the bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Takes exactly 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// A fresh key.
    pub fn generate() -> Self {
        Self(chasqui_wire::curve::random_bytes())
    }

    /// The bytes, to be stored or shared.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for KeyData {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyData {}

impl fmt::Debug for KeyData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyData(…)")
    }
}

/// What a key is expanded to, each part ready for use: expand a key once and keep this. Zeroized on drop.
#[derive(Clone)]
pub struct MutationKeys {
    pub(crate) index: Hmac<Sha256>,
    pub(crate) value_encryption: aes::Aes256,
    pub(crate) value_mac: Hmac<Sha512>,
    pub(crate) snapshot_mac: Hmac<Sha256>,
    pub(crate) patch_mac: Hmac<Sha256>,
}

impl MutationKeys {
    /// Derives the five keys.
    pub fn expand(data: &KeyData) -> Self {
        let parts = expand(data);
        let [index, value_encryption, value_mac, snapshot_mac, patch_mac] = &*parts;
        Self {
            index: hmac256(index),
            value_encryption: aes::Aes256::new(value_encryption.into()),
            value_mac: <Hmac<Sha512>>::new_from_slice(value_mac).expect("HMAC takes keys of any length"),
            snapshot_mac: hmac256(snapshot_mac),
            patch_mac: hmac256(patch_mac),
        }
    }

    /// HMAC of an index, by which a record is known.
    pub(crate) fn index_mac(&self, index: &[u8]) -> [u8; 32] {
        self.index.clone().chain_update(index).finalize().into_bytes().into()
    }
}

impl fmt::Debug for MutationKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MutationKeys(…)")
    }
}

/// Index, value encryption, value MAC, snapshot MAC and patch MAC key.
fn expand(data: &KeyData) -> Zeroizing<[[u8; 32]; 5]> {
    let mut out = Zeroizing::new([0u8; 160]);
    Hkdf::<Sha256>::new(None, &data.0).expand(b"WhatsApp Mutation Keys", &mut *out).expect("a short output");
    let mut parts = Zeroizing::new([[0u8; 32]; 5]);
    for (part, bytes) in parts.iter_mut().zip(out.chunks_exact(32)) {
        part.copy_from_slice(bytes);
    }
    parts
}

fn hmac256(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256>>::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// The keys that are known, expanded. Its size is that of what the caller has stored.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    keys: HashMap<KeyId, MutationKeys>,
    expired_epoch: Option<u32>,
}

impl KeyRing {
    /// An empty ring.
    pub fn new() -> Self {
        Self::default()
    }

    /// Expands a key and keeps it. A known key is not expanded again.
    pub fn insert(&mut self, id: KeyId, data: &KeyData) {
        self.keys.entry(id).or_insert_with(|| MutationKeys::expand(data));
    }

    /// Whether the key is here.
    pub fn contains(&self, id: KeyId) -> bool {
        self.keys.contains_key(&id)
    }

    /// The expanded key, or the fault that names it.
    pub fn get(&self, id: KeyId) -> Result<&MutationKeys, Fault> {
        self.keys.get(&id).ok_or(Fault::MissingKey(id))
    }

    /// No key up to this epoch is for new mutations any more; all of them still decrypt (§2.5, the `sentinel` action).
    pub fn expire(&mut self, epoch: u32) {
        self.expired_epoch = self.expired_epoch.max(Some(epoch));
    }

    /// The key for new mutations.
    pub fn active(&self) -> Result<(KeyId, &MutationKeys), BuildError> {
        let newest = self.keys.iter().filter(|(id, _)| Some(id.epoch()) > self.expired_epoch);
        newest.max_by_key(|(id, _)| **id).map(|(id, keys)| (*id, keys)).ok_or(BuildError::NoActiveKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::{hex, key_data};

    #[test]
    fn a_key_is_expanded_as_in_the_vector() {
        let expected = [
            "61387bcf643616a68bd611a45516b3980418323087d78bf08c615645549434b4",
            "900ba2843ba5fb0cee55cf2a4de9503dce68187d3f6b95b420b008bde66f5a20",
            "d0879f6b61f0bcba79faad3f47a8a768fd7fc04a6cc8b3ecefedfa087413226f",
            "69b2e91be6587307c43c29b027a71fdd55be25f07ca726714115430d23093071",
            "693845bdd996652aca9ca0b96d0f081abf29943303c5eb19bdb84f38b24c32ab",
        ];
        assert_eq!(expand(&key_data()).map(|part| part.to_vec()), expected.map(hex));
    }

    #[test]
    fn an_id_is_device_and_epoch() {
        let id = KeyId::new(3, 70_000);
        assert_eq!(id.as_bytes(), &[0, 3, 0, 1, 0x11, 0x70]);
        assert_eq!((id.device(), id.epoch()), (3, 70_000));
        assert_eq!(KeyId::from_bytes(&[0; 5]), None);
        assert_eq!(format!("{id:?}"), "KeyId(000300011170)");
    }

    #[test]
    fn the_active_key_has_the_highest_epoch_and_then_the_lowest_device() {
        let mut ring = KeyRing::new();
        assert_eq!(ring.active().err(), Some(BuildError::NoActiveKey));
        for id in [KeyId::new(0, 7), KeyId::new(2, 8), KeyId::new(1, 8)] {
            ring.insert(id, &key_data());
        }
        assert_eq!(ring.active().map(|(id, _)| id), Ok(KeyId::new(1, 8)));
        ring.expire(8);
        ring.expire(3);
        assert_eq!(ring.active().err(), Some(BuildError::NoActiveKey), "expired keys are not for new mutations");
        assert!(ring.get(KeyId::new(0, 7)).is_ok(), "but still decrypt");
        assert_eq!(ring.get(KeyId::new(0, 9)).err(), Some(Fault::MissingKey(KeyId::new(0, 9))));
    }

    #[test]
    fn a_secret_does_not_show_in_debug() {
        let text = format!("{:?} {:?}", key_data(), MutationKeys::expand(&key_data()));
        assert_eq!(text, "KeyData(…) MutationKeys(…)");
    }
}
