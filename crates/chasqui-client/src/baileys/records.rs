//! Records of a store as values of an auth state, one by one.
//!
//! A change of a record is a [`Source`]. What it stands for is read from the store ([`gather`]), and made into values by name
//! beside the session ([`Gathered::values`]).

use std::collections::HashMap;

use chasqui_appstate::{Collection, State};
use chasqui_baileys::{
    creds as stored_creds,
    names::{CREDS, Kind},
    sender_key::{self, Form},
    session,
    values::{self, AppStateKey, Fingerprint, Token},
};
use chasqui_signal::{PreKey, SenderKeyRecord, SessionRecord};
use chasqui_store::{Key, Namespace, Op, Record, SessionStore, StoreError};
use chasqui_wire::{Jid, PublicKey};

use super::{
    layout::Layout,
    places, state,
    twins::{self, Twin},
};
use crate::{app_state, creds, device_list::DeviceList, sender_keys, tokens};

/// Records that are read at once.
pub(super) const PAGE: usize = 256;

/// What a value is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Creds,
    Value(Kind, String),
}

impl Name {
    pub fn file(&self) -> String {
        match self {
            Self::Creds => CREDS.to_owned(),
            Self::Value(kind, id) => kind.file(id),
        }
    }
}

/// A value by its name; `None` where there is none any more.
pub(crate) type Value = (Name, Option<String>);

/// Where values come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Creds,
    /// A record that is a value by itself.
    Row(Key),
    /// A collection of the app state, by name: its state and its MACs.
    Collection(&'static str),
    /// The list of those who have privacy tokens.
    Tokens,
}

/// Namespaces whose records are values by themselves.
pub(super) const ROWS: [Namespace; 9] = [
    Namespace::LidMapping,
    Namespace::PreKey,
    Namespace::DeviceList,
    Namespace::Identity,
    Namespace::PrivacyToken,
    Namespace::Session,
    Namespace::SenderKey,
    Namespace::SenderKeyShared,
    Namespace::AppStateKey,
];

/// What an operation changes of an auth state; `Err` when it is more than can be named.
pub(crate) fn sources_of(op: &Op) -> Result<Vec<Source>, ()> {
    let key = match op {
        Op::Put(key, _) | Op::Delete(key) => key,
        Op::DeleteNamespace(namespace) => {
            let all = [Namespace::Meta, Namespace::AppState, Namespace::AppStateMac];
            return if ROWS.contains(namespace) || all.contains(namespace) { Err(()) } else { Ok(Vec::new()) };
        }
        Op::DeleteAll => return Err(()),
        Op::Archive(_) => return Ok(Vec::new()),
    };
    let row = || Source::Row(key.clone());
    Ok(match key.namespace {
        Namespace::Meta if *key == creds::key() => vec![Source::Creds],
        Namespace::PrivacyToken => vec![row(), Source::Tokens],
        // The credentials name the newest.
        Namespace::AppStateKey => vec![row(), Source::Creds],
        Namespace::AppState => {
            let collection = text(&key.bytes).and_then(Collection::from_name);
            collection.into_iter().map(|collection| Source::Collection(collection.name())).collect()
        }
        Namespace::AppStateMac => {
            let collection = app_state::collection_of(&key.bytes);
            collection.into_iter().map(|collection| Source::Collection(collection.name())).collect()
        }
        namespace if ROWS.contains(&namespace) => vec![row()],
        _ => Vec::new(),
    })
}

pub(super) fn text(key: &[u8]) -> Option<&str> {
    std::str::from_utf8(key).ok()
}

/// Rows of the store that become values.
pub(crate) struct Gathered {
    layout: Layout,
    /// Whether pairs of addresses and privacy tokens are values: also for 6, which has none, where nobody else keeps them.
    with_pairs: bool,
    /// The own number's JID, with the device.
    own: Option<Jid>,
    items: Vec<Item>,
}

enum Item {
    Creds { row: Option<Vec<u8>>, newest: Option<Vec<u8>>, synced: bool, extras: Option<Vec<u8>> },
    Row { key: Key, row: Option<Vec<u8>>, twin: Twin },
    Collection { collection: Collection, state: Option<Vec<u8>>, macs: Vec<(Vec<u8>, Vec<u8>)> },
    Tokens(Vec<String>),
}

/// Reads what sources stand for; at most some hundred of them at once.
pub(crate) async fn gather(
    store: &dyn SessionStore,
    sources: &[Source],
    layout: Layout,
) -> Result<Gathered, StoreError> {
    let mut keys = vec![creds::key()];
    keys.extend(sources.iter().filter_map(|source| match source {
        Source::Row(key) => Some(key.clone()),
        _ => None,
    }));
    let mut rows = store.get_many(&keys).await?.into_iter();
    let creds_row = rows.next().flatten();
    let mut gathered = Gathered {
        layout,
        with_pairs: !layout.by_number,
        own: creds_row.as_deref().and_then(creds::Creds::from_bytes).and_then(|creds| Some(creds.paired?.pn)),
        items: Vec::new(),
    };
    let mut twins =
        if layout.by_number { twins::of_six(store, &keys).await? } else { twins::of_seven(store, &keys).await? };
    for source in sources {
        let item = match source {
            Source::Creds => {
                let (newest, synced) = settings_of(store).await?;
                let extras = store.get_many(&[state::extras_key()]).await?.pop().flatten();
                Item::Creds { row: creds_row.clone(), newest, synced, extras }
            }
            Source::Row(key) => {
                let twin = twins.remove(key).unwrap_or_default();
                Item::Row { key: key.clone(), row: rows.next().flatten(), twin }
            }
            Source::Collection(name) => match Collection::from_name(name) {
                Some(collection) => collection_item(store, collection).await?,
                None => continue,
            },
            Source::Tokens => {
                let found = scanned(store, Namespace::PrivacyToken).await?;
                Item::Tokens(found.into_iter().filter_map(|(key, _)| String::from_utf8(key).ok()).collect())
            }
        };
        gathered.items.push(item);
    }
    Ok(gathered)
}

/// Rows that are at hand, for a program that keeps them.
pub(super) fn gathered(
    rows: Vec<(Key, Option<Vec<u8>>)>,
    own: Option<[Jid; 2]>,
    layout: Layout,
    mut twins: HashMap<Key, Twin>,
) -> Gathered {
    let item =
        |(key, row): (Key, Option<Vec<u8>>)| Item::Row { twin: twins.remove(&key).unwrap_or_default(), key, row };
    let items = rows.into_iter().map(item).collect();
    Gathered { layout, with_pairs: true, own: own.map(|[pn, _]| pn), items }
}

/// The newest key of the app state, and whether that was synchronised.
pub(super) async fn settings_of(store: &dyn SessionStore) -> Result<(Option<Vec<u8>>, bool), StoreError> {
    let keys = app_state::stored_keys(scanned(store, Namespace::AppStateKey).await?);
    let newest = keys.iter().max_by_key(|key| (key.timestamp_ms, key.id));
    let newest = newest.map(|key| key.id.as_bytes().to_vec());
    let synced = !store.scan(Namespace::AppState, None, 1).await?.is_empty();
    Ok((newest, synced))
}

/// A collection with the values of its records. What is written meanwhile would not fit: then it is read once more.
async fn collection_item(store: &dyn SessionStore, collection: Collection) -> Result<Item, StoreError> {
    const ATTEMPTS: usize = 4;
    let mut state = collection_state(store, collection).await?;
    let mut attempt = 1;
    loop {
        let macs = collection_macs(store, collection).await?;
        let now = collection_state(store, collection).await?;
        if now == state || attempt == ATTEMPTS {
            return Ok(Item::Collection { collection, state: now, macs });
        }
        (state, attempt) = (now, attempt + 1);
    }
}

async fn collection_state(store: &dyn SessionStore, collection: Collection) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(store.get_many(&[Key::new(Namespace::AppState, collection.name())]).await?.pop().flatten())
}

async fn collection_macs(
    store: &dyn SessionStore,
    collection: Collection,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
    let mut macs = Vec::new();
    let mut after = app_state::records_of(collection);
    loop {
        let page = store.scan(Namespace::AppStateMac, Some(&after), PAGE).await?;
        let full = page.len() == PAGE;
        for (key, record) in &page {
            let Some((index, value)) = app_state::stored_mac(collection, key, record) else { return Ok(macs) };
            macs.push((index.0.to_vec(), value.0.to_vec()));
        }
        match page.last() {
            Some((key, _)) if full => after.clone_from(key),
            _ => return Ok(macs),
        }
    }
}

/// All records of a namespace that is small.
async fn scanned(store: &dyn SessionStore, namespace: Namespace) -> Result<Vec<Record>, StoreError> {
    let mut found: Vec<Record> = Vec::new();
    loop {
        let after = found.last().map(|(key, _)| key.clone());
        let page = store.scan(namespace, after.as_deref(), 16 * PAGE).await?;
        let full = page.len() == 16 * PAGE;
        found.extend(page);
        if !full {
            return Ok(found);
        }
    }
}

/// The next page of all sources of a store, after `at`; `None` behind the last one. The credentials come last, so that a
/// folder that is not complete is taken for none.
pub(crate) async fn page_of(
    store: &dyn SessionStore,
    at: &mut Option<(usize, Option<Vec<u8>>)>,
) -> Result<Option<Vec<Source>>, StoreError> {
    let Some((index, after)) = at.take() else { return Ok(None) };
    let Some(namespace) = ROWS.get(index) else {
        let mut rest: Vec<Source> = Collection::ALL.into_iter().map(|it| Source::Collection(it.name())).collect();
        rest.extend([Source::Tokens, Source::Creds]);
        return Ok(Some(rest));
    };
    let page = store.scan(*namespace, after.as_deref(), PAGE).await?;
    let full = page.len() == PAGE;
    let last = page.last().map(|(key, _)| key.clone());
    *at = Some(if full { (index, last) } else { (index + 1, None) });
    Ok(Some(page.into_iter().map(|(key, _)| Source::Row(Key::new(*namespace, key))).collect()))
}

/// Where [`page_of`] begins.
pub(crate) fn first_page() -> Option<(usize, Option<Vec<u8>>)> {
    Some((0, None))
}

/// The credentials as Baileys has them.
pub(crate) fn creds_value(creds: &creds::Creds, newest: Option<Vec<u8>>, synced: bool) -> stored_creds::Creds {
    stored_creds::Creds {
        noise: creds.noise.clone(),
        identity: creds.identity.clone(),
        signed_prekey: creds.signed_prekey.clone(),
        registration_id: creds.registration_id,
        adv_secret: *creds.adv_secret,
        next_prekey_id: creds.next_prekey_id,
        // All of them were uploaded.
        first_unuploaded_prekey_id: creds.next_prekey_id,
        paired: creds.paired.as_ref().map(|paired| stored_creds::Paired {
            pn: paired.pn.clone(),
            lid: Some(paired.lid.clone()),
            account: paired.account.clone(),
            platform: paired.platform.clone(),
        }),
        push_name: creds.push_name.clone(),
        routing_info: creds.routing_info.clone(),
        app_state_key_id: newest,
        synced,
    }
}

impl Gathered {
    /// The same in parts, of so many sources each.
    pub fn parts(self, sizes: impl IntoIterator<Item = usize>) -> impl Iterator<Item = Self> {
        let Self { layout, own, items, with_pairs } = self;
        let mut items = items.into_iter();
        let part =
            move |size| Self { layout, with_pairs, own: own.clone(), items: items.by_ref().take(size).collect() };
        sizes.into_iter().map(part)
    }

    /// The values. `previous` gives what is there now, by the name of its file; `now`: milliseconds since the epoch.
    pub fn values(&self, previous: &dyn Fn(&str) -> Option<String>, now: i64) -> Vec<Value> {
        let mut values = Vec::new();
        for item in &self.items {
            match item {
                Item::Creds { row, newest, synced, extras } => {
                    let creds = row.as_deref().and_then(creds::Creds::from_bytes);
                    // Before a phone has taken the device, its keys are the program's to keep.
                    if creds.as_ref().is_some_and(|creds| creds.paired.is_none()) {
                        continue;
                    }
                    let json = creds.map(|creds| {
                        let value = creds_value(&creds, newest.clone(), *synced);
                        match previous(CREDS) {
                            Some(previous) => stored_creds::write(&value, Some(&previous)),
                            None => state::with_extras(stored_creds::write(&value, None), extras.as_deref()),
                        }
                    });
                    values.push((Name::Creds, json));
                }
                Item::Row { twin: Twin::Elsewhere, .. } => {}
                Item::Row { key, row, twin } => self.row(key, row.as_deref(), twin, previous, now, &mut values),
                Item::Collection { collection, state, macs } => {
                    let state = state.as_deref().and_then(State::from_bytes);
                    let json = state.map(|state| {
                        let hash = state.hash.to_bytes();
                        values::write_collection(&values::Collection {
                            version: state.version,
                            hash,
                            macs: macs.clone(),
                        })
                    });
                    values.push((Name::Value(Kind::AppStateSyncVersion, collection.name().to_owned()), json));
                }
                Item::Tokens(holders) if !self.layout.by_number => {
                    let json = (!holders.is_empty()).then(|| values::write_token_index(holders));
                    values.push((Name::Value(Kind::TcToken, "__index".to_owned()), json));
                }
                Item::Tokens(_) => {}
            }
        }
        values
    }

    fn row(
        &self,
        key: &Key,
        row: Option<&[u8]>,
        twin: &Twin,
        previous: &dyn Fn(&str) -> Option<String>,
        now: i64,
        values: &mut Vec<Value>,
    ) {
        let bytes = &*key.bytes;
        let mut one = |kind, id: &str, json| values.push((Name::Value(kind, id.to_owned()), json));
        let of_seven = !self.layout.by_number;
        match key.namespace {
            Namespace::LidMapping if self.with_pairs => {
                let Some(user) = bytes.get(1..).and_then(text) else { return };
                let id = if bytes.first() == Some(&b'l') { format!("{user}_reverse") } else { user.to_owned() };
                one(Kind::LidMapping, &id, row.and_then(text).map(values::write_user));
            }
            Namespace::PreKey => {
                let [a, b, c] = *bytes else { return };
                let json = row.and_then(|row| PreKey::from_bytes(row).ok()).map(|prekey| values::write_prekey(&prekey));
                one(Kind::PreKey, &u32::from_be_bytes([0, a, b, c]).to_string(), json);
            }
            Namespace::DeviceList if of_seven => {
                let Some(jid) = text(bytes).and_then(|jid| jid.parse::<Jid>().ok()) else { return };
                let list = row.and_then(DeviceList::read);
                one(Kind::DeviceList, &jid.user, list.map(|list| values::write_devices(&list.devices())));
            }
            Namespace::Identity if of_seven => {
                let Some(address) = text(bytes) else { return };
                let identity = row.and_then(|row| PublicKey::from_raw(row).ok());
                one(Kind::IdentityKey, address, identity.map(|identity| values::write_identity(&identity)));
            }
            Namespace::PrivacyToken if self.with_pairs => {
                let Some(jid) = text(bytes) else { return };
                let value = row.and_then(tokens::Token::parts).map(|(token, timestamp, sender_timestamp)| {
                    let timestamp = Some(timestamp).filter(|time| *time > 0);
                    values::write_token(&Token { token, timestamp, sender_timestamp })
                });
                one(Kind::TcToken, jid, value);
            }
            Namespace::AppStateKey => {
                let stored = row.map(|row| app_state::stored_keys(vec![(bytes.to_vec(), row.to_vec())]));
                let key = stored.and_then(|mut keys| keys.pop());
                one(Kind::AppStateSyncKey, &values::encoded(bytes), key.map(|key| app_state_key(&key)));
            }
            Namespace::Session => {
                let record = row.and_then(|row| SessionRecord::from_bytes(row).ok());
                let names = self.names(text(bytes), twin);
                let known: Vec<_> = names.iter().map(|id| previous(&Kind::Session.file(id))).collect();
                let written = match (&record, known.as_slice()) {
                    (None, known) => vec![None; known.len()],
                    (Some(record), [by_number, by_lid]) => {
                        places::sessions(record, by_number.as_deref(), by_lid.as_deref(), now).into()
                    }
                    (Some(record), known) => {
                        known.iter().map(|known| Some(session::write(record, known.as_deref(), now))).collect()
                    }
                };
                for (id, json) in names.iter().zip(written) {
                    one(Kind::Session, id, json);
                }
            }
            Namespace::SenderKey => {
                let Some((chat, address)) = text(bytes).and_then(|key| key.split_once(' ')) else { return };
                let record = row.and_then(|row| SenderKeyRecord::from_bytes(row).ok());
                // Who else reads in it does no harm.
                let mut addresses = self.names(Some(address), twin);
                // The own one is looked for by the address that the group uses; by 6.x by number.
                if let Some(own) = self.own.as_ref().map(|own| format!("{}.{}", own.user, own.device))
                    && record.as_ref().is_some_and(SenderKeyRecord::can_send)
                {
                    if self.layout.by_number {
                        addresses.clear();
                    }
                    if !addresses.contains(&own) {
                        addresses.push(own);
                    }
                }
                // In a group by number 7 looks for it by number, as long as it has it there.
                let by_number = match (twin, address.rsplit_once('.')) {
                    (Twin::User(number), Some((_, device))) if of_seven => Some((number, device)),
                    _ => None,
                };
                addresses.extend(by_number.map(|(number, device)| format!("{number}.{device}")).filter(|address| {
                    let id = address.rsplit_once('.').map(|(name, device)| format!("{chat}::{name}::{device}"));
                    id.is_some_and(|id| previous(&Kind::SenderKey.file(&id)).is_some())
                }));
                addresses.dedup();
                for address in &addresses {
                    let Some((name, device)) = address.rsplit_once('.') else { continue };
                    let id = format!("{chat}::{name}::{device}");
                    // As it is there already: one 6 does not read what another one writes.
                    let known = || previous(&Kind::SenderKey.file(&id));
                    let form = match (self.layout.form, self.with_pairs) {
                        (Form::Either, true) => known().and_then(|json| Some(sender_key::read(&json).ok()?.1)),
                        _ => None,
                    };
                    let form = form.unwrap_or(self.layout.form);
                    let json = record.as_ref().map(|record| sender_key::write(record, form));
                    one(Kind::SenderKey, &id, json);
                }
            }
            Namespace::SenderKeyShared => {
                let Some(chat) = text(bytes) else { return };
                let shared = row.and_then(sender_keys::Shared::from_bytes).map(|shared| {
                    let devices: Vec<String> = shared.devices.iter().map(Jid::to_string).collect();
                    values::write_shared(&devices)
                });
                one(Kind::SenderKeyMemory, chat, shared);
            }
            _ => {}
        }
    }

    /// What the device of an address is called. 6.x names it by whichever address stands in a stanza: by number, and by its
    /// LID, without saying so. In this order.
    fn names(&self, address: Option<&str>, twin: &Twin) -> Vec<String> {
        let Some(address) = address else { return Vec::new() };
        let Some((name, device)) = address.rsplit_once('.').filter(|_| self.layout.by_number) else {
            return vec![address.to_owned()];
        };
        let (user, is_lid) = name.strip_suffix("_1").map_or((name, false), |user| (user, true));
        let mut users = vec![user];
        match twin {
            Twin::User(number) if is_lid => users.insert(0, number),
            Twin::User(lid) => users.push(lid),
            Twin::None | Twin::Elsewhere => {}
        }
        users.into_iter().map(|user| format!("{user}.{device}")).collect()
    }
}

fn app_state_key(key: &chasqui_appstate::share::SharedKey) -> String {
    let fingerprint = &key.fingerprint;
    values::write_app_state_key(&AppStateKey {
        data: key.data.as_bytes().to_vec(),
        fingerprint: Some(Fingerprint {
            raw_id: fingerprint.raw_id.unwrap_or(0),
            current_index: fingerprint.current_index.unwrap_or(0),
            device_indexes: fingerprint.device_indexes.clone(),
        }),
        timestamp: u64::try_from(key.timestamp_ms).unwrap_or(0),
    })
}
