//! A session at rest: what is stored under one [`SignalAddress`](crate::SignalAddress).
//!
//! It holds the current state, if there is one, and up to 40 archived states, newest first. Identities, addresses and
//! the other keys of the device are the caller's to store.

use std::{collections::VecDeque, fmt};

use chasqui_wire::PublicKey;

use crate::{SignalError, state::SessionState, stored};

/// How many archived states a record keeps.
pub(crate) const MAX_ARCHIVED: usize = 40;
/// How many skipped keys all archived states keep together, so that a peer that starts session after session cannot
/// fill the store.
const MAX_ARCHIVED_SKIPPED: usize = 4000;

/// The sessions with one device of a peer.
#[derive(Default)]
pub struct SessionRecord {
    /// Newest first; boxed so that reordering does not spread copies of keys over memory.
    pub(crate) states: VecDeque<Box<SessionState>>,
    /// Whether the first state is the current one.
    pub(crate) open: bool,
}

impl SessionRecord {
    /// A record without any session.
    pub fn new() -> Self {
        Self::default()
    }

    /// The stored form, 210 bytes for a new session and up to 550 for an old one, plus 33 to 37 for each skipped
    /// message.
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

    /// Whether there is a current state, that is, whether [`encrypt`](crate::encrypt) can work.
    pub fn has_open_session(&self) -> bool {
        self.current().is_some()
    }

    /// Whether the next message goes out as a `pkmsg`: the peer has not answered in the current session.
    pub fn needs_prekey_message(&self) -> bool {
        self.current().is_some_and(|state| state.pending.is_some())
    }

    /// The registration id of the peer in the current session.
    pub fn remote_registration_id(&self) -> Option<u32> {
        self.current().map(|state| state.remote_registration_id)
    }

    /// The identity of the peer in the current session.
    pub fn remote_identity(&self) -> Option<&PublicKey> {
        self.current().map(|state| &state.remote_identity)
    }

    /// The key that names the current session: the base key of whoever initiated it.
    pub fn base_key(&self) -> Option<&PublicKey> {
        self.current().map(|state| &state.base_key)
    }

    /// Whether a `pkmsg` with this base key belongs to a session of this record, so that it needs no prekeys.
    pub fn knows_base_key(&self, base_key: &PublicKey) -> bool {
        self.states.iter().any(|state| state.base_key == *base_key)
    }

    /// Closes the current session. Messages that the peer still sends in it decrypt, and open it again.
    pub fn archive_current(&mut self) {
        self.open = false;
        self.bound();
    }

    /// Takes over the sessions of another record with the same device, as archived ones; its current session goes on
    /// only if this record has none.
    pub fn absorb(&mut self, mut other: Self) {
        if !self.open && other.open {
            std::mem::swap(self, &mut other);
        }
        for state in other.states {
            if !self.knows_base_key(&state.base_key) {
                self.states.push_back(state);
            }
        }
        self.bound();
    }

    pub(crate) fn current(&self) -> Option<&SessionState> {
        self.states.front().filter(|_| self.open).map(Box::as_ref)
    }

    pub(crate) fn current_mut(&mut self) -> Option<&mut SessionState> {
        self.states.front_mut().filter(|_| self.open).map(Box::as_mut)
    }

    /// Makes `state` the current one; the one before is archived.
    pub(crate) fn set_current(&mut self, state: Box<SessionState>) {
        self.states.push_front(state);
        self.open = true;
        self.bound();
    }

    /// Makes the state at `at` the current one; the one before is archived.
    pub(crate) fn promote(&mut self, at: usize) {
        if at > 0
            && let Some(state) = self.states.remove(at)
        {
            self.set_current(state);
        }
        self.open = true;
    }

    pub(crate) fn bound(&mut self) {
        let current = usize::from(self.open);
        self.states.truncate(MAX_ARCHIVED + current);
        let mut left = MAX_ARCHIVED_SKIPPED;
        for state in self.states.iter_mut().skip(current) {
            for receiver in state.receivers.iter_mut().rev() {
                receiver.chain.forget_over(left);
                left -= receiver.chain.skipped.len();
            }
        }
    }
}

impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord").field("open", &self.open).field("states", &self.states.len()).finish()
    }
}
