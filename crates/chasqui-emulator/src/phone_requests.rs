//! What companions ask of their phone, and what a phone tells them without being asked: peer messages, placeholders
//! and their contents (03-messages §9 and §13), and a phone that is set up anew (§17).

use chasqui_proto::{
    Message, MessageKey, ProtoMessage as _,
    message::{
        PeerDataOperationRequestMessage, PeerDataOperationRequestResponseMessage, PeerDataOperationRequestType,
        ProtocolMessage,
        peer_data_operation_request_response_message::{
            PeerDataOperationResult, peer_data_operation_result::PlaceholderMessageResendResponse,
        },
        protocol_message::Type,
    },
};
use chasqui_wire::{curve::random_bytes, jid::Jid, node::Node};
use compact_str::CompactString;

use crate::{
    account::{AccountId, DeviceRef},
    error::EmulatorError,
    phone::Phone,
    queue::{Entry, Kind},
    world::World,
};

/// Most placeholders in one request.
const MAX_PLACEHOLDERS: usize = 256;

/// A message that a phone has and its companions may ask for.
#[derive(Clone)]
pub(crate) struct Archived {
    /// The other person, or the group.
    pub chat: Jid,
    /// Who wrote it, where the chat does not say.
    pub author: Option<Jid>,
    pub from_me: bool,
    pub push_name: Option<String>,
    /// Seconds since the epoch.
    pub timestamp: u64,
    pub message: Vec<u8>,
}

/// WebMessageInfo whose message is embedded as it is, unknown fields included.
#[derive(Clone, PartialEq, prost::Message)]
struct Info {
    #[prost(message, optional, tag = "1")]
    key: Option<MessageKey>,
    #[prost(bytes = "vec", tag = "2")]
    message: Vec<u8>,
    #[prost(uint64, optional, tag = "3")]
    timestamp: Option<u64>,
    #[prost(string, optional, tag = "5")]
    participant: Option<String>,
    #[prost(string, optional, tag = "19")]
    push_name: Option<String>,
}

impl Archived {
    fn info(&self, id: &str) -> Vec<u8> {
        let author = self.author.as_ref().map(Jid::to_string);
        let key = MessageKey {
            remote_jid: Some(self.chat.to_string()),
            from_me: Some(self.from_me),
            id: Some(id.to_owned()),
            participant: author.clone(),
        };
        Info {
            key: Some(key),
            message: self.message.clone(),
            timestamp: Some(self.timestamp),
            participant: author,
            push_name: self.push_name.clone(),
        }
        .encode_to_vec()
    }
}

impl World {
    /// Answers a companion that asks for the messages behind placeholders; other requests are let be.
    pub fn on_peer_request(&mut self, from: DeviceRef, id: &str, message: &Message) {
        let wrapped = message.device_sent_message.as_ref().and_then(|sent| sent.message.as_deref());
        let protocol = wrapped.unwrap_or(message).protocol_message.as_deref();
        let request: Option<&PeerDataOperationRequestMessage> =
            protocol.and_then(|protocol| protocol.peer_data_operation_request_message.as_deref());
        let Some(request) = request else { return };
        let kind = PeerDataOperationRequestType::PlaceholderMessageResend;
        if request.peer_data_operation_request_type() != kind {
            return;
        }
        let archive = &self.accounts.get(from.account).phone.archive;
        let asked = request.placeholder_message_resend_request.iter().take(MAX_PLACEHOLDERS);
        let results: Vec<PeerDataOperationResult> = asked
            .filter_map(|asked| asked.message_key.as_ref()?.id.clone())
            .filter_map(|id| {
                let info = archive.get(&CompactString::from(&*id))?.info(&id);
                let response = PlaceholderMessageResendResponse { web_message_info_bytes: Some(info) };
                Some(PeerDataOperationResult {
                    placeholder_message_resend_response: Some(Box::new(response)),
                    ..Default::default()
                })
            })
            .collect();
        let response = PeerDataOperationRequestResponseMessage {
            peer_data_operation_request_type: Some(kind.into()),
            stanza_id: Some(id.to_owned()),
            peer_data_operation_result: results,
        };
        let protocol = ProtocolMessage {
            r#type: Some(Type::PeerDataOperationRequestResponseMessage.into()),
            peer_data_operation_request_response_message: Some(Box::new(response)),
            ..Default::default()
        };
        let answer = Message { protocol_message: Some(Box::new(protocol)), ..Default::default() };
        self.send_peer_message(from, &answer.encode_to_vec());
    }

    /// The phone of an account writes to its companions, or to one of them, outside any chat; tells to how many.
    pub fn phone_writes(&mut self, account: &str, device: Option<u16>, raw: &[u8]) -> Result<usize, EmulatorError> {
        let devices = self.named_devices(Some(account), device)?;
        for at in &devices {
            self.send_peer_message(*at, raw);
        }
        Ok(devices.len())
    }

    /// Tells a person's companions that there is a message that only the phone can show.
    pub fn announce_unavailable(&mut self, from: DeviceRef, to: AccountId, id: &str, kind: &str) {
        let author = self.accounts.get(from.account);
        let unavailable = Node::new("unavailable").attr_opt("type", (!kind.is_empty()).then(|| kind.to_owned()));
        let stanza = Node::new("message")
            .attr("from", self.jid(from, true))
            .attr("id", id.to_owned())
            .attr("t", self.clock.now().seconds())
            .attr("type", "text")
            .attr("notify", author.push_name.clone())
            .attr("addressing_mode", "lid")
            .attr("sender_pn", author.jid(false))
            .child(unavailable);
        let entry = Entry {
            kind: Kind::Message,
            id: id.into(),
            author: Some(from.account),
            own_copy: false,
            expires: None,
            node: stanza.into(),
        };
        let companions: Vec<u16> = self.accounts.get(to).devices.keys().copied().collect();
        for device in companions {
            self.deliver(DeviceRef { account: to, device }, entry.clone());
        }
    }

    /// A person sets the phone up anew: another identity, no companions. Everybody who knows its devices is told.
    pub fn contact_renew_identity(&mut self, name: &str) -> Result<(), EmulatorError> {
        let at = self.active_contact(name)?;
        for companion in self.named_devices(Some(name), None)? {
            self.unlink(companion);
        }
        let now = self.clock.now().seconds();
        let account = self.accounts.get_mut(at.account);
        account.phone = Phone::new();
        account.forget_app_state();
        account.phone.active = true;
        account.raw_id = u32::from_be_bytes(random_bytes()) >> 1;
        account.renew_key_index_list(now);
        let (pn, lid) = (account.jid(false), account.jid(true));
        let watchers: Vec<AccountId> = account.watchers.iter().copied().filter(|id| *id != at.account).collect();
        for account in watchers {
            let devices: Vec<u16> = self.accounts.get(account).devices.keys().copied().collect();
            for device in devices {
                let to = DeviceRef { account, device };
                self.notify_with(to, "encrypt", pn.clone(), Some(lid.clone()), Node::new("identity"));
            }
        }
        Ok(())
    }
}
