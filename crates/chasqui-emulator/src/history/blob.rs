//! One blob: which part of a book stands in it, and its bytes, deflated as phones do it.

use std::io::{self, Write};

use chasqui_proto::{
    Conversation, HistorySync, ProtoMessage as _, conversation::EndOfHistoryTransferType as End,
    history_sync::HistorySyncType as Kind,
};
use flate2::{Compression, write::ZlibEncoder};
use prost::encoding::encode_varint;

use super::book::{Book, Chat, Spoiled};

/// Zeros that a bomb inflates to, and the head of the field that they are in: threadIdUserSecret.
const BOMB: u64 = 64 << 20;
const BOMB_FIELD: [u8; 5] = [0x4a, 0x80, 0x80, 0x80, 0x20];

/// What stands in a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub kind: Kind,
    pub order: u32,
    pub progress: Option<u32>,
    pub what: What,
    /// The request that it answers.
    pub request: Option<String>,
}

/// Which part of a book that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// All chats, each with its newest messages.
    Chats,
    /// Names.
    Names,
    /// Messages from one to another, counted over all chats; of each chat only those from one to another.
    Messages { from: usize, to: usize, of_each: (usize, usize) },
    /// Messages of one chat.
    Chat { chat: usize, from: usize, to: usize },
    /// Who has left groups.
    Rest,
}

impl Part {
    /// Everything that a companion gets after it was linked, in order.
    pub fn all(book: &Book, full: bool) -> Vec<Self> {
        let part = |kind, progress, what| Self { kind, order: 0, progress, what, request: None };
        let mut parts =
            vec![part(Kind::InitialBootstrap, Some(100), What::Chats), part(Kind::PushName, None, What::Names)];
        parts.extend(series(book, Kind::Recent, (book.initial, book.recent)));
        if full && book.recent != usize::MAX {
            parts.extend(series(book, Kind::Full, (book.recent, usize::MAX)));
        }
        parts.push(part(Kind::NonBlockingData, Some(100), What::Rest));
        parts
    }
}

fn of_each(chat: &Chat, (from, to): (usize, usize)) -> std::ops::Range<usize> {
    let to = to.min(chat.len());
    from.min(to)..to
}

fn series(book: &Book, kind: Kind, each: (usize, usize)) -> Vec<Part> {
    let total: usize = book.chats.iter().map(|chat| of_each(chat, each).len()).sum();
    let count = total.div_ceil(book.per_blob).max(1);
    let part = |at: usize| Part {
        kind,
        order: u32::try_from(at).unwrap_or(u32::MAX),
        progress: u32::try_from((at + 1) * 100 / count).ok(),
        what: What::Messages { from: at * book.per_blob, to: ((at + 1) * book.per_blob).min(total), of_each: each },
        request: None,
    };
    (0..count).map(part).collect()
}

/// The zlib stream of a part.
pub(super) fn encode(book: &Book, part: &Part, own: &[(String, String)], spoiled: Option<Spoiled>) -> Vec<u8> {
    // Writing to memory cannot fail; an empty result would be refused by the client, and be seen.
    // Phones are quick about it; a bomb is as small as can be.
    let level = if spoiled == Some(Spoiled::Bomb) { Compression::best() } else { Compression::fast() };
    let mut zlib = ZlibEncoder::new(Vec::new(), level);
    let written = match spoiled {
        Some(Spoiled::Bomb) => {
            let zeros = &mut io::Read::take(io::repeat(0), BOMB);
            zlib.write_all(&BOMB_FIELD).and_then(|()| io::copy(zeros, &mut zlib)).map(drop)
        }
        Some(Spoiled::Noise) => return b"this was never deflated".to_vec(),
        _ => write(book, part, own, &mut zlib),
    };
    let mut bytes = written.and_then(|()| zlib.finish()).unwrap_or_default();
    if spoiled == Some(Spoiled::Cut) {
        bytes.truncate(bytes.len() * 2 / 3);
    }
    bytes
}

fn write(book: &Book, part: &Part, own: &[(String, String)], out: &mut impl Write) -> io::Result<()> {
    let mut rest = HistorySync {
        sync_type: part.kind.into(),
        chunk_order: Some(part.order),
        progress: part.progress,
        ..Default::default()
    };
    // Chats stand before what belongs to them, as phones write it: fields in the order of their numbers.
    let head = HistorySync { sync_type: part.kind.into(), ..Default::default() };
    out.write_all(&head.encode_to_vec())?;
    match &part.what {
        What::Chats => {
            for chat in &book.chats {
                write_chat(book, chat, of_each(chat, (0, book.initial)), None, out)?;
            }
            rest.phone_number_to_lid_mappings = book.mappings.clone();
            let pair = |(pn, lid): &(String, String)| chasqui_proto::PhoneNumberToLidMapping {
                pn_jid: Some(pn.clone()),
                lid_jid: Some(lid.clone()),
            };
            rest.phone_number_to_lid_mappings.extend(own.iter().map(pair));
        }
        What::Names => rest.pushnames = book.names.clone(),
        What::Messages { from, to, of_each: each } => {
            let mut passed = 0;
            for chat in &book.chats {
                let range = of_each(chat, *each);
                let (first, last) = (from.saturating_sub(passed), to.saturating_sub(passed).min(range.len()));
                passed += range.len();
                if first < last {
                    write_chat(book, chat, range.start + first..range.start + last, None, out)?;
                }
            }
        }
        What::Chat { chat, from, to } => {
            if let Some(chat) = book.chats.get(*chat) {
                let more = *to < chat.len();
                let end = if more {
                    End::CompleteOnDemandSyncButMoreMsgRemainOnPrimary
                } else {
                    End::CompleteAndNoMoreMessageRemainOnPrimary
                };
                write_chat(book, chat, *from..*to, Some(end), out)?;
            }
        }
        What::Rest => rest.past_participants = book.past.clone(),
    }
    out.write_all(&rest.encode_to_vec())
}

fn write_chat(
    book: &Book,
    chat: &Chat,
    messages: std::ops::Range<usize>,
    end: Option<End>,
    out: &mut impl Write,
) -> io::Result<()> {
    let more = chat.len() > book.recent;
    let end = end.unwrap_or(if more {
        End::CompleteButMoreMessagesRemainOnPrimary
    } else {
        End::CompleteAndNoMoreMessageRemainOnPrimary
    });
    let timestamp = chat.newest();
    let about = Conversation {
        end_of_history_transfer: Some(true),
        end_of_history_transfer_type: Some(end.into()),
        conversation_timestamp: timestamp,
        last_msg_timestamp: timestamp,
        ..chat.about.clone()
    };
    let about = about.encode_to_vec();
    // Its id, its messages, and the rest.
    let id = Conversation { id: chat.about.id.clone(), ..Default::default() }.encoded_len();
    let (id, rest) = about.split_at(id);
    let mut inside = id.to_vec();
    for at in messages {
        let mut message = Vec::new();
        field(&mut message, 1, &chat.message(at));
        // The newest has the highest.
        message.push(2 << 3);
        encode_varint((chat.len() - at) as u64, &mut message);
        field(&mut inside, 2, &message);
    }
    inside.extend_from_slice(rest);
    let mut whole = Vec::with_capacity(inside.len() + 8);
    field(&mut whole, 2, &inside);
    out.write_all(&whole)
}

fn field(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    encode_varint(number << 3 | 2, out);
    encode_varint(content.len() as u64, out);
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::{
        super::{Generate, PhoneHistory},
        *,
    };

    fn inflated(bytes: &[u8]) -> HistorySync {
        let mut plain = Vec::new();
        flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        HistorySync::decode(plain.as_slice()).unwrap()
    }

    #[test]
    fn every_message_is_in_one_blob_and_older_ones_only_for_who_wants_all() {
        let given = PhoneHistory {
            generate: Some(Generate { chats: 7, messages: 100, seed: 1 }),
            per_blob: Some(30),
            initial: Some(2),
            recent: Some(8),
            ..Default::default()
        };
        let book = Book::new(given).unwrap();
        for (full, expected) in [(false, 7 * 8), (true, 100)] {
            let mut ids = Vec::new();
            for part in Part::all(&book, full) {
                let history = inflated(&encode(&book, &part, &[], None));
                assert_eq!((history.sync_type, history.chunk_order), (i32::from(part.kind), Some(part.order)));
                for message in history.conversations.iter().flat_map(|chat| &chat.messages) {
                    let key = &message.message.as_ref().unwrap().key;
                    ids.push((key.remote_jid.clone(), key.id.clone()));
                }
            }
            assert_eq!(ids.len(), expected);
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), expected);
        }
        let recent: Vec<_> = Part::all(&book, false).into_iter().filter(|part| part.kind == Kind::Recent).collect();
        assert_eq!(recent.iter().map(|part| part.progress).collect::<Vec<_>>(), [Some(50), Some(100)]);
    }
}
