//! The small values (§12.4, §12.5, §12.8): prekeys, identities, mappings, device lists, tokens, app state.

use std::collections::BTreeMap;

use chasqui_signal::PreKey;
use chasqui_wire::{KeyPair, PrivateKey, PublicKey};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    FormatError,
    bytes::{Base64, Bytes},
};

/// JSON as it is taken from a file or a store.
pub(crate) fn parse(text: &str) -> Result<Value, FormatError> {
    serde_json::from_str(text).map_err(|error| FormatError::json(&error))
}

pub(crate) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// `{ private, public }`.
pub(crate) fn pair(value: &Value) -> Option<KeyPair> {
    let private = Bytes::from_value(value.get("private")?)?.exactly()?;
    Some(KeyPair::from_private(PrivateKey::new(private)))
}

pub(crate) fn pair_json(pair: &KeyPair) -> Value {
    let bytes = |bytes: &[u8]| json!(Bytes(bytes.to_vec()));
    json!({ "private": bytes(pair.private.as_bytes()), "public": bytes(pair.public.as_bytes()) })
}

/// A number, as one or in digits, or as the object that JavaScript has for one of 64 bits.
pub(crate) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(digits) => digits.parse().ok(),
        Value::Object(long) => {
            let half = |name: &str| long.get(name).and_then(Value::as_i64).map(|half| u64::from(half as u32));
            Some(half("high")? << 32 | half("low")?)
        }
        other => other.as_u64().or_else(|| other.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64)),
    }
}

/// `pre-key`: the pair.
///
/// # Errors
/// [`FormatError`]; likewise below.
pub fn read_prekey(id: u32, json: &str) -> Result<PreKey, FormatError> {
    let pair = pair(&parse(json)?).ok_or_else(|| FormatError::lacks("key pair"))?;
    Ok(PreKey { id, pair })
}

/// `pre-key`.
pub fn write_prekey(prekey: &PreKey) -> String {
    pair_json(&prekey.pair).to_string()
}

/// `identity-key`: 33 bytes.
pub fn read_identity(json: &str) -> Result<PublicKey, FormatError> {
    let bytes = Bytes::from_value(&parse(json)?).unwrap_or_default();
    let key = if bytes.0.len() == 32 { PublicKey::from_raw(&bytes.0) } else { PublicKey::from_djb(&bytes.0) };
    key.map_err(|_| FormatError::lacks("public key"))
}

/// `identity-key`.
pub fn write_identity(key: &PublicKey) -> String {
    text(&Bytes(key.to_djb().to_vec()))
}

/// `lid-mapping`: the user of the other address.
pub fn read_user(json: &str) -> Result<String, FormatError> {
    let user = parse(json)?;
    let user = user
        .as_str()
        .filter(|user| !user.is_empty() && user.len() <= 32 && user.bytes().all(|byte| byte.is_ascii_digit()));
    user.map(str::to_owned).ok_or_else(|| FormatError::lacks("user"))
}

/// `lid-mapping`.
pub fn write_user(user: &str) -> String {
    text(&user)
}

/// `device-list`: the numbers.
pub fn read_devices(json: &str) -> Result<Vec<u16>, FormatError> {
    let list = parse(json)?;
    let list = list.as_array().ok_or_else(|| FormatError::lacks("list of devices"))?;
    Ok(list.iter().filter_map(|device| u16::try_from(number(device)?).ok()).collect())
}

/// `device-list`.
pub fn write_devices(devices: &[u16]) -> String {
    text(&devices.iter().map(u16::to_string).collect::<Vec<_>>())
}

/// `sender-key-memory`: the devices that have the own key of a group, as JIDs.
pub fn read_shared(json: &str) -> Result<Vec<String>, FormatError> {
    match parse(json)? {
        Value::Object(devices) => {
            Ok(devices.into_iter().filter(|(_, has)| has.as_bool() == Some(true)).map(|(jid, _)| jid).collect())
        }
        _ => Err(FormatError::lacks("table of devices")),
    }
}

/// `sender-key-memory`.
pub fn write_shared(devices: &[String]) -> String {
    text(&devices.iter().map(|jid| (jid.as_str(), true)).collect::<BTreeMap<_, _>>())
}

/// `tctoken`: the privacy token of somebody, and when the own one was given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Token {
    /// Empty when only the own one was given.
    pub token: Vec<u8>,
    /// When it was made, Unix seconds.
    pub timestamp: Option<u64>,
    /// When the own one was given, Unix seconds.
    pub sender_timestamp: Option<u64>,
}

/// `tctoken`.
pub fn read_token(json: &str) -> Result<Token, FormatError> {
    let value = parse(json)?;
    let token = value.get("token").and_then(Bytes::from_value).ok_or_else(|| FormatError::lacks("token"))?;
    let time = |name: &str| value.get(name).and_then(number);
    Ok(Token { token: token.0, timestamp: time("timestamp"), sender_timestamp: time("senderTimestamp") })
}

/// `tctoken`.
pub fn write_token(token: &Token) -> String {
    let mut value = Map::new();
    value.insert("token".into(), json!(Bytes(token.token.clone())));
    if let Some(time) = token.timestamp {
        value.insert("timestamp".into(), time.to_string().into());
    }
    if let Some(time) = token.sender_timestamp {
        value.insert("senderTimestamp".into(), time.into());
    }
    Value::from(value).to_string()
}

/// Whom the list of those who have tokens names; nobody where it is damaged.
pub fn read_token_index(json: &str) -> Vec<String> {
    let value = parse(json).ok();
    let token = value.as_ref().and_then(|value| Bytes::from_value(value.get("token")?));
    token.and_then(|token| serde_json::from_slice(&token.0).ok()).unwrap_or_default()
}

/// `tctoken` of the id `__index`: whose tokens there are, as JIDs.
pub fn write_token_index(jids: &[String]) -> String {
    text(&json!({ "token": Bytes(text(&jids).into_bytes()) }))
}

/// `app-state-sync-key`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppStateKey {
    /// 32 bytes.
    pub data: Vec<u8>,
    /// Which devices it was made for.
    pub fingerprint: Option<Fingerprint>,
    /// Milliseconds since the epoch.
    pub timestamp: u64,
}

/// Which devices a key was made for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// The phone's registration.
    pub raw_id: u32,
    /// The newest device.
    pub current_index: u32,
    /// All devices.
    pub device_indexes: Vec<u32>,
}

/// `app-state-sync-key`.
pub fn read_app_state_key(json: &str) -> Result<AppStateKey, FormatError> {
    let value = parse(json)?;
    let data = value.get("keyData").and_then(Bytes::from_value).filter(|data| data.0.len() == 32);
    let small = |value: &Value| number(value).and_then(|number| u32::try_from(number).ok());
    let fingerprint = value.get("fingerprint").filter(|value| value.is_object()).map(|value| {
        let indexes = value.get("deviceIndexes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Fingerprint {
            raw_id: value.get("rawId").and_then(small).unwrap_or(0),
            current_index: value.get("currentIndex").and_then(small).unwrap_or(0),
            device_indexes: indexes.iter().filter_map(small).collect(),
        }
    });
    Ok(AppStateKey {
        data: data.ok_or_else(|| FormatError::lacks("key"))?.0,
        fingerprint,
        timestamp: value.get("timestamp").and_then(number).unwrap_or(0),
    })
}

/// `app-state-sync-key`.
pub fn write_app_state_key(key: &AppStateKey) -> String {
    let mut value = Map::new();
    value.insert("keyData".into(), json!(Base64(key.data.clone())));
    if let Some(Fingerprint { raw_id, current_index, device_indexes }) = &key.fingerprint {
        let fingerprint = json!({ "rawId": raw_id, "currentIndex": current_index, "deviceIndexes": device_indexes });
        value.insert("fingerprint".into(), fingerprint);
    }
    value.insert("timestamp".into(), key.timestamp.to_string().into());
    Value::from(value).to_string()
}

/// `app-state-sync-version`: where a collection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// 0 when there is nothing.
    pub version: u64,
    /// The LT hash.
    pub hash: [u8; 128],
    /// Value MACs by index MAC.
    pub macs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// `app-state-sync-version`. A damaged one stands at nothing: it is then fetched anew.
pub fn read_collection(json: &str) -> Result<Collection, FormatError> {
    let value = parse(json)?;
    if !value.is_object() {
        return Err(FormatError::lacks("version"));
    }
    let hash = value.get("hash").and_then(Bytes::from_value).and_then(|hash| hash.exactly());
    let mac = |(index, value): (&String, &Value)| {
        let index = Bytes::from_value(&Value::from(index.as_str()))?;
        Some((index.0, Bytes::from_value(value.get("valueMac")?)?.0))
    };
    let macs = value.get("indexValueMap").and_then(Value::as_object);
    let all: Option<Vec<_>> = macs.map(|macs| macs.iter().map(mac).collect()).unwrap_or_else(|| Some(Vec::new()));
    match (value.get("version").and_then(number), hash, all) {
        (Some(version), Some(hash), Some(macs)) => Ok(Collection { version, hash, macs }),
        _ => Ok(Collection { version: 0, hash: [0; 128], macs: Vec::new() }),
    }
}

/// Bytes as an id has them: base64.
pub fn encoded(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// `app-state-sync-version`.
pub fn write_collection(collection: &Collection) -> String {
    let macs = collection.macs.iter().map(|(key, value)| (encoded(key), json!({ "valueMac": Bytes(value.clone()) })));
    text(&json!({
        "version": collection.version,
        "hash": Bytes(collection.hash.to_vec()),
        "indexValueMap": macs.collect::<Map<_, _>>(),
    }))
}
