//! A program that keeps an auth state of Baileys has the credentials before we do: a new device is made from its keys, and
//! what changes of them it is told.

use chasqui_baileys::creds as stored_creds;
use chasqui_error::PublicError;
use serde_json::{Map, Value};

use crate::{
    actor::{Actor, Effect},
    baileys,
    creds::{Creds, Paired},
    event::Event,
    options::invalid,
};

/// What the program has.
#[derive(Clone)]
pub struct Told {
    /// Its credentials when the client was made.
    pub(crate) seed: stored_creds::Creds,
    /// Whether they name the own LID as 7 does.
    names_lid: bool,
    /// What it knows by now.
    fields: Map<String, Value>,
    /// Whether something may have changed.
    pub(crate) changed: bool,
    /// The newest key of the app state.
    pub(crate) newest_key: Option<Vec<u8>>,
    pub(crate) synced: bool,
}

impl Told {
    /// Reads `creds.json`.
    pub(crate) fn read(json: &str) -> Result<Self, PublicError> {
        let seed = stored_creds::read(json).map_err(|why| invalid("auth.creds", &format!("cannot be used: {why}")))?;
        let fields = match serde_json::from_str(json) {
            Ok(Value::Object(fields)) => fields,
            _ => return Err(invalid("auth.creds", "must be an object")),
        };
        let names_lid = fields.get("signalIdentities").is_some_and(|list| list.to_string().contains("@lid"));
        let (newest_key, synced) = (seed.app_state_key_id.clone(), seed.synced);
        Ok(Self { seed, names_lid, fields, changed: false, newest_key, synced })
    }

    /// The device that the program has the credentials of.
    pub(crate) fn device(&self) -> Creds {
        Creds::of_baileys(self.seed.clone(), self.names_lid)
    }

    /// What is different now, as a JSON object.
    fn news(&mut self, creds: &Creds) -> Option<String> {
        let value = baileys::creds_value(creds, self.newest_key.clone(), self.synced);
        let written = stored_creds::write(&value, Some(&Value::from(self.fields.clone()).to_string()));
        let Ok(Value::Object(now)) = serde_json::from_str(&written) else { return None };
        let before = std::mem::replace(&mut self.fields, now.clone());
        let news: Map<_, _> = now.into_iter().filter(|(name, value)| before.get(name) != Some(value)).collect();
        (!news.is_empty()).then(|| Value::from(news).to_string())
    }
}

impl Creds {
    /// Goes on as the device of Baileys' credentials. Without a LID it is not paired yet.
    pub fn of_baileys(told: stored_creds::Creds, lid_migrated: bool) -> Self {
        let paired = told.paired.and_then(|paired| {
            let (pn, lid) = (paired.pn, paired.lid?);
            Some(Paired { pn, lid, account: paired.account, platform: paired.platform, lid_migrated })
        });
        Self {
            noise: told.noise,
            identity: told.identity,
            signed_prekey: told.signed_prekey,
            signed_prekey_until: 0,
            registration_id: told.registration_id,
            adv_secret: zeroize::Zeroizing::new(told.adv_secret),
            next_prekey_id: told.next_prekey_id,
            push_name: told.push_name,
            routing_info: told.routing_info,
            server_chain: None,
            verified_digest: None,
            paired,
        }
    }
}

impl Actor {
    /// Tells the program what has changed of its credentials, once that is durable.
    pub(crate) fn tell_creds(&mut self) {
        let Some(told) = self.told.as_mut().filter(|told| told.changed) else { return };
        told.changed = false;
        if let Some(fields) = told.news(&self.creds) {
            self.turn.effects.push(Effect::Event(Event::Creds { fields }));
        }
    }
}
