//! The session's cipher for programs that use it by themselves (`signal.*`).

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_requests::{
    args,
    session::Outcome,
    signal::{KeyUse, Keys, OpenSession, Sealed, Sealing},
};
use chasqui_signal::{PreKeyBundle, SessionRecord, SignalError};
use chasqui_store::Namespace;
use chasqui_wire::{Jid, PublicKey};

use crate::{
    actor::{Actor, Fault},
    error,
    identity::Offer,
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
        let failed = |failure| {
            let error = PublicError::new(ErrorCode::RequestFailed, format!("It cannot be decrypted: {failure}."));
            if failure == SignalError::InvalidSignature { error.with("unproven", true) } else { error }
        };
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
            KeyUse::Know => {
                let author = device.unwrap_or(own);
                for name in self.sender_key_names(chat, &author).await? {
                    if let Some(record) = self.read_sender_key(&name).await? {
                        self.return_sender_key(name, record);
                        return Ok(Ok(vec![1]));
                    }
                }
                Ok(Ok(Vec::new()))
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

    /// Sets up a session by keys that the program has.
    pub(crate) async fn on_inject(&mut self, device: Jid, keys: &Keys) -> Result<Result<(), PublicError>, Fault> {
        let Some(bundle) = bundle(keys) else {
            return Ok(Err(args::invalid("keys", "must be the public keys of a device, in base64")));
        };
        let device = self.canonical(&device).await?;
        let started = self.start_sessions(vec![Offer { device, bundle, proof: None }]).await?;
        Ok(if started.iter().all(|(_, started)| *started) {
            Ok(())
        } else {
            Err(PublicError::new(ErrorCode::RequestFailed, "The signature of the signed prekey is wrong."))
        })
    }

    /// Whether there are sessions with devices; they may be forgotten.
    pub(crate) async fn on_sessions(
        &mut self,
        devices: &[Jid],
        forget: bool,
    ) -> Result<Vec<Option<OpenSession>>, Fault> {
        let mut known = Vec::with_capacity(devices.len());
        for device in devices {
            let address = self.address(device).await?;
            let record = self.session(&address).await?;
            known.push(record.as_ref().and_then(shown));
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

fn shown(record: &SessionRecord) -> Option<OpenSession> {
    let base_key = record.base_key().filter(|_| record.has_open_session())?;
    let registration_id = record.remote_registration_id()?;
    Some(OpenSession { base_key: STANDARD.encode(base_key.to_djb()), registration_id })
}

fn bundle(keys: &Keys) -> Option<PreKeyBundle> {
    // With the byte of their type or without.
    let public = |text: &str| {
        let bytes = STANDARD.decode(text).ok()?;
        PublicKey::from_raw(bytes.strip_prefix(&[5]).filter(|rest| rest.len() == 32).unwrap_or(&bytes)).ok()
    };
    let (signed_prekey_id, signed, signature) = &keys.signed;
    Some(PreKeyBundle {
        registration_id: keys.registration_id,
        identity: public(&keys.identity)?,
        signed_prekey_id: *signed_prekey_id,
        signed_prekey: public(signed)?,
        signed_prekey_signature: STANDARD.decode(signature).ok()?.try_into().ok()?,
        prekey: match &keys.prekey {
            Some((id, key)) => Some((*id, public(key)?)),
            None => None,
        },
    })
}
