//! Pairing by phone number: what is said to the server and the phone. The keys are in `pairing_code`.
//!
//! `companion_hello` offers our hidden key and gets a reference; the phone's `primary_hello` comes when the code was
//! typed there; `companion_finish` gives it our identity. What follows is `pair-success`, as after a scan.
//! Source: 02-pairing-and-keys §4.

use std::time::Duration;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, KeyPair, Node, PublicKey};
use tokio::time::Instant;

use crate::{
    Reply,
    actor::{Actor, Fault, Link, Stage},
    error,
    event::{ConnectionEvent, Event, State},
    iq::{self, Wait},
    number,
    options::invalid,
    pairing::Codes,
    pairing_code::{self, Code},
    qr,
    reason::End,
};

/// How long a code can be typed.
const CODE_LIFE: Duration = Duration::from_secs(180);
/// How often the phone may answer one code: each time, it was typed anew.
const MAX_HELLOS: u8 = 3;
/// Longest reference.
const MAX_REFERENCE: usize = 512;

/// A code that a person may type into the phone.
#[derive(Debug, Clone)]
pub(crate) struct Linking {
    code: Code,
    ephemeral: KeyPair,
    phone: Jid,
    /// Names the attempt at the server.
    reference: Vec<u8>,
    hellos: u8,
    /// The identity with which the phone answered.
    pub primary: Option<PublicKey>,
}

impl Actor {
    /// Offers to be paired with a number. Answers with the code once the server has told the phone.
    pub(crate) async fn on_pairing_code(&mut self, reply: Reply, phone: &str, code: Option<&str>) -> Result<(), Fault> {
        let (phone, code) = match self.check_pairing_code(phone, code) {
            Ok(checked) => checked,
            Err(error) => {
                self.answer(reply, Err(error));
                return Ok(());
            }
        };
        let ephemeral = KeyPair::generate();
        let (hidden, public) = (code.clone(), ephemeral.public);
        let wrapped = aside(move || hidden.wrap(&public)).await?;
        let browser = &self.options.browser;
        let offer = Node::new("link_code_companion_reg")
            .attr("jid", &phone)
            .attr("stage", "companion_hello")
            .attr("should_show_push_notification", "true")
            .children([
                Node::new("link_code_pairing_wrapped_companion_ephemeral_pub").bytes(wrapped.to_vec()),
                Node::new("companion_server_auth_key_pub").bytes(self.creds.noise.public.as_bytes().to_vec()),
                Node::new("companion_platform_id").text(qr::platform(&browser.name).to_string()),
                Node::new("companion_platform_display").text(format!("{} ({})", browser.name, browser.os)),
                Node::new("link_code_pairing_nonce").bytes(vec![0]),
            ])
            .into_owned();
        let id = self.requests.id();
        let node = iq::request(&id, "set", "md").child(offer);
        let linking = Linking { code, ephemeral, phone, reference: Vec::new(), hellos: 0, primary: None };
        self.request(id, node, Wait::PairingHello(reply, Box::new(linking)));
        Ok(())
    }

    fn check_pairing_code(&mut self, phone: &str, code: Option<&str>) -> Result<(Jid, Code), PublicError> {
        let digits = number::digits(phone).ok_or_else(|| {
            PublicError::new(ErrorCode::InvalidRecipient, "A pairing code needs an international number.")
        })?;
        let code = match code {
            None => Code::generate(),
            Some(text) => Code::parse(text)
                .ok_or_else(|| invalid("code", "must have 8 characters of 1 to 9 and A to Z without I, O and U"))?,
        };
        if self.creds.paired.is_some() {
            return Err(PublicError::new(ErrorCode::AlreadyPaired, "The session is paired already."));
        }
        match self.codes() {
            Some(codes) if !codes.scanned => Ok((Jid::pn(digits), code)),
            _ => Err(error::not_connected()),
        }
    }

    /// The server's answer to the offer: from now on the code can be typed.
    pub(crate) fn on_pairing_hello(&mut self, reply: Reply, linking: Linking, answer: &Node<'_>) {
        if let Some(code) = iq::error_code(answer) {
            let error = PublicError::new(
                ErrorCode::RequestFailed,
                format!("The server refused to pair by code with error {code}."),
            );
            return self.answer(reply, Err(error.with("error", code)));
        }
        let reference = answer
            .find("link_code_companion_reg")
            .and_then(|registration| registration.find("link_code_pairing_ref"))
            .and_then(Node::content_bytes)
            .filter(|reference| (1..=MAX_REFERENCE).contains(&reference.len()));
        let (Some(reference), Some(codes)) = (reference, self.codes()) else {
            let error = PublicError::new(ErrorCode::RequestFailed, "The server gave no reference for the code.");
            return self.answer(reply, Err(error));
        };
        let code = linking.code.reveal();
        codes.show_until(Instant::now() + CODE_LIFE);
        codes.linking = Some(Linking { reference: reference.to_vec(), ..linking });
        self.set_state(State::Code);
        self.emit(Event::Connection(ConnectionEvent::of(State::Code)));
        self.reply(reply, Ok(Some(code.into())));
    }

    /// `<notification type=link_code_companion_reg>`: a code was typed into the phone.
    pub(crate) async fn on_link_code(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        let Some(hello) = node.find("link_code_companion_reg").filter(|hello| hello.is("stage", "primary_hello"))
        else {
            return Ok(());
        };
        let name = self.name.clone();
        let Some(linking) = self.codes().and_then(|codes| codes.linking.as_mut()) else { return Ok(()) };
        let reference = hello.find("link_code_pairing_ref").and_then(Node::content_bytes);
        if reference != Some(&linking.reference) || linking.hellos >= MAX_HELLOS {
            tracing::warn!(session = %name, "a phone's answer to another pairing code was ignored");
            return Ok(());
        }
        linking.hellos += 1;
        let (Some(wrapped), Some(primary)) = (
            hello.find("link_code_pairing_wrapped_primary_ephemeral_pub").and_then(|node| node.need_bytes().ok()),
            hello.find("primary_identity_pub").and_then(|node| node.need_bytes().ok()).map(PublicKey::new),
        ) else {
            tracing::warn!(session = %name, "a phone's answer to the pairing code is malformed");
            return Ok(());
        };
        linking.primary = Some(primary);
        let Linking { code, ephemeral, phone, reference, .. } = linking.clone();
        let primary_ephemeral = aside(move || code.unwrap(&wrapped)).await?;
        let finish = match pairing_code::finish(&self.creds.identity, &ephemeral, &primary_ephemeral, &primary) {
            Ok(finish) => finish,
            Err(failure) => {
                tracing::warn!(session = %name, "a phone's answer to the pairing code is not usable: {failure}");
                return Ok(());
            }
        };
        // Committed before the phone can learn of it: pair-success is sealed with it.
        self.creds.adv_secret = finish.adv_secret;
        self.save_creds();
        let id = self.requests.id();
        let answer = Node::new("link_code_companion_reg")
            .attr("jid", phone)
            .attr("stage", "companion_finish")
            .children([
                Node::new("link_code_pairing_wrapped_key_bundle").bytes(finish.bundle),
                Node::new("companion_identity_public").bytes(self.creds.identity.public.as_bytes().to_vec()),
                Node::new("link_code_pairing_ref").bytes(reference),
            ])
            .into_owned();
        let node = iq::request(&id, "set", "md").child(answer);
        self.request(id, node, Wait::PairingFinish);
        Ok(())
    }

    /// The server's answer to our identity: an error tells that the phone could not open it.
    pub(crate) fn on_pairing_finish(&mut self, answer: &Node<'_>) {
        if let Some(code) = iq::error_code(answer) {
            let message = format!("The code typed into the phone was not accepted ({code}); it can be typed again.");
            self.warn(ErrorCode::PairingFailed, message);
        }
    }

    fn codes(&mut self) -> Option<&mut Codes> {
        match &mut self.link {
            Link::Up(up) => match &mut up.stage {
                Stage::Pairing(codes) => Some(codes),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Runs what would hold up other sessions on a thread of its own.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|_| End::lost("The process is ending.").into())
}
