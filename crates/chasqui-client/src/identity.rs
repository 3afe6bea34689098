//! Who a device is: identities are trusted on first use, companions only with the word of their account's phone.
//!
//! A phone that comes with another identity was registered anew: it is believed, and the program is told.
//! Source: 03-messages §1.8 and §17, 02-pairing-and-keys §5.4.

use std::collections::HashMap;

use chasqui_signal::{PreKeyBundle, SignalAddress};
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, PublicKey, Server};
use serde::Serialize;

use crate::{
    actor::{Actor, Fault},
    adv::{self, AdvError},
    event::Event,
};

/// Devices of one user that are looked through.
const MAX_DEVICES: usize = 128;

/// Somebody's identity key has changed: the account was registered anew, as on another phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentityChange {
    /// As canonical as known: PN, else LID.
    pub jid: String,
    /// Phone-number JID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pn: Option<String>,
    /// LID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lid: Option<String>,
}

/// A bundle of a device, and what proves that the device belongs to its account.
pub(crate) struct Offer {
    pub device: Jid,
    pub bundle: PreKeyBundle,
    /// `<device-identity>`; without it a companion's bundle is the server's word alone, as a phone's is.
    pub proof: Option<Vec<u8>>,
}

impl Offer {
    /// Verifies the proof, if there is one to be had.
    pub fn prove(&self, account: Option<&PublicKey>) -> Result<(), AdvError> {
        match &self.proof {
            Some(proof) if self.device.device != 0 => {
                adv::verify_device(proof, &self.bundle.identity, account).map(|_| ())
            }
            _ => Ok(()),
        }
    }
}

impl Actor {
    /// Remembers the identity that a device has proven to have.
    pub(crate) async fn recognise(&mut self, device: &Jid, identity: &PublicKey) -> Result<(), Fault> {
        let address = self.address(device).await?;
        if self.trust(&address, identity).await? { self.on_other_identity(device).await } else { Ok(()) }
    }

    /// A device came with another identity than the one that was known of it.
    pub(crate) async fn on_other_identity(&mut self, device: &Jid) -> Result<(), Fault> {
        tracing::info!(session = %self.name, "the identity of {device} has changed");
        if device.device != 0 {
            return Ok(());
        }
        self.forget_devices(device).await?;
        self.tell_identity(device).await
    }

    /// The account key of each offer's user: what is known, else what the phone's own bundle among them says.
    pub(crate) async fn account_keys(&mut self, offers: &[Offer]) -> Result<Vec<Option<PublicKey>>, Fault> {
        let phones: HashMap<Jid, PublicKey> = offers
            .iter()
            .filter(|offer| offer.device.device == 0)
            .map(|offer| (offer.device.to_bare(), offer.bundle.identity))
            .collect();
        self.flush();
        let mut keys = Vec::with_capacity(offers.len());
        for offer in offers {
            let phone = self.canonical(&offer.device.to_bare()).await?;
            keys.push(Key::new(Namespace::Identity, SignalAddress::from_jid(&phone).to_string()));
        }
        let stored = self.store()?.get_many(&keys).await?;
        let known = stored.into_iter().map(|bytes| bytes.and_then(|bytes| PublicKey::from_raw(&bytes).ok()));
        // The phone's bundle is newer than what is stored.
        Ok(known.zip(offers).map(|(known, offer)| phones.get(&offer.device.to_bare()).copied().or(known)).collect())
    }

    /// Whether a device may have this identity: one that is known to have it, a phone, or a companion for which its
    /// phone vouches in `proof` (`<device-identity>`).
    pub(crate) async fn is_proven(
        &mut self,
        device: &Jid,
        identity: &PublicKey,
        proof: Option<&[u8]>,
    ) -> Result<bool, Fault> {
        let hosted = matches!(device.server, Server::Hosted | Server::HostedLid);
        if device.device == 0 || !device.is_user() || hosted || self.known_identity(device).await? == Some(*identity) {
            return Ok(true);
        }
        let Some(proof) = proof else {
            tracing::warn!(session = %self.name, "nothing proves that {device} belongs to its account");
            return Ok(false);
        };
        let account = self.account_key(device).await?;
        match adv::verify_device(proof, identity, account.as_ref()) {
            Ok(_) => Ok(true),
            Err(failure) => {
                tracing::warn!(session = %self.name, "the device identity of {device} was refused: {failure}");
                if failure == AdvError::OtherAccount {
                    self.ask_phone_s_identity(device).await?;
                }
                Ok(false)
            }
        }
    }

    /// The account key of a user: the identity of its phone, if it is known.
    pub(crate) async fn account_key(&mut self, user: &Jid) -> Result<Option<PublicKey>, Fault> {
        self.known_identity(&user.to_bare()).await
    }

    async fn known_identity(&mut self, device: &Jid) -> Result<Option<PublicKey>, Fault> {
        let address = self.address(device).await?;
        let stored = self.read(Key::new(Namespace::Identity, address.to_string())).await?;
        Ok(stored.and_then(|bytes| PublicKey::from_raw(&bytes).ok()))
    }

    /// The account key that is known may be out of date: asks for the phone's bundle, which shows its identity.
    pub(crate) async fn ask_phone_s_identity(&mut self, user: &Jid) -> Result<(), Fault> {
        let phone = self.canonical(&user.to_bare()).await?;
        self.archive_session(&SignalAddress::from_jid(&phone)).await?;
        self.forget_devices(user).await?;
        self.lacks_sessions(std::iter::once(&phone)).await?;
        Ok(())
    }

    /// `<notification type=encrypt><identity/>`: a user's phone was registered anew.
    pub(crate) async fn on_identity_notification(&mut self, user: &Jid) -> Result<(), Fault> {
        if user.device != 0 || self.is_own(user) {
            return Ok(());
        }
        // Who was given ours before gets it again: the new phone does not have it.
        if self.has_given_token(user).await? {
            self.give_token(user, true).await?;
        }
        self.forget_devices(user).await?;
        self.flush();
        let canonical = self.canonical(&user.to_bare()).await?;
        let prefix = format!("{}.", SignalAddress::from_jid(&canonical).name);
        let store = self.store()?;
        let device = |key: &[u8]| std::str::from_utf8(key).ok()?.strip_prefix(&prefix)?.parse::<u16>().ok();
        let sessions = store.scan(Namespace::Session, Some(prefix.as_bytes()), MAX_DEVICES).await?;
        let identities = store.scan(Namespace::Identity, Some(prefix.as_bytes()), MAX_DEVICES).await?;
        let mut was_known = false;
        for number in sessions.iter().map_while(|(key, _)| device(key)) {
            was_known = true;
            // What is under way in it still decrypts.
            self.archive_session(&SignalAddress::from_jid(&canonical.with_device(number))).await?;
        }
        for (key, _) in identities.into_iter().take_while(|(key, _)| device(key).is_some()) {
            was_known = true;
            self.turn.batch.delete(Namespace::Identity, key);
        }
        if was_known { self.tell_identity(user).await } else { Ok(()) }
    }

    /// Closes a session: the next message to the device starts a new one.
    pub(crate) async fn archive_session(&mut self, address: &SignalAddress) -> Result<(), Fault> {
        if let Some(mut record) = self.session(address).await? {
            record.archive_current();
            self.keep_session(address.clone(), record);
        }
        Ok(())
    }

    async fn tell_identity(&mut self, user: &Jid) -> Result<(), Fault> {
        let person = self.person(user).await?;
        self.emit(Event::Identity(IdentityChange {
            jid: person.shown().map_or_else(|| user.to_bare().to_string(), Jid::to_string),
            pn: person.pn.map(|jid| jid.to_string()),
            lid: person.lid.map(|jid| jid.to_string()),
        }));
        Ok(())
    }
}
