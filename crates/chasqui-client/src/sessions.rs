//! The session's Signal records: a bounded cache over the store.
//!
//! A record that changes goes into the turn's batch at once; the cache holds the newest state, the store follows with
//! the commit.

use chasqui_signal::{SessionRecord, SignalAddress};
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, PublicKey};

use crate::actor::{Actor, Fault};

fn session_key(address: &SignalAddress) -> Key {
    Key::new(Namespace::Session, address.to_string())
}

impl Actor {
    /// Takes a record out of the cache or the store; whoever takes it gives it back with [`Self::keep_session`] or
    /// [`Self::return_session`].
    pub(crate) async fn session(&mut self, address: &SignalAddress) -> Result<Option<SessionRecord>, Fault> {
        if let Some(record) = self.sessions.remove(address) {
            return Ok(Some(record));
        }
        let Some(bytes) = self.read(session_key(address)).await? else { return Ok(None) };
        match SessionRecord::from_bytes(&bytes) {
            Ok(record) => Ok(Some(record)),
            Err(_) => {
                self.drop_damaged(address);
                Ok(None)
            }
        }
    }

    /// Takes the records of many devices out; their own devices are named as asked for. To be given back like one.
    pub(crate) async fn take_sessions<'a>(
        &mut self,
        devices: &'a [Jid],
    ) -> Result<Vec<(&'a Jid, SignalAddress, Option<SessionRecord>)>, Fault> {
        let mut taken = Vec::with_capacity(devices.len());
        let mut unread = Vec::new();
        for device in devices {
            let address = self.address(device).await?;
            let record = self.sessions.remove(&address);
            if record.is_none() {
                unread.push(taken.len());
            }
            taken.push((device, address, record));
        }
        if unread.is_empty() {
            return Ok(taken);
        }
        let place = |at: &usize| taken.get(*at).map(|(_, address, _)| session_key(address));
        let stored = self.store()?.get_many(&unread.iter().filter_map(place).collect::<Vec<_>>()).await?;
        for (at, bytes) in unread.into_iter().zip(stored) {
            let Some((_, address, record)) = taken.get_mut(at) else { continue };
            *record = match bytes.as_deref().map(SessionRecord::from_bytes) {
                Some(Ok(record)) => Some(record),
                Some(Err(_)) => {
                    self.drop_damaged(&address.clone());
                    None
                }
                None => None,
            };
        }
        Ok(taken)
    }

    /// The peer is asked to start anew; nothing else of the session is touched.
    fn drop_damaged(&mut self, address: &SignalAddress) {
        tracing::error!(session = %self.name, "a stored Signal session is damaged and was dropped");
        self.drop_session(address);
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

    /// Which of the devices need a bundle before a message. To be asked with canonical JIDs.
    pub(crate) async fn without_session(&mut self, devices: Vec<Jid>) -> Result<Vec<Jid>, Fault> {
        let mut without = Vec::new();
        let mut unread = Vec::new();
        for device in devices {
            match self.sessions.get(&SignalAddress::from_jid(&device)).map(SessionRecord::has_open_session) {
                Some(true) => {}
                Some(false) => without.push(device),
                None => unread.push(device),
            }
        }
        if unread.is_empty() {
            return Ok(without);
        }
        // What a long list brings in would push everything else out of the cache: it is only looked at.
        let keys: Vec<Key> = unread.iter().map(|device| session_key(&SignalAddress::from_jid(device))).collect();
        let stored = self.store()?.get_many(&keys).await?;
        let open = |bytes: Option<Vec<u8>>| {
            bytes.is_some_and(|bytes| SessionRecord::from_bytes(&bytes).is_ok_and(|record| record.has_open_session()))
        };
        without.extend(unread.into_iter().zip(stored).filter_map(|(device, bytes)| (!open(bytes)).then_some(device)));
        Ok(without)
    }

    /// The Signal address of a device: by LID where known. The one place that decides it.
    pub(crate) async fn address(&mut self, device: &Jid) -> Result<SignalAddress, Fault> {
        Ok(SignalAddress::from_jid(&self.canonical(device).await?))
    }

    /// Trust on first use: remembers the identity, and says whether it replaced another one.
    pub(crate) async fn trust(&mut self, address: &SignalAddress, identity: &PublicKey) -> Result<bool, Fault> {
        Ok(self.trust_all(vec![(address, identity)]).await? == [true])
    }

    /// [`Self::trust`] for many; says it of each.
    pub(crate) async fn trust_all(
        &mut self,
        identities: Vec<(&SignalAddress, &PublicKey)>,
    ) -> Result<Vec<bool>, Fault> {
        let key = |(address, _): &(&SignalAddress, _)| Key::new(Namespace::Identity, address.to_string());
        let keys: Vec<Key> = identities.iter().map(key).collect();
        let stored = self.store()?.get_many(&keys).await?;
        let mut replaced = Vec::with_capacity(keys.len());
        for (((_, identity), key), stored) in identities.into_iter().zip(keys).zip(stored) {
            let differs = stored.as_deref() != Some(identity.as_bytes());
            replaced.push(differs && stored.is_some());
            if differs {
                self.turn.batch.put(Namespace::Identity, key.bytes, identity.as_bytes());
            }
        }
        Ok(replaced)
    }
}
