//! A program's own store of keys (`{ get, set }`) as the store of a session.
//!
//! ```text
//! session ──apply──► what Baileys has no type for: the side store, at once
//!                └─► what it has one for: one `keys.set()` for all that waits, and then the commits resolve
//!         ──read───► what is under way, then `keys.get()`
//! ```
//!
//! The side store comes first: cut off in between, a message that was received is in the inbox and comes again from the service,
//! where it is known; one that was to be sent is encrypted anew. A set that fails fails its commits and all behind them, until
//! the session reads again. Source: the contract of Baileys, §12.1.

mod names;
mod six;

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use chasqui_appstate::Collection;
use chasqui_baileys::{names::Kind, values};
use chasqui_store::{
    Batch, BoxFuture, Commit, Committer, Found, Holder, Key, Namespace, Op, Page, Record, SessionStore, Store,
    StoreError, archive,
};
use chasqui_wire::Jid;
use tokio::sync::{Notify, watch};

use names::{lids_of, names, own_mapping};
use six::Pairs;

use super::{
    bridge::Bridge,
    folder::failed,
    import,
    layout::Layout,
    records::{self, Name, Source},
};
use crate::{
    app_state,
    connection::unix_now_ms,
    creds::{self, Creds},
    device_list::DeviceList,
    lock,
    told_creds::Told,
};

/// What is read from the program, and is nowhere else.
const THEIRS: [Namespace; 7] = [
    Namespace::LidMapping,
    Namespace::PreKey,
    Namespace::Identity,
    Namespace::PrivacyToken,
    Namespace::Session,
    Namespace::SenderKey,
    Namespace::SenderKeyShared,
];
/// What is there of a message that is sent.
const SENDING: [Namespace; 3] = [Namespace::Outbox, Namespace::SentMessage, Namespace::SentOrder];
/// Pairs that are expected at once; they are forgotten as they come.
const EXPECTED: usize = 4096;
/// Batches that wait to be written; with more the session waits.
const READY: usize = 256;

/// Whether a name says that it is of a LID.
fn is_of_seven(id: &str) -> bool {
    id.contains("_1.") || id.contains("_1::")
}

fn is_theirs(key: &Key) -> bool {
    THEIRS.contains(&key.namespace)
}

/// A store of one session for each handle; the side store's leases and bounds are its own.
pub(crate) struct KeysStore {
    pub side: Arc<dyn Store>,
    pub bridge: Arc<Bridge>,
    pub told: Told,
    /// Which Baileys is to be able to go on with the keys.
    pub layout: Layout,
}

impl KeysStore {
    async fn adopt(&self, name: String, side: Arc<dyn SessionStore>) -> Result<Arc<dyn SessionStore>, StoreError> {
        match self.prepare(&*side).await {
            Ok(own) => Ok(Arc::new(KeysSession::start(name, side, self.bridge.clone(), own, self.layout))),
            Err(error) => {
                // What could not be released ends with its lease.
                let _ = side.close().await;
                Err(error)
            }
        }
    }

    /// The program's credentials are the session's. What the side store has of another device goes.
    async fn prepare(&self, side: &dyn SessionStore) -> Result<Option<[Jid; 2]>, StoreError> {
        let row = side.get_many(&[creds::key()]).await?.pop().flatten();
        let known = row.as_deref().and_then(Creds::from_bytes);
        let known = known.filter(|known| known.identity.public == self.told.seed.identity.public);
        let mut device = self.told.device();
        match known {
            // It was paired, and the program had no time to save that.
            Some(known) if device.paired.is_none() && known.paired.is_some() => device = known,
            Some(known) => {
                device.signed_prekey_until = known.signed_prekey_until;
                device.server_chain = known.server_chain;
                if known.signed_prekey.id > device.signed_prekey.id {
                    device.signed_prekey = known.signed_prekey;
                }
            }
            None if row.is_some() => side.wipe().await?,
            None => {}
        }
        if device.paired.is_some() {
            let mut batch = Batch::new();
            batch.put(Namespace::Meta, creds::key().bytes, device.to_bytes());
            // The newest key of the app state; the others are asked for when they are needed.
            if let Some(id) = &self.told.newest_key {
                batch.append(app_state_keys(&self.bridge, std::slice::from_ref(id)).await?);
            }
            batch.append(self.settings(side).await?);
            side.apply(batch).await?;
        }
        Ok(own_of(&device))
    }

    /// Where the program's collections of settings stand, as far as the side store does not know of them.
    async fn settings(&self, side: &dyn SessionStore) -> Result<Batch, StoreError> {
        let rows: Vec<Key> = Collection::ALL.into_iter().map(app_state::state_key).collect();
        let known = side.get_many(&rows).await?;
        let unknown = Collection::ALL.into_iter().zip(known).filter(|(_, row)| row.is_none());
        let names: Vec<String> = unknown.map(|(collection, _)| collection.name().to_owned()).collect();
        let mut batch = Batch::new();
        if names.is_empty() || self.told.newest_key.is_none() {
            return Ok(batch);
        }
        for (name, json) in self.bridge.get(Kind::AppStateSyncVersion, &names).await? {
            let (Some(collection), Ok(known)) = (Collection::from_name(&name), values::read_collection(&json)) else {
                continue;
            };
            match app_state::known_rows(collection, &known) {
                Some(rows) => drop(batch.append(rows)),
                None if known.version == 0 => {}
                None => tracing::warn!(
                    "the settings in {name} are read from the beginning: they are not those of their hash"
                ),
            }
        }
        Ok(batch)
    }
}

/// Keys of the app state that the program has, by their ids.
async fn app_state_keys(bridge: &Bridge, ids: &[Vec<u8>]) -> Result<Batch, StoreError> {
    let ids: Vec<String> = ids.iter().map(|id| values::encoded(id)).collect();
    let found = bridge.get(Kind::AppStateSyncKey, &ids).await?;
    let files = found.into_iter().map(|(id, json)| (Kind::AppStateSyncKey.file(&id), Some(json))).collect();
    import::change(files, nobody(), HashMap::new()).map_err(|error| failed(error.message))
}

fn own_of(creds: &Creds) -> Option<[Jid; 2]> {
    creds.paired.as_ref().map(|paired| [paired.pn.clone(), paired.lid.clone()])
}

fn nobody() -> [Jid; 2] {
    [Jid::pn("0"), Jid::lid("0")]
}

impl Store for KeysStore {
    fn open(&self, session: &str, holder: Holder) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let name = session.to_owned();
        Box::pin(async move {
            let side = self.side.open(&name, holder).await?;
            self.adopt(name, side).await
        })
    }

    fn take_over(
        &self,
        session: &str,
        holder: Holder,
        patience: Option<Duration>,
    ) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let name = session.to_owned();
        Box::pin(async move {
            let side = self.side.take_over(&name, holder, patience).await?;
            self.adopt(name, side).await
        })
    }

    fn sessions(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.side.sessions()
    }

    fn describe(&self) -> String {
        format!("the program's keys, beside {}", self.side.describe())
    }
}

/// A batch on its way.
struct Waiting {
    number: u64,
    /// The side store's part, under way.
    side: Commit,
    /// What it changes of theirs, and of ours that they have a copy of.
    changed: Vec<Source>,
    /// What it wants to send, and what says that it has left: taken back when it cannot be stored.
    outbox: Vec<Key>,
    committer: Committer,
}

#[derive(Default)]
struct State {
    submitted: u64,
    queue: VecDeque<Waiting>,
    /// Of their records what was submitted and is not written: by the number of the last batch with it.
    ahead: HashMap<Key, (u64, Option<Vec<u8>>)>,
    own: Option<[Jid; 2]>,
    /// For 6: pairs whose records are about to be submitted.
    expected: Pairs,
    /// What waits to be sent and was promised to be: a later write about it that fails does not take it back.
    promised: HashSet<Key>,
    /// What of it was taken out since, by the number of the batch.
    taken_out: HashMap<Key, u64>,
    poison: Option<Arc<str>>,
    closed: bool,
}

struct Core {
    name: String,
    side: Arc<dyn SessionStore>,
    bridge: Arc<Bridge>,
    layout: Layout,
    state: Mutex<State>,
    news: Notify,
    /// Batches that are through.
    completed: watch::Sender<u64>,
}

struct KeysSession(Arc<Core>);

impl KeysSession {
    fn start(
        name: String,
        side: Arc<dyn SessionStore>,
        bridge: Arc<Bridge>,
        own: Option<[Jid; 2]>,
        layout: Layout,
    ) -> Self {
        let core = Arc::new(Core {
            name,
            side,
            bridge,
            layout,
            state: Mutex::new(State { own, ..State::default() }),
            news: Notify::new(),
            completed: watch::Sender::new(0),
        });
        let writer = core.clone();
        tokio::spawn(async move {
            loop {
                let group: Vec<Waiting> = lock(&writer.state).queue.drain(..).collect();
                if !group.is_empty() {
                    writer.commit(group).await;
                } else if lock(&writer.state).closed {
                    return;
                } else {
                    writer.news.notified().await;
                }
            }
        });
        Self(core)
    }
}

impl Core {
    fn check(&self, state: &State) -> Result<(), StoreError> {
        if state.closed {
            return Err(StoreError::Closed { session: self.name.clone() });
        }
        match &state.poison {
            Some(cause) => Err(StoreError::Poisoned { session: self.name.clone(), cause: cause.clone() }),
            None => Ok(()),
        }
    }

    fn submit(&self, batch: Batch) -> Result<Commit, StoreError> {
        let mut state = lock(&self.state);
        self.check(&state)?;
        let mut side = Batch::new();
        let mut changed = Vec::new();
        let mut outbox = Vec::new();
        let number = state.submitted + 1;
        for op in batch.ops() {
            let sources = records::sources_of(op).unwrap_or_default();
            changed.extend(sources.into_iter().filter(|source| *source != Source::Creds));
            match op {
                Op::Put(key, value) if is_theirs(key) => {
                    if let Some(user) = six::of_pair(key) {
                        state.expected.remove(&user);
                    }
                    state.ahead.insert(key.clone(), (number, Some(value.clone())));
                    continue;
                }
                Op::Delete(key) if is_theirs(key) => {
                    state.ahead.insert(key.clone(), (number, None));
                    continue;
                }
                Op::Put(key, value) if *key == creds::key() => {
                    state.own = Creds::from_bytes(value).as_ref().and_then(own_of);
                }
                Op::Put(key, _) if SENDING.contains(&key.namespace) => outbox.push(key.clone()),
                Op::Delete(key) if key.namespace == Namespace::Outbox => {
                    state.promised.remove(key);
                    state.taken_out.insert(key.clone(), number);
                }
                _ => {}
            }
            side.push(op.clone());
        }
        state.submitted = number;
        let (committer, commit) = Commit::pending();
        let side = if side.is_empty() { Commit::done(Ok(())) } else { self.side.apply(side) };
        state.queue.push_back(Waiting { number, side, changed, outbox, committer });
        drop(state);
        self.news.notify_one();
        Ok(commit)
    }

    /// Batches that wait become one write.
    async fn commit(&self, group: Vec<Waiting>) {
        let last = group.last().map_or(0, |waiting| waiting.number);
        let mut changed: Vec<Source> = Vec::new();
        let mut outcomes = Vec::new();
        let mut outbox = Vec::new();
        let mut result = match &lock(&self.state).poison {
            Some(cause) => Err(StoreError::Poisoned { session: self.name.clone(), cause: cause.clone() }),
            None => Ok(()),
        };
        for waiting in group {
            let stored = waiting.side.await;
            if result.is_ok() {
                result = stored;
            }
            changed.extend(waiting.changed);
            outbox.extend(waiting.outbox);
            outcomes.push(waiting.committer);
        }
        if result.is_ok() {
            changed.sort();
            changed.dedup();
            result = self.write(&changed).await;
        }
        if let Err(error) = &result {
            // What was refused is not to be sent after all.
            let mut undo = Batch::new();
            {
                let state = lock(&self.state);
                for key in outbox.iter().filter(|key| !state.promised.contains(*key)) {
                    undo.delete(key.namespace, &key.bytes);
                }
            }
            if !undo.is_empty() {
                let _ = self.side.apply(undo).await;
            }
            let mut state = lock(&self.state);
            state.poison.get_or_insert_with(|| error.to_string().into());
            state.ahead.clear();
            state.taken_out.clear();
        } else {
            let mut state = lock(&self.state);
            state.ahead.retain(|_, (number, _)| *number > last);
            let State { promised, taken_out, .. } = &mut *state;
            let waits = |key: &Key| key.namespace == Namespace::Outbox && !taken_out.contains_key(key);
            promised.extend(outbox.into_iter().filter(waits));
            taken_out.retain(|_, number| *number > last);
        }
        for committer in outcomes {
            committer.set(result.clone());
        }
        self.completed.send_replace(last);
    }

    async fn write(&self, changed: &[Source]) -> Result<(), StoreError> {
        let (theirs, ours): (Vec<Source>, Vec<Source>) =
            changed.iter().cloned().partition(|source| matches!(source, Source::Row(key) if is_theirs(key)));
        let ours: Vec<Source> = ours.into_iter().filter(|source| *source != Source::Tokens).collect();
        let now = i64::try_from(unix_now_ms()).unwrap_or(i64::MAX);
        let mut written = BTreeMap::new();
        let mut add = |values: Vec<records::Value>| {
            for (name, json) in values {
                match name {
                    Name::Value(Kind::LidMapping, id) if self.layout.by_number => {
                        written.insert((Kind::LidMapping, six::pair_name(&id)), json)
                    }
                    Name::Value(kind, id) => written.insert((kind, id), json),
                    Name::Creds => None,
                };
            }
        };
        for some in ours.chunks(records::PAGE) {
            add(records::gather(&*self.side, some, self.layout).await?.values(&|_| None, now));
        }
        let (rows, own) = {
            let state = lock(&self.state);
            let row = |source: Source| match source {
                Source::Row(key) => state.ahead.get(&key).map(|(_, row)| (key.clone(), row.clone())),
                _ => None,
            };
            (theirs.into_iter().filter_map(row).collect::<Vec<_>>(), state.own.clone())
        };
        let pairs = self.pairs(rows.iter().map(|(key, _)| key)).await?;
        let twins = if self.layout.by_number { six::twins(&rows, &pairs) } else { HashMap::new() };
        // What only the other form of a session knows comes from the one that is replaced.
        let previous = self.previous(&rows, own.as_ref(), &pairs).await?;
        let holders: Vec<String> = rows
            .iter()
            .filter(|(key, row)| key.namespace == Namespace::PrivacyToken && row.is_some())
            .filter_map(|(key, _)| String::from_utf8(key.bytes.to_vec()).ok())
            .collect();
        let gathered = records::gathered(rows, own, self.layout, twins);
        add(gathered.values(&|file| previous.get(file).cloned(), now));
        if self.layout.by_number {
            // A name of 7, whose record has others now.
            let former = previous.keys().filter_map(|file| Kind::of_file(file)).filter(|(_, id)| is_of_seven(id));
            for name in former {
                written.entry(name).or_insert(None);
            }
        }
        if !holders.is_empty() {
            let index = "__index".to_owned();
            let known = self.bridge.get(Kind::TcToken, std::slice::from_ref(&index)).await?;
            let mut all = known.get(&index).map(|json| values::read_token_index(json)).unwrap_or_default();
            let new: Vec<String> = holders.into_iter().filter(|holder| !all.contains(holder)).collect();
            if !new.is_empty() {
                all.extend(new);
                written.insert((Kind::TcToken, index), Some(values::write_token_index(&all)));
            }
        }
        if written.is_empty() { Ok(()) } else { self.bridge.set(&written).await }
    }

    /// Sessions that are there under the names of those that are written; for 6 also those that are deleted, and sender keys.
    async fn previous(
        &self,
        rows: &[(Key, Option<Vec<u8>>)],
        own: Option<&[Jid; 2]>,
        pairs: &Pairs,
    ) -> Result<HashMap<String, String>, StoreError> {
        let mut asked: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
        for (key, row) in rows {
            match (key.namespace, own) {
                (Namespace::Session | Namespace::SenderKey, Some(own)) if self.layout.by_number => {
                    for (kind, id) in six::names(key, own, pairs) {
                        asked.entry(kind).or_default().push(id);
                    }
                }
                (Namespace::Session, _) if row.is_some() => {
                    let id = String::from_utf8(key.bytes.to_vec()).ok();
                    asked.entry(Kind::Session).or_default().extend(id);
                }
                _ => {}
            }
        }
        let mut found = HashMap::new();
        for (kind, ids) in asked {
            let values = self.bridge.get(kind, &ids).await?;
            found.extend(values.into_iter().map(|(id, json)| (kind.file(&id), json)));
        }
        Ok(found)
    }

    /// For 6: the pairs of those whom records are of, as far as they are known.
    async fn pairs(&self, keys: impl Iterator<Item = &Key>) -> Result<Pairs, StoreError> {
        let mut pairs = Pairs::new();
        if !self.layout.by_number {
            return Ok(pairs);
        }
        let mut add = |user: Jid, other: &str| {
            let other = if user.is_lid() { Jid::pn(other) } else { Jid::lid(other) };
            pairs.insert(user.clone(), other.clone());
            pairs.insert(other, user);
        };
        let mut asked = Vec::new();
        {
            let state = lock(&self.state);
            if let Some([pn, lid]) = &state.own {
                add(pn.to_bare(), &lid.user);
            }
            for user in six::users_of(keys) {
                match state.ahead.get(&six::pair_key(&user)) {
                    Some((_, row)) => {
                        if let Some(other) = row.as_deref().and_then(records::text) {
                            add(user, other);
                        }
                    }
                    None if state.own.iter().flatten().any(|own| own.same_user(&user)) => {}
                    None => match state.expected.get(&user) {
                        Some(other) => add(user, &other.user),
                        None => asked.push(user),
                    },
                }
            }
        }
        let names: Vec<String> = asked.iter().flat_map(six::pair_names).collect();
        if !names.is_empty() {
            let found = self.bridge.get(Kind::LidMapping, &names).await?;
            for user in asked {
                let json = six::pair_names(&user).iter().find_map(|name| found.get(name));
                if let Some(other) = json.and_then(|json| values::read_user(json).ok()) {
                    add(user, &other);
                }
            }
        }
        Ok(pairs)
    }

    /// Values of their records: what is under way, or what they have.
    async fn theirs(&self, keys: Vec<Key>) -> Result<HashMap<Key, Option<Vec<u8>>>, StoreError> {
        let mut found = HashMap::new();
        let mut asked: BTreeMap<Kind, HashSet<String>> = BTreeMap::new();
        let mut unknown = Vec::new();
        let own = {
            let state = lock(&self.state);
            for key in keys {
                match state.ahead.get(&key) {
                    Some((_, row)) => drop(found.insert(key, row.clone())),
                    None => unknown.push(key),
                }
            }
            state.own.clone()
        };
        let Some(own) = own else {
            found.extend(unknown.into_iter().map(|key| (key, None)));
            return Ok(found);
        };
        let pairs = self.pairs(unknown.iter()).await?;
        for key in &unknown {
            for (kind, id) in self.names(key, &own, &pairs) {
                asked.entry(kind).or_default().insert(id);
            }
        }
        let mut files = HashMap::new();
        for (kind, ids) in asked {
            let ids: Vec<String> = ids.into_iter().collect();
            let values = self.bridge.get(kind, &ids).await?;
            files.extend(values.into_iter().map(|(id, json)| (kind.file(&id), Some(json))));
        }
        let mut known = lids_of(&unknown);
        known.extend(pairs.clone());
        let read = import::change(files, own.clone().map(|jid| jid.to_bare()), known).map_err(|error| {
            let file = error.data.get("file").and_then(|file| file.as_str()).unwrap_or("keys").to_owned();
            StoreError::Corrupt { path: PathBuf::from(file), detail: error.message }
        })?;
        found.extend(unknown.into_iter().map(|key| {
            let row = read.outcome(&key).flatten().map(<[u8]>::to_vec).or_else(|| own_mapping(&key, &own));
            let pair = if key.namespace == Namespace::LidMapping { six::pair_row(&key, &pairs) } else { None };
            (key, pair.or(row))
        }));
        Ok(found)
    }

    /// What a record may be called.
    fn names(&self, key: &Key, own: &[Jid; 2], pairs: &Pairs) -> Vec<(Kind, String)> {
        match key.namespace {
            Namespace::LidMapping if self.layout.by_number => Vec::new(),
            Namespace::Session | Namespace::Identity | Namespace::SenderKey | Namespace::SenderKeyShared
                if self.layout.by_number =>
            {
                six::names(key, own, pairs)
            }
            _ => names(key, own),
        }
    }

    /// The devices of a user, as far as a list of them is kept.
    async fn listed(&self, user: &str) -> Result<Vec<u16>, StoreError> {
        if !self.layout.by_number {
            let listed = self.bridge.get(Kind::DeviceList, &[user.to_owned()]).await?;
            return Ok(listed.get(user).and_then(|json| values::read_devices(json).ok()).unwrap_or_default());
        }
        // 6 has no such lists.
        let lists = [Jid::pn(user), Jid::lid(user)].map(|jid| Key::new(Namespace::DeviceList, jid.to_string()));
        let rows = self.side.get_many(&lists).await?;
        Ok(rows.into_iter().flatten().filter_map(|row| DeviceList::read(&row)).flat_map(|it| it.devices()).collect())
    }

    /// The devices of a user that a page begins at, of which there are sessions or identities.
    async fn page(&self, page: &Page) -> Result<Vec<Record>, StoreError> {
        let prefix = page.after.as_deref().and_then(|after| std::str::from_utf8(after).ok());
        let name = prefix.and_then(|prefix| prefix.strip_suffix('.'));
        let (Some(name), Namespace::Session | Namespace::Identity) = (name, page.namespace) else {
            return Ok(Vec::new());
        };
        let mut devices = self.listed(name.split('_').next().unwrap_or(name)).await?;
        devices.push(0);
        devices.sort_unstable();
        devices.dedup();
        let keys = devices.iter().map(|device| Key::new(page.namespace, format!("{name}.{device}"))).collect();
        let mut records: Vec<Record> =
            self.theirs(keys).await?.into_iter().filter_map(|(key, row)| Some((key.bytes.to_vec(), row?))).collect();
        records.sort();
        records.truncate(page.limit);
        Ok(records)
    }

    /// Keys of the app state that the side store has not come to know yet.
    async fn complete(&self, keys: &[Key], rows: &mut [Option<Vec<u8>>]) -> Result<(), StoreError> {
        let unknown =
            |(key, row): &(&Key, &mut Option<Vec<u8>>)| key.namespace == Namespace::AppStateKey && row.is_none();
        let unknown: Vec<(&Key, &mut Option<Vec<u8>>)> = keys.iter().zip(rows).filter(unknown).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let ids: Vec<Vec<u8>> = unknown.iter().map(|(key, _)| key.bytes.to_vec()).collect();
        let found = app_state_keys(&self.bridge, &ids).await?;
        for (key, row) in unknown {
            *row = found.outcome(key).flatten().map(<[u8]>::to_vec);
        }
        Ok(())
    }

    /// What was found waiting to be sent was stored.
    fn note_promised(&self, pages: &[Page], found: &[Vec<Record>]) {
        let waiting = pages.iter().zip(found).filter(|(page, _)| page.namespace == Namespace::Outbox);
        let mut state = lock(&self.state);
        for (key, _) in waiting.flat_map(|(_, records)| records) {
            state.promised.insert(Key::new(Namespace::Outbox, key));
        }
    }

    async fn wait_for(&self, number: u64) {
        // The sender lives in here.
        let _ = self.completed.subscribe().wait_for(|completed| *completed >= number).await;
    }
}

impl Drop for KeysSession {
    fn drop(&mut self) {
        lock(&self.0.state).closed = true;
        self.0.news.notify_one();
    }
}

impl SessionStore for KeysSession {
    fn read(&self, keys: &[Key], pages: &[Page]) -> BoxFuture<'_, Result<Found, StoreError>> {
        let checked = self.0.check(&lock(&self.0.state));
        let ours: Vec<Key> = keys.iter().filter(|key| !is_theirs(key)).cloned().collect();
        let our_pages: Vec<Page> = pages.iter().filter(|page| !THEIRS.contains(&page.namespace)).cloned().collect();
        let reading = self.0.side.read(&ours, &our_pages);
        let our_keys = ours;
        let (keys, pages) = (keys.to_vec(), pages.to_vec());
        Box::pin(async move {
            checked?;
            let asked: Vec<Key> = keys.iter().filter(|key| is_theirs(key)).cloned().collect();
            let mut theirs = if asked.is_empty() { HashMap::new() } else { self.0.theirs(asked).await? };
            let (mut ours, found) = reading.await?;
            self.0.note_promised(&our_pages, &found);
            self.0.complete(&our_keys, &mut ours).await?;
            let (mut ours, mut found) = (ours.into_iter(), found.into_iter());
            let mut value =
                |key: &Key| if is_theirs(key) { theirs.remove(key).flatten() } else { ours.next().flatten() };
            let values = keys.iter().map(&mut value).collect();
            let mut records = Vec::new();
            for page in &pages {
                records.push(if THEIRS.contains(&page.namespace) {
                    self.0.page(page).await?
                } else {
                    found.next().unwrap_or_default()
                });
            }
            Ok((values, records))
        })
    }

    fn apply(&self, batch: Batch) -> Commit {
        self.0.submit(batch).unwrap_or_else(|error| Commit::done(Err(error)))
    }

    fn ready(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let submitted = lock(&self.0.state).submitted;
            self.0.wait_for(submitted.saturating_sub(READY as u64)).await;
            self.0.side.ready().await;
        })
    }

    fn open_archive(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.side.open_archive()
    }

    fn ask_archive(&self, query: archive::Query) -> BoxFuture<'static, Result<archive::Found, StoreError>> {
        self.0.side.ask_archive(query)
    }

    fn expect_pair(&self, pn: &str, lid: &str) {
        if self.0.layout.by_number {
            let expected = &mut lock(&self.0.state).expected;
            if expected.len() >= 2 * EXPECTED {
                expected.clear();
            }
            expected.insert(Jid::pn(pn), Jid::lid(lid));
            expected.insert(Jid::lid(lid), Jid::pn(pn));
        }
    }

    /// The keys are the program's to delete.
    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        lock(&self.0.state).own = None;
        self.0.side.wipe()
    }

    fn resync(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let submitted = lock(&self.0.state).submitted;
        Box::pin(async move {
            self.0.wait_for(submitted).await;
            lock(&self.0.state).poison = None;
            self.0.side.resync().await
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let submitted = {
            let mut state = lock(&self.0.state);
            state.closed = true;
            state.submitted
        };
        self.0.news.notify_one();
        Box::pin(async move {
            self.0.wait_for(submitted).await;
            self.0.side.close().await
        })
    }

    fn lost(&self) -> BoxFuture<'static, ()> {
        self.0.side.lost()
    }

    fn wanted(&self) -> BoxFuture<'static, ()> {
        self.0.side.wanted()
    }
}
