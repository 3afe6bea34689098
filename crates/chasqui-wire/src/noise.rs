//! The Noise handshake and the encryption of frames, both roles, without I/O (01-connection §4).
//!
//! A handshake takes and gives the bytes of `HandshakeMessage` protobufs; the caller puts them into frames. Patterns
//! are XX (first connection), IK (resumption in one round trip) and XXfallback (the server's way out of IK).
//!
//! ```text
//! client                              server
//! ClientHandshake::xx / ::ik          ServerHandshake::new
//!   .hello()            ── clientHello ──▶  .on_client_hello()
//!   .on_server_hello()  ◀── serverHello ──
//!                       ── clientFinish ─▶  .on_client_finish()      (not for IK)
//! Transport                           Transport
//! ```

use chasqui_proto::{HandshakeMessage, ProtoMessage};

use crate::{
    cert::CertError,
    curve::{KEY_LEN, KeyError, PublicKey},
};

mod client;
mod server;
mod symmetric;
#[cfg(test)]
mod tests;
mod transport;

pub use client::{ClientFinished, ClientHandshake};
pub use server::{Accepted, AwaitFinish, ServerHandshake, ServerReply, ServerState};
pub use transport::{Opener, Sealer, Transport};

/// Length in bytes of the tag that encryption appends.
pub const TAG_LEN: usize = 16;
/// The longest handshake message that is accepted, in bytes.
pub const MAX_HANDSHAKE: usize = 64 << 10;

/// What a handshake went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// The full handshake.
    Xx,
    /// Resumption with a server key known from before.
    Ik,
    /// Resumption that the server turned into a full handshake.
    XxFallback,
}

impl Pattern {
    /// The name as in logs and papers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xx => "XX",
            Self::Ik => "IK",
            Self::XxFallback => "XXfallback",
        }
    }
}

/// Why a handshake or a frame failed. All of these end the connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoiseError {
    /// The server does not prove its key: never go on, it may be an impostor.
    #[error("the server is not trusted: {0}")]
    Untrusted(#[from] CertError),
    /// Not the message that the handshake needs now, or a field of it is missing or of the wrong length.
    #[error("malformed handshake message: {0}")]
    Malformed(&'static str),
    /// A part of the handshake does not decrypt.
    #[error("the handshake's {0} does not decrypt")]
    Handshake(&'static str),
    /// The peer's key is unusable.
    #[error("key agreement failed: {0}")]
    Key(#[from] KeyError),
    /// A frame does not decrypt: damaged, repeated, out of order or forged.
    #[error("a frame does not decrypt")]
    Frame,
    /// A plaintext that fits in no frame.
    #[error("a plaintext of {0} bytes fits in no frame")]
    TooLong(usize),
    /// All nonces are used up; reconnect.
    #[error("the connection has used up its nonces")]
    Exhausted,
}

fn parse(bytes: &[u8]) -> Result<HandshakeMessage, NoiseError> {
    if bytes.len() > MAX_HANDSHAKE {
        return Err(NoiseError::Malformed("too long"));
    }
    HandshakeMessage::decode(bytes).map_err(|_| NoiseError::Malformed("not a protobuf"))
}

fn ephemeral(field: Option<&[u8]>) -> Result<PublicKey, NoiseError> {
    let bytes: [u8; KEY_LEN] =
        field.and_then(|bytes| bytes.try_into().ok()).ok_or(NoiseError::Malformed("no 32-byte ephemeral"))?;
    Ok(PublicKey::new(bytes))
}

/// Encrypted key: 32 bytes and the tag.
fn sealed_key(field: Option<&[u8]>) -> Result<&[u8], NoiseError> {
    field.filter(|bytes| bytes.len() == KEY_LEN + TAG_LEN).ok_or(NoiseError::Malformed("no 48-byte static"))
}

fn sealed_payload(field: Option<&[u8]>) -> Result<&[u8], NoiseError> {
    field.filter(|bytes| bytes.len() >= TAG_LEN).ok_or(NoiseError::Malformed("no payload"))
}
