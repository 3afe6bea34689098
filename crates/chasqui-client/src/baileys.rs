//! Sessions that move between Baileys and a store: the folder of its auth state, value by value.
//!
//! The device stays the device: keys, registration, prekeys and sessions go on, and no code is scanned. Source: the contract
//! of Baileys, §12.10.

mod bridge;
mod export;
mod folder;
mod import;
mod keys_store;
mod layout;
mod places;
mod records;
mod state;
mod twins;

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use chasqui_baileys::names::{CREDS, Kind};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::{Batch, Holder, Namespace, SessionStore};

pub use bridge::Bridge;
pub use export::Exported;
pub(crate) use folder::FolderStore;
pub use import::{Imported, Skipped};
pub(crate) use keys_store::KeysStore;
pub(crate) use layout::Layout;
pub(crate) use records::creds_value;

use crate::{
    Reply,
    actor::{Actor, Fault},
    connection::unix_now_ms,
    error,
};

/// Most bytes of one file that are read.
const MAX_FILE: u64 = 16 << 20;

fn failed(path: &Path, does: &str, cause: &dyn ToString) -> PublicError {
    let message = format!("\"{}\" cannot be {does}: {}.", path.display(), cause.to_string());
    PublicError::new(ErrorCode::FileFailed, message)
        .with("path", path.display().to_string())
        .with("cause", cause.to_string())
}

/// The files of a folder, those of an auth state. An unreadable one is an error: nothing is to be left behind unseen.
fn read_folder(folder: &Path) -> Result<HashMap<String, String>, PublicError> {
    let unread = |path: &Path, cause: &dyn ToString| failed(path, "read", cause);
    let mut files = HashMap::new();
    for entry in fs::read_dir(folder).map_err(|cause| unread(folder, &cause))? {
        let entry = entry.map_err(|cause| unread(folder, &cause))?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if name != CREDS && Kind::of_file(&name).is_none() {
            continue;
        }
        let path = entry.path();
        if entry.metadata().map_err(|cause| unread(&path, &cause))?.len() > MAX_FILE {
            return Err(unread(&path, &"it is too large"));
        }
        files.insert(name, fs::read_to_string(&path).map_err(|cause| unread(&path, &cause))?);
    }
    Ok(files)
}

/// Makes the folder, which must have no auth state in it, and writes the files; the credentials last, so that a folder that is
/// not complete is taken for none.
fn write_folder(folder: &Path, files: &[(String, String)]) -> Result<(), PublicError> {
    let unwritten = |path: &Path, cause: io::Error| failed(path, "written", &cause);
    fs::create_dir_all(folder).map_err(|cause| unwritten(folder, cause))?;
    if !read_folder(folder)?.is_empty() {
        let message = format!("There is an auth state in \"{}\" already.", folder.display());
        return Err(PublicError::new(ErrorCode::InvalidArgument, message).with("argument", "folder"));
    }
    let (creds, others): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| name == CREDS);
    for (name, json) in others.into_iter().chain(creds) {
        let path = folder.join(name);
        write_file(&path, json.as_bytes()).map_err(|cause| unwritten(&path, cause))?;
    }
    Ok(())
}

/// Keys are in it: nobody else may read it.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PublicError> + Send + 'static,
) -> Result<T, PublicError> {
    let fault = |_| PublicError::new(ErrorCode::Internal, "A fault in chasqui ended the work on the folder.");
    tokio::task::spawn_blocking(work).await.map_err(fault)?
}

/// Whether nothing but fields of the program's credentials changes.
fn is_extras(batch: &Batch) -> bool {
    let only = state::extras_key();
    batch.ops().iter().all(|op| matches!(op, chasqui_store::Op::Put(key, _) if *key == only))
}

impl Actor {
    /// Refuses what is only for a session that is not open.
    fn at_rest(&self) -> Result<(), PublicError> {
        let message = "The client is connected or connecting: a session is imported or exported while it is closed.";
        if self.has_store() { Err(PublicError::new(ErrorCode::AlreadyConnected, message)) } else { Ok(()) }
    }

    /// Completes the files that show the session to Baileys.
    pub(crate) async fn flush_auth(&mut self, reply: Reply) -> Result<(), Fault> {
        let open = self.has_store();
        if open {
            self.settle().await;
            if let Err(failure) = self.store()?.flush().await {
                self.answer(reply, Err(error::store(failure)));
                return Ok(());
            }
        }
        self.answer(reply, Ok(Some(open.into())));
        Ok(())
    }

    /// The session's store, and whether it is open; a closed one is opened for the moment.
    async fn lent_store(&mut self) -> Result<(Arc<dyn SessionStore>, bool), PublicError> {
        if self.has_store() {
            self.settle().await;
        }
        match self.store() {
            Ok(store) => Ok((store, true)),
            Err(_) => Ok((self.options.store.open(&self.name, Holder::current()).await.map_err(error::store)?, false)),
        }
    }

    /// Values of an auth state, by the names of their files.
    pub(crate) async fn get_auth(&mut self, files: Vec<String>) -> Result<HashMap<String, String>, PublicError> {
        let (store, open) = match self.lent_store().await {
            // Whose it is can be told all the same.
            Err(held) if held.code == ErrorCode::SessionHeld && files == [CREDS] => {
                return state::glance(&self.name, &*self.options.store).await?.ok_or(held);
            }
            lent => lent?,
        };
        let found = state::read(&self.name, &*store, files).await;
        if !open {
            store.close().await.map_err(error::store)?;
        }
        found
    }

    /// Puts values of an auth state into the session. What is in memory of them is read anew. Where the session is closed they
    /// are left alone, unless they are wanted in it `anyway`.
    pub(crate) async fn set_auth(
        &mut self,
        reply: Reply,
        values: HashMap<String, Option<String>>,
        anyway: bool,
    ) -> Result<(), Fault> {
        if !self.has_store() && !anyway {
            self.answer(reply, Ok(Some(false.into())));
            return Ok(());
        }
        // A folder that is not linked has its files, and its credentials are always in one.
        if !anyway && self.creds.paired.is_none() {
            self.answer(reply, Ok(Some(false.into())));
            return Ok(());
        }
        match self.lent_store().await {
            Ok((store, true)) => match state::change(&self.name, &*store, values, true).await {
                Ok(batch) => {
                    if !is_extras(&batch) {
                        self.forget_keys();
                    }
                    self.turn.batch.append(batch);
                    self.reply(reply, Ok(Some(true.into())));
                }
                Err(refused) => self.answer(reply, Err(refused)),
            },
            Ok((store, false)) => {
                let put = match state::change(&self.name, &*store, values, false).await {
                    Ok(batch) => store.apply(batch).await.map_err(error::store),
                    Err(refused) => Err(refused),
                };
                let closed = store.close().await.map_err(error::store);
                self.answer(reply, put.and(closed).map(|()| Some(true.into())));
            }
            Err(refused) => self.answer(reply, Err(refused)),
        }
        Ok(())
    }

    /// Removes the session.
    pub(crate) async fn wipe_auth(&mut self) -> Result<(), PublicError> {
        self.at_rest()?;
        let (store, _) = self.lent_store().await?;
        let wiped = store.wipe().await.map_err(error::store);
        let closed = store.close().await.map_err(error::store);
        wiped.and(closed)
    }

    /// Takes over the session in a folder.
    pub(crate) async fn import_baileys(&mut self, folder: PathBuf) -> Result<Imported, PublicError> {
        self.at_rest()?;
        let files = beside(move || read_folder(&folder)).await?;
        let store = self.options.store.open(&self.name, Holder::current()).await.map_err(error::store)?;
        let mut imported = import::import(&files, &*store).await;
        if let (Ok(_), Some(extras)) = (&imported, files.get(CREDS).and_then(|json| state::extras_of(json))) {
            let mut batch = Batch::new();
            batch.put(Namespace::Meta, state::extras_key().bytes, extras);
            if let Err(failure) = store.apply(batch).await {
                imported = Err(error::store(failure));
            }
        }
        let closed = store.close().await.map_err(error::store);
        imported.and_then(|imported| closed.map(|()| imported))
    }

    /// Writes the session into a folder, for a version of Baileys to go on with.
    pub(crate) async fn export_baileys(
        &mut self,
        folder: PathBuf,
        version: Option<String>,
    ) -> Result<Exported, PublicError> {
        self.at_rest()?;
        let layout = version.map(|version| {
            Layout::of_version(&version).ok_or_else(|| {
                let message = format!("\"{version}\" is no version of Baileys that is known: 6.7, 6.17 or 7.");
                PublicError::new(ErrorCode::InvalidArgument, message).with("argument", "version")
            })
        });
        let layout = layout.transpose()?;
        let store = self.options.store.open(&self.name, Holder::current()).await.map_err(error::store)?;
        let now = i64::try_from(unix_now_ms()).unwrap_or(i64::MAX);
        let exported = export::export(&*store, layout, now).await;
        let closed = store.close().await.map_err(error::store);
        let (exported, files) = exported.and_then(|exported| closed.map(|()| exported))?;
        beside(move || write_folder(&folder, &files)).await?;
        Ok(exported)
    }
}
