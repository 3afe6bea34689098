//! The wire forms (03-messages §1.1): `skmsg` is `33 ‖ SenderKeyMessage ‖ 64-byte signature of what is before it`, a
//! distribution is `33 ‖ SenderKeyDistributionMessage`.

use std::fmt;

use chasqui_proto::{
    ProtoMessage, SenderKeyDistributionMessage as DistributionProto, SenderKeyMessage as MessageProto,
};
use chasqui_wire::{PrivateKey, PublicKey};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    SignalError,
    message::{VERSION, key, with_version},
};

const SIGNATURE_LEN: usize = 64;

/// What a sender gives to every device of a group, so that it can read from `iteration` on.
#[derive(Clone, PartialEq, Eq)]
pub struct SenderKeyDistributionMessage {
    /// Names the key among those of its sender.
    pub key_id: u32,
    /// The first message that can be read.
    pub iteration: u32,
    /// The public half of what signs the messages.
    pub signing_key: PublicKey,
    pub(crate) chain_key: Zeroizing<[u8; 32]>,
}

impl SenderKeyDistributionMessage {
    /// Reads what a `Message` carries in `axolotlSenderKeyDistributionMessage`.
    ///
    /// # Errors
    /// [`SignalError::InvalidMessage`], [`SignalError::InvalidKey`]
    pub fn parse(bytes: &[u8]) -> Result<Self, SignalError> {
        let [VERSION, proto @ ..] = bytes else { return Err(SignalError::InvalidMessage) };
        let proto = DistributionProto::decode(proto).map_err(|_| SignalError::InvalidMessage)?;
        let chain_key = Zeroizing::new(proto.chain_key.ok_or(SignalError::InvalidMessage)?);
        Ok(Self {
            key_id: proto.id.ok_or(SignalError::InvalidMessage)?,
            iteration: proto.iteration.ok_or(SignalError::InvalidMessage)?,
            signing_key: key(proto.signing_key)?,
            chain_key: Zeroizing::new(chain_key.as_slice().try_into().map_err(|_| SignalError::InvalidKey)?),
        })
    }

    /// The wire form. It is a secret of the group.
    pub fn encode(&self) -> Vec<u8> {
        let mut proto = DistributionProto {
            id: Some(self.key_id),
            iteration: Some(self.iteration),
            chain_key: Some(self.chain_key.to_vec()),
            signing_key: Some(self.signing_key.to_djb().to_vec()),
        };
        let bytes = with_version(&proto, 0);
        proto.chain_key.zeroize();
        bytes
    }
}

impl fmt::Debug for SenderKeyDistributionMessage {
    /// Without the chain key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderKeyDistributionMessage")
            .field("key_id", &self.key_id)
            .field("iteration", &self.iteration)
            .finish_non_exhaustive()
    }
}

/// A received `skmsg`. Its parts are claims until its signature is verified.
#[derive(Debug, Clone)]
pub struct SenderKeyMessage<'a> {
    /// Which of the sender's keys it is encrypted with.
    pub key_id: u32,
    /// Its place in the chain.
    pub iteration: u32,
    pub(crate) text: Vec<u8>,
    signed: &'a [u8],
    signature: &'a [u8; SIGNATURE_LEN],
}

impl<'a> SenderKeyMessage<'a> {
    /// Reads the content of an `<enc type="skmsg">`.
    ///
    /// # Errors
    /// [`SignalError::InvalidMessage`]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SignalError> {
        let (signed, signature) = bytes.split_last_chunk().ok_or(SignalError::InvalidMessage)?;
        let [VERSION, proto @ ..] = signed else { return Err(SignalError::InvalidMessage) };
        let proto = MessageProto::decode(proto).map_err(|_| SignalError::InvalidMessage)?;
        Ok(Self {
            key_id: proto.id.ok_or(SignalError::InvalidMessage)?,
            iteration: proto.iteration.ok_or(SignalError::InvalidMessage)?,
            text: proto.ciphertext.ok_or(SignalError::InvalidMessage)?,
            signed,
            signature,
        })
    }

    pub(crate) fn verify(&self, signing_key: &PublicKey) -> Result<(), SignalError> {
        signing_key.verify(self.signed, self.signature).map_err(|_| SignalError::InvalidSignature)
    }
}

/// Frames and signs an encrypted message.
pub(crate) fn seal(key_id: u32, iteration: u32, text: Vec<u8>, signing: &PrivateKey) -> Vec<u8> {
    let proto = MessageProto { id: Some(key_id), iteration: Some(iteration), ciphertext: Some(text) };
    let mut bytes = with_version(&proto, SIGNATURE_LEN);
    let signature = signing.sign(&bytes);
    bytes.extend_from_slice(&signature);
    bytes
}
