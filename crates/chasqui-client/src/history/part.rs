//! Records become parts: bounded numbers of them, decoded as far as the bytes alone tell.

use chasqui_proto::{
    Conversation, InlineContact, MessageKey, PastParticipants, PhoneNumberToLidMapping, ProtoMessage, Pushname,
    Reaction, web_message_info::StubType,
};

use super::{plain::System, walk::Record};
use crate::{
    content::{self, Described},
    raw,
};

/// Records of one part, and about how many bytes they have.
const MAX_RECORDS: usize = 250;
const MAX_BYTES: usize = 192 << 10;
/// Fields of `HistorySync`.
const PROGRESS: u64 = 6;
const NAMES: u64 = 7;
const PAST_PARTICIPANTS: u64 = 12;
const MAPPINGS: u64 = 15;
const NCT_SALT: u64 = 19;
const INLINE_CONTACTS: u64 = 20;
/// `HistorySyncMsg.message`.
const INFO: u64 = 1;

/// What is taken in one reading of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Pairs of addresses, so that everything that follows is told under the address that is to be shown.
    Pairs,
    /// Chats, people, groups.
    Heads,
    /// Messages.
    Messages,
    /// Everything as it stands, instead of messages.
    Whole,
}

impl Stage {
    pub const FIRST: Self = Self::Pairs;

    pub fn next(self, whole: bool) -> Option<Self> {
        match self {
            Self::Pairs => Some(Self::Heads),
            Self::Heads if whole => Some(Self::Whole),
            Self::Heads => Some(Self::Messages),
            Self::Messages | Self::Whole => None,
        }
    }
}

/// A message as it stands in a blob.
#[derive(Debug)]
pub(crate) struct Read {
    pub key: MessageKey,
    pub participant: Option<String>,
    /// Seconds.
    pub timestamp: u64,
    pub status: Option<i32>,
    pub push_name: Option<String>,
    pub starred: bool,
    pub system: Option<System>,
    pub secret: Option<Vec<u8>>,
    pub reactions: Vec<Reaction>,
    pub described: Described,
    /// The `Message` protobuf.
    pub raw: Vec<u8>,
}

/// What is read of a `WebMessageInfo`: decoding its other fields, and its message in the same go, takes longer than all else.
#[derive(Clone, PartialEq, prost::Message)]
struct Info {
    #[prost(message, required, tag = "1")]
    key: MessageKey,
    #[prost(bytes = "vec", optional, tag = "2")]
    message: Option<Vec<u8>>,
    #[prost(uint64, optional, tag = "3")]
    message_timestamp: Option<u64>,
    #[prost(int32, optional, tag = "4")]
    status: Option<i32>,
    #[prost(string, optional, tag = "5")]
    participant: Option<String>,
    #[prost(bool, optional, tag = "17")]
    starred: Option<bool>,
    #[prost(string, optional, tag = "19")]
    push_name: Option<String>,
    #[prost(int32, optional, tag = "24")]
    message_stub_type: Option<i32>,
    #[prost(string, repeated, tag = "26")]
    message_stub_parameters: Vec<String>,
    #[prost(message, repeated, tag = "41")]
    reactions: Vec<Reaction>,
    #[prost(bytes = "vec", optional, tag = "49")]
    message_secret: Option<Vec<u8>>,
}

impl Read {
    fn of(info: &[u8]) -> Option<Self> {
        let info = Info::decode(info).ok()?;
        let system = info.message_stub_type.and_then(|kind| StubType::try_from(kind).ok());
        let system = system
            .filter(|kind| *kind != StubType::Unknown)
            .map(|kind| System { what: kind.as_str_name().to_owned(), parameters: info.message_stub_parameters });
        let described = match (&info.message, &system) {
            (Some(message), _) => content::describe_bytes(message)?,
            (None, Some(_)) => Described::of("system"),
            (None, None) => Described::of("unknown"),
        };
        Some(Self {
            raw: info.message.unwrap_or_default(),
            participant: info.participant,
            timestamp: info.message_timestamp.unwrap_or(0),
            status: info.status,
            push_name: info.push_name,
            starred: info.starred == Some(true),
            secret: info.message_secret,
            reactions: info.reactions,
            key: info.key,
            system,
            described,
        })
    }
}

/// Records of a blob that are applied and told together.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// How many records of the blob are told with this one.
    pub until: u64,
    pub last: bool,
    pub progress: Option<u32>,
    /// As they are written, number first.
    pub pairs: Vec<(String, String)>,
    pub chats: Vec<Conversation>,
    pub names: Vec<Pushname>,
    pub contacts: Vec<InlineContact>,
    pub past: Vec<PastParticipants>,
    pub messages: Vec<Read>,
    pub nct_salt: Option<Vec<u8>>,
    /// Fields of `HistorySync` as they stand.
    pub whole: Vec<u8>,
    pub unreadable: u64,
}

/// Collects the records of a blob.
pub(super) struct Reading {
    pub stage: Stage,
    /// Records that were told in an earlier run.
    skip: u64,
    part: Part,
    records: usize,
    bytes: usize,
    pub unreadable: u64,
    progress: Option<u32>,
}

impl Reading {
    pub fn new(skip: u64) -> Self {
        Self { stage: Stage::FIRST, skip, part: Part::default(), records: 0, bytes: 0, unreadable: 0, progress: None }
    }

    pub fn is_full(&self) -> bool {
        self.records >= MAX_RECORDS || self.bytes >= MAX_BYTES
    }

    /// The records so far.
    pub fn cut(&mut self, last: bool) -> Part {
        (self.records, self.bytes) = (0, 0);
        let next = Part { until: self.part.until, ..Part::default() };
        let unreadable = std::mem::take(&mut self.unreadable);
        Part { last, unreadable, progress: self.progress, ..std::mem::replace(&mut self.part, next) }
    }

    /// Takes a record. What cannot be read is counted and left out: a field that is new must not spoil a blob.
    pub fn take(&mut self, record: Record<'_>) {
        let (number, bytes) = match record {
            Record::Number(PROGRESS, value) => {
                self.progress = u32::try_from(value).ok().filter(|percent| *percent <= 100);
                return;
            }
            Record::Number(..) => return,
            Record::Message { bytes, .. } => (None, bytes),
            Record::Chat(bytes) => (None, bytes),
            Record::Field(number, bytes) => (Some(number), bytes),
        };
        let wanted = match (self.stage, number) {
            (Stage::Pairs, Some(number)) => number == MAPPINGS,
            (Stage::Heads, Some(number)) => [NAMES, PAST_PARTICIPANTS, NCT_SALT, INLINE_CONTACTS].contains(&number),
            (_, None) => true,
            (Stage::Messages, Some(_)) => false,
            (Stage::Whole, Some(_)) => true,
        };
        if !wanted {
            return;
        }
        self.part.until += 1;
        if self.part.until <= self.skip {
            return;
        }
        let readable = self.read(&record, bytes).is_some();
        // A chat is looked at twice.
        if !readable && (self.stage != Stage::Pairs || number.is_some()) {
            self.unreadable += 1;
        }
    }

    fn read(&mut self, record: &Record<'_>, bytes: &[u8]) -> Option<()> {
        let part = &mut self.part;
        let mut weight = bytes.len();
        match (self.stage, record) {
            (Stage::Whole, Record::Field(number, _)) => raw::push_field(&mut part.whole, *number, bytes),
            (Stage::Pairs, Record::Chat(_)) => {
                let chat = Conversation::decode(bytes).ok()?;
                let by_lid = chat.id.ends_with("@lid");
                let other = if by_lid { chat.pn_jid } else { chat.lid_jid };
                let Some(other) = other else { return Some(()) };
                weight = other.len();
                part.pairs.push(if by_lid { (other, chat.id) } else { (chat.id, other) });
            }
            (Stage::Pairs, _) => {
                let pair = PhoneNumberToLidMapping::decode(bytes).ok()?;
                part.pairs.push((pair.pn_jid?, pair.lid_jid?));
            }
            (_, Record::Chat(_)) => part.chats.push(Conversation::decode(bytes).ok()?),
            (_, Record::Message { status, .. }) => {
                // Room for a part at once: growing moves what there is.
                part.messages.reserve(if part.messages.is_empty() { MAX_RECORDS } else { 0 });
                let info = if *status { bytes } else { raw::field(bytes, INFO)? };
                part.messages.push(Read::of(info)?);
            }
            (_, Record::Field(NAMES, _)) => part.names.push(Pushname::decode(bytes).ok()?),
            (_, Record::Field(PAST_PARTICIPANTS, _)) => part.past.push(PastParticipants::decode(bytes).ok()?),
            (_, Record::Field(INLINE_CONTACTS, _)) => part.contacts.push(InlineContact::decode(bytes).ok()?),
            (_, Record::Field(NCT_SALT, _)) => part.nct_salt = Some(bytes.to_vec()),
            (_, Record::Field(..) | Record::Number(..)) => {}
        }
        self.records += 1;
        self.bytes += weight;
        Some(())
    }
}
