//! What a program of the Baileys door says of single devices: a message for one alone, and messages that differ from device
//! to device.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_error::PublicError;
use chasqui_requests::{
    args::invalid,
    session::Outcome,
    signal::{Gift, Listed},
};
use chasqui_wire::Jid;
use serde_json::Value;

use crate::{
    actor::{Actor, Fault},
    content::{self, Refusal},
    devices::Query,
    error,
    outbox::{Outgoing, Variant},
    retry::{Resend, Resent},
    send::{Job, Step},
};

/// Devices that may get a message of their own, and bytes of all of these.
const MAX_VARIANTS: usize = 1024;
const MAX_BYTES: usize = 4 << 20;

/// A message for one device, and who waits for it.
#[derive(Debug)]
pub(crate) struct Giving {
    resend: Resend,
    outcome: Option<Outcome<()>>,
}

/// What a content says of single devices.
pub(crate) fn variants_in(content: &Value) -> Result<Vec<Variant>, PublicError> {
    let Some(given) = content.get("variants").filter(|given| !given.is_null()) else { return Ok(Vec::new()) };
    let wrong = || invalid("variants", "must be a list of devices with bytes");
    let given = given.as_array().filter(|given| given.len() <= MAX_VARIANTS).ok_or_else(wrong)?;
    let mut room = MAX_BYTES;
    let read = |one: &Value| {
        let device = one.get("jid")?.as_str()?.parse::<Jid>().ok().filter(Jid::is_user)?;
        let message = STANDARD.decode(one.get("raw")?.get("base64")?.as_str()?).ok()?;
        room = room.checked_sub(message.len())?;
        Some(Variant { device: device.to_string(), message })
    };
    given.iter().map(read).collect::<Option<_>>().ok_or_else(wrong)
}

impl Actor {
    /// The messages for single devices, by the canonical form of these.
    pub(crate) async fn variants(&mut self, outgoing: &Outgoing) -> Result<HashMap<Jid, Vec<u8>>, Fault> {
        let mut variants = HashMap::with_capacity(outgoing.variants.len());
        for Variant { device, message } in &outgoing.variants {
            if let Ok(device) = device.parse::<Jid>() {
                variants.insert(self.canonical(&device).await?, message.clone());
            }
        }
        Ok(variants)
    }

    /// The devices that get a message of their own.
    pub(crate) async fn named_in(
        &mut self,
        variants: &HashMap<Jid, Vec<u8>>,
        devices: Vec<Jid>,
    ) -> Result<Vec<Jid>, Fault> {
        let mut named = Vec::with_capacity(devices.len());
        for device in devices {
            if variants.contains_key(&self.canonical(&device).await?) {
                named.push(device);
            }
        }
        Ok(named)
    }

    /// The devices that a message to somebody goes to, as far as they are known; otherwise they may be asked for.
    pub(crate) async fn listed(&mut self, chat: &Jid, ask: bool) -> Result<Option<Listed>, Fault> {
        let Some(own) = self.own_device(chat) else { return Ok(None) };
        let (theirs, ours) = (self.device_list(chat).await?, self.device_list(&own).await?);
        let (Some(theirs), Some(ours)) = (&theirs, &ours) else {
            let unknown = [(chat, theirs.is_none()), (&own, ours.is_none())];
            let users = unknown.into_iter().filter(|(_, unknown)| ask && *unknown).map(|(user, _)| user.to_bare());
            self.ask_devices(Query { users: users.collect(), numbers: Vec::new() });
            return Ok(None);
        };
        let of = |user: &Jid, devices: &Option<Vec<u16>>| -> Vec<Jid> {
            devices.iter().flatten().map(|device| user.with_device(*device)).collect()
        };
        let named = |devices: Vec<Jid>| devices.iter().filter(|device| **device != own).map(Jid::to_string).collect();
        let theirs = if chat.same_user(&own) { Vec::new() } else { named(of(chat, theirs)) };
        Ok(Some(Listed { theirs, ours: named(of(&own, ours)) }))
    }

    /// A program sends a message to one device alone.
    pub(crate) async fn on_give(&mut self, gift: Gift, outcome: Outcome<()>) -> Result<(), Fault> {
        let Gift { id, chat, device, count, content } = gift;
        let outgoing = match content::parse(&content) {
            _ if !self.is_open() => Err(error::not_connected().into()),
            Ok(content) => self.compose(&chat, &id, content).await,
            Err(error) => Err(error.into()),
        };
        match outgoing {
            Ok(outgoing) => {
                let resend = Resend::given(id, chat, outgoing, device, count);
                self.jobs.push_back(Job::Give(Box::new(Giving { resend, outcome: Some(outcome) })));
                self.advance_jobs().await
            }
            Err(Refusal::Public(error)) => {
                let _ = outcome.send(Err(error));
                Ok(())
            }
            Err(Refusal::Fault(fault)) => Err(fault),
        }
    }

    /// Sends it once there is a session with the device.
    pub(crate) async fn advance_give(&mut self, giving: &mut Giving) -> Result<Step, Fault> {
        if giving.outcome.as_ref().is_none_or(Outcome::is_closed) {
            return Ok(Step::Done);
        }
        let result = match self.resend(&giving.resend).await? {
            Resent::Blocked => return Ok(Step::Blocked),
            Resent::Sent => Ok(()),
            Resent::Refused(error) => Err(error),
        };
        if let Some(outcome) = giving.outcome.take() {
            let _ = outcome.send(result);
        }
        Ok(Step::Done)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_for_single_devices_are_read_and_bounded() {
        let one = |jid: &str, base64: &str| json!({ "variants": [{ "jid": jid, "raw": { "base64": base64 } }] });
        let read = variants_in(&one("15550002222:7@s.whatsapp.net", "CgE=")).expect("read");
        assert_eq!(read, [Variant { device: "15550002222:7@s.whatsapp.net".into(), message: vec![10, 1] }]);
        assert_eq!(variants_in(&json!({})), Ok(Vec::new()));
        let many: Vec<Value> = (0..=MAX_VARIANTS).map(|_| json!({ "jid": "1@lid", "raw": { "base64": "" } })).collect();
        for wrong in [
            one("120363000000000001@g.us", "CgE="),
            one("1@lid", "%"),
            json!({ "variants": 7 }),
            json!({ "variants": many }),
        ] {
            assert!(variants_in(&wrong).is_err());
        }
    }
}
