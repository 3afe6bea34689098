//! The wire form of `msg` and `pkmsg` (03-messages §1.1).
//!
//! `msg` is `33 ‖ SignalMessage ‖ 8-byte MAC`; `pkmsg` is `33 ‖ PreKeySignalMessage` with a complete `msg` inside.

use chasqui_proto::{PreKeySignalMessage, ProtoMessage, SignalMessage};
use chasqui_wire::PublicKey;

use crate::{
    SignalError,
    chain::{MAC_LEN, MessageKeys},
};

/// First byte of every Signal message: current version 3, minimum version 3.
pub const VERSION: u8 = 0x33;

/// What an encrypted message is called in `<enc type>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `pkmsg`: carries what the other side needs to set up the session.
    PreKey,
    /// `msg`.
    Whisper,
}

impl Kind {
    /// The value of `<enc type>`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreKey => "pkmsg",
            Self::Whisper => "msg",
        }
    }
}

/// An encrypted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ciphertext {
    /// Which of the two forms `bytes` have.
    pub kind: Kind,
    /// The content of `<enc>`.
    pub bytes: Vec<u8>,
}

/// A received `pkmsg`. Its parts are the peer's claims until it decrypts.
#[derive(Debug, Clone)]
pub struct PreKeyMessage {
    /// The sender's registration id; 0 when absent.
    pub registration_id: u32,
    /// Which of our one-time prekeys was used, if any.
    pub prekey_id: Option<u32>,
    /// Which of our signed prekeys was used.
    pub signed_prekey_id: u32,
    /// The key that names the session.
    pub base_key: PublicKey,
    /// The sender's identity.
    pub identity: PublicKey,
    pub(crate) message: Vec<u8>,
}

impl PreKeyMessage {
    /// Reads the content of an `<enc type="pkmsg">`.
    ///
    /// # Errors
    /// [`SignalError::InvalidMessage`], [`SignalError::InvalidKey`]
    pub fn parse(bytes: &[u8]) -> Result<Self, SignalError> {
        let [VERSION, proto @ ..] = bytes else { return Err(SignalError::InvalidMessage) };
        let proto = PreKeySignalMessage::decode(proto).map_err(|_| SignalError::InvalidMessage)?;
        Ok(Self {
            registration_id: proto.registration_id.unwrap_or(0),
            prekey_id: proto.pre_key_id,
            signed_prekey_id: proto.signed_pre_key_id.ok_or(SignalError::InvalidMessage)?,
            base_key: key(proto.base_key)?,
            identity: key(proto.identity_key)?,
            message: proto.message.ok_or(SignalError::InvalidMessage)?,
        })
    }

    pub(crate) fn encode(self) -> Vec<u8> {
        let proto = PreKeySignalMessage {
            registration_id: Some(self.registration_id),
            pre_key_id: self.prekey_id,
            signed_pre_key_id: Some(self.signed_prekey_id),
            base_key: Some(self.base_key.to_djb().to_vec()),
            identity_key: Some(self.identity.to_djb().to_vec()),
            message: Some(self.message),
            ..Default::default()
        };
        with_version(&proto, 0)
    }
}

/// A received `msg`, taken apart; the MAC covers `signed`.
pub(crate) struct WhisperMessage<'a> {
    pub(crate) ratchet_key: PublicKey,
    pub(crate) counter: u32,
    /// Becomes the plaintext in place.
    pub(crate) text: Vec<u8>,
    signed: &'a [u8],
    mac: &'a [u8; MAC_LEN],
}

impl<'a> WhisperMessage<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, SignalError> {
        let (signed, mac) = bytes.split_last_chunk().ok_or(SignalError::InvalidMessage)?;
        let [VERSION, proto @ ..] = signed else { return Err(SignalError::InvalidMessage) };
        let proto = SignalMessage::decode(proto).map_err(|_| SignalError::InvalidMessage)?;
        Ok(Self {
            ratchet_key: key(proto.ratchet_key)?,
            counter: proto.counter.ok_or(SignalError::InvalidMessage)?,
            text: proto.ciphertext.ok_or(SignalError::InvalidMessage)?,
            signed,
            mac,
        })
    }

    /// Verifies and decrypts. On a wrong MAC the message is left as it was, for another session to try.
    pub(crate) fn open(
        &mut self,
        keys: &MessageKeys,
        sender: &PublicKey,
        receiver: &PublicKey,
    ) -> Result<Vec<u8>, SignalError> {
        keys.verify(sender, receiver, self.signed, self.mac)?;
        keys.decrypt(&mut self.text)?;
        Ok(std::mem::take(&mut self.text))
    }

    /// Encrypts and authenticates a padded plaintext.
    pub(crate) fn seal(
        keys: &MessageKeys,
        sender: &PublicKey,
        receiver: &PublicKey,
        header: (PublicKey, u32, u32),
        plaintext: &[u8],
    ) -> Vec<u8> {
        let (ratchet_key, counter, previous_counter) = header;
        let proto = SignalMessage {
            ratchet_key: Some(ratchet_key.to_djb().to_vec()),
            counter: Some(counter),
            previous_counter: Some(previous_counter),
            ciphertext: Some(keys.encrypt(plaintext)),
        };
        let mut bytes = with_version(&proto, MAC_LEN);
        let mac = keys.mac(sender, receiver, &bytes);
        bytes.extend_from_slice(&mac);
        bytes
    }
}

pub(crate) fn with_version(proto: &impl ProtoMessage, tail: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + proto.encoded_len() + tail);
    bytes.push(VERSION);
    proto.encode(&mut bytes).expect("a vector has room");
    bytes
}

pub(crate) fn key(field: Option<Vec<u8>>) -> Result<PublicKey, SignalError> {
    Ok(PublicKey::from_djb(&field.ok_or(SignalError::InvalidMessage)?)?)
}
