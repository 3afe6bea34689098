//! What phones do with the stanzas that they get: decrypt, acknowledge, ask for and answer resends.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_proto::{Message, ProtoMessage as _};
use chasqui_signal::SignalError;
use chasqui_wire::{
    PublicKey,
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;

use crate::{
    account::DeviceRef,
    events::ContactEvent,
    group::only_gives_key,
    history::history_request,
    phone::ReceivedMessage,
    phone_requests::Archived,
    phone_state::asked_keys,
    prekeys::{OneTimeKey, PrekeyBundle, SignedKey, bytes},
    queue::{Entry, Kind},
    world::World,
};

/// How often a phone asks for one message, and answers for one.
const MAX_RETRIES: u8 = 5;

/// A message as it came to a phone.
struct Incoming<'n> {
    at: DeviceRef,
    sender: DeviceRef,
    /// The sender's device as the stanza names it.
    from: Jid,
    /// The group, the status or the list that it came in.
    chat: Option<Jid>,
    id: CompactString,
    encryption: String,
    node: &'n Node<'static>,
}

impl World {
    /// A stanza for a phone.
    pub fn on_phone_stanza(&mut self, at: DeviceRef, entry: &Entry) {
        match entry.kind {
            Kind::Message => self.on_phone_message(at, &entry.node),
            Kind::Receipt => self.on_phone_receipt(at, &entry.node),
            Kind::Call => self.on_phone_call(at, &entry.node),
            Kind::Notification | Kind::Chatstate => {}
        }
    }

    fn on_phone_message(&mut self, at: DeviceRef, node: &Node<'static>) {
        let Some((chat, from)) = who_and_where(node) else { return };
        let Some(sender) = self.accounts.device_ref(&from) else { return };
        let Some(id) = node.get_str("id").map(|id| CompactString::from(&*id)) else { return };
        let mut incoming = Incoming { at, sender, from, chat, id, encryption: String::new(), node };
        // What is for this device alone may hold the key for what is for all.
        let (shared, own): (Vec<_>, Vec<_>) = node.all("enc").partition(|enc| enc.is("type", "skmsg"));
        for enc in own.into_iter().chain(shared) {
            incoming.encryption = enc.get_str("type").unwrap_or_default().into_owned();
            let phone = &mut self.accounts.get_mut(at.account).phone;
            let ciphertext = enc.content_bytes().unwrap_or_default();
            let plaintext = match (&incoming.chat, incoming.encryption.as_str()) {
                (Some(chat), "skmsg") => phone.groups.decrypt(&chat.user, sender, ciphertext),
                (_, kind) => phone.decrypt(sender, kind, ciphertext),
            };
            match plaintext {
                Ok(plaintext) => self.on_phone_plaintext(&incoming, &plaintext),
                // Processed before; say so again.
                Err(SignalError::Duplicate) if phone.active => self.confirm(&incoming),
                Err(error) if phone.active || node.is("category", "peer") => return self.ask_again(&incoming, error),
                Err(_) => return,
            }
        }
    }

    fn on_phone_plaintext(&mut self, incoming: &Incoming<'_>, plaintext: &[u8]) {
        let Incoming { at, sender, node, .. } = *incoming;
        let Ok(message) = Message::decode(plaintext) else {
            return tracing::warn!("device {} sent a phone something that is no Message", sender.device);
        };
        let from_me = sender.account == at.account;
        if let Some(chat) = &incoming.chat
            && let Some(key) = message.sender_key_distribution_message.as_deref()
        {
            let phone = &mut self.accounts.get_mut(at.account).phone;
            let distribution = key.axolotl_sender_key_distribution_message.as_deref().unwrap_or_default();
            if let Err(error) = phone.groups.learn(&chat.user, sender, distribution) {
                tracing::warn!("device {} gave a phone a sender key that is none: {error}", sender.device);
            }
            if only_gives_key(&message) {
                return;
            }
        }
        self.accounts.get_mut(at.account).phone.retries.remove(&incoming.id);
        if node.is("category", "peer") {
            if let Some(asked) = asked_keys(&message).filter(|_| from_me) {
                self.share_keys(sender, Some(&asked));
            } else if let Some(asked) = history_request(&message).filter(|_| from_me) {
                self.on_history_request(sender, &incoming.id, asked);
            } else if from_me {
                self.on_peer_request(sender, &incoming.id, &message);
            }
            return;
        }
        if !self.accounts.get(at.account).devices.is_empty() {
            self.archive(incoming, &message, plaintext);
        }
        if !self.accounts.get(at.account).phone.active {
            return;
        }
        let person = if from_me { node.get_jid("recipient") } else { None };
        let person = person.and_then(|chat| self.accounts.find(&chat)).unwrap_or(sender.account);
        let chat = incoming.chat.clone().unwrap_or_else(|| self.accounts.get(person).jid(false));
        let inner = message.device_sent_message.as_ref().filter(|_| from_me).and_then(|sent| sent.message.as_deref());
        let author = self.accounts.get(sender.account);
        let event = ContactEvent::Message {
            contact: self.accounts.get(at.account).name.clone(),
            id: incoming.id.to_string(),
            group: incoming.chat.as_ref().filter(|chat| chat.is_group()).map(Jid::to_string),
            chat: chat.to_string(),
            from: author.jid(false).to_string(),
            from_lid: author.jid(true).to_string(),
            from_device: sender.device,
            from_me,
            push_name: node.get_str("notify").map(String::from),
            text: text_of(inner.unwrap_or(&message)),
            encryption: incoming.encryption.clone(),
            timestamp: node.get_u64("t").unwrap_or(0).saturating_mul(1000),
            message: BASE64.encode(plaintext),
        };
        let phone = &mut self.accounts.get_mut(at.account).phone;
        // A client that did not see the ack sends again under the same id; a person is shown it once.
        let known = phone.received.get(&incoming.id).is_some_and(|known| known.from.same_user(&incoming.from));
        if !known {
            let received = ReceivedMessage { from: incoming.from.clone(), chat: incoming.chat.clone() };
            phone.received.insert(incoming.id.clone(), received);
            self.events.push(event);
        }
        self.confirm(incoming);
    }

    /// Keeps a message for the companions that could not get it.
    fn archive(&mut self, incoming: &Incoming<'_>, message: &Message, plaintext: &[u8]) {
        let Incoming { at, sender, node, .. } = *incoming;
        let from_me = sender.account == at.account;
        let recipient = if from_me { node.get_jid("recipient") } else { None };
        let inner = message.device_sent_message.as_ref().filter(|_| from_me).and_then(|sent| sent.message.as_deref());
        let archived = Archived {
            chat: incoming.chat.clone().or(recipient).unwrap_or_else(|| incoming.from.to_bare()),
            author: incoming.chat.is_some().then(|| incoming.from.to_bare()),
            from_me,
            push_name: node.get_str("notify").map(String::from),
            timestamp: node.get_u64("t").unwrap_or(0),
            message: inner.map_or_else(|| plaintext.to_vec(), Message::encode_to_vec),
        };
        self.accounts.get_mut(at.account).phone.archive.insert(incoming.id.clone(), archived);
    }

    /// The receipt for a message that was decrypted.
    fn confirm(&mut self, incoming: &Incoming<'_>) {
        let own = incoming.sender.account == incoming.at.account;
        let receipt = incoming.receipt();
        let receipt = match incoming.node.get_jid("recipient") {
            Some(chat) => receipt.attr("type", "sender").attr("recipient", chat),
            None if own && incoming.chat.is_some() => receipt.attr("type", "sender"),
            None => receipt,
        };
        self.on_receipt(incoming.at, &receipt);
    }

    fn ask_again(&mut self, incoming: &Incoming<'_>, error: SignalError) {
        let Incoming { at, sender, node, .. } = *incoming;
        let now = self.clock.now().seconds();
        let from_pn = self.accounts.get(sender.account).jid(false).to_string();
        let account = self.accounts.get_mut(at.account);
        let phone = &mut account.phone;
        let count = phone.retries.get(&incoming.id).copied().unwrap_or(0) + 1;
        if count > MAX_RETRIES {
            return;
        }
        phone.retries.insert(incoming.id.clone(), count);
        let retry = Node::new("retry")
            .attr("v", "1")
            .attr("count", count)
            .attr("id", incoming.id.clone())
            .attr("t", node.get_u64("t").unwrap_or(now))
            .attr("error", "0");
        let mut children = vec![retry, bytes("registration", &phone.registration())];
        if count > 1 {
            let (bundle, key) = phone.publish();
            children.push(Node::new("keys").children([
                bytes("type", &[5]),
                bytes("identity", bundle.identity.as_bytes()),
                key.to_node(),
                bundle.signed.to_node(),
            ]));
        }
        if phone.active {
            self.events.push(ContactEvent::Undecryptable {
                contact: account.name.clone(),
                id: incoming.id.to_string(),
                from: from_pn,
                from_device: sender.device,
                reason: error.to_string(),
            });
        }
        let receipt = incoming
            .receipt()
            .attr("type", "retry")
            .attr_opt("recipient", node.get_jid("recipient"))
            .children(children);
        self.on_receipt(at, &receipt);
    }

    fn on_phone_receipt(&mut self, at: DeviceRef, node: &Node<'static>) {
        let Some((chat, from)) = who_and_where(node) else { return };
        let Some(reader) = self.accounts.device_ref(&from) else { return };
        let Some(id) = node.get_str("id").map(|id| CompactString::from(&*id)) else { return };
        let kind = node.get_str("type").unwrap_or_else(|| "delivery".into()).into_owned();
        if kind == "retry" {
            self.resend(at, reader, &id, node);
        }
        let phone = &self.accounts.get(at.account).phone;
        if !phone.active {
            return;
        }
        let listed = node.find("list").into_iter().flat_map(Node::nodes).filter_map(|item| item.get_str("id"));
        let mut ids: Vec<String> = listed.map(String::from).collect();
        if ids.is_empty() {
            ids.push(id.to_string());
        }
        self.events.push(ContactEvent::Receipt {
            contact: self.accounts.get(at.account).name.clone(),
            ids,
            receipt: kind,
            group: chat.map(|chat| chat.to_string()),
            from: self.accounts.get(reader.account).jid(false).to_string(),
            from_device: reader.device,
            timestamp: self.clock.now().0,
        });
    }

    /// Answers a device that could not decrypt: the same message in a new session (03-messages §16.2).
    fn resend(&mut self, at: DeviceRef, to: DeviceRef, id: &CompactString, node: &Node<'static>) {
        let phone = &mut self.accounts.get_mut(at.account).phone;
        let Some(sent) = phone.sent.get(id).cloned() else { return };
        let count = node.find("retry").and_then(|retry| retry.get_u64("count")).unwrap_or(1);
        if count > u64::from(MAX_RETRIES) {
            return;
        }
        let offered = node.find("keys").and_then(|keys| read_keys(keys, node));
        let renew = match offered {
            Some((bundle, key)) => phone.start_session(to, &bundle.for_session(key)).is_err(),
            None => true,
        };
        if matches!(sent.chat.server, Server::Group | Server::Broadcast) {
            return self.resend_post(at, to, id, &sent, (renew, count));
        }
        let message = if to.account == at.account { &sent.own_copy } else { &sent.message };
        let Ok(enc) = self.encrypt(at, to, message, renew) else { return };
        let enc = enc.attr("count", count);
        let message = if sent.is_peer {
            self.peer_message(to, id, enc)
        } else {
            let own = to.account == at.account;
            Node::new("message")
                .attr("to", self.jid(to, true))
                .attr("id", id.clone())
                .attr("type", "text")
                .attr("device_fanout", "false")
                .attr_opt("recipient", own.then(|| sent.chat.clone()))
                .child(enc)
        };
        self.on_message(at, &message);
    }
}

impl Incoming<'_> {
    /// A receipt that goes back where the message came from.
    fn receipt(&self) -> Node<'static> {
        let receipt = match &self.chat {
            Some(chat) => Node::new("receipt").attr("to", chat.clone()).attr("participant", self.from.clone()),
            None => Node::new("receipt").attr("to", self.from.clone()),
        };
        receipt.attr("id", self.id.clone())
    }
}

/// The group, the status or the list that a stanza belongs to, if any, and the device that it comes from.
fn who_and_where(node: &Node<'_>) -> Option<(Option<Jid>, Jid)> {
    let from = node.get_jid("from")?;
    match from.server {
        Server::Group | Server::Broadcast => Some((Some(from), node.get_jid("participant")?)),
        _ => Some((None, from)),
    }
}

/// The keys in a retry receipt.
fn read_keys(keys: &Node<'_>, receipt: &Node<'_>) -> Option<(PrekeyBundle, Option<OneTimeKey>)> {
    let registration = receipt.need("registration").ok()?.need_bytes().ok()?;
    let identity = PublicKey::new(keys.need("identity").ok()?.need_bytes().ok()?);
    let signed = SignedKey::read(keys.need("skey").ok()?).ok()?;
    let key = keys.find("key").and_then(|key| OneTimeKey::read(key).ok());
    Some((PrekeyBundle::new(registration, identity, signed), key))
}

fn text_of(message: &Message) -> Option<String> {
    let extended = || message.extended_text_message.as_ref().and_then(|text| text.text.clone());
    message.conversation.clone().filter(|text| !text.is_empty()).or_else(extended)
}
