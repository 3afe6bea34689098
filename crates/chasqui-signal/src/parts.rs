//! What records consist of, in the open: for reading and writing the formats of other engines.
//!
//! Whoever makes a record from parts gets one that keeps the bounds of this crate: what is over them is left out, oldest
//! first.

use chasqui_wire::{KeyPair, PrivateKey, PublicKey};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    SenderKeyRecord, SessionRecord,
    chain::{ChainKey, MAX_SKIPPED, ReceivingChain, RootKey, SkippedKey},
    record::MAX_ARCHIVED,
    sender_key::{MAX_STATES, SenderKeyState},
    state::{MAX_RECEIVERS, Pending, Receiver, SessionState},
};

/// A chain key, and the counter of the message that comes next.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Chain {
    /// The key.
    pub key: [u8; 32],
    /// The next message's counter.
    pub index: u32,
}

/// A chain that another side sends on.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Receiving {
    /// Behind the newest message.
    pub next: Chain,
    /// Counter and seed of messages that were passed over, in any order.
    pub skipped: Vec<(u32, [u8; 32])>,
}

/// One session of a [`SessionRecord`].
pub struct Session {
    /// The initiator's base key.
    pub base_key: PublicKey,
    /// The peer's identity.
    pub remote_identity: PublicKey,
    /// The peer's registration id.
    pub remote_registration_id: u32,
    /// The root key.
    pub root: Zeroizing<[u8; 32]>,
    /// Index of the last message of the previous sending chain.
    pub previous_counter: u32,
    /// The own ratchet key.
    pub ratchet: KeyPair,
    /// The sending chain.
    pub sending: Chain,
    /// The peer's ratchet keys with their chains, oldest first.
    pub receivers: Vec<(PublicKey, Receiving)>,
    /// Id of the one-time prekey, if one was used, and of the signed prekey, until the peer has answered.
    pub pending: Option<(Option<u32>, u32)>,
}

/// One key of a [`SenderKeyRecord`].
pub struct SenderKey {
    /// Its id.
    pub key_id: u32,
    /// Its chain.
    pub chain: Receiving,
    /// What verifies its messages.
    pub signing_key: PublicKey,
    /// What signs them; only of own keys.
    pub signing_private: Option<PrivateKey>,
}

impl Chain {
    fn of(chain: &ChainKey) -> Self {
        Self { key: chain.key, index: chain.index }
    }

    fn key(&self) -> ChainKey {
        ChainKey { key: self.key, index: self.index }
    }
}

impl Receiving {
    fn of(chain: &ReceivingChain) -> Self {
        Self {
            next: Chain::of(&chain.next),
            skipped: chain.skipped.iter().map(|key| (key.counter, key.seed)).collect(),
        }
    }

    fn chain(&self) -> ReceivingChain {
        let mut skipped = Zeroizing::new(Vec::with_capacity(self.skipped.len()));
        for (counter, seed) in self.skipped.iter().filter(|(counter, _)| *counter < self.next.index) {
            skipped.push(SkippedKey { counter: *counter, seed: *seed });
        }
        skipped.sort_unstable_by_key(|key| key.counter);
        skipped.dedup_by_key(|key| key.counter);
        let mut chain = ReceivingChain { next: self.next.key(), skipped };
        chain.forget_over(MAX_SKIPPED);
        chain
    }
}

impl SessionRecord {
    /// The sessions, newest first, and whether the first is the current one.
    pub fn to_parts(&self) -> (bool, Vec<Session>) {
        let session = |state: &SessionState| Session {
            base_key: state.base_key,
            remote_identity: state.remote_identity,
            remote_registration_id: state.remote_registration_id,
            root: Zeroizing::new(state.root.0),
            previous_counter: state.previous_counter,
            ratchet: state.ratchet.clone(),
            sending: Chain::of(&state.sending),
            receivers: state
                .receivers
                .iter()
                .map(|receiver| (receiver.ratchet_key, Receiving::of(&receiver.chain)))
                .collect(),
            pending: state.pending.map(|pending| (pending.prekey_id, pending.signed_prekey_id)),
        };
        (self.open, self.states.iter().map(|state| session(state)).collect())
    }

    /// From [`to_parts`](Self::to_parts).
    pub fn from_parts(open: bool, sessions: &[Session]) -> Self {
        let state = |session: &Session| {
            let receivers = session.receivers.iter().skip(session.receivers.len().saturating_sub(MAX_RECEIVERS));
            Box::new(SessionState {
                base_key: session.base_key,
                remote_identity: session.remote_identity,
                remote_registration_id: session.remote_registration_id,
                root: RootKey(*session.root),
                previous_counter: session.previous_counter,
                ratchet: session.ratchet.clone(),
                sending: session.sending.key(),
                receivers: receivers
                    .map(|(ratchet_key, chain)| Receiver { ratchet_key: *ratchet_key, chain: chain.chain() })
                    .collect(),
                pending: session.pending.map(|(prekey_id, signed_prekey_id)| Pending { prekey_id, signed_prekey_id }),
            })
        };
        let open = open && !sessions.is_empty();
        let mut record =
            Self { states: sessions.iter().take(MAX_ARCHIVED + usize::from(open)).map(state).collect(), open };
        record.bound();
        record
    }
}

impl SenderKeyRecord {
    /// The keys, newest first.
    pub fn to_parts(&self) -> Vec<SenderKey> {
        let key = |state: &SenderKeyState| SenderKey {
            key_id: state.key_id,
            chain: Receiving::of(&state.chain),
            signing_key: state.signing_key,
            signing_private: state.signing_private.clone(),
        };
        self.states.iter().map(|state| key(state)).collect()
    }

    /// From [`to_parts`](Self::to_parts).
    pub fn from_parts(keys: &[SenderKey]) -> Self {
        let mut record = Self::new();
        for key in keys.iter().take(MAX_STATES).rev() {
            record.add(Box::new(SenderKeyState {
                key_id: key.key_id,
                chain: key.chain.chain(),
                signing_key: key.signing_key,
                signing_private: key.signing_private.clone(),
            }));
        }
        record
    }
}
