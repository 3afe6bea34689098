//! Signal v3 as the service uses it, without any I/O: records in, records out.
//!
//! | module | keeps |
//! |---|---|
//! | [`address`] | the name under which a session and an identity are stored |
//! | [`prekey`] | one-time and signed prekeys, and the bundle that a stranger fetches |
//! | [`message`] | the wire form of `msg` and `pkmsg` |
//! | [`session`] | setting up a session, encrypting, decrypting |
//! | [`record`] | a session at rest |
//! | [`sender_key`] | what a sender of group messages shares with everybody there, and `skmsg` |
//! | [`parts`] | what records consist of, for the formats of other engines |
//! | [`padding`] | the service's own padding of plaintexts |
//!
//! Nothing here decides whom to trust: the identity of the peer is handed back, and comparing it with the stored one is
//! the caller's. Every function that fails leaves the record as it was. Source: 03-messages §1.
#![forbid(unsafe_code)]

pub mod address;
mod chain;
mod cipher;
pub mod error;
pub mod message;
pub mod padding;
pub mod parts;
pub mod prekey;
pub mod record;
pub mod sender_key;
pub mod session;
mod state;
mod stored;
mod x3dh;

#[cfg(test)]
mod vectors;

pub use address::SignalAddress;
pub use error::SignalError;
pub use message::{Ciphertext, Kind, PreKeyMessage};
pub use prekey::{PreKey, PreKeyBundle, SignedPreKey};
pub use record::SessionRecord;
pub use sender_key::{SenderKeyDistributionMessage, SenderKeyMessage, SenderKeyRecord};
pub use session::{Decrypted, decrypt, decrypt_prekey, encrypt, initiate, initiate_with};

/// The long-term key pair of an account on one device.
pub type IdentityKeyPair = chasqui_wire::KeyPair;
