//! The streaming sidecar: 10 bytes for each 64 KiB of a file, so that who plays it while it loads can check what it has.
//!
//! ```text
//! S       = iv || ct || mac
//! entry n = HMAC-SHA256(macKey, S[n*65536 .. n*65536 + 65536 + 16])[..10]     the last window is shorter
//! ```
//!
//! Windows overlap by 16 bytes: each begins with the IV that decrypts it. Source: 05-media §3.3.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{
    Check, MAC_LEN, MediaError, MediaKeys,
    digests::{keyed_mac, short_mac},
    encrypted_length,
};

/// Bytes from the beginning of a window to that of the next.
pub const WINDOW: u64 = 65536;

/// Computes the entries while S passes by.
pub(crate) struct SidecarBuilder {
    keyed: Hmac<Sha256>,
    window: Hmac<Sha256>,
    position: u64,
    entries: Vec<u8>,
}

impl SidecarBuilder {
    pub(crate) fn new(keys: &MediaKeys) -> Self {
        let keyed = keyed_mac(keys);
        Self { window: keyed.clone(), keyed, position: 0, entries: Vec::new() }
    }

    /// Takes the next bytes of S. They do not cross the border of a window, and only the last piece is shorter than 16.
    pub(crate) fn update(&mut self, piece: &[u8]) {
        if piece.is_empty() {
            return;
        }
        if self.position > 0 && self.position.is_multiple_of(WINDOW) {
            self.window.update(&piece[..piece.len().min(16)]);
            let window = std::mem::replace(&mut self.window, self.keyed.clone());
            self.entries.extend_from_slice(&short_mac(window));
        }
        self.window.update(piece);
        self.position += piece.len() as u64;
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.entries.extend_from_slice(&short_mac(self.window));
        self.entries
    }
}

/// A streaming sidecar as it came with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sidecar {
    entries: Vec<[u8; MAC_LEN]>,
}

impl Sidecar {
    /// Takes the bytes of `streamingSidecar`; they must be as many as a file of `file_length` has.
    pub fn new(bytes: &[u8], file_length: u64) -> Result<Self, MediaError> {
        let stream = encrypted_length(file_length).and_then(|length| length.checked_add(16));
        let windows = stream.map(|length| length.div_ceil(WINDOW));
        let (entries, rest) = bytes.as_chunks::<MAC_LEN>();
        if !rest.is_empty() || windows != Some(entries.len() as u64) {
            return Err(MediaError::Corrupt(Check::Sidecar));
        }
        Ok(Self { entries: entries.to_vec() })
    }

    /// Checks window `number`, whole: 16 bytes of overlap (the IV for number 0) and up to 65,536 bytes.
    pub fn verify(&self, keys: &MediaKeys, number: u64, window: &[u8]) -> Result<(), MediaError> {
        let entry = usize::try_from(number).ok().and_then(|number| self.entries.get(number));
        let mut mac = keyed_mac(keys);
        mac.update(window);
        match entry {
            Some(entry) if short_mac(mac).ct_eq(entry).into() => Ok(()),
            _ => Err(MediaError::Corrupt(Check::Sidecar)),
        }
    }
}
