//! PN and LID of one person: the mapping, and the one function that chooses a Signal address.
//!
//! Stored both ways, users without server and device. Sessions live under the LID as soon as the mapping is known; when
//! it is learnt, the sessions under the PN move. Source: 03-messages §1.7 and §2.

use chasqui_signal::SignalAddress;
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Server};
use compact_str::CompactString;

use crate::actor::{Actor, Fault};

/// A user has fewer devices than this.
const MAX_MOVED: usize = 128;

/// Both addresses of a person, as far as known. Bare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub pn: Option<Jid>,
    pub lid: Option<Jid>,
}

impl Person {
    /// The form that is shown: the phone number where known.
    pub fn shown(&self) -> Option<&Jid> {
        self.pn.as_ref().or(self.lid.as_ref())
    }
}

fn mapping_key(jid: &Jid) -> Vec<u8> {
    let mark = if jid.is_lid() { b'l' } else { b'p' };
    [&[mark], jid.user.as_bytes()].concat()
}

impl Actor {
    /// The other form of a user's JID, if known. Bare.
    pub(crate) async fn counterpart(&mut self, jid: &Jid) -> Result<Option<Jid>, Fault> {
        if !jid.is_user() {
            return Ok(None);
        }
        if let Some(paired) = &self.creds.paired {
            if jid.same_user(&paired.pn) {
                return Ok(Some(paired.lid.to_bare()));
            }
            if jid.same_user(&paired.lid) {
                return Ok(Some(paired.pn.to_bare()));
            }
        }
        let other = if jid.is_lid() { Server::Pn } else { Server::Lid };
        let bare = jid.to_bare();
        if let Some(known) = self.mappings.get(&bare) {
            return Ok(known.as_ref().map(|user| Jid::new(user.clone(), other)));
        }
        let stored = self.read(Key::new(Namespace::LidMapping, mapping_key(&bare))).await?;
        let user: Option<CompactString> = stored.and_then(|bytes| CompactString::from_utf8(bytes).ok());
        self.mappings.put(bare, user.clone());
        Ok(user.map(|user| Jid::new(user, other)))
    }

    /// Both forms of a user.
    pub(crate) async fn person(&mut self, jid: &Jid) -> Result<Person, Fault> {
        if !jid.is_user() {
            return Ok(Person::default());
        }
        let other = self.counterpart(jid).await?;
        let bare = jid.to_bare();
        Ok(if jid.is_lid() { Person { pn: other, lid: Some(bare) } } else { Person { pn: Some(bare), lid: other } })
    }

    /// The form of a chat or person that programs see: the phone number where known.
    pub(crate) async fn shown(&mut self, jid: &Jid) -> Result<Jid, Fault> {
        if jid.is_user() && jid.is_lid() {
            return Ok(self.counterpart(jid).await?.unwrap_or_else(|| jid.to_bare()));
        }
        Ok(jid.to_bare())
    }

    /// The device's JID under which its Signal session lives: by LID where the mapping is known.
    pub(crate) async fn canonical(&mut self, device: &Jid) -> Result<Jid, Fault> {
        if !device.is_pn() {
            return Ok(device.clone());
        }
        let server = if device.server == Server::Hosted { Server::HostedLid } else { Server::Lid };
        Ok(match self.counterpart(device).await? {
            Some(lid) => Jid { user: lid.user, server, ..device.clone() },
            None => device.clone(),
        })
    }

    /// Learns that both are one person, and moves the PN's sessions to the LID.
    pub(crate) async fn learn(&mut self, a: &Jid, b: &Jid) -> Result<(), Fault> {
        let (pn, lid) = if a.is_lid() { (b.to_bare(), a.to_bare()) } else { (a.to_bare(), b.to_bare()) };
        let is_pair = pn.is_user() && pn.is_pn() && lid.is_user() && lid.is_lid();
        if !is_pair || self.counterpart(&pn).await?.is_some_and(|known| known == lid) {
            return Ok(());
        }
        tracing::debug!(session = %self.name, "learnt a LID mapping");
        self.turn.batch.put(Namespace::LidMapping, mapping_key(&pn), lid.user.as_bytes());
        self.turn.batch.put(Namespace::LidMapping, mapping_key(&lid), pn.user.as_bytes());
        self.mappings.put(pn.clone(), Some(lid.user.clone()));
        self.mappings.put(lid.clone(), Some(pn.user.clone()));
        self.move_sessions(&pn, &lid).await
    }

    /// Moves the sessions of every device of `pn` to `lid`; the PN's session wins over the LID's.
    async fn move_sessions(&mut self, pn: &Jid, lid: &Jid) -> Result<(), Fault> {
        // The scan sees what was submitted, so what this turn changed is submitted first.
        self.flush();
        let prefix = format!("{}.", SignalAddress::from_jid(pn).name);
        let stored = self.store()?.scan(Namespace::Session, Some(prefix.as_bytes()), MAX_MOVED).await?;
        for (key, _) in stored {
            let device = std::str::from_utf8(&key).ok().and_then(|key| key.strip_prefix(&prefix));
            let Some(device) = device.and_then(|device| device.parse().ok()) else { break };
            let from = SignalAddress::from_jid(&pn.with_device(device));
            if let Some(record) = self.session(&from).await? {
                self.drop_session(&from);
                self.keep_session(SignalAddress::from_jid(&lid.with_device(device)), record);
            }
        }
        Ok(())
    }
}
