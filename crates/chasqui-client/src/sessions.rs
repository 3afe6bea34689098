//! The session's Signal records: a bounded cache over the store.
//!
//! A record that changes goes into the turn's batch at once; the cache holds the newest state, the store follows with
//! the commit.

use chasqui_signal::{SessionRecord, SignalAddress};
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, PublicKey};

use crate::actor::{Actor, Fault};

impl Actor {
    /// Takes a record out of the cache or the store; whoever takes it gives it back with [`Self::keep_session`] or
    /// [`Self::return_session`].
    pub(crate) async fn session(&mut self, address: &SignalAddress) -> Result<Option<SessionRecord>, Fault> {
        if let Some(record) = self.sessions.remove(address) {
            return Ok(Some(record));
        }
        let Some(bytes) = self.read(Key::new(Namespace::Session, address.to_string())).await? else {
            return Ok(None);
        };
        match SessionRecord::from_bytes(&bytes) {
            Ok(record) => Ok(Some(record)),
            Err(_) => {
                // The peer is asked to start anew; nothing else of the session is touched.
                tracing::error!(session = %self.name, "a stored Signal session is damaged and was dropped");
                self.drop_session(address);
                Ok(None)
            }
        }
    }

    /// Gives a changed record back.
    pub(crate) fn keep_session(&mut self, address: SignalAddress, record: SessionRecord) {
        self.turn.batch.put(Namespace::Session, address.to_string(), record.to_bytes());
        self.sessions.put(address, record);
    }

    /// Gives an unchanged record back.
    pub(crate) fn return_session(&mut self, address: SignalAddress, record: SessionRecord) {
        self.sessions.put(address, record);
    }

    /// Forgets a session.
    pub(crate) fn drop_session(&mut self, address: &SignalAddress) {
        self.sessions.remove(address);
        self.turn.batch.delete(Namespace::Session, address.to_string());
    }

    /// Whether a message to this device needs no bundle first.
    pub(crate) async fn has_session(&mut self, device: &Jid) -> Result<bool, Fault> {
        let address = self.address(device).await?;
        if let Some(record) = self.sessions.get(&address) {
            return Ok(record.has_open_session());
        }
        let Some(record) = self.session(&address).await? else { return Ok(false) };
        let open = record.has_open_session();
        self.return_session(address, record);
        Ok(open)
    }

    /// The Signal address of a device: by LID where known. The one place that decides it.
    pub(crate) async fn address(&mut self, device: &Jid) -> Result<SignalAddress, Fault> {
        Ok(SignalAddress::from_jid(&self.canonical(device).await?))
    }

    /// Trust on first use: remembers the identity, and says whether it replaced another one.
    pub(crate) async fn trust(&mut self, address: &SignalAddress, identity: &PublicKey) -> Result<bool, Fault> {
        let key = Key::new(Namespace::Identity, address.to_string());
        let stored = self.read(key.clone()).await?;
        if stored.as_deref() == Some(identity.as_bytes()) {
            return Ok(false);
        }
        self.turn.batch.put(Namespace::Identity, key.bytes, identity.as_bytes());
        Ok(stored.is_some())
    }
}
