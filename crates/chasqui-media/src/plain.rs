//! Files that are not encrypted: what channels carry, and profile pictures. Only their hash and length are theirs.
//! Source: 05-media §10.

use std::io::{Read, Write};

use sha2::{Digest, Sha256};

use crate::{Check, Expected, MediaError, Verified, copy};

/// Hashes a file that is not encrypted, and holds it against what its message says.
///
/// To send one, [`PlainVerifier::copy`] it into [`std::io::sink`] (or to where it is spooled) with nothing expected but a
/// limit.
#[derive(Debug, Clone)]
pub struct PlainVerifier {
    hash: Sha256,
    expected: Expected,
    received: u64,
}

impl PlainVerifier {
    /// Starts a file. Of what is expected, `file_enc_sha256` is not looked at.
    pub fn new(expected: Expected) -> Self {
        Self { hash: Sha256::new(), expected, received: 0 }
    }

    /// Bytes of the file taken so far.
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Takes the next bytes. Fails with [`MediaError::TooLong`] only; the file is lost then.
    pub fn update(&mut self, file: &[u8]) -> Result<(), MediaError> {
        self.received = self.received.saturating_add(file.len() as u64);
        let limit = self.expected.limit();
        if self.received > limit {
            return Err(MediaError::TooLong { limit });
        }
        self.hash.update(file);
        Ok(())
    }

    /// Ends the file. Errors: [`MediaError::TooLong`], [`MediaError::Truncated`], [`MediaError::Corrupt`].
    pub fn finish(self) -> Result<Verified, MediaError> {
        let Self { hash, expected, received } = self;
        let limit = expected.limit();
        if received > limit {
            return Err(MediaError::TooLong { limit });
        }
        if let Some(length) = expected.file_length
            && received < length
        {
            return Err(MediaError::Truncated { received, expected: Some(length) });
        }
        let file_sha256: [u8; 32] = hash.finalize().into();
        if expected.file_sha256.is_some_and(|hash| hash != file_sha256) {
            return Err(MediaError::Corrupt(Check::PlainHash));
        }
        Ok(Verified { file_sha256, file_enc_sha256: file_sha256, file_length: received })
    }

    /// Copies all that `reader` gives into `writer`, which holds a good file only when this returned well.
    pub fn copy(mut self, reader: impl Read, mut writer: impl Write) -> Result<Verified, MediaError> {
        copy(reader, &mut writer, |file, out| {
            self.update(file)?;
            out.extend_from_slice(file);
            Ok(())
        })?;
        let verified = self.finish()?;
        writer.flush().map_err(MediaError::Write)?;
        Ok(verified)
    }
}
