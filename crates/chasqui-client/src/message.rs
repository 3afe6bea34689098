//! The public message object, the same on every path, and the receipt.

use chasqui_requests::Plain;
use serde::{Deserialize, Serialize};

/// Who sent a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// As canonical as known: PN, else LID; without device.
    pub jid: String,
    /// Phone-number JID.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pn: Option<String>,
    /// LID.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lid: Option<String>,
    /// Device number; 0 is the phone.
    pub device: u16,
    /// Push name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
}

/// Where an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Arrived while connected.
    Live,
    /// Replayed from the server's queue.
    Offline,
    /// What this client sent.
    Echo,
    /// Sent by another device of the own account.
    OwnDevice,
    /// From a history blob.
    History,
}

/// What a message quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// Id of the quoted message.
    pub id: String,
    /// Its author.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sender: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
}

/// Names one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageKey {
    /// Its id.
    pub id: String,
    /// Canonical JID of its conversation.
    pub chat: String,
    /// Its author, as canonical as known.
    pub sender: String,
    /// Whether the own account wrote it.
    pub from_me: bool,
}

/// A question with answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// What is asked.
    pub question: String,
    /// What can be answered.
    pub options: Vec<String>,
    /// Whether more than one answer may be given.
    pub multiple: bool,
}

/// Something to come together for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Occasion {
    /// What it is called.
    pub name: String,
    /// What is said about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub starts_at: Option<u64>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ends_at: Option<u64>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Box<Place>>,
    /// A call by which people join it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
    /// Who comes may bring others.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub guests: bool,
    /// It will not take place.
    pub canceled: bool,
}

/// An answer to an [`Occasion`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// `going`, `not-going` or `maybe`.
    pub answer: String,
    /// Further people that come along.
    pub guests: u32,
}

/// A file, as far as its message tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Media {
    /// MIME type, as the sender says.
    pub mimetype: String,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
    /// Of a document.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file_name: Option<String>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub height: Option<u32>,
    /// How long it plays.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<u32>,
    /// Pages of a document.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page_count: Option<u32>,
    /// SHA-256 of the file, in base64.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
    /// A small JPEG, in base64.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thumbnail: Option<String>,
    /// Of a voice note: 64 loudnesses from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waveform: Option<Vec<u8>>,
    /// A video that plays as a GIF.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub gif: bool,
    /// A video note.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub note: bool,
    /// An animated sticker.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub animated: bool,
}

/// A card of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// As the sender has it.
    pub name: String,
    /// RFC 2426.
    pub vcard: String,
}

/// An invitation of the reader to a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The group's JID.
    pub group: String,
    /// What it is accepted by.
    pub code: String,
    /// Milliseconds since the epoch.
    pub expires_at: u64,
    /// What the group is called, as its sender says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<String>,
}

/// What is shown of a link's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPreview {
    /// The link as it stands in the text.
    pub url: String,
    /// The page's title.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// What it says about itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// A small JPEG, in base64.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thumbnail: Option<String>,
    /// Whether a larger picture can be downloaded.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub large: bool,
}

/// How many files follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Album {
    /// Images.
    pub images: u32,
    /// Videos.
    pub videos: u32,
}

/// A place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Degrees.
    pub latitude: f64,
    /// Degrees.
    pub longitude: f64,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Where that is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// Metres.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accuracy: Option<u32>,
    /// Metres per second.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub speed: Option<f32>,
    /// Degrees clockwise from north.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub heading: Option<u32>,
    /// Of a live one: a later place has a higher number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sequence: Option<i64>,
    /// Of a live one: seconds since it was first shared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset: Option<u32>,
    /// The sender is there now, and tells where it goes.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub live: bool,
}

/// What only some types of message have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The message that this one is about: edits, revokes, reacts to, votes in, pins, keeps, comments on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<MessageKey>,
    /// `reaction`: the emoji; empty when it is taken back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub emoji: Option<String>,
    /// What has a file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub media: Option<Box<Media>>,
    /// What is shown of a link in the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link_preview: Option<Box<LinkPreview>>,
    /// `album`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub album: Option<Album>,
    /// The album that it is a part of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub album_id: Option<String>,
    /// `contact`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub contacts: Vec<ContactCard>,
    /// `location`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub location: Option<Box<Place>>,
    /// `invitation`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invitation: Option<Box<Invitation>>,
    /// `poll`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub poll: Option<Poll>,
    /// `vote`: the chosen options, none when it is withdrawn; absent when the poll is not known here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vote: Option<Vec<String>>,
    /// `event`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<Occasion>,
    /// `event-response`; absent when the event is not known here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attendance: Option<Attendance>,
    /// `pin`: pinned or unpinned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pinned: Option<bool>,
    /// `keep`: kept or no longer kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kept: Option<bool>,
    /// Seconds: `pin`: how long; `ephemeral`: the chat's new timer, 0 for off; otherwise when the message disappears.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_in: Option<u32>,
    /// To be looked at once.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub view_once: bool,
    /// In a channel: the number that the service gave it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub server_id: Option<u64>,
    /// How often it was passed on, as far as it says; at least 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub forwarded: Option<u32>,
}

/// A message as the program gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Unique per chat and sender.
    pub id: String,
    /// Canonical JID of the conversation.
    pub chat: String,
    /// Who wrote it.
    pub sender: Sender,
    /// Whether the own account wrote it.
    pub from_me: bool,
    /// The path by which it came.
    pub source: Source,
    /// Milliseconds since the epoch.
    pub timestamp: u64,
    /// `text`, `image`, …, `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Text or caption.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// What it quotes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quoted: Option<Quoted>,
    /// Mentioned JIDs.
    #[serde(default)]
    pub mentions: Vec<String>,
    /// What only some types have.
    #[serde(flatten)]
    pub details: Box<Details>,
    /// What stands beside the content in the stanza.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub nodes: Vec<Plain>,
    /// Given again after a restart.
    #[serde(default)]
    pub redelivered: bool,
    /// The `Message` protobuf as received, without padding.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptStatus {
    /// The server has it.
    Sent,
    /// A device of the recipient has it.
    Delivered,
    /// The recipient read it.
    Read,
    /// The recipient played it.
    Played,
    /// The server refused it.
    Failed,
}

/// Whose receipt it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// As canonical as known: PN, else LID; without device.
    pub jid: String,
    /// Phone-number JID.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pn: Option<String>,
    /// LID.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lid: Option<String>,
    /// Device number.
    pub device: u16,
}

/// What became of sent messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Ids of the messages.
    pub ids: Vec<String>,
    /// Canonical JID of the conversation.
    pub chat: String,
    /// Who got, read or played them.
    pub recipient: Recipient,
    /// How far they got.
    pub status: ReceiptStatus,
    /// `failed`: the server's number of the error.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<u64>,
    /// Milliseconds since the epoch.
    pub timestamp: u64,
}
