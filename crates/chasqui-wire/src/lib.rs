//! What travels on the wire, without any I/O: bytes in, bytes out.
//!
//! | module | keeps |
//! |---|---|
//! | [`curve`] | Curve25519 keys, X25519 agreement, XEdDSA signatures |
//! | [`jid`] | addresses |
//! | [`node`] | the tree that a stanza is |

pub mod curve;
pub mod jid;
pub mod node;

pub use curve::{KeyPair, PrivateKey, PublicKey};
pub use jid::{Jid, Server};
pub use node::{Content, Node, Text, Value};
