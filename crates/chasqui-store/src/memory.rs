//! The store that ends with the process: for tests, trials and programs that pair anew each time.
//!
//! `memory:` is a new store each time; `memory:NAME` is shared by name within the process for as long as anybody
//! holds it. Commits are done when [`SessionStore::apply`] returns.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, LazyLock, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::sleep;

use crate::{
    Batch, BoxFuture, Commit, Found, Holder, Key, MAX_BATCH_BYTES, Namespace, Op, Page, Record, SessionStore, Store,
    StoreError, Values, check_name, lock,
};

/// How long a holder is asked for its session unless the caller says so.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks whether it has let go.
const NAP: Duration = Duration::from_millis(20);

type Records = BTreeMap<(Namespace, Box<[u8]>), Vec<u8>>;

#[derive(Default)]
struct Entry {
    records: Records,
    held: Option<Held>,
    wish: Option<Wish>,
}

/// A lease.
struct Held {
    holder: Holder,
    wanted: watch::Sender<bool>,
}

/// Who is to have the session next. While it stands, the session goes to nobody else, so that the holder that is asked is
/// always the one of when the wish was made.
struct Wish {
    of: Arc<Claim>,
    holder: Holder,
}

impl Entry {
    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.held.is_none() && self.wish.is_none()
    }
}

/// Sessions in memory.
pub(crate) struct MemoryStore {
    name: String,
    sessions: Arc<Mutex<HashMap<String, Entry>>>,
}

impl MemoryStore {
    /// The store of this name; a new one for the empty name.
    pub(crate) fn named(name: &str) -> Arc<Self> {
        static NAMED: LazyLock<Mutex<HashMap<String, Weak<MemoryStore>>>> = LazyLock::new(Mutex::default);
        let new = || Arc::new(Self { name: name.to_owned(), sessions: Arc::default() });
        if name.is_empty() {
            return new();
        }
        let mut named = lock(&NAMED);
        if let Some(store) = named.get(name).and_then(Weak::upgrade) {
            return store;
        }
        named.retain(|_, store| store.strong_count() > 0);
        let store = new();
        named.insert(name.to_owned(), Arc::downgrade(&store));
        store
    }

    /// Opens the session if it is free; otherwise its holder is asked for it if there is a claim.
    fn open_now(
        self: &Arc<Self>,
        session: &str,
        holder: Holder,
        claim: Option<&Arc<Claim>>,
    ) -> Result<Opening, StoreError> {
        check_name(session)?;
        let held_by = |holder: &Holder| StoreError::Held {
            session: session.to_owned(),
            host: holder.host.clone(),
            pid: holder.pid,
        };
        let mut sessions = lock(&self.sessions);
        let entry = sessions.entry(session.to_owned()).or_default();
        let other = entry.wish.as_ref().filter(|wish| claim.is_none_or(|claim| !Arc::ptr_eq(&wish.of, claim)));
        match (&entry.held, claim, other) {
            (Some(held), None, _) => Err(held_by(&held.holder)),
            (_, _, Some(other)) => Err(held_by(&other.holder)),
            (Some(held), Some(claim), None) => {
                held.wanted.send_replace(true);
                let error = held_by(&held.holder);
                entry.wish = Some(Wish { of: claim.clone(), holder });
                Ok(Opening::Asked(error))
            }
            (None, _, None) => {
                let wanted = watch::Sender::new(false);
                let receiver = wanted.subscribe();
                entry.held = Some(Held { holder, wanted });
                entry.wish = None;
                let (store, name) = (self.clone(), session.to_owned());
                Ok(Opening::Open(Arc::new(MemorySession { store, name, wanted: receiver, state: Mutex::default() })))
            }
        }
    }
}

/// What became of an attempt to open a session.
enum Opening {
    Open(Arc<dyn SessionStore>),
    /// Its holder was asked for it; the error is for when that is in vain.
    Asked(StoreError),
}

/// One call of [`Store::take_over`]: its wish falls when it ends.
struct Claim;

struct Withdrawal {
    store: Arc<MemoryStore>,
    session: String,
    claim: Arc<Claim>,
}

impl Drop for Withdrawal {
    fn drop(&mut self) {
        let mut sessions = lock(&self.store.sessions);
        let Some(entry) = sessions.get_mut(&self.session) else { return };
        entry.wish.take_if(|wish| Arc::ptr_eq(&wish.of, &self.claim));
        if entry.is_empty() {
            sessions.remove(&self.session);
        }
    }
}

/// The handle that is given out: a session keeps its store alive, so the trait is on the shared pointer.
pub(crate) struct MemoryHandle(pub(crate) Arc<MemoryStore>);

impl Store for MemoryHandle {
    fn open(&self, session: &str, holder: Holder) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let opened = self.0.open_now(session, holder, None);
        Box::pin(async {
            match opened? {
                Opening::Open(session) => Ok(session),
                Opening::Asked(held) => Err(held),
            }
        })
    }

    fn take_over(
        &self,
        session: &str,
        holder: Holder,
        patience: Option<Duration>,
    ) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let wish = Withdrawal { store: self.0.clone(), session: session.to_owned(), claim: Arc::new(Claim) };
        Box::pin(async move {
            let begun = Instant::now();
            loop {
                match wish.store.open_now(&wish.session, holder.clone(), Some(&wish.claim))? {
                    Opening::Open(session) => return Ok(session),
                    Opening::Asked(held) if begun.elapsed() >= patience.unwrap_or(PATIENCE) => return Err(held),
                    Opening::Asked(_) => sleep(NAP).await,
                }
            }
        })
    }

    fn sessions(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let sessions = lock(&self.0.sessions);
        let mut names: Vec<_> =
            sessions.iter().filter(|(_, entry)| !entry.records.is_empty()).map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        Box::pin(async { Ok(names) })
    }

    fn glance(&self, session: &str, keys: &[Key]) -> BoxFuture<'_, Result<Option<Values>, StoreError>> {
        let sessions = lock(&self.0.sessions);
        let records = sessions.get(session).map(|entry| &entry.records);
        let value = |key: &Key| records?.get(&(key.namespace, key.bytes.clone())).cloned();
        let values = keys.iter().map(value).collect();
        Box::pin(std::future::ready(Ok(Some(values))))
    }

    fn describe(&self) -> String {
        format!("memory:{}", self.0.name)
    }
}

#[derive(Default)]
struct State {
    closed: bool,
    poison: Option<Arc<str>>,
}

struct MemorySession {
    store: Arc<MemoryStore>,
    name: String,
    wanted: watch::Receiver<bool>,
    state: Mutex<State>,
}

impl MemorySession {
    fn check(&self) -> Result<(), StoreError> {
        let state = lock(&self.state);
        if state.closed {
            return Err(StoreError::Closed { session: self.name.clone() });
        }
        match &state.poison {
            Some(cause) => Err(StoreError::Poisoned { session: self.name.clone(), cause: cause.clone() }),
            None => Ok(()),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Records) -> T) -> Result<T, StoreError> {
        self.check()?;
        Ok(act(&mut lock(&self.store.sessions).entry(self.name.clone()).or_default().records))
    }

    fn release(&self) {
        if !std::mem::replace(&mut lock(&self.state).closed, true) {
            let mut sessions = lock(&self.store.sessions);
            if let Some(entry) = sessions.get_mut(&self.name) {
                entry.held = None;
                if entry.is_empty() {
                    sessions.remove(&self.name);
                }
            }
        }
    }
}

fn apply(records: &mut Records, mut batch: Batch) {
    for op in batch.take_ops() {
        match op {
            Op::Put(key, value) => {
                records.insert((key.namespace, key.bytes), value);
            }
            Op::Delete(key) => {
                records.remove(&(key.namespace, key.bytes));
            }
            Op::DeleteNamespace(namespace) => records.retain(|(of, _), _| *of != namespace),
            Op::DeleteAll => records.clear(),
            // Refused before.
            Op::Archive(_) => {}
        }
    }
}

fn records_of(records: &Records, page: &Page) -> Vec<Record> {
    let start = match &page.after {
        Some(after) => Bound::Excluded((page.namespace, after.as_slice().into())),
        None => Bound::Included((page.namespace, Box::default())),
    };
    records
        .range((start, Bound::Unbounded))
        .take_while(|((of, _), _)| *of == page.namespace)
        .take(page.limit)
        .map(|((_, key), value)| (key.to_vec(), value.clone()))
        .collect()
}

impl SessionStore for MemorySession {
    fn read(&self, keys: &[Key], pages: &[Page]) -> BoxFuture<'_, Result<Found, StoreError>> {
        let found = self.with(|records| {
            let values = keys.iter().map(|key| records.get(&(key.namespace, key.bytes.clone())).cloned()).collect();
            (values, pages.iter().map(|page| records_of(records, page)).collect())
        });
        Box::pin(async { found })
    }

    fn apply(&self, batch: Batch) -> Commit {
        let result = self.check().and_then(|()| {
            let bytes = batch.bytes();
            let refused = (bytes > MAX_BATCH_BYTES)
                .then_some(StoreError::TooLarge { bytes })
                .or_else(|| batch.has_archive().then_some(StoreError::NoArchive));
            if let Some(error) = refused {
                lock(&self.state).poison = Some(error.to_string().into());
                return Err(error);
            }
            self.with(|records| apply(records, batch))
        });
        Commit::done(result)
    }

    fn ready(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let wiped = self.with(Records::clear);
        Box::pin(async { wiped })
    }

    fn resync(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        lock(&self.state).poison = None;
        let open = self.check();
        Box::pin(async { open })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.release();
        Box::pin(async { Ok(()) })
    }

    fn lost(&self) -> BoxFuture<'static, ()> {
        // Nothing outside this process can take a lease in memory.
        Box::pin(std::future::pending())
    }

    fn wanted(&self) -> BoxFuture<'static, ()> {
        crate::until_true(self.wanted.clone())
    }
}

impl Drop for MemorySession {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use crate::{Batch, Holder, Namespace, open_store};

    crate::conformance_tests!({ (open_store("memory:").unwrap(), ()) });

    #[tokio::test]
    async fn a_named_store_is_shared_while_anybody_holds_it() {
        let session = open_store("memory:shared").unwrap().open("a", Holder::current()).await.unwrap();
        let mut batch = Batch::new();
        batch.put(Namespace::Meta, "k", "v");
        session.apply(batch).await.unwrap();
        assert_eq!(open_store("memory:shared").unwrap().sessions().await.unwrap(), ["a"]);
        assert!(open_store("memory:other").unwrap().sessions().await.unwrap().is_empty());
        assert!(open_store("memory:").unwrap().sessions().await.unwrap().is_empty());
        drop(session);
        assert!(open_store("memory:shared").unwrap().sessions().await.unwrap().is_empty());
    }
}
