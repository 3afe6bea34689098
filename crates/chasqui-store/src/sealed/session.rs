//! One session whose values are sealed, and its mark.

use std::sync::{Arc, Mutex};

use super::keys::{self, SessionKeys};
use crate::{
    Batch, BoxFuture, Commit, Found, Key, MAX_BATCH_BYTES, Namespace, Op, Page, Record, SessionStore, StoreError, lock,
};

/// Records read and sealed anew at once.
const PAGE: usize = 256;
/// The mark's place in its namespace.
const MARK: &[u8] = b"chasqui";

/// How far the sealing of a session is, as its mark says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Every value is sealed with the mark's key.
    Whole = 0,
    /// It was plain: values that are not sealed yet are taken.
    Sealing = 1,
    /// Its key was replaced: values under earlier keys are taken.
    Rotating = 2,
}

impl Stage {
    fn parse(value: &[u8]) -> Option<Self> {
        [Self::Whole, Self::Sealing, Self::Rotating].into_iter().find(|stage| value == [*stage as u8])
    }
}

pub(super) struct SealedSession {
    inner: Arc<dyn SessionStore>,
    keys: SessionKeys,
    /// Whether the mark is in the store, or in a batch that was submitted. Held while a batch is submitted.
    marked: Mutex<bool>,
}

fn mark() -> Key {
    Key::new(Namespace::Seal, MARK)
}

impl SealedSession {
    pub fn new(inner: Arc<dyn SessionStore>, keys: SessionKeys) -> Self {
        Self { inner, keys, marked: Mutex::new(false) }
    }

    /// Looks whether the key is the session's, and seals what is not yet sealed with it.
    pub async fn unlock(&self) -> Result<(), StoreError> {
        let value = self.inner.get_many(&[mark()]).await?.pop().flatten();
        let stage = match value {
            None if self.is_empty().await? => return Ok(()),
            None => Stage::Sealing,
            Some(value) => {
                let is_current = matches!(self.keys.look(&value), keys::Found::Current);
                let opened = self.keys.open(&mark(), value)?;
                let altered = || StoreError::Altered { session: self.keys.session.clone() };
                match Stage::parse(&opened).ok_or_else(altered)? {
                    Stage::Whole if is_current => {
                        *lock(&self.marked) = true;
                        return Ok(());
                    }
                    Stage::Whole => Stage::Rotating,
                    unfinished => unfinished,
                }
            }
        };
        self.seal_all(stage).await?;
        *lock(&self.marked) = true;
        Ok(())
    }

    async fn is_empty(&self) -> Result<bool, StoreError> {
        for &namespace in Namespace::ALL {
            if !self.inner.scan(namespace, None, 1).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn seal_all(&self, stage: Stage) -> Result<(), StoreError> {
        let mut count = 0_u64;
        for &namespace in Namespace::ALL {
            let mut after: Option<Vec<u8>> = None;
            loop {
                let page = self.inner.scan(namespace, after.as_deref(), PAGE).await?;
                let is_last = page.len() < PAGE;
                after = page.last().map(|(key, _)| key.clone());
                let mut batch = Batch::new();
                for (key, value) in page {
                    let place = Key::new(namespace, key);
                    if place == mark() {
                        continue;
                    }
                    let plain = match self.keys.look(&value) {
                        keys::Found::Current => continue,
                        keys::Found::Earlier => self.keys.open(&place, value)?,
                        keys::Found::Plain if stage == Stage::Sealing => value,
                        keys::Found::Plain | keys::Found::Unknown(_) => return Err(self.keys.refusal(&value)),
                    };
                    batch.push(Op::Put(place.clone(), self.keys.seal(&place, plain)?));
                }
                if !batch.is_empty() {
                    if count == 0 {
                        batch.push(self.mark_as(stage)?);
                    }
                    count += batch.len() as u64;
                    self.inner.apply(batch).await?;
                }
                if is_last {
                    break;
                }
            }
        }
        let mut batch = Batch::new();
        batch.push(self.mark_as(Stage::Whole)?);
        self.inner.apply(batch).await?;
        tracing::info!(session = self.keys.session, records = count, "the session was sealed with its present key");
        Ok(())
    }

    fn open_records(&self, page: &Page, records: Vec<Record>) -> Result<Vec<Record>, StoreError> {
        let mut opened = Vec::new();
        for (key, value) in records {
            let place = Key::new(page.namespace, &key);
            if place != mark() && opened.len() < page.limit {
                opened.push((key, self.keys.open(&place, value)?));
            }
        }
        Ok(opened)
    }

    fn mark_as(&self, stage: Stage) -> Result<Op, StoreError> {
        Ok(Op::Put(mark(), self.keys.seal(&mark(), vec![stage as u8])?))
    }

    fn sealed(&self, mut batch: Batch, marked: &mut bool) -> Result<Batch, StoreError> {
        let mut sealed = Batch::new();
        for op in batch.take_ops() {
            match op {
                Op::Put(key, value) => {
                    if !*marked {
                        sealed.push(self.mark_as(Stage::Whole)?);
                        *marked = true;
                    }
                    let value = self.keys.seal(&key, value)?;
                    sealed.push(Op::Put(key, value));
                }
                Op::Delete(_) | Op::Archive(_) => drop(sealed.push(op)),
                Op::DeleteNamespace(namespace) => {
                    *marked &= namespace != Namespace::Seal;
                    sealed.push(op);
                }
                Op::DeleteAll => {
                    *marked = false;
                    sealed.push(op);
                }
            }
        }
        Ok(sealed)
    }
}

impl SessionStore for SealedSession {
    fn read(&self, keys: &[Key], pages: &[Page]) -> BoxFuture<'_, Result<Found, StoreError>> {
        let mut more = pages.to_vec();
        // The mark is no record of the caller's: one more is read in its place.
        for page in more.iter_mut().filter(|page| page.namespace == Namespace::Seal) {
            page.limit = page.limit.saturating_add(1);
        }
        let reading = self.inner.read(keys, &more);
        let (keys, pages) = (keys.to_vec(), pages.to_vec());
        Box::pin(async move {
            let (values, found) = reading.await?;
            let value = |(key, value): (&Key, Option<Vec<u8>>)| value.map(|v| self.keys.open(key, v)).transpose();
            let values = keys.iter().zip(values).map(value).collect::<Result<_, _>>()?;
            let records = |(page, records)| self.open_records(page, records);
            Ok((values, pages.iter().zip(found).map(records).collect::<Result<_, _>>()?))
        })
    }

    fn apply(&self, batch: Batch) -> Commit {
        let mut marked = lock(&self.marked);
        // The store below refuses it in its own words, before anything of it is written.
        if batch.bytes() > MAX_BATCH_BYTES {
            return self.inner.apply(batch);
        }
        // An archive is searched, and so it is plain.
        if batch.has_archive() {
            return Commit::done(Err(StoreError::NoArchive));
        }
        match self.sealed(batch, &mut marked) {
            Ok(sealed) => self.inner.apply(sealed),
            Err(error) => Commit::done(Err(error)),
        }
    }

    fn ready(&self) -> BoxFuture<'_, ()> {
        self.inner.ready()
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let mut marked = lock(&self.marked);
        *marked = false;
        self.inner.wipe()
    }

    fn resync(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        // The batch with the mark may be among those that failed; to write it again is harmless.
        *lock(&self.marked) = false;
        self.inner.resync()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.close()
    }

    fn lost(&self) -> BoxFuture<'static, ()> {
        self.inner.lost()
    }

    fn wanted(&self) -> BoxFuture<'static, ()> {
        self.inner.wanted()
    }
}
