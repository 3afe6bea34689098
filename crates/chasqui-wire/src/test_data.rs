//! What the unit tests share: hex, and the labelled keys of 01-connection's vectors.

use sha2::{Digest, Sha256};

use crate::curve::{KeyPair, PrivateKey};

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of hex digits");
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hex digit") as u8;
    digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

pub(crate) fn hex_array<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().expect("the right length")
}

/// The key pair whose private key is the clamped SHA-256 of a label.
pub(crate) fn labelled(label: &str) -> KeyPair {
    KeyPair::from_private(PrivateKey::new(Sha256::digest(label).into()))
}
