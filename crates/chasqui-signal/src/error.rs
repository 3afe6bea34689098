//! What can go wrong, one variant per thing that a caller does differently.

use chasqui_wire::curve::KeyError;

/// Why a message, key or record was refused. The record that was passed in is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// The message was decrypted before, or its key is no longer kept. Acknowledge it, never ask for it again.
    #[error("the message was decrypted before")]
    Duplicate,
    /// There is no session with the peer, or its sending chain is used up. A new one must be set up.
    #[error("there is no session with this address")]
    NoSession,
    /// The sender's key for this group is not known, or another one than the message names. The sender must distribute
    /// it again.
    #[error("the sender key of this group message is unknown")]
    NoSenderKey,
    /// No session state verifies the message.
    #[error("the message does not belong to any session state with this address")]
    BadMac,
    /// The message is more than 2000 messages ahead of its chain.
    #[error("the message is over 2000 messages into the future")]
    FutureMessage,
    /// The bytes are not a Signal v3 message, or a verified message is not padded as it must be.
    #[error("the message is malformed")]
    InvalidMessage,
    /// A public key is malformed or a point of small order.
    #[error("a public key is malformed")]
    InvalidKey,
    /// The signed prekey is not signed by the identity of its bundle, or a group message not by its sender key.
    #[error("a signature does not verify")]
    InvalidSignature,
    /// The message was encrypted for this one-time prekey, which the caller did not supply.
    #[error("one-time prekey {0} is unknown or was used before")]
    MissingPreKey(u32),
    /// The message was encrypted for this signed prekey, which the caller did not supply.
    #[error("signed prekey {0} is unknown")]
    MissingSignedPreKey(u32),
    /// The stored bytes are not a record of this crate.
    #[error("the stored record is damaged")]
    CorruptRecord,
}

impl From<KeyError> for SignalError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Signature => Self::InvalidSignature,
            KeyError::Length(_) | KeyError::SmallOrder => Self::InvalidKey,
        }
    }
}
