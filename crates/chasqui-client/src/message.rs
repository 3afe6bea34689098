//! The public message object, the same on every path, and the receipt.

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

/// A message as the program gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Milliseconds since the epoch.
    pub timestamp: u64,
}
