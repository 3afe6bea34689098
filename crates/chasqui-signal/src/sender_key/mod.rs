//! Sender keys: one chain and one signing key per sender and group, which all members share (03-messages §1.5).
//!
//! Whoever sends makes a key with [`create_distribution`], gives it to every device of the group in their pairwise
//! sessions, and encrypts once for all of them. A record belongs to one sending device in one group; the own one also
//! holds the private half of the signing key. To rotate, start with a new record.

mod message;
mod stored;

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, fmt};

use chasqui_wire::{KeyPair, PrivateKey, PublicKey, curve};
use zeroize::Zeroizing;

pub use self::message::{SenderKeyDistributionMessage, SenderKeyMessage};
use crate::{
    SignalError,
    chain::{ChainKey, ReceivingChain},
    cipher,
};

/// How many keys of one sender in one group are kept.
pub(crate) const MAX_STATES: usize = 5;
/// How many skipped keys all but the newest state keep together.
const MAX_OLD_SKIPPED: usize = 2000;

/// The sender keys of one device in one group, newest first.
#[derive(Default)]
pub struct SenderKeyRecord {
    pub(crate) states: VecDeque<Box<SenderKeyState>>,
}

/// One sender key: its chain, and what signs its messages.
pub(crate) struct SenderKeyState {
    pub(crate) key_id: u32,
    pub(crate) chain: ReceivingChain,
    pub(crate) signing_key: PublicKey,
    /// Only of the own keys.
    pub(crate) signing_private: Option<PrivateKey>,
}

impl SenderKeyRecord {
    /// A record without any key.
    pub fn new() -> Self {
        Self::default()
    }

    /// The stored form, about 110 bytes per key and 33 to 37 for each skipped message.
    pub fn to_bytes(&self) -> Vec<u8> {
        stored::write(self)
    }

    /// From [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`SignalError::CorruptRecord`]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignalError> {
        stored::read(bytes)
    }

    /// Whether [`encrypt`] can work: the newest key is our own.
    pub fn can_send(&self) -> bool {
        self.sending().is_some()
    }

    /// The id of the newest key.
    pub fn key_id(&self) -> Option<u32> {
        self.states.front().map(|state| state.key_id)
    }

    /// The iteration that the newest key's next message has.
    pub fn iteration(&self) -> Option<u32> {
        self.states.front().map(|state| state.chain.next.index)
    }

    fn sending(&self) -> Option<(&SenderKeyState, &PrivateKey)> {
        let state = self.states.front()?;
        Some((state, state.signing_private.as_ref()?))
    }

    /// Makes a state the newest one, in the place of one with the same id.
    pub(crate) fn add(&mut self, state: Box<SenderKeyState>) {
        self.states.retain(|other| other.key_id != state.key_id);
        self.states.push_front(state);
        self.states.truncate(MAX_STATES);
        let mut left = MAX_OLD_SKIPPED;
        for state in self.states.iter_mut().skip(1) {
            state.chain.forget_over(left);
            left -= state.chain.skipped.len();
        }
    }
}

impl fmt::Debug for SenderKeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderKeyRecord").field("states", &self.states.len()).finish_non_exhaustive()
    }
}

/// What a device needs to read the record's next messages; makes a key if there is none to send with. Call it before
/// [`encrypt`], so that it covers the message that it travels with.
pub fn create_distribution(record: &mut SenderKeyRecord) -> SenderKeyDistributionMessage {
    let distribution = |state: &SenderKeyState| SenderKeyDistributionMessage {
        key_id: state.key_id,
        iteration: state.chain.next.index,
        chain_key: Zeroizing::new(state.chain.next.key),
        signing_key: state.signing_key,
    };
    if let Some((state, _)) = record.sending() {
        return distribution(state);
    }
    let signing = KeyPair::generate();
    let state = Box::new(SenderKeyState {
        key_id: u32::from_be_bytes(curve::random_bytes()) >> 1,
        chain: ReceivingChain::new(ChainKey { key: curve::random_bytes(), index: 0 }),
        signing_key: signing.public,
        signing_private: Some(signing.private),
    });
    let message = distribution(&state);
    record.add(state);
    message
}

/// Takes a key that a sender distributed. One that is known already, by its id and signing key, does not rewind the
/// chain.
pub fn process_distribution(record: &mut SenderKeyRecord, message: &SenderKeyDistributionMessage) {
    let known = |state: &SenderKeyState| state.key_id == message.key_id && state.signing_key == message.signing_key;
    if record.states.iter().any(|state| known(state)) {
        return;
    }
    record.add(Box::new(SenderKeyState {
        key_id: message.key_id,
        chain: ReceivingChain::new(ChainKey { key: *message.chain_key, index: message.iteration }),
        signing_key: message.signing_key,
        signing_private: None,
    }));
}

/// Encrypts for the group: the content of an `<enc type="skmsg">`. Store the record before it leaves.
///
/// # Errors
/// [`SignalError::NoSenderKey`] when there is no own key, or its counter is used up.
pub fn encrypt(record: &mut SenderKeyRecord, padded_plaintext: &[u8]) -> Result<Vec<u8>, SignalError> {
    let state = record.states.front_mut().ok_or(SignalError::NoSenderKey)?;
    let signing = state.signing_private.as_ref().ok_or(SignalError::NoSenderKey)?;
    let iteration = state.chain.next.index;
    let seed = state.chain.next.advance().ok_or(SignalError::NoSenderKey)?;
    let text = MessageKeys::derive(&seed).encrypt(padded_plaintext);
    Ok(message::seal(state.key_id, iteration, text, signing))
}

/// Decrypts a `skmsg`; gives the padded plaintext. The signature is verified before anything else.
///
/// # Errors
/// [`SignalError::NoSenderKey`], [`SignalError::InvalidSignature`], [`SignalError::Duplicate`],
/// [`SignalError::FutureMessage`], [`SignalError::InvalidMessage`]. The record is then unchanged.
pub fn decrypt(record: &mut SenderKeyRecord, message_bytes: &[u8]) -> Result<Vec<u8>, SignalError> {
    let mut message = SenderKeyMessage::parse(message_bytes)?;
    let state = record.states.iter_mut().find(|state| state.key_id == message.key_id);
    let state = state.ok_or(SignalError::NoSenderKey)?;
    message.verify(&state.signing_key)?;
    let text = &mut message.text;
    state.chain.open(message.iteration, |seed| {
        MessageKeys::derive(seed).decrypt(text)?;
        Ok(std::mem::take(text))
    })
}

/// Initialisation vector and cipher key of one group message.
struct MessageKeys {
    iv: [u8; 16],
    cipher_key: Zeroizing<[u8; 32]>,
}

impl MessageKeys {
    fn derive(seed: &[u8; 32]) -> Self {
        let mut okm = Zeroizing::new([0u8; 48]);
        cipher::hkdf(None, seed, b"WhisperGroup", okm.as_mut());
        let mut keys = Self { iv: [0; 16], cipher_key: Zeroizing::new([0; 32]) };
        keys.iv.copy_from_slice(&okm[..16]);
        keys.cipher_key.copy_from_slice(&okm[16..]);
        keys
    }

    fn encrypt(&self, plaintext: &[u8]) -> Vec<u8> {
        cipher::encrypt_cbc(&self.cipher_key, &self.iv, plaintext)
    }

    fn decrypt(&self, text: &mut Vec<u8>) -> Result<(), SignalError> {
        cipher::decrypt_cbc(&self.cipher_key, &self.iv, text)
    }
}
