//! App state: the settings that all devices of an account share, kept collection by collection and told as `change`.
//!
//! ```text
//! login, <notification type=server_sync>, first key ─► wanted ─► query ─► answer ─► work (beside the session) ─► commit, tell
//! client.change() ─► upload onto what is known ─► accepted: commit, tell │ conflict: work off what came, once more
//! ```
//!
//! One thing at a time: a query or an upload is under way, or an answer is being worked off. So nothing interleaves that
//! touches one collection. What a patch changes is one transaction, with the rows that tell of it; a collection that is
//! fetched anew is one, too. Source: 04-app-state.

mod apply;
mod blob;
mod commit;
mod contacts;
mod keys;
mod query;
mod refresh;
mod upload;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use chasqui_appstate::{Collection, IndexMac, KeyId, KeyRing, LtHash, Remedy, State, ValueMac, share::SharedKey};
use chasqui_baileys::values as stored;
use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::{Batch, BoxFuture, Key, Namespace, Page, Record};
use chasqui_wire::Node;
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    event::Event,
    iq::{self, Wait},
};

pub(crate) use apply::Outcome;
pub(crate) use upload::Sent;

use apply::{Rebuild, Task, Trouble};
use keys::{Asked, MAX_KEYS};
use query::Answer;
use refresh::Awaited;
use upload::Uploads;

/// How long a login without any key waits for the phone to share one by itself.
const KEY_GRACE: Duration = Duration::from_secs(10);
/// Pages of one fetch.
const MAX_ROUNDS: u32 = 500;
/// How often a collection is fetched anew in one login.
const MAX_RESYNCS: u32 = 2;
/// How often it is asked for news that the server counts and does not give.
const MAX_LAGS: u32 = 3;
/// How often a blob is tried.
const MAX_FETCHES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// What the session knows of the account's state.
#[derive(Default)]
pub(crate) struct AppState {
    /// Whether it was read from the store.
    loaded: bool,
    keys: Arc<KeyRing>,
    key_count: usize,
    slots: HashMap<Collection, Slot>,
    busy: bool,
    /// Answers of the server that are still to be worked off.
    answers: VecDeque<(Collection, Answer)>,
    /// What works one off.
    pub work: Option<BoxFuture<'static, Box<Outcome>>>,
    /// Keys that the phone was asked for.
    asked: HashMap<KeyId, Asked>,
    uploads: Uploads,
    /// Who waits for collections that were asked for.
    awaited: Vec<Awaited>,
}

/// A collection.
#[derive(Default)]
struct Slot {
    state: State,
    /// Whether there is a stored state: until then nothing was ever known of it.
    known: bool,
    /// It is fetched from the beginning.
    rebuild: Option<Box<Rebuild>>,
    /// It is to be asked for.
    wanted: bool,
    /// Not before this time.
    due: Option<Instant>,
    /// It waits for these keys.
    missing: Vec<KeyId>,
    /// It was complete since the login.
    synced: bool,
    /// Why it is given up until the next login.
    broken: Option<PublicError>,
    rounds: u32,
    resyncs: u32,
    failures: u32,
    /// That its hash differs was told.
    told: bool,
}

impl Slot {
    fn begin_login(&mut self, due: Option<Instant>) {
        let state = std::mem::take(&mut self.state);
        *self = Self { state, known: self.known, wanted: true, due, ..Self::default() };
    }

    fn can_be_asked(&self, now: Instant) -> bool {
        self.wanted && self.broken.is_none() && self.missing.is_empty() && self.due.is_none_or(|due| due <= now)
    }

    fn can_be_changed(&self, now: Instant) -> bool {
        let quiet = self.synced && !self.wanted && self.rebuild.is_none() && self.missing.is_empty();
        quiet && self.broken.is_none() && self.due.is_none_or(|due| due <= now)
    }

    /// Version to ask from.
    fn version(&self) -> u64 {
        self.rebuild.as_ref().map_or(self.state.version, |rebuild| rebuild.version())
    }

    /// It is asked for again after a pause that grows.
    fn pause(&mut self, now: Instant) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(12)).min(LONGEST_PAUSE);
        self.failures += 1;
        self.due = Some(now + pause);
        self.wanted = true;
    }

    fn start_over(&mut self) {
        self.rebuild = Some(Box::default());
        self.wanted = true;
        self.rounds = 0;
    }
}

impl AppState {
    /// Nothing is under way any more; the calls that wait go on after the next login.
    pub fn connection_ended(&mut self) {
        self.busy = false;
        self.work = None;
        self.answers.clear();
        self.awaited.clear();
        for slot in self.slots.values_mut() {
            slot.begin_login(None);
        }
    }

    /// The store is closed or read anew.
    pub fn forget(&mut self) {
        *self = Self { uploads: std::mem::take(&mut self.uploads), ..Self::default() };
    }

    /// When something is to be done next while the session is open.
    pub fn next_deadline(&self) -> Option<Instant> {
        let slots = self.slots.values().filter(|slot| slot.wanted && slot.broken.is_none()).filter_map(|slot| slot.due);
        slots.chain(self.asked.values().map(|asked| asked.next)).min()
    }

    /// When a call has waited too long.
    pub fn next_expiry(&self) -> Option<Instant> {
        self.uploads.next_expiry()
    }

    fn slot(&mut self, collection: Collection) -> &mut Slot {
        self.slots.entry(collection).or_default()
    }
}

/// Keys as they are stored.
pub(crate) fn stored_keys(rows: Vec<Record>) -> Vec<SharedKey> {
    keys::read_stored(rows)
}

/// The MACs of a record of this collection, as it is stored.
pub(crate) fn stored_mac(collection: Collection, key: &[u8], record: &[u8]) -> Option<(IndexMac, ValueMac)> {
    Some((apply::index_of(collection, key)?, apply::value_mac_of(record)?))
}

/// Whose record this is, by its key.
pub(crate) fn collection_of(key: &[u8]) -> Option<Collection> {
    Collection::ALL.into_iter().find(|collection| apply::index_of(*collection, key).is_some())
}

/// What comes before the records of a collection.
pub(crate) fn records_of(collection: Collection) -> Vec<u8> {
    apply::first_key(collection)
}

/// A collection as its version, hash and MACs tell it, without what the records say: enough to follow it. `None` where they do
/// not fit each other.
pub(crate) fn known_rows(collection: Collection, known: &stored::Collection) -> Option<Batch> {
    let exact = |mac: &[u8]| <[u8; 32]>::try_from(mac).ok();
    let macs: Option<Vec<(IndexMac, ValueMac)>> =
        known.macs.iter().map(|(index, value)| Some((IndexMac(exact(index)?), ValueMac(exact(value)?)))).collect();
    let macs = macs?;
    let values: Vec<ValueMac> = macs.iter().map(|(_, value)| *value).collect();
    let hash = LtHash::from_bytes(&known.hash);
    if known.version == 0 || hash != LtHash::sum(&values) {
        return None;
    }
    let mut batch = Batch::new();
    for (index, value) in macs {
        batch.put(Namespace::AppStateMac, apply::record_key(collection, &index), value.0);
    }
    let state = State { version: known.version, hash, mismatch: false };
    batch.put(Namespace::AppState, state_key(collection).bytes, state.to_bytes());
    Some(batch)
}

pub(crate) fn state_key(collection: Collection) -> Key {
    Key::new(Namespace::AppState, collection.name())
}

/// The highest epoch whose keys are not for new mutations any more.
fn expired_key() -> Key {
    Key::new(Namespace::Meta, b"app-state-expired-epoch")
}

impl Actor {
    async fn load_app_state(&mut self) -> Result<(), Fault> {
        if self.app_state.loaded {
            return Ok(());
        }
        let mut keys: Vec<Key> = Collection::ALL.into_iter().map(state_key).collect();
        keys.push(expired_key());
        let page = Page::first(Namespace::AppStateKey, MAX_KEYS);
        let (values, mut pages) = self.store()?.read(&keys, std::slice::from_ref(&page)).await?;
        let mut values = values.into_iter();
        let mut ring = KeyRing::new();
        let shared = keys::read_stored(pages.pop().unwrap_or_default());
        self.app_state.key_count = shared.len();
        for key in shared {
            ring.insert(key.id, &key.data);
        }
        for collection in Collection::ALL {
            let stored = values.next().flatten();
            let slot = self.app_state.slot(collection);
            slot.known = stored.is_some();
            match stored.as_deref().map(State::from_bytes) {
                Some(Some(state)) => slot.state = state,
                Some(None) => slot.start_over(),
                None => {}
            }
        }
        if let Some(epoch) = values.next().flatten().and_then(|epoch| epoch.try_into().ok()).map(u32::from_be_bytes) {
            ring.expire(epoch);
        }
        self.app_state.keys = Arc::new(ring);
        self.app_state.loaded = true;
        Ok(())
    }

    /// After a login: what has changed is asked for.
    pub(crate) async fn begin_sync(&mut self) -> Result<(), Fault> {
        self.load_app_state().await?;
        // The phone shares the first key with a new companion by itself.
        let due = (self.app_state.key_count == 0).then(|| Instant::now() + KEY_GRACE);
        for collection in Collection::ALL {
            self.app_state.slot(collection).begin_login(due);
        }
        self.advance_sync().await
    }

    /// `<notification type=server_sync>`: another device has changed these collections.
    pub(crate) async fn on_server_sync(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        self.load_app_state().await?;
        for named in node.all("collection").take(2 * Collection::ALL.len()) {
            let Some(collection) = named.get_str("name").and_then(|name| Collection::from_name(&name)) else {
                continue;
            };
            let slot = self.app_state.slot(collection);
            let news = named.get_u64("version").is_none_or(|version| version > slot.state.version);
            slot.wanted |= news;
        }
        self.advance_sync().await
    }

    /// `<ib><dirty type=syncd_app_state>`: all may have changed.
    pub(crate) async fn on_dirty_app_state(&mut self) -> Result<(), Fault> {
        for slot in self.app_state.slots.values_mut() {
            slot.wanted = true;
        }
        self.advance_sync().await
    }

    /// Does the next thing, unless one is under way.
    pub(crate) async fn advance_sync(&mut self) -> Result<(), Fault> {
        loop {
            self.app_state.tell_settled();
            if self.app_state.busy || !self.app_state.loaded || !self.is_open() {
                return Ok(());
            }
            if let Some((collection, answer)) = self.app_state.answers.pop_front() {
                self.work_off(collection, answer).await?;
                continue;
            }
            let now = Instant::now();
            let wanted = |collection: &Collection| {
                self.app_state.slots.get(collection).is_some_and(|slot| slot.can_be_asked(now))
            };
            let wanted: Vec<Collection> = Collection::ALL.into_iter().filter(wanted).collect();
            if !wanted.is_empty() {
                self.ask_collections(wanted);
                return Ok(());
            }
            if !self.upload_next(now).await? {
                return Ok(());
            }
        }
    }

    /// What time brings: pauses end, keys are asked for again, calls have waited too long.
    pub(crate) async fn sync_in_time(&mut self, now: Instant) -> Result<(), Fault> {
        self.expire_changes(now);
        if self.is_open() && self.app_state.next_deadline().is_some_and(|due| due <= now) {
            self.ask_keys_in_time(now).await?;
            self.advance_sync().await?;
        }
        Ok(())
    }

    fn ask_collections(&mut self, collections: Vec<Collection>) {
        let mut asked = Vec::with_capacity(collections.len());
        for collection in &collections {
            let slot = self.app_state.slot(*collection);
            // Whatever is announced from now on is to be asked for once more.
            (slot.wanted, slot.due) = (false, None);
            asked.push((*collection, slot.version()));
        }
        let id = self.requests.id();
        let node = query::request(&id, &asked);
        self.app_state.busy = true;
        self.request(id, node, Wait::AppState(collections));
    }

    /// The server's answer to a query, or none.
    pub(crate) async fn on_app_state(
        &mut self,
        asked: Vec<Collection>,
        answer: Option<&Node<'_>>,
    ) -> Result<(), Fault> {
        self.app_state.busy = false;
        let now = Instant::now();
        let mut answers = match answer.filter(|answer| iq::error_code(answer).is_none()) {
            Some(answer) => query::answers(answer),
            None => HashMap::new(),
        };
        for collection in asked {
            match answers.remove(&collection) {
                Some(answer) => self.on_collection(collection, answer),
                None => self.app_state.slot(collection).pause(now),
            }
        }
        self.advance_sync().await
    }

    fn on_collection(&mut self, collection: Collection, answer: Answer) {
        match answer.error {
            None => self.app_state.answers.push_back((collection, answer)),
            Some(code) if query::is_final(code) => {
                self.give_up_collection(collection, format!("the server refuses it with error {code}"));
            }
            Some(_) => self.app_state.slot(collection).pause(Instant::now()),
        }
    }

    /// Works off an answer: at once when there is nothing in it.
    async fn work_off(&mut self, collection: Collection, answer: Answer) -> Result<(), Fault> {
        let slot = self.app_state.slot(collection);
        if !slot.known && slot.rebuild.is_none() && !answer.is_empty() {
            slot.rebuild = Some(Box::default());
        }
        if answer.is_empty() && slot.rebuild.is_none() {
            if answer.version.is_some_and(|version| version > slot.state.version) && slot.failures < MAX_LAGS {
                // What is new is not there yet.
                slot.pause(Instant::now());
                return Ok(());
            }
            let known = std::mem::replace(&mut slot.known, true);
            let state = slot.state.to_bytes();
            if !known {
                self.turn.batch.put(Namespace::AppState, state_key(collection).bytes, state);
            }
            return self.on_complete(collection, answer.more);
        }
        let (state, rebuild) = (slot.state.clone(), slot.rebuild.take());
        // What works on it reads what is submitted.
        self.flush();
        let store = self.store()?;
        let (keys, blobs) = (self.app_state.keys.clone(), self.blobs());
        let verify = self.options.verify_settings;
        let task = Task { collection, state, rebuild, keys, store, blobs, answer, verify };
        self.app_state.work = Some(Box::pin(async { Box::new(apply::run(task).await) }));
        self.app_state.busy = true;
        Ok(())
    }

    /// An answer was worked off.
    pub(crate) async fn on_worked(&mut self, outcome: Outcome) -> Result<(), Fault> {
        self.check_inbox()?;
        self.app_state.busy = false;
        let Outcome { collection, steps, rebuild, end, more } = outcome;
        for step in steps {
            self.commit_step(collection, step).await?;
        }
        match end {
            Ok(()) => {
                self.app_state.slot(collection).rebuild = rebuild;
                self.on_complete(collection, more)?;
            }
            Err(trouble) => self.on_trouble(collection, trouble).await?,
        }
        self.advance_sync().await
    }

    /// A page is done; the last one completes the collection.
    fn on_complete(&mut self, collection: Collection, more: bool) -> Result<(), Fault> {
        let slot = self.app_state.slot(collection);
        slot.failures = 0;
        if more {
            slot.rounds += 1;
            slot.wanted = true;
            if slot.rounds > MAX_ROUNDS {
                self.give_up_collection(collection, "the server's pages do not end".to_owned());
            }
            return Ok(());
        }
        (slot.rounds, slot.synced) = (0, true);
        if slot.state.mismatch {
            if slot.resyncs == 0 {
                slot.resyncs = 1;
                slot.start_over();
            } else if !std::mem::replace(&mut slot.told, true) {
                // Some writers have a wrong map. Each patch is authentic all the same: it goes on, and that is told.
                let error = broken(collection, "its hash is not that of its writer");
                self.emit(Event::Error(error));
            }
        } else {
            slot.resyncs = 0;
        }
        Ok(())
    }

    async fn on_trouble(&mut self, collection: Collection, trouble: Trouble) -> Result<(), Fault> {
        let slot = self.app_state.slot(collection);
        match trouble {
            Trouble::Store(failure) => Err(failure.into()),
            Trouble::Keys(missing) => self.await_keys(collection, missing).await,
            Trouble::Blob(failure) => {
                tracing::warn!(session = %self.name, "a blob of {collection} was not fetched: {failure}");
                if slot.failures < MAX_FETCHES {
                    slot.pause(Instant::now());
                } else {
                    self.give_up_collection(collection, failure.to_string());
                }
                Ok(())
            }
            Trouble::Sync(failure) => {
                tracing::warn!(session = %self.name, "{collection} is not followed: {failure}");
                let terminal = matches!(failure.fault, chasqui_appstate::Fault::Terminal(_));
                match failure.remedy() {
                    Remedy::Skip => slot.synced = true,
                    Remedy::RequestKey(id) => self.await_keys(collection, vec![id]).await?,
                    _ if terminal || slot.resyncs >= MAX_RESYNCS => {
                        self.give_up_collection(collection, failure.to_string());
                    }
                    Remedy::Resync | Remedy::Fatal | Remedy::FetchExternal => {
                        slot.resyncs += 1;
                        slot.start_over();
                    }
                }
                Ok(())
            }
        }
    }

    /// The collection stays as it is until the next login.
    fn give_up_collection(&mut self, collection: Collection, cause: String) {
        let error = broken(collection, &cause);
        let slot = self.app_state.slot(collection);
        (slot.broken, slot.wanted, slot.rebuild) = (Some(error.clone()), false, None);
        self.fail_changes_of(collection, &error);
        self.emit(Event::Error(error));
    }
}

/// `APP_STATE_BROKEN`
fn broken(collection: Collection, cause: &str) -> PublicError {
    PublicError::new(
        ErrorCode::AppStateBroken,
        format!("The settings in {collection} could not be verified, also when they were fetched anew: {cause}."),
    )
    .with("collection", collection.name())
    .with("cause", cause)
}
