//! The keys, and one sealed value.

use std::fmt;

use ring::{aead, hkdf, hmac};
use zeroize::{Zeroize, Zeroizing};

use crate::{Key, StoreError};

/// A field 0 of wire type 7 exists in no protobuf; then "S" and the version of the form.
const MAGIC: [u8; 3] = [0x07, b'S', 1];
const ID: usize = 8;
const NONCE: usize = aead::NONCE_LEN;
const HEADER: usize = MAGIC.len() + ID + NONCE;
const TAG: usize = 16;
const KEY: usize = 32;
/// Keys that one ring holds at most.
const MAX_KEYS: usize = 16;

/// Which key sealed a value; no secret.
type KeyId = [u8; ID];

/// Whether bytes have the form of a sealed value.
pub fn is_sealed(value: &[u8]) -> bool {
    value.len() >= HEADER + TAG && value.starts_with(&MAGIC)
}

/// The key that seals, and earlier ones that still open. Wiped on drop, never shown.
#[derive(Clone)]
pub struct Keyring(Vec<Zeroizing<[u8; KEY]>>);

impl Keyring {
    /// Keys of 32 bytes each, one after the other: the present one, then earlier ones, at most 15.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (keys, rest) = bytes.as_chunks::<KEY>();
        let fits = rest.is_empty() && (1..=MAX_KEYS).contains(&keys.len());
        fits.then(|| Self(keys.iter().map(|key| Zeroizing::new(*key)).collect()))
    }

    /// The keys of one session.
    pub(super) fn for_session(&self, session: &str) -> SessionKeys {
        let keys = self.0.iter().filter_map(|key| Some((id_of(key), derive(key, session)?))).collect();
        SessionKeys { session: session.to_owned(), keys }
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.0.len())
    }
}

fn id_of(key: &[u8; KEY]) -> KeyId {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"chasqui sealing key id");
    tag.as_ref().first_chunk().copied().unwrap_or_default()
}

/// Random nonces of 96 bits carry 2^32 values under one key: one key for each session keeps far from that.
fn derive(key: &[u8; KEY], session: &str) -> Option<aead::LessSafeKey> {
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, b"chasqui sealed session").extract(key);
    let info = [session.as_bytes()];
    let derived = secret.expand(&info, &aead::AES_256_GCM).ok()?;
    Some(aead::LessSafeKey::new(derived.into()))
}

/// What was found where a sealed value was expected.
pub(super) enum Found {
    /// Sealed with the present key.
    Current,
    /// Sealed with an earlier one.
    Earlier,
    /// Not sealed.
    Plain,
    /// Sealed with a key that is not here.
    Unknown(KeyId),
}

/// The keys of one session, the present one first.
pub(super) struct SessionKeys {
    pub session: String,
    keys: Vec<(KeyId, aead::LessSafeKey)>,
}

impl SessionKeys {
    /// What a value is, from its header alone.
    pub fn look(&self, value: &[u8]) -> Found {
        match id_in(value).filter(|_| is_sealed(value)) {
            None => Found::Plain,
            Some(id) => match self.keys.iter().position(|(known, _)| *known == id) {
                Some(0) => Found::Current,
                Some(_) => Found::Earlier,
                None => Found::Unknown(id),
            },
        }
    }

    /// Seals with the present key and wipes what was given.
    pub fn seal(&self, place: &Key, mut plain: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let sealed = self.seal_bytes(place, &plain);
        plain.zeroize();
        sealed
    }

    fn seal_bytes(&self, place: &Key, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let failed = || StoreError::failed("a value could not be sealed");
        let (id, key) = self.keys.first().ok_or_else(failed)?;
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(StoreError::failed)?;
        let mut sealed = Vec::with_capacity(HEADER + plain.len() + TAG);
        sealed.extend_from_slice(&MAGIC);
        sealed.extend_from_slice(id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let body = sealed.get_mut(HEADER..).ok_or_else(failed)?;
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let tag = key.seal_in_place_separate_tag(nonce, aad(place), body).map_err(|_| failed())?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens a value where it lies.
    pub fn open(&self, place: &Key, mut value: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let length = self.open_in_place(place, &mut value).ok_or_else(|| self.refusal(&value))?;
        value.copy_within(HEADER..HEADER + length, 0);
        value.truncate(length);
        Ok(value)
    }

    fn open_in_place(&self, place: &Key, value: &mut [u8]) -> Option<usize> {
        let id = id_in(value).filter(|_| is_sealed(value))?;
        let (_, key) = self.keys.iter().find(|(known, _)| *known == id)?;
        let (header, body) = value.split_at_mut_checked(HEADER)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(header.get(HEADER - NONCE..)?).ok()?;
        key.open_in_place(nonce, aad(place), body).ok().map(|plain| plain.len())
    }

    /// Why a value does not open.
    pub fn refusal(&self, value: &[u8]) -> StoreError {
        match self.look(value) {
            Found::Unknown(id) => self.wrong_key(id),
            _ => StoreError::Altered { session: self.session.clone() },
        }
    }

    pub fn wrong_key(&self, id: KeyId) -> StoreError {
        let hex = |id: KeyId| format!("{:016x}", u64::from_be_bytes(id));
        let given = self.keys.iter().map(|(id, _)| hex(*id)).collect();
        StoreError::WrongKey { session: self.session.clone(), sealed_with: hex(id), given }
    }
}

fn id_in(value: &[u8]) -> Option<KeyId> {
    value.get(MAGIC.len()..).and_then(|rest| rest.first_chunk().copied())
}

fn aad(place: &Key) -> aead::Aad<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1 + place.bytes.len());
    bytes.push(place.namespace.code());
    bytes.extend_from_slice(&place.bytes);
    aead::Aad::from(bytes)
}
