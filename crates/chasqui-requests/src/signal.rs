//! What programs do with the session's own cipher: pairs of addresses, sessions with devices, single ciphertexts, messages to
//! the own phone.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_wire::Jid;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Result, Session, args, args::invalid, methods};

/// Devices of one call.
const MAX_DEVICES: usize = 16_384;
/// People of one call.
const MAX_PEOPLE: usize = 4096;
/// Prekeys of one upload.
const MAX_PREKEYS: u32 = 1000;
/// Bytes of one message.
const MAX_BYTES: usize = 1 << 20;

methods! {
    "counterparts" => counterparts,
    "learn" => learn,
    "seal" => seal,
    "open" => open,
    "toPhone" => to_phone,
    "tokens" => tokens,
    "sealForChat" => seal_for_chat,
    "openOfChat" => open_of_chat,
    "distribution" => distribution,
    "takeDistribution" => take_distribution,
    "forget" => forget,
    "known" => known,
    "inject" => inject,
    "hasKey" => has_key,
    "devices" => devices,
    "give" => give,
    "askAgain" => ask_again,
    "prepare" => prepare,
    "upload" => upload,
    "rotate" => rotate,
}

fn jids(texts: &[String], limit: usize) -> Result<Vec<Jid>> {
    if texts.len() > limit {
        return Err(invalid("jids", &format!("has more than {limit} entries")).with("limit", limit));
    }
    texts.iter().map(|text| device(text)).collect()
}

fn device(text: &str) -> Result<Jid> {
    let jid = text.parse::<Jid>().ok().filter(Jid::is_user);
    jid.ok_or_else(|| invalid("jid", "must be the JID of a person or a device"))
}

fn bytes(argument: &str, text: &str) -> Result<Vec<u8>> {
    let bytes = STANDARD.decode(text).ok().filter(|bytes| bytes.len() <= MAX_BYTES);
    bytes.ok_or_else(|| invalid(argument, &format!("must be base64 of at most {MAX_BYTES} bytes")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    jids: Vec<String>,
}

/// The other address of each person, as far as known here.
async fn counterparts(session: &Session, People { jids: texts }: People) -> Result<Vec<Option<String>>> {
    let people = jids(&texts, MAX_PEOPLE)?.into_iter().map(|jid| jid.to_bare()).collect();
    Ok(session.counterparts(people).await?.into_iter().map(|other| other.map(|jid| jid.to_string())).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pairs {
    pairs: Vec<(String, String)>,
}

/// These are two addresses of one person each.
async fn learn(session: &Session, Pairs { pairs }: Pairs) -> Result<()> {
    if pairs.len() > MAX_PEOPLE {
        return Err(invalid("pairs", &format!("has more than {MAX_PEOPLE} entries")).with("limit", MAX_PEOPLE));
    }
    let read = |(one, other): &(String, String)| Ok((args::person(one)?, args::person(other)?));
    session.learn(pairs.iter().map(read).collect::<Result<_>>()?);
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    jids: Vec<String>,
    /// Base64 of a `Message`; without it sessions are only set up.
    message: Option<String>,
}

/// What one device is to get.
#[derive(Debug, Clone, Serialize)]
pub struct Sealed {
    /// The device.
    pub jid: String,
    /// `pkmsg` or `msg`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Base64.
    pub ciphertext: String,
}

/// What came of [`seal`].
#[derive(Debug, Clone, Serialize)]
pub struct Sealing {
    /// Whether the service was asked for keys.
    pub asked: bool,
    /// For each device that has a session.
    pub sealed: Vec<Sealed>,
}

/// Sets up sessions with devices where there are none, and encrypts a message for each.
async fn seal(session: &Session, Seal { jids: texts, message }: Seal) -> Result<Sealing> {
    let message = message.map(|message| bytes("message", &message)).transpose()?;
    session.seal(jids(&texts, MAX_DEVICES)?, message).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    jid: String,
    #[serde(rename = "type")]
    kind: String,
    ciphertext: String,
}

/// Decrypts what a device has encrypted: the padded `Message` in base64.
async fn open(session: &Session, Open { jid, kind, ciphertext }: Open) -> Result<String> {
    if kind != "pkmsg" && kind != "msg" {
        return Err(invalid("type", "must be \"pkmsg\" or \"msg\""));
    }
    let opened = session.open(device(&jid)?, kind == "pkmsg", bytes("ciphertext", &ciphertext)?).await?;
    Ok(STANDARD.encode(opened))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToPhone {
    message: String,
}

/// Sends a `Message` to the own phone, outside any chat: its id.
async fn to_phone(session: &Session, ToPhone { message }: ToPhone) -> Result<String> {
    session.write_to_phone(bytes("message", &message)?).await
}

/// What entitles to ask about each of these people, in base64, where it is known.
async fn tokens(session: &Session, People { jids: texts }: People) -> Result<Vec<Option<String>>> {
    let people = jids(&texts, MAX_PEOPLE)?.into_iter().map(|jid| jid.to_bare()).collect();
    Ok(session.tokens(people).await?.into_iter().map(|token| token.map(|token| STANDARD.encode(token))).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfChat {
    chat: String,
    /// The device whose key it is; without it the own one.
    jid: Option<String>,
    /// Base64.
    bytes: Option<String>,
}

impl OfChat {
    fn read(self) -> Result<(Jid, Option<Jid>, Vec<u8>)> {
        let chat = self.chat.parse::<Jid>().map_err(|_| invalid("chat", "must be the JID of a chat of many"))?;
        let device = self.jid.as_deref().map(device).transpose()?;
        Ok((chat, device, bytes("bytes", self.bytes.as_deref().unwrap_or_default())?))
    }
}

/// Encrypts with the own key of a chat.
async fn seal_for_chat(session: &Session, of: OfChat) -> Result<String> {
    let (chat, own, message) = of.read()?;
    Ok(STANDARD.encode(session.with_key(KeyUse::Seal, chat, own, message).await?))
}

/// Decrypts with somebody's key of a chat.
async fn open_of_chat(session: &Session, of: OfChat) -> Result<String> {
    let (chat, author, ciphertext) = of.read()?;
    Ok(STANDARD.encode(session.with_key(KeyUse::Open, chat, author, ciphertext).await?))
}

/// The own key of a chat, as it is given to others.
async fn distribution(session: &Session, of: OfChat) -> Result<String> {
    let (chat, own, _) = of.read()?;
    Ok(STANDARD.encode(session.with_key(KeyUse::Give, chat, own, Vec::new()).await?))
}

/// Takes a key that somebody gives of a chat.
async fn take_distribution(session: &Session, of: OfChat) -> Result<()> {
    let (chat, author, key) = of.read()?;
    session.with_key(KeyUse::Take, chat, author, key).await.map(drop)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Devices {
    jids: Vec<String>,
}

/// Sessions with these devices are made anew when they are needed next.
async fn forget(session: &Session, Devices { jids: texts }: Devices) -> Result<()> {
    session.sessions(jids(&texts, MAX_DEVICES)?, true).await.map(drop)
}

/// The open session with each of these devices.
async fn known(session: &Session, Devices { jids: texts }: Devices) -> Result<Vec<Option<OpenSession>>> {
    session.sessions(jids(&texts, MAX_DEVICES)?, false).await
}

/// What is done with a key of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// Encrypt with the own one.
    Seal,
    /// Decrypt with somebody's.
    Open,
    /// Make the own one known.
    Give,
    /// Take somebody's.
    Take,
    /// See whether there is one: some byte if so.
    Know,
}

/// What is told of a session.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenSession {
    /// In base64.
    pub base_key: String,
    /// The other device's.
    pub registration_id: u32,
}

/// Public keys of a device; bytes in base64.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Keys {
    /// The device's.
    pub registration_id: u32,
    /// Its identity.
    pub identity: String,
    /// Id, key and signature of its signed prekey.
    pub signed: (u32, String, String),
    /// Id and key of a prekey.
    pub prekey: Option<(u32, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inject {
    jid: String,
    keys: Keys,
}

/// Sets up a session with keys that the program has.
async fn inject(session: &Session, Inject { jid, keys }: Inject) -> Result<()> {
    session.inject(device(&jid)?, keys).await
}

/// Whether there is somebody's key of a chat.
async fn has_key(session: &Session, of: OfChat) -> Result<bool> {
    let (chat, author, _) = of.read()?;
    Ok(!session.with_key(KeyUse::Know, chat, author, Vec::new()).await?.is_empty())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chat {
    jid: String,
}

/// The devices that a message to somebody goes to.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Those of the other.
    pub theirs: Vec<String>,
    /// The other ones of the own account.
    pub ours: Vec<String>,
}

/// The devices that a message to somebody goes to; nothing where the service does not tell them.
async fn devices(session: &Session, Chat { jid }: Chat) -> Result<Option<Listed>> {
    session.devices(device(&jid)?.to_bare()).await
}

/// A message for one device alone.
#[derive(Debug)]
pub struct Gift {
    /// The id of the message.
    pub id: String,
    /// The chat that it is in.
    pub chat: Jid,
    /// Who gets it.
    pub device: Jid,
    /// Which request it answers.
    pub count: Option<u32>,
    /// As `send` takes it.
    pub content: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Give {
    id: String,
    chat: String,
    jid: String,
    count: Option<u32>,
    content: Value,
}

/// Sends a message to one device alone, also when it has it already.
async fn give(session: &Session, Give { id, chat, jid, count, content }: Give) -> Result<()> {
    if !(1..=64).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("id", "must have 1 to 64 visible ASCII characters"));
    }
    let chat = chat.parse::<Jid>().map_err(|_| invalid("chat", "must be the JID of a chat"))?;
    session.give(Gift { id, chat, device: device(&jid)?, count, content }).await
}

/// A message that is to be asked for again.
#[derive(Debug)]
pub struct Unread {
    /// The id of the message.
    pub id: String,
    /// Where it came from: the chat, or the device in a chat of two.
    pub from: Jid,
    /// Its author in a chat of many.
    pub participant: Option<Jid>,
    /// The chat, of what an own device has sent.
    pub recipient: Option<Jid>,
    /// It came outside of any chat.
    pub peer: bool,
    /// When it was sent, in seconds since the epoch.
    pub timestamp: u64,
    /// Keys for a new session go along.
    pub with_keys: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct AskAgain {
    attrs: BTreeMap<String, String>,
    with_keys: bool,
}

/// Asks the sender of a message for it once more; whether that was done: it is not done without end.
async fn ask_again(session: &Session, AskAgain { attrs, with_keys }: AskAgain) -> Result<bool> {
    let jid = |name: &str| attrs.get(name).and_then(|jid| jid.parse::<Jid>().ok());
    let id = attrs.get("id").filter(|id| (1..=256).contains(&id.len())).cloned();
    let (Some(id), Some(from)) = (id, jid("from")) else {
        return Err(invalid("attrs", "must be those of a message: \"id\" and \"from\""));
    };
    let timestamp = attrs.get("t").and_then(|t| t.parse().ok()).unwrap_or(0);
    let peer = attrs.get("category").is_some_and(|category| category == "peer");
    let (participant, recipient) = (jid("participant"), jid("recipient"));
    session.ask_again(Unread { id, from, participant, recipient, peer, timestamp, with_keys }).await
}

/// Somebody in a group, as a program knows him.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// One of his addresses.
    pub id: String,
    /// The others, where they are known.
    #[serde(default)]
    pub others: Vec<String>,
}

/// A group as a program knows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownGroup {
    /// Whether its members are addressed by LID; as most are named where that is not said.
    pub lids: Option<bool>,
    /// Who is in it.
    pub members: Vec<Member>,
}

/// What a program says of a chat before it writes there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Preparation {
    /// Where it will write.
    chat: String,
    /// Who is in the group, for a session that does not know it.
    pub group: Option<KnownGroup>,
    /// What is known of the group is to be asked for.
    #[serde(default)]
    pub doubt_group: bool,
    /// The devices are to be asked for.
    #[serde(default)]
    pub doubt_devices: bool,
}

/// Takes what a program says of a chat.
async fn prepare(session: &Session, preparation: Preparation) -> Result<()> {
    let chat = preparation.chat.parse::<Jid>().map_err(|_| invalid("chat", "must be the JID of a chat"))?;
    if preparation.group.as_ref().is_some_and(|group| group.members.len() > MAX_PEOPLE) {
        return Err(invalid("group", &format!("has more than {MAX_PEOPLE} members")).with("limit", MAX_PEOPLE));
    }
    session.prepare(chat.to_bare(), preparation).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upload {
    count: u32,
}

/// Uploads so many new prekeys.
async fn upload(session: &Session, Upload { count }: Upload) -> Result<()> {
    if !(1..=MAX_PREKEYS).contains(&count) {
        return Err(invalid("count", &format!("must be from 1 to {MAX_PREKEYS}")).with("limit", MAX_PREKEYS));
    }
    session.upload_prekeys(count).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Renews the signed prekey.
async fn rotate(session: &Session, Nothing {}: Nothing) -> Result<()> {
    session.renew_signed_prekey().await
}
