//! Retries, both ways: asking a sender for a message that does not decrypt, and sending one again that a device asks for.
//!
//! So many requests per message as the options allow, with fresh keys from the second on. Source: 03-messages §16.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_requests::signal::Unread;
use chasqui_signal::{Kind, PreKey, PreKeyBundle, SignalAddress, SignalError};
use chasqui_store::Namespace;
use chasqui_wire::{Jid, Node, curve::DJB_TYPE};
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    adv,
    bundles::bundle_keys,
    cache::Cache,
    content, error,
    groups::Lookup,
    identity::Offer,
    outbox::Outgoing,
    peer_data::UNREADABLE_WAIT,
    prekeys,
    question::Asked,
    receive::Envelope,
    send::{Job, Step},
    sent::SentMessage,
};

/// From this request on, keys for a new session go along.
const KEYS_FROM: u32 = 2;
/// Messages whose requests are counted.
const COUNTED: usize = 1024;
/// Messages that wait for their turn to be asked for; the server keeps them until then.
const WAITING: usize = 4096;
/// How long a device has for the answer to one request before the next ones leave.
const WINDOW: Duration = Duration::from_secs(2);
/// A device that has sent no receipt for so long has read what was sent to it.
const QUIET: Duration = Duration::from_secs(1);
/// The longest wait for quiet.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often messages were asked for, and given again; and which wait to be asked for.
///
/// A device answers a request in a new session. While it still reads what we sent in an older one, it may spoil the new
/// one by that (Baileys does; docs/protocol-notes.md), and gives a message no more than twice. So one request leaves at
/// a time, and after an answer that is unreadable too, the next one waits until the device is quiet. A message that
/// waits is not acknowledged: if the connection ends, the server gives it again.
pub(crate) struct Retries {
    asked: Cache<String, u32>,
    given: Cache<String, u32>,
    waiting: VecDeque<Waiting>,
    paces: HashMap<Jid, Pace>,
}

struct Waiting {
    device: Jid,
    envelope: Envelope,
    failure: SignalError,
}

/// When the next request to a device leaves.
struct Pace {
    until: Instant,
    /// Receipts of the device put it off, at most until then.
    patience: Instant,
    /// One request leaves, or all.
    one: bool,
}

impl Pace {
    fn answer(now: Instant) -> Self {
        Self { until: now + WINDOW, patience: now + PATIENCE, one: false }
    }

    fn quiet(now: Instant) -> Self {
        Self { until: now + QUIET, patience: now + PATIENCE, one: true }
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self { asked: Cache::new(COUNTED), given: Cache::new(COUNTED), waiting: VecDeque::new(), paces: HashMap::new() }
    }
}

impl Retries {
    /// Messages counted, both ways, and waiting.
    pub fn len(&self) -> usize {
        self.asked.len() + self.given.len() + self.waiting.len()
    }

    /// Most messages counted and waiting.
    pub fn cap(&self) -> usize {
        self.asked.cap() + self.given.cap() + WAITING
    }

    /// What waits comes again with the next connection.
    pub fn connection_ended(&mut self) {
        self.waiting.clear();
        self.paces.clear();
    }

    /// When a device's time is up.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.paces.values().map(|pace| pace.until).min()
    }

    fn take_waiting(&mut self, device: &Jid) -> Option<Waiting> {
        let at = self.waiting.iter().position(|waiting| waiting.device == *device)?;
        self.waiting.remove(at)
    }
}

fn count_up(cache: &mut Cache<String, u32>, key: String) -> u32 {
    let count = cache.get(&key).copied().unwrap_or(0) + 1;
    cache.put(key, count);
    cache.trim();
    count
}

/// As whom a program counts the author of a message that is asked for.
fn author(envelope: &Envelope) -> String {
    envelope.participant.as_ref().map(|author| author.to_bare().to_string()).unwrap_or_default()
}

fn request_key(device: &Jid, id: &str) -> String {
    format!("{id} {device}")
}

/// A device's request for a message, as it came.
#[derive(Debug)]
pub(crate) struct Wish {
    pub id: String,
    from: Jid,
    device: Jid,
    recipient: Option<Jid>,
    count: u64,
    registration: Option<u32>,
    bundle: Option<PreKeyBundle>,
    /// What proves the bundle's identity.
    proof: Option<Vec<u8>>,
}

impl Wish {
    fn read(node: &Node<'_>) -> Option<Self> {
        let from = node.get_jid("from")?;
        let registration = node
            .find("registration")
            .and_then(|registration| registration.need_bytes::<4>().ok())
            .map(u32::from_be_bytes);
        let keys = node.find("keys");
        Some(Self {
            id: node.get_str("id")?.into_owned(),
            device: node.get_jid("participant").unwrap_or_else(|| from.clone()),
            from,
            recipient: node.get_jid("recipient"),
            count: node.find("retry").and_then(|retry| retry.get_u64("count")).unwrap_or(1),
            registration,
            bundle: keys.and_then(|keys| bundle_keys(keys, registration.unwrap_or(0)).ok()),
            proof: keys.and_then(adv::device_identity).map(<[u8]>::to_vec),
        })
    }

    /// The chat of the message, as the request tells it.
    pub fn chat(&self) -> Jid {
        self.recipient.as_ref().unwrap_or(&self.from).to_bare()
    }
}

/// A device that gets a message again.
#[derive(Debug)]
pub(crate) struct Resend {
    id: String,
    chat: Jid,
    outgoing: Outgoing,
    device: Jid,
    /// The device as the receipt names it, when it asks for a message to a group.
    participant: Option<Jid>,
    /// The chat, when an own device asks for a copy.
    recipient: Option<Jid>,
    /// Number of the request; none for a device that did not ask.
    count: Option<u32>,
}

/// What came of a message for one device.
pub(crate) enum Resent {
    Sent,
    /// Something has to be waited for.
    Blocked,
    /// It cannot be sent.
    Refused(PublicError),
}

/// `REQUEST_FAILED`
fn no_keys() -> PublicError {
    PublicError::new(ErrorCode::RequestFailed, "The server gave no usable keys of the device.")
}

impl Resend {
    /// A message for a device that the program names.
    pub fn given(id: String, chat: Jid, outgoing: Outgoing, device: Jid, count: Option<u32>) -> Self {
        let participant = (!chat.is_user()).then(|| device.clone());
        Self { id, chat, outgoing, device, participant, recipient: None, count }
    }

    /// A message for a device that it had missed.
    pub fn missed(id: String, chat: Jid, outgoing: Outgoing, device: Jid) -> Self {
        Self { id, chat, outgoing, device, participant: None, recipient: None, count: None }
    }
}

fn reason(failure: SignalError) -> u8 {
    match failure {
        SignalError::NoSession | SignalError::NoSenderKey => 1,
        SignalError::InvalidKey => 2,
        SignalError::MissingPreKey(_) | SignalError::MissingSignedPreKey(_) => 3,
        SignalError::InvalidMessage => 4,
        SignalError::InvalidSignature => 5,
        SignalError::FutureMessage => 6,
        SignalError::BadMac => 7,
        SignalError::CorruptRecord => 8,
        SignalError::Duplicate => 0,
    }
}

impl Actor {
    /// A message does not decrypt: tells the program once, and asks for it again when it is this message's turn.
    pub(crate) async fn on_undecryptable(&mut self, envelope: Envelope, failure: SignalError) -> Result<(), Fault> {
        let device = self.canonical(&envelope.sender).await?;
        let key = request_key(&device, &envelope.id);
        let asked = self.retries.asked.get(&key).copied();
        if asked.is_none() {
            self.placeholder(&envelope, (&failure).into()).await?;
            self.want_from_phone(&envelope, UNREADABLE_WAIT);
            self.retries.asked.put(key, 0);
            self.retries.asked.trim();
            if self.keeps_counts() {
                let (id, author) = (envelope.id.clone(), author(&envelope));
                self.ask_for_count(&id, author, Asked::Wanted(Box::new((envelope, failure))));
                return Ok(());
            }
        }
        self.ask_in_turn(device, envelope, failure, asked.unwrap_or(0));
        Ok(())
    }

    /// The program has said how often a message that cannot be read was asked for before.
    pub(crate) async fn want_again(
        &mut self,
        envelope: Envelope,
        failure: SignalError,
        before: u32,
    ) -> Result<(), Fault> {
        let device = self.canonical(&envelope.sender).await?;
        let key = request_key(&device, &envelope.id);
        // It may have been read meanwhile.
        if let Some(asked) = self.retries.asked.get(&key).copied() {
            let asked = asked.max(before.min(self.options.max_retries));
            self.retries.asked.put(key, asked);
            self.ask_in_turn(device, envelope, failure, asked);
        }
        Ok(())
    }

    /// Asks for a message when its turn has come, which was asked for so often.
    fn ask_in_turn(&mut self, device: Jid, envelope: Envelope, failure: SignalError, asked: u32) {
        let now = Instant::now();
        let full = self.retries.waiting.len().max(self.retries.paces.len()) >= WAITING;
        let pace = self.retries.paces.get(&device);
        // The session itself is well if only a key was used twice.
        let well = failure == SignalError::Duplicate && pace.is_none();
        let answer = asked > 0;
        let delay = self.options.retry_delay;
        if !full && pace.is_none() && !well && !answer && !delay.is_zero() {
            self.retries.paces.insert(device.clone(), Pace { until: now + delay, patience: now + delay, one: false });
            self.retries.waiting.push_back(Waiting { device, envelope, failure });
            return;
        }
        if full || pace.is_none() && !well && !answer {
            if !full {
                self.retries.paces.insert(device.clone(), Pace::answer(now));
            }
            self.ask_again(&device, &envelope, failure);
            return;
        }
        if well || answer {
            self.retries.paces.insert(device.clone(), Pace::quiet(now));
        }
        // The service may give it again meanwhile.
        self.retries.waiting.retain(|other| other.envelope.id != envelope.id || other.device != device);
        let waiting = Waiting { device, envelope, failure };
        if answer {
            self.retries.waiting.push_front(waiting);
        } else {
            self.retries.waiting.push_back(waiting);
        }
    }

    /// A receipt came from a device: it is not quiet yet.
    pub(crate) async fn not_quiet(&mut self, from: &Jid) -> Result<(), Fault> {
        if self.retries.paces.is_empty() {
            return Ok(());
        }
        let device = self.canonical(from).await?;
        if let Some(pace) = self.retries.paces.get_mut(&device) {
            pace.until = pace.until.max(pace.patience.min(Instant::now() + QUIET));
        }
        Ok(())
    }

    /// A message could be read: if it had been asked for, the next one's turn has come.
    pub(crate) async fn on_readable(&mut self, envelope: &Envelope) -> Result<(), Fault> {
        if self.retries.asked.len() == 0 {
            return Ok(());
        }
        let device = self.canonical(&envelope.sender).await?;
        if self.retries.asked.remove(&request_key(&device, &envelope.id)).is_none() {
            return Ok(());
        }
        let Some(pace) = self.retries.paces.get_mut(&device) else { return Ok(()) };
        *pace = Pace::answer(Instant::now());
        if let Some(next) = self.retries.take_waiting(&device) {
            self.ask_again(&device, &next.envelope, next.failure);
        }
        Ok(())
    }

    /// Asks devices whose time is up: after quiet for one message, without an answer for all.
    pub(crate) fn ask_in_time(&mut self, now: Instant) {
        let due: Vec<Jid> =
            self.retries.paces.iter().filter(|(_, pace)| pace.until <= now).map(|(device, _)| device.clone()).collect();
        for device in due {
            let mut waits = self.retries.take_waiting(&device);
            let Some(pace) = self.retries.paces.get_mut(&device).filter(|_| waits.is_some()) else {
                self.retries.paces.remove(&device);
                continue;
            };
            let one = pace.one;
            *pace = Pace::answer(now);
            while let Some(next) = waits {
                self.ask_again(&device, &next.envelope, next.failure);
                waits = if one { None } else { self.retries.take_waiting(&device) };
            }
        }
    }

    fn ask_again(&mut self, device: &Jid, envelope: &Envelope, failure: SignalError) {
        let count = count_up(&mut self.retries.asked, request_key(device, &envelope.id));
        if count > self.options.max_retries {
            self.refuse_message(envelope);
            return;
        }
        self.tell_count(&envelope.id, author(envelope), count);
        // Who cannot read the group's messages may not have a session with us either.
        let with_keys = count >= KEYS_FROM || failure == SignalError::NoSenderKey;
        self.send_request(envelope, count, reason(failure), with_keys);
    }

    /// The program asks for a message once more: whether that may be done.
    pub(crate) async fn ask_again_for(&mut self, unread: Unread) -> Result<bool, Fault> {
        let Unread { id, from, participant, recipient, peer, timestamp, with_keys } = unread;
        let sender = participant.clone().unwrap_or_else(|| from.clone());
        let device = self.canonical(&sender).await?;
        let count = count_up(&mut self.retries.asked, request_key(&device, &id));
        if count > self.options.max_retries {
            return Ok(false);
        }
        let chat = recipient.as_ref().unwrap_or(&from).to_bare();
        let envelope = Envelope {
            id,
            from,
            participant,
            recipient,
            chat,
            sender,
            from_me: false,
            peer,
            offline: false,
            timestamp,
            push_name: None,
            nodes: Vec::new(),
            server_id: None,
            wire: None,
        };
        self.tell_count(&envelope.id, author(&envelope), count);
        self.send_request(&envelope, count, 0, with_keys || count >= KEYS_FROM);
        Ok(true)
    }

    fn send_request(&mut self, envelope: &Envelope, count: u32, error: u8, with_keys: bool) {
        let mut children = vec![
            Node::new("retry")
                .attr("v", "1")
                .attr("count", count)
                .attr("id", envelope.id.clone())
                .attr("t", envelope.timestamp)
                .attr("error", error),
            Node::new("registration").bytes(self.creds.registration_id.to_be_bytes().to_vec()),
        ];
        if with_keys {
            children.push(self.retry_keys());
        }
        let receipt = Node::new("receipt")
            .attr("id", envelope.id.clone())
            .attr("to", &envelope.from)
            .attr("type", "retry")
            .attr_opt("participant", envelope.participant.as_ref())
            .attr_opt("recipient", envelope.recipient.as_ref())
            .attr_opt("category", envelope.peer.then_some("peer"))
            .children(children);
        self.send(receipt);
    }

    /// A fresh bundle; its one-time key is never uploaded.
    fn retry_keys(&mut self) -> Node<'static> {
        let prekey = PreKey::generate(self.creds.next_prekey_id);
        self.creds.next_prekey_id = prekeys::following(self.creds.next_prekey_id);
        self.turn.batch.put(Namespace::PreKey, prekeys::key(prekey.id).bytes, prekey.to_bytes());
        self.save_creds();
        let id = |id: u32| Node::new("id").bytes(id.to_be_bytes()[1..].to_vec());
        let signed = &self.creds.signed_prekey;
        let mut children = vec![
            Node::new("type").bytes(vec![DJB_TYPE]),
            Node::new("identity").bytes(self.creds.identity.public.as_bytes().to_vec()),
            Node::new("key")
                .children([id(prekey.id), Node::new("value").bytes(prekey.pair.public.as_bytes().to_vec())]),
            Node::new("skey").children([
                id(signed.id),
                Node::new("value").bytes(signed.pair.public.as_bytes().to_vec()),
                Node::new("signature").bytes(signed.signature.to_vec()),
            ]),
        ];
        children.extend(self.device_identity());
        Node::new("keys").children(children)
    }

    /// `<receipt type=retry>`: a device wants one of our messages again.
    pub(crate) async fn on_retry_receipt(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        let Some(wish) = Wish::read(node) else { return Ok(()) };
        if wish.count > u64::from(self.options.max_retries) {
            return Ok(());
        }
        if self.keeps_counts() && self.retries.given.get(&request_key(&wish.device, &wish.id)).is_none() {
            let (id, device) = (wish.id.clone(), wish.device.to_string());
            self.ask_for_count(&id, device, Asked::Given(Box::new(wish)));
            return Ok(());
        }
        self.serve(wish).await
    }

    /// The program has said how often a device was given the message before.
    pub(crate) async fn give_again(&mut self, wish: Wish, before: u32) -> Result<(), Fault> {
        let key = request_key(&wish.device, &wish.id);
        let given = self.retries.given.get(&key).copied().unwrap_or(0);
        self.retries.given.put(key, given.max(before.min(self.options.max_retries)));
        self.retries.given.trim();
        self.serve(wish).await
    }

    /// Looks for the message that a device wants again.
    async fn serve(&mut self, wish: Wish) -> Result<(), Fault> {
        match self.sent_message(&wish.id).await? {
            Some(sent) => self.grant(wish, sent).await,
            None => self.ask_for_message(wish).await,
        }
    }

    /// Gives a device the message that it wants again.
    pub(crate) async fn grant(&mut self, wish: Wish, sent: SentMessage) -> Result<(), Fault> {
        let SentMessage { chat, outgoing, .. } = sent;
        let Wish { id, device, recipient, count, registration, bundle, proof, .. } = wish;
        let was_for = self.may_have(&device, &chat).await?
            || chat == Jid::STATUS && self.was_in_audience(&device, &outgoing).await?
            || chat.is_group() && self.suspect(&chat).await?;
        if !was_for {
            self.refuse_resend(&device, &chat);
            return Ok(());
        }
        let participant = (!chat.is_user()).then(|| device.clone());
        if let Some(device) = &participant {
            self.on_group_retry(&chat, device).await?;
        }
        let given = count_up(&mut self.retries.given, request_key(&device, &id));
        if given > self.options.max_retries {
            return Ok(());
        }
        self.tell_count(&id, device.to_string(), given);
        let device = self.canonical(&device).await?;
        match bundle {
            Some(bundle) if self.is_proven(&device, &bundle.identity, proof.as_deref()).await? => {
                self.start_sessions(vec![Offer { device: device.clone(), bundle, proof: None }]).await?;
            }
            _ => self.renew_if_stale(&device, registration, count).await?,
        }
        let count = Some(u32::try_from(count).unwrap_or(u32::MAX));
        self.jobs.push_back(Job::Resend(Box::new(Resend {
            id,
            chat,
            outgoing,
            device,
            participant,
            recipient,
            count,
        })));
        self.advance_jobs().await
    }

    /// Whether a device is one of those that a message to this chat was for.
    async fn may_have(&mut self, device: &Jid, chat: &Jid) -> Result<bool, Fault> {
        if device.same_user(chat) || self.own_device(device).is_some_and(|own| own.same_user(device)) {
            return Ok(true);
        }
        let other = self.counterpart(device).await?;
        if chat.is_group() {
            let group = self.group(chat).await?;
            return Ok(group.is_some_and(|group| group.has(device) || other.is_some_and(|other| group.has(&other))));
        }
        Ok(other.is_some_and(|other| other.same_user(chat)))
    }

    /// Who asks for what was not for him may have the key of a group from before: the next message gets a new one.
    fn refuse_resend(&mut self, device: &Jid, chat: &Jid) {
        tracing::warn!(session = %self.name, "{device} asked for a message that was not for it");
        if chat.is_group() {
            self.forget_own_key(chat);
        }
    }

    /// A member's device lacks our key of a group. One that is not on its user's list is new: the list is asked for.
    async fn on_group_retry(&mut self, chat: &Jid, device: &Jid) -> Result<(), Fault> {
        self.unmark_shared(chat, device).await?;
        let listed = self.device_list(device).await?.flatten().is_some_and(|list| list.contains(&device.device));
        if !listed {
            self.forget_devices(device).await?;
        }
        Ok(())
    }

    /// A device that registered anew, or that asks a second time, gets a new session.
    async fn renew_if_stale(&mut self, device: &Jid, registration: Option<u32>, count: u64) -> Result<(), Fault> {
        let address = SignalAddress::from_jid(device);
        let Some(mut record) = self.session(&address).await? else { return Ok(()) };
        let other_registration = registration.is_some() && record.remote_registration_id() != registration;
        let again = self.options.renew_sessions && count >= u64::from(KEYS_FROM);
        if other_registration || again {
            record.archive_current();
            self.keep_session(address, record);
        } else {
            self.return_session(address, record);
        }
        Ok(())
    }

    /// Encrypts a message anew for the device that asked.
    pub(crate) async fn advance_resend(&mut self, resend: &Resend) -> Result<Step, Fault> {
        Ok(if matches!(self.resend(resend).await?, Resent::Blocked) { Step::Blocked } else { Step::Done })
    }

    /// Encrypts a message for one device alone.
    pub(crate) async fn resend(&mut self, resend: &Resend) -> Result<Resent, Fault> {
        if self.lacks_sessions(std::iter::once(&resend.device)).await? {
            return Ok(Resent::Blocked);
        }
        if let Some(participant) = &resend.participant {
            return self.resend_to_member(resend, participant).await;
        }
        let own = self.own_device(&resend.device).is_some_and(|own| own.same_user(&resend.device));
        let outgoing = &resend.outgoing;
        let variants = self.variants(outgoing).await?;
        let message = variants.get(&self.canonical(&resend.device).await?).unwrap_or(&outgoing.message);
        let plaintext = if own { content::device_sent(&resend.chat.to_string(), message) } else { message.clone() };
        let Some((enc, kind)) = self.encrypt_for(&resend.device, &plaintext, resend.count).await? else {
            return Ok(Resent::Refused(no_keys()));
        };
        let mut stanza = outgoing
            .stanza(&resend.id, &resend.device)
            .attr("device_fanout", "false")
            .attr_opt("recipient", own.then(|| resend.recipient.as_ref().unwrap_or(&resend.chat)))
            .child(outgoing.mark(enc));
        if let Some(identity) = self.device_identity().filter(|_| kind == Kind::PreKey) {
            stanza = stanza.child(identity);
        }
        stanza = outgoing.children().fold(stanza, Node::child);
        self.send(stanza);
        Ok(Resent::Sent)
    }

    /// A message to a group goes again to one device alone, with our key, so that it can read the next ones.
    async fn resend_to_member(&mut self, resend: &Resend, participant: &Jid) -> Result<Resent, Fault> {
        if resend.chat.is_group() {
            match self.group_to_send(&resend.chat).await? {
                Lookup::Known(_) => {}
                Lookup::Asked => return Ok(Resent::Blocked),
                Lookup::Refused(error) => return Ok(Resent::Refused(error)),
            }
            if !self.may_have(participant, &resend.chat).await? {
                self.refuse_resend(participant, &resend.chat);
                let message = "The device is none of a member of the group.";
                let error = PublicError::new(ErrorCode::NotInGroup, message).with("jid", participant.to_string());
                return Ok(Resent::Refused(error));
            }
        }
        let Some(own) = self.own_in(participant.is_lid()) else {
            return Ok(Resent::Refused(error::not_connected()));
        };
        let (distribution, key_id) = self.own_distribution(&resend.chat, &own).await?;
        // Two messages behind each other are one with the fields of both.
        let outgoing = &resend.outgoing;
        let plaintext = [&outgoing.message[..], &distribution].concat();
        let Some((enc, kind)) = self.encrypt_for(&resend.device, &plaintext, resend.count).await? else {
            return Ok(Resent::Refused(no_keys()));
        };
        self.mark_shared(&resend.chat, key_id, [participant.clone()]).await?;
        let mode = resend.chat.is_group().then(|| if participant.is_lid() { "lid" } else { "pn" });
        let identity = self.device_identity().filter(|_| kind == Kind::PreKey);
        let stanza = outgoing
            .stanza(&resend.id, &resend.chat)
            .attr("participant", participant)
            .attr_opt("addressing_mode", mode)
            .children([outgoing.mark(enc)].into_iter().chain(identity).chain(outgoing.children()));
        self.send(stanza.into_owned());
        Ok(Resent::Sent)
    }
}
