//! Prekeys: what a device publishes so that others can write to it while it is away (03-messages §1.1, §1.2).

use chasqui_wire::{
    KeyPair, PrivateKey, PublicKey,
    curve::{KEY_LEN, SIGNATURE_LEN},
};

use crate::SignalError;

/// Prekey ids have 24 bits.
pub const MAX_PREKEY_ID: u32 = 0x00ff_ffff;

const ID_LEN: usize = 4;
const PAIR_LEN: usize = 2 * KEY_LEN;

/// A one-time prekey. It is deleted when the session that used it is stored.
#[derive(Clone, Debug)]
pub struct PreKey {
    /// 1 to [`MAX_PREKEY_ID`].
    pub id: u32,
    /// The keys.
    pub pair: KeyPair,
}

impl PreKey {
    /// A new random key; of `id`, the low 24 bits are taken.
    pub fn generate(id: u32) -> Self {
        Self { id: id & MAX_PREKEY_ID, pair: KeyPair::generate() }
    }

    /// For storage, 68 bytes: id (big endian), private key, public key.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(ID_LEN + PAIR_LEN);
        write_pair(&mut out, self.id, &self.pair);
        out
    }

    /// From [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`SignalError::CorruptRecord`]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignalError> {
        let (id, pair) = read_pair(bytes)?;
        Ok(Self { id, pair })
    }
}

/// The medium-term prekey, signed by the identity.
#[derive(Clone, Debug)]
pub struct SignedPreKey {
    /// 1 to [`MAX_PREKEY_ID`].
    pub id: u32,
    /// The keys.
    pub pair: KeyPair,
    /// XEdDSA signature of the identity over `05` and the public key.
    pub signature: [u8; SIGNATURE_LEN],
}

impl SignedPreKey {
    /// A new random key signed by `identity`; of `id`, the low 24 bits are taken.
    pub fn generate(id: u32, identity: &KeyPair) -> Self {
        let pair = KeyPair::generate();
        let signature = identity.private.sign(&pair.public.to_djb());
        Self { id: id & MAX_PREKEY_ID, pair, signature }
    }

    /// For storage, 132 bytes: id (big endian), private key, public key, signature.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(ID_LEN + PAIR_LEN + SIGNATURE_LEN);
        write_pair(&mut out, self.id, &self.pair);
        out.extend_from_slice(&self.signature);
        out
    }

    /// From [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`SignalError::CorruptRecord`]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignalError> {
        let (pair, signature) = bytes.split_last_chunk().ok_or(SignalError::CorruptRecord)?;
        let (id, pair) = read_pair(pair)?;
        Ok(Self { id, pair, signature: *signature })
    }
}

fn write_pair(out: &mut Vec<u8>, id: u32, pair: &KeyPair) {
    out.extend_from_slice(&id.to_be_bytes());
    out.extend_from_slice(pair.private.as_bytes());
    out.extend_from_slice(pair.public.as_bytes());
}

fn read_pair(bytes: &[u8]) -> Result<(u32, KeyPair), SignalError> {
    let (id, keys) = bytes.split_first_chunk().ok_or(SignalError::CorruptRecord)?;
    let (private, public) = keys.split_at_checked(KEY_LEN).ok_or(SignalError::CorruptRecord)?;
    let private = PrivateKey::from_raw(private).map_err(|_| SignalError::CorruptRecord)?;
    let public = PublicKey::from_raw(public).map_err(|_| SignalError::CorruptRecord)?;
    Ok((u32::from_be_bytes(*id), KeyPair { private, public }))
}

/// What the service hands out about a device to whoever wants to write to it.
#[derive(Clone, Debug)]
pub struct PreKeyBundle {
    /// The device's registration id.
    pub registration_id: u32,
    /// The device's identity.
    pub identity: PublicKey,
    /// Id of the signed prekey.
    pub signed_prekey_id: u32,
    /// The signed prekey.
    pub signed_prekey: PublicKey,
    /// The identity's signature over `05` and the signed prekey.
    pub signed_prekey_signature: [u8; SIGNATURE_LEN],
    /// Id and key of a one-time prekey, if the device has any left.
    pub prekey: Option<(u32, PublicKey)>,
}

impl PreKeyBundle {
    /// Checks that the identity signed the signed prekey.
    ///
    /// # Errors
    /// [`SignalError::InvalidSignature`]
    pub fn verify(&self) -> Result<(), SignalError> {
        self.identity
            .verify(&self.signed_prekey.to_djb(), &self.signed_prekey_signature)
            .map_err(|_| SignalError::InvalidSignature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prekeys_come_back_from_storage() {
        let prekey = PreKey::generate(0xff00_0007);
        let stored = prekey.to_bytes();
        let read = PreKey::from_bytes(&stored).expect("a prekey");
        assert_eq!((read.id, read.pair.public), (7, prekey.pair.public));
        assert_eq!(read.pair.private.public_key(), prekey.pair.public);

        let signed = SignedPreKey::generate(9, &KeyPair::generate());
        let stored_signed = signed.to_bytes();
        let read = SignedPreKey::from_bytes(&stored_signed).expect("a signed prekey");
        assert_eq!((read.id, read.pair.public, read.signature), (9, signed.pair.public, signed.signature));

        for length in 0..stored.len() {
            assert!(PreKey::from_bytes(&stored[..length]).is_err());
        }
        for length in 0..stored_signed.len() {
            assert!(SignedPreKey::from_bytes(&stored_signed[..length]).is_err());
        }
    }

    #[test]
    fn a_bundle_signed_by_another_identity_is_refused() {
        let identity = KeyPair::generate();
        let signed = SignedPreKey::generate(1, &identity);
        let mut bundle = PreKeyBundle {
            registration_id: 1,
            identity: identity.public,
            signed_prekey_id: signed.id,
            signed_prekey: signed.pair.public,
            signed_prekey_signature: signed.signature,
            prekey: None,
        };
        assert_eq!(bundle.verify(), Ok(()));
        bundle.identity = KeyPair::generate().public;
        assert_eq!(bundle.verify(), Err(SignalError::InvalidSignature));
    }
}
