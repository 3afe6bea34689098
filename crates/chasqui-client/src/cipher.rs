//! The session's cipher for programs that use it by themselves (`signal.*`).

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_requests::{
    session::Outcome,
    signal::{KeyUse, Sealed, Sealing},
};
use chasqui_signal::SessionRecord;
use chasqui_store::Namespace;
use chasqui_wire::Jid;

use crate::{
    actor::{Actor, Fault},
    error,
    receive::Envelope,
    send::{Job, Step},
    sender_keys::Distribution,
};

/// Devices that are to have a session, and what is to be encrypted for them.
#[derive(Debug)]
pub(crate) struct Sealable {
    devices: Vec<Jid>,
    message: Option<Vec<u8>>,
    /// The service was asked for keys.
    asked: bool,
    outcome: Option<Outcome<Sealing>>,
}

impl Actor {
    pub(crate) async fn on_seal(
        &mut self,
        devices: Vec<Jid>,
        message: Option<Vec<u8>>,
        outcome: Outcome<Sealing>,
    ) -> Result<(), Fault> {
        if !self.is_open() {
            let _ = outcome.send(Err(error::not_connected()));
            return Ok(());
        }
        let sealable = Sealable { devices, message, asked: false, outcome: Some(outcome) };
        self.jobs.push_back(Job::Seal(Box::new(sealable)));
        self.advance_jobs().await
    }

    /// Encrypts once there are sessions.
    pub(crate) async fn advance_seal(&mut self, sealable: &mut Sealable) -> Result<Step, Fault> {
        if sealable.outcome.as_ref().is_none_or(Outcome::is_closed) {
            return Ok(Step::Done);
        }
        if self.lacks_sessions(sealable.devices.iter()).await? {
            sealable.asked = true;
            return Ok(Step::Blocked);
        }
        let mut sealed = Vec::new();
        if let Some(message) = &sealable.message {
            let one = |sealed: crate::fanout::Sealed| Sealed {
                jid: sealed.device.to_string(),
                kind: sealed.kind.as_str(),
                ciphertext: STANDARD.encode(sealed.bytes),
            };
            sealed = self.encrypt_for_all(&sealable.devices, message).await?.into_iter().map(one).collect();
        }
        if let Some(outcome) = sealable.outcome.take() {
            let _ = outcome.send(Ok(Sealing { asked: sealable.asked, sealed }));
        }
        Ok(Step::Done)
    }

    pub(crate) async fn on_open(
        &mut self,
        device: &Jid,
        prekey: bool,
        bytes: &[u8],
        outcome: Outcome<Vec<u8>>,
    ) -> Result<(), Fault> {
        let opened = if prekey {
            self.open_prekey(bytes, device, None).await?
        } else {
            self.open_whisper(bytes, device).await?
        };
        let failed =
            |failure| PublicError::new(ErrorCode::RequestFailed, format!("It cannot be decrypted: {failure}."));
        let _ = outcome.send(opened.map_err(failed));
        Ok(())
    }

    /// Uses a key of a chat.
    pub(crate) async fn on_key(
        &mut self,
        what: KeyUse,
        chat: &Jid,
        device: Option<Jid>,
        bytes: &[u8],
    ) -> Result<Result<Vec<u8>, PublicError>, Fault> {
        let refused = |why: &dyn std::fmt::Display| {
            Ok(Err(PublicError::new(ErrorCode::RequestFailed, format!("The key of the chat does not do: {why}."))))
        };
        let Some(own) = self.own_device(device.as_ref().unwrap_or(&Jid::STATUS)) else {
            return Ok(Err(error::not_connected()));
        };
        match what {
            KeyUse::Seal => {
                let (_, _) = self.own_distribution(chat, &own).await?;
                match self.seal_for_chat(chat, &own, bytes).await? {
                    Some(sealed) => Ok(Ok(sealed)),
                    None => refused(&"it is used up"),
                }
            }
            KeyUse::Give => Ok(Ok(self.own_distribution(chat, &own).await?.0)),
            KeyUse::Open | KeyUse::Take => {
                let Some(author) = device else { return refused(&"its author is not said") };
                let envelope = Envelope {
                    id: String::new(),
                    from: chat.clone(),
                    participant: Some(author.clone()),
                    recipient: None,
                    chat: chat.clone(),
                    sender: author,
                    from_me: false,
                    peer: false,
                    offline: false,
                    timestamp: 0,
                    push_name: None,
                    nodes: Vec::new(),
                    server_id: None,
                    wire: None,
                };
                if what == KeyUse::Open {
                    return match self.open_group_message(bytes, &envelope).await? {
                        Ok(plaintext) => Ok(Ok(plaintext)),
                        Err(failure) => refused(&failure),
                    };
                }
                match self.take_distribution(&envelope, bytes).await? {
                    Distribution::Malformed => refused(&"it is malformed"),
                    _ => Ok(Ok(Vec::new())),
                }
            }
        }
    }

    /// Whether there are sessions with devices; they may be forgotten.
    pub(crate) async fn on_sessions(&mut self, devices: &[Jid], forget: bool) -> Result<Vec<bool>, Fault> {
        let mut known = Vec::with_capacity(devices.len());
        for device in devices {
            let address = self.address(device).await?;
            let record = self.session(&address).await?;
            known.push(record.as_ref().is_some_and(SessionRecord::has_open_session));
            match record {
                Some(_) if forget => self.turn.batch.delete(Namespace::Session, address.to_string()),
                Some(record) => {
                    self.return_session(address, record);
                    continue;
                }
                None => continue,
            };
        }
        Ok(known)
    }

    pub(crate) async fn on_to_phone(&mut self, message: Vec<u8>, outcome: Outcome<String>) -> Result<(), Fault> {
        let result = if self.is_open() {
            Ok(self.write_bytes_to_phone(message, "high_force"))
        } else {
            Err(error::not_connected())
        };
        let _ = outcome.send(result);
        self.advance_jobs().await
    }
}
