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
