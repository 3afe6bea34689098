//! What travels on the wire, without any I/O: bytes in, bytes out.
//!
//! | module | keeps |
//! |---|---|
//! | [`curve`] | Curve25519 keys, X25519 agreement, XEdDSA signatures |
//! | [`jid`] | addresses |
//! | [`node`] | the tree that a stanza is |
//! | [`token`] | the dictionary of frequent strings |
//! | [`codec`] | stanzas to bytes and back |
//! | [`frame`] | the stream of frames, and the intro before it |
//! | [`noise`] | the handshake, both roles, and the encryption of frames |
//! | [`cert`] | the certificate chain that says who the server is |

pub mod cert;
pub mod codec;
pub mod curve;
pub mod frame;
pub mod jid;
pub mod node;
pub mod noise;
pub mod token;
mod x25519;

#[cfg(test)]
mod test_data;

pub use codec::{decode, encode, encode_into, unpack};
pub use curve::{KeyPair, PrivateKey, PublicKey};
pub use jid::{Jid, Server};
pub use node::{Content, Node, Text, Value};
