//! What programs do with the session's own cipher: pairs of addresses, sessions with devices, single ciphertexts, messages to
//! the own phone.

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_wire::Jid;
use serde::{Deserialize, Serialize};

use crate::{Result, Session, args, args::invalid, methods};

/// Devices of one call.
const MAX_DEVICES: usize = 16_384;
/// People of one call.
const MAX_PEOPLE: usize = 4096;
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

/// Whether there are sessions with these devices.
async fn known(session: &Session, Devices { jids: texts }: Devices) -> Result<Vec<bool>> {
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
}
