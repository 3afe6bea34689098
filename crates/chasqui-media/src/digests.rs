//! What is computed over the encrypted file while it passes by, in either direction: its hash, its MAC, and on demand
//! the sidecars.
//!
//! MAC and sidecars run over `S = iv || ct || mac`, the hash over `ct || mac`. Ciphertext comes in groups of 64 bytes, the
//! block of SHA-256. Each digest is fed separately, group by group and in turn with the cipher: a SHA-256 in hardware
//! waits most of the time for its own last round, and so does CBC, so a processor with several of them in view works
//! on all of them at once. That is a third to a half faster than one pass after the other over 64 KiB
//! (`examples/encryption.rs`).

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{MAC_LEN, MediaKeys, sidecar::SidecarBuilder};

/// Bytes in a group: a block of SHA-256, four of AES.
pub(crate) const GROUP: usize = 64;

/// HMAC-SHA256 under the MAC key of a file.
pub(crate) fn keyed_mac(keys: &MediaKeys) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(keys.mac_key()).expect("HMAC takes keys of any length")
}

/// The first 10 bytes of a MAC.
pub(crate) fn short_mac(mac: Hmac<Sha256>) -> [u8; MAC_LEN] {
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    let mut short = [0; MAC_LEN];
    short.copy_from_slice(&full[..MAC_LEN]);
    short
}

/// The digests of a file that is under way.
pub(crate) struct Digests {
    hash: Sha256,
    mac: Hmac<Sha256>,
    /// The last 16 bytes of S that the MAC has not seen yet. Holding them back keeps it on the borders of its blocks,
    /// from which the IV in front would move it.
    held: [u8; 16],
    sidecar: Option<SidecarBuilder>,
    first_frame: Option<FirstFrame>,
}

/// The MAC over the first bytes of S, and how many of them are still to come.
struct FirstFrame {
    mac: Hmac<Sha256>,
    missing: u64,
}

/// What the digests gave at the end of the ciphertext.
pub(crate) struct Finished {
    pub(crate) mac: [u8; MAC_LEN],
    pub(crate) file_enc_sha256: [u8; 32],
    pub(crate) sidecar: Option<Vec<u8>>,
    pub(crate) first_frame_sidecar: Option<[u8; MAC_LEN]>,
}

impl Digests {
    pub(crate) fn new(keys: &MediaKeys) -> Self {
        Self { hash: Sha256::new(), mac: keyed_mac(keys), held: *keys.iv(), sidecar: None, first_frame: None }
    }

    pub(crate) fn add_sidecar(&mut self, keys: &MediaKeys) {
        self.sidecar = Some(SidecarBuilder::new(keys));
    }

    /// Asks for the MAC over `iv || ct[..length rounded up to a block]`.
    pub(crate) fn add_first_frame(&mut self, keys: &MediaKeys, length: u32) {
        let missing = 16 + u64::from(length).next_multiple_of(16);
        self.first_frame = Some(FirstFrame { mac: keyed_mac(keys), missing });
    }

    /// Feeds the next group of ciphertext to the hash.
    #[inline(always)]
    pub(crate) fn hash(&mut self, group: &[u8; GROUP]) {
        self.hash.update(group);
    }

    /// Feeds the next group of ciphertext to what runs over S.
    #[inline(always)]
    pub(crate) fn authenticate(&mut self, group: &[u8; GROUP]) {
        let (head, tail) = group.split_at(GROUP - 16);
        let mut piece = [0; GROUP];
        piece[..16].copy_from_slice(&self.held);
        piece[16..].copy_from_slice(head);
        self.held.copy_from_slice(tail);
        self.mac.update(&piece);
        self.aside(&piece);
    }

    /// Feeds a piece of S to the sidecars.
    #[inline(always)]
    fn aside(&mut self, piece: &[u8]) {
        if let Some(sidecar) = &mut self.sidecar {
            sidecar.update(piece);
        }
        if let Some(first) = &mut self.first_frame
            && first.missing > 0
        {
            let length = usize::try_from(first.missing).unwrap_or(usize::MAX).min(piece.len());
            first.mac.update(&piece[..length]);
            first.missing -= length as u64;
        }
    }

    /// Takes the rest of the ciphertext. The MAC that goes into the hash and into the sidecar is `mac`, or where there is
    /// none yet, the one that was computed.
    pub(crate) fn finish(mut self, rest: &[u8], mac: Option<&[u8; MAC_LEN]>) -> Finished {
        self.hash.update(rest);
        self.mac.update(&self.held);
        self.mac.update(rest);
        let computed = short_mac(self.mac.clone());
        let mac = mac.unwrap_or(&computed);
        self.hash.update(mac);
        if self.sidecar.is_some() || self.first_frame.is_some() {
            let last = [&self.held, rest, mac].concat();
            for piece in last.chunks(GROUP) {
                self.aside(piece);
            }
        }
        Finished {
            mac: computed,
            file_enc_sha256: self.hash.finalize().into(),
            sidecar: self.sidecar.map(SidecarBuilder::finish),
            first_frame_sidecar: self.first_frame.and_then(|first| (first.missing == 0).then(|| short_mac(first.mac))),
        }
    }
}
