//! The files follow the store. What is to be written is remembered by key, and read when it is written.

use std::{
    collections::{BTreeSet, HashSet},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chasqui_baileys::names::CREDS;
use chasqui_store::{Batch, BoxFuture, SessionStore, StoreError};
use futures_util::FutureExt;
use tokio::{sync::Notify, time::sleep};

use super::{
    disk,
    manifest::{Manifest, Mark, hash},
    opening::Opened,
};
use crate::{
    baileys::{
        layout::Layout,
        records::{self, Name, PAGE, Source},
    },
    connection::unix_now_ms,
    lock,
};

/// How long changes are gathered before they are written.
const DELAY: Duration = Duration::from_millis(400);
/// The credentials tell who the device is: without them there is no session.
const SHORT_DELAY: Duration = Duration::from_millis(20);
/// Before what failed is tried again.
const PAUSE: Duration = Duration::from_secs(5);
/// With more than that everything is looked at.
const MAX_CHANGED: usize = 16_384;

/// The two sessions behind one. In this order they are let go.
pub(super) struct Handles {
    pub manifest: Manifest,
    pub main: Arc<dyn SessionStore>,
}

/// What is to be written.
#[derive(Default)]
pub(super) struct Changed {
    all: bool,
    sources: BTreeSet<Source>,
}

impl Changed {
    pub fn everything() -> Self {
        Self { all: true, sources: BTreeSet::new() }
    }

    pub fn one(source: Source) -> Self {
        Self { all: false, sources: BTreeSet::from([source]) }
    }

    pub fn by(batch: &Batch) -> Self {
        let mut changed = Self::default();
        for op in batch.ops() {
            match records::sources_of(op) {
                Ok(sources) => changed.sources.extend(sources),
                Err(()) => changed.all = true,
            }
        }
        changed
    }

    pub fn is_none(&self) -> bool {
        !self.all && self.sources.is_empty()
    }

    fn merge(&mut self, other: Self) {
        self.all |= other.all;
        if !self.all {
            self.sources.extend(other.sources);
            self.all = self.sources.len() > MAX_CHANGED;
        }
        if self.all {
            self.sources.clear();
        }
    }
}

pub(super) struct Mirror {
    folder: PathBuf,
    layout: Layout,
    changed: Mutex<Changed>,
    /// Whether the manifest says so.
    behind: AtomicBool,
    news: Notify,
    stopped: AtomicBool,
    /// Held while files are written.
    writing: tokio::sync::Mutex<()>,
}

impl Mirror {
    /// Begins to follow. It ends with the handles.
    pub fn start(folder: PathBuf, handles: &Arc<Handles>, opened: Opened) -> Arc<Self> {
        let mirror = Arc::new(Self {
            folder,
            layout: opened.layout,
            changed: Mutex::default(),
            behind: AtomicBool::new(opened.behind),
            news: Notify::new(),
            stopped: AtomicBool::new(false),
            writing: tokio::sync::Mutex::new(()),
        });
        mirror.add(opened.changed);
        let (follower, handles) = (mirror.clone(), Arc::downgrade(handles));
        tokio::spawn(async move {
            loop {
                follower.news.notified().await;
                if follower.stopped() {
                    return;
                }
                let short = lock(&follower.changed).sources.contains(&Source::Creds);
                sleep(if short { SHORT_DELAY } else { DELAY }).await;
                let Some(handles) = handles.upgrade().filter(|_| !follower.stopped()) else { return };
                let written = follower.write_changed(&handles).await;
                drop(handles);
                if let Err(failure) = written {
                    tracing::warn!("the files of \"{}\" are behind: {failure}", follower.folder.display());
                    sleep(PAUSE).await;
                    follower.news.notify_one();
                }
            }
        });
        mirror
    }

    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.news.notify_one();
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// From here on the files may be behind.
    pub fn fall_behind(&self, manifest: &Manifest) {
        if !self.behind.swap(true, Ordering::Relaxed) {
            // In the order of submission it comes before what it is said for.
            drop(manifest.set_behind(true));
        }
    }

    pub fn add(&self, changed: Changed) {
        if !changed.is_none() {
            lock(&self.changed).merge(changed);
            self.news.notify_one();
        }
    }

    async fn write_changed(&self, handles: &Handles) -> Result<(), StoreError> {
        let _writing = self.writing.lock().await;
        let changed = std::mem::take(&mut *lock(&self.changed));
        let written = self.write(handles, &changed).await;
        if written.is_err() {
            lock(&self.changed).merge(changed);
        }
        written
    }

    async fn write(&self, handles: &Handles, changed: &Changed) -> Result<(), StoreError> {
        if !changed.all {
            // The credentials come first in their order, and are written last.
            let sources: Vec<Source> = changed.sources.iter().rev().cloned().collect();
            for some in sources.chunks(PAGE) {
                self.write_some(handles, some).await?;
            }
            return Ok(());
        }
        let mut present = HashSet::new();
        let mut at = records::first_page();
        while let Some(sources) = records::page_of(&*handles.main, &mut at).await? {
            present.extend(self.write_some(handles, &sources).await?);
        }
        self.delete_others(handles, &present).await
    }

    /// Writes the values of sources. Gives the names of those that there are.
    async fn write_some(&self, handles: &Handles, sources: &[Source]) -> Result<Vec<String>, StoreError> {
        let gathered = records::gather(&*handles.main, sources, self.layout).await?;
        let folder = self.folder.clone();
        let now = i64::try_from(unix_now_ms()).unwrap_or(i64::MAX);
        let values = disk::beside(move || {
            let previous = |name: &str| disk::read(&folder, name).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Ok(gathered.values(&previous, now))
        })
        .await?;
        let names: Vec<String> = values.iter().map(|(name, _)| name.file()).collect();
        let marks = handles.manifest.marks(&names).await?;
        let mut files = Vec::new();
        let mut present = Vec::new();
        for (((name, json), file), mark) in values.into_iter().zip(names).zip(marks) {
            let hash = json.as_ref().map(|json| hash(json.as_bytes())).unwrap_or_default();
            if json.is_some() {
                present.push(file.clone());
            }
            let known = mark.unwrap_or_default();
            // The credentials are also written by the program.
            let is_there = name != Name::Creds && known.hash == hash && (known.modified != 0 || hash.is_empty());
            if !is_there {
                let former = if known.modified == 0 && !known.former.is_empty() { known.former } else { known.hash };
                files.push((file, json, Mark { hash, former, ..Mark::default() }));
            }
        }
        if !files.is_empty() {
            self.write_files(&handles.manifest, files).await?;
        }
        Ok(present)
    }

    async fn write_files(
        &self,
        manifest: &Manifest,
        files: Vec<(String, Option<String>, Mark)>,
    ) -> Result<(), StoreError> {
        manifest.set(files.iter().map(|(file, _, mark)| (&**file, Some(mark.clone())))).await?;
        let folder = self.folder.clone();
        let written = disk::beside(move || {
            let write = |(file, json, mark): (String, Option<String>, Mark)| match json {
                Some(json) => {
                    let look = disk::write(&folder, &file, &json)?;
                    let mark = Mark { former: Vec::new(), size: look.size, modified: look.modified, ..mark };
                    Ok((file, Some(mark)))
                }
                None => disk::remove(&folder, &file).map(|()| (file, None)),
            };
            files.into_iter().map(write).collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
        // Lost, the files are read once more at the next opening.
        drop(manifest.set(written.iter().map(|(file, mark)| (&**file, mark.clone()))));
        Ok(())
    }

    async fn delete_others(&self, handles: &Handles, present: &HashSet<String>) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let page = handles.manifest.page(after.as_deref()).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            let gone = page.into_iter().filter(|(name, _)| name != CREDS && !present.contains(name));
            let gone = gone.map(|(name, mark)| {
                let mark = Mark { hash: Vec::new(), former: mark.hash, ..Mark::default() };
                (name, None, mark)
            });
            self.write_files(&handles.manifest, gone.collect()).await?;
        }
    }

    /// First of all the credentials go, without which there is no session to be taken over.
    pub fn wipe<'a>(&'a self, handles: &'a Handles) -> BoxFuture<'a, Result<(), StoreError>> {
        // A handle that is closed, or has lost its lease, deletes nothing.
        let is_ours = !self.stopped() && handles.main.lost().now_or_never().is_none();
        let removed = if is_ours { disk::remove(&self.folder, CREDS) } else { Ok(()) };
        let wiped = handles.main.wipe();
        Box::pin(async move {
            let _writing = self.writing.lock().await;
            wiped.await?;
            removed?;
            *lock(&self.changed) = Changed::default();
            self.delete_others(handles, &HashSet::new()).await?;
            handles.manifest.forget_all().await?;
            self.behind.store(false, Ordering::Relaxed);
            Ok(())
        })
    }

    /// The files as the session is.
    pub async fn flush(&self, handles: &Handles) -> Result<(), StoreError> {
        self.write_changed(handles).await
    }

    /// Writes what is left, and lets go.
    pub async fn close(&self, handles: &Handles) -> Result<(), StoreError> {
        if !self.stopped.swap(true, Ordering::Relaxed) {
            self.news.notify_one();
            let written = self.finish(handles).await;
            if let Err(failure) = written {
                tracing::warn!("the files of \"{}\" stay behind: {failure}", self.folder.display());
            }
            handles.manifest.close().await;
        }
        handles.main.close().await
    }

    async fn finish(&self, handles: &Handles) -> Result<(), StoreError> {
        self.write_changed(handles).await?;
        if self.behind.load(Ordering::Relaxed) && lock(&self.changed).is_none() {
            handles.manifest.set_behind(false).await?;
        }
        Ok(())
    }
}
