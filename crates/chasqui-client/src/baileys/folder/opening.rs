//! What is found in a folder that is opened, and what comes of it.

use std::path::Path;

use chasqui_baileys::{creds as stored_creds, names::CREDS};
use chasqui_store::{Batch, Namespace, SessionStore, StoreError};

use super::{
    disk::{self, Look},
    failed,
    manifest::{Manifest, Mark, hash},
    mirror::Changed,
};
use crate::{
    baileys::{
        import,
        layout::Layout,
        records::{PAGE, ROWS, Source},
    },
    creds,
};

/// A folder that is ready.
pub(super) struct Opened {
    pub layout: Layout,
    /// Whether the manifest says that the files may be behind.
    pub behind: bool,
    /// What is to be written.
    pub changed: Changed,
}

/// What the files are to the session.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// As they were left.
    Ours,
    /// The credentials were written by the program, for the same device.
    OtherCreds,
    /// The process died before it had written everything.
    Behind,
    /// Another program has gone on with them.
    Theirs,
    /// The credentials were deleted: there is to be no session any more.
    Deleted,
}

/// Compares folder and store. `fresh`: how a device is written that is still to be made.
///
/// # Errors
/// [`StoreError::Corrupt`] for credentials that cannot be read, [`StoreError::Failed`] where there are none that can be taken
/// over, or a file cannot be read. Nothing is written then.
pub(super) async fn open(
    folder: &Path,
    main: &dyn SessionStore,
    manifest: &Manifest,
    fresh: Layout,
) -> Result<Opened, StoreError> {
    let behind = manifest.is_behind().await?;
    let row = main.get_many(&[creds::key()]).await?.pop().flatten();
    // What cannot be read, the session itself says.
    let paired =
        row.as_ref().is_some_and(|row| creds::Creds::from_bytes(row).is_none_or(|creds| creds.paired.is_some()));
    let at = folder.to_owned();
    let files = disk::beside(move || disk::list(&at)).await?;
    let found = match &row {
        Some(row) if paired => {
            let found = look(folder, &files, row, manifest, behind).await?;
            if found == Found::Ours && behind { Found::Behind } else { found }
        }
        _ if files.contains_key(CREDS) && is_paired(folder).await? => Found::Theirs,
        _ => Found::Ours,
    };
    tracing::debug!("the files of \"{}\" are {found:?}", folder.display());
    let changed = match found {
        Found::Ours => Changed::default(),
        Found::OtherCreds => {
            let mut changed = Changed::one(Source::Creds);
            if behind {
                changed = Changed::everything();
            }
            changed
        }
        Found::Behind => Changed::everything(),
        Found::Theirs => {
            let layout = take_over(folder, main, manifest).await?;
            return Ok(Opened { layout, behind: true, changed: Changed::default() });
        }
        Found::Deleted => {
            main.wipe().await?;
            manifest.forget_all().await?;
            Changed::default()
        }
    };
    if found == Found::Deleted || !paired {
        manifest.set_layout(fresh).await?;
    }
    Ok(Opened { layout: manifest.layout().await?, behind, changed })
}

async fn text(folder: &Path, name: &'static str) -> Result<String, StoreError> {
    let at = folder.to_owned();
    let bytes = disk::beside(move || disk::read(&at, name)).await?;
    String::from_utf8(bytes).map_err(|_| corrupt(folder, name, "it is no text"))
}

fn corrupt(folder: &Path, name: &str, detail: impl ToString) -> StoreError {
    StoreError::Corrupt { path: folder.join(name), detail: detail.to_string() }
}

/// Whether the credentials are of a device that a phone has taken.
async fn is_paired(folder: &Path) -> Result<bool, StoreError> {
    let json = text(folder, CREDS).await?;
    let creds = stored_creds::read(&json).map_err(|why| corrupt(folder, CREDS, why))?;
    Ok(creds.paired.is_some())
}

async fn look(
    folder: &Path,
    files: &std::collections::BTreeMap<String, Look>,
    row: &[u8],
    manifest: &Manifest,
    behind: bool,
) -> Result<Found, StoreError> {
    let mut unknown: Vec<String> = files.keys().cloned().collect();
    let mut found = Found::Ours;
    let mut damaged = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = manifest.page(after.as_deref()).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        for (name, mark) in page {
            if let Ok(at) = unknown.binary_search(&name) {
                unknown.remove(at);
            }
            let seen = match files.get(&name) {
                // What was being written when the power went may look whole.
                Some(look) if !behind && mark.is_as_seen(*look) => continue,
                Some(look) => {
                    let seen = file(folder, &name, &mark, *look, row, behind).await?;
                    if seen == Found::Behind && !mark.hash.is_empty() {
                        let former = if mark.former.is_empty() { mark.hash.clone() } else { mark.former };
                        damaged.push((name.clone(), Mark { modified: 0, former, ..mark }));
                    }
                    seen
                }
                // It was deleted by us, or never written.
                None if mark.hash.is_empty() || (mark.modified == 0 && mark.former.is_empty()) => Found::Behind,
                None if name == CREDS => return Ok(Found::Deleted),
                None => Found::Theirs,
            };
            match seen {
                Found::Theirs => return Ok(Found::Theirs),
                Found::Ours => {}
                // That is the more to do.
                Found::Behind => found = Found::Behind,
                other if found == Found::Ours => found = other,
                _ => {}
            }
        }
    }
    if unknown == [CREDS] {
        let seen = file(folder, CREDS, &Mark::default(), Look::default(), row, behind).await?;
        found = if seen == Found::Theirs || found == Found::Ours { seen } else { found };
    } else if !unknown.is_empty() {
        found = Found::Theirs;
    }
    if found != Found::Theirs {
        // They are written again.
        manifest.set(damaged.iter().map(|(name, mark)| (&**name, Some(mark.clone())))).await?;
    }
    Ok(found)
}

/// What a file is that is not as it was left.
async fn file(
    folder: &Path,
    name: &str,
    mark: &Mark,
    look: Look,
    row: &[u8],
    behind: bool,
) -> Result<Found, StoreError> {
    let (at, its) = (folder.to_owned(), name.to_owned());
    let bytes = disk::beside(move || disk::read(&at, &its)).await?;
    let hash = hash(&bytes);
    if hash == mark.hash {
        return Ok(Found::Ours);
    }
    if hash == mark.former {
        return Ok(Found::Behind);
    }
    let json = String::from_utf8_lossy(&bytes);
    let is_whole = serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok();
    // Cut off by a loss of power: nobody has written it since. By somebody else, what is in it now is not known.
    if !is_whole && !mark.hash.is_empty() && (behind || look.modified == mark.modified) {
        return Ok(Found::Behind);
    }
    if name != CREDS {
        return Ok(Found::Theirs);
    }
    let theirs = stored_creds::read(&json).map_err(|why| corrupt(folder, CREDS, why))?;
    let same = creds::Creds::from_bytes(row).is_some_and(|ours| {
        let account = |paired: &Option<stored_creds::Paired>| paired.as_ref().map(|paired| paired.account.clone());
        ours.noise.public == theirs.noise.public
            && ours.identity.public == theirs.identity.public
            && ours.registration_id == theirs.registration_id
            && ours.paired.map(|paired| paired.account) == account(&theirs.paired)
    });
    Ok(if same { Found::OtherCreds } else { Found::Theirs })
}

/// The session goes on as the files have it. What the program has not been given yet, or wants to send, stays.
async fn take_over(folder: &Path, main: &dyn SessionStore, manifest: &Manifest) -> Result<Layout, StoreError> {
    let at = folder.to_owned();
    let files = disk::beside(move || super::super::read_folder(&at).map_err(|error| failed(error.message))).await?;
    // Refused before anything is changed.
    let json = files.get(CREDS).map(String::as_str).unwrap_or_default();
    let told = stored_creds::read(json).map_err(|why| corrupt(folder, CREDS, why))?;
    manifest.forget_all().await?;
    manifest.set_behind(true).await?;
    clear(main).await?;
    if told.paired.is_none() {
        return Ok(Layout::default());
    }
    let imported = import::import(&files, main).await.map_err(|error| failed(error.message))?;
    for skipped in &imported.skipped {
        tracing::warn!("\"{}\" was left out: {}", folder.join(&skipped.file).display(), skipped.reason);
    }
    let layout = Layout::of_files(&files);
    manifest.set_layout(layout).await?;
    let at = folder.to_owned();
    let looks = disk::beside(move || disk::list(&at)).await?;
    let marks: Vec<(&str, Option<Mark>)> = files
        .iter()
        .filter_map(|(name, json)| Some((&**name, Some(Mark::of(json.as_bytes(), *looks.get(name)?)))))
        .collect();
    for some in marks.chunks(PAGE) {
        manifest.set(some.iter().cloned()).await?;
    }
    Ok(layout)
}

/// Removes what the files have, and what is learnt again by itself.
async fn clear(main: &dyn SessionStore) -> Result<(), StoreError> {
    const KEPT: [&[u8]; 3] = [b"outbox", b"secrets-p", b"secrets-m"];
    let own = [
        Namespace::SignedPreKey,
        Namespace::AppState,
        Namespace::AppStateMac,
        Namespace::Group,
        Namespace::History,
        Namespace::Retry,
    ];
    let mut batch = Batch::new();
    for namespace in ROWS.into_iter().chain(own) {
        batch.delete_namespace(namespace);
    }
    for (key, _) in main.scan(Namespace::Meta, None, 4 * PAGE).await? {
        if !KEPT.contains(&&*key) {
            batch.delete(Namespace::Meta, key);
        }
    }
    main.apply(batch).await
}
