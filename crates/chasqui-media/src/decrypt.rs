//! From the downloaded file to its plaintext, with every check. Source: 05-media §3, §3.2.
//!
//! Plaintext comes out before the file is known to be good, since both its MAC and its hashes are known only at the end.
//! A caller that may not show unverified bytes writes them where nobody looks ([`crate::FileSink`], a buffer) and
//! hands them on after [`Decryptor::finish`].

use std::io::{Read, Write};

use aes::cipher::{Array, BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    Check, MAC_LEN, MediaError, MediaKeys, copy,
    digests::{Digests, GROUP},
    encrypted_length,
};

/// What is held back: the last block, which has the padding, and the MAC.
const HELD: usize = 16 + MAC_LEN;
/// Bytes that are decrypted at a time: enough for the cipher to work on many blocks at once, few enough to be still in
/// the nearest cache when they are hashed.
const STEP: usize = 4096;

/// What a message says about its file. What is not there is not checked; a limit there always is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Hash of the plaintext.
    pub file_sha256: Option<[u8; 32]>,
    /// Hash of the transferred file.
    pub file_enc_sha256: Option<[u8; 32]>,
    /// Exact length of the plaintext in bytes.
    pub file_length: Option<u64>,
    /// The longest plaintext that is accepted, in bytes.
    pub max_length: u64,
}

impl Expected {
    /// Nothing but a limit, in bytes of plaintext.
    pub const fn at_most(max_length: u64) -> Self {
        Self { file_sha256: None, file_enc_sha256: None, file_length: None, max_length }
    }

    /// The longest plaintext that may come.
    pub(crate) fn limit(&self) -> u64 {
        self.file_length.map_or(self.max_length, |length| length.min(self.max_length))
    }
}

/// A file that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Hash of the plaintext.
    pub file_sha256: [u8; 32],
    /// Hash of the transferred file; that of the plaintext where it is not encrypted.
    pub file_enc_sha256: [u8; 32],
    /// Length of the plaintext in bytes.
    pub file_length: u64,
}

/// Decrypts and verifies a file piece by piece.
///
/// ```
/// # use chasqui_media::{Decryptor, Encryptor, Expected, MediaKey, MediaKind};
/// # let keys = MediaKey::generate().derive(MediaKind::Image);
/// # let mut file = Vec::new();
/// # let encrypted = Encryptor::new(&keys).copy(&b"a picture"[..], &mut file)?;
/// let expected = Expected { file_sha256: Some(encrypted.file_sha256), ..Expected::at_most(1 << 20) };
/// let mut decryptor = Decryptor::new(&keys, expected);
/// let mut plaintext = Vec::new();
/// decryptor.update(&file, &mut plaintext)?;
/// decryptor.finish(&mut plaintext)?; // plaintext is good from here on
/// assert_eq!(plaintext, b"a picture");
/// # Ok::<(), chasqui_media::MediaError>(())
/// ```
pub struct Decryptor {
    cbc: cbc::Decryptor<aes::Aes256>,
    plain: Sha256,
    digests: Digests,
    carry: Vec<u8>,
    expected: Expected,
    limit: u64,
    received: u64,
    given: u64,
}

impl Decryptor {
    /// Starts a file.
    pub fn new(keys: &MediaKeys, expected: Expected) -> Self {
        Self {
            cbc: cbc::Decryptor::new(keys.cipher_key().into(), keys.iv().into()),
            plain: Sha256::new(),
            digests: Digests::new(keys),
            carry: Vec::with_capacity(GROUP + 2 * HELD),
            limit: encrypted_length(expected.limit()).unwrap_or(u64::MAX),
            expected,
            received: 0,
            given: 0,
        }
    }

    /// Bytes of the file taken so far: where to go on after a broken connection.
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Takes the next bytes of the file, any number, and appends **unverified** plaintext to `out`.
    ///
    /// Fails with [`MediaError::TooLong`] only; the file is lost then.
    pub fn update(&mut self, mut file: &[u8], out: &mut Vec<u8>) -> Result<(), MediaError> {
        self.received = self.received.saturating_add(file.len() as u64);
        if self.received > self.limit {
            return Err(MediaError::TooLong { limit: self.limit });
        }
        let before = out.len();
        while !self.carry.is_empty() {
            if self.carry.len() + file.len() < GROUP + HELD {
                self.carry.extend_from_slice(file);
                file = &[];
                break;
            }
            let (head, rest) = file.split_at(GROUP.saturating_sub(self.carry.len()));
            self.carry.extend_from_slice(head);
            file = rest;
            let carry = std::mem::take(&mut self.carry);
            let (groups, kept) = carry.split_at(GROUP);
            self.decrypt(groups.as_chunks().0, out);
            self.carry.extend_from_slice(kept);
        }
        let ready = file.len().saturating_sub(HELD) / GROUP * GROUP;
        let (ready, kept) = file.split_at(ready);
        self.decrypt(ready.as_chunks().0, out);
        self.carry.extend_from_slice(kept);
        self.given += (out.len() - before) as u64;
        Ok(())
    }

    fn decrypt(&mut self, groups: &[[u8; GROUP]], out: &mut Vec<u8>) {
        for groups in groups.chunks(STEP / GROUP) {
            let start = out.len();
            out.extend_from_slice(groups.as_flattened());
            self.cbc.decrypt_blocks(Array::slice_as_chunks_mut(&mut out[start..]).0);
            for (cipher, plain) in groups.iter().zip(out[start..].as_chunks::<GROUP>().0) {
                self.plain.update(plain);
                self.digests.hash(cipher);
                self.digests.authenticate(cipher);
            }
        }
    }

    /// Ends the file: checks it, and appends its last bytes to `out` only if it is good, with all that was given before.
    ///
    /// Errors: [`MediaError::Truncated`], [`MediaError::TooLong`], [`MediaError::Corrupt`].
    pub fn finish(self, out: &mut Vec<u8>) -> Result<Verified, MediaError> {
        let Self { cbc, mut plain, digests, carry, expected, limit, received, given } = self;
        if received > limit {
            return Err(MediaError::TooLong { limit });
        }
        let whole = expected.file_length.and_then(encrypted_length);
        if whole.is_some_and(|whole| received < whole)
            || carry.len() < HELD
            || !(carry.len() - MAC_LEN).is_multiple_of(16)
        {
            return Err(MediaError::Truncated { received, expected: whole });
        }
        let (rest, mac) = carry.split_at(carry.len() - MAC_LEN);
        let mac: &[u8; MAC_LEN] = mac.try_into().map_err(|_| MediaError::Corrupt(Check::Mac))?;
        let finished = digests.finish(rest, Some(mac));
        if expected.file_enc_sha256.is_some_and(|hash| hash != finished.file_enc_sha256) {
            return Err(MediaError::Corrupt(Check::EncryptedHash));
        }
        if !bool::from(finished.mac.ct_eq(mac)) {
            return Err(MediaError::Corrupt(Check::Mac));
        }
        let last = cbc.decrypt_padded_vec::<Pkcs7>(rest).map_err(|_| MediaError::Corrupt(Check::Padding))?;
        plain.update(&last);
        let file_sha256 = plain.finalize().into();
        let file_length = given + last.len() as u64;
        if expected.file_sha256.is_some_and(|hash| hash != file_sha256) {
            return Err(MediaError::Corrupt(Check::PlainHash));
        }
        if expected.file_length.is_some_and(|length| length != file_length) {
            return Err(MediaError::Corrupt(Check::Length));
        }
        if file_length > expected.max_length {
            return Err(MediaError::TooLong { limit });
        }
        out.extend_from_slice(&last);
        Ok(Verified { file_sha256, file_enc_sha256: finished.file_enc_sha256, file_length })
    }

    /// Decrypts all that `reader` gives into `writer`, which holds a good file only when this returned well.
    ///
    /// Progress and cancellation are the reader's: it can count, and fail.
    pub fn copy(mut self, reader: impl Read, mut writer: impl Write) -> Result<Verified, MediaError> {
        copy(reader, &mut writer, |file, out| self.update(file, out))?;
        let mut last = Vec::new();
        let verified = self.finish(&mut last)?;
        writer.write_all(&last).and_then(|()| writer.flush()).map_err(MediaError::Write)?;
        Ok(verified)
    }
}

impl std::fmt::Debug for Decryptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decryptor").field("received", &self.received).finish_non_exhaustive()
    }
}
