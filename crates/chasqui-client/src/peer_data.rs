//! Talking with the own phone: what it tells its companions, and what it is asked for.
//!
//! A message that was not encrypted for this device, or that stays unreadable, is asked for at the phone, which has it
//! in readable form. Source: 03-messages §9, §10.4 and §13.

use std::{collections::VecDeque, time::Duration};

use chasqui_proto::{
    LidMigrationMappingSyncPayload, Message as MessageProto, MessageKey, ProtoMessage,
    message::{
        PeerDataOperationRequestMessage, PeerDataOperationRequestResponseMessage, PeerDataOperationRequestType,
        ProtocolMessage, peer_data_operation_request_message::PlaceholderMessageResendRequest,
        protocol_message::Type as ProtocolType,
    },
};
use chasqui_signal::Kind;
use chasqui_wire::{Jid, Node, Server};
use compact_str::format_compact;
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    cache::Cache,
    connection::unix_now,
    raw,
    receive::Envelope,
    send::{Job, Step, new_id},
};

/// How long a message may still come by itself before the phone is asked for it.
pub(crate) const UNAVAILABLE_WAIT: Duration = Duration::from_secs(2);
/// The same for one that its sender was asked for.
pub(crate) const UNREADABLE_WAIT: Duration = Duration::from_secs(5);
/// The phone is not asked for messages older than this, in seconds.
const MAX_AGE: u64 = 14 * 86_400;
/// Messages that wait to be asked for, and for the phone's answer.
const MAX_WANTED: usize = 1024;
/// Messages in one request.
const PER_REQUEST: usize = 64;
/// `WebMessageInfo`: key, message, push name.
const KEY: u64 = 1;
const MESSAGE: u64 = 2;
const PUSH_NAME: u64 = 19;

/// What the phone is asked for.
pub(crate) struct Wanted {
    waiting: VecDeque<(Instant, Envelope)>,
    /// By id of the message.
    asked: Cache<String, Envelope>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), asked: Cache::new(MAX_WANTED) }
    }
}

impl Wanted {
    /// Messages that wait and messages asked for.
    pub fn len(&self) -> usize {
        self.waiting.len() + self.asked.len()
    }

    /// The most of them.
    pub fn cap(&self) -> usize {
        MAX_WANTED + self.asked.cap()
    }

    /// When the phone is asked next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.waiting.iter().map(|(due, _)| *due).min()
    }
}

/// A message to the own phone that waits for a session with it.
#[derive(Debug)]
pub(crate) struct PhoneRequest {
    id: String,
    /// The `Message` protobuf.
    message: Vec<u8>,
    /// Its `push_priority`.
    priority: &'static str,
}

/// Whether the phone has what a stanza without content stands for.
pub(crate) fn phone_has_it(node: &Node<'_>) -> bool {
    // View-once messages, those of bots and of hosted accounts are not for companions.
    node.find("bot").is_none() && node.find("unavailable").is_some_and(|unavailable| unavailable.get("type").is_none())
}

impl Actor {
    /// A message between own devices: keys, mappings, answers of the phone.
    pub(crate) async fn on_peer_message(&mut self, envelope: &Envelope, proto: &MessageProto) -> Result<(), Fault> {
        let Some(protocol) = proto.protocol_message.as_deref() else { return Ok(()) };
        if envelope.sender.device != 0 {
            return Ok(());
        }
        if let Some(notification) = &protocol.history_sync_notification {
            self.on_history_notification(envelope, notification);
        }
        if let Some(share) = &protocol.app_state_sync_key_share {
            self.on_key_share(share).await?;
        }
        if let Some(sync) = &protocol.lid_migration_mapping_sync_message {
            self.on_mappings(sync.encoded_mapping_payload.as_deref().unwrap_or_default()).await?;
        }
        if let Some(response) = &protocol.peer_data_operation_request_response_message {
            self.on_phone_answer(response).await?;
        }
        Ok(())
    }

    async fn on_mappings(&mut self, payload: &[u8]) -> Result<(), Fault> {
        let Ok(payload) = LidMigrationMappingSyncPayload::decode(payload) else {
            tracing::warn!(session = %self.name, "the phone's LID mappings cannot be read");
            return Ok(());
        };
        self.learn_all(payload.pn_to_lid_mappings.into_iter().map(|mapping| {
            let lid = mapping.latest_lid.unwrap_or(mapping.assigned_lid);
            (Jid::pn(format_compact!("{}", mapping.pn)), Jid::lid(format_compact!("{lid}")))
        }))
        .await
    }

    /// Asks the phone for a message, unless it comes within `wait`.
    pub(crate) fn want_from_phone(&mut self, envelope: &Envelope, wait: Duration) {
        let of_people = envelope.sender.is_user() && envelope.chat.server != Server::Newsletter;
        let old = envelope.timestamp.saturating_add(MAX_AGE) < unix_now();
        let wanted = &mut self.wanted;
        let known = wanted.asked.get(&envelope.id).is_some()
            || wanted.waiting.iter().any(|(_, waiting)| waiting.id == envelope.id);
        if envelope.peer || !of_people || old || known || wanted.waiting.len() >= MAX_WANTED {
            return;
        }
        wanted.waiting.push_back((Instant::now() + wait, envelope.clone()));
    }

    /// Asks for what has not come by itself.
    pub(crate) async fn ask_phone_in_time(&mut self, now: Instant) -> Result<(), Fault> {
        if !self.is_open() || self.wanted.next_deadline().is_none_or(|due| due > now) {
            return Ok(());
        }
        let (due, later): (VecDeque<_>, _) =
            std::mem::take(&mut self.wanted.waiting).into_iter().partition(|(due, _)| *due <= now);
        self.wanted.waiting = later;
        let mut keys = Vec::new();
        for (_, envelope) in due {
            if self.seen_before(&envelope).await? {
                continue;
            }
            let group = !envelope.chat.is_user();
            keys.push(PlaceholderMessageResendRequest {
                message_key: Some(Box::new(MessageKey {
                    remote_jid: Some(envelope.chat.to_string()),
                    from_me: Some(envelope.from_me),
                    id: Some(envelope.id.clone()),
                    participant: group.then(|| envelope.sender.to_bare().to_string()),
                })),
            });
            self.wanted.asked.put(envelope.id.clone(), envelope);
        }
        self.wanted.asked.trim();
        for keys in keys.chunks(PER_REQUEST) {
            self.ask_phone(PeerDataOperationRequestMessage {
                peer_data_operation_request_type: Some(PeerDataOperationRequestType::PlaceholderMessageResend.into()),
                placeholder_message_resend_request: keys.to_vec(),
                ..Default::default()
            });
        }
        if keys.is_empty() { Ok(()) } else { self.advance_jobs().await }
    }

    /// Makes a request to the own phone. Gives its id.
    pub(crate) fn ask_phone(&mut self, request: PeerDataOperationRequestMessage) -> String {
        let message = MessageProto {
            protocol_message: Some(Box::new(ProtocolMessage {
                r#type: Some(ProtocolType::PeerDataOperationRequestMessage.into()),
                peer_data_operation_request_message: Some(Box::new(request)),
                ..Default::default()
            })),
            ..Default::default()
        };
        self.write_to_phone(&message, "high_force")
    }

    /// Makes a message to the own phone, outside any chat. Gives its id.
    pub(crate) fn write_to_phone(&mut self, message: &MessageProto, priority: &'static str) -> String {
        self.write_bytes_to_phone(message.encode_to_vec(), priority)
    }

    /// The same of a message that is encoded.
    pub(crate) fn write_bytes_to_phone(&mut self, message: Vec<u8>, priority: &'static str) -> String {
        let id = new_id();
        let request = PhoneRequest { id: id.clone(), message, priority };
        self.jobs.push_back(Job::AskPhone(request));
        id
    }

    /// Encrypts a request for the phone.
    pub(crate) async fn advance_phone_request(&mut self, request: &PhoneRequest) -> Result<Step, Fault> {
        let Some(own) = self.creds.paired.as_ref().map(|paired| paired.pn.to_bare()) else { return Ok(Step::Done) };
        if self.lacks_sessions(std::iter::once(&own)).await? {
            return Ok(Step::Blocked);
        }
        let Some((enc, kind)) = self.encrypt_for(&own, &request.message, None).await? else { return Ok(Step::Done) };
        let mut stanza = Node::new("message")
            .attr("id", request.id.clone())
            .attr("to", own)
            .attr("type", "text")
            .attr("category", "peer")
            .attr("push_priority", request.priority)
            .children([Node::new("meta").attr("appdata", "default"), enc]);
        if let Some(identity) = self.device_identity().filter(|_| kind == Kind::PreKey) {
            stanza = stanza.child(identity);
        }
        self.send(stanza);
        Ok(Step::Done)
    }

    /// The phone's answer: messages that were asked for, each as a whole `WebMessageInfo`.
    async fn on_phone_answer(&mut self, response: &PeerDataOperationRequestResponseMessage) -> Result<(), Fault> {
        for result in response.peer_data_operation_result.iter().take(MAX_WANTED) {
            let info = result
                .placeholder_message_resend_response
                .as_deref()
                .and_then(|resend| resend.web_message_info_bytes.as_deref())
                .unwrap_or_default();
            let key = raw::field(info, KEY).and_then(|key| MessageKey::decode(key).ok());
            let Some(id) = key.and_then(|key| key.id) else { continue };
            // Only what was asked for, and as the stanza addressed it.
            let (Some(message), Some(mut envelope)) = (raw::field(info, MESSAGE), self.wanted.asked.remove(&id)) else {
                continue;
            };
            if self.seen(&envelope).await? {
                continue;
            }
            let name = raw::field(info, PUSH_NAME).and_then(|name| std::str::from_utf8(name).ok());
            envelope.push_name = envelope.push_name.or_else(|| name.map(str::to_owned));
            self.on_readable(&envelope).await?;
            Box::pin(self.take_in(&envelope, message.to_vec())).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phone_is_asked_only_for_what_it_has() {
        let message = |child: Node<'static>| Node::new("message").child(child);
        assert!(phone_has_it(&message(Node::new("unavailable"))));
        for kind in ["view_once", "bot_unavailable_fanout", "hosted_unavailable_fanout"] {
            assert!(!phone_has_it(&message(Node::new("unavailable").attr("type", kind))));
        }
        assert!(!phone_has_it(&message(Node::new("unavailable")).child(Node::new("bot"))));
        assert!(!phone_has_it(&message(Node::new("plaintext"))));
    }
}
