//! The session's cipher for programs that use it by themselves (`signal.*`).

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_requests::{
    session::Outcome,
    signal::{Sealed, Sealing},
};
use chasqui_wire::Jid;

use crate::{
    actor::{Actor, Fault},
    error,
    send::{Job, Step},
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
