//! The codes of an unpaired connection, and the phone's answer to one of them.
//!
//! The first QR code stands 60 s, the others 20 s each; once a code was asked for that is typed (`link_code`), it stands
//! alone. Source: 02-pairing-and-keys §2.

use std::{collections::VecDeque, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_signal::SignalAddress;
use chasqui_wire::{Jid, Node};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault, Link, Stage},
    connection::unix_now_ms,
    event::{ConnectionEvent, Event, State},
    link_code::Linking,
    pair::{self, Refusal},
    qr,
    reason::{End, Next},
};

const FIRST_CODE: Duration = Duration::from_secs(60);
const NEXT_CODE: Duration = Duration::from_secs(20);
/// More references than any server sends.
const MAX_CODES: usize = 32;

/// References that are still to be shown.
pub(crate) struct Codes {
    refs: VecDeque<String>,
    until: Instant,
    /// A code was scanned or typed, and answered; the restart follows.
    pub scanned: bool,
    /// The code that is to be typed; QR codes are shown no more.
    pub linking: Option<Linking>,
}

impl Codes {
    /// When the code on show ends.
    pub fn next_change(&self) -> Instant {
        self.until
    }

    /// Sets when the code on show ends.
    pub fn show_until(&mut self, end: Instant) {
        self.until = end;
    }
}

impl Actor {
    /// `<pair-device>`: the references to show.
    pub(crate) fn on_pair_device(&mut self, id: &str, node: &Node<'_>) -> Result<(), Fault> {
        let refs: VecDeque<_> = node
            .all("ref")
            .filter_map(Node::content_str)
            .filter(|reference| !reference.is_empty() && reference.len() <= 512)
            .map(str::to_owned)
            .take(MAX_CODES)
            .collect();
        self.send(Node::new("iq").attr("to", Jid::SERVER).attr("type", "result").attr("id", id.to_owned()));
        let Link::Up(up) = &mut self.link else { return Ok(()) };
        let first = !matches!(up.stage, Stage::Pairing(_));
        up.stage = Stage::Pairing(Box::new(Codes { refs, until: Instant::now(), scanned: false, linking: None }));
        self.show_code(self.options.qr_timeout.unwrap_or(FIRST_CODE))?;
        if first {
            self.set_state(State::Qr);
            self.emit(Event::Connection(ConnectionEvent::of(State::Qr)));
            for reply in std::mem::take(&mut self.waiting_connect) {
                self.reply(reply, Ok(Some(json!({ "state": "qr" }))));
            }
        }
        Ok(())
    }

    fn show_code(&mut self, life: Duration) -> Result<(), Fault> {
        let Link::Up(up) = &mut self.link else { return Ok(()) };
        let Stage::Pairing(codes) = &mut up.stage else { return Ok(()) };
        let Some(reference) = codes.refs.pop_front() else {
            return Err(End::new(ErrorCode::PairingTimeout, "No phone scanned the QR code in time.", Next::Stop).into());
        };
        codes.until = Instant::now() + life;
        let expires_at = unix_now_ms() + u64::try_from(life.as_millis()).unwrap_or(0);
        let text = qr::text(&reference, &self.creds, qr::platform(&self.options.browser.name));
        match qr::draw(text, expires_at) {
            Some(code) => self.emit(Event::Qr(code)),
            None => return Err(End::protocol("a pairing reference fits in no QR code").into()),
        }
        Ok(())
    }

    /// The code on show has ended: the next one, or the end.
    pub(crate) fn rotate_code(&mut self, now: Instant) -> Result<(), Fault> {
        let Link::Up(up) = &mut self.link else { return Ok(()) };
        match &mut up.stage {
            Stage::Pairing(codes) if now < codes.until => Ok(()),
            Stage::Pairing(codes) if codes.scanned => {
                Err(End::lost("The server did not restart the connection after pairing.").into())
            }
            Stage::Pairing(codes) if codes.linking.is_some() => {
                Err(End::new(ErrorCode::PairingTimeout, "Nobody typed the code in time.", Next::Stop).into())
            }
            _ => self.show_code(self.options.qr_timeout.unwrap_or(NEXT_CODE)),
        }
    }

    /// `<pair-success>`: verified, stored, then answered.
    pub(crate) async fn on_pair_success(&mut self, id: &str, node: &Node<'_>) -> Result<(), Fault> {
        if self.creds.paired.is_some() {
            self.send(pair::refuse_reply(id, Refusal::Malformed));
            return Ok(());
        }
        let typed = match &self.link {
            Link::Up(up) => match &up.stage {
                Stage::Pairing(codes) => codes.linking.as_ref().and_then(|linking| linking.primary),
                _ => None,
            },
            _ => None,
        };
        let success = pair::on_success(&self.creds, node)
            // The phone that answered the code is the one that signs.
            .and_then(|success| match typed {
                Some(primary) if primary != success.account_key => Err(Refusal::Signature),
                _ => Ok(success),
            });
        let success = match success {
            Ok(success) => success,
            Err(refusal) => {
                self.send(pair::refuse_reply(id, refusal));
                self.settle().await;
                let reason = PublicError::new(
                    ErrorCode::PairingFailed,
                    format!("The phone's answer was refused: {}.", refusal.text()),
                )
                .with("refusal", refusal.text());
                return Err(End { reason, next: Next::Stop }.into());
            }
        };
        let phone = SignalAddress::from_jid(&success.paired.lid.to_bare());
        self.trust(&phone, &success.account_key).await?;
        self.send(pair::sign_reply(id, &success));
        self.creds.paired = Some(success.paired);
        if success.business_name.is_some() {
            self.creds.push_name = success.business_name;
        } else if self.creds.push_name.is_none() {
            self.creds.push_name.clone_from(&self.options.push_name);
        }
        self.save_creds();
        self.new_login = true;
        if let Link::Up(up) = &mut self.link
            && let Stage::Pairing(codes) = &mut up.stage
        {
            codes.scanned = true;
            codes.until = Instant::now() + NEXT_CODE;
        }
        self.show_user();
        Ok(())
    }
}
