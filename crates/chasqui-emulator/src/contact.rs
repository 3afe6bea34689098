//! Contacts: people whose phones write and read on demand, and how phones encrypt.
//!
//! A phone's stanzas go through the same relay as everybody's; it addresses people by LID.

use chasqui_proto::{Message, MessageContextInfo, ProtoMessage as _};
use chasqui_signal::SignalError;
use chasqui_wire::{
    curve::random_bytes,
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;
use serde::Serialize;

use crate::{
    account::{AccountId, DeviceRef},
    error::EmulatorError,
    group::GroupMessage,
    phone::SentMessage,
    prekeys::bytes,
    world::World,
};

/// Longest text or protobuf that a contact writes, in bytes.
const MAX_CONTENT: usize = 1 << 20;

/// The copy of a message for the own companions; the message is embedded as it is, unknown fields included.
#[derive(Clone, PartialEq, prost::Message)]
struct OwnCopy {
    #[prost(message, optional, tag = "31")]
    device_sent: Option<DeviceSent>,
    #[prost(message, optional, boxed, tag = "35")]
    message_context_info: Option<Box<MessageContextInfo>>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct DeviceSent {
    #[prost(string, tag = "1")]
    destination: String,
    #[prost(bytes = "vec", tag = "2")]
    message: Vec<u8>,
}

/// A person with a virtual phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactInfo {
    /// The name that others are shown.
    pub name: String,
    /// The phone-number JID, bare.
    pub jid: String,
    /// The LID, bare.
    pub lid: String,
}

/// Where a contact writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Destination {
    /// A number, JID or name; a group's JID, `status@broadcast`, or a list's JID.
    pub chat: String,
    /// For the status and for lists: who gets it, by number, JID or name. `None`: everybody there is.
    pub recipients: Option<Vec<String>>,
    /// For a person: only the phone gets it, and companions are told why they do not (`view_once`, …; may be empty).
    pub unavailable: Option<String>,
}

impl Destination {
    /// The group, the status or the list.
    fn many(&self) -> Option<Jid> {
        let jid = self.chat.parse::<Jid>().ok()?;
        matches!(jid.server, Server::Group | Server::Broadcast).then_some(jid)
    }
}

impl<T: AsRef<str> + ?Sized> From<&T> for Destination {
    fn from(chat: &T) -> Self {
        Self { chat: chat.as_ref().to_owned(), ..Self::default() }
    }
}

impl World {
    /// The person with this name, made if new; its phone acts from now on.
    pub fn contact(&mut self, name: &str) -> Result<ContactInfo, EmulatorError> {
        if name.is_empty() {
            return Err(EmulatorError::option("name", "must not be empty"));
        }
        let id = self.accounts.open(Some(name), self.clock.now().seconds());
        let account = self.accounts.get_mut(id);
        account.phone.active = true;
        Ok(ContactInfo {
            name: account.name.clone(),
            jid: account.jid(false).to_string(),
            lid: account.jid(true).to_string(),
        })
    }

    /// The phone of a contact.
    pub fn active_contact(&self, name: &str) -> Result<DeviceRef, EmulatorError> {
        let account = self.accounts.named(name).filter(|id| self.accounts.get(*id).phone.active);
        let account = account.ok_or_else(|| EmulatorError::NotFound(format!("contact named \"{name}\"")))?;
        Ok(DeviceRef { account, device: 0 })
    }

    /// A contact writes a text to a number, JID or name. Gives the message's id.
    pub fn contact_send(
        &mut self,
        name: &str,
        to: &Destination,
        text: &str,
        id: Option<&str>,
    ) -> Result<String, EmulatorError> {
        if text.is_empty() || text.len() > MAX_CONTENT {
            return Err(EmulatorError::option("text", "must have from 1 byte to 1 MiB"));
        }
        let message = Message {
            conversation: Some(text.to_owned()),
            message_context_info: Some(Box::new(MessageContextInfo {
                message_secret: Some(random_bytes::<32>().to_vec()),
                ..Default::default()
            })),
            ..Default::default()
        };
        self.contact_send_raw(name, to, message.encode_to_vec(), Vec::new(), id)
    }

    /// The same with any bytes as the Message protobuf, and with further children of the stanza, as a newer app might
    /// send them.
    pub fn contact_send_raw(
        &mut self,
        name: &str,
        to: &Destination,
        message: Vec<u8>,
        children: Vec<Node<'static>>,
        id: Option<&str>,
    ) -> Result<String, EmulatorError> {
        let from = self.active_contact(name)?;
        if message.len() > MAX_CONTENT {
            return Err(EmulatorError::option("raw", "must have at most 1 MiB"));
        }
        let id = id.map_or_else(message_id, str::to_owned);
        if let Some(chat) = to.many() {
            let recipients = to.recipients.as_deref();
            return self.phone_post(from, GroupMessage { chat, message, children, id, recipients });
        }
        let peer = self.accounts.resolve(&to.chat).ok_or_else(|| EmulatorError::UnknownRecipient(to.chat.clone()))?;
        let chat = self.accounts.get(peer).jid(true);
        let own_copy = OwnCopy {
            device_sent: Some(DeviceSent { destination: chat.to_string(), message: message.clone() }),
            message_context_info: Message::decode(&*message).ok().and_then(|message| message.message_context_info),
        };
        let sent = SentMessage { chat, message, own_copy: own_copy.encode_to_vec(), is_peer: false };
        let phone_only = to.unavailable.is_some();
        let node = children.into_iter().fold(self.encrypt_to_all(from, peer, &id, &sent, phone_only), Node::child);
        self.accounts.get_mut(from.account).phone.sent.insert(id.as_str().into(), sent);
        self.on_message(from, &node);
        if let Some(kind) = &to.unavailable {
            self.announce_unavailable(from, peer, &id, kind);
        }
        Ok(id)
    }

    fn encrypt_to_all(
        &mut self,
        from: DeviceRef,
        peer: AccountId,
        id: &str,
        sent: &SentMessage,
        phone_only: bool,
    ) -> Node<'static> {
        let devices_of = |account: AccountId| -> Vec<DeviceRef> {
            self.accounts.get(account).all_devices().map(|device| DeviceRef { account, device }).collect()
        };
        let mut targets = devices_of(peer);
        targets.retain(|target| !phone_only || target.device == 0);
        if peer != from.account {
            targets.extend(devices_of(from.account));
        }
        let mut participants = Vec::with_capacity(targets.len());
        for target in targets.into_iter().filter(|target| *target != from) {
            let message = if target.account == from.account { &sent.own_copy } else { &sent.message };
            match self.encrypt(from, target, message, false) {
                Ok(enc) => participants.push(Node::new("to").attr("jid", self.jid(target, true)).child(enc)),
                Err(error) => tracing::warn!("a phone cannot encrypt for device {}: {error}", target.device),
            }
        }
        Node::new("message")
            .attr("to", sent.chat.clone())
            .attr("id", id.to_owned())
            .attr("type", "text")
            .child(Node::new("participants").children(participants))
    }

    /// `<enc>` of a phone's message for one device, in its session or, with `renew`, in a new one.
    pub fn encrypt(
        &mut self,
        from: DeviceRef,
        to: DeviceRef,
        message: &[u8],
        renew: bool,
    ) -> Result<Node<'static>, SignalError> {
        if renew || !self.accounts.get(from.account).phone.has_session(to) {
            let bundle = if to.device == 0 {
                let (published, key) = self.accounts.get_mut(to.account).phone.publish();
                published.for_session(Some(key))
            } else {
                let key = self.take_prekey(to);
                let device = self.accounts.device(to).ok_or(SignalError::NoSession)?;
                device.bundle.for_session(key)
            };
            self.accounts.get_mut(from.account).phone.start_session(to, &bundle)?;
        }
        let ciphertext = self.accounts.get_mut(from.account).phone.encrypt(to, message)?;
        Ok(bytes("enc", &ciphertext.bytes).attr("v", "2").attr("type", ciphertext.kind.as_str()))
    }

    /// A message from the phone to one of its companions, outside any chat. Gives its id.
    pub fn send_peer_message(&mut self, to: DeviceRef, message: &[u8]) -> Option<String> {
        let from = DeviceRef { device: 0, ..to };
        let id = message_id();
        let sent = SentMessage {
            chat: self.jid(from, true),
            message: message.to_vec(),
            own_copy: message.to_vec(),
            is_peer: true,
        };
        match self.encrypt(from, to, message, false) {
            Ok(enc) => {
                let node = self.peer_message(to, &id, enc);
                self.accounts.get_mut(from.account).phone.sent.insert(id.as_str().into(), sent);
                self.on_message(from, &node);
                Some(id)
            }
            Err(error) => {
                tracing::warn!("the phone cannot write to its device {}: {error}", to.device);
                None
            }
        }
    }

    /// The envelope of a message to one of the phone's own companions, outside any chat.
    pub fn peer_message(&self, to: DeviceRef, id: &str, enc: Node<'static>) -> Node<'static> {
        Node::new("message")
            .attr("to", self.jid(to, true))
            .attr("id", id.to_owned())
            .attr("type", "text")
            .attr("category", "peer")
            .child(enc)
    }

    /// A contact reads messages that it received.
    pub fn contact_read(&mut self, name: &str, ids: &[String]) -> Result<(), EmulatorError> {
        let at = self.active_contact(name)?;
        for id in ids {
            let phone = &self.accounts.get(at.account).phone;
            let known = phone.received.get(&CompactString::from(id.as_str())).cloned();
            let message = known.ok_or_else(|| EmulatorError::NotFound(format!("message {id} that {name} received")))?;
            let author = message.from.to_bare();
            let receipt = match message.chat {
                Some(chat) => Node::new("receipt").attr("to", chat).attr("participant", author),
                None => Node::new("receipt").attr("to", author),
            };
            let receipt = receipt.attr("id", id.clone()).attr("type", "read").attr("t", self.clock.now().seconds());
            self.on_receipt(at, &receipt);
        }
        Ok(())
    }

    /// A contact's phone loses its sessions, as phones do; what it is sent next must be asked for again.
    pub fn contact_forget_sessions(&mut self, name: &str) -> Result<(), EmulatorError> {
        let at = self.active_contact(name)?;
        self.accounts.get_mut(at.account).phone.forget_all();
        Ok(())
    }
}

/// An id as phones make them: 32 upper-case hex digits.
fn message_id() -> String {
    random_bytes::<16>().iter().fold(String::with_capacity(32), |mut id, byte| {
        use std::fmt::Write as _;
        let _ = write!(id, "{byte:02X}");
        id
    })
}
