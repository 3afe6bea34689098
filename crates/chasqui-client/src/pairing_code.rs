//! Pairing by phone number: the code that a person types into the phone, and the keys that follow from it.
//!
//! Each side hides a fresh X25519 key under the code. Both agree on a secret from these; the companion sends its
//! identity under that secret, and both derive a new ADV secret. A wrong code makes another key of the same form, so it
//! shows only where the bundle does not open. Source: 02-pairing-and-keys §4.

use std::{fmt, num::NonZeroU32};

use aes::{
    Aes256,
    cipher::{KeyIvInit, StreamCipher},
};
use chasqui_wire::{KeyPair, PublicKey, curve, curve::KeyError};
use ctr::Ctr128BE;
use hkdf::Hkdf;
use ring::{aead, pbkdf2};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

const ALPHABET: &[u8; 32] = b"123456789ABCDEFGHJKLMNPQRSTVWXYZ";
/// Characters of a code.
pub(crate) const CODE_LEN: usize = 8;
const SALT_LEN: usize = 32;
const IV_LEN: usize = 16;
/// Bytes of a wrapped public key: salt, counter block, key.
pub(crate) const WRAPPED_LEN: usize = SALT_LEN + IV_LEN + curve::KEY_LEN;
const ITERATIONS: NonZeroU32 = NonZeroU32::new(131_072).expect("not zero");
const BUNDLE_INFO: &[u8] = b"link_code_pairing_key_bundle_encryption_key";
const SECRET_INFO: &[u8] = b"adv_secret";

/// A pairing code: 8 characters without 0, I, O and U.
#[derive(Clone)]
pub(crate) struct Code(Zeroizing<[u8; CODE_LEN]>);

impl Code {
    /// A new random code.
    pub fn generate() -> Self {
        Self::from_random(curve::random_bytes())
    }

    /// 40 bits, five for each character.
    fn from_random(mut random: [u8; 5]) -> Self {
        let bits = random.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        random.zeroize();
        let mut code = Zeroizing::new([0; CODE_LEN]);
        for (at, slot) in code.iter_mut().enumerate() {
            let shift = 5 * (CODE_LEN - 1 - at);
            *slot = ALPHABET[(bits >> shift & 31) as usize];
        }
        Self(code)
    }

    /// A code of the program's own choice; a dash and lower case are taken. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = Zeroizing::new([0; CODE_LEN]);
        let mut characters = text.bytes().filter(|byte| *byte != b'-');
        for slot in code.iter_mut() {
            *slot = characters.next()?.to_ascii_uppercase();
        }
        let valid = characters.next().is_none() && code.iter().all(|byte| ALPHABET.contains(byte));
        valid.then_some(Self(code))
    }

    /// The characters, to be shown to the person.
    pub fn reveal(&self) -> String {
        self.0.iter().map(|byte| char::from(*byte)).collect()
    }

    /// Hides a public key. Costs about 30 ms.
    pub fn wrap(&self, key: &PublicKey) -> [u8; WRAPPED_LEN] {
        self.wrap_with(key, curve::random_bytes(), curve::random_bytes())
    }

    fn wrap_with(&self, key: &PublicKey, salt: [u8; SALT_LEN], iv: [u8; IV_LEN]) -> [u8; WRAPPED_LEN] {
        let mut out = [0; WRAPPED_LEN];
        out[..SALT_LEN].copy_from_slice(&salt);
        out[SALT_LEN..SALT_LEN + IV_LEN].copy_from_slice(&iv);
        out[SALT_LEN + IV_LEN..].copy_from_slice(&self.apply(&salt, &iv, *key.as_bytes()));
        out
    }

    /// Reveals a public key; one of another code's comes out as any other 32 bytes. Costs about 30 ms.
    pub fn unwrap(&self, wrapped: &[u8; WRAPPED_LEN]) -> PublicKey {
        let (salt, iv, key) = split(wrapped);
        PublicKey::new(self.apply(&salt, &iv, key))
    }

    fn apply(&self, salt: &[u8; SALT_LEN], iv: &[u8; IV_LEN], mut key: [u8; 32]) -> [u8; 32] {
        let mut secret = Zeroizing::new([0; 32]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt, self.0.as_slice(), secret.as_mut());
        Ctr128BE::<Aes256>::new((&*secret).into(), iv.into()).apply_keystream(&mut key);
        key
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

fn split(wrapped: &[u8; WRAPPED_LEN]) -> ([u8; SALT_LEN], [u8; IV_LEN], [u8; 32]) {
    let (mut salt, mut iv, mut key) = ([0; SALT_LEN], [0; IV_LEN], [0; 32]);
    salt.copy_from_slice(&wrapped[..SALT_LEN]);
    iv.copy_from_slice(&wrapped[SALT_LEN..SALT_LEN + IV_LEN]);
    key.copy_from_slice(&wrapped[SALT_LEN + IV_LEN..]);
    (salt, iv, key)
}

/// What the companion answers to the phone's key.
pub(crate) struct Finish {
    /// Salt, nonce and sealed identities: 156 bytes.
    pub bundle: Vec<u8>,
    /// The secret that replaces the one of the QR codes.
    pub adv_secret: Zeroizing<[u8; 32]>,
}

/// Seals our identity for the phone, and derives the new secret.
///
/// # Errors
/// [`KeyError::SmallOrder`] when a key of the phone's is one that no honest phone has.
pub(crate) fn finish(
    identity: &KeyPair,
    ephemeral: &KeyPair,
    primary_ephemeral: &PublicKey,
    primary_identity: &PublicKey,
) -> Result<Finish, KeyError> {
    let random = Zeroizing::new(curve::random_bytes());
    let (salt, nonce) = (curve::random_bytes(), curve::random_bytes());
    finish_with(identity, ephemeral, primary_ephemeral, primary_identity, &random, salt, nonce)
}

fn finish_with(
    identity: &KeyPair,
    ephemeral: &KeyPair,
    primary_ephemeral: &PublicKey,
    primary_identity: &PublicKey,
    random: &[u8; 32],
    salt: [u8; 32],
    nonce: [u8; aead::NONCE_LEN],
) -> Result<Finish, KeyError> {
    let shared = ephemeral.private.agree(primary_ephemeral)?;
    let identity_shared = identity.private.agree(primary_identity)?;

    let key = derive(Some(&salt), &*shared, BUNDLE_INFO);
    let mut sealed = [&identity.public.as_bytes()[..], &primary_identity.as_bytes()[..], &random[..]].concat();
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, key.as_slice()).map(aead::LessSafeKey::new);
    // The lengths are those of the algorithm, so neither step can fail.
    let done = key.and_then(|key| {
        key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::empty(), &mut sealed)
    });
    done.map_err(|_| KeyError::Length(sealed.len()))?;

    let material = Zeroizing::new([&shared[..], &identity_shared[..], random].concat());
    Ok(Finish { bundle: [&salt[..], &nonce, &sealed].concat(), adv_secret: derive(None, &material, SECRET_INFO) })
}

fn derive(salt: Option<&[u8]>, material: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // 32 bytes are far below what HKDF can give.
    let _ = Hkdf::<Sha256>::new(salt, material).expand(info, out.as_mut());
    out
}

#[cfg(test)]
mod tests {
    use chasqui_wire::PrivateKey;
    use sha2::Digest;

    use super::*;

    fn labelled(label: &str) -> KeyPair {
        KeyPair::from_private(PrivateKey::new(Sha256::digest(label).into()))
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn counting<const N: usize>(first: u8) -> [u8; N] {
        std::array::from_fn(|at| first + u8::try_from(at).expect("short"))
    }

    #[test]
    fn codes_are_those_of_the_vectors() {
        assert_eq!(Code::from_random([1, 2, 3, 4, 5]).reveal(), "15217216");
        assert_eq!(Code::from_random([0xff; 5]).reveal(), "ZZZZZZZZ");
        assert_eq!(Code::from_random([0; 5]).reveal(), "11111111");
    }

    #[test]
    fn a_code_is_read_as_people_write_it_and_nothing_else_is() {
        for text in ["ABCD1234", "abcd1234", "ABCD-1234", "abCD-1234"] {
            assert_eq!(Code::parse(text).expect(text).reveal(), "ABCD1234");
        }
        for text in ["", "ABCD123", "ABCD12345", "ABCD 1234", "ABCD123O", "ABCD123I", "ABCD1230", "ÁBCD123"] {
            assert!(Code::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_code_is_never_shown_in_debug_output() {
        assert_eq!(format!("{:?}", Code::parse("ABCD1234")), "Some(Code(…))");
    }

    #[test]
    fn keys_are_wrapped_as_in_the_vectors() {
        let code = Code::parse("ABCD1234").expect("a code");
        let companion = labelled("chasqui companion pairing ephemeral").public;
        let wrapped = code.wrap_with(&companion, counting(0), counting(0xa0));
        assert_eq!(
            hex(&wrapped),
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fa0a1a2a3a4a5a6a7a8a9aaabacadaeafd61c8321048f8e2b30f16d2212fd3a0d24fc78d01647cbf7369ab629ba205cd8"
        );
        assert_eq!(code.unwrap(&wrapped), companion);
        let primary = labelled("chasqui primary pairing ephemeral").public;
        let wrapped = code.wrap_with(&primary, counting(0x40), counting(0xc0));
        assert_eq!(
            hex(&wrapped),
            "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5fc0c1c2c3c4c5c6c7c8c9cacbcccdcecffc8c834c72199ca01c300b9dda6e5f82ebc3d5caa0fb412a7eaa37f63c3db45e"
        );
        assert_eq!(code.unwrap(&wrapped), primary);
        assert_ne!(Code::parse("ABCD1235").expect("a code").unwrap(&wrapped), primary);
    }

    #[test]
    fn the_bundle_and_the_secret_are_those_of_the_vectors() {
        let done = finish_with(
            &labelled("chasqui companion identity"),
            &labelled("chasqui companion pairing ephemeral"),
            &labelled("chasqui primary pairing ephemeral").public,
            &labelled("chasqui primary identity").public,
            &[0x11; 32],
            [0x22; 32],
            [0x33; 12],
        )
        .expect("honest keys");
        assert_eq!(done.bundle.len(), 156);
        assert_eq!(
            hex(&done.bundle),
            "222222222222222222222222222222222222222222222222222222222222222233333333333333333333333338584de7f375febd1dd54161dd6d1c90927d3dfb90d773c8d43fac380e3850465fcb95e6b5510d03263c9a737579361732f77ddf5dea48d6408c35fb0be11e528401e610124b0353f65956745ae2e1e5dcda41d01fc5b550596776474ea7594840aa7df7f4fc4d55bb34293d75dee334"
        );
        assert_eq!(hex(&done.adv_secret[..]), "5e8ad7f01a29f924d2c40bb9482a3453c46a9b2e99f8a93d82c42bcc48359c39");
    }

    #[test]
    fn a_phone_with_a_key_of_small_order_is_refused() {
        let (identity, ephemeral) = (KeyPair::generate(), KeyPair::generate());
        let zero = PublicKey::new([0; 32]);
        assert!(finish(&identity, &ephemeral, &zero, &KeyPair::generate().public).is_err());
        assert!(finish(&identity, &ephemeral, &KeyPair::generate().public, &zero).is_err());
    }
}
