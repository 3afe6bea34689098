//! `creds.json` (§12.4). What is not ours stays as it is.

use chasqui_proto::AdvSignedDeviceIdentity;
use chasqui_signal::SignedPreKey;
use chasqui_wire::{Jid, KeyPair};
use prost::Message;
use serde_json::{Map, Value, json};

use crate::{
    FormatError,
    bytes::{Base64, Bytes},
    values::{number, pair, pair_json, parse},
};

/// What the engine needs of the credentials.
#[derive(Clone, Debug)]
pub struct Creds {
    /// Of the connection.
    pub noise: KeyPair,
    /// Of the device.
    pub identity: KeyPair,
    /// The signed prekey that is in use.
    pub signed_prekey: SignedPreKey,
    /// Any number; 0 too.
    pub registration_id: u32,
    /// Of pairing.
    pub adv_secret: [u8; 32],
    /// The id of the next prekey that is made.
    pub next_prekey_id: u32,
    /// From here on prekeys are made and not uploaded.
    pub first_unuploaded_prekey_id: u32,
    /// Who the device is; `None` until it is paired, also where a code was asked for.
    pub paired: Option<Paired>,
    /// The own name.
    pub push_name: Option<String>,
    /// Where the service wants the next connection.
    pub routing_info: Option<Vec<u8>>,
    /// The newest key of the app state.
    pub app_state_key_id: Option<Vec<u8>>,
    /// Whether the app state was synchronised once; until then Baileys waits for it at each login.
    pub synced: bool,
}

/// Who the device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paired {
    /// The phone number's JID, with the device.
    pub pn: Jid,
    /// The LID, with the device; 6.x learns it at login.
    pub lid: Option<Jid>,
    /// `ADVSignedDeviceIdentity`.
    pub account: Vec<u8>,
    /// Of the phone.
    pub platform: String,
}

/// Reads them.
///
/// # Errors
/// [`FormatError`] when they lack what a session cannot go on without.
pub fn read(json: &str) -> Result<Creds, FormatError> {
    let value = parse(json)?;
    let lacks = |name: &'static str| move || FormatError::lacks(name);
    let key_pair = |name: &'static str| value.get(name).and_then(pair).ok_or_else(lacks(name));
    let small = |name: &str| value.get(name).and_then(number).and_then(|number| u32::try_from(number).ok());
    let bytes = |name: &str| value.get(name).and_then(Bytes::from_value);
    let signed = value.get("signedPreKey").and_then(|key| {
        Some(SignedPreKey {
            id: u32::try_from(number(key.get("keyId")?)?).ok()?,
            pair: pair(key.get("keyPair")?)?,
            signature: Bytes::from_value(key.get("signature")?)?.exactly()?,
        })
    });
    let me = value.get("me");
    let of_me = |name: &str| me.and_then(|me| me.get(name)).and_then(Value::as_str);
    Ok(Creds {
        noise: key_pair("noiseKey")?,
        identity: key_pair("signedIdentityKey")?,
        signed_prekey: signed.ok_or_else(lacks("signedPreKey"))?,
        registration_id: small("registrationId").ok_or_else(lacks("registrationId"))?,
        adv_secret: bytes("advSecretKey").and_then(|secret| secret.exactly()).ok_or_else(lacks("advSecretKey"))?,
        next_prekey_id: small("nextPreKeyId").unwrap_or(1).max(1),
        first_unuploaded_prekey_id: small("firstUnuploadedPreKeyId").unwrap_or(1).max(1),
        paired: paired(&value)?,
        push_name: of_me("name").filter(|name| *name != "~").map(str::to_owned),
        routing_info: bytes("routingInfo").map(|info| info.0),
        app_state_key_id: bytes("myAppStateKeyId").map(|id| id.0),
        synced: small("accountSyncCounter").is_some_and(|counter| counter > 0),
    })
}

/// Pairing by code writes `me` before it is done: only with `account` it is.
fn paired(value: &Value) -> Result<Option<Paired>, FormatError> {
    let (Some(me), Some(account)) =
        (value.get("me").filter(|me| me.is_object()), value.get("account").filter(|account| account.is_object()))
    else {
        return Ok(None);
    };
    let jid = |name: &str| me.get(name).and_then(Value::as_str).and_then(|jid| jid.parse::<Jid>().ok());
    let part = |name: &'static str| {
        let bytes = account.get(name).and_then(Bytes::from_value).map(|bytes| bytes.0);
        bytes.ok_or_else(|| FormatError::Malformed(format!("its \"account\" has no valid {name}")))
    };
    let account = AdvSignedDeviceIdentity {
        details: Some(part("details")?),
        account_signature_key: Some(part("accountSignatureKey")?),
        account_signature: Some(part("accountSignature")?),
        device_signature: Some(part("deviceSignature")?),
    };
    Ok(Some(Paired {
        pn: jid("id").filter(Jid::is_pn).ok_or_else(|| FormatError::lacks("me.id"))?,
        lid: jid("lid").filter(Jid::is_lid),
        account: account.encode_to_vec(),
        platform: value.get("platform").and_then(Value::as_str).unwrap_or_default().to_owned(),
    }))
}

/// Writes them into `previous`, the value that they replace, of which everything else stays.
pub fn write(creds: &Creds, previous: Option<&str>) -> String {
    let mut fields = match previous.map(parse) {
        Some(Ok(Value::Object(fields))) => fields,
        _ => fresh(creds),
    };
    let known = read(&Value::from(fields.clone()).to_string()).ok();
    let known = known.as_ref();
    let mut set = |changed: bool, name: &str, value: Value| {
        if changed || !fields.contains_key(name) {
            fields.insert(name.to_owned(), value);
        }
    };
    let other =
        |now: &KeyPair, before: fn(&Creds) -> &KeyPair| known.is_none_or(|known| before(known).public != now.public);
    set(other(&creds.noise, |creds| &creds.noise), "noiseKey", pair_json(&creds.noise));
    set(other(&creds.identity, |creds| &creds.identity), "signedIdentityKey", pair_json(&creds.identity));
    let prekey = &creds.signed_prekey;
    set(
        known.is_none_or(|known| known.signed_prekey.id != prekey.id)
            || other(&prekey.pair, |creds| &creds.signed_prekey.pair),
        "signedPreKey",
        json!({
            "keyPair": pair_json(&prekey.pair),
            "signature": Bytes(prekey.signature.to_vec()),
            "keyId": prekey.id,
        }),
    );
    set(true, "registrationId", creds.registration_id.into());
    set(true, "advSecretKey", json!(Base64(creds.adv_secret.to_vec())));
    set(true, "nextPreKeyId", creds.next_prekey_id.into());
    set(true, "firstUnuploadedPreKeyId", creds.first_unuploaded_prekey_id.into());
    if let Some(info) = &creds.routing_info {
        set(true, "routingInfo", json!(Bytes(info.clone())));
    }
    if let Some(id) = &creds.app_state_key_id {
        set(true, "myAppStateKeyId", json!(Base64(id.clone())));
    }
    set(creds.synced && known.is_none_or(|known| !known.synced), "accountSyncCounter", 1.into());
    if let Some(paired) = &creds.paired {
        let before = known.and_then(|known| known.paired.as_ref());
        set_paired(&mut fields, creds, paired, before);
    }
    Value::from(fields).to_string()
}

fn set_paired(fields: &mut Map<String, Value>, creds: &Creds, paired: &Paired, before: Option<&Paired>) {
    let me = fields.entry("me").or_insert_with(|| json!({}));
    if let Value::Object(me) = me {
        me.insert("id".into(), paired.pn.to_string().into());
        if let Some(lid) = &paired.lid {
            me.insert("lid".into(), lid.to_string().into());
        }
        if let Some(name) = &creds.push_name {
            me.insert("name".into(), name.as_str().into());
        }
    }
    if !paired.platform.is_empty() {
        fields.insert("platform".into(), paired.platform.as_str().into());
    }
    if before.is_some_and(|before| before.account == paired.account) {
        return;
    }
    let Ok(account) = AdvSignedDeviceIdentity::decode(paired.account.as_slice()) else { return };
    let part = |bytes: Option<Vec<u8>>| json!(Base64(bytes.unwrap_or_default()));
    let key = account.account_signature_key.clone().unwrap_or_default();
    fields.insert(
        "account".into(),
        json!({
            "details": part(account.details),
            "accountSignatureKey": part(account.account_signature_key),
            "accountSignature": part(account.account_signature),
            "deviceSignature": part(account.device_signature),
        }),
    );
    // The phone's identity, under the own address; one more with each pairing.
    let name = paired.lid.as_ref().unwrap_or(&paired.pn).to_string();
    let identity = json!({
        "identifier": { "name": name, "deviceId": 0 },
        "identifierKey": Bytes([&[5], key.as_slice()].concat()),
    });
    match fields.entry("signalIdentities").or_insert_with(|| json!([])) {
        Value::Array(identities) => identities.push(identity),
        other => *other = json!([identity]),
    }
}

/// As 6.x has them: it names the phone's identity by the own number.
pub fn by_number(json: &str) -> String {
    let Ok(mut fields) = parse(json) else { return json.to_owned() };
    let number = fields.pointer("/me/id").cloned().unwrap_or_default();
    let identities = fields.get_mut("signalIdentities").and_then(Value::as_array_mut);
    for name in identities.into_iter().flatten().filter_map(|identity| identity.pointer_mut("/identifier/name")) {
        if name.as_str().is_some_and(|name| name.ends_with("@lid")) {
            *name = number.clone();
        }
    }
    fields.to_string()
}

/// What a new device has that the engine has no use for.
fn fresh(creds: &Creds) -> Map<String, Value> {
    let fields = json!({
        "pairingEphemeralKeyPair": pair_json(&KeyPair::generate()),
        "processedHistoryMessages": [],
        // Whoever is paired already need not wait for the history again.
        "accountSyncCounter": u8::from(creds.paired.is_some()),
        "accountSettings": { "unarchiveChats": false },
        "registered": false,
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
