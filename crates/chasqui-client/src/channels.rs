//! Channels: posts on their way out and in, and live updates that keep coming.
//!
//! Live updates end by themselves. Which channels they are wanted of is stored, and they are asked for again in time, after
//! each login, and after a restart. Source: 07 §4.3, 03-messages §8.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chasqui_requests::{args, channels, session::Outcome};
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    content::{self, Described},
    iq::{self, Wait},
    message::MessageKey,
    receive::Envelope,
    send::Step,
};

/// Channels whose live updates are wanted at once.
const MAX_LIVE: usize = 256;
/// When what failed is tried again.
const AGAIN: Duration = Duration::from_secs(60);

/// Channels whose live updates are wanted, and when they are to be asked for again.
#[derive(Default)]
pub(crate) struct Live(BTreeMap<Jid, Instant>);

fn key() -> Key {
    Key::new(Namespace::Meta, "live-channels")
}

/// Before they end after so many milliseconds.
fn due(duration: u64) -> Instant {
    Instant::now() + Duration::from_millis(duration * 4 / 5)
}

/// What protobufs of messages say, as programs see it.
pub(crate) fn describe(messages: &[Vec<u8>]) -> Vec<Value> {
    let one = |bytes: &Vec<u8>| {
        if bytes.is_empty() {
            return json!({ "type": "revoke", "mentions": [] });
        }
        let described = content::describe_bytes(bytes).unwrap_or_else(|| Described::of("unknown"));
        let mut value = serde_json::to_value(&described.details).unwrap_or_else(|_| json!({}));
        if let Some(fields) = value.as_object_mut() {
            fields.insert("type".into(), described.kind.into());
            fields.insert("mentions".into(), described.mentions.into());
            if let Some(text) = described.text {
                fields.insert("text".into(), text.into());
            }
        }
        value
    };
    messages.iter().map(one).collect()
}

impl Actor {
    /// A post goes as it is.
    pub(crate) async fn advance_post(&mut self, seq: u64, channel: &Jid) -> Result<Step, Fault> {
        let Some((id, outgoing)) = self.outbox.get(seq).map(|entry| (entry.id.clone(), entry.outgoing.clone())) else {
            return Ok(Step::Done);
        };
        let plaintext = Node::new("plaintext").attr_opt("mediatype", outgoing.media_type.clone());
        let plaintext = if outgoing.message.is_empty() { plaintext } else { plaintext.bytes(outgoing.message.clone()) };
        let children = std::iter::once(plaintext).chain(outgoing.children());
        self.send(outgoing.stanza(&id, channel).children(children).into_owned());
        // A change has the id of what it changes, which is kept already.
        if outgoing.edit.is_none() {
            self.keep_sent(seq, &id, channel, outgoing).await?;
        } else {
            self.archive_own_change(&id, channel, &outgoing.message).await?;
        }
        self.has_left(seq);
        Ok(Step::Done)
    }

    /// A post, or a change of one. Nothing in it is encrypted.
    pub(crate) async fn on_post(&mut self, envelope: Envelope, node: &Node<'_>, plaintext: &[u8]) -> Result<(), Fault> {
        self.acknowledge(node, None);
        let edited = node.find("meta").and_then(|meta| meta.get_u64("msg_edit_t"));
        let revoked = node.is("edit", "8") || plaintext.is_empty();
        if !revoked && edited.is_none() && !node.is("edit", "3") {
            if !self.seen(&envelope).await? {
                self.take_in(&envelope, plaintext.to_vec()).await?;
            }
            return Ok(());
        }
        // It has the id of what it changes, so it is known by its time as well.
        let change = if revoked { "revoke".to_owned() } else { edited.unwrap_or(envelope.timestamp).to_string() };
        let envelope = Envelope { timestamp: edited.map_or(envelope.timestamp, |ms| ms / 1000), ..envelope };
        let named = Envelope { id: format!("{} {change}", envelope.id), ..envelope.clone() };
        if self.seen(&named).await? {
            return Ok(());
        }
        let mut described = match content::describe_bytes(plaintext) {
            Some(described) if !revoked => described,
            _ => Described::of("revoke"),
        };
        if !revoked {
            described.kind = "edit";
        }
        described.target = None;
        described.details.target = Some(MessageKey {
            id: envelope.id.clone(),
            chat: envelope.chat.to_string(),
            sender: envelope.chat.to_string(),
            from_me: envelope.from_me,
        });
        described.details.server_id = envelope.server_id;
        self.surface(&envelope, &envelope.chat.clone(), described, plaintext.to_vec()).await
    }

    /// Live updates of a channel are wanted from now on, or no longer.
    pub(crate) fn want_live(&mut self, channel: Jid, duration: Option<u64>, outcome: Outcome<()>) {
        let result = match duration {
            Some(_) if self.live.0.len() >= MAX_LIVE && !self.live.0.contains_key(&channel) => {
                let why = format!("is one too many: live updates come from {MAX_LIVE} channels at most");
                Err(args::invalid("channel", &why).with("limit", MAX_LIVE))
            }
            Some(duration) => {
                self.live.0.insert(channel, due(duration));
                Ok(())
            }
            None => {
                self.live.0.remove(&channel);
                Ok(())
            }
        };
        self.keep_live();
        let _ = outcome.send(result);
    }

    fn keep_live(&mut self) {
        let list: BTreeSet<String> = self.live.0.keys().map(Jid::to_string).collect();
        let Key { namespace, bytes } = key();
        self.turn.batch.put(namespace, bytes, serde_json::to_vec(&list).unwrap_or_default());
    }

    /// After a login: what is wanted is asked for.
    pub(crate) async fn begin_live(&mut self) -> Result<(), Fault> {
        let stored = self.read(key()).await?;
        let stored: Vec<String> = stored.and_then(|stored| serde_json::from_slice(&stored).ok()).unwrap_or_default();
        let wanted = stored.iter().filter_map(|jid| args::channel(jid).ok()).take(MAX_LIVE);
        let now = Instant::now();
        self.live.0 = wanted.map(|jid| (jid, now)).collect();
        self.renew_live(now);
        Ok(())
    }

    /// Asks again for what will end soon.
    pub(crate) fn renew_live(&mut self, now: Instant) {
        if !self.is_open() {
            return;
        }
        let ending: Vec<Jid> = self.live.0.iter().filter(|(_, due)| **due <= now).map(|(jid, _)| jid.clone()).collect();
        for channel in ending {
            self.live.0.insert(channel.clone(), now + AGAIN);
            let id = self.requests.id();
            let node = channels::live(&channel).attr("id", id.clone());
            self.request(id, node, Wait::Live(channel));
        }
    }

    /// The answer to that.
    pub(crate) fn on_live(&mut self, channel: &Jid, answer: &Node<'_>) {
        let Some(until) = self.live.0.get_mut(channel) else { return };
        match iq::error_code(answer) {
            None => *until = due(channels::live_for(answer)),
            // It is not there any more, or not for this account.
            Some(code @ (401 | 403 | 404 | 410)) => {
                tracing::info!(session = %self.name, "no live updates of {channel} any more: error {code}");
                self.live.0.remove(channel);
                self.keep_live();
            }
            Some(_) => {}
        }
    }
}
