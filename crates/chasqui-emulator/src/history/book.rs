//! What a phone has: chats with their messages, newest first, names, pairs of addresses, and who has left groups.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_proto::{
    Conversation, GroupParticipant, Message, MessageKey, PastParticipant, PastParticipants, PhoneNumberToLidMapping,
    ProtoMessage as _, Pushname, Reaction, group_participant::Rank, past_participant::LeaveReason,
};
use chasqui_wire::jid::Jid;
use serde::Deserialize;

use crate::error::EmulatorError;

/// Most messages that are generated.
const MAX_GENERATED: usize = 2_000_000;
/// Words of generated messages.
const WORDS: [&str; 16] = [
    "mañana", "the", "runner", "reached", "bridge", "at", "noon", "with", "four", "knots", "of", "red", "cord", "and",
    "nobody", "asked",
];
/// When the newest generated message was written.
const GENERATED_AT: u64 = 1_700_000_000;

/// The history of an account, as a test gives it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PhoneHistory {
    /// Chats with messages.
    pub chats: Vec<PhoneChat>,
    /// Names that people gave themselves.
    pub contacts: Vec<PhoneContact>,
    /// Further pairs of addresses.
    pub mappings: Vec<PhoneMapping>,
    /// Who has left which group.
    pub past_participants: Vec<PhonePastParticipant>,
    /// Further chats, made up.
    pub generate: Option<Generate>,
    /// Messages in one blob; 500.
    pub per_blob: Option<usize>,
    /// Newest messages of each chat that come with the chats themselves; 1.
    pub initial: Option<usize>,
    /// Newest messages of each chat that every companion gets; all. Older ones are for those that want all, and for those
    /// that ask.
    pub recent: Option<usize>,
    /// Blobs stand inside their notifications, and not on the media hosts.
    pub inline: bool,
    /// What is wrong with blobs.
    pub spoil: Vec<Spoil>,
}

/// A chat.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PhoneChat {
    /// Its JID, in either form.
    pub jid: String,
    /// The other form, if the chat tells it.
    pub pn: Option<String>,
    /// The other form, if the chat tells it.
    pub lid: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Unread messages.
    pub unread: Option<u32>,
    /// Whether it is archived.
    pub archived: Option<bool>,
    /// When it was pinned, in seconds.
    pub pinned: Option<u32>,
    /// Until when it is silent, in seconds.
    pub muted_until: Option<u64>,
    /// Its timer in seconds.
    pub ephemeral: Option<u32>,
    /// Base64 of the token that entitles to write to the person.
    pub token: Option<String>,
    /// When that was made, in seconds.
    pub token_timestamp: Option<u64>,
    /// Of a group.
    pub members: Vec<PhoneMember>,
    /// Newest first.
    pub messages: Vec<PhoneMessage>,
}

/// A member of a group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneMember {
    /// Who.
    pub jid: String,
    /// Whether an admin.
    #[serde(default)]
    pub admin: bool,
}

/// A message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PhoneMessage {
    /// Its id.
    pub id: Option<String>,
    /// Whether the account wrote it.
    pub from_me: bool,
    /// In groups: who wrote it.
    pub participant: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// Instead of a text: base64 of the Message protobuf.
    pub raw: Option<String>,
    /// Seconds since the epoch.
    pub timestamp: Option<u64>,
    /// The author's name.
    pub push_name: Option<String>,
    /// How far it got: the number of the schema.
    pub status: Option<i32>,
    /// Whether it is starred.
    pub starred: bool,
    /// What others reacted with.
    pub reactions: Vec<PhoneReaction>,
    /// Base64 of its secret.
    pub secret: Option<String>,
    /// What happened, instead of a message: the number of the schema.
    pub stub: Option<i32>,
    /// With whom or what that happened.
    pub stub_parameters: Vec<String>,
}

/// A reaction to a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PhoneReaction {
    /// Who.
    #[serde(default)]
    pub from: Option<String>,
    /// Whether the account.
    #[serde(default)]
    pub from_me: bool,
    /// With what.
    pub emoji: String,
}

/// The name that a person gave itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneContact {
    /// Who.
    pub jid: String,
    /// The name.
    pub name: String,
}

/// Two addresses of one person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneMapping {
    /// By number.
    pub pn: String,
    /// By LID.
    pub lid: String,
}

/// Somebody who is no longer in a group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhonePastParticipant {
    /// The group.
    pub group: String,
    /// Who.
    pub jid: String,
    /// Whether others removed it.
    #[serde(default)]
    pub removed: bool,
    /// Seconds since the epoch.
    pub at: u64,
}

/// Chats that are made up: the same seed gives the same ones.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// How many.
    pub chats: usize,
    /// Messages in all.
    pub messages: usize,
    /// 1.
    #[serde(default)]
    pub seed: u64,
}

/// What is wrong with blobs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spoil {
    /// How.
    pub what: Spoiled,
    /// With which: the number of the schema; all.
    #[serde(default)]
    pub kind: Option<i32>,
    /// With which of that kind; all.
    #[serde(default)]
    pub order: Option<u32>,
    /// How often; 1.
    #[serde(default = "once")]
    pub times: u64,
}

fn once() -> u64 {
    1
}

/// How a blob is spoiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Spoiled {
    /// It inflates without end.
    Bomb,
    /// The end is missing, and all hashes fit.
    Cut,
    /// It is no zlib stream, and all hashes fit.
    Noise,
    /// The media hosts do not have it.
    Missing,
}

/// WebMessageInfo whose message is embedded as it is, unknown fields included.
#[derive(Clone, PartialEq, prost::Message)]
struct Info {
    #[prost(message, optional, tag = "1")]
    key: Option<MessageKey>,
    #[prost(bytes = "vec", optional, tag = "2")]
    message: Option<Vec<u8>>,
    #[prost(uint64, optional, tag = "3")]
    timestamp: Option<u64>,
    #[prost(int32, optional, tag = "4")]
    status: Option<i32>,
    #[prost(string, optional, tag = "5")]
    participant: Option<String>,
    #[prost(bool, optional, tag = "17")]
    starred: Option<bool>,
    #[prost(string, optional, tag = "19")]
    push_name: Option<String>,
    #[prost(int32, optional, tag = "24")]
    stub_type: Option<i32>,
    #[prost(string, repeated, tag = "26")]
    stub_parameters: Vec<String>,
    #[prost(message, repeated, tag = "41")]
    reactions: Vec<Reaction>,
    #[prost(bytes = "vec", optional, tag = "49")]
    secret: Option<Vec<u8>>,
}

/// A chat of a book.
pub(crate) struct Chat {
    /// Without messages.
    pub about: Conversation,
    messages: Messages,
}

enum Messages {
    /// Ids and WebMessageInfos, newest first.
    Given(Vec<(String, Vec<u8>)>),
    /// How many, and what they are made of.
    Made { count: usize, seed: u64, authors: Vec<String> },
}

impl Chat {
    /// How many messages it has.
    pub fn len(&self) -> usize {
        match &self.messages {
            Messages::Given(given) => given.len(),
            Messages::Made { count, .. } => *count,
        }
    }

    /// When its newest message was written, in seconds.
    pub fn newest(&self) -> Option<u64> {
        match &self.messages {
            Messages::Given(given) => Info::decode(given.first()?.1.as_slice()).ok()?.timestamp,
            Messages::Made { .. } => Some(GENERATED_AT),
        }
    }

    /// Message number `at`, counted from the newest, as WebMessageInfo.
    pub fn message(&self, at: usize) -> Vec<u8> {
        match &self.messages {
            Messages::Given(given) => given.get(at).map(|(_, info)| info.clone()).unwrap_or_default(),
            Messages::Made { seed, authors, .. } => made(&self.about.id, *seed, authors, at),
        }
    }

    /// Where the message with this id is.
    pub fn find(&self, id: &str) -> Option<usize> {
        match &self.messages {
            Messages::Given(given) => given.iter().position(|(given, _)| given == id),
            Messages::Made { count, seed, .. } => {
                let at = usize::from_str_radix(id.strip_prefix(&made_prefix(*seed))?, 16).ok()?;
                (at < *count).then_some(at)
            }
        }
    }
}

/// A phone's history.
pub(crate) struct Book {
    pub chats: Vec<Chat>,
    pub names: Vec<Pushname>,
    pub mappings: Vec<PhoneNumberToLidMapping>,
    pub past: Vec<PastParticipants>,
    pub per_blob: usize,
    pub initial: usize,
    pub recent: usize,
    pub inline: bool,
    spoil: Vec<(Spoil, AtomicU64)>,
}

impl Book {
    /// Checks and encodes what a test gives.
    pub fn new(given: PhoneHistory) -> Result<Self, EmulatorError> {
        let mut mappings: Vec<_> = given.mappings.iter().map(|pair| mapping(&pair.pn, &pair.lid)).collect();
        let mut chats = given.chats.into_iter().map(chat).collect::<Result<Vec<_>, _>>()?;
        let mut past: Vec<PastParticipants> = Vec::new();
        for gone in given.past_participants {
            let reason = if gone.removed { LeaveReason::Removed } else { LeaveReason::Left };
            let one = PastParticipant {
                user_jid: Some(gone.jid),
                leave_reason: Some(reason.into()),
                leave_ts: Some(gone.at),
            };
            match past.iter_mut().find(|group| group.group_jid.as_ref() == Some(&gone.group)) {
                Some(group) => group.past_participants.push(one),
                None => past.push(PastParticipants { group_jid: Some(gone.group), past_participants: vec![one] }),
            }
        }
        if let Some(Generate { chats: count, messages, seed }) = given.generate {
            if messages > MAX_GENERATED || count == 0 || count > messages.max(1) {
                let what = "must have at most 2,000,000 messages in at least one chat, and a message for each chat";
                return Err(EmulatorError::option("generate", what));
            }
            for at in 0..count {
                let share = messages / count + usize::from(at < messages % count);
                let (chat, pair) = made_chat(at, share, seed);
                chats.push(chat);
                mappings.extend(pair);
            }
        }
        let names = given.contacts.into_iter();
        Ok(Self {
            chats,
            names: names.map(|who| Pushname { id: Some(who.jid), pushname: Some(who.name) }).collect(),
            mappings,
            past,
            per_blob: given.per_blob.unwrap_or(500).max(1),
            initial: given.initial.unwrap_or(1),
            recent: given.recent.unwrap_or(usize::MAX),
            inline: given.inline,
            spoil: given.spoil.into_iter().map(|spoil| (spoil, AtomicU64::new(0))).collect(),
        })
    }

    /// The chat with this JID, in either form.
    pub fn chat(&self, jid: &str) -> Option<usize> {
        let jid = jid.parse::<Jid>().ok()?.to_bare().to_string();
        self.chats.iter().position(|chat| {
            let about = &chat.about;
            about.id == jid || about.pn_jid.as_ref() == Some(&jid) || about.lid_jid.as_ref() == Some(&jid)
        })
    }

    /// What is wrong with this blob this time.
    pub fn spoil(&self, kind: i32, order: u32) -> Option<Spoiled> {
        let fits = |spoil: &Spoil| spoil.kind.is_none_or(|it| it == kind) && spoil.order.is_none_or(|it| it == order);
        let mut fitting = self.spoil.iter().filter(|(spoil, _)| fits(spoil));
        let struck = fitting.find(|(spoil, count)| count.fetch_add(1, Ordering::Relaxed) < spoil.times);
        struck.map(|(spoil, _)| spoil.what)
    }
}

fn mapping(pn: &str, lid: &str) -> PhoneNumberToLidMapping {
    PhoneNumberToLidMapping { pn_jid: Some(pn.to_owned()), lid_jid: Some(lid.to_owned()) }
}

fn decode(name: &str, text: Option<String>) -> Result<Option<Vec<u8>>, EmulatorError> {
    let bytes = |text: String| BASE64.decode(text).map_err(|_| EmulatorError::option(name, "must be base64"));
    text.map(bytes).transpose()
}

fn chat(given: PhoneChat) -> Result<Chat, EmulatorError> {
    let jid = given.jid.parse::<Jid>().map_err(|_| EmulatorError::option("jid", "of a chat must be a JID"))?;
    let mut messages = Vec::with_capacity(given.messages.len());
    for (at, message) in given.messages.into_iter().enumerate() {
        let id = message.id.clone().unwrap_or_else(|| format!("3EB0{at:08X}"));
        let timestamp = message.timestamp.unwrap_or(GENERATED_AT - at as u64);
        let text = message.text.map(|text| Message { conversation: Some(text), ..Default::default() }.encode_to_vec());
        let participant = message.participant.filter(|_| jid.is_group() && !message.from_me);
        let key = |from: Option<String>, from_me: bool| MessageKey {
            remote_jid: Some(given.jid.clone()),
            from_me: Some(from_me),
            id: Some(id.clone()),
            participant: from,
        };
        let reactions = message.reactions.into_iter().map(|reaction| Reaction {
            key: Some(Box::new(key(reaction.from.filter(|_| jid.is_group()), reaction.from_me))),
            text: Some(reaction.emoji),
            sender_timestamp_ms: i64::try_from(timestamp * 1000 + 1).ok(),
            ..Default::default()
        });
        let info = Info {
            reactions: reactions.collect(),
            key: Some(key(participant.clone(), message.from_me)),
            message: decode("raw", message.raw)?.or(text),
            timestamp: Some(timestamp),
            status: message.status,
            participant,
            starred: message.starred.then_some(true),
            push_name: message.push_name,
            stub_type: message.stub,
            stub_parameters: message.stub_parameters,
            secret: decode("secret", message.secret)?,
        };
        messages.push((id, info.encode_to_vec()));
    }
    let member = |member: &PhoneMember| GroupParticipant {
        user_jid: member.jid.clone(),
        rank: Some(if member.admin { Rank::Admin.into() } else { Rank::Regular.into() }),
        ..Default::default()
    };
    let about = Conversation {
        name: given.name,
        unread_count: given.unread,
        archived: given.archived,
        pinned: given.pinned,
        mute_end_time: given.muted_until,
        ephemeral_expiration: given.ephemeral,
        tc_token: decode("token", given.token)?,
        tc_token_timestamp: given.token_timestamp,
        participant: given.members.iter().map(member).collect(),
        pn_jid: given.pn,
        lid_jid: given.lid,
        id: given.jid,
        ..Default::default()
    };
    Ok(Chat { about, messages: Messages::Given(messages) })
}

/// Chats with people by LID and by number in turn; every tenth is a group.
fn made_chat(at: usize, count: usize, seed: u64) -> (Chat, Option<PhoneNumberToLidMapping>) {
    let (pn, lid) = (format!("1555{at:07}@s.whatsapp.net"), format!("{}@lid", 200_000_000_000_000 + at));
    let seed = seed.wrapping_mul(1_000_003).wrapping_add(at as u64);
    let named = Conversation { name: Some(format!("Chat {at}")), ..Default::default() };
    let (about, authors, pair) = if at % 10 == 9 {
        let group = format!("{}@g.us", 120_363_000_000_000_000 + at);
        (Conversation { id: group, ..named }, vec![lid, format!("{}@lid", 300_000_000_000_000 + at)], None)
    } else {
        let pair = mapping(&pn, &lid);
        let about = if at.is_multiple_of(2) {
            Conversation { id: lid, pn_jid: Some(pn), ..named }
        } else {
            Conversation { id: pn, lid_jid: Some(lid), ..named }
        };
        (about, Vec::new(), Some(pair))
    };
    (Chat { about, messages: Messages::Made { count, seed, authors } }, pair)
}

fn made_prefix(seed: u64) -> String {
    format!("3EB0{:08X}", seed as u32)
}

fn made(chat: &str, seed: u64, authors: &[String], at: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9).wrapping_add(at as u64));
    let from_me = random.bool();
    let author = authors.get(random.usize(..authors.len().max(1))).filter(|_| !from_me).cloned();
    let mut text = format!("{at}");
    for _ in 0..random.usize(4..28) {
        text.push(' ');
        text.push_str(WORDS[random.usize(..WORDS.len())]);
    }
    let key = MessageKey {
        remote_jid: Some(chat.to_owned()),
        from_me: Some(from_me),
        id: Some(format!("{}{at:X}", made_prefix(seed))),
        participant: author.clone(),
    };
    let message = Message { conversation: Some(text), ..Default::default() };
    Info {
        key: Some(key),
        message: Some(message.encode_to_vec()),
        timestamp: Some(GENERATED_AT.saturating_sub(60 * at as u64)),
        status: from_me.then_some(4),
        push_name: (!from_me).then(|| format!("Author {}", seed % 1000)),
        participant: author,
        ..Default::default()
    }
    .encode_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_messages_and_each_is_found_by_its_id() {
        let book = |seed| {
            let generate = Some(Generate { chats: 12, messages: 100, seed });
            Book::new(PhoneHistory { generate, ..Default::default() }).unwrap()
        };
        let (one, same, other) = (book(7), book(7), book(8));
        assert_eq!(one.chats.iter().map(Chat::len).sum::<usize>(), 100);
        assert_eq!(one.chats[9].message(3), same.chats[9].message(3));
        assert_ne!(one.chats[9].message(3), other.chats[9].message(3));
        let info = Info::decode(one.chats[9].message(3).as_slice()).unwrap();
        assert_eq!(one.chats[9].find(&info.key.unwrap().id.unwrap()), Some(3));
        assert!(one.chats[9].about.id.ends_with("@g.us"));
        assert_eq!(one.chat("15550000001@s.whatsapp.net"), Some(1));
        assert_eq!(one.chat("15550000002@s.whatsapp.net"), Some(2), "also by the other form");
    }
}
