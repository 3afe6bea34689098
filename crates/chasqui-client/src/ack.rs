//! Acks, both ways: what we owe for each stanza, and what the server says of ours.
//!
//! Source: 01-connection §12, 03-messages §6.

use std::sync::atomic::Ordering;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::Node;
use serde_json::json;

use crate::{
    actor::{Actor, Fault},
    connection::unix_now_ms,
    event::Event,
    message::{Receipt, ReceiptStatus, Recipient},
};

/// The stanza is of a kind that nobody here knows.
const UNRECOGNISED: u16 = 488;
/// The message was addressed in a way that the group has left.
const STALE_ADDRESSING: u64 = 421;

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
        if !node.is("class", "message") {
            return Ok(());
        }
        let Some(seq) = node.get_str("id").and_then(|id| self.outbox.find(&id)) else { return Ok(()) };
        let chat = node.get_jid("from");
        if node.get("phash").is_some() || node.is("refresh_lid", "true") {
            if let Some(chat) = chat.as_ref().filter(|chat| chat.is_user()) {
                self.forget_devices(chat).await?;
            }
            let phash = node.get_str("phash").unwrap_or_default();
            if let Some(chat) = chat.as_ref().filter(|chat| chat.is_group()) {
                self.on_group_phash(chat, &phash).await?;
            } else if let Some(own) = self.creds.paired.as_ref().map(|paired| paired.lid.to_bare()) {
                self.forget_devices(&own).await?;
            }
        }
        if node.get_u64("error") == Some(STALE_ADDRESSING)
            && let Some(chat) = chat.as_ref().filter(|chat| chat.is_group())
            && let Some(id) = node.get_str("id")
            && self.readdress(chat, &id).await?
        {
            return self.send_again(seq).await;
        }
        let Some(entry) = self.dequeue(seq) else { return Ok(()) };
        if let Some(code) = node.get_u64("error") {
            let error = rejection(code, &entry.id);
            match entry.reply {
                Some(reply) => self.reply(reply, Err(error)),
                None => self.emit(Event::Error(error)),
            }
            return Ok(());
        }
        let timestamp = node.get_u64("t").map_or_else(unix_now_ms, |t| t.saturating_mul(1000));
        self.shared.sent.fetch_add(1, Ordering::Relaxed);
        self.outbox.acked.put(entry.id.clone(), timestamp);
        self.outbox.acked.trim();
        if let Some(reply) = entry.reply {
            self.reply(reply, Ok(Some(json!({ "id": entry.id, "timestamp": timestamp }))));
        }
        if let Some(chat) = chat {
            let person = self.person(&chat).await?;
            let shown = person.shown().unwrap_or(&chat).to_string();
            // Seq 0: it follows from the call's own answer, so it needs no row.
            self.emit(Event::Receipt {
                seq: 0,
                receipt: Receipt {
                    ids: vec![entry.id],
                    chat: shown.clone(),
                    recipient: Recipient {
                        jid: shown,
                        pn: person.pn.map(|jid| jid.to_string()),
                        lid: person.lid.map(|jid| jid.to_string()),
                        device: 0,
                    },
                    status: ReceiptStatus::Sent,
                    timestamp,
                },
            });
        }
        Ok(())
    }
}

fn rejection(code: u64, id: &str) -> PublicError {
    let error = match code {
        404 => PublicError::new(ErrorCode::NotOnWhatsApp, "The recipient has no account."),
        463 => PublicError::new(
            ErrorCode::SendRejected,
            "The server refused the message: the account may not start this chat now (463).",
        ),
        code => PublicError::new(ErrorCode::SendRejected, format!("The server refused the message with error {code}.")),
    };
    error.with("error", code).with("id", id)
}
