//! What can go wrong with a file, one variant per thing that a caller does differently.

use std::io;

/// Why a file was refused or could not be moved. What was given out of it before is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// A media key has 32 bytes; this one has another number.
    #[error("a media key has 32 bytes; this one has {0}")]
    KeyLength(usize),
    /// The bytes are not those that were sent.
    #[error("the file is corrupt: {0}")]
    Corrupt(Check),
    /// The file ended too early: the transfer was cut, or the host keeps a damaged copy.
    #[error("the file ends after {received} bytes")]
    Truncated {
        /// Bytes that came.
        received: u64,
        /// Bytes that should have come, where that is known.
        expected: Option<u64>,
    },
    /// The file is longer than it may be; nothing beyond the limit was taken.
    #[error("the file is longer than {limit} bytes")]
    TooLong {
        /// The most bytes that may come, as transferred.
        limit: u64,
    },
    /// The source could not be read.
    #[error("the source cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The target could not be written.
    #[error("the target cannot be written: {0}")]
    Write(#[source] io::Error),
}

/// The check that a corrupt file failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// The transferred bytes do not have the hash that the message names (`fileEncSha256`): another host may have a
    /// good copy.
    EncryptedHash,
    /// The MAC at the end of the file: wrong key, wrong kind, or altered by whoever sent it.
    Mac,
    /// The padding inside a file with a good MAC: the sender's fault.
    Padding,
    /// The plaintext does not have the hash that the message names (`fileSha256`).
    PlainHash,
    /// The plaintext does not have the length that the message names (`fileLength`).
    Length,
    /// A window does not agree with the streaming sidecar, or the sidecar has the wrong number of entries.
    Sidecar,
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::EncryptedHash => "fileEncSha256 differs",
            Self::Mac => "its MAC is wrong",
            Self::Padding => "its padding is wrong",
            Self::PlainHash => "fileSha256 differs",
            Self::Length => "fileLength differs",
            Self::Sidecar => "it does not agree with its streaming sidecar",
        })
    }
}
