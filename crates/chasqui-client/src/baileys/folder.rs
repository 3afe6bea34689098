//! A folder of Baileys' auth state as a store: `baileys:PATH`.
//!
//! ```text
//! session ──apply──► chasqui.sqlite: the truth, durable, under a lease
//!                         │  what changed, by key
//!                         ▼
//!                    mirror: files as Baileys writes them, at most a second behind; complete when the session is closed
//! ```
//!
//! When the folder is opened, its files are compared with what was last written. Where another program has gone on with them,
//! its state is taken over; what is behind after the death of a process is written again.
//! Source: the contract of Baileys, §12.

mod disk;
mod manifest;
mod mirror;
mod opening;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc, time::Duration};

use chasqui_store::{
    Batch, BoxFuture, Commit, Found, Holder, Key, Page, SessionStore, Store, StoreError, archive, open_store,
};

use super::layout::Layout;
use manifest::Manifest;
use mirror::{Handles, Mirror};

/// The session of a folder.
const SESSION: &str = "baileys";
/// The file beside those of the auth state.
pub(super) const DATABASE: &str = "chasqui.sqlite";
/// Behind the session's name: what is known of the files.
const FILES: &str = "/files";
/// A handle that was dropped lets go of what it knows of the files a moment later.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn failed(what: impl ToString) -> StoreError {
    StoreError::Failed { cause: what.to_string().into() }
}

/// A folder, made when it is first opened.
pub(crate) struct FolderStore {
    folder: PathBuf,
    session: &'static str,
    /// How a new device is written.
    layout: Layout,
}

impl FolderStore {
    /// The store of a URL `baileys:PATH`, or `baileys-6:PATH` where a new device is for 6; `None` for another URL.
    pub fn from_url(url: &str) -> Option<Result<Self, StoreError>> {
        let (path, layout) = match (url.strip_prefix("baileys:"), url.strip_prefix("baileys-6:")) {
            (Some(path), _) => (path, Layout::default()),
            (None, Some(path)) => (path, Layout::of_six()),
            (None, None) => return None,
        };
        let folder = PathBuf::from(path);
        if !folder.is_absolute() {
            let detail = "baileys: takes the absolute path of a folder".to_owned();
            return Some(Err(StoreError::BadUrl { detail }));
        }
        Some(Ok(Self { folder, session: SESSION, layout }))
    }

    /// The database in the folder.
    fn inner(&self) -> Result<Arc<dyn Store>, StoreError> {
        let shown = self.folder.display();
        std::fs::create_dir_all(&self.folder)
            .map_err(|cause| StoreError::BadUrl { detail: format!("{shown} cannot be used as a folder: {cause}") })?;
        let path = self.folder.join(DATABASE);
        let path = path.to_str().ok_or_else(|| StoreError::BadUrl { detail: format!("{shown} is no valid text") })?;
        // With the empty query a question mark in the path stays a part of it.
        open_store(&format!("sqlite:{path}?"))
    }

    async fn adopt(
        &self,
        inner: &dyn Store,
        name: &str,
        holder: Holder,
        main: Arc<dyn SessionStore>,
    ) -> Result<Arc<dyn SessionStore>, StoreError> {
        if name != self.session {
            return Ok(main);
        }
        let opened = async {
            let files = inner.take_over(&format!("{name}{FILES}"), holder, Some(PATIENCE)).await?;
            let manifest = Manifest::new(files);
            match opening::open(&self.folder, &*main, &manifest, self.layout).await {
                Ok(opened) => Ok((manifest, opened)),
                Err(error) => {
                    manifest.close().await;
                    Err(error)
                }
            }
        };
        match opened.await {
            Ok((manifest, opened)) => {
                let handles = Arc::new(Handles { manifest, main });
                Ok(Arc::new(FolderSession { mirror: Mirror::start(self.folder.clone(), &handles, opened), handles }))
            }
            Err(error) => {
                // What could not be released ends with its lease.
                let _ = main.close().await;
                Err(error)
            }
        }
    }
}

impl Store for FolderStore {
    fn open(&self, session: &str, holder: Holder) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let name = session.to_owned();
        Box::pin(async move {
            let inner = self.inner()?;
            let main = inner.open(&name, holder.clone()).await?;
            self.adopt(&*inner, &name, holder, main).await
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
            let inner = self.inner()?;
            let main = inner.take_over(&name, holder.clone(), patience).await?;
            self.adopt(&*inner, &name, holder, main).await
        })
    }

    fn sessions(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(async move {
            if !self.folder.is_dir() {
                return Ok(Vec::new());
            }
            let mut names = self.inner()?.sessions().await?;
            names.retain(|name| !name.ends_with(FILES));
            Ok(names)
        })
    }

    fn describe(&self) -> String {
        format!("baileys:{}", self.folder.display())
    }
}

/// The session of a folder, under its lease.
struct FolderSession {
    mirror: Arc<Mirror>,
    handles: Arc<Handles>,
}

impl FolderSession {
    fn main(&self) -> &dyn SessionStore {
        &*self.handles.main
    }
}

impl Drop for FolderSession {
    fn drop(&mut self) {
        self.mirror.stop();
    }
}

impl SessionStore for FolderSession {
    fn read(&self, keys: &[Key], pages: &[Page]) -> BoxFuture<'_, Result<Found, StoreError>> {
        self.main().read(keys, pages)
    }

    fn apply(&self, batch: Batch) -> Commit {
        let changed = mirror::Changed::by(&batch);
        if changed.is_none() {
            return self.main().apply(batch);
        }
        // That the files are behind is durable before the change is; and the mirror sees the change when it looks for it.
        self.mirror.fall_behind(&self.handles.manifest);
        let commit = self.main().apply(batch);
        self.mirror.add(changed);
        commit
    }

    fn ready(&self) -> BoxFuture<'_, ()> {
        self.main().ready()
    }

    fn open_archive(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.main().open_archive()
    }

    fn ask_archive(&self, query: archive::Query) -> BoxFuture<'static, Result<archive::Found, StoreError>> {
        self.main().ask_archive(query)
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.mirror.wipe(&self.handles)
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.mirror.flush(&self.handles))
    }

    fn resync(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.main().resync()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.mirror.close(&self.handles))
    }

    fn lost(&self) -> BoxFuture<'static, ()> {
        self.main().lost()
    }

    fn wanted(&self) -> BoxFuture<'static, ()> {
        self.main().wanted()
    }
}
