//! The symmetric state of Noise: `h`, `ck`, `k` and `n`, with the field's names (01-connection §4.1).

use hkdf::Hkdf;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{NoiseError, Pattern, Transport};
use crate::curve::{KeyPair, PublicKey};

/// A secret of 32 bytes that is wiped when dropped.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// Which end of the connection this is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    Server,
}

pub(super) fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes"))
}

/// Eight zero bytes and the counter, big endian.
pub(super) fn nonce(counter: u32) -> Nonce {
    let mut nonce = [0; 12];
    nonce[8..].copy_from_slice(&counter.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

pub(super) struct SymmetricState {
    hash: [u8; 32],
    chain_key: Secret,
    key: Secret,
    counter: u32,
}

impl SymmetricState {
    pub(super) fn new(pattern: Pattern, prologue: &[u8]) -> Self {
        let hash = match pattern {
            Pattern::Xx => *b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0",
            Pattern::Ik => *b"Noise_IK_25519_AESGCM_SHA256\0\0\0\0",
            Pattern::XxFallback => Sha256::digest("Noise_XXfallback_25519_AESGCM_SHA256").into(),
        };
        let mut state = Self { hash, chain_key: Zeroizing::new(hash), key: Zeroizing::new(hash), counter: 0 };
        state.mix_hash(prologue);
        state
    }

    pub(super) fn mix_hash(&mut self, data: &[u8]) {
        self.hash = Sha256::new().chain_update(self.hash).chain_update(data).finalize().into();
    }

    /// Mixes in the agreement of our key with theirs.
    pub(super) fn mix_key(&mut self, our: &KeyPair, their: &PublicKey) -> Result<(), NoiseError> {
        let shared = our.private.agree(their)?;
        let (chain_key, key) = expand(&self.chain_key, shared.as_ref());
        (self.chain_key, self.key, self.counter) = (chain_key, key, 0);
        Ok(())
    }

    pub(super) fn encrypt_and_hash(&mut self, plaintext: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(plaintext.len() + super::TAG_LEN);
        out.extend_from_slice(plaintext);
        cipher(&self.key)
            .seal_in_place_append_tag(nonce(self.counter), Aad::from(self.hash), &mut out)
            .expect("a handshake payload is far below the cipher's limit");
        self.counter += 1;
        self.mix_hash(&out);
        out
    }

    /// Decrypts the part called `what` in errors.
    pub(super) fn decrypt_and_hash(&mut self, ciphertext: &[u8], what: &'static str) -> Result<Vec<u8>, NoiseError> {
        let mut out = ciphertext.to_vec();
        let len = cipher(&self.key)
            .open_in_place(nonce(self.counter), Aad::from(self.hash), &mut out)
            .map_err(|_| NoiseError::Handshake(what))?
            .len();
        out.truncate(len);
        self.counter += 1;
        self.mix_hash(ciphertext);
        Ok(out)
    }

    pub(super) fn decrypt_key(&mut self, ciphertext: &[u8]) -> Result<PublicKey, NoiseError> {
        Ok(PublicKey::from_raw(&self.decrypt_and_hash(ciphertext, "static key")?)?)
    }

    /// The keys client to server and server to client.
    pub(super) fn split_keys(&self) -> (Secret, Secret) {
        expand(&self.chain_key, &[])
    }

    pub(super) fn split(self, role: Role) -> Transport {
        let (to_server, to_client) = self.split_keys();
        match role {
            Role::Client => Transport::from_keys(&to_server, &to_client),
            Role::Server => Transport::from_keys(&to_client, &to_server),
        }
    }

    #[cfg(test)]
    pub(super) fn trace(&self) -> [[u8; 32]; 3] {
        [self.hash, *self.chain_key, *self.key]
    }
}

fn expand(chain_key: &[u8; 32], ikm: &[u8]) -> (Secret, Secret) {
    let mut okm = Zeroizing::new([0; 64]);
    Hkdf::<Sha256>::new(Some(chain_key), ikm).expand(&[], okm.as_mut()).expect("64 bytes can be expanded");
    let (mut first, mut second) = (Secret::default(), Secret::default());
    first.copy_from_slice(&okm[..32]);
    second.copy_from_slice(&okm[32..]);
    (first, second)
}
