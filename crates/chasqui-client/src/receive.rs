//! Receiving: envelope, decryption, what it changes, the receipt, the event.
//!
//! Everything that one stanza changes goes into the turn's batch; its receipt and its event follow the commit.
//! Source: 03-messages §10.

use std::sync::atomic::Ordering;

use chasqui_proto::{Message as MessageProto, ProtoMessage};
use chasqui_requests::Plain;
use chasqui_signal::{PreKey, PreKeyMessage, SessionRecord, SignalError, padding};
use chasqui_store::Namespace;
use chasqui_wire::{Jid, Node, Server};

use crate::{
    actor::{Actor, Fault},
    adv,
    beside::beside,
    connection::unix_now,
    content::{self, Described},
    message::{Message, Sender, Source},
    peer_data::{self, UNAVAILABLE_WAIT},
    prekeys,
    sender_keys::Distribution,
    wire::{Problem, Wire},
};

/// Refusals told to the server.
const PARSING_ERROR: u16 = 487;
const INVALID_PROTOBUF: u16 = 491;
const MISSING_SECRET: u16 = 495;
const UNHANDLED: u16 = 500;

/// What a `<message>` says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    pub id: String,
    /// As the stanza says it: the address of receipts.
    pub from: Jid,
    pub participant: Option<Jid>,
    pub recipient: Option<Jid>,
    pub chat: Jid,
    /// The sending device.
    pub sender: Jid,
    pub from_me: bool,
    pub peer: bool,
    pub offline: bool,
    /// Unix seconds.
    pub timestamp: u64,
    pub push_name: Option<String>,
    pub nodes: Vec<Plain>,
    /// In a channel: the number that the service gave the message.
    pub server_id: Option<u64>,
    /// As it came, where the program wants that.
    pub wire: Option<Box<Wire>>,
}

/// What became of an encrypted part.
enum Opened {
    /// The `Message` protobuf.
    Plaintext(Vec<u8>),
    /// It was handled before.
    Duplicate,
    /// It cannot be decrypted: ask the sender again.
    Failed(SignalError),
    /// It decrypts to something that is no message.
    Malformed,
}

impl Actor {
    pub(crate) async fn on_message(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        self.check_inbox()?;
        let Some(envelope) = self.envelope(node) else {
            tracing::warn!(session = %self.name, "a message without a usable envelope was refused");
            self.acknowledge(node, Some(PARSING_ERROR));
            return Ok(());
        };
        self.load_recent().await?;
        self.learn_from(node).await?;
        // Only a channel's messages come unencrypted. From anybody else nothing would prove who wrote it.
        if envelope.from.server == Server::Newsletter
            && let Some(plaintext) =
                node.find("plaintext").map(|plaintext| plaintext.content_bytes().unwrap_or_default())
        {
            return self.on_post(envelope, node, plaintext).await;
        }
        let mut parts: Vec<_> = node.all("enc").collect();
        // A bot's answer, encrypted with the secret of a question that was not asked here.
        if !parts.is_empty() && parts.iter().all(|enc| enc.is("type", "msmsg")) {
            self.acknowledge(node, Some(MISSING_SECRET));
            return self.placeholder(&envelope, Problem::Absent).await;
        }
        // What carries a group's key comes before what needs it.
        parts.sort_by_key(|enc| enc.is("type", "skmsg"));
        let for_all = parts.last().is_some_and(|enc| enc.is("type", "skmsg"));
        let mut confirmed = false;
        let mut before = Vec::new();
        for enc in &parts {
            match self.open(enc, &envelope, adv::device_identity(node)).await? {
                Opened::Plaintext(mut message) => {
                    let key = self.take_distribution(&envelope, &message).await?;
                    if for_all && !enc.is("type", "skmsg") {
                        // It is there for the key; the message follows.
                        before = message;
                        continue;
                    }
                    if key == Distribution::Malformed && content::is_only_key(&message) {
                        self.acknowledge(node, Some(INVALID_PROTOBUF));
                        return Ok(());
                    }
                    if envelope.wire.is_some() && !before.is_empty() {
                        // Protobufs one after the other are one.
                        message.splice(..0, std::mem::take(&mut before));
                    }
                    if !self.seen(&envelope).await? {
                        self.on_readable(&envelope).await?;
                        if !self.take_in(&envelope, message).await? {
                            self.acknowledge(node, Some(INVALID_PROTOBUF));
                            return Ok(());
                        }
                    }
                    confirmed = true;
                }
                Opened::Duplicate => {
                    // Some clients encrypt two messages under one key when they send and receive at once (Baileys,
                    // 500 in each direction): the second is another message, and would be lost unless asked for.
                    if self.is_new(&envelope).await? {
                        tracing::warn!(session = %self.name, id = envelope.id, "encrypted under a used key");
                        return self.on_undecryptable(envelope, SignalError::Duplicate).await;
                    }
                    confirmed = true;
                }
                Opened::Malformed => {
                    self.acknowledge(node, Some(INVALID_PROTOBUF));
                    return self.placeholder(&envelope, Problem::Malformed).await;
                }
                Opened::Failed(failure) => {
                    if self.seen_before(&envelope).await? {
                        confirmed = true;
                        break;
                    }
                    tracing::warn!(session = %self.name, id = envelope.id, "cannot decrypt: {failure}");
                    return self.on_undecryptable(envelope, failure).await;
                }
            }
        }
        if confirmed {
            self.confirm(&envelope);
            return Ok(());
        }
        // Nothing is in it that we could decrypt: the sender did not encrypt for this device, or by a scheme that is
        // not there yet.
        self.acknowledge(node, None);
        if peer_data::phone_has_it(node) {
            self.want_from_phone(&envelope, UNAVAILABLE_WAIT);
        }
        match node.find("unavailable") {
            Some(why) if !envelope.peer => {
                let mut described = Described::of("unavailable");
                described.details.view_once = why.get_str("type").is_some_and(|kind| kind.starts_with("view_once"));
                self.surface(&envelope, &envelope.chat.clone(), described, Vec::new()).await
            }
            _ => self.placeholder(&envelope, Problem::Absent).await,
        }
    }

    fn envelope(&self, node: &Node<'_>) -> Option<Envelope> {
        let id = node.get_str("id")?.into_owned();
        let from = node.get_jid("from")?;
        let participant = node.get_jid("participant");
        let recipient = node.get_jid("recipient");
        let own =
            |jid: &Jid| self.creds.paired.as_ref().is_some_and(|me| jid.same_user(&me.pn) || jid.same_user(&me.lid));
        let (chat, sender, from_me) = if from.is_user() {
            match (own(&from), &recipient) {
                (true, Some(recipient)) => (recipient.to_bare(), from.clone(), true),
                (true, None) => (from.to_bare(), from.clone(), true),
                (false, None) => (from.to_bare(), from.clone(), false),
                (false, Some(_)) => return None,
            }
        } else if matches!(from.server, Server::Newsletter | Server::Bot) {
            (from.clone(), from.clone(), from.server == Server::Newsletter && node.is("is_sender", "true"))
        } else {
            let sender = participant.clone()?;
            let from_me = own(&sender);
            (from.clone(), sender, from_me)
        };
        Some(Envelope {
            id,
            participant,
            recipient,
            chat,
            // Only the own devices have anything to say to each other.
            peer: from_me && node.is("category", "peer"),
            sender,
            from_me,
            offline: node.get("offline").is_some(),
            timestamp: node.get_u64("t").unwrap_or_else(unix_now),
            push_name: node.get_str("notify").map(|name| name.into_owned()),
            nodes: beside(node),
            server_id: node.get_u64("server_id").filter(|_| from.server == Server::Newsletter),
            wire: self.options.wire.then(|| Box::new(Wire::of(node))),
            from,
        })
    }

    /// Decrypts one part.
    async fn open(&mut self, enc: &Node<'_>, envelope: &Envelope, proof: Option<&[u8]>) -> Result<Opened, Fault> {
        let sender = &envelope.sender;
        let Some(bytes) = enc.content_bytes() else { return Ok(Opened::Failed(SignalError::InvalidMessage)) };
        let result = match enc.get_str("type").unwrap_or_default().as_ref() {
            "pkmsg" => self.open_prekey(bytes, sender, proof).await?,
            "msg" => self.open_whisper(bytes, sender).await?,
            "skmsg" => self.open_group_message(bytes, envelope).await?,
            _ => return Ok(Opened::Failed(SignalError::NoSession)),
        };
        Ok(match result {
            Ok(padded) => match padding::unpad(&padded) {
                Ok(plaintext) => Opened::Plaintext(plaintext.to_vec()),
                Err(_) => Opened::Malformed,
            },
            Err(SignalError::Duplicate) => Opened::Duplicate,
            Err(failure) => Opened::Failed(failure),
        })
    }

    pub(crate) async fn open_whisper(
        &mut self,
        bytes: &[u8],
        sender: &Jid,
    ) -> Result<Result<Vec<u8>, SignalError>, Fault> {
        let address = self.address(sender).await?;
        let Some(mut record) = self.session(&address).await? else { return Ok(Err(SignalError::NoSession)) };
        let result = chasqui_signal::decrypt(&mut record, bytes, &self.creds.identity.public);
        match &result {
            Ok(_) => self.keep_session(address, record),
            Err(_) => self.return_session(address, record),
        }
        Ok(result)
    }

    pub(crate) async fn open_prekey(
        &mut self,
        bytes: &[u8],
        sender: &Jid,
        proof: Option<&[u8]>,
    ) -> Result<Result<Vec<u8>, SignalError>, Fault> {
        let message = match PreKeyMessage::parse(bytes) {
            Ok(message) => message,
            Err(failure) => return Ok(Err(failure)),
        };
        let address = self.address(sender).await?;
        let stored = self.session(&address).await?;
        let existed = stored.is_some();
        let mut record = stored.unwrap_or_else(SessionRecord::new);
        if !record.knows_base_key(&message.base_key) && !self.is_proven(sender, &message.identity, proof).await? {
            if existed {
                self.return_session(address, record);
            }
            return Ok(Err(SignalError::InvalidSignature));
        }
        let mut prekey = None;
        if !record.knows_base_key(&message.base_key)
            && let Some(id) = message.prekey_id
        {
            let bytes = self.read(prekeys::key(id)).await?;
            prekey = bytes.and_then(|bytes| PreKey::from_bytes(&bytes).ok());
        }
        let identity = self.creds.identity.clone();
        let signed = self.signed_prekey(message.signed_prekey_id).await?;
        let result = chasqui_signal::decrypt_prekey(&mut record, &message, &identity, signed.as_ref(), prekey.as_ref());
        match result {
            Ok(decrypted) => {
                if let Some(id) = decrypted.used_prekey {
                    self.turn.batch.delete(Namespace::PreKey, prekeys::key(id).bytes);
                }
                self.keep_session(address, record);
                if decrypted.new_session {
                    self.recognise(sender, &decrypted.identity).await?;
                }
                Ok(Ok(decrypted.plaintext))
            }
            Err(failure) => {
                if existed {
                    self.return_session(address, record);
                }
                Ok(Err(failure))
            }
        }
    }

    /// Acts on a decrypted message. `false` when our schema cannot read it; the program still gets it, as bytes.
    pub(crate) async fn take_in(&mut self, envelope: &Envelope, message: Vec<u8>) -> Result<bool, Fault> {
        let mut chat = envelope.chat.clone();
        let mut raw = message.as_slice();
        if let Some((destination, inner)) = content::unwrap_device_sent(raw).filter(|_| envelope.from_me) {
            raw = inner;
            if envelope.from.is_user() && envelope.recipient.is_none() && !envelope.peer {
                chat = destination.parse::<Jid>().map_or(chat, |jid| jid.to_bare());
            }
        }
        let decoded = MessageProto::decode(raw);
        let readable = decoded.is_ok();
        let proto = decoded.unwrap_or_default();
        if envelope.from_me {
            self.learn_own_name(envelope);
        }
        if envelope.peer {
            self.on_peer_message(envelope, &proto).await?;
        }
        if envelope.wire.is_some() {
            self.shared.received.fetch_add(1, Ordering::Relaxed);
            self.deliver_wire(envelope, raw.to_vec(), None);
            return Ok(readable);
        }
        if envelope.peer {
            return Ok(readable);
        }
        let described = content::describe(raw, &proto);
        if content::is_silent(raw, &described) {
            return Ok(readable);
        }
        self.shared.received.fetch_add(1, Ordering::Relaxed);
        if let Some(secret) = content::secret_of(raw).or_else(|| content::secret_of(&message)) {
            self.keep_described(&chat, &envelope.sender, &envelope.id, secret, &described).await?;
        }
        let mut described = self.resolve(envelope, &chat, described).await?;
        described.details.server_id = envelope.server_id;
        self.surface(envelope, &chat, described, raw.to_vec()).await?;
        Ok(readable)
    }

    /// Tells that a message is there that cannot be read.
    pub(crate) async fn placeholder(&mut self, envelope: &Envelope, problem: Problem) -> Result<(), Fault> {
        if envelope.peer {
            return Ok(());
        }
        self.shared.undecryptable.fetch_add(1, Ordering::Relaxed);
        if envelope.wire.is_some() {
            self.deliver_wire(envelope, Vec::new(), Some(problem));
            return Ok(());
        }
        let described = Described::of("undecryptable");
        self.surface(envelope, &envelope.chat.clone(), described, Vec::new()).await
    }

    pub(crate) async fn surface(
        &mut self,
        envelope: &Envelope,
        chat: &Jid,
        described: Described,
        raw: Vec<u8>,
    ) -> Result<(), Fault> {
        if envelope.wire.is_some() {
            self.deliver_wire(envelope, raw, None);
            return Ok(());
        }
        let source = match (envelope.from_me, envelope.offline) {
            (true, _) => Source::OwnDevice,
            (false, true) => Source::Offline,
            (false, false) => Source::Live,
        };
        let message = self.shown_message(envelope, chat, source, described, raw).await?;
        self.deliver(message);
        Ok(())
    }

    /// A message that this device sends, in the public form; `None` for what nobody is shown.
    pub(crate) async fn described_sent(&mut self, id: &str, chat: &Jid, raw: &[u8]) -> Result<Option<Message>, Fault> {
        let Some(own) = self.own_device(chat) else { return Ok(None) };
        let described = content::describe(raw, &MessageProto::decode(raw).unwrap_or_default());
        if content::is_silent(raw, &described) {
            return Ok(None);
        }
        let envelope = Envelope {
            id: id.to_owned(),
            from: own.clone(),
            participant: None,
            recipient: None,
            chat: chat.clone(),
            sender: own,
            from_me: true,
            peer: false,
            offline: false,
            timestamp: unix_now().saturating_add_signed(self.clock_offset),
            push_name: self.creds.push_name.clone(),
            nodes: Vec::new(),
            server_id: None,
            wire: None,
        };
        let described = self.resolve(&envelope, chat, described).await?;
        self.shown_message(&envelope, chat, Source::Echo, described, raw.to_vec()).await.map(Some)
    }

    async fn shown_message(
        &mut self,
        envelope: &Envelope,
        chat: &Jid,
        source: Source,
        described: Described,
        raw: Vec<u8>,
    ) -> Result<Message, Fault> {
        let person = self.person(&envelope.sender).await?;
        let chat = self.shown(chat).await?;
        Ok(Message {
            id: envelope.id.clone(),
            chat: chat.to_string(),
            sender: Sender {
                jid: person.shown().unwrap_or(&envelope.sender).to_string(),
                pn: person.pn.map(|jid| jid.to_string()),
                lid: person.lid.map(|jid| jid.to_string()),
                device: envelope.sender.device,
                name: envelope.push_name.clone(),
            },
            from_me: envelope.from_me,
            source,
            timestamp: envelope.timestamp.saturating_mul(1000),
            kind: described.kind.to_owned(),
            text: described.text,
            quoted: described.quoted,
            mentions: described.mentions,
            details: Box::new(described.details),
            nodes: envelope.nodes.clone(),
            redelivered: false,
            raw,
        })
    }

    /// Own devices write the account's own push name beside their messages.
    fn learn_own_name(&mut self, envelope: &Envelope) {
        let Some(name) = envelope.push_name.as_ref().filter(|name| !name.is_empty() && name.len() <= 256) else {
            return;
        };
        if self.creds.push_name.as_ref() != Some(name) {
            self.creds.push_name = Some(name.clone());
            self.save_creds();
            self.show_user();
            if self.is_open() {
                self.announce_presence();
            }
        }
    }

    /// Refuses a message for good: it is not asked for again.
    pub(crate) fn refuse_message(&mut self, envelope: &Envelope) {
        let message = Node::new("message")
            .attr("id", envelope.id.clone())
            .attr("from", &envelope.from)
            .attr_opt("participant", envelope.participant.as_ref())
            .attr_opt("recipient", envelope.recipient.as_ref());
        self.acknowledge(&message, Some(UNHANDLED));
    }
}
