//! Curve25519 keys and XEdDSA signatures, as used by Noise certificates, device identities and signed prekeys.
//!
//! A public key is 32 raw bytes; the `05` type byte appears only where a protocol document says so
//! ([`PublicKey::to_djb`]). Source: 02-pairing-and-keys §1 and §10, 03-messages §1.6.

use std::fmt;

use curve25519_dalek::{edwards::EdwardsPoint, montgomery::MontgomeryPoint, scalar::Scalar};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::x25519;

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
        PublicKey(x25519::public_key(&self.0))
    }

    /// X25519 key agreement: 32 secret bytes. Refuses points of small order.
    pub fn agree(&self, their: &PublicKey) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let shared = x25519::agree(&self.0, their.as_bytes());
        let is_zero: bool = shared.ct_eq(&[0; 32]).into();
        if is_zero { Err(KeyError::SmallOrder) } else { Ok(shared) }
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
        let nonce: Zeroizing<[u8; 64]> = Zeroizing::new(nonce.into());
        let mut r = Scalar::from_bytes_mod_order_wide(&nonce);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data::{hex, hex_array, labelled};

    /// The pair whose private key is this byte, 32 times, clamped.
    fn seeded(byte: u8) -> KeyPair {
        KeyPair::from_private(PrivateKey::new([byte; KEY_LEN]))
    }

    const MESSAGE: &[u8] = b"chasqui";
    const DETERMINISTIC: &str = "f1623e7c8ae6a7f908e05303126def908ff17805326c74d0afe7926d77a973de3d4649cddaa978c0211dc83fb7e7d3847f6ce032b446e7fe5bb387eeddd9c285";
    const RANDOMISED: &str = "f58c0ad578c28b99d9fc359db3008bce027f60c8a269ed16d2e258eb224767b59138fcd4832579a3ca1cf2d16c2705d945616ecbe7e81d9ffe098066dbd82e85";

    #[test]
    fn labelled_private_keys_have_the_known_public_keys() {
        for (label, private, public) in [
            (
                "chasqui client ephemeral",
                "c89327a8662f7209f37cf1ec0eeab97e024f82be2baf0448c08eab537e07f57e",
                "2cfd88d7888c1f3a75cff3f3ae9b776cc2fe28dce6ce05110896855e2f8bb403",
            ),
            (
                "chasqui client static",
                "e822b404eb6822d2830e12bd964d6d1f2d820b67c8c3a6f29fc875d4b616dc7c",
                "e686fe5dd32d7bdf93a5db5ad8acb3d1f6ef85e58b067ee121ebb872ad5d1a11",
            ),
            (
                "chasqui server static",
                "c07009e2fa295f7f9c2973c4e3199ce20c18fa14e3bfcff07cd39c31796d9046",
                "093eddd3bc5b6efd85ea05ca983df54ff6d57f569ef057dcaa851978580a9b2e",
            ),
            (
                "chasqui root",
                "98e144678f62aacbfe4ff4a81b785403880c12a1c02d2d68686250544620d174",
                "1ece5c884c8f09be81c224f9b40bcbe899e25b996f667bae949b7a7b483cca15",
            ),
        ] {
            let pair = labelled(label);
            assert_eq!(pair.private.as_bytes().to_vec(), hex(private));
            assert_eq!(pair.public.as_bytes().to_vec(), hex(public));
        }
    }

    #[test]
    fn signatures_have_the_bytes_of_the_document() {
        let pair = seeded(0x11);
        assert_eq!(pair.private.sign_with(MESSAGE, &[0xab; 64]).to_vec(), hex(RANDOMISED));
        for signature in [DETERMINISTIC, RANDOMISED] {
            assert_eq!(pair.public.verify(MESSAGE, &hex(signature)), Ok(()));
        }
    }

    #[test]
    fn signatures_over_prekeys_and_identities_verify() {
        let primary = labelled("chasqui primary identity").public;
        let companion = labelled("chasqui companion identity").public;
        let prekey = labelled("chasqui signed prekey").public.to_djb();
        let signature = "c9200c9a8d3b8c538c13f9ff5205135cbca6d86440e1edd16947dcb4105ed59e0d93fa2db918e692bffb75366d3808888792a50797643b0e5683e6d5ae54c80a";
        assert_eq!(companion.verify(&prekey, &hex(signature)), Ok(()));
        let message =
            hex("060008cec2f1051080e2cfaa0618018b949b97598a0105a50abddebdd1d9455c232847c0992f58337aa55da597c01c");
        let signature = "046140f50aa679796c81b5f73d9713776f1d20b67566026f500dae59ac94df04c309d40b9d19ccaeb1a039e8693efd18a039a5b40155f4f62aa68dc216b5138e";
        assert_eq!(primary.verify(&message, &hex(signature)), Ok(()));
        assert_eq!(companion.verify(&message, &hex(signature)), Err(KeyError::Signature));
    }

    #[test]
    fn changed_signatures_messages_and_keys_do_not_verify() {
        let public = seeded(0x11).public;
        for (byte, bit) in [(0, 0), (63, 7), (31, 7), (32, 0), (62, 3)] {
            let mut changed = hex(DETERMINISTIC);
            changed[byte] ^= 1 << bit;
            assert_eq!(public.verify(MESSAGE, &changed), Err(KeyError::Signature), "bit {bit} of byte {byte}");
        }
        let signature = hex(DETERMINISTIC);
        assert_eq!(public.verify(b"Chasqui", &signature), Err(KeyError::Signature));
        assert_eq!(seeded(0x22).public.verify(MESSAGE, &signature), Err(KeyError::Signature));
        assert_eq!(public.verify(MESSAGE, &signature[..63]), Err(KeyError::Signature));
        assert_eq!(public.verify(MESSAGE, &[0xff; 64]), Err(KeyError::Signature));
        assert_eq!(PublicKey::new([0xff; 32]).verify(MESSAGE, &signature), Err(KeyError::Signature));
    }

    #[test]
    fn the_sign_of_the_edwards_key_travels_in_the_signature() {
        for (seed, sign) in [(0x11, 1), (0x33, 1), (0x44, 1), (0x66, 1), (0x22, 0), (0x55, 0), (0x77, 0)] {
            let signature = seeded(seed).private.sign(MESSAGE);
            assert_eq!(signature[63] >> 7, sign, "{seed:x}");
            assert_eq!(seeded(seed).public.verify(MESSAGE, &signature), Ok(()));
        }
    }

    #[test]
    fn random_signatures_differ_and_verify() {
        let pair = KeyPair::generate();
        let (one, two) = (pair.private.sign(MESSAGE), pair.private.sign(MESSAGE));
        assert_ne!(one, two);
        assert_eq!(pair.public.verify(MESSAGE, &one).and(pair.public.verify(MESSAGE, &two)), Ok(()));
    }

    #[test]
    fn both_sides_agree_and_small_order_is_refused() {
        let (one, two) = (KeyPair::generate(), KeyPair::generate());
        assert_eq!(one.private.agree(&two.public), two.private.agree(&one.public));
        for small in [[0; 32], hex_array("0100000000000000000000000000000000000000000000000000000000000000")] {
            assert_eq!(one.private.agree(&PublicKey::new(small)), Err(KeyError::SmallOrder));
        }
    }

    #[test]
    fn keys_are_taken_only_in_their_length() {
        let key = PublicKey::new([7; 32]);
        assert_eq!(PublicKey::from_djb(&key.to_djb()), Ok(key));
        assert_eq!(PublicKey::from_raw(&[7; 32]), Ok(key));
        assert_eq!(PublicKey::from_raw(&key.to_djb()), Err(KeyError::Length(33)));
        assert_eq!(PublicKey::from_djb(&[7; 33]), Err(KeyError::Length(33)));
        assert!(PrivateKey::from_raw(&[7; 31]).is_err());
    }
}
