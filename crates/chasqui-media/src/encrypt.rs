//! From plaintext to the file that is uploaded, and to what its message says about it. Source: 05-media §3, §3.1.

use std::io::{Read, Write};

use aes::cipher::{Array, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use sha2::{Digest, Sha256};

use crate::{
    MAC_LEN, MediaError, MediaKeys, copy,
    digests::{Digests, GROUP},
};

/// What a message says about its file, and what the upload needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// Hash of the plaintext (`fileSha256`).
    pub file_sha256: [u8; 32],
    /// Hash of the uploaded bytes (`fileEncSha256`). It is the token of the upload.
    pub file_enc_sha256: [u8; 32],
    /// Length of the plaintext in bytes (`fileLength`).
    pub file_length: u64,
    /// Length of the uploaded file in bytes.
    pub encrypted_length: u64,
    /// The streaming sidecar, if it was asked for.
    pub streaming_sidecar: Option<Vec<u8>>,
    /// The sidecar of the first frame, if it was asked for and the file is not shorter than that.
    pub first_frame_sidecar: Option<[u8; MAC_LEN]>,
}

/// Encrypts a file piece by piece.
///
/// The same keys and plaintext give the same file: who does not want to keep it can encrypt once into
/// [`std::io::sink`] for its hashes, and again while it is uploaded.
///
/// ```
/// # use chasqui_media::{Encryptor, MediaKey, MediaKind};
/// let keys = MediaKey::generate().derive(MediaKind::Document);
/// let mut encryptor = Encryptor::new(&keys);
/// let mut file = Vec::new();
/// encryptor.update(b"pages ", &mut file);
/// encryptor.update(b"and pages", &mut file);
/// let encrypted = encryptor.finish(&mut file);
/// assert_eq!(encrypted.file_length, 15);
/// assert_eq!(encrypted.encrypted_length, file.len() as u64);
/// ```
pub struct Encryptor {
    cbc: cbc::Encryptor<aes::Aes256>,
    plain: Sha256,
    digests: Digests,
    carry: Vec<u8>,
    file_length: u64,
    encrypted_length: u64,
}

impl Encryptor {
    /// Starts a file.
    pub fn new(keys: &MediaKeys) -> Self {
        Self {
            cbc: cbc::Encryptor::new(keys.cipher_key().into(), keys.iv().into()),
            plain: Sha256::new(),
            digests: Digests::new(keys),
            carry: Vec::with_capacity(2 * GROUP),
            file_length: 0,
            encrypted_length: 0,
        }
    }

    /// Computes the streaming sidecar too: 10 bytes per 64 KiB, which are all kept. To be called before the first byte.
    #[must_use]
    pub fn with_sidecar(mut self, keys: &MediaKeys) -> Self {
        self.digests.add_sidecar(keys);
        self
    }

    /// Computes the sidecar over the first `first_frame_length` bytes too ([`crate::sticker`]). To be called before the
    /// first byte.
    #[must_use]
    pub fn with_first_frame(mut self, keys: &MediaKeys, first_frame_length: u32) -> Self {
        self.digests.add_first_frame(keys, first_frame_length);
        self
    }

    /// Takes the next bytes of plaintext, any number, and appends to `out` what is ready of the file.
    pub fn update(&mut self, mut plaintext: &[u8], out: &mut Vec<u8>) {
        self.file_length = self.file_length.saturating_add(plaintext.len() as u64);
        let before = out.len();
        if !self.carry.is_empty() {
            let (head, rest) = plaintext.split_at(plaintext.len().min(GROUP - self.carry.len()));
            self.carry.extend_from_slice(head);
            plaintext = rest;
            if self.carry.len() < GROUP {
                return;
            }
            let group = std::mem::take(&mut self.carry);
            self.encrypt(group.as_chunks().0, out);
            self.carry = group;
            self.carry.clear();
        }
        let (groups, rest) = plaintext.as_chunks();
        self.encrypt(groups, out);
        self.carry.extend_from_slice(rest);
        self.encrypted_length += (out.len() - before) as u64;
    }

    /// Encrypts whole groups. The digests of the ciphertext run one group behind, so that they need not wait for it.
    fn encrypt(&mut self, groups: &[[u8; GROUP]], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(groups.as_flattened());
        let mut behind: Option<&[u8; GROUP]> = None;
        for (plain, group) in groups.iter().zip(out[start..].as_chunks_mut::<GROUP>().0) {
            let (blocks, _) = Array::slice_as_chunks_mut(group);
            let (first, second) = blocks.split_at_mut(2);
            let (third, fourth) = second.split_at_mut(1);
            self.cbc.encrypt_blocks(first);
            self.plain.update(plain);
            self.cbc.encrypt_blocks(third);
            if let Some(behind) = behind {
                self.digests.hash(behind);
            }
            self.cbc.encrypt_blocks(fourth);
            if let Some(behind) = behind {
                self.digests.authenticate(behind);
            }
            behind = Some(group);
        }
        if let Some(behind) = behind {
            self.digests.hash(behind);
            self.digests.authenticate(behind);
        }
    }

    /// Ends the file: appends its last block and its MAC to `out`.
    pub fn finish(self, out: &mut Vec<u8>) -> Encrypted {
        let Self { cbc, mut plain, digests, carry, file_length, encrypted_length } = self;
        plain.update(&carry);
        let rest = cbc.encrypt_padded_vec::<Pkcs7>(&carry);
        let finished = digests.finish(&rest, None);
        out.extend_from_slice(&rest);
        out.extend_from_slice(&finished.mac);
        Encrypted {
            file_sha256: plain.finalize().into(),
            file_enc_sha256: finished.file_enc_sha256,
            file_length,
            encrypted_length: encrypted_length + (rest.len() + MAC_LEN) as u64,
            streaming_sidecar: finished.sidecar,
            first_frame_sidecar: finished.first_frame_sidecar,
        }
    }

    /// Encrypts all that `reader` gives into `writer`. Fails with [`MediaError::Read`] or [`MediaError::Write`] only.
    ///
    /// Progress and cancellation are the reader's: it can count, and fail.
    pub fn copy(mut self, reader: impl Read, mut writer: impl Write) -> Result<Encrypted, MediaError> {
        copy(reader, &mut writer, |plaintext, out| {
            self.update(plaintext, out);
            Ok(())
        })?;
        let mut last = Vec::new();
        let encrypted = self.finish(&mut last);
        writer.write_all(&last).and_then(|()| writer.flush()).map_err(MediaError::Write)?;
        Ok(encrypted)
    }
}

impl std::fmt::Debug for Encryptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encryptor").field("file_length", &self.file_length).finish_non_exhaustive()
    }
}
