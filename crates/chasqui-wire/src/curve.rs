//! Curve25519 keys and XEdDSA signatures, as used by Noise certificates, device identities and signed prekeys.
//!
//! A public key is 32 raw bytes; the `05` type byte appears only where a protocol document says so
//! ([`PublicKey::to_djb`]). Source: 02-pairing-and-keys §1 and §10, 03-messages §1.6.

use std::fmt;

use curve25519_dalek::{edwards::EdwardsPoint, montgomery::MontgomeryPoint, scalar::Scalar};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use x25519_dalek::StaticSecret;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Length in bytes of a raw public or private key.
pub const KEY_LEN: usize = 32;
/// Length in bytes of an XEdDSA signature.
pub const SIGNATURE_LEN: usize = 64;
/// Type byte in front of a public key inside Signal messages and signed prekey signatures.
pub const DJB_TYPE: u8 = 0x05;

/// A key or signature that does not have the form the protocol asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes are not a 32-byte key (or 33 bytes starting with `05`).
    #[error("a Curve25519 key has 32 bytes, or 33 with its type byte; this one has {0}")]
    Length(usize),
    /// The key agreement gave the all-zero secret: the peer sent a point of small order.
    #[error("the peer's public key is a point of small order")]
    SmallOrder,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
}

/// A Curve25519 public key (Montgomery u-coordinate), 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; KEY_LEN]);

impl PublicKey {
    /// Takes the 32 raw bytes.
    pub const fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(bytes)
    }

    /// Takes exactly 32 raw bytes.
    pub fn from_raw(bytes: &[u8]) -> Result<Self, KeyError> {
        bytes.try_into().map(Self).map_err(|_| KeyError::Length(bytes.len()))
    }

    /// Takes 33 bytes: `05` and the raw key.
    pub fn from_djb(bytes: &[u8]) -> Result<Self, KeyError> {
        match bytes {
            [DJB_TYPE, raw @ ..] => Self::from_raw(raw),
            _ => Err(KeyError::Length(bytes.len())),
        }
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// `05` and the raw bytes.
    pub fn to_djb(self) -> [u8; KEY_LEN + 1] {
        let mut out = [DJB_TYPE; KEY_LEN + 1];
        out[1..].copy_from_slice(&self.0);
        out
    }

    /// Checks an XEdDSA signature of `message` made with this key's private half.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        let signature: &[u8; SIGNATURE_LEN] = signature.try_into().map_err(|_| KeyError::Signature)?;
        let sign_bit = signature[63] >> 7;
        let point = MontgomeryPoint(self.0).to_edwards(sign_bit).ok_or(KeyError::Signature)?;

        let mut s_bytes = [0u8; 32];
        s_bytes.copy_from_slice(&signature[32..]);
        s_bytes[31] &= 0x7f;
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s_bytes)).ok_or(KeyError::Signature)?;

        let hash = Sha512::new()
            .chain_update(&signature[..32])
            .chain_update(point.compress().as_bytes())
            .chain_update(message)
            .finalize();
        let h = Scalar::from_bytes_mod_order_wide(&hash.into());
        let r = EdwardsPoint::vartime_double_scalar_mul_basepoint(&h, &-point, &s);
        let equal: bool = r.compress().as_bytes().ct_eq(&signature[..32]).into();
        if equal { Ok(()) } else { Err(KeyError::Signature) }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:02x}{:02x}{:02x}{:02x}…)", self.0[0], self.0[1], self.0[2], self.0[3])
    }
}

/// A clamped Curve25519 private key. Never printed, zeroized on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PrivateKey([u8; KEY_LEN]);

impl PrivateKey {
    /// Clamps and takes 32 bytes.
    pub fn new(mut bytes: [u8; KEY_LEN]) -> Self {
        bytes[0] &= 248;
        bytes[31] &= 127;
        bytes[31] |= 64;
        Self(bytes)
    }

    /// Takes exactly 32 bytes, as stored.
    pub fn from_raw(bytes: &[u8]) -> Result<Self, KeyError> {
        bytes.try_into().map(Self::new).map_err(|_| KeyError::Length(bytes.len()))
    }

    /// The clamped bytes, for storage only.
    pub const fn as_bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(x25519_dalek::PublicKey::from(&StaticSecret::from(self.0)).to_bytes())
    }

    /// X25519 key agreement: 32 secret bytes. Refuses points of small order.
    pub fn agree(&self, their: &PublicKey) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let shared = StaticSecret::from(self.0).diffie_hellman(&x25519_dalek::PublicKey::from(*their.as_bytes()));
        if shared.was_contributory() { Ok(Zeroizing::new(shared.to_bytes())) } else { Err(KeyError::SmallOrder) }
    }

    /// XEdDSA signature of `message`, 64 bytes, randomised.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        let mut random = Zeroizing::new([0u8; 64]);
        fill_random(random.as_mut());
        self.sign_with(message, &random)
    }

    /// XEdDSA signature with the given 64 random bytes, so that tests can repeat it (03-messages §1.6).
    pub fn sign_with(&self, message: &[u8], random: &[u8; 64]) -> [u8; SIGNATURE_LEN] {
        let mut prefix = [0xffu8; 32];
        prefix[0] = 0xfe;
        let nonce = Sha512::new()
            .chain_update(prefix)
            .chain_update(self.0)
            .chain_update(message)
            .chain_update(random)
            .finalize();
        let mut a = Scalar::from_bytes_mod_order(self.0);
        let public = EdwardsPoint::mul_base(&a).compress();
        let mut r = Scalar::from_bytes_mod_order_wide(&nonce.into());
        let big_r = EdwardsPoint::mul_base(&r).compress();
        let hash = Sha512::new()
            .chain_update(big_r.as_bytes())
            .chain_update(public.as_bytes())
            .chain_update(message)
            .finalize();
        let h = Scalar::from_bytes_mod_order_wide(&hash.into());
        let s = r + h * a;
        a.zeroize();
        r.zeroize();
        let mut out = [0u8; SIGNATURE_LEN];
        out[..32].copy_from_slice(big_r.as_bytes());
        out[32..].copy_from_slice(s.as_bytes());
        out[63] |= public.as_bytes()[31] & 0x80;
        out
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// A private key with its public half.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The secret half.
    pub private: PrivateKey,
    /// The public half.
    pub public: PublicKey,
}

impl KeyPair {
    /// A new random pair.
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0u8; KEY_LEN]);
        fill_random(bytes.as_mut());
        Self::from_private(PrivateKey::new(*bytes))
    }

    /// The pair of a private key.
    pub fn from_private(private: PrivateKey) -> Self {
        let public = private.public_key();
        Self { private, public }
    }
}

/// Fills `out` from the operating system's generator.
///
/// # Panics
/// When the operating system has no randomness to give; nothing safe can be done then.
pub fn fill_random(out: &mut [u8]) {
    getrandom::fill(out).expect("the operating system gives random bytes");
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut out = [0u8; N];
    fill_random(&mut out);
    out
}
