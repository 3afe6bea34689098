//! One double ratchet with one peer: its chains, and receiving on them (03-messages §1.3, §1.4).

use chasqui_wire::{KeyPair, PublicKey};

use crate::{
    SignalError,
    chain::{ChainKey, MAX_SKIPPED, MessageKeys, ReceivingChain, RootKey},
    message::WhisperMessage,
};

/// How many receiving chains a state keeps.
pub(crate) const MAX_RECEIVERS: usize = 5;

pub(crate) struct SessionState {
    /// Names the session: the initiator's base key.
    pub(crate) base_key: PublicKey,
    pub(crate) remote_identity: PublicKey,
    pub(crate) remote_registration_id: u32,
    pub(crate) root: RootKey,
    /// Index of the last message of the previous sending chain, 0 when it had none.
    pub(crate) previous_counter: u32,
    pub(crate) ratchet: KeyPair,
    pub(crate) sending: ChainKey,
    /// Oldest first, at most [`MAX_RECEIVERS`].
    pub(crate) receivers: Vec<Receiver>,
    /// What every message carries until the peer has answered.
    pub(crate) pending: Option<Pending>,
}

/// The prekeys that we used, while the peer may not know of the session yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) prekey_id: Option<u32>,
    pub(crate) signed_prekey_id: u32,
}

pub(crate) struct Receiver {
    pub(crate) ratchet_key: PublicKey,
    pub(crate) chain: ReceivingChain,
}

impl SessionState {
    pub(crate) fn knows_ratchet_key(&self, key: &PublicKey) -> bool {
        self.receivers.iter().any(|receiver| receiver.ratchet_key == *key)
    }

    /// Decrypts a message of this state. `next_ratchet` gives our next ratchet key if the message turns the ratchet.
    pub(crate) fn receive(
        &mut self,
        message: &mut WhisperMessage<'_>,
        our_identity: &PublicKey,
        next_ratchet: impl FnOnce() -> KeyPair,
    ) -> Result<Vec<u8>, SignalError> {
        let known = self.receivers.iter_mut().find(|receiver| receiver.ratchet_key == message.ratchet_key);
        let plaintext = match known {
            Some(receiver) => receiver.receive(message, &self.remote_identity, our_identity)?,
            None => self.turn(message, our_identity, next_ratchet)?,
        };
        self.pending = None;
        Ok(plaintext)
    }

    /// The message came with a ratchet key not seen before: a receiving chain from it, and a sending chain for answers.
    fn turn(
        &mut self,
        message: &mut WhisperMessage<'_>,
        our_identity: &PublicKey,
        next_ratchet: impl FnOnce() -> KeyPair,
    ) -> Result<Vec<u8>, SignalError> {
        if message.counter > MAX_SKIPPED as u32 {
            return Err(SignalError::FutureMessage);
        }
        let (root, chain) = self.root.ratchet(&self.ratchet.private, &message.ratchet_key)?;
        let mut receiver = Receiver { ratchet_key: message.ratchet_key, chain: ReceivingChain::new(chain) };
        let plaintext = receiver.receive(message, &self.remote_identity, our_identity)?;

        let ratchet = next_ratchet();
        let (root, sending) = root.ratchet(&ratchet.private, &message.ratchet_key)?;
        if self.receivers.len() >= MAX_RECEIVERS {
            self.receivers.remove(0);
        }
        self.receivers.push(receiver);
        self.root = root;
        self.previous_counter = self.sending.index.saturating_sub(1);
        self.ratchet = ratchet;
        self.sending = sending;
        Ok(plaintext)
    }
}

impl Receiver {
    fn receive(
        &mut self,
        message: &mut WhisperMessage<'_>,
        sender: &PublicKey,
        us: &PublicKey,
    ) -> Result<Vec<u8>, SignalError> {
        self.chain.open(message.counter, |seed| message.open(&MessageKeys::derive(seed), sender, us))
    }
}
