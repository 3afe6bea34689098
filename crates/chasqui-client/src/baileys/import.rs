//! Taking over: the values of an auth state become records of a store.
//!
//! What is learnt again by itself is left behind: lists of devices, and the settings of the account, which are asked for anew
//! at the first login since Baileys keeps only their hashes.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use chasqui_baileys::{
    FormatError,
    names::{CREDS, Kind},
    sender_key, session,
    values::{self, AppStateKey},
};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::{
    ProtoMessage,
    message::{AppStateSyncKey, AppStateSyncKeyData, AppStateSyncKeyFingerprint, AppStateSyncKeyId},
};
use chasqui_signal::{SenderKeyRecord, SessionRecord, SignalAddress};
use chasqui_store::{Batch, Key, MAX_BATCH_BYTES, Namespace, Op, SessionStore};
use chasqui_wire::{Jid, Server};

use super::layout::Layout;
use crate::{
    creds::{self, Creds},
    error, lid, prekeys, sender_keys, tokens,
};

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// The account's phone number, as a JID.
    pub pn: String,
    /// Its LID.
    pub lid: String,
    /// How many there are of each: prekeys, sessions, sender keys, keys of settings, pairs of addresses, privacy tokens.
    pub counts: BTreeMap<&'static str, usize>,
    /// Values that could not be read, and why; a session that is missing is made anew when it is needed.
    pub skipped: Vec<Skipped>,
}

/// A value that was left behind.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// Its file.
    pub file: String,
    /// Why.
    pub reason: String,
}

fn malformed(file: &str, why: &FormatError) -> PublicError {
    PublicError::new(ErrorCode::StoreCorrupt, format!("\"{file}\" cannot be read: {why}.")).with("file", file)
}

/// Puts the values, by the names that they have as files, into a session that is empty.
///
/// # Errors
/// `STORE_CORRUPT` for credentials that cannot be read, `INVALID_ARGUMENT` where there are none, or none that are paired, or
/// where the session is not empty; `STORE_FAILED`.
pub async fn import(files: &HashMap<String, String>, store: &dyn SessionStore) -> Result<Imported, PublicError> {
    let refuse = |why: &str| PublicError::new(ErrorCode::InvalidArgument, why.to_owned());
    if store.get_many(&[creds::key()]).await.map_err(error::store)?.iter().any(Option::is_some) {
        return Err(refuse("The session is not empty: take another name, or delete it first."));
    }
    let json = files.get(CREDS).ok_or_else(|| refuse("There is no \"creds.json\"."))?;
    let told = chasqui_baileys::creds::read(json).map_err(|why| malformed(CREDS, &why))?;
    let paired = told.paired.clone().ok_or_else(|| refuse("\"creds.json\" is of a device that is not paired."))?;
    let lid = paired.lid.clone().ok_or_else(|| {
        refuse("\"creds.json\" has no LID of the account (`me.lid`): let Baileys log in once with it, which learns it.")
    })?;
    let mut import = Import {
        found: Imported { pn: paired.pn.to_string(), lid: lid.to_string(), ..Imported::default() },
        batches: vec![Batch::new()],
        pairs: HashMap::new(),
        own: [paired.pn.to_bare(), lid.to_bare()],
        has_lid_names: files.keys().any(|file| file.contains("_1.") || file.contains("_1--")),
    };
    import.read_pairs(files);
    import.small_values(files);
    import.sessions(files);
    import.sender_keys(files);
    // For the way back: how its version writes.
    import.put(Namespace::Meta, &Layout::key().bytes, Layout::of_files(files).to_bytes());
    // The credentials come last: without them the session is as good as empty.
    let creds = Creds::of_baileys(told, import.has_lid_names);
    import.put(Namespace::Meta, &creds::key().bytes, creds.to_bytes());
    for batch in import.batches {
        store.ready().await;
        store.apply(batch).await.map_err(error::store)?;
    }
    Ok(import.found)
}

/// Values of an auth state as operations on a store: those that they write, and for the ones that are gone those that delete.
///
/// `pairs`: by an address the other one, as far as it is known.
///
/// # Errors
/// `STORE_CORRUPT` names a value that cannot be read.
pub(super) fn change(
    values: HashMap<String, Option<String>>,
    own: [Jid; 2],
    mut pairs: HashMap<Jid, Jid>,
) -> Result<Batch, PublicError> {
    let [pn, lid] = own.clone();
    pairs.insert(pn.clone(), lid.clone());
    pairs.insert(lid, pn);
    let mut import =
        Import { found: Imported::default(), batches: vec![Batch::new()], pairs, own, has_lid_names: true };
    let mut batch = Batch::new();
    let mut files = HashMap::new();
    for (file, json) in values {
        match json {
            Some(json) => drop(files.insert(file, json)),
            None => drop(batch.append(import.deletion(&file))),
        }
    }
    import.read_pairs(&files);
    import.small_values(&files);
    import.sessions(&files);
    import.sender_keys(&files);
    if let Some(skipped) = import.found.skipped.first() {
        let message = format!("\"{}\" cannot be read: {}.", skipped.file, skipped.reason);
        return Err(PublicError::new(ErrorCode::StoreCorrupt, message).with("file", skipped.file.clone()));
    }
    for some in import.batches {
        batch.append(some);
    }
    Ok(batch)
}

/// What finds the records that a value is made of, by the name of its file.
pub(super) fn records_behind(own: [Jid; 2], mut pairs: HashMap<Jid, Jid>) -> impl Fn(&str) -> Vec<Key> {
    let [pn, lid] = own.clone();
    pairs.insert(pn.clone(), lid.clone());
    pairs.insert(lid, pn);
    let import = Import { found: Imported::default(), batches: Vec::new(), pairs, own, has_lid_names: true };
    let key = |op: &Op| match op {
        Op::Put(key, _) | Op::Delete(key) => Some(key.clone()),
        _ => None,
    };
    move |file| import.deletion(file).ops().iter().filter_map(key).collect()
}

/// The pairs that are known of those whom values are of.
pub(super) async fn known_pairs(
    files: impl Iterator<Item = &String>,
    store: &dyn SessionStore,
) -> Result<HashMap<Jid, Jid>, PublicError> {
    let mut pairs = HashMap::new();
    let mut users = BTreeSet::new();
    for file in files {
        let Some((kind, id)) = Kind::of_file(file) else { continue };
        let name = match kind {
            Kind::Session | Kind::IdentityKey => id.rsplit_once('.').map(|(name, _)| name.to_owned()),
            Kind::SenderKey => id.rsplit("::").nth(1).map(str::to_owned),
            Kind::TcToken => id.split(['@', ':']).next().map(str::to_owned),
            _ => None,
        };
        users.extend(name.and_then(|name| name.split('_').next().map(str::to_owned)));
    }
    let users: Vec<String> = users.into_iter().collect();
    let both = |user: &String| [Jid::pn(user.as_str()), Jid::lid(user.as_str())];
    let jids: Vec<Jid> = users.iter().flat_map(both).collect();
    let keys: Vec<Key> = jids.iter().map(|jid| Key::new(Namespace::LidMapping, lid::mapping_key(jid))).collect();
    let found = store.get_many(&keys).await.map_err(error::store)?;
    for (jid, other) in jids.into_iter().zip(found) {
        let Some(other) = other.and_then(|user| String::from_utf8(user).ok()) else { continue };
        let other = if jid.is_lid() { Jid::pn(other) } else { Jid::lid(other) };
        pairs.insert(jid.clone(), other.clone());
        pairs.insert(other, jid);
    }
    Ok(pairs)
}

struct Import {
    found: Imported,
    batches: Vec<Batch>,
    /// By either user part, the other one; only where both are known.
    pairs: HashMap<Jid, Jid>,
    own: [Jid; 2],
    /// Whether the version that wrote them names LIDs as such (`_1`).
    has_lid_names: bool,
}

/// Which of several sessions with a device goes on: not that of 7, when something came in it last, and whether it is by number.
type Rank = (bool, Reverse<i64>, u8);

/// A batch is full from here on.
const FULL: usize = MAX_BATCH_BYTES / 16;

impl Import {
    fn put(&mut self, namespace: Namespace, key: &[u8], value: Vec<u8>) {
        if self.batches.last().is_none_or(|batch| batch.bytes() > FULL) {
            self.batches.push(Batch::new());
        }
        if let Some(batch) = self.batches.last_mut() {
            batch.put(namespace, key, value);
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.found.counts.entry(what).or_default() += 1;
    }

    fn skip(&mut self, file: &str, reason: impl ToString) {
        self.found.skipped.push(Skipped { file: file.to_owned(), reason: reason.to_string() });
    }

    /// What deletes a value.
    fn deletion(&self, file: &str) -> Batch {
        let mut batch = Batch::new();
        let Some((kind, id)) = Kind::of_file(file) else { return batch };
        let address = |name: &str, device: &str| {
            self.device_of(name, device).map(|jid| SignalAddress::from_jid(&self.canonical(&jid)))
        };
        match kind {
            Kind::PreKey => {
                if let Ok(id) = id.parse() {
                    batch.delete(Namespace::PreKey, prekeys::key(id).bytes);
                }
            }
            Kind::Session | Kind::IdentityKey => {
                let namespace = if kind == Kind::Session { Namespace::Session } else { Namespace::Identity };
                if let Some(address) = id.rsplit_once('.').and_then(|(name, device)| address(name, device)) {
                    batch.delete(namespace, address.to_string());
                }
            }
            Kind::SenderKey => {
                let mut parts = id.split("::");
                if let (Some(group), Some(name), Some(device)) = (parts.next(), parts.next(), parts.next())
                    && let (Ok(group), Some(address)) = (group.parse::<Jid>(), address(name, device))
                {
                    batch.delete(Namespace::SenderKey, sender_keys::name(&group, &address));
                }
            }
            Kind::SenderKeyMemory => drop(batch.delete(Namespace::SenderKeyShared, &id)),
            Kind::TcToken => {
                if let Ok(jid) = id.parse::<Jid>() {
                    batch.delete(Namespace::PrivacyToken, self.canonical(&jid.to_bare()).to_string());
                }
            }
            Kind::LidMapping => {
                let (mark, user) = id.strip_suffix("_reverse").map_or((b'p', &*id), |user| (b'l', user));
                batch.delete(Namespace::LidMapping, [&[mark], user.as_bytes()].concat());
            }
            Kind::DeviceList => {
                for jid in [Jid::pn(id.as_str()), Jid::lid(id.as_str())] {
                    batch.delete(Namespace::DeviceList, jid.to_string());
                }
            }
            // What is synchronised is not taken away from outside.
            Kind::AppStateSyncKey | Kind::AppStateSyncVersion => {}
        }
        batch
    }

    fn read_pairs(&mut self, files: &HashMap<String, String>) {
        let [own_pn, own_lid] = self.own.clone();
        let mut pairs = vec![(own_pn, own_lid)];
        for (file, json) in files {
            let Some((Kind::LidMapping, id)) = Kind::of_file(file) else { continue };
            match (values::read_user(json), id.strip_suffix("_reverse")) {
                (Ok(pn), Some(lid)) => pairs.push((Jid::pn(pn), Jid::lid(lid))),
                (Ok(lid), None) => pairs.push((Jid::pn(id), Jid::lid(lid))),
                (Err(why), _) => self.skip(file, why),
            }
        }
        for (pn, lid) in pairs {
            if self.pairs.contains_key(&pn) || self.pairs.contains_key(&lid) {
                continue;
            }
            self.put(Namespace::LidMapping, &lid::mapping_key(&pn), lid.user.as_bytes().to_vec());
            self.put(Namespace::LidMapping, &lid::mapping_key(&lid), pn.user.as_bytes().to_vec());
            self.count("pairs");
            self.pairs.insert(pn.clone(), lid.clone());
            self.pairs.insert(lid, pn);
        }
    }

    /// The LID where it is known, with the same device.
    fn canonical(&self, jid: &Jid) -> Jid {
        match self.pairs.get(&jid.to_bare()) {
            Some(lid) if lid.is_lid() => lid.with_device(jid.device),
            _ => jid.clone(),
        }
    }

    /// Whose address this is: `<user>[_<domain>].<device>`.
    fn device_of(&self, name: &str, device: &str) -> Option<Jid> {
        let device: u16 = device.parse().ok()?;
        let (user, domain) = name.split_once('_').unwrap_or((name, ""));
        let server = match domain {
            "" => Server::Pn,
            "1" => Server::Lid,
            "128" => Server::Hosted,
            "129" => Server::HostedLid,
            _ => return None,
        };
        let jid = Jid::new(user, server).with_device(device);
        // 6.x names LIDs like numbers; whose they are tells the mapping.
        let as_lid = Jid::lid(user).with_device(device);
        let is_lid = server == Server::Pn && self.pairs.contains_key(&as_lid.to_bare());
        Some(if is_lid { as_lid } else { jid })
    }

    /// Whose else it may be: what 6.x names by a LID that nobody has told the number of looks like a number. Whichever it is
    /// not, is never asked for.
    fn other_reading(&self, jid: &Jid) -> Option<Jid> {
        let unknown = !self.has_lid_names && jid.is_pn() && !self.pairs.contains_key(&jid.to_bare());
        unknown.then(|| Jid::lid(jid.user.as_str()).with_device(jid.device))
    }

    fn small_values(&mut self, files: &HashMap<String, String>) {
        for (file, json) in files {
            let Some((kind, id)) = Kind::of_file(file) else { continue };
            let done = match kind {
                Kind::PreKey => self.prekey(&id, json),
                Kind::AppStateSyncKey => self.app_state_key(&id, json),
                Kind::TcToken if id != "__index" => self.token(&id, json),
                Kind::IdentityKey => self.identity(&id, json),
                _ => Ok(()),
            };
            if let Err(why) = done {
                self.skip(file, why);
            }
        }
    }

    fn prekey(&mut self, id: &str, json: &str) -> Result<(), FormatError> {
        let id = id.parse().map_err(|_| FormatError::Malformed("its id is no number".to_owned()))?;
        let prekey = values::read_prekey(id, json)?;
        self.put(Namespace::PreKey, &prekeys::key(id).bytes, prekey.to_bytes());
        self.count("prekeys");
        Ok(())
    }

    fn app_state_key(&mut self, id: &str, json: &str) -> Result<(), FormatError> {
        let AppStateKey { data, fingerprint, timestamp } = values::read_app_state_key(json)?;
        let id = chasqui_baileys::bytes::Bytes::from_value(&serde_json::Value::from(id));
        let id = id.filter(|id| id.0.len() == 6).ok_or_else(|| FormatError::Malformed("its id is none".to_owned()))?.0;
        let fingerprint = fingerprint.map(|fingerprint| AppStateSyncKeyFingerprint {
            raw_id: Some(fingerprint.raw_id),
            current_index: Some(fingerprint.current_index),
            device_indexes: fingerprint.device_indexes,
        });
        let stored = AppStateSyncKey {
            key_id: Some(Box::new(AppStateSyncKeyId { key_id: Some(id.clone()) })),
            key_data: Some(Box::new(AppStateSyncKeyData {
                key_data: Some(data),
                fingerprint: fingerprint.map(Box::new),
                timestamp: i64::try_from(timestamp).ok(),
            })),
        };
        self.put(Namespace::AppStateKey, &id, stored.encode_to_vec());
        self.count("appStateKeys");
        Ok(())
    }

    fn token(&mut self, id: &str, json: &str) -> Result<(), FormatError> {
        let jid: Jid = id.parse().map_err(|_| FormatError::Malformed("its id is no JID".to_owned()))?;
        let token = values::read_token(json)?;
        let row = tokens::Token::stored(token.token, token.timestamp.unwrap_or(0), token.sender_timestamp);
        self.put(Namespace::PrivacyToken, self.canonical(&jid.to_bare()).to_string().as_bytes(), row);
        self.count("privacyTokens");
        Ok(())
    }

    fn identity(&mut self, id: &str, json: &str) -> Result<(), FormatError> {
        let key = values::read_identity(json)?;
        let jid = id.rsplit_once('.').and_then(|(name, device)| self.device_of(name, device));
        let jid = jid.ok_or_else(|| FormatError::Malformed("its id is no address".to_owned()))?;
        let address = SignalAddress::from_jid(&self.canonical(&jid)).to_string();
        self.put(Namespace::Identity, address.as_bytes(), key.as_bytes().to_vec());
        Ok(())
    }

    /// Several names may be of one device. That by LID goes on, which 7 has; of those that 6 has, by LID and by number, the one in which
    /// something came last.
    fn sessions(&mut self, files: &HashMap<String, String>) {
        let mut by_address: BTreeMap<String, Vec<(Rank, SessionRecord)>> = BTreeMap::new();
        let mut others = HashSet::new();
        for (file, json) in files {
            let Some((Kind::Session, id)) = Kind::of_file(file) else { continue };
            let jid = id.rsplit_once('.').and_then(|(name, device)| self.device_of(name, device));
            let Some(jid) = jid else {
                self.skip(file, "its id is no address");
                continue;
            };
            let record = match session::read(json) {
                Ok(record) => record,
                Err(why) => {
                    self.skip(file, why);
                    continue;
                }
            };
            let used = session::names(json).map_or(0, |names| names.used);
            let rank = match (id.contains('_'), jid.is_lid()) {
                (true, _) => (false, Reverse(0), 0),
                (false, true) => (true, Reverse(used), 0),
                (false, false) => (true, Reverse(used), 1),
            };
            let address = SignalAddress::from_jid(&self.canonical(&jid)).to_string();
            if let (Some(other), Ok(record)) = (self.other_reading(&jid), session::read(json)) {
                let other = SignalAddress::from_jid(&other).to_string();
                by_address.entry(other.clone()).or_default().push((rank, record));
                others.insert(other);
            }
            by_address.entry(address).or_default().push((rank, record));
        }
        for (address, mut records) in by_address {
            records.sort_by_key(|(rank, _)| *rank);
            let records: Vec<SessionRecord> = records.into_iter().map(|(_, record)| record).collect();
            let record = session::merged(&records);
            if let Some(identity) = record.remote_identity() {
                let identity = identity.as_bytes().to_vec();
                self.put(Namespace::Identity, address.as_bytes(), identity);
            }
            self.put(Namespace::Session, address.as_bytes(), record.to_bytes());
            if !others.contains(&address) {
                self.count("sessions");
            }
        }
    }

    /// By number and by LID: what either has that the other one has not goes on, too.
    fn sender_keys(&mut self, files: &HashMap<String, String>) {
        let mut found: BTreeMap<(Jid, SignalAddress), (bool, SenderKeyRecord)> = BTreeMap::new();
        let mut own: HashMap<Jid, u32> = HashMap::new();
        for (file, json) in files {
            let Some((Kind::SenderKey, id)) = Kind::of_file(file) else { continue };
            let mut parts = id.split("::");
            let (Some(group), Some(name), Some(device)) = (parts.next(), parts.next(), parts.next()) else { continue };
            let (group, sender) = (group.parse::<Jid>().ok(), self.device_of(name, device));
            let (Some(group), Some(sender)) = (group, sender) else {
                self.skip(file, "its id is none");
                continue;
            };
            let record = match sender_key::read(json) {
                Ok((record, _)) => record,
                Err(why) => {
                    self.skip(file, why);
                    continue;
                }
            };
            let address = SignalAddress::from_jid(&self.canonical(&sender));
            if let Some(other) = self.other_reading(&sender) {
                let name = sender_keys::name(&group, &SignalAddress::from_jid(&other));
                self.put(Namespace::SenderKey, name.as_bytes(), record.to_bytes());
            }
            let is_canonical = SignalAddress::from_jid(&sender) == address;
            let is_own = self.own.iter().any(|own| own.same_user(&sender));
            let key = (group.clone(), address);
            let record = match found.remove(&key) {
                None => {
                    self.count("senderKeys");
                    record
                }
                Some((true, known)) => sender_key::merged(&known, &record),
                Some((false, known)) => sender_key::merged(&record, &known),
            };
            if let Some(id) = record.key_id().filter(|_| is_own && record.can_send()) {
                own.insert(group, id);
            }
            found.insert(key, (is_canonical, record));
        }
        for ((group, address), (_, record)) in found {
            self.put(Namespace::SenderKey, sender_keys::name(&group, &address).as_bytes(), record.to_bytes());
        }
        for (file, json) in files {
            let Some((Kind::SenderKeyMemory, id)) = Kind::of_file(file) else { continue };
            let Some((group, key)) = id.parse().ok().and_then(|group: Jid| Some((group.clone(), *own.get(&group)?)))
            else {
                continue;
            };
            let devices = values::read_shared(json).unwrap_or_default();
            let row = sender_keys::shared_row(key, devices.iter().filter_map(|jid| jid.parse().ok()));
            self.put(Namespace::SenderKeyShared, group.to_string().as_bytes(), row);
        }
    }
}
