//! An incremental reader of `HistorySync`: bytes in, any number at a time; records out as soon as each is complete.
//!
//! ```text
//! HistorySync { 2 Conversation { 2 HistorySyncMsg { 1 WebMessageInfo } … other fields … } … other fields … }
//! ```
//!
//! Conversations are never held as a whole: their messages come out one by one, and what else is in them comes at their
//! end. So the memory that is needed is that of the largest record, which is bounded; what is larger is passed over and
//! counted. Fields may stand in any order. Source: 06-history-sync §3 and §5.

use crate::raw::{push_field, push_varint};

/// `HistorySync.conversations`, `HistorySync.statusV3Messages`, `Conversation.messages`.
const CONVERSATIONS: u64 = 2;
const STATUS_MESSAGES: u64 = 3;
const MESSAGES: u64 = 2;
/// The largest record that is read, in bytes; a message may carry a thumbnail, not a file.
const MAX_RECORD: u64 = 4 << 20;
/// The same for what a conversation has beside its messages: the members of a large group and some settings.
const MAX_CHAT: usize = 1 << 20;
/// The same for a conversation that is read as a whole.
const MAX_WHOLE: u64 = 32 << 20;

/// What is wanted of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything but messages.
    Heads,
    /// Messages alone.
    Messages,
    /// Every field of `HistorySync` as it stands.
    Whole,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Record<'a> {
    /// `HistorySyncMsg` of a conversation, or `WebMessageInfo` of a status.
    Message { status: bool, bytes: &'a [u8] },
    /// `Conversation` without its messages.
    Chat(&'a [u8]),
    /// A field of `HistorySync` with content.
    Field(u64, &'a [u8]),
    /// A number in `HistorySync`.
    Number(u64, u64),
}

/// It is no `HistorySync`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no history")]
pub(crate) struct Malformed;

/// Where in a field the reader stands.
enum State {
    Key,
    Value { key: u64 },
    Length { key: u64 },
    Skip { left: u64 },
    Collect { key: u64, left: u64 },
}

/// A conversation that is being read.
struct Chat {
    /// Bytes of it that are still to come.
    left: u64,
    fields: Vec<u8>,
}

/// The reader.
pub(super) struct Walker {
    wanted: Wanted,
    state: State,
    value: u64,
    shift: u32,
    chat: Option<Chat>,
    record: Vec<u8>,
    /// Records that were larger than is read.
    pub passed_over: u64,
}

impl Walker {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, state: State::Key, value: 0, shift: 0, chat: None, record: Vec::new(), passed_over: 0 }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, mut bytes: &[u8], give: &mut impl FnMut(Record<'_>)) -> Result<(), Malformed> {
        while let Some((&first, others)) = bytes.split_first() {
            match &mut self.state {
                State::Skip { left } | State::Collect { left, .. } => {
                    let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    let (here, rest) = bytes.split_at(length);
                    *left -= length as u64;
                    let done = *left == 0;
                    // A record that lies here whole is given without a copy.
                    let whole = done && self.record.is_empty();
                    if matches!(self.state, State::Collect { .. }) && !whole {
                        self.record.extend_from_slice(here);
                    }
                    bytes = rest;
                    self.consumed(length as u64)?;
                    if whole {
                        self.end_field(here, give);
                    } else if done {
                        let record = std::mem::take(&mut self.record);
                        self.end_field(&record, give);
                    }
                }
                State::Key | State::Value { .. } | State::Length { .. } => {
                    bytes = others;
                    self.consumed(1)?;
                    if self.shift > 63 {
                        return Err(Malformed);
                    }
                    self.value |= u64::from(first & 0x7f) << self.shift;
                    self.shift += 7;
                    if first & 0x80 == 0 {
                        let value = std::mem::take(&mut self.value);
                        self.shift = 0;
                        self.on_number(value, give)?;
                    }
                }
            }
            self.end_chat(give)?;
        }
        Ok(())
    }

    /// Says whether the end of the bytes is the end of a message.
    pub fn finish(self) -> Result<(), Malformed> {
        let whole = matches!(self.state, State::Key) && self.shift == 0 && self.chat.is_none();
        if whole { Ok(()) } else { Err(Malformed) }
    }

    fn consumed(&mut self, length: u64) -> Result<(), Malformed> {
        if let Some(chat) = &mut self.chat {
            chat.left = chat.left.checked_sub(length).ok_or(Malformed)?;
        }
        Ok(())
    }

    fn on_number(&mut self, value: u64, give: &mut impl FnMut(Record<'_>)) -> Result<(), Malformed> {
        let inside = self.chat.is_some();
        match self.state {
            State::Key => {
                self.state = match value & 7 {
                    _ if value >> 3 == 0 || value >> 3 > 0x1fff_ffff => return Err(Malformed),
                    0 => State::Value { key: value },
                    1 => self.skip(8)?,
                    2 => State::Length { key: value },
                    5 => self.skip(4)?,
                    _ => return Err(Malformed),
                };
            }
            State::Value { key } => {
                self.state = State::Key;
                match &mut self.chat {
                    Some(chat) if self.wanted == Wanted::Heads && chat.fields.len() < MAX_CHAT => {
                        push_varint(&mut chat.fields, key);
                        push_varint(&mut chat.fields, value);
                    }
                    Some(_) => {}
                    None => give(Record::Number(key >> 3, value)),
                }
            }
            State::Length { key } => {
                let number = key >> 3;
                let whole = self.wanted == Wanted::Whole;
                if !inside && number == CONVERSATIONS && !whole {
                    self.state = State::Key;
                    self.chat = Some(Chat { left: value, fields: Vec::new() });
                    return Ok(());
                }
                let is_message = if inside { number == MESSAGES } else { number == STATUS_MESSAGES };
                let wanted = whole || is_message == (self.wanted == Wanted::Messages);
                let limit = match (inside, is_message) {
                    _ if whole => MAX_WHOLE,
                    (true, false) => MAX_CHAT as u64,
                    _ => MAX_RECORD,
                };
                if wanted && value > limit {
                    self.passed_over += 1;
                }
                self.state = if wanted && value <= limit {
                    self.check(value)?;
                    State::Collect { key, left: value }
                } else {
                    self.skip(value)?
                };
                if value == 0 {
                    self.end_field(&[], give);
                }
            }
            State::Skip { .. } | State::Collect { .. } => return Err(Malformed),
        }
        Ok(())
    }

    /// A field may not end behind its conversation.
    fn check(&self, length: u64) -> Result<(), Malformed> {
        if self.chat.as_ref().is_some_and(|chat| chat.left < length) { Err(Malformed) } else { Ok(()) }
    }

    fn skip(&self, left: u64) -> Result<State, Malformed> {
        self.check(left)?;
        Ok(State::Skip { left })
    }

    /// The field that was being read is complete.
    fn end_field(&mut self, record: &[u8], give: &mut impl FnMut(Record<'_>)) {
        let State::Collect { key, .. } = std::mem::replace(&mut self.state, State::Key) else { return };
        let number = key >> 3;
        match (&mut self.chat, self.wanted) {
            (Some(_), Wanted::Messages) => give(Record::Message { status: false, bytes: record }),
            (None, Wanted::Messages) => give(Record::Message { status: true, bytes: record }),
            (Some(chat), Wanted::Heads) if chat.fields.len() + record.len() <= MAX_CHAT => {
                push_field(&mut chat.fields, number, record);
            }
            (Some(_), Wanted::Heads) => self.passed_over += 1,
            (None, Wanted::Heads | Wanted::Whole) => give(Record::Field(number, record)),
            // A conversation is not looked into.
            (Some(_), Wanted::Whole) => {}
        }
    }

    /// Ends the conversation if it is complete.
    fn end_chat(&mut self, give: &mut impl FnMut(Record<'_>)) -> Result<(), Malformed> {
        let Some(chat) = self.chat.take_if(|chat| chat.left == 0) else { return Ok(()) };
        if !matches!(self.state, State::Key) || self.shift != 0 {
            return Err(Malformed);
        }
        if self.wanted == Wanted::Heads {
            give(Record::Chat(&chat.fields));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chasqui_proto::{
        Conversation, HistorySync, HistorySyncMsg, MessageKey, ProtoMessage, Pushname, WebMessageInfo,
    };
    use proptest::prelude::*;

    use super::*;

    /// Records with contents of their own.
    #[derive(Debug, Clone, PartialEq)]
    enum Owned {
        Message(bool, Vec<u8>),
        Chat(Vec<u8>),
        Field(u64, Vec<u8>),
        Number(u64, u64),
    }

    fn read(bytes: &[u8], wanted: Wanted, sizes: &[usize]) -> Result<Vec<Owned>, Malformed> {
        let mut walker = Walker::new(wanted);
        let mut records = Vec::new();
        let mut sizes = sizes.iter().copied().cycle();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (here, later) = rest.split_at(sizes.next().unwrap_or(rest.len()).clamp(1, rest.len()));
            walker.push(here, &mut |record| {
                records.push(match record {
                    Record::Message { status, bytes } => Owned::Message(status, bytes.to_vec()),
                    Record::Chat(bytes) => Owned::Chat(bytes.to_vec()),
                    Record::Field(number, bytes) => Owned::Field(number, bytes.to_vec()),
                    Record::Number(number, value) => Owned::Number(number, value),
                });
            })?;
            rest = later;
        }
        walker.finish().map(|()| records)
    }

    fn message(id: u32) -> WebMessageInfo {
        WebMessageInfo {
            key: Box::new(MessageKey { id: Some(format!("{id:X}")), ..Default::default() }),
            message_timestamp: Some(u64::from(id)),
            ..Default::default()
        }
    }

    fn history(chats: &[(String, Vec<u32>)], names: &[String], status: &[u32]) -> HistorySync {
        let chat = |(id, messages): &(String, Vec<u32>)| Conversation {
            id: id.clone(),
            unread_count: Some(messages.len() as u32),
            name: Some(id.repeat(3)),
            messages: messages
                .iter()
                .map(|id| HistorySyncMsg { message: Some(Box::new(message(*id))), msg_order_id: Some(u64::from(*id)) })
                .collect(),
            ..Default::default()
        };
        HistorySync {
            sync_type: 3,
            conversations: chats.iter().map(chat).collect(),
            status_v3_messages: status.iter().map(|id| message(*id)).collect(),
            progress: Some(70),
            pushnames: names.iter().map(|name| Pushname { id: Some(name.clone()), pushname: None }).collect(),
            ..Default::default()
        }
    }

    /// The fields of a message in another order.
    fn shuffled(bytes: &[u8], seed: u64) -> Vec<u8> {
        let mut fields: Vec<_> = crate::raw::fields(bytes).map(|field| field.whole.to_vec()).collect();
        let count = fields.len().max(1);
        for at in 0..fields.len() {
            let other = (seed.rotate_left(at as u32) as usize).wrapping_mul(31) % count;
            fields.swap(at, other);
        }
        fields.concat()
    }

    proptest! {
        #[test]
        fn any_split_and_any_order_give_what_the_schema_s_decoder_gives(
            chats in prop::collection::vec(("[a-z]{0,9}", prop::collection::vec(any::<u32>(), 0..6)), 0..6),
            names in prop::collection::vec("[a-z]{0,40}", 0..5),
            status in prop::collection::vec(any::<u32>(), 0..4),
            sizes in prop::collection::vec(1usize..40, 1..8),
            seed in any::<u64>(),
        ) {
            let whole = history(&chats, &names, &status);
            let bytes = shuffled(&whole.encode_to_vec(), seed);
            // What the schema's decoder makes of that order.
            let whole = HistorySync::decode(bytes.as_slice()).expect("decodes");
            let (mut told_chats, mut told_names, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
            for record in read(&bytes, Wanted::Heads, &sizes).expect("reads") {
                match record {
                    Owned::Chat(bytes) => told_chats.push(Conversation::decode(bytes.as_slice()).expect("decodes")),
                    Owned::Field(7, bytes) => told_names.push(Pushname::decode(bytes.as_slice()).expect("decodes")),
                    Owned::Number(number, value) => numbers.push((number, value)),
                    other => panic!("{other:?}"),
                }
            }
            numbers.sort_unstable();
            prop_assert_eq!(numbers, [(1, 3), (6, 70)]);
            prop_assert_eq!(told_names, whole.pushnames.clone());
            let bare = |chat: &Conversation| Conversation { messages: Vec::new(), ..chat.clone() };
            prop_assert_eq!(told_chats, whole.conversations.iter().map(bare).collect::<Vec<_>>());

            let (mut told, mut told_status) = (Vec::new(), Vec::new());
            for record in read(&bytes, Wanted::Messages, &sizes).expect("reads") {
                match record {
                    Owned::Message(false, bytes) => told.push(HistorySyncMsg::decode(&*bytes).expect("decodes")),
                    Owned::Message(true, bytes) => told_status.push(WebMessageInfo::decode(&*bytes).expect("decodes")),
                    Owned::Number(..) => {}
                    other => panic!("{other:?}"),
                }
            }
            let all: Vec<_> = whole.conversations.iter().flat_map(|chat| chat.messages.clone()).collect();
            prop_assert_eq!(told, all);
            prop_assert_eq!(told_status, whole.status_v3_messages);
        }

        #[test]
        fn random_bytes_never_panic_and_every_split_of_them_gives_the_same(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            sizes in prop::collection::vec(1usize..20, 1..5),
        ) {
            for wanted in [Wanted::Heads, Wanted::Messages] {
                prop_assert_eq!(read(&bytes, wanted, &sizes), read(&bytes, wanted, &[usize::MAX]));
            }
        }

        #[test]
        fn a_blob_that_ends_early_is_refused(cut in 1usize..60) {
            let chats = [("ana".to_owned(), vec![1, 2, 3])];
            let bytes = history(&chats, &[], &[]).encode_to_vec();
            // Behind the last conversation every field is complete or cut.
            let end = bytes.len() - cut.min(bytes.len() - 3);
            let whole = HistorySync::decode(&bytes[..end]).is_ok();
            prop_assert_eq!(read(&bytes[..end], Wanted::Heads, &[5]).is_ok(), whole);
        }
    }

    #[test]
    fn what_is_larger_than_is_read_is_passed_over_and_counted() {
        let large = vec![0; usize::try_from(MAX_RECORD).unwrap_or(0) + 1];
        let mut bytes = Vec::new();
        push_field(&mut bytes, 7, &large);
        push_field(&mut bytes, 7, b"small");
        let mut walker = Walker::new(Wanted::Heads);
        let mut records = 0;
        walker.push(&bytes, &mut |_| records += 1).expect("reads");
        assert_eq!((records, walker.passed_over), (1, 1));
    }

    #[test]
    fn a_field_does_not_reach_behind_its_conversation() {
        let mut chat = Vec::new();
        push_field(&mut chat, 1, b"ana");
        for broken in [&[chat.as_slice(), &[0x0a, 9]].concat()[..], &[&chat[..], &[0x18]].concat(), &[0x1c, 1]] {
            let mut bytes = Vec::new();
            push_field(&mut bytes, CONVERSATIONS, broken);
            push_field(&mut bytes, 7, b"a name and more");
            assert_eq!(read(&bytes, Wanted::Heads, &[3]), Err(Malformed));
        }
    }
}
