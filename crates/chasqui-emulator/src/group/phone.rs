//! Virtual phones in groups: their sender keys, what they write to many, and what they read (03-messages §1.5 and §7).
//!
//! Like a phone of flesh, one gives its sender key to each device once, and makes a new one when somebody leaves.

use std::collections::{BTreeSet, HashMap, HashSet};

use chasqui_proto::{Message, ProtoMessage as _, message::SenderKeyDistributionMessage as Envelope};
use chasqui_signal::{
    SignalError,
    padding::{pad, unpad},
    sender_key::{
        SenderKeyDistributionMessage, SenderKeyRecord, create_distribution, decrypt, encrypt, process_distribution,
    },
};
use chasqui_wire::{
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;

use super::mode;
use crate::{account::DeviceRef, error::EmulatorError, phone::SentMessage, prekeys::bytes, world::World};

/// The sender keys of one phone.
#[derive(Default)]
pub(crate) struct GroupKeys {
    own: HashMap<CompactString, OwnKey>,
    theirs: HashMap<(CompactString, DeviceRef), SenderKeyRecord>,
}

/// What the phone encrypts with in one chat, and who can read it.
#[derive(Default)]
struct OwnKey {
    record: SenderKeyRecord,
    given: HashSet<DeviceRef>,
}

impl GroupKeys {
    /// Takes the key that a device gave for a chat.
    pub fn learn(&mut self, chat: &str, from: DeviceRef, distribution: &[u8]) -> Result<(), SignalError> {
        let distribution = SenderKeyDistributionMessage::parse(distribution)?;
        process_distribution(self.theirs.entry((chat.into(), from)).or_default(), &distribution);
        Ok(())
    }

    /// Decrypts a `skmsg` and gives the Message.
    pub fn decrypt(&mut self, chat: &str, from: DeviceRef, message: &[u8]) -> Result<Vec<u8>, SignalError> {
        let record = self.theirs.get_mut(&(chat.into(), from)).ok_or(SignalError::NoSenderKey)?;
        let padded = decrypt(record, message)?;
        unpad(&padded).map(<[u8]>::to_vec)
    }

    /// The next message in a chat is under a new key.
    pub fn renew(&mut self, chat: &str) {
        self.own.remove(chat);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.own.clear();
        self.theirs.clear();
    }

    /// The Message that gives the key of a chat to whoever does not have it.
    fn distribution(&mut self, chat: &Jid) -> Vec<u8> {
        let own = self.own.entry(chat.user.clone()).or_default();
        let distribution = create_distribution(&mut own.record).encode();
        let envelope =
            Envelope { group_id: Some(chat.to_string()), axolotl_sender_key_distribution_message: Some(distribution) };
        Message { sender_key_distribution_message: Some(Box::new(envelope)), ..Default::default() }.encode_to_vec()
    }

    /// Encrypts for everybody who was given the key.
    fn encrypt(&mut self, chat: &Jid, message: &[u8]) -> Result<Vec<u8>, SignalError> {
        let own = self.own.entry(chat.user.clone()).or_default();
        let mut padded = message.to_vec();
        pad(&mut padded);
        encrypt(&mut own.record, &padded)
    }

    /// Notes that a device has the key now; false when it had it before.
    fn give(&mut self, chat: &Jid, to: DeviceRef) -> bool {
        self.own.entry(chat.user.clone()).or_default().given.insert(to)
    }
}

/// What a phone is about to write to many.
pub(crate) struct GroupMessage<'a> {
    pub chat: Jid,
    pub message: Vec<u8>,
    /// Further children of the stanza.
    pub children: Vec<Node<'static>>,
    pub id: String,
    /// Names, numbers or JIDs of those who get a status post or a message to a list; `None`: everybody there is.
    pub recipients: Option<&'a [String]>,
}

impl World {
    /// A phone writes to a group, to its status or to a broadcast list.
    pub fn phone_post(&mut self, from: DeviceRef, post: GroupMessage<'_>) -> Result<String, EmulatorError> {
        let GroupMessage { chat, message, children, id, recipients } = post;
        let targets = self.post_targets(from, &chat, recipients)?;
        let by_group = chat.is_group().then(|| self.groups.find(&chat).is_none_or(|group| group.by_lid));
        let failed = |error: SignalError| EmulatorError::Failed(format!("the phone cannot encrypt: {error}"));
        let is_list = chat.server == Server::Broadcast && chat.user != "status";
        let mut given = Vec::new();
        let mut stanza = Node::new("message")
            .attr("to", chat.clone())
            .attr("id", id.clone())
            .attr("type", "text")
            .attr_opt("addressing_mode", by_group.map(mode));
        // A list is only a way to write to each of its members.
        let pairwise = match is_list {
            true => message.clone(),
            false => self.accounts.get_mut(from.account).phone.groups.distribution(&chat),
        };
        for target in targets {
            if !is_list && !self.accounts.get_mut(from.account).phone.groups.give(&chat, target) {
                continue;
            }
            match self.encrypt(from, target, &pairwise, false) {
                Ok(enc) => {
                    let jid = self.jid(target, by_group.unwrap_or(true));
                    given.push(Node::new("to").attr("jid", jid).child(enc));
                }
                Err(error) => tracing::warn!("a phone cannot encrypt for device {}: {error}", target.device),
            }
        }
        if !given.is_empty() {
            stanza = stanza.child(Node::new("participants").children(given));
        }
        if !is_list {
            let shared = self.accounts.get_mut(from.account).phone.groups.encrypt(&chat, &message).map_err(failed)?;
            stanza = stanza.child(bytes("enc", &shared).attr("v", "2").attr("type", "skmsg"));
        }
        let sent = SentMessage { chat, own_copy: message.clone(), message, is_peer: false };
        self.accounts.get_mut(from.account).phone.sent.insert(id.as_str().into(), sent);
        let stanza = children.into_iter().fold(stanza, Node::child);
        self.on_message(from, &stanza);
        Ok(id)
    }

    /// The devices that a message to many is for.
    fn post_targets(
        &self,
        from: DeviceRef,
        chat: &Jid,
        recipients: Option<&[String]>,
    ) -> Result<BTreeSet<DeviceRef>, EmulatorError> {
        let accounts = match (chat.is_group(), recipients) {
            (true, _) => {
                let group = self.groups.find(chat).ok_or_else(|| EmulatorError::UnknownRecipient(chat.to_string()))?;
                if !group.is_member(from.account) {
                    let name = &self.accounts.get(from.account).name;
                    return Err(EmulatorError::Failed(format!("{name} is not in the group {chat}")));
                }
                group.accounts()
            }
            (false, Some(named)) => {
                let find = |text: &String| {
                    self.accounts.resolve(text).ok_or_else(|| EmulatorError::UnknownRecipient(text.clone()))
                };
                named.iter().map(find).collect::<Result<_, _>>()?
            }
            (false, None) => self.accounts.iter().map(|(id, _)| id).collect(),
        };
        let mut targets: BTreeSet<DeviceRef> =
            accounts.into_iter().flat_map(|account| self.listeners(account)).collect();
        targets.remove(&from);
        Ok(targets)
    }

    /// A message to many again, for one device that could not read it: in its own session, with the key of the chat.
    pub fn resend_post(&mut self, at: DeviceRef, to: DeviceRef, id: &str, sent: &SentMessage, attempt: (bool, u64)) {
        let (renew, count) = attempt;
        let is_group = sent.chat.is_group();
        let by_lid = match self.groups.find(&sent.chat) {
            Some(group) if group.is_member(to.account) => group.by_lid,
            // It left: what was said is not for it any more.
            Some(_) => return,
            None => true,
        };
        let mut message = sent.message.clone();
        // In a protobuf a further field is as good as one that was there from the start.
        message.extend(self.accounts.get_mut(at.account).phone.groups.distribution(&sent.chat));
        let Ok(enc) = self.encrypt(at, to, &message, renew) else { return };
        self.accounts.get_mut(at.account).phone.groups.give(&sent.chat, to);
        let node = Node::new("message")
            .attr("to", sent.chat.clone())
            .attr("id", id.to_owned())
            .attr("type", "text")
            .attr("participant", self.jid(to, by_lid))
            .attr_opt("addressing_mode", is_group.then(|| mode(by_lid)))
            .child(enc.attr("count", count));
        self.on_message(at, &node);
    }
}

/// Whether a Message holds nothing but a sender key.
pub(crate) fn only_gives_key(message: &Message) -> bool {
    message.sender_key_distribution_message.is_some() && {
        let rest = Message { sender_key_distribution_message: None, message_context_info: None, ..message.clone() };
        rest == Message::default()
    }
}
