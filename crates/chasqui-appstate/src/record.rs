//! One record: an action, encrypted under one key and known by the MAC of its index. Source: 04-app-state §3.
//!
//! ```text
//! SyncActionData = { index 1: JSON array of strings, value 2: SyncActionValue, padding 3, version 4 }
//! SyncdRecord    = { index 1 { blob 1: index MAC }, value 2 { blob 1: iv(16) || AES-256-CBC || value MAC(32) }, keyId 3 { id 1 } }
//! index MAC      = HMAC-SHA256(index key, index)
//! value MAC      = HMAC-SHA512(value MAC key, operation || key id || iv || ciphertext || u64be(1 + length of key id))[0:32]
//! ```

use std::{borrow::Cow, fmt, ops::Range};

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, block_padding::Pkcs7};
use hmac::Mac as _;
use subtle::ConstantTimeEq;

use crate::{
    Action, Collection, KeyId, KeyRing, MutationKeys,
    error::{Fault, Mac},
    fields::{self, Fields},
    parallel::in_chunks,
};

const IV_LEN: usize = 16;
const MAC_LEN: usize = 32;
/// IV, one block, MAC.
const MIN_BLOB_LEN: usize = IV_LEN + 16 + MAC_LEN;

/// HMAC of a record's index: the key of the map. 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexMac(pub [u8; MAC_LEN]);

/// MAC of a record's ciphertext: the value of the map, and what the hash is made of. 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueMac(pub [u8; MAC_LEN]);

impl fmt::Display for IndexMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…")
    }
}

impl fmt::Debug for IndexMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexMac({self})")
    }
}

impl fmt::Debug for ValueMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValueMac({})", IndexMac(self.0))
    }
}

/// What a mutation does with its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Puts or replaces the record.
    Set,
    /// Deletes it. Such a mutation has a value too, normally an empty one.
    Remove,
}

impl Operation {
    pub(crate) fn from_wire(number: u64) -> Result<Self, Fault> {
        match number {
            0 => Ok(Self::Set),
            1 => Ok(Self::Remove),
            other => Err(Fault::UnknownOperation(other)),
        }
    }

    pub(crate) const fn to_wire(self) -> u64 {
        match self {
            Self::Set => 0,
            Self::Remove => 1,
        }
    }

    /// What the value MAC has for it, which is not the number on the wire.
    const fn mac_byte(self) -> u8 {
        match self {
            Self::Set => 1,
            Self::Remove => 2,
        }
    }
}

/// The plaintext of a record, kept byte for byte: what the schema does not know stays in it.
#[derive(Clone, PartialEq, Eq)]
pub struct ActionData {
    bytes: Vec<u8>,
    index: Range<usize>,
    value: Range<usize>,
    version: i32,
}

impl ActionData {
    /// Writes one.
    ///
    /// `index` is the JSON array, `value` an encoded `SyncActionValue`, `version` that of the action.
    pub fn new(index: &[u8], value: &[u8], version: i32) -> Self {
        let mut bytes = Vec::with_capacity(index.len() + value.len() + 20);
        fields::put_bytes(&mut bytes, 1, index);
        let index = bytes.len() - index.len()..bytes.len();
        fields::put_bytes(&mut bytes, 2, value);
        let value = bytes.len() - value.len()..bytes.len();
        fields::put_bytes(&mut bytes, 3, &[]);
        // A negative int32 is sign-extended on the wire.
        fields::put_number(&mut bytes, 4, i64::from(version) as u64);
        Self { bytes, index, value, version }
    }

    /// Reads a decrypted `SyncActionData`. Absent fields are empty.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Fault> {
        const WHAT: &str = "an action";
        let (mut index, mut value, mut version) = (0..0, 0..0, 0);
        let mut end = 0;
        for field in Fields::new(&bytes, WHAT) {
            let field = field?;
            end += field.raw.len();
            match field.number {
                1 => index = end - field.bytes(WHAT)?.len()..end,
                2 => value = end - field.bytes(WHAT)?.len()..end,
                4 => version = field.varint(WHAT)? as i32,
                _ => {}
            }
        }
        Ok(Self { bytes, index, value, version })
    }

    /// All of it, as encrypted.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The index: a JSON array of strings, the first of which names the action.
    pub fn index(&self) -> &[u8] {
        self.bytes.get(self.index.clone()).unwrap_or_default()
    }

    /// The encoded `SyncActionValue`.
    pub fn value(&self) -> &[u8] {
        self.bytes.get(self.value.clone()).unwrap_or_default()
    }

    /// The version of the action.
    pub const fn version(&self) -> i32 {
        self.version
    }

    /// When the action happened, in milliseconds since the epoch.
    pub fn timestamp_ms(&self) -> Option<i64> {
        fields::varint(self.value(), 1, "an action's value").ok().flatten().map(|value| value as i64)
    }

    /// The strings of the index, or `None` when it is not a JSON array of strings.
    pub fn index_parts(&self) -> Option<Vec<String>> {
        serde_json::from_slice(self.index()).ok()
    }
}

impl fmt::Debug for ActionData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActionData({} v{})", String::from_utf8_lossy(self.index()), self.version)
    }
}

/// A mutation that was received, decrypted and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// Set or remove.
    pub operation: Operation,
    /// By what the map knows it.
    pub index_mac: IndexMac,
    /// The plaintext.
    pub data: ActionData,
}

impl Mutation {
    /// The typed form, or `None` when the action is not in the catalogue, of a later version than the one there, or not
    /// of the form it has there. Such a mutation is kept and passed on as [`Mutation::data`] (§11).
    pub fn action(&self) -> Option<Action> {
        Action::decode(self.operation, &self.data)
    }
}

/// One of our own changes, before it is part of a patch. Keep it until the server took the patch: after a conflict the
/// patch is built anew (§9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalMutation {
    /// Where it belongs.
    pub collection: Collection,
    /// Set or remove.
    pub operation: Operation,
    /// The plaintext.
    pub data: ActionData,
}

impl LocalMutation {
    /// The form to be stored: operation, length of the collection's name, name, plaintext.
    pub fn to_bytes(&self) -> Vec<u8> {
        let name = self.collection.name().as_bytes();
        [&[self.operation.mac_byte(), name.len() as u8], name, self.data.as_bytes()].concat()
    }

    /// Reads the stored form; `None` when it is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([operation, length], rest) = bytes.split_first_chunk::<2>()?;
        let operation = [Operation::Set, Operation::Remove].into_iter().find(|each| each.mac_byte() == *operation)?;
        let (name, data) = rest.split_at_checked(usize::from(*length))?;
        let collection = Collection::from_name(std::str::from_utf8(name).ok()?)?;
        Some(Self { collection, operation, data: ActionData::parse(data.to_vec()).ok()? })
    }
}

/// An encrypted record, borrowed from the patch or snapshot that holds it or owned by who keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    index_mac: IndexMac,
    value_mac: ValueMac,
    /// IV, ciphertext and value MAC.
    blob: Cow<'a, [u8]>,
    key_id: KeyId,
}

impl<'a> Record<'a> {
    /// Reads a `SyncdRecord`. Nothing of it is verified.
    pub fn parse(message: &'a [u8]) -> Result<Self, Fault> {
        const WHAT: &str = "a record";
        let (mut index, mut value, mut key_id) = (None, None, None);
        for field in Fields::new(message, WHAT) {
            let field = field?;
            match field.number {
                1 => index = fields::bytes(field.bytes(WHAT)?, 1, WHAT)?,
                2 => value = fields::bytes(field.bytes(WHAT)?, 1, WHAT)?,
                3 => key_id = key_id_of(field.bytes(WHAT)?)?,
                _ => {}
            }
        }
        let malformed = Fault::Malformed(WHAT);
        let index_mac = IndexMac(index.and_then(|mac| mac.try_into().ok()).ok_or(malformed.clone())?);
        let blob = value.filter(|blob| blob.len() >= MIN_BLOB_LEN && blob.len() % 16 == 0).ok_or(malformed.clone())?;
        let value_mac = ValueMac(*blob.last_chunk().ok_or(malformed.clone())?);
        Ok(Self { index_mac, value_mac, blob: blob.into(), key_id: key_id.ok_or(malformed)? })
    }

    /// The MAC of its index, as the record claims it.
    pub const fn index_mac(&self) -> IndexMac {
        self.index_mac
    }

    /// The MAC of its value, as the record claims it.
    pub const fn value_mac(&self) -> ValueMac {
        self.value_mac
    }

    /// The key that it is encrypted under.
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The same, independent of the bytes it was read from.
    pub fn into_owned(self) -> Record<'static> {
        Record { blob: Cow::Owned(self.blob.into_owned()), ..self }
    }

    /// The `SyncdRecord`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.blob.len() + 64);
        let mut nested = Vec::with_capacity(self.blob.len() + 8);
        for (number, bytes) in [(1, &self.index_mac.0[..]), (2, &self.blob), (3, self.key_id.as_bytes())] {
            nested.clear();
            fields::put_bytes(&mut nested, 1, bytes);
            fields::put_bytes(&mut out, number, &nested);
        }
        out
    }

    /// Verifies the value MAC, decrypts, verifies the index MAC.
    pub fn open(&self, operation: Operation, keys: &MutationKeys) -> Result<ActionData, Fault> {
        let (ciphertext, _) = self.blob.split_last_chunk::<MAC_LEN>().ok_or(Fault::Malformed("a record"))?;
        let expected = value_mac(keys, operation, self.key_id, ciphertext);
        if !bool::from(expected.ct_eq(&self.value_mac.0)) {
            return Err(Fault::WrongMac(Mac::Value));
        }
        let (iv, ciphertext) = ciphertext.split_first_chunk::<IV_LEN>().ok_or(Fault::Malformed("a record"))?;
        let mut text = ciphertext.to_vec();
        let length = cbc::Decryptor::inner_iv_init(&keys.value_encryption, iv.into())
            .decrypt_padded::<Pkcs7>(&mut text)
            .map_err(|_| Fault::Malformed("a record's padding"))?
            .len();
        text.truncate(length);
        let data = ActionData::parse(text)?;
        if !bool::from(keys.index_mac(data.index()).ct_eq(&self.index_mac.0)) {
            return Err(Fault::WrongMac(Mac::Index));
        }
        Ok(data)
    }

    /// Encrypts an action. The IV must be random.
    pub fn seal(
        operation: Operation,
        data: &ActionData,
        key_id: KeyId,
        keys: &MutationKeys,
        iv: [u8; IV_LEN],
    ) -> Record<'static> {
        let cipher = cbc::Encryptor::inner_iv_init(&keys.value_encryption, &iv.into());
        let ciphertext = cipher.encrypt_padded_vec::<Pkcs7>(data.as_bytes());
        let mut blob = Vec::with_capacity(IV_LEN + ciphertext.len() + MAC_LEN);
        blob.extend_from_slice(&iv);
        blob.extend_from_slice(&ciphertext);
        let value_mac = value_mac(keys, operation, key_id, &blob);
        blob.extend_from_slice(&value_mac);
        let index_mac = IndexMac(keys.index_mac(data.index()));
        Record { index_mac, value_mac: ValueMac(value_mac), blob: Cow::Owned(blob), key_id }
    }
}

/// Opens all records of a patch or snapshot, in their order.
pub(crate) fn open_all<'r, T: Sync + 'r>(
    items: &'r [T],
    record_of: impl Fn(&'r T) -> (Operation, &'r Record<'r>) + Sync,
    keys: &KeyRing,
) -> Result<Vec<Mutation>, Fault> {
    let open = |item| {
        let (operation, record) = record_of(item);
        let data = record.open(operation, keys.get(record.key_id())?)?;
        Ok(Mutation { operation, index_mac: record.index_mac(), data })
    };
    let chunks = in_chunks(items, |chunk| chunk.iter().map(open).collect::<Result<Vec<_>, Fault>>());
    let mut mutations = Vec::with_capacity(items.len());
    for chunk in chunks {
        mutations.append(&mut chunk?);
    }
    Ok(mutations)
}

fn value_mac(keys: &MutationKeys, operation: Operation, key_id: KeyId, ciphertext: &[u8]) -> [u8; MAC_LEN] {
    let id = key_id.as_bytes();
    let full = keys
        .value_mac
        .clone()
        .chain_update([operation.mac_byte()])
        .chain_update(id)
        .chain_update(ciphertext)
        .chain_update((1 + id.len() as u64).to_be_bytes())
        .finalize()
        .into_bytes();
    let mut mac = [0; MAC_LEN];
    mac.iter_mut().zip(full).for_each(|(to, from)| *to = from);
    mac
}

/// The id in a `KeyId` message. One of another length than six names no key.
pub(crate) fn key_id_of(message: &[u8]) -> Result<Option<KeyId>, Fault> {
    const WHAT: &str = "a key id";
    fields::bytes(message, 1, WHAT)?.map(|id| KeyId::from_bytes(id).ok_or(Fault::Malformed(WHAT))).transpose()
}

/// A `SyncdMutation`: operation and record. An absent operation is SET, as protobuf has it.
pub(crate) fn parse_mutation(message: &[u8]) -> Result<(Operation, Record<'_>), Fault> {
    const WHAT: &str = "a mutation";
    let (mut operation, mut record) = (Operation::Set, None);
    for field in Fields::new(message, WHAT) {
        let field = field?;
        match field.number {
            1 => operation = Operation::from_wire(field.varint(WHAT)?)?,
            2 => record = Some(Record::parse(field.bytes(WHAT)?)?),
            _ => {}
        }
    }
    Ok((operation, record.ok_or(Fault::Malformed(WHAT))?))
}

pub(crate) fn mutation_bytes(operation: Operation, record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    fields::put_number(&mut out, 1, operation.to_wire());
    fields::put_bytes(&mut out, 2, &record.to_bytes());
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vectors::{KEY_ID, keys};

    fn sealed(index: &[u8], value: &[u8]) -> (ActionData, Record<'static>) {
        let data = ActionData::new(index, value, 3);
        let record = Record::seal(Operation::Set, &data, KEY_ID, &keys(), [9; 16]);
        (data, record)
    }

    #[test]
    fn a_record_is_opened_with_the_operation_it_was_made_for() {
        let (data, record) = sealed(b"[\"archive\"]", b"");
        assert_eq!(record.open(Operation::Set, &keys()), Ok(data));
        assert_eq!(record.open(Operation::Remove, &keys()), Err(Fault::WrongMac(Mac::Value)));
    }

    #[test]
    fn a_record_with_another_records_index_is_refused() {
        let (_, mut record) = sealed(b"[\"archive\"]", b"");
        record.index_mac = sealed(b"[\"mute\"]", b"").1.index_mac;
        assert_eq!(record.open(Operation::Set, &keys()), Err(Fault::WrongMac(Mac::Index)));
    }

    #[test]
    fn a_record_without_an_index_is_opened() {
        let data = ActionData::parse(Vec::new()).expect("an empty message");
        let record = Record::seal(Operation::Set, &data, KEY_ID, &keys(), [0; 16]);
        assert_eq!(record.open(Operation::Set, &keys()), Ok(data));
    }

    #[test]
    fn what_the_schema_does_not_know_stays_in_the_plaintext() {
        let mut bytes = ActionData::new(b"[\"new\"]", &[0x08, 5, 0xf2, 0x1f, 1, 7], 9).as_bytes().to_vec();
        bytes.extend_from_slice(&[0x78, 1]);
        let data = ActionData::parse(bytes.clone()).expect("an action");
        assert_eq!(data.as_bytes(), bytes);
        assert_eq!((data.index(), data.value(), data.version()), (&b"[\"new\"]"[..], &bytes[11..17], 9));
        assert_eq!(data.timestamp_ms(), Some(5));
        assert_eq!(data.index_parts(), Some(vec!["new".to_owned()]));
    }

    #[test]
    fn a_change_of_ours_survives_storage() {
        let data = ActionData::new(b"[\"contact\",\"1@s.whatsapp.net\"]", b"", -2);
        let local = LocalMutation { collection: Collection::CriticalUnblockLow, operation: Operation::Remove, data };
        let stored = local.to_bytes();
        assert_eq!(LocalMutation::from_bytes(&stored), Some(local));
        assert_eq!(LocalMutation::from_bytes(&stored[..10]), None);
    }

    proptest! {
        #[test]
        fn any_flipped_bit_of_a_record_is_found(index: Vec<u8>, value: Vec<u8>, at: prop::sample::Index, bit in 0u8..8) {
            let (data, record) = sealed(&index, &value);
            let mut bytes = record.to_bytes();
            prop_assert_eq!(Record::parse(&bytes).and_then(|record| record.open(Operation::Set, &keys())), Ok(data));
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let opened = Record::parse(&bytes).and_then(|read| {
                // The key id is covered by the value MAC even if the ring gave the same key for it.
                read.open(Operation::Set, &keys())
            });
            prop_assert!(opened.is_err(), "{:?}", opened);
        }

        #[test]
        fn arbitrary_bytes_are_no_record_and_no_panic(bytes: Vec<u8>) {
            let _ = Record::parse(&bytes).and_then(|record| record.open(Operation::Set, &keys()));
            let _ = parse_mutation(&bytes);
            let _ = LocalMutation::from_bytes(&bytes);
            if let Ok(data) = ActionData::parse(bytes) {
                let _ = (data.timestamp_ms(), data.index_parts(), Action::decode(Operation::Set, &data));
            }
        }
    }
}
