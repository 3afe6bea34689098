//! Devices that speak Signal on request, for tests against other implementations: one JSON object per line on standard
//! input, one answer per line on standard output, in order.
//!
//! A request has `op`, the device it is for (`device`, made when first named) and what the operation needs; see [`Op`].
//! Bytes are base64; public keys have their `05`. An answer is `{"error": "Duplicate"}` with the name of a
//! [`SignalError`], or what the operation gives. Records go through their stored form after every operation, and a
//! refused message must leave its record as it was.
#![allow(clippy::print_stdout)]

use std::{
    collections::HashMap,
    io::{self, BufRead, Write},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use chasqui_signal::{
    Kind, PreKey, PreKeyBundle, PreKeyMessage, SenderKeyDistributionMessage, SenderKeyRecord, SessionRecord,
    SignalError, SignedPreKey, decrypt, decrypt_prekey, encrypt, initiate, padding, sender_key,
};
use chasqui_wire::{KeyPair, PublicKey};
use serde::{Deserialize, Serialize, Serializer, de};
use serde_json::{Value, json};

/// Bytes, base64 in JSON.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(de::Error::custom)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        BASE64_STANDARD.encode(&self.0).serialize(serializer)
    }
}

fn wire(key: &PublicKey) -> Bytes {
    Bytes(key.to_djb().to_vec())
}

#[derive(Deserialize)]
struct Request {
    device: String,
    #[serde(flatten)]
    op: Op,
}

/// What can be asked for. A `peer` is the other device, a `key` names the sender key of one sender in one group.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Op {
    /// Gives a [`Bundle`], with a fresh one-time prekey or without one.
    Bundle { one_time: bool },
    /// Starts a session from a bundle.
    Initiate { peer: String, bundle: Bundle },
    /// Closes the current session.
    Archive { peer: String },
    /// Whether there is a session to send in: `{ open }`.
    Open { peer: String },
    /// Gives `{ type, body, session }`; the session is named by its base key.
    Encrypt { peer: String, text: Bytes },
    /// Gives `{ text, session }`.
    Decrypt { peer: String, r#type: String, body: Bytes },
    /// Forgets the own sender key.
    Rotate { key: String },
    /// Gives `{ body, iteration }`, a distribution message of the own sender key, which is made when there is none.
    Distribute { key: String },
    /// Takes a distribution message.
    Learn { key: String, body: Bytes },
    /// Gives `{ body, iteration }`.
    EncryptGroup { key: String, text: Bytes },
    /// Gives `{ text }`.
    DecryptGroup { key: String, body: Bytes },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    registration_id: u32,
    identity: Bytes,
    signed_id: u32,
    signed: Bytes,
    signature: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time: Option<Bytes>,
}

impl Bundle {
    fn parse(self) -> Result<PreKeyBundle, SignalError> {
        let key = |bytes: &Bytes| PublicKey::from_djb(&bytes.0).map_err(SignalError::from);
        Ok(PreKeyBundle {
            registration_id: self.registration_id,
            identity: key(&self.identity)?,
            signed_prekey_id: self.signed_id,
            signed_prekey: key(&self.signed)?,
            signed_prekey_signature: self.signature.0.try_into().map_err(|_| SignalError::InvalidSignature)?,
            prekey: match (self.one_time_id, self.one_time) {
                (Some(id), Some(bytes)) => Some((id, key(&bytes)?)),
                _ => None,
            },
        })
    }
}

struct Device {
    registration_id: u32,
    identity: KeyPair,
    signed_prekey: SignedPreKey,
    prekeys: HashMap<u32, PreKey>,
    last_prekey: u32,
    sessions: HashMap<String, SessionRecord>,
    sender_keys: HashMap<String, SenderKeyRecord>,
}

impl Device {
    fn new(registration_id: u32) -> Self {
        let identity = KeyPair::generate();
        Self {
            registration_id,
            signed_prekey: SignedPreKey::generate(1, &identity),
            identity,
            prekeys: HashMap::new(),
            last_prekey: 0,
            sessions: HashMap::new(),
            sender_keys: HashMap::new(),
        }
    }

    fn run(&mut self, op: Op) -> Result<Value, SignalError> {
        match op {
            Op::Bundle { one_time } => Ok(json!(self.bundle(one_time))),
            Op::Initiate { peer, bundle } => {
                let bundle = bundle.parse()?;
                let identity = self.identity.clone();
                self.session(&peer, |_, record| initiate(&identity, &bundle, record).map(|()| json!({})))
            }
            Op::Archive { peer } => self.session(&peer, |_, record| {
                record.archive_current();
                Ok(json!({}))
            }),
            Op::Open { peer } => self.session(&peer, |_, record| Ok(json!({ "open": record.has_open_session() }))),
            Op::Encrypt { peer, text } => self.session(&peer, |device, record| {
                let mut padded = text.0;
                padding::pad(&mut padded);
                let sent = encrypt(record, &device.identity.public, device.registration_id, &padded)?;
                Ok(json!({ "type": sent.kind.as_str(), "body": Bytes(sent.bytes), "session": session_name(record) }))
            }),
            Op::Decrypt { peer, r#type, body } => self.session(&peer, |device, record| {
                let padded = device.decrypt(record, &r#type, &body.0)?;
                let text = Bytes(padding::unpad(&padded)?.to_vec());
                Ok(json!({ "text": text, "session": session_name(record) }))
            }),
            Op::Rotate { key } => {
                self.sender_keys.remove(&key);
                Ok(json!({}))
            }
            Op::Distribute { key } => self.sender_key(&key, |record| {
                let message = sender_key::create_distribution(record);
                Ok(json!({ "body": Bytes(message.encode()), "iteration": message.iteration }))
            }),
            Op::Learn { key, body } => self.sender_key(&key, |record| {
                sender_key::process_distribution(record, &SenderKeyDistributionMessage::parse(&body.0)?);
                Ok(json!({}))
            }),
            Op::EncryptGroup { key, text } => self.sender_key(&key, |record| {
                let iteration = record.iteration();
                let mut padded = text.0;
                padding::pad(&mut padded);
                let body = sender_key::encrypt(record, &padded)?;
                Ok(json!({ "body": Bytes(body), "iteration": iteration }))
            }),
            Op::DecryptGroup { key, body } => self.sender_key(&key, |record| {
                let padded = sender_key::decrypt(record, &body.0)?;
                Ok(json!({ "text": Bytes(padding::unpad(&padded)?.to_vec()) }))
            }),
        }
    }

    fn bundle(&mut self, one_time: bool) -> Bundle {
        let prekey = one_time.then(|| {
            self.last_prekey += 1;
            PreKey::generate(self.last_prekey)
        });
        let bundle = Bundle {
            registration_id: self.registration_id,
            identity: wire(&self.identity.public),
            signed_id: self.signed_prekey.id,
            signed: wire(&self.signed_prekey.pair.public),
            signature: Bytes(self.signed_prekey.signature.to_vec()),
            one_time_id: prekey.as_ref().map(|key| key.id),
            one_time: prekey.as_ref().map(|key| wire(&key.pair.public)),
        };
        self.prekeys.extend(prekey.map(|key| (key.id, key)));
        bundle
    }

    fn decrypt(&mut self, record: &mut SessionRecord, kind: &str, body: &[u8]) -> Result<Vec<u8>, SignalError> {
        if kind == Kind::Whisper.as_str() {
            return decrypt(record, body, &self.identity.public);
        }
        let message = PreKeyMessage::parse(body)?;
        let prekey = message.prekey_id.and_then(|id| self.prekeys.get(&id));
        let read = decrypt_prekey(record, &message, &self.identity, Some(&self.signed_prekey), prekey)?;
        if let Some(used) = read.used_prekey {
            self.prekeys.remove(&used);
        }
        Ok(read.plaintext)
    }

    /// Works on the stored session with a peer, and stores it again.
    fn session(
        &mut self,
        peer: &str,
        work: impl FnOnce(&mut Self, &mut SessionRecord) -> Result<Value, SignalError>,
    ) -> Result<Value, SignalError> {
        let mut record = self.sessions.remove(peer).unwrap_or_default();
        let before = record.to_bytes();
        let answer = work(self, &mut record);
        let bytes = record.to_bytes();
        assert!(answer.is_ok() || bytes == before, "a refusal changed the session");
        self.sessions.insert(peer.to_owned(), SessionRecord::from_bytes(&bytes)?);
        answer
    }

    /// Works on a stored sender key, and stores it again.
    fn sender_key(
        &mut self,
        key: &str,
        work: impl FnOnce(&mut SenderKeyRecord) -> Result<Value, SignalError>,
    ) -> Result<Value, SignalError> {
        let mut record = self.sender_keys.remove(key).unwrap_or_default();
        let before = record.to_bytes();
        let answer = work(&mut record);
        let bytes = record.to_bytes();
        assert!(answer.is_ok() || bytes == before, "a refusal changed the sender key");
        self.sender_keys.insert(key.to_owned(), SenderKeyRecord::from_bytes(&bytes)?);
        answer
    }
}

fn session_name(record: &SessionRecord) -> Option<Bytes> {
    record.base_key().map(wire)
}

fn main() -> io::Result<()> {
    let mut devices: HashMap<String, Device> = HashMap::new();
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let Request { device, op } = serde_json::from_str(&line?)?;
        let registration_id = 1000 + devices.len() as u32;
        let device = devices.entry(device).or_insert_with(|| Device::new(registration_id));
        let answer = device.run(op).unwrap_or_else(|error| json!({ "error": format!("{error:?}") }));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
