//! Sending: whom a message goes to, which of their devices need it, and the stanza.
//!
//! A [`Job`] goes as far as it can with what is known: namespace, device lists, sessions. What is missing is asked for
//! once, whoever needs it, and the job goes on when the answer is there. Messages to one chat never overtake each other.
//! Source: 03-messages §2.2, §3.6 and §5.

use std::time::Duration;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_signal::{Kind, padding};
use chasqui_store::Namespace;
use chasqui_wire::{Jid, Node, Server, curve};
use compact_str::CompactString;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    Reply,
    ack::Missed,
    actor::{Actor, Fault, Link},
    alone::{Giving, variants_in},
    blocklist,
    cipher::Sealable,
    connection::unix_now_ms,
    content::{self, Refusal},
    devices::Query,
    error,
    event::Event,
    message::{Receipt, ReceiptStatus},
    number,
    outbox::{Entry, Outgoing, Variant},
    peer_data::PhoneRequest,
    reporting::reporting,
    retry::Resend,
    status,
};

/// Jobs advanced between two submissions to the store.
const JOBS_PER_TURN: usize = 64;

/// Work that may have to wait for answers of the server.
#[derive(Debug)]
pub(crate) enum Job {
    /// A message of the outbox.
    Send(u64),
    /// A message that one device asked for again.
    Resend(Box<Resend>),
    /// A request to the own phone.
    AskPhone(PhoneRequest),
    /// A message that did not go to every device.
    Missed(Missed),
    /// What a program wants to be encrypted.
    Seal(Box<Sealable>),
    /// A message that a program sends to one device alone.
    Give(Box<Giving>),
}

/// How far a job came.
pub(crate) enum Step {
    Done,
    Blocked,
}

/// Whom a message goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Jid(Jid),
    Number(CompactString),
    Group(Jid),
    Channel(Jid),
    Status,
}

impl Target {
    /// The JID, for a number the one that it usually has.
    fn jid(&self) -> Jid {
        match self {
            Self::Jid(jid) | Self::Group(jid) | Self::Channel(jid) => jid.clone(),
            Self::Number(number) => Jid::pn(number.clone()),
            Self::Status => Jid::STATUS,
        }
    }
}

/// Reads what a program calls a recipient: a number, a JID, a chat.
pub(crate) fn target(to: &str) -> Result<Target, PublicError> {
    let invalid = |why: &str| {
        PublicError::new(ErrorCode::InvalidRecipient, format!("{why}: give an international number or a JID."))
    };
    if to.contains('@') {
        let jid: Jid = to.parse().map_err(|error| invalid(&format!("Not a recipient ({error})")))?;
        let digits = !jid.user.is_empty() && jid.user.bytes().all(|byte| byte.is_ascii_digit());
        return match jid.server.plain() {
            Server::Pn | Server::Lid if digits => Ok(Target::Jid(jid.to_bare())),
            Server::Group if is_group_id(&jid.user) => Ok(Target::Group(jid)),
            Server::Broadcast if jid == Jid::STATUS => Ok(Target::Status),
            Server::Broadcast => Err(invalid("Broadcast lists are only received")),
            Server::Newsletter if !jid.user.is_empty() => Ok(Target::Channel(jid.to_bare())),
            _ => Err(invalid("Not a recipient")),
        };
    }
    number::digits(to).map(Target::Number).ok_or_else(|| invalid("Not an international number"))
}

/// What of a call can be refused without knowing the session: recipient and content.
pub fn check(to: &str, content: &Value) -> Result<(), PublicError> {
    prepare(to, content).map(drop)
}

fn prepare(to: &str, content: &Value) -> Result<Request, PublicError> {
    Request::new(to, content, || content::parse(content))
}

/// What a call wants to be sent.
struct Request {
    target: Target,
    content: content::Content,
    /// The people who see a status post, and which setting chose them.
    audience: Vec<String>,
    status_setting: Option<String>,
    /// What single devices get instead.
    variants: Vec<Variant>,
}

impl Request {
    /// `more`: what is said beside the content.
    fn new(
        to: &str,
        more: &Value,
        content: impl FnOnce() -> Result<content::Content, PublicError>,
    ) -> Result<Self, PublicError> {
        let target = target(to)?;
        let audience = status::audience(&target, more)?;
        Ok(Self { target, content: content()?, audience, status_setting: status::setting(more), variants: Vec::new() })
    }
}

/// Under which id a message goes.
enum Id {
    /// One of ours, or what the program has made for this call.
    New(Option<String>),
    /// One that may have been used before.
    Given(String),
}

/// Digits, in old groups those of the creator's number and of a time.
fn is_group_id(user: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    user.splitn(2, '-').all(digits)
}

pub(crate) fn new_id() -> String {
    let hex: String = curve::random_bytes::<9>().iter().map(|byte| format!("{byte:02X}")).collect();
    format!("3EB0{hex}")
}

impl Actor {
    pub(crate) async fn on_send(
        &mut self,
        reply: Reply,
        to: &str,
        content: &Value,
        id: Option<String>,
        timeout: Option<u64>,
    ) -> Result<(), Fault> {
        self.send_prepared(reply, to, prepare(to, content), id.map_or(Id::New(None), Id::Given), timeout).await
    }

    /// Sends a message that the program has made. `is_new`: its id was made for this call.
    pub(crate) async fn on_relay(
        &mut self,
        reply: Reply,
        to: &str,
        message: Vec<u8>,
        more: &Value,
        id: String,
        is_new: bool,
    ) -> Result<(), Fault> {
        let prepared = Request::new(to, more, || content::relayed(message, more));
        let prepared = prepared.and_then(|it| Ok(Request { variants: variants_in(more)?, ..it }));
        let id = if is_new { Id::New(Some(id)) } else { Id::Given(id) };
        self.send_prepared(reply, to, prepared, id, None).await
    }

    async fn send_prepared(
        &mut self,
        reply: Reply,
        to: &str,
        prepared: Result<Request, PublicError>,
        id: Id,
        timeout: Option<u64>,
    ) -> Result<(), Fault> {
        let usable = |id: &String| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let prepared = prepared.and_then(|prepared| match &id {
            Id::New(Some(id)) | Id::Given(id) if !usable(id) => {
                Err(crate::options::invalid("id", "must have 1 to 64 visible ASCII characters"))
            }
            _ if matches!(self.link, Link::Down) || !self.was_open => Err(error::not_connected()),
            _ => Ok(prepared),
        });
        let Request { target, content, audience, status_setting, variants } = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                self.answer(reply, Err(error));
                return Ok(());
            }
        };
        if let (Target::Group(group), Some(timer)) = (&target, content.timer()) {
            self.set_group_timer(reply, group, timer);
            return Ok(());
        }
        // A change of a post has the id of what it changes.
        let original = content.original().filter(|_| matches!(target, Target::Channel(_))).map(str::to_owned);
        if let Some(original) = original.as_ref().filter(|original| self.outbox.find(original).is_some()) {
            let why = format!("The post {original} is being sent or changed: wait until that is done.");
            self.answer(reply, Err(PublicError::new(ErrorCode::RequestFailed, why)));
            return Ok(());
        }
        let timeout = timeout.map_or(self.options.send_timeout, Duration::from_millis);
        let deadline = Instant::now() + timeout;
        if let Id::Given(id) = &id
            && original.is_none()
        {
            if let Some(timestamp) = self.outbox.acked.get(id).copied() {
                self.answer(reply, Ok(Some(json!({ "id": id, "timestamp": timestamp }))));
                return Ok(());
            }
            if let Some(entry) = self.outbox.find(id).and_then(|seq| self.outbox.get_mut(seq)) {
                let earlier = entry.reply.replace(reply);
                entry.deadline = Some(deadline);
                self.outbox.watch(deadline);
                if let Some(earlier) = earlier {
                    self.answer(earlier, Err(error::unconfirmed(id)));
                }
                return Ok(());
            }
            // Sent by an earlier run, and not in the outbox any more: the server has it.
            if let Some(sent) = self.sent_message(id).await? {
                self.answer(reply, Ok(Some(json!({ "id": id, "timestamp": sent.left }))));
                return Ok(());
            }
        }
        let id = match id {
            Id::New(id) => original.or(id),
            Id::Given(id) => Some(original.unwrap_or(id)),
        };
        let id = id.unwrap_or_else(new_id);
        let outgoing = match self.compose(&target.jid(), &id, content).await {
            Ok(outgoing) => Outgoing { recipients: audience, status_setting, variants, ..outgoing },
            Err(Refusal::Public(error)) => {
                self.answer(reply, Err(error));
                return Ok(());
            }
            Err(Refusal::Fault(fault)) => return Err(fault),
        };
        let entry = Entry::new(id, to.to_owned(), outgoing);
        let seq = self.enqueue(Entry { reply: Some(reply), deadline: Some(deadline), ..entry });
        if self.is_open() {
            self.jobs.push_back(Job::Send(seq));
            self.advance_last().await?;
        }
        Ok(())
    }

    /// After a login: what is not acknowledged is sent again, in order.
    pub(crate) async fn resend_outbox(&mut self) -> Result<(), Fault> {
        self.jobs.retain(|job| !matches!(job, Job::Send(_)));
        self.jobs.extend(self.outbox.unsent().into_iter().map(Job::Send));
        self.advance_jobs().await
    }

    /// Advances the newest job, unless an older one to the same chat still waits.
    async fn advance_last(&mut self) -> Result<(), Fault> {
        let Some(mut job) = self.jobs.pop_back() else { return Ok(()) };
        let waits = self
            .chat_of(&job)
            .is_some_and(|chat| self.jobs.iter().any(|other| self.chat_of(other).is_some_and(|theirs| theirs == chat)));
        if waits || matches!(self.advance(&mut job).await?, Step::Blocked) {
            self.jobs.push_back(job);
        }
        Ok(())
    }

    /// Advances every job as far as it can go.
    pub(crate) async fn advance_jobs(&mut self) -> Result<(), Fault> {
        let mut blocked: Vec<String> = Vec::new();
        let jobs = std::mem::take(&mut self.jobs);
        for (at, mut job) in jobs.into_iter().enumerate() {
            let chat = self.chat_of(&job).map(str::to_owned);
            let waits = chat.as_ref().is_some_and(|chat| blocked.contains(chat));
            if !waits && matches!(self.advance(&mut job).await?, Step::Done) {
                if at % JOBS_PER_TURN == JOBS_PER_TURN - 1 {
                    self.flush();
                }
                continue;
            }
            if let Some(chat) = chat.filter(|_| !waits) {
                blocked.push(chat);
            }
            self.jobs.push_back(job);
        }
        Ok(())
    }

    fn chat_of(&self, job: &Job) -> Option<&str> {
        match job {
            Job::Send(seq) => self.outbox.get(*seq).map(|entry| entry.to.as_str()),
            Job::Resend(_) | Job::AskPhone(_) | Job::Missed(_) | Job::Seal(_) | Job::Give(_) => None,
        }
    }

    async fn advance(&mut self, job: &mut Job) -> Result<Step, Fault> {
        match job {
            Job::Send(seq) => self.advance_send(*seq).await,
            Job::Resend(resend) => self.advance_resend(resend).await,
            Job::AskPhone(request) => self.advance_phone_request(request).await,
            Job::Missed(missed) => self.advance_missed(missed).await,
            Job::Seal(sealable) => self.advance_seal(sealable).await,
            Job::Give(giving) => self.advance_give(giving).await,
        }
    }

    async fn advance_send(&mut self, seq: u64) -> Result<Step, Fault> {
        let Some(entry) = self.outbox.get(seq).filter(|entry| !entry.on_wire) else { return Ok(Step::Done) };
        if entry.not_before.is_some() {
            return Ok(Step::Blocked);
        }
        let (id, to, outgoing) = (entry.id.clone(), entry.to.clone(), entry.outgoing.clone());
        let target = match target(&to) {
            Ok(target) => target,
            Err(error) => return self.give_up(seq, error).await,
        };
        let missing = || PublicError::new(ErrorCode::NotOnWhatsApp, "The recipient has no account.");
        let jid = match target {
            Target::Group(group) => return self.advance_group(seq, &group).await,
            Target::Channel(channel) => return self.advance_post(seq, &channel).await,
            Target::Status => return self.advance_status(seq).await,
            Target::Jid(jid) => jid,
            Target::Number(number) => match self.number(&number) {
                Some(Some(jid)) => jid,
                Some(None) => return self.give_up(seq, missing().with("number", number.as_str())).await,
                None => {
                    self.ask_devices(Query { users: Vec::new(), numbers: vec![number] });
                    return Ok(Step::Blocked);
                }
            },
        };
        let chat = self.addressed(&jid).await?;
        let Some(own) = self.own_device(&chat) else { return self.give_up(seq, error::not_connected()).await };
        let is_blocked = self.is_blocked(&chat).await?;
        if is_blocked == Some(true) {
            return self.give_up(seq, blocklist::blocked(&chat)).await;
        }
        let (theirs, ours) = (self.device_list(&chat).await?, self.device_list(&own).await?);
        let (Some(theirs), Some(ours)) = (&theirs, &ours) else {
            let unknown = [(&chat, theirs.is_none()), (&own, ours.is_none())];
            let users = unknown.into_iter().filter(|(_, unknown)| *unknown).map(|(user, _)| user.to_bare()).collect();
            self.ask_devices(Query { users, numbers: Vec::new() });
            return Ok(Step::Blocked);
        };
        let Some(theirs) = theirs.as_ref().filter(|devices| !devices.is_empty()) else {
            return self.give_up(seq, missing().with("jid", chat.to_string())).await;
        };
        let to_self = chat.same_user(&own);
        let peers: Vec<Jid> =
            if to_self { Vec::new() } else { theirs.iter().map(|device| chat.with_device(*device)).collect() };
        let siblings: Vec<Jid> = ours
            .iter()
            .flatten()
            .filter(|device| **device != own.device)
            .map(|device| own.with_device(*device))
            .collect();
        let variants = self.variants(&outgoing).await?;
        let (peers, siblings) = match variants.is_empty() {
            true => (peers, siblings),
            false => (self.named_in(&variants, peers).await?, self.named_in(&variants, siblings).await?),
        };
        if self.lacks_sessions(peers.iter().chain(&siblings)).await? || is_blocked.is_none() {
            return Ok(Step::Blocked);
        }

        let message = &outgoing.message;
        let own_copy = content::device_sent(&chat.to_string(), message);
        let mut recipients = Vec::new();
        let mut has_prekey_message = false;
        for (device, plaintext) in
            peers.iter().map(|device| (device, message)).chain(siblings.iter().map(|device| (device, &own_copy)))
        {
            let variant = if variants.is_empty() { None } else { variants.get(&self.canonical(device).await?) };
            let variant = variant.map(|variant| match peers.contains(device) {
                true => variant.clone(),
                false => content::device_sent(&chat.to_string(), variant),
            });
            let plaintext = variant.as_ref().unwrap_or(plaintext);
            if let Some((enc, kind)) = self.encrypt_for(device, plaintext, None).await? {
                has_prekey_message |= kind == Kind::PreKey;
                let enc = outgoing.mark(enc);
                recipients.push((device, Node::new("to").attr("jid", device).child(enc).into_owned()));
            }
        }
        let reached = recipients.iter().any(|(device, _)| to_self || peers.contains(device));
        if !reached {
            let error = PublicError::new(
                ErrorCode::RequestFailed,
                "The server gave no usable keys for any device of the recipient.",
            );
            return self.give_up(seq, error).await;
        }
        let phone = if chat.is_lid() { self.counterpart(&chat).await? } else { None };
        let mut children = vec![Node::new("participants").children(recipients.into_iter().map(|(_, node)| node))];
        children.extend(has_prekey_message.then(|| self.device_identity()).flatten());
        children.extend(outgoing.children());
        children.extend(reporting(&id, &own, &chat, message));
        children.extend(self.token_node(&chat).await?);
        let stanza = outgoing.stanza(&id, &chat).attr_opt("peer_recipient_pn", phone).children(children);
        self.send(stanza.into_owned());
        self.give_token(&chat, false).await?;
        self.keep_sent(seq, &id, &chat, outgoing).await?;
        self.has_left(seq);
        Ok(Step::Done)
    }

    /// A message was handed to the connection. Who only waits for that is answered.
    pub(crate) fn has_left(&mut self, seq: u64) {
        let Some(entry) = self.outbox.get_mut(seq) else { return };
        entry.on_wire = true;
        if self.options.wire
            && let Some(reply) = entry.reply.take()
        {
            let deadline = entry.deadline.take();
            let sent = json!({ "id": entry.id, "timestamp": unix_now_ms() });
            self.reply_to_send(reply, deadline, Ok(Some(sent)));
        }
    }

    /// The form by which a chat is addressed: the LID once the account is migrated (03-messages §2.2).
    pub(crate) async fn addressed(&mut self, jid: &Jid) -> Result<Jid, Fault> {
        if self.options.wire {
            // Receipts come from the address that was written to, and the program looks for that one.
            return Ok(jid.to_bare());
        }
        let migrated = self.creds.paired.as_ref().is_some_and(|paired| paired.lid_migrated);
        if jid.is_lid() == migrated {
            return Ok(jid.to_bare());
        }
        Ok(self.counterpart(jid).await?.unwrap_or_else(|| jid.to_bare()))
    }

    /// The own device in the namespace of a chat.
    pub(crate) fn own_device(&self, chat: &Jid) -> Option<Jid> {
        self.creds.paired.as_ref().map(|paired| if chat.is_lid() { paired.lid.clone() } else { paired.pn.clone() })
    }

    /// Encrypts for one device; `None` when there is no session with it.
    pub(crate) async fn encrypt_for(
        &mut self,
        device: &Jid,
        plaintext: &[u8],
        count: Option<u32>,
    ) -> Result<Option<(Node<'static>, Kind)>, Fault> {
        let address = self.address(device).await?;
        let Some(mut record) = self.session(&address).await? else { return Ok(None) };
        let mut padded = plaintext.to_vec();
        padding::pad(&mut padded);
        let (identity, registration) = (self.creds.identity.public, self.creds.registration_id);
        match chasqui_signal::encrypt(&mut record, &identity, registration, &padded) {
            Ok(ciphertext) => {
                self.keep_session(address, record);
                let enc = Node::new("enc")
                    .attr("v", "2")
                    .attr("type", ciphertext.kind.as_str())
                    .attr_opt("count", count)
                    .bytes(ciphertext.bytes);
                Ok(Some((enc, ciphertext.kind)))
            }
            Err(failure) => {
                tracing::warn!(session = %self.name, "{device} is left out: {failure}");
                self.return_session(address, record);
                Ok(None)
            }
        }
    }

    /// `<device-identity>`: proves beside a `pkmsg` that this device belongs to the account.
    pub(crate) fn device_identity(&self) -> Option<Node<'static>> {
        let paired = self.creds.paired.as_ref()?;
        Some(Node::new("device-identity").bytes(paired.account.clone()))
    }

    /// A message will not be sent, or was refused for good.
    pub(crate) async fn give_up(&mut self, seq: u64, error: PublicError) -> Result<Step, Fault> {
        let Some(entry) = self.dequeue(seq) else { return Ok(Step::Done) };
        // Its id is free again.
        self.turn.batch.delete(Namespace::SentMessage, &entry.id);
        let refusal = error.data.get("error").and_then(Value::as_u64);
        let error = error.with("id", entry.id.as_str());
        match entry.reply {
            Some(reply) => {
                self.reply_to_send(reply, entry.deadline, Err(error));
                if self.options.wire {
                    return Ok(Step::Done);
                }
            }
            None if self.options.wire => {}
            None => self.emit(Event::Error(error)),
        }
        if let Ok(target) = target(&entry.to) {
            let receipt = self.own_receipt(&target.jid(), entry.id, ReceiptStatus::Failed, unix_now_ms()).await?;
            // Whoever sent it knows its chat by the name that he gave.
            let chat = if self.options.wire { entry.to } else { receipt.chat };
            self.deliver_receipt(Receipt { error: refusal, chat, ..receipt });
        }
        Ok(Step::Done)
    }

    /// A device query failed: what waited for exactly these users fails.
    pub(crate) async fn fail_blocked(&mut self, query: &Query, code: Option<u64>) -> Result<(), Fault> {
        let error = match code {
            Some(code) => PublicError::new(
                ErrorCode::RequestFailed,
                format!("The server refused the query of the recipient's devices with error {code}."),
            )
            .with("error", code),
            None => PublicError::new(ErrorCode::Timeout, "The server did not tell the recipient's devices in time."),
        };
        let waiting: Vec<u64> =
            self.jobs.iter().filter_map(|job| if let Job::Send(seq) = job { Some(*seq) } else { None }).collect();
        for seq in waiting {
            let Some(entry) = self.outbox.get(seq) else { continue };
            let concerned = match target(&entry.to) {
                Ok(Target::Number(number)) => {
                    query.numbers.contains(&number) || query.users.iter().any(|user| user.user == number)
                }
                Ok(Target::Jid(jid)) => {
                    let other = self.counterpart(&jid).await?;
                    let own = |user: &Jid| {
                        self.creds
                            .paired
                            .as_ref()
                            .is_some_and(|paired| user.same_user(&paired.pn) || user.same_user(&paired.lid))
                    };
                    query.users.iter().any(|user| user.same_user(&jid) || Some(user) == other.as_ref() || own(user))
                }
                Ok(Target::Status) => {
                    let mut concerned = false;
                    let outgoing = entry.outgoing.clone();
                    for user in &query.users {
                        concerned |= self.was_in_audience(user, &outgoing).await?;
                    }
                    let named = |number: &CompactString| {
                        outgoing.recipients.iter().any(|person| target(person) == Ok(Target::Number(number.clone())))
                    };
                    concerned || query.numbers.iter().any(named)
                }
                Ok(Target::Group(group)) => match self.group(&group).await? {
                    Some(group) => query.users.iter().any(|user| group.has(user)),
                    None => false,
                },
                Ok(Target::Channel(_)) => false,
                Err(_) => true,
            };
            if concerned {
                self.give_up(seq, error.clone()).await?;
            }
        }
        self.advance_jobs().await
    }

    /// Hands a message to the connection once more.
    pub(crate) async fn send_again(&mut self, seq: u64) -> Result<(), Fault> {
        if let Some(entry) = self.outbox.get_mut(seq) {
            entry.on_wire = false;
            self.jobs.push_back(Job::Send(seq));
        }
        self.advance_jobs().await
    }

    /// Calls that have waited too long.
    pub(crate) fn expire_sends(&mut self, now: Instant) {
        for (reply, id) in self.outbox.expired(now) {
            self.answer(reply, Err(error::unconfirmed(&id)));
        }
    }

    /// No connection will come: the calls end, the messages stay.
    pub(crate) fn fail_sends(&mut self, reason: &PublicError) {
        self.was_open = false;
        self.jobs.clear();
        self.fail_changes(reason);
        // What the store did not take is nowhere, when it was the store that failed.
        let of_store = matches!(reason.code, ErrorCode::LeaseLost | ErrorCode::StoreFailed | ErrorCode::StoreCorrupt);
        for (reply, id, stored) in self.outbox.take_replies(|_| true) {
            let error = if of_store && !stored { error::not_taken(&id, reason) } else { error::cut_short(&id, reason) };
            self.answer(reply, Err(error));
        }
        self.end_transfers(reason);
    }

    /// The caller gave up a call; a message that did not leave is taken back.
    pub(crate) fn on_abort(&mut self, ticket: u64) -> Result<(), Fault> {
        let mut aborted = PublicError::new(ErrorCode::Aborted, "The call was aborted.");
        if let Some(seq) = self.outbox.find_reply(ticket)
            && let Some(entry) = self.outbox.get_mut(seq)
        {
            entry.reply = None;
            entry.deadline = None;
            aborted = aborted.with("id", entry.id.as_str());
            if !entry.on_wire {
                self.dequeue(seq);
            }
        }
        self.abort_transfer(ticket);
        self.abort_change(ticket);
        self.abort_method(ticket);
        self.waiting_connect.retain(|reply| *reply != ticket);
        self.waiting_open.retain(|reply| *reply != ticket);
        self.answer(ticket, Err(aborted));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in ["+57 300 555 0100", "573005550100", "+57 (300) 555-0100"] {
            assert_eq!(target(text), Ok(Target::Number("573005550100".into())));
        }
        assert_eq!(target("573005550100:4@s.whatsapp.net"), Ok(Target::Jid(Jid::pn("573005550100"))));
        assert_eq!(target("573005550100@c.us"), Ok(Target::Jid(Jid::pn("573005550100"))));
    }

    #[test]
    fn groups_are_known_by_their_id_old_and_new() {
        for text in ["120363000000000001@g.us", "15550001111-1600000000@g.us"] {
            assert_eq!(target(text), Ok(Target::Group(text.parse().expect("a JID"))));
        }
        for text in ["friends@g.us", "@g.us", "1-2-3@g.us", "-1@g.us"] {
            assert_eq!(target(text).expect_err(text).code, ErrorCode::InvalidRecipient);
        }
    }

    #[test]
    fn what_is_no_recipient_is_refused() {
        for text in [
            "",
            "María",
            "12345",
            "++573005550100",
            "0573005550100",
            "1234567890123456",
            "a@lid",
            "@lid",
            "x@y",
            "call me 5550100",
        ] {
            assert_eq!(target(text).expect_err(text).code, ErrorCode::InvalidRecipient, "{text}");
        }
    }

    #[test]
    fn ids_look_like_those_of_web_clients() {
        let id = new_id();
        assert!(id.len() == 22 && id.starts_with("3EB0") && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
