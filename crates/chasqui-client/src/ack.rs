//! Acks, both ways: what we owe for each stanza, and what the server says of ours.
//!
//! Source: 01-connection §12, 03-messages §6.

use std::{sync::atomic::Ordering, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    connection::unix_now_ms,
    devices::Query,
    event::Event,
    message::{Receipt, ReceiptStatus, Recipient},
    retry::Resend,
    send::{Job, Step},
};

/// The stanza is of a kind that nobody here knows.
const UNRECOGNISED: u16 = 488;
/// The message was addressed in a way that the group has left.
const STALE_ADDRESSING: u64 = 421;
/// The service misses proof that the recipient knows the account.
const TOKEN_MISSING: u64 = 463;
/// How often a message is offered to a server that is busy; the pauses are 2, 4 and 8 seconds.
const MAX_ATTEMPTS: u32 = 4;

/// A message that did not go to every device that the service knows.
#[derive(Debug)]
pub(crate) struct Missed {
    id: String,
    /// The chat as it was addressed.
    chat: Jid,
    /// The devices that it went to.
    known: Vec<Jid>,
}

impl Actor {
    /// Acknowledges a stanza, with an error number when it was refused.
    pub(crate) fn acknowledge(&mut self, node: &Node<'_>, error: Option<u16>) {
        let (Some(id), Some(from)) = (node.get_str("id"), node.get_jid("from")) else { return };
        // A message's ack has no type (whatsmeow), every other one echoes it.
        let kind = node.get_str("type").filter(|_| node.tag != "message");
        let ack = Node::new("ack")
            .attr("class", node.tag.as_str().to_owned())
            .attr("id", id.into_owned())
            .attr("to", from)
            .attr_opt("participant", node.get_jid("participant"))
            .attr_opt("recipient", node.get_jid("recipient"))
            .attr_opt("type", kind.map(|kind| kind.into_owned()))
            .attr_opt("error", error);
        self.send(ack);
    }

    /// An unknown stanza is refused, so that it does not come again.
    pub(crate) fn refuse_unknown(&mut self, node: &Node<'_>) {
        tracing::debug!(session = %self.name, "unknown stanza <{}>", node.tag.as_str());
        self.acknowledge(node, Some(UNRECOGNISED));
    }

    /// `<ack>` from the server.
    pub(crate) async fn on_ack(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        // What is no `<iq>` but has an answer all the same is answered by its ack.
        if let Some(request) = node.get_str("id").and_then(|id| self.requests.take(&id)) {
            return self.on_answer(request.wait, node).await;
        }
        if !node.is("class", "message") {
            return Ok(());
        }
        let Some(seq) = node.get_str("id").and_then(|id| self.outbox.find(&id)) else { return Ok(()) };
        let chat = node.get_jid("from");
        if let Some(code) = node.get_u64("error") {
            return self.on_refused(seq, code, chat).await;
        }
        if node.get("phash").is_some() || node.is("refresh_lid", "true") {
            if let Some(group) = chat.as_ref().filter(|chat| chat.is_group()) {
                self.on_group_phash(group, &node.get_str("phash").unwrap_or_default()).await?;
            } else if chat == Some(Jid::STATUS) {
                self.forget_own_key(&Jid::STATUS);
            } else {
                self.on_stale_devices(seq, chat.as_ref()).await?;
            }
        }
        let Some(entry) = self.dequeue(seq) else { return Ok(()) };
        let timestamp = node.get_u64("t").map_or_else(unix_now_ms, |t| t.saturating_mul(1000));
        self.shared.sent.fetch_add(1, Ordering::Relaxed);
        self.outbox.acked.put(entry.id.clone(), timestamp);
        self.outbox.acked.trim();
        if let Some(reply) = entry.reply {
            let mut sent = json!({ "id": entry.id, "timestamp": timestamp });
            if let Some(number) = node.get_u64("server_id") {
                sent["serverId"] = number.into();
            }
            self.reply_to_send(reply, entry.deadline, Ok(Some(sent)));
        }
        if let Some(chat) = chat {
            let receipt = self.own_receipt(&chat, entry.id, ReceiptStatus::Sent, timestamp).await?;
            self.archive_receipt(&receipt);
            // Seq 0: it follows from the call's own answer, so it needs no row.
            self.emit(Event::Receipt { seq: 0, receipt });
        }
        self.advance_jobs().await
    }

    /// What the server itself says of a message.
    pub(crate) async fn own_receipt(
        &mut self,
        chat: &Jid,
        id: String,
        status: ReceiptStatus,
        timestamp: u64,
    ) -> Result<Receipt, Fault> {
        let person = self.person(chat).await?;
        let shown = person.shown().unwrap_or(chat).to_string();
        Ok(Receipt {
            ids: vec![id],
            chat: shown.clone(),
            recipient: Recipient {
                jid: shown,
                pn: person.pn.map(|jid| jid.to_string()),
                lid: person.lid.map(|jid| jid.to_string()),
                device: 0,
            },
            status,
            error: None,
            timestamp,
        })
    }

    /// The server refused a message: it goes again where that can help, else it has failed.
    async fn on_refused(&mut self, seq: u64, code: u64, chat: Option<Jid>) -> Result<(), Fault> {
        if code == STALE_ADDRESSING
            && let Some(group) = chat.as_ref().filter(|chat| chat.is_group())
            && let Some(id) = self.outbox.get(seq).map(|entry| entry.id.clone())
            && self.readdress(group, &id).await?
        {
            return self.send_again(seq).await;
        }
        let Some(entry) = self.outbox.get_mut(seq) else { return Ok(()) };
        let busy = matches!(code, 429 | 500..=599);
        // An answer for devices that are all gone looks like one for a person that does not exist.
        let stale = code == 404 && entry.refusals == 0;
        entry.refusals += 1;
        if stale || busy && entry.refusals < MAX_ATTEMPTS {
            tracing::info!(session = %self.name, id = entry.id, "refused with error {code}; it is sent again");
            entry.on_wire = false;
            entry.not_before = busy.then(|| Instant::now() + Duration::from_secs(1 << entry.refusals));
            if stale {
                self.forget_lists(chat.as_ref()).await?;
            }
            self.jobs.push_front(Job::Send(seq));
            return self.advance_jobs().await;
        }
        if code == TOKEN_MISSING
            && let Some(person) = chat.as_ref().filter(|chat| chat.is_user())
        {
            self.give_token(person, true).await?;
        }
        let error = rejection(code);
        self.give_up(seq, error).await?;
        Ok(())
    }

    /// Messages whose pause is over go again.
    pub(crate) async fn retry_refused(&mut self, now: Instant) -> Result<(), Fault> {
        if self.outbox.release_due(now) && self.is_open() {
            self.advance_jobs().await?;
        }
        Ok(())
    }

    /// The service knows other devices of the recipient or of the own account than the message went to: what is known is
    /// forgotten, and the devices that were missed get the message as soon as they are known.
    async fn on_stale_devices(&mut self, seq: u64, chat: Option<&Jid>) -> Result<(), Fault> {
        let user = chat.filter(|chat| chat.is_user());
        if let (Some(entry), Some(chat)) = (self.outbox.get(seq), user) {
            let id = entry.id.clone();
            if let Some(known) = self.addressed_devices(chat).await? {
                self.jobs.push_back(Job::Missed(Missed { id, chat: chat.to_bare(), known }));
            }
        }
        self.forget_lists(chat).await
    }

    async fn forget_lists(&mut self, chat: Option<&Jid>) -> Result<(), Fault> {
        if let Some(chat) = chat.filter(|chat| chat.is_user()) {
            self.forget_devices(chat).await?;
        }
        if let Some(own) = self.creds.paired.as_ref().map(|paired| paired.lid.to_bare()) {
            self.forget_devices(&own).await?;
        }
        // The next look must not find in the store what is forgotten here.
        self.flush();
        Ok(())
    }

    /// The devices that a message to this chat goes to; `None` when a list is not known.
    async fn addressed_devices(&mut self, chat: &Jid) -> Result<Option<Vec<Jid>>, Fault> {
        let Some(own) = self.own_device(chat) else { return Ok(None) };
        let (theirs, ours) = (self.device_list(chat).await?, self.device_list(&own).await?);
        let (Some(theirs), Some(ours)) = (theirs, ours) else { return Ok(None) };
        let of = |user: &Jid, devices: Option<Vec<u16>>| -> Vec<Jid> {
            devices.into_iter().flatten().map(|device| user.with_device(device)).collect()
        };
        let mut devices = of(&chat.to_bare(), theirs);
        devices.extend(of(&own, ours).into_iter().filter(|device| *device != own));
        Ok(Some(devices))
    }

    /// Sends a message to the devices that it had missed.
    pub(crate) async fn advance_missed(&mut self, missed: &Missed) -> Result<Step, Fault> {
        let Some(devices) = self.addressed_devices(&missed.chat).await? else {
            let own = self.own_device(&missed.chat).map(|own| own.to_bare());
            let mut unknown = Vec::new();
            for user in own.into_iter().chain([missed.chat.clone()]) {
                if self.device_list(&user).await?.is_none() {
                    unknown.push(user);
                }
            }
            self.ask_devices(Query { users: unknown, numbers: Vec::new() });
            return Ok(Step::Blocked);
        };
        let Some(sent) = self.sent_message(&missed.id).await? else { return Ok(Step::Done) };
        for device in devices.into_iter().filter(|device| !missed.known.contains(device)) {
            tracing::debug!(session = %self.name, id = missed.id, "{device} gets what it had missed");
            let device = self.canonical(&device).await?;
            let resend = Resend::missed(missed.id.clone(), sent.chat.clone(), sent.outgoing.clone(), device);
            if matches!(self.advance_resend(&resend).await?, Step::Blocked) {
                self.jobs.push_back(Job::Resend(Box::new(resend)));
            }
        }
        Ok(Step::Done)
    }
}

/// A refusal by the server's number for it (03-messages §6).
fn rejection(code: u64) -> PublicError {
    let (kind, why) = match code {
        401 | 403 => (ErrorCode::NotAllowed, "the account may not write here: not a member, or only admins may"),
        404 => (ErrorCode::NotOnWhatsApp, "the recipient has no account"),
        405 | 473 => (ErrorCode::SendRejected, "content of this kind is not for this account"),
        421 => (ErrorCode::SendRejected, "the group addresses its members in another way"),
        429 => (ErrorCode::RateLimited, "too much was sent in too short a time"),
        463 => (ErrorCode::ChatRestricted, "the account may not start this chat now"),
        475 => (ErrorCode::ChatRestricted, "the account has started too many chats"),
        479 => (ErrorCode::SendRejected, "it does not fit the service's rules for stanzas"),
        500..=599 => (ErrorCode::SendRejected, "the service is in trouble"),
        _ => (ErrorCode::SendRejected, "no reason is known"),
    };
    PublicError::new(kind, format!("The server refused the message with error {code}: {why}.")).with("error", code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_codes_to_act_on() {
        let codes = [
            (403, ErrorCode::NotAllowed),
            (404, ErrorCode::NotOnWhatsApp),
            (421, ErrorCode::SendRejected),
            (429, ErrorCode::RateLimited),
            (463, ErrorCode::ChatRestricted),
            (475, ErrorCode::ChatRestricted),
            (479, ErrorCode::SendRejected),
            (503, ErrorCode::SendRejected),
            (999, ErrorCode::SendRejected),
        ];
        for (number, code) in codes {
            let error = rejection(number);
            assert_eq!((error.code, error.data.get("error")), (code, Some(&json!(number))), "{number}");
        }
    }
}
