//! Working off what the server sent of one collection, beside the session: fetching, verifying, and finding what changes.
//!
//! Nothing here writes. What came of it is given back as [`Step`]s, each to be one transaction. A collection that is
//! fetched from the beginning is built up in memory, compared with what is stored, and is one step: only what is really
//! different is told. Source: 04-app-state §8.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_appstate::{
    Action, ActionData, Applied, Change, Collection, IndexMac, KeyId, KeyRing, Mutation, Operation, Patch, Snapshot,
    State, SyncError, ValueMac, ValueMacs, error::Applying, patch::Needed,
};
use chasqui_store::{Key, Namespace, SessionStore, StoreError};
use serde_json::{Value, json};

use super::{
    blob::{BlobError, Blobs},
    query::{self, Answer},
};
use crate::{
    event::{ChangeSource, Told},
    options::VerifySettings,
};

/// More bytes than this are worth another thread.
const WORTH_A_THREAD: usize = 16 << 10;
/// Stored records read at once.
const PAGE: usize = 1024;
/// The most bytes that one step writes: a store takes 64 MiB.
const MAX_STEP_BYTES: usize = 32 << 20;

/// An answer to be worked off.
pub(super) struct Task {
    pub collection: Collection,
    pub state: State,
    /// It is fetched from the beginning, and so far this has come.
    pub rebuild: Option<Box<Rebuild>>,
    pub keys: Arc<KeyRing>,
    pub store: Arc<dyn SessionStore>,
    pub blobs: Blobs,
    pub answer: Answer,
    pub verify: VerifySettings,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(super) collection: Collection,
    /// To be stored in this order, also when it ended early.
    pub(super) steps: Vec<Step>,
    /// To go on with, when there is more.
    pub(super) rebuild: Option<Box<Rebuild>>,
    pub(super) end: Result<(), Trouble>,
    pub(super) more: bool,
}

/// Why it ended early.
pub(super) enum Trouble {
    Sync(SyncError),
    Keys(Vec<KeyId>),
    Blob(BlobError),
    Store(StoreError),
}

impl From<SyncError> for Trouble {
    fn from(error: SyncError) -> Self {
        Self::Sync(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<BlobError> for Trouble {
    fn from(error: BlobError) -> Self {
        Self::Blob(error)
    }
}

/// One transaction.
pub(super) struct Step {
    pub state: State,
    pub puts: Vec<(IndexMac, Vec<u8>)>,
    pub deletes: Vec<IndexMac>,
    pub told: Vec<Told>,
    /// The same as they came.
    pub wire: Vec<Value>,
    pub source: ChangeSource,
    /// No key up to this epoch is for new mutations any more.
    pub expired: Option<u32>,
}

impl Step {
    fn new(state: State, source: ChangeSource) -> Self {
        Self { state, puts: Vec::new(), deletes: Vec::new(), told: Vec::new(), wire: Vec::new(), source, expired: None }
    }

    /// What a patch changes, of others or our own.
    pub fn of(applied: Applied, source: ChangeSource) -> Self {
        let mut step = Self::new(applied.state, source);
        let mut data = HashMap::with_capacity(applied.mutations.len());
        for mutation in &applied.mutations {
            step.tell(mutation);
            if mutation.operation == Operation::Set {
                data.insert(mutation.index_mac, &mutation.data);
            }
        }
        let put = |(index, mac): &(IndexMac, ValueMac)| Some((*index, record(mac, data.get(index)?)));
        step.puts = applied.puts.iter().filter_map(put).collect();
        step.deletes = applied.deletes;
        step
    }

    fn tell(&mut self, mutation: &Mutation) {
        if let Some(Action::Sentinel { value, .. }) = mutation.action() {
            let epoch = value.expired_key_epoch.and_then(|epoch| u32::try_from(epoch).ok());
            self.expired = self.expired.max(epoch);
        }
        self.wire.push(json!({
            "index": String::from_utf8_lossy(mutation.data.index()),
            "value": STANDARD.encode(mutation.data.value()),
            "removed": mutation.operation == Operation::Remove,
        }));
        self.told.push(Told { change: Change::of(mutation), timestamp: mutation.data.timestamp_ms().unwrap_or(0) });
    }
}

/// The key of a stored record: the collection, and the MAC of its index.
pub(super) fn record_key(collection: Collection, index: &IndexMac) -> [u8; 33] {
    let mut key = [code(collection); 33];
    key[1..].copy_from_slice(&index.0);
    key
}

/// What comes before every record of a collection.
pub(super) fn first_key(collection: Collection) -> Vec<u8> {
    vec![code(collection)]
}

pub(super) fn index_of(collection: Collection, key: &[u8]) -> Option<IndexMac> {
    key.strip_prefix(&[code(collection)])?.try_into().ok().map(IndexMac)
}

/// The stored form of a collection: never to be changed.
fn code(collection: Collection) -> u8 {
    match collection {
        Collection::CriticalBlock => 1,
        Collection::CriticalUnblockLow => 2,
        Collection::RegularHigh => 3,
        Collection::RegularLow => 4,
        Collection::Regular => 5,
    }
}

/// A stored record: the MAC of its value, and the plaintext.
fn record(mac: &ValueMac, data: &ActionData) -> Vec<u8> {
    [&mac.0[..], data.as_bytes()].concat()
}

/// The MAC of a stored record's value.
pub(super) fn value_mac_of(record: &[u8]) -> Option<ValueMac> {
    record.first_chunk().copied().map(ValueMac)
}

pub(super) fn data_of(record: &[u8]) -> Option<ActionData> {
    ActionData::parse(record.get(32..)?.to_vec()).ok()
}

/// A collection that is fetched from the beginning.
#[derive(Default)]
pub(super) struct Rebuild {
    state: State,
    map: BTreeMap<IndexMac, (ValueMac, ActionData)>,
    bytes: usize,
}

impl ValueMacs for Rebuild {
    fn value_mac(&self, index: &IndexMac) -> Option<ValueMac> {
        self.map.get(index).map(|(mac, _)| *mac)
    }
}

impl Rebuild {
    pub fn version(&self) -> u64 {
        self.state.version
    }

    fn put(&mut self, index: IndexMac, mac: ValueMac, data: ActionData) {
        self.bytes += data.as_bytes().len() + 65;
        if let Some((_, old)) = self.map.insert(index, (mac, data)) {
            self.bytes -= old.as_bytes().len() + 65;
        }
    }

    fn remove(&mut self, index: &IndexMac) {
        if let Some((_, old)) = self.map.remove(index) {
            self.bytes -= old.as_bytes().len() + 65;
        }
    }

    fn follow(&mut self, applied: Applied) {
        let mut data: HashMap<IndexMac, ActionData> = HashMap::new();
        for mutation in applied.mutations {
            if mutation.operation == Operation::Set {
                data.insert(mutation.index_mac, mutation.data);
            }
        }
        for (index, mac) in applied.puts {
            if let Some(data) = data.remove(&index) {
                self.put(index, mac, data);
            }
        }
        applied.deletes.iter().for_each(|index| self.remove(index));
        self.state = applied.state;
    }

    /// What is different from what is stored.
    async fn finish(mut self, collection: Collection, store: &dyn SessionStore) -> Result<Step, StoreError> {
        let mut step = Step::new(self.state.clone(), ChangeSource::Snapshot);
        let mut gone = Vec::new();
        let mut after = first_key(collection);
        'pages: loop {
            let page = store.scan(Namespace::AppStateMac, Some(&after), PAGE).await?;
            for (key, stored) in &page {
                let Some(index) = index_of(collection, key) else { break 'pages };
                match self.map.get(&index) {
                    Some((mac, _)) if value_mac_of(stored) == Some(*mac) => self.remove(&index),
                    Some(_) => {}
                    None => {
                        step.deletes.push(index);
                        gone.extend(data_of(stored).map(|data| (index, data)));
                    }
                }
            }
            match page.last() {
                Some((last, _)) if page.len() == PAGE => after.clone_from(last),
                _ => break,
            }
        }
        for (index_mac, data) in gone {
            step.tell(&Mutation { operation: Operation::Remove, index_mac, data });
        }
        let mut new: Vec<_> = self.map.into_iter().collect();
        new.sort_by_key(|(_, (_, data))| data.timestamp_ms());
        for (index_mac, (mac, data)) in new {
            step.puts.push((index_mac, record(&mac, &data)));
            step.tell(&Mutation { operation: Operation::Set, index_mac, data });
        }
        Ok(step)
    }
}

/// Value MACs as they are stored, or as the patches before have left them.
#[derive(Default)]
struct Known(HashMap<IndexMac, Option<ValueMac>>);

impl ValueMacs for Known {
    fn value_mac(&self, index: &IndexMac) -> Option<ValueMac> {
        self.0.get(index).copied().flatten()
    }
}

impl Known {
    async fn look_up(
        &mut self,
        collection: Collection,
        indexes: Vec<IndexMac>,
        store: &dyn SessionStore,
    ) -> Result<(), StoreError> {
        let unknown: Vec<IndexMac> = indexes.into_iter().filter(|index| !self.0.contains_key(index)).collect();
        let key = |index: &IndexMac| Key::new(Namespace::AppStateMac, record_key(collection, index));
        let keys: Vec<Key> = unknown.iter().map(key).collect();
        let stored = store.get_many(&keys).await?;
        let macs = stored.into_iter().map(|stored| stored.as_deref().and_then(value_mac_of));
        self.0.extend(unknown.into_iter().zip(macs));
        Ok(())
    }

    fn update(&mut self, applied: &Applied) {
        self.0.extend(applied.puts.iter().map(|(index, mac)| (*index, Some(*mac))));
        self.0.extend(applied.deletes.iter().map(|index| (*index, None)));
    }
}

/// Does work of so many bytes, on another thread when that is much.
async fn compute<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    if bytes < WORTH_A_THREAD {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failure) => match failure.try_into_panic() {
            // It is this session's fault, and ends as one.
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down: nobody will look at what comes of this.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Works an answer off.
pub(super) async fn run(task: Task) -> Outcome {
    let (collection, more) = (task.collection, task.answer.more);
    let mut run = Run { task, steps: Vec::new(), known: Known::default() };
    let end = run.all().await;
    let Run { task, steps, .. } = run;
    let rebuild = task.rebuild.filter(|_| end.is_ok() && more);
    Outcome { collection, steps, rebuild, end, more }
}

struct Run {
    task: Task,
    steps: Vec<Step>,
    known: Known,
}

impl Run {
    async fn all(&mut self) -> Result<(), Trouble> {
        let answer = std::mem::take(&mut self.task.answer);
        if let Some(reference) = &answer.snapshot {
            self.snapshot(reference).await?;
        }
        for patch in answer.patches {
            self.patch(patch).await?;
        }
        if !answer.more
            && let Some(rebuild) = self.task.rebuild.take()
        {
            let (have, got) = (self.task.state.version, rebuild.version());
            if got < have {
                // The server has gone back behind what it has said before.
                let fault = chasqui_appstate::Fault::Old { have, got };
                return Err(SyncError { applying: Applying::Snapshot, fault }.into());
            }
            self.steps.push(rebuild.finish(self.task.collection, &*self.task.store).await?);
        }
        Ok(())
    }

    async fn snapshot(&mut self, reference: &[u8]) -> Result<(), Trouble> {
        let reference = query::reference(reference).ok_or(BlobError::Reference)?;
        let bytes = self.task.blobs.fetch(&reference).await?;
        let (collection, keys) = (self.task.collection, self.task.keys.clone());
        let is_trusted = !self.task.verify.snapshots;
        let rebuild = compute(bytes.len(), move || -> Result<Rebuild, Trouble> {
            let snapshot = Snapshot::parse(&bytes)?;
            let snapshot = if is_trusted { snapshot.trusted() } else { snapshot };
            missing(&keys, snapshot.needed_keys())?;
            let applied = snapshot.apply(collection, &State::EMPTY, &keys)?;
            let mut rebuild = Rebuild { state: applied.state, ..Rebuild::default() };
            for ((index, mac), mutation) in applied.records.into_iter().zip(applied.mutations) {
                rebuild.put(index, mac, mutation.data);
            }
            Ok(rebuild)
        })
        .await?;
        // One that is older than what is known says nothing new; unless it is to repair that.
        if self.task.rebuild.is_some() || rebuild.version() > self.task.state.version {
            self.task.rebuild = Some(Box::new(rebuild));
        }
        Ok(())
    }

    async fn patch(&mut self, bytes: Vec<u8>) -> Result<(), Trouble> {
        let external = match Patch::parse(&bytes)?.external() {
            Some(reference) => Some(self.task.blobs.fetch(reference).await?),
            None => None,
        };
        let size = bytes.len() + external.as_ref().map_or(0, Vec::len);
        let message = Arc::new(Parts { bytes, external, is_trusted: !self.task.verify.patches });
        let keys = self.task.keys.clone();
        let read = message.clone();
        let needed = compute(size, move || -> Result<Needed, Trouble> {
            let needed = parse(&read)?.needed();
            missing(&keys, needed.keys.clone())?;
            Ok(needed)
        })
        .await?;

        let (collection, keys) = (self.task.collection, self.task.keys.clone());
        if let Some(mut rebuild) = self.task.rebuild.take() {
            if rebuild.bytes + size > MAX_STEP_BYTES {
                return Err(BlobError::TooLarge(rebuild.bytes as u64).into());
            }
            let rebuilt = compute(size, move || -> Result<_, SyncError> {
                match parse(&message)?.apply(collection, &rebuild.state, &keys, &*rebuild) {
                    Ok(applied) => rebuild.follow(applied),
                    Err(error) if is_old(&error) => {}
                    Err(error) => return Err(error),
                }
                Ok(rebuild)
            });
            self.task.rebuild = Some(rebuilt.await?);
            return Ok(());
        }

        self.known.look_up(collection, needed.index_macs, &*self.task.store).await?;
        let (state, known) = (self.task.state.clone(), std::mem::take(&mut self.known));
        let (known, applied) = compute(size, move || {
            let applied = parse(&message).and_then(|patch| patch.apply(collection, &state, &keys, &known));
            (known, applied)
        })
        .await;
        self.known = known;
        match applied {
            Ok(applied) => {
                self.known.update(&applied);
                self.task.state = applied.state.clone();
                self.steps.push(compute(size, move || Step::of(applied, ChangeSource::Patch)).await);
                Ok(())
            }
            Err(error) if is_old(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A patch as it came.
struct Parts {
    bytes: Vec<u8>,
    external: Option<Vec<u8>>,
    is_trusted: bool,
}

fn parse(parts: &Parts) -> Result<Patch<'_>, SyncError> {
    let patch = Patch::parse(&parts.bytes)?;
    let patch = if parts.is_trusted { patch.trusted() } else { patch };
    match &parts.external {
        Some(external) => patch.with_external(external),
        None => Ok(patch),
    }
}

fn is_old(error: &SyncError) -> bool {
    matches!(error.fault, chasqui_appstate::Fault::Old { .. })
}

/// All keys that are missing at once, so that the phone is asked once.
fn missing(keys: &KeyRing, needed: Vec<KeyId>) -> Result<(), Trouble> {
    let missing: Vec<KeyId> = needed.into_iter().filter(|id| !keys.contains(*id)).collect();
    if missing.is_empty() { Ok(()) } else { Err(Trouble::Keys(missing)) }
}

#[cfg(test)]
mod tests;
