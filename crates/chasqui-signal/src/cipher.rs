//! AES-256-CBC with PKCS#7 padding, HMAC-SHA256 and HKDF-SHA256, in the shapes that Signal messages need.

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::SignalError;

pub(crate) fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// Fills `out`, which is never longer than the 8160 bytes that HKDF can give.
pub(crate) fn hkdf(salt: Option<&[u8; 32]>, input: &[u8], info: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(salt.map(<[u8; 32]>::as_slice), input).expand(info, out).expect("a short output");
}

pub(crate) fn encrypt_cbc(key: &[u8; 32], iv: &[u8; 16], plaintext: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<aes::Aes256>::new(key.into(), iv.into()).encrypt_padded_vec::<Pkcs7>(plaintext)
}

/// Decrypts in place.
pub(crate) fn decrypt_cbc(key: &[u8; 32], iv: &[u8; 16], text: &mut Vec<u8>) -> Result<(), SignalError> {
    let length = cbc::Decryptor::<aes::Aes256>::new(key.into(), iv.into())
        .decrypt_padded::<Pkcs7>(text)
        .map_err(|_| SignalError::InvalidMessage)?
        .len();
    text.truncate(length);
    Ok(())
}

/// Feeds parts to a keyed HMAC and gives its 32 bytes.
pub(crate) fn finish(mut mac: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
