//! What a program sees of history (`HistoryEvent` of `index.d.ts`).

use serde::Serialize;

use crate::message::Message;

/// A part of a blob, in the order in which the blob has it: chats, people and groups first, then messages.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPart {
    /// `initial`, `status`, `full`, `recent`, `names`, `other` or `on-demand`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Percent of all blobs of the type, where the phone tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<u32>,
    /// Which blob of the type, from 0.
    pub order: u32,
    /// Which part of the blob, from 0.
    pub part: u32,
    /// Whether it is the blob's last part.
    pub last: bool,
    /// The request that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// It was given before, in another run, and may have been taken.
    pub redelivered: bool,
    /// Chats.
    pub chats: Vec<HistoryChat>,
    /// People and their names.
    pub contacts: Vec<HistoryContact>,
    /// Messages, newest first within a chat.
    pub messages: Vec<HistoryMessage>,
    /// Pairs of addresses.
    pub lid_mappings: Vec<LidMapping>,
    /// Who has left which group.
    pub past_participants: Vec<PastMember>,
    /// Records that could not be read and were left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub unreadable: u64,
    /// The `Message` protobufs, one after the other.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

impl HistoryPart {
    /// The same with the fields of `HistorySync` as they stand, and nothing read from them.
    pub(super) fn with_fields(self, raw: Vec<u8>) -> Self {
        let empty = Self { raw, ..Self::default() };
        let Self { kind, progress, order, part, last, request, redelivered, unreadable, .. } = self;
        Self { kind, progress, order, part, last, request, redelivered, unreadable, ..empty }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A chat as the phone has it.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "index.d.ts describes them")]
pub struct HistoryChat {
    pub jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Milliseconds since the epoch, as all times here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread_mentions: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marked_unread: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub community: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<HistoryMember>,
    /// Whether the phone has older messages than it has given so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<bool>,
}

/// A member of a group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "index.d.ts describes them")]
pub struct HistoryMember {
    pub jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<&'static str>,
}

/// A person.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "index.d.ts describes them")]
pub struct HistoryContact {
    pub jid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lid: Option<String>,
    /// As the person calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push_name: Option<String>,
    /// As the phone's address book has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// A message, and what the phone has noted beside it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryMessage {
    /// As it is told when it comes live.
    #[serde(flatten)]
    pub message: Message,
    /// Of an own message: `failed`, `pending`, `sent`, `delivered`, `read` or `played`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// Whether it is starred.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub starred: bool,
    /// What people reacted with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<HistoryReaction>,
    /// What happened, where it is no message that somebody wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<System>,
    /// Where its protobuf is in [`HistoryPart::raw`].
    pub at: [usize; 2],
}

/// A reaction.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "index.d.ts describes them")]
pub struct HistoryReaction {
    pub sender: String,
    pub from_me: bool,
    pub emoji: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
}

/// Something that the phone noted in a chat.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "index.d.ts describes them")]
pub struct System {
    /// The schema's name: `GROUP_CREATE`, `REVOKE`, …
    pub what: String,
    pub parameters: Vec<String>,
}

/// Both addresses of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "index.d.ts describes them")]
pub struct LidMapping {
    pub pn: String,
    pub lid: String,
}

/// Somebody who is no longer in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "index.d.ts describes them")]
pub struct PastMember {
    pub group: String,
    pub jid: String,
    pub removed: bool,
    pub timestamp: u64,
}
