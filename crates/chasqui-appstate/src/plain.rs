//! Actions as plain objects: what programs are told of changes, and what they write to make one.
//!
//! One union for both ways, which is JSON with a `type`. Times are milliseconds since the epoch; JIDs are texts, as the
//! record has them: whoever tells them on maps them first ([`Change::addresses`]). What has no variant of its own keeps its
//! bytes, so that nothing is lost on the way. Source: 04-app-state §11, §14.

mod read;
mod write;

use serde::{Deserialize, Deserializer, Serialize};

pub use write::PlainError;

/// A message near the end of a chat: a receiver sees by them whether a change still applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastMessage {
    /// Its id.
    pub id: String,
    /// Whether the account itself sent it.
    pub from_me: bool,
    /// Its author, in groups.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "author")]
    pub sender: Option<String>,
    /// When it was sent.
    pub timestamp: i64,
}

/// Up to where a chat is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extent {
    /// Time of the last message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message_timestamp: Option<i64>,
    /// The last messages, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_messages: Vec<LastMessage>,
}

/// Which message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// Its chat.
    pub chat: String,
    /// Its id.
    pub id: String,
    /// Whether the account itself sent it.
    pub from_me: bool,
    /// Its author, for messages of others in groups.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "author")]
    pub sender: Option<String>,
}

/// Who sees the status updates of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Those who are listed.
    AllowList,
    /// All contacts but those who are listed.
    DenyList,
    /// All contacts.
    Contacts,
    /// Close friends.
    CloseFriends,
    /// A list that has a name.
    CustomList,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CallResult {
    Connected,
    Rejected,
    Cancelled,
    AcceptedElsewhere,
    Missed,
    Invalid,
    Unavailable,
    Upcoming,
    Failed,
    Abandoned,
    Ongoing,
}

/// One change of the account's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Change {
    /// A chat is silent or not.
    Mute {
        /// The chat.
        chat: String,
        /// Whether it is.
        muted: bool,
        /// Until when; forever without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<i64>,
    },
    /// A message is starred or not.
    Star {
        /// The message.
        #[serde(flatten)]
        message: ChatMessage,
        /// Whether it is.
        starred: bool,
    },
    /// A message is deleted on the own devices.
    DeleteForMe {
        /// The message.
        #[serde(flatten)]
        message: ChatMessage,
        /// When it was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_timestamp: Option<i64>,
        /// Whether its file goes too.
        #[serde(default)]
        delete_media: bool,
    },
    /// All messages of a chat are deleted.
    Clear {
        /// The chat.
        chat: String,
        /// Whether starred ones go too.
        #[serde(default)]
        delete_starred: bool,
        /// Whether files go too.
        #[serde(default)]
        delete_media: bool,
        /// Up to where.
        #[serde(flatten)]
        extent: Extent,
    },
    /// A chat is deleted.
    DeleteChat {
        /// The chat.
        chat: String,
        /// Whether files go too.
        #[serde(default)]
        delete_media: bool,
        /// Up to where.
        #[serde(flatten)]
        extent: Extent,
    },
    /// Somebody's status updates are hidden or not.
    MuteStatus {
        /// Who.
        jid: String,
        /// Whether they are.
        muted: bool,
    },
    /// Who sees the own status updates.
    StatusPrivacy {
        /// Which of the lists.
        audience: Audience,
        /// Who is on it.
        #[serde(default)]
        jids: Vec<String>,
    },
    /// The favourites, all of them.
    Favorites {
        /// Their chats.
        chats: Vec<String>,
    },
    /// A chat is pinned or not.
    Pin {
        /// The chat.
        chat: String,
        /// Whether it is.
        pinned: bool,
    },
    /// A chat is archived or not.
    Archive {
        /// The chat.
        chat: String,
        /// Whether it is.
        archived: bool,
        /// Up to where.
        #[serde(flatten)]
        extent: Extent,
    },
    /// A chat is marked as read or as unread.
    MarkRead {
        /// The chat.
        chat: String,
        /// Which.
        read: bool,
        /// Up to where.
        #[serde(flatten)]
        extent: Extent,
    },
    /// A chat is locked or not.
    Lock {
        /// The chat.
        chat: String,
        /// Whether it is.
        locked: bool,
    },
    /// Whether archived chats come back with new messages.
    UnarchiveChats {
        /// Whether they do.
        enabled: bool,
    },
    /// Whether the clock has 24 hours.
    TimeFormat {
        /// Whether it has.
        twenty_four_hours: bool,
    },
    /// A note on a chat.
    Note {
        /// Its id.
        id: String,
        /// The chat.
        chat: String,
        /// What it says.
        #[serde(default)]
        text: String,
        /// Whether it is deleted.
        #[serde(default)]
        deleted: bool,
    },
    /// The version of the phone's app.
    PhoneVersion {
        /// As the phone writes it.
        version: String,
    },
    /// A label is made, changed or deleted.
    Label {
        /// Its id.
        id: String,
        /// Its name.
        #[serde(default)]
        name: String,
        /// Number of its colour.
        #[serde(default)]
        color: i32,
        /// Which of the labels that there are from the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        predefined_id: Option<i32>,
        /// Its place in the list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<i32>,
        /// Whether it is deleted.
        #[serde(default)]
        deleted: bool,
    },
    /// A label is put on a chat or a message, or taken off.
    LabelAssociation {
        /// The label.
        label_id: String,
        /// The chat.
        chat: String,
        /// The message, when it is not the chat as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
        /// Whether it is on it.
        labeled: bool,
    },
    /// The order of labels.
    LabelOrder {
        /// Their ids.
        ids: Vec<i32>,
    },
    /// A canned answer is made, changed or deleted.
    QuickReply {
        /// Its id. Without one a new answer gets the present second.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// What is typed for it.
        #[serde(default)]
        shortcut: String,
        /// What it says.
        #[serde(default)]
        message: String,
        /// How often it was used.
        #[serde(default)]
        count: i32,
        /// By what it is found.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        keywords: Vec<String>,
        /// Whether it is deleted.
        #[serde(default)]
        deleted: bool,
    },
    /// One of those who answer for a business.
    Agent {
        /// Its id.
        id: String,
        /// Its name.
        #[serde(default)]
        name: String,
        /// Its device.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<i32>,
        /// Whether it is deleted.
        #[serde(default)]
        deleted: bool,
    },
    /// Who answers a chat of a business.
    AgentChat {
        /// The chat.
        chat: String,
        /// Whose it is; nobody's without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    },
    /// The phone number behind a LID.
    LidMapping {
        /// The LID.
        lid: String,
        /// The phone number's JID.
        pn: String,
    },
    /// A call that was.
    Call {
        /// Its id.
        id: String,
        /// Who began it.
        creator: String,
        /// Whether that was the account itself.
        from_me: bool,
        /// What became of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<CallResult>,
        /// Whether it had a picture.
        video: bool,
        /// When it began.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        started: Option<i64>,
        /// How long it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration: Option<i64>,
        /// The group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Who took part, in group calls.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        participants: Vec<String>,
    },
    /// Whether messages are written with link previews.
    LinkPreviews {
        /// Whether they are.
        enabled: bool,
    },
    /// Whether calls go through the service, which hides the own address.
    RelayCalls {
        /// Whether they do.
        enabled: bool,
    },
    /// Whether recommended channels fit the person.
    ChannelRecommendations {
        /// Whether they do.
        enabled: bool,
    },
    /// Somebody in the address book.
    Contact {
        /// By phone number; by LID when there is none.
        jid: String,
        /// The LID, beside a phone number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lid: Option<String>,
        /// Full name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// First name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_name: Option<String>,
        /// Name that the person has chosen to be found by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<String>,
        /// Whether it is to be in the phone's own address book.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        save_on_phone: Option<bool>,
        /// Whether it is taken out.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        removed: bool,
    },
    /// The own name.
    PushName {
        /// What strangers see.
        name: String,
    },
    /// The language of the phone.
    Locale {
        /// Like `pt_BR`.
        locale: String,
    },
    /// An action as its bytes, made by a program that knows the schema itself.
    Made {
        /// The collection that it goes into.
        collection: String,
        /// The index, from the name of the action on.
        index: Vec<String>,
        /// The `SyncActionValue`, in base64.
        value: String,
        /// Version of the action.
        version: i32,
        /// Whether it is taken away.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        removed: bool,
    },
    /// An action of the catalogue that has no form of its own here.
    Other {
        /// Its name.
        action: String,
        /// What it is about.
        index: Vec<String>,
        /// The `SyncActionValue`, in base64.
        value: String,
        /// Version of the action.
        version: i32,
        /// Whether it is taken away.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        removed: bool,
    },
    /// An action that the catalogue does not have, or not so. It is kept like the others.
    Unknown {
        /// The index as it stands: normally a JSON array of texts.
        index: String,
        /// The `SyncActionValue`, in base64.
        value: String,
        /// Version of the action.
        version: i32,
        /// Whether it is taken away.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        removed: bool,
    },
}

impl Change {
    /// The JIDs in it that can be mapped, to be told in another form.
    pub fn addresses(&mut self) -> Vec<&mut String> {
        fn of_extent<'c>(chat: &'c mut String, extent: &'c mut Extent) -> Vec<&'c mut String> {
            let senders = extent.last_messages.iter_mut().filter_map(|message| message.sender.as_mut());
            std::iter::once(chat).chain(senders).collect()
        }
        match self {
            Self::Mute { chat, .. }
            | Self::Pin { chat, .. }
            | Self::Lock { chat, .. }
            | Self::Note { chat, .. }
            | Self::LabelAssociation { chat, .. }
            | Self::AgentChat { chat, .. } => vec![chat],
            Self::Star { message, .. } | Self::DeleteForMe { message, .. } => {
                std::iter::once(&mut message.chat).chain(&mut message.sender).collect()
            }
            Self::Clear { chat, extent, .. }
            | Self::DeleteChat { chat, extent, .. }
            | Self::Archive { chat, extent, .. }
            | Self::MarkRead { chat, extent, .. } => of_extent(chat, extent),
            Self::MuteStatus { jid, .. } | Self::Contact { jid, .. } => vec![jid],
            Self::StatusPrivacy { jids, .. } => jids.iter_mut().collect(),
            Self::Favorites { chats } => chats.iter_mut().collect(),
            Self::Call { creator, participants, .. } => std::iter::once(creator).chain(participants).collect(),
            _ => Vec::new(),
        }
    }

    /// The phone number and the LID that it says to be one person's.
    pub fn pair(&self) -> Option<(&str, &str)> {
        match self {
            Self::LidMapping { lid, pn } => Some((pn, lid)),
            Self::Contact { jid, lid: Some(lid), .. } => Some((jid, lid)),
            _ => None,
        }
    }
}

/// A JID, or a person with one.
fn author<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Author {
        Jid(String),
        Person { jid: String },
    }
    let author = Option::<Author>::deserialize(deserializer)?;
    Ok(author.map(|(Author::Jid(jid) | Author::Person { jid })| jid))
}
