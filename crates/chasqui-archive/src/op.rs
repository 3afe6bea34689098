//! What can be written: operations that may be repeated, and come in any order.

use std::fmt;

/// Somebody, in every form that is known.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The form that is shown: the phone number's JID where it is known, else the LID.
    pub jid: String,
    /// The LID.
    pub lid: Option<String>,
}

impl Person {
    /// Somebody of whom one form is known.
    pub fn of(jid: impl Into<String>) -> Self {
        Self { jid: jid.into(), lid: None }
    }

    pub(crate) fn lid(&self) -> Option<&str> {
        self.lid.as_deref().or_else(|| is_lid(&self.jid).then_some(&self.jid))
    }
}

pub(crate) fn is_lid(jid: &str) -> bool {
    jid.ends_with("@lid")
}

/// How far an own message got. The order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Status {
    /// It is still to be sent.
    Pending = 0,
    /// It will not be sent any more.
    Failed = 1,
    /// The server has it.
    Sent = 2,
    /// A device of a recipient has it.
    Delivered = 3,
    /// A recipient has read it.
    Read = 4,
    /// A recipient has played it.
    Played = 5,
}

impl Status {
    pub(crate) fn name(code: i64) -> Option<&'static str> {
        ["pending", "failed", "sent", "delivered", "read", "played"].get(usize::try_from(code).ok()?).copied()
    }
}

/// Which message.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Its chat, in the form that is shown.
    pub chat: String,
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub sender: Person,
    /// Whether that is the own account.
    pub from_me: bool,
}

/// A message.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Which.
    pub key: Target,
    /// The sender's device.
    pub device: u16,
    /// The name that the sender gives to himself.
    pub sender_name: Option<String>,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// `type` of the public form.
    pub kind: String,
    /// `source` of the public form.
    pub source: String,
    /// Text or caption.
    pub text: Option<String>,
    /// The rest of the public form, a JSON object; `None` when there is none.
    pub body: Option<String>,
    /// The protobuf.
    pub raw: Vec<u8>,
    /// Whether it is something to be read that nobody has read yet.
    pub counts: bool,
    /// Of own messages, how far it got.
    pub status: Option<Status>,
    /// Whether it is starred, as far as its source knows.
    pub starred: bool,
    /// It is told from the past: what was cleared up to its very time does not come back.
    pub history: bool,
}

/// What is known of a chat. What is `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Chat {
    /// What it is called, for those that are no persons.
    pub name: Option<String>,
    /// Whether it is archived.
    pub archived: Option<bool>,
    /// When it was pinned, milliseconds since the epoch; 0 when it is not.
    pub pinned: Option<i64>,
    /// Until when it is silent, milliseconds since the epoch; -1 for ever, 0 when it is not.
    pub muted: Option<i64>,
    /// Whether it is locked.
    pub locked: Option<bool>,
    /// Messages to be read.
    pub unread: Option<u32>,
    /// Whether it is marked as unread.
    pub marked_unread: Option<bool>,
    /// When something was last said in it.
    pub last_time: Option<i64>,
}

/// A contact of the account's own address book; all of it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Full name.
    pub name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Name in the service.
    pub username: Option<String>,
}

/// What is known of a group. What is `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// What it is called.
    pub subject: Option<String>,
    /// Who made it.
    pub owner: Option<String>,
    /// When, milliseconds since the epoch.
    pub created: Option<i64>,
    /// How many are in it.
    pub members: Option<u32>,
}

/// A label.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Number of its colour.
    pub color: i32,
}

/// One thing to be written. Chats are named in the form that is shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Op {
    /// A message.
    Message(Box<Message>),
    /// Own messages got so far.
    Status {
        /// Their chat.
        chat: String,
        /// Their ids.
        ids: Vec<String>,
        /// With whom; the server itself without.
        person: Option<Person>,
        /// How far.
        status: Status,
        /// When, milliseconds since the epoch; with `Sent` it is that of the messages themselves.
        timestamp: i64,
    },
    /// Somebody reacted to a message.
    Reaction {
        /// The message.
        target: Target,
        /// Who.
        by: Person,
        /// Empty when it is taken back.
        emoji: String,
        /// When, milliseconds since the epoch.
        timestamp: i64,
    },
    /// The author of a message has changed its text.
    Edit {
        /// The message.
        target: Target,
        /// The new text.
        text: Option<String>,
        /// When, milliseconds since the epoch.
        timestamp: i64,
    },
    /// A message is deleted for everyone.
    Revoke {
        /// The message.
        target: Target,
        /// When, milliseconds since the epoch.
        timestamp: i64,
    },
    /// A message is starred or not.
    Star {
        /// The message.
        target: Target,
        /// Whether it is.
        starred: bool,
    },
    /// A message is deleted on the own devices.
    DeleteForMe {
        /// The message.
        target: Target,
        /// When it was sent or deleted, milliseconds since the epoch.
        timestamp: i64,
    },
    /// The messages of a chat are deleted.
    Clear {
        /// The chat.
        chat: String,
        /// Those up to this time, milliseconds since the epoch.
        until: i64,
        /// Whether starred ones stay.
        keep_starred: bool,
    },
    /// A chat is deleted with its messages.
    DeleteChat {
        /// The chat.
        chat: String,
        /// Those up to this time, milliseconds since the epoch.
        until: i64,
    },
    /// Messages of others were read: up to the last one of these that is there; else up to the time; of neither, all.
    Read {
        /// The chat.
        chat: String,
        /// Ids of messages.
        ids: Vec<String>,
        /// Milliseconds since the epoch.
        until: Option<i64>,
    },
    /// What is known of a chat.
    Chat {
        /// The chat.
        chat: String,
        /// What.
        facts: Chat,
        /// Only what nothing newer has told.
        history: bool,
    },
    /// The name that somebody gives to himself; without one, that two forms are one person.
    Person {
        /// Who.
        person: Person,
        /// The name.
        push_name: Option<String>,
    },
    /// A contact of the address book.
    Contact {
        /// Who.
        person: Person,
        /// What is written there.
        contact: Contact,
        /// Only what nothing newer has told.
        history: bool,
    },
    /// What is known of a group.
    Group {
        /// Its chat.
        chat: String,
        /// What.
        facts: Group,
    },
    /// A label is made, changed or, without, deleted.
    Label {
        /// Its id.
        id: String,
        /// What it is.
        label: Option<Label>,
    },
    /// A label is put on or taken off.
    Labelled {
        /// The label's id.
        label: String,
        /// The chat.
        chat: String,
        /// The message, when it is not the chat as a whole.
        message: Option<String>,
        /// Whether it is on it.
        labelled: bool,
    },
    /// Removes the oldest messages of one chat beyond so many.
    Trim {
        /// The chat.
        chat: String,
        /// How many stay.
        keep: u32,
    },
    /// Removes some of what is to go: the rest of what was cleared, what is too old, and what is too much.
    Retain {
        /// What is to stay.
        retention: crate::Retention,
        /// Messages that go at most.
        limit: u32,
    },
    /// Removes so many messages; with the last ones everything else of the session.
    Purge {
        /// Messages that go at most.
        limit: u32,
    },
}

impl Op {
    /// About what it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let size = match self {
            Self::Message(message) => {
                let texts = [&message.text, &message.body, &message.sender_name];
                message.raw.len() + texts.into_iter().flatten().map(String::len).sum::<usize>()
            }
            Self::Status { ids, .. } | Self::Read { ids, .. } => ids.iter().map(String::len).sum(),
            Self::Reaction { emoji, .. } => emoji.len(),
            Self::Edit { text, .. } => text.as_ref().map_or(0, String::len),
            _ => 0,
        };
        128 + size
    }
}

impl fmt::Debug for Op {
    /// Never what people write.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Message(_) => "Message",
            Self::Status { .. } => "Status",
            Self::Reaction { .. } => "Reaction",
            Self::Edit { .. } => "Edit",
            Self::Revoke { .. } => "Revoke",
            Self::Star { .. } => "Star",
            Self::DeleteForMe { .. } => "DeleteForMe",
            Self::Clear { .. } => "Clear",
            Self::DeleteChat { .. } => "DeleteChat",
            Self::Read { .. } => "Read",
            Self::Chat { .. } => "Chat",
            Self::Person { .. } => "Person",
            Self::Contact { .. } => "Contact",
            Self::Group { .. } => "Group",
            Self::Label { .. } => "Label",
            Self::Labelled { .. } => "Labelled",
            Self::Trim { .. } => "Trim",
            Self::Retain { .. } => "Retain",
            Self::Purge { .. } => "Purge",
        })
    }
}
