//! The cryptography and the streaming of media files, without network and without store: bytes in, bytes out.
//!
//! | module | keeps |
//! |---|---|
//! | [`keys`] | what is derived from a media key, and the info string of every kind of file |
//! | [`encrypt`] | plaintext to uploaded file, with everything that a message says about it |
//! | [`decrypt`] | downloaded file to plaintext, with every check |
//! | [`range`] | a part of a file, trusted as it comes or checked against the streaming sidecar |
//! | [`sidecar`] | the MACs of the 64 KiB windows of a file that is played while it loads |
//! | [`plain`] | files that are not encrypted: channels, profile pictures |
//! | [`retry`] | asking for a file that the hosts no longer have |
//! | [`sink`] | a file that appears under its name only when all of it is good |
//! | [`sticker`] | the first frame of an animated sticker |
//!
//! An uploaded file is `ct || mac`: `ct` is AES-256-CBC with PKCS#7 padding under a key and an IV derived from the media
//! key, `mac` the first 10 bytes of HMAC-SHA256 over `iv || ct`. Everything works in constant memory, gives the same
//! bytes however its input is cut, and blocks: it belongs on a thread for blocking work. Source: 05-media.
#![forbid(unsafe_code)]

pub mod decrypt;
mod digests;
pub mod encrypt;
pub mod error;
pub mod keys;
pub mod plain;
pub mod range;
pub mod retry;
pub mod sidecar;
pub mod sink;
pub mod sticker;

#[cfg(test)]
mod vectors;

pub use decrypt::{Decryptor, Expected, Verified};
pub use encrypt::{Encrypted, Encryptor};
pub use error::{Check, MediaError};
pub use keys::{MediaKey, MediaKeys, MediaKind};
pub use plain::PlainVerifier;
pub use range::{RangeDecryptor, RangePlan};
pub use sidecar::Sidecar;
pub use sink::FileSink;

/// Length in bytes of the MAC at the end of an uploaded file.
pub const MAC_LEN: usize = 10;

/// Length of an AES block.
const BLOCK: u64 = 16;
/// Bytes that are read, worked on and written at a time by what copies from a reader to a writer.
const COPY_LEN: usize = 64 * 1024;

/// The length of the uploaded file for a plaintext of `file_length` bytes; `None` beyond what any file has.
///
/// ```
/// assert_eq!(chasqui_media::encrypted_length(0), Some(26));
/// ```
pub fn encrypted_length(file_length: u64) -> Option<u64> {
    ciphertext_length(file_length)?.checked_add(MAC_LEN as u64)
}

/// The same without the MAC.
fn ciphertext_length(file_length: u64) -> Option<u64> {
    (file_length / BLOCK).checked_add(1)?.checked_mul(BLOCK)
}

/// Copies a reader through `step` into a writer; `step` appends what it has to write to the buffer that it is given.
fn copy(
    mut reader: impl std::io::Read,
    mut writer: impl std::io::Write,
    mut step: impl FnMut(&[u8], &mut Vec<u8>) -> Result<(), MediaError>,
) -> Result<(), MediaError> {
    let mut input = vec![0; COPY_LEN];
    let mut output = Vec::with_capacity(COPY_LEN + 128);
    loop {
        let length = match reader.read(&mut input) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(MediaError::Read(error)),
        };
        output.clear();
        step(input.get(..length).unwrap_or_default(), &mut output)?;
        writer.write_all(&output).map_err(MediaError::Write)?;
    }
}
