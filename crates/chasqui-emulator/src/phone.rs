//! A virtual phone: device 0 of an account, a Signal endpoint with published keys (02-pairing §5, the contract §10).
//!
//! The phone of an account that was made by pairing is silent: it hands its companions their first keys and history,
//! and otherwise only listens. The phone of a contact is active: it is a person who writes, receives and reads.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use chasqui_signal::{
    PreKey, PreKeyBundle, PreKeyMessage, SessionRecord, SignalError, SignedPreKey, decrypt, decrypt_prekey, encrypt,
    initiate,
    message::Ciphertext,
    padding::{pad, unpad},
};
use chasqui_wire::{
    curve::{KeyPair, random_bytes},
    jid::Jid,
};
use compact_str::CompactString;

use crate::{
    account::DeviceRef,
    group::GroupKeys,
    history::{Book, Told},
    phone_requests::Archived,
    phone_state::PhoneState,
    prekeys::{OneTimeKey, PrekeyBundle, SignedKey},
};

/// One-time keys that were handed out and not used yet.
const MAX_PREKEYS: usize = 10_000;
/// Messages that are kept for resends, and received ones that can be read.
const MAX_MESSAGES: usize = 10_000;

/// Messages that companions can ask their phone for.
const MAX_ARCHIVED: usize = 1000;

/// A message that the phone sent: what a resend needs.
#[derive(Clone)]
pub(crate) struct SentMessage {
    /// The other person's LID, the group, the status or a list; for peer messages the own LID.
    pub chat: Jid,
    /// The unpadded Message, for the peer's devices.
    pub message: Vec<u8>,
    /// The same for own companions.
    pub own_copy: Vec<u8>,
    /// A peer message.
    pub is_peer: bool,
}

/// A message that the phone received: what a read receipt needs.
#[derive(Clone)]
pub(crate) struct ReceivedMessage {
    /// The sender's device.
    pub from: Jid,
    /// The group, the status or the list that it came in.
    pub chat: Option<Jid>,
}

/// Device 0 of an account.
pub(crate) struct Phone {
    identity: KeyPair,
    registration_id: u32,
    signed: SignedPreKey,
    next_prekey: u32,
    prekeys: Bounded<u32, PreKey>,
    sessions: HashMap<DeviceRef, SessionRecord>,
    pub groups: GroupKeys,
    pub state: PhoneState,
    /// Whether it acts as a person.
    pub active: bool,
    pub sent: Bounded<CompactString, SentMessage>,
    pub received: Bounded<CompactString, ReceivedMessage>,
    /// What its companions may ask for.
    pub archive: Bounded<CompactString, Archived>,
    /// What it has of the past.
    pub book: Option<Arc<Book>>,
    /// Blobs of that which companions were told of, by message id.
    pub told_blobs: Bounded<CompactString, Told>,
    /// How often a message was asked for again.
    pub retries: Bounded<CompactString, u8>,
}

impl Phone {
    pub fn new() -> Self {
        let identity = KeyPair::generate();
        let signed = SignedPreKey::generate(1, &identity);
        Self {
            identity,
            registration_id: u32::from(u16::from_be_bytes(random_bytes()) & 0x3fff).max(1),
            signed,
            next_prekey: 1,
            prekeys: Bounded::new(MAX_PREKEYS),
            sessions: HashMap::new(),
            groups: GroupKeys::default(),
            state: PhoneState::new(),
            active: false,
            sent: Bounded::new(MAX_MESSAGES),
            received: Bounded::new(MAX_MESSAGES),
            archive: Bounded::new(MAX_ARCHIVED),
            book: None,
            told_blobs: Bounded::new(MAX_MESSAGES),
            retries: Bounded::new(MAX_MESSAGES),
        }
    }

    /// The account key: signs companions, and is the phone's Signal identity.
    pub fn identity(&self) -> &KeyPair {
        &self.identity
    }

    /// The phone's registration id as it is published.
    pub fn registration(&self) -> [u8; 4] {
        self.registration_id.to_be_bytes()
    }

    /// What others fetch about the phone, with a one-time key that nobody else gets.
    pub fn publish(&mut self) -> (PrekeyBundle, OneTimeKey) {
        let signed = SignedKey {
            id: short_id(self.signed.id),
            public: self.signed.pair.public,
            signature: self.signed.signature,
        };
        (PrekeyBundle::new(self.registration(), self.identity.public, signed), self.fresh_prekey())
    }

    fn fresh_prekey(&mut self) -> OneTimeKey {
        let key = PreKey::generate(self.next_prekey);
        self.next_prekey = self.next_prekey % 0x00ff_ffff + 1;
        let published = OneTimeKey { id: short_id(key.id), public: key.pair.public };
        self.prekeys.insert(key.id, key);
        published
    }

    /// Whether [`Self::encrypt`] can do without a bundle.
    pub fn has_session(&self, with: DeviceRef) -> bool {
        self.sessions.get(&with).is_some_and(SessionRecord::has_open_session)
    }

    /// Starts a new session with a device; an older one still decrypts.
    pub fn start_session(&mut self, with: DeviceRef, bundle: &PreKeyBundle) -> Result<(), SignalError> {
        initiate(&self.identity, bundle, self.sessions.entry(with).or_default())
    }

    /// Encrypts a Message for a device; there must be a session.
    pub fn encrypt(&mut self, to: DeviceRef, message: &[u8]) -> Result<Ciphertext, SignalError> {
        let record = self.sessions.get_mut(&to).ok_or(SignalError::NoSession)?;
        let mut padded = message.to_vec();
        pad(&mut padded);
        encrypt(record, &self.identity.public, self.registration_id, &padded)
    }

    /// Decrypts the content of an `<enc>` and gives the Message.
    pub fn decrypt(&mut self, from: DeviceRef, kind: &str, bytes: &[u8]) -> Result<Vec<u8>, SignalError> {
        let record = self.sessions.entry(from).or_default();
        let padded = match kind {
            "pkmsg" => {
                let message = PreKeyMessage::parse(bytes)?;
                let prekey = message.prekey_id.and_then(|id| self.prekeys.get(&id));
                let decrypted = decrypt_prekey(record, &message, &self.identity, Some(&self.signed), prekey)?;
                if let Some(used) = decrypted.used_prekey {
                    self.prekeys.remove(&used);
                }
                decrypted.plaintext
            }
            "msg" => decrypt(record, bytes, &self.identity.public)?,
            _ => return Err(SignalError::InvalidMessage),
        };
        unpad(&padded).map(<[u8]>::to_vec)
    }

    /// Forgets the sessions with a device; for tests of desynchronisation, and when it is unlinked.
    pub fn forget(&mut self, device: DeviceRef) {
        self.sessions.remove(&device);
    }

    /// Forgets all sessions, those of groups too.
    pub fn forget_all(&mut self) {
        self.sessions.clear();
        self.groups.clear();
    }
}

/// A prekey id as it travels: three bytes.
fn short_id(id: u32) -> [u8; 3] {
    let [_, a, b, c] = id.to_be_bytes();
    [a, b, c]
}

/// A map that forgets its oldest entries.
pub(crate) struct Bounded<K, V> {
    limit: usize,
    order: VecDeque<K>,
    entries: HashMap<K, V>,
}

impl<K: Clone + Eq + std::hash::Hash, V> Bounded<K, V> {
    pub fn new(limit: usize) -> Self {
        Self { limit, order: VecDeque::new(), entries: HashMap::new() }
    }

    pub fn insert(&mut self, key: K, value: V) {
        if self.entries.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
            // Removed keys stay in the order until they are the oldest.
            while self.order.len() > self.limit {
                if let Some(oldest) = self.order.pop_front() {
                    self.entries.remove(&oldest);
                }
            }
        }
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.entries.remove(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Accounts;

    fn bundle(phone: &mut Phone) -> PreKeyBundle {
        let (published, key) = phone.publish();
        published.for_session(Some(key))
    }

    #[test]
    fn two_phones_understand_each_other() {
        let mut accounts = Accounts::default();
        let a = DeviceRef { account: accounts.open(Some("a"), 1), device: 0 };
        let b = DeviceRef { account: accounts.open(Some("b"), 1), device: 0 };
        let (mut alice, mut bob) = (Phone::new(), Phone::new());
        alice.start_session(b, &bundle(&mut bob)).unwrap();
        let first = alice.encrypt(b, b"hello").unwrap();
        assert_eq!(first.kind.as_str(), "pkmsg");
        assert_eq!(bob.decrypt(a, "pkmsg", &first.bytes).unwrap(), b"hello");
        let answer = bob.encrypt(a, b"hi").unwrap();
        assert_eq!(answer.kind.as_str(), "msg");
        assert_eq!(alice.decrypt(b, "msg", &answer.bytes).unwrap(), b"hi");
        assert_eq!(alice.decrypt(b, "msg", &answer.bytes), Err(SignalError::Duplicate));
    }

    #[test]
    fn a_bounded_map_forgets_the_oldest() {
        let mut map = Bounded::new(2);
        (1..=3).for_each(|n| map.insert(n, n * 10));
        assert_eq!((map.get(&1), map.get(&2), map.get(&3)), (None, Some(&20), Some(&30)));
        assert_eq!(map.remove(&2), Some(20));
    }
}
