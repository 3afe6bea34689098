//! The files themselves. Everything here blocks.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::Path,
    time::UNIX_EPOCH,
};

use chasqui_baileys::names::{CREDS, Kind};
use chasqui_store::StoreError;

use super::failed;

/// What is seen of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    pub size: u64,
    /// Nanoseconds since the epoch; 0 where that is not known.
    pub modified: i64,
}

fn look(meta: &fs::Metadata) -> Look {
    let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|time| i64::try_from(time.as_nanos()).ok()).unwrap_or(0);
    Look { size: meta.len(), modified }
}

fn unread(path: &Path, cause: &io::Error) -> StoreError {
    failed(format_args!("\"{}\" cannot be read: {cause}", path.display()))
}

/// The files of the auth state. Drafts that the death of a process has left are removed.
pub(super) fn list(folder: &Path) -> Result<BTreeMap<String, Look>, StoreError> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|cause| unread(folder, &cause))? {
        let entry = entry.map_err(|cause| unread(folder, &cause))?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if name.starts_with(DRAFT) {
            // It is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
        if name != CREDS && Kind::of_file(&name).is_none() {
            continue;
        }
        let meta = entry.metadata().map_err(|cause| unread(&entry.path(), &cause))?;
        found.insert(name, look(&meta));
    }
    Ok(found)
}

pub(super) fn read(folder: &Path, name: &str) -> Result<Vec<u8>, StoreError> {
    let path = folder.join(name);
    fs::read(&path).map_err(|cause| unread(&path, &cause))
}

const DRAFT: &str = ".chasqui-draft-";

/// Whole or not at all. Keys are in it: nobody else may read it.
pub(super) fn write(folder: &Path, name: &str, json: &str) -> Result<Look, StoreError> {
    let path = folder.join(name);
    let unwritten =
        |cause: &dyn ToString| failed(format_args!("\"{}\" cannot be written: {}", path.display(), cause.to_string()));
    let mut draft = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder).map_err(|cause| unwritten(&cause))?;
    draft.write_all(json.as_bytes()).map_err(|cause| unwritten(&cause))?;
    if name == CREDS {
        draft.as_file().sync_all().map_err(|cause| unwritten(&cause))?;
    }
    let file = draft.persist(&path).map_err(|cause| unwritten(&cause.error))?;
    file.metadata().map(|meta| look(&meta)).map_err(|cause| unwritten(&cause))
}

pub(super) fn remove(folder: &Path, name: &str) -> Result<(), StoreError> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(failed(format_args!("\"{}\" cannot be deleted: {cause}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Runs what blocks where it holds up nobody.
pub(super) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| failed("a fault ended the work on the folder"))?
}
