//! Files for tests: what contacts send, what is in the store, and what goes from it.

use std::{io::Write, sync::Arc};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD},
};
use chasqui_media::{Decryptor, Encrypted, Encryptor, Expected, MediaKey};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tempfile::{TempDir, TempPath};
use tokio::sync::mpsc;

use super::{
    MediaInfo, bare_path,
    faults::{MediaFaultInfo, MediaFaultRule},
    kinds,
};
use crate::{
    Emulator,
    error::EmulatorError,
    world::{Command, World, ask},
};

/// How a file is put into the store.
#[derive(Debug, Clone, Default)]
pub struct MediaOptions {
    /// The media key: for a thumbnail, that of its picture. `None`: a new one.
    pub media_key: Option<[u8; 32]>,
    /// As it is, as files of channels are.
    pub plain: bool,
}

/// A stored file: what its message says about it. Bytes are in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredMedia {
    /// Its address.
    pub url: String,
    /// The same without the host.
    pub direct_path: String,
    /// What opens it; none for a plain file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_key: Option<String>,
    /// Seconds since the epoch.
    pub media_key_timestamp: u64,
    /// SHA-256 of the file.
    pub file_sha256: String,
    /// SHA-256 of what is stored; none for a plain file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_enc_sha256: Option<String>,
    /// Bytes of the file.
    pub file_length: u64,
    /// For what is played while it loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming_sidecar: Option<String>,
}

/// A file in the folder, and what is known of it.
struct Written {
    file: TempPath,
    file_sha256: [u8; 32],
    length: u64,
    encrypted: Option<(MediaKey, Encrypted)>,
}

impl Written {
    /// The hash of what is stored, and its length.
    fn stored(&self) -> (String, u64) {
        let (hash, length) = match &self.encrypted {
            Some((_, encrypted)) => (encrypted.file_enc_sha256, encrypted.encrypted_length),
            None => (self.file_sha256, self.length),
        };
        (URL_SAFE_NO_PAD.encode(hash), length)
    }
}

impl Emulator {
    /// Puts a file into the store, encrypted as the one of a message: `kind` is `image`, `video`, `ptt`, `document`, …
    ///
    /// # Errors
    /// [`EmulatorError::InvalidOption`] for an unknown kind, [`EmulatorError::Failed`] for a full disk.
    pub async fn media_put(
        &self,
        kind: &str,
        bytes: Vec<u8>,
        options: MediaOptions,
    ) -> Result<StoredMedia, EmulatorError> {
        put(&self.world, kind, bytes, options).await
    }

    /// What is stored under a direct path; opened and checked, if key and kind are given.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`], [`EmulatorError::InvalidOption`] for another key or kind.
    pub async fn media_get(&self, direct_path: &str, open: Option<(MediaKey, &str)>) -> Result<Vec<u8>, EmulatorError> {
        let path = bare_path(direct_path).to_owned();
        let found = self.ask(move |world| {
            let location = world.media.paths.get(&path)?;
            Some(world.media.files.get(&location.info.token)?.file.clone())
        });
        let file = found.await?.ok_or_else(|| EmulatorError::NotFound(format!("file {direct_path}")))?;
        let stored = tokio::fs::read(&*file).await.map_err(failed)?;
        let Some((key, kind)) = open else { return Ok(stored) };
        let (kind, _) = kinds::named(kind)
            .ok_or_else(|| EmulatorError::option("kind", format!("\"{kind}\" is no kind of file")))?;
        let mut decryptor = Decryptor::new(&key.derive(kind), Expected::at_most(u64::MAX));
        let mut plaintext = Vec::with_capacity(stored.len());
        let wrong = |error: chasqui_media::MediaError| EmulatorError::option("mediaKey", error.to_string());
        decryptor.update(&stored, &mut plaintext).map_err(wrong)?;
        decryptor.finish(&mut plaintext).map_err(wrong)?;
        Ok(plaintext)
    }

    /// Every direct path, oldest first.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn media(&self) -> Result<Vec<MediaInfo>, EmulatorError> {
        self.ask(|world| {
            let media = &world.media;
            media.order.values().filter_map(|path| Some(media.paths.get(path)?.info.clone())).collect()
        })
        .await
    }

    /// Takes a direct path away, as the hosts do after some weeks. Phones still have the file and upload it again when
    /// they are asked, unless it goes `everywhere`.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`].
    pub async fn media_remove(&self, direct_path: &str, everywhere: bool) -> Result<(), EmulatorError> {
        let path = direct_path.to_owned();
        let removed = self.ask(move |world| world.media.remove(&path, everywhere)).await?;
        removed.then_some(()).ok_or_else(|| EmulatorError::NotFound(format!("file {direct_path}")))
    }

    /// Every `auth` that clients got is worth nothing from now on.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn media_expire_auth(&self) -> Result<(), EmulatorError> {
        self.ask(|world| world.media.expire_auths()).await
    }

    /// Misbehaves with files from now on; gives the number that names the rule.
    ///
    /// # Errors
    /// [`EmulatorError::InvalidOption`].
    pub async fn add_media_fault(&self, rule: MediaFaultRule) -> Result<u64, EmulatorError> {
        self.ask(move |world| world.media.faults.add(rule)).await?
    }

    /// The rules for files as they stand.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn media_faults(&self) -> Result<Vec<MediaFaultInfo>, EmulatorError> {
        self.ask(|world| world.media.faults.list()).await
    }

    /// Ends a rule for files, or all of them.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn clear_media_faults(&self, id: Option<u64>) -> Result<(), EmulatorError> {
        self.ask(move |world| world.media.faults.clear(id)).await
    }
}

impl super::Media {
    /// Puts a small file into the store as it is. Gives its URL and direct path.
    pub fn put_plain(&mut self, bytes: &[u8], clock: crate::clock::Clock) -> Option<(String, String)> {
        let folder = self.folder().ok()?;
        let mut file = tempfile::Builder::new().prefix("put-").tempfile_in(folder.path()).ok()?;
        file.write_all(bytes).ok()?;
        let id = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        self.keep(&id, file.into_temp_path(), bytes.len() as u64);
        let info = self.place(&id, "image", false, clock)?;
        Some((self.url(&info.direct_path), info.direct_path))
    }
}

/// Puts a file into the store; see [`Emulator::media_put`].
pub(crate) async fn put(
    world: &mpsc::Sender<Command>,
    kind: &str,
    bytes: Vec<u8>,
    options: MediaOptions,
) -> Result<StoredMedia, EmulatorError> {
    let (media_kind, upload) =
        kinds::named(kind).ok_or_else(|| EmulatorError::option("kind", format!("\"{kind}\" is no kind of file")))?;
    let folder = ask(world, |world| world.media.folder()).await?.map_err(failed)?;
    let into = folder.clone();
    let write = move || write(&into, media_kind, &bytes, &options);
    let written = tokio::task::spawn_blocking(write).await.map_err(failed)?.map_err(failed)?;
    let placed = ask(world, move |world| {
        let (id, stored) = written.stored();
        if !world.media.has(&folder) {
            return None;
        }
        world.media.keep(&id, written.file, stored);
        let info = world.media.place(&id, upload, false, world.clock)?;
        let timestamp = world.clock.now().seconds();
        let encrypted = written.encrypted.as_ref();
        let sidecar = encrypted.and_then(|(_, encrypted)| encrypted.streaming_sidecar.as_ref());
        Some(StoredMedia {
            url: world.media.url(&info.direct_path),
            direct_path: info.direct_path,
            media_key: encrypted.map(|(key, _)| BASE64.encode(key.as_bytes())),
            media_key_timestamp: timestamp,
            file_sha256: BASE64.encode(written.file_sha256),
            file_enc_sha256: encrypted.map(|(_, encrypted)| BASE64.encode(encrypted.file_enc_sha256)),
            file_length: written.length,
            streaming_sidecar: sidecar.map(|sidecar| BASE64.encode(sidecar)),
        })
    });
    placed.await?.ok_or_else(|| failed("the file is gone"))
}

/// The same at once, as it is and small; gives its direct path.
pub(crate) fn put_now(world: &mut World, kind: &str, bytes: &[u8]) -> Option<String> {
    let (media_kind, upload) = kinds::named(kind)?;
    let folder = world.media.folder().ok()?;
    let options = MediaOptions { media_key: None, plain: true };
    let written = write(&folder, media_kind, bytes, &options).ok()?;
    let (id, stored) = written.stored();
    world.media.keep(&id, written.file, stored);
    Some(world.media.place(&id, upload, false, world.clock)?.direct_path)
}

fn write(
    folder: &Arc<TempDir>,
    kind: chasqui_media::MediaKind,
    bytes: &[u8],
    options: &MediaOptions,
) -> std::io::Result<Written> {
    let mut file = tempfile::Builder::new().prefix("put-").tempfile_in(folder.path())?;
    let length = bytes.len() as u64;
    if options.plain {
        file.write_all(bytes)?;
        let file_sha256 = Sha256::digest(bytes).into();
        return Ok(Written { file: file.into_temp_path(), file_sha256, length, encrypted: None });
    }
    let key = options.media_key.map_or_else(MediaKey::generate, MediaKey::new);
    let keys = key.derive(kind);
    let mut encryptor = Encryptor::new(&keys);
    if kind.has_sidecar() {
        encryptor = encryptor.with_sidecar(&keys);
    }
    let encrypted = encryptor.copy(bytes, &mut file).map_err(std::io::Error::other)?;
    let file_sha256 = encrypted.file_sha256;
    Ok(Written { file: file.into_temp_path(), file_sha256, length, encrypted: Some((key, encrypted)) })
}

fn failed(error: impl std::fmt::Display) -> EmulatorError {
    EmulatorError::Failed(error.to_string())
}
