//! Session records as the JavaScript implementation of Signal writes them (§12.6): by base key, all bytes in base64.
//!
//! What its form has and ours has not (who began a session, when it was made, used and closed, keys of chains long gone)
//! is carried over from the value that is there already; a session that is new tells who began it by itself, since who
//! begins has not been answered yet.

use chasqui_signal::{
    SessionRecord,
    parts::{Chain, Receiving, Session},
};
use chasqui_wire::{KeyPair, PrivateKey, PublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::MapAccess, ser::SerializeMap};
use zeroize::Zeroizing;

use crate::{FormatError, bytes::Base64};

const OPEN: i64 = -1;
const OURS: u8 = 1;
const THEIRS: u8 = 2;
const SENDING: u8 = 1;
const RECEIVING: u8 = 2;
/// A chain that goes on no more has no key there; here it has this one, with which nothing decrypts.
const CLOSED: [u8; 32] = [0; 32];
/// Bounds of what is read and carried over.
const MAX_ENTRIES: usize = 200;
const MAX_CHAINS: usize = 200;
const MAX_CARRIED: usize = 40;

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "_sessions")]
    sessions: Ordered<Entry>,
    #[serde(default)]
    version: Option<String>,
    /// Of records before there was a version.
    #[serde(rename = "registrationId", default, skip_serializing)]
    registration_id: Option<u32>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    registration_id: Option<u32>,
    current_ratchet: Ratchet,
    index_info: IndexInfo,
    #[serde(rename = "_chains")]
    chains: Ordered<StoredChain>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending_pre_key: Option<PendingPreKey>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ratchet {
    ephemeral_key_pair: StoredPair,
    last_remote_ephemeral_key: Base64,
    #[serde(default)]
    previous_counter: i64,
    root_key: Base64,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredPair {
    pub_key: Base64,
    priv_key: Base64,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IndexInfo {
    base_key: Base64,
    base_key_type: u8,
    closed: i64,
    #[serde(default)]
    used: i64,
    #[serde(default)]
    created: i64,
    remote_identity_key: Base64,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredChain {
    chain_key: StoredChainKey,
    chain_type: u8,
    message_keys: Ordered<Base64>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredChainKey {
    counter: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Base64>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PendingPreKey {
    signed_key_id: u32,
    base_key: Base64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pre_key_id: Option<u32>,
}

/// An object whose order says something.
#[derive(Clone)]
struct Ordered<T>(Vec<(String, T)>);

impl<T> Ordered<T> {
    fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find_map(|(other, value)| (other == key).then_some(value))
    }
}

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Ordered<T>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Visitor(std::marker::PhantomData))
    }
}

fn parse(json: &str) -> Result<Stored, FormatError> {
    serde_json::from_str(json).map_err(|error| FormatError::json(&error))
}

/// Reads a record. Sessions in it that cannot be are left out, unless none is left.
///
/// # Errors
/// [`FormatError`] when it is no such value.
pub fn read(json: &str) -> Result<SessionRecord, FormatError> {
    let stored = parse(json)?;
    let mut entries: Vec<&Entry> = stored.sessions.0.iter().map(|(_, entry)| entry).take(MAX_ENTRIES).collect();
    // The open one first, then as they were used last.
    entries.sort_by_key(|entry| (entry.index_info.closed != OPEN, std::cmp::Reverse(entry.index_info.used)));
    let given = entries.len();
    let mut open = false;
    let mut sessions = Vec::with_capacity(given);
    for entry in entries {
        let Some((session, sends)) = session_of(entry, stored.registration_id) else { continue };
        open |= sessions.is_empty() && entry.index_info.closed == OPEN && sends;
        sessions.push(session);
    }
    if sessions.is_empty() && given > 0 {
        return Err(FormatError::lacks("session"));
    }
    Ok(SessionRecord::from_parts(open, &sessions))
}

fn public(bytes: &Base64) -> Option<PublicKey> {
    match bytes.0.len() {
        32 => PublicKey::from_raw(&bytes.0).ok(),
        _ => PublicKey::from_djb(&bytes.0).ok(),
    }
}

fn private(bytes: &Base64) -> Option<PrivateKey> {
    PrivateKey::from_raw(&bytes.0).ok()
}

fn secret(bytes: &Base64) -> Option<[u8; 32]> {
    bytes.0.as_slice().try_into().ok()
}

/// The session, and whether it can send.
fn session_of(entry: &Entry, registration_id: Option<u32>) -> Option<(Session, bool)> {
    let Entry { current_ratchet: ratchet, index_info: info, chains, .. } = entry;
    let key_pair = KeyPair::from_private(private(&ratchet.ephemeral_key_pair.priv_key)?);
    let newest = public(&ratchet.last_remote_ephemeral_key);
    let mut sending = None;
    let mut receivers: Vec<(PublicKey, Receiving)> = Vec::new();
    for (name, chain) in chains.0.iter().take(MAX_CHAINS) {
        let Some(name) =
            Base64::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name)).ok()
        else {
            continue;
        };
        let Some(ratchet_key) = public(&name) else { continue };
        let index = u32::try_from(chain.chain_key.counter.checked_add(1)?).ok()?;
        let key = match &chain.chain_key.key {
            Some(key) => secret(key)?,
            None => CLOSED,
        };
        let next = Chain { key, index };
        if chain.chain_type == SENDING {
            sending = (ratchet_key == key_pair.public).then_some(next).or(sending);
            continue;
        }
        let seed = |(counter, seed): &(String, Base64)| Some((counter.parse().ok()?, secret(seed)?));
        let skipped: Vec<_> = chain.message_keys.0.iter().filter_map(seed).collect();
        // A closed chain from which everything was read serves no more.
        if key != CLOSED || !skipped.is_empty() {
            receivers.push((ratchet_key, Receiving { next, skipped }));
        }
    }
    receivers.sort_by_key(|(key, _)| Some(*key) == newest);
    let pending = entry.pending_pre_key.as_ref().map(|pending| (pending.pre_key_id, pending.signed_key_id));
    let sends = sending.is_some();
    let session = Session {
        base_key: public(&info.base_key)?,
        remote_identity: public(&info.remote_identity_key)?,
        remote_registration_id: entry.registration_id.or(registration_id).unwrap_or(0),
        root: Zeroizing::new(secret(&ratchet.root_key)?),
        previous_counter: u32::try_from(ratchet.previous_counter).unwrap_or(0),
        ratchet: key_pair,
        sending: sending.unwrap_or(Chain { key: CLOSED, index: 0 }),
        receivers,
        pending,
    };
    Some((session, sends))
}

/// The sessions of a stored record by name, which is the base key, and which of them is the open one.
pub struct Names {
    /// All of them.
    pub all: Vec<String>,
    /// The one in which messages are sent.
    pub open: Option<String>,
    /// When something came in that one, in milliseconds since the epoch.
    pub used: i64,
}

/// What is in a stored record; `None` for what is none.
pub fn names(json: &str) -> Option<Names> {
    let sessions = parse(json).ok()?.sessions.0;
    let open = sessions.iter().find(|(_, entry)| entry.index_info.closed == OPEN);
    let used = open.map_or(0, |(_, entry)| entry.index_info.used);
    let open = open.map(|(name, _)| name.clone());
    Some(Names { all: sessions.into_iter().map(|(name, _)| name).collect(), open, used })
}

/// Writes a record, with what only the other form knows from `previous`, the value that it replaces.
///
/// `now`: milliseconds since the epoch.
pub fn write(record: &SessionRecord, previous: Option<&str>, now: i64) -> String {
    let (open, sessions) = record.to_parts();
    compose(&sessions, open.then_some(0), previous.as_slice(), now)
}

/// Writes a record with another session open than the current one, or with none of those that `may_send` refuses, by name and place;
/// the newest of the others is it. `None` where there is none.
///
/// `previous`: the values that it replaces, and others that know more of its sessions.
pub fn write_sending(
    record: &SessionRecord,
    previous: &[&str],
    now: i64,
    may_send: impl Fn(usize, &str) -> bool,
) -> Option<String> {
    let (open, sessions) = record.to_parts();
    let mut names = sessions.iter().enumerate();
    let at = names.position(|(at, session)| session.sending.key != CLOSED && may_send(at, &encoded(&session.base_key)));
    let at = at.filter(|_| open)?;
    Some(compose(&sessions, Some(at), previous, now))
}

fn compose(sessions: &[Session], open: Option<usize>, previous: &[&str], now: i64) -> String {
    let previous: Vec<Stored> = previous.iter().filter_map(|json| parse(json).ok()).collect();
    let entry = |(at, session): (usize, &Session)| {
        let name = encoded(&session.base_key);
        let known = previous.iter().find_map(|stored| stored.sessions.get(&name));
        (name, entry_of(session, open == Some(at), at == 0, known, now))
    };
    // Oldest first.
    let mut entries: Vec<_> = sessions.iter().enumerate().map(entry).collect();
    entries.reverse();
    let stored = Stored { sessions: Ordered(entries), version: Some("v1".to_owned()), registration_id: None };
    serde_json::to_string(&stored).unwrap_or_default()
}

/// One record of several of one device, the most important first: their open sessions, then the others. Where two have the same
/// session, the open one is it: the other one only reads along.
pub fn merged(records: &[SessionRecord]) -> SessionRecord {
    let parts: Vec<_> = records.iter().map(SessionRecord::to_parts).collect();
    let is_open = parts.iter().any(|(open, _)| *open);
    let mut first = Vec::new();
    let mut rest = Vec::new();
    for (open, sessions) in parts {
        let mut sessions = sessions.into_iter();
        if open {
            first.extend(sessions.next());
        }
        rest.extend(sessions);
    }
    let mut merged: Vec<Session> = Vec::with_capacity(first.len() + rest.len());
    for session in first.into_iter().chain(rest) {
        if !merged.iter().any(|other| other.base_key == session.base_key) {
            merged.push(session);
        }
    }
    SessionRecord::from_parts(is_open, &merged)
}

fn djb(key: &PublicKey) -> Base64 {
    Base64(key.to_djb().to_vec())
}

fn encoded(key: &PublicKey) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(key.to_djb())
}

fn stored_chain(chain: &Chain, chain_type: u8, skipped: &[(u32, [u8; 32])]) -> StoredChain {
    let key = (chain.key != CLOSED).then(|| Base64(chain.key.to_vec()));
    StoredChain {
        chain_key: StoredChainKey { counter: i64::from(chain.index) - 1, key },
        chain_type,
        message_keys: Ordered(
            skipped.iter().map(|(counter, seed)| (counter.to_string(), Base64(seed.to_vec()))).collect(),
        ),
    }
}

/// `newest`: it is tried first.
fn entry_of(session: &Session, open: bool, newest: bool, known: Option<&Entry>, now: i64) -> Entry {
    let mut chains: Vec<(String, StoredChain)> = Vec::new();
    // Chains that were left out for their number stay as long as something can be read from them.
    let carried = known.into_iter().flat_map(|entry| &entry.chains.0).filter(|(name, chain)| {
        let gone = chain.chain_type == RECEIVING && !chain.message_keys.0.is_empty();
        gone && !session.receivers.iter().any(|(key, _)| encoded(key) == *name)
            && session.receivers.len() >= MAX_RECEIVERS
    });
    chains.extend(carried.take(MAX_CARRIED).cloned());
    for (key, chain) in &session.receivers {
        chains.push((encoded(key), stored_chain(&chain.next, RECEIVING, &chain.skipped)));
    }
    let own = (encoded(&session.ratchet.public), stored_chain(&session.sending, SENDING, &[]));
    chains.push(own);
    let last = session.receivers.last().map(|(key, _)| djb(key));
    let last = last.or_else(|| known.map(|entry| entry.current_ratchet.last_remote_ephemeral_key.clone()));
    let info = known.map(|entry| &entry.index_info);
    let closed = match info.map(|info| info.closed) {
        _ if open => OPEN,
        Some(closed) if closed != OPEN => closed,
        _ => now,
    };
    Entry {
        registration_id: Some(session.remote_registration_id),
        current_ratchet: Ratchet {
            ephemeral_key_pair: StoredPair {
                pub_key: djb(&session.ratchet.public),
                priv_key: Base64(session.ratchet.private.as_bytes().to_vec()),
            },
            // Before anything came, it is only looked for among the chains, where it is not.
            last_remote_ephemeral_key: last.unwrap_or_else(|| djb(&session.remote_identity)),
            previous_counter: i64::from(session.previous_counter),
            root_key: Base64(session.root.to_vec()),
        },
        index_info: IndexInfo {
            base_key: djb(&session.base_key),
            base_key_type: info
                .map_or(if session.pending.is_some() { OURS } else { THEIRS }, |info| info.base_key_type),
            closed,
            used: if newest { now } else { info.map_or(0, |info| info.used).min(now - 1) },
            created: info.map_or(now, |info| info.created),
            remote_identity_key: djb(&session.remote_identity),
        },
        chains: Ordered(chains),
        pending_pre_key: session.pending.map(|(pre_key_id, signed_key_id)| PendingPreKey {
            signed_key_id,
            base_key: djb(&session.base_key),
            pre_key_id,
        }),
    }
}

/// From so many chains on, ours leaves the oldest out.
const MAX_RECEIVERS: usize = 5;
