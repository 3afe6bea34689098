//! Where a file to upload comes from. Its bytes are needed twice (its hash names the upload), so those of a stream are kept
//! meanwhile: in memory while they are few, else in a temporary file that has no name.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use chasqui_error::{ErrorCode, PublicError};
use tempfile::{NamedTempFile, SpooledTempFile, TempPath};

use super::{http, transfer::Line};

/// Beyond this a file is on disk and not in memory.
pub(super) const IN_MEMORY: usize = 1 << 20;
/// What is read at a time.
pub(super) const CHUNK: usize = 64 << 10;

/// What the program names.
#[derive(Debug, Clone)]
pub enum Source {
    /// The bytes themselves.
    Bytes(Vec<u8>),
    /// A file.
    Path(PathBuf),
    /// An `http:` or `https:` URL.
    Url(String),
    /// The program gives it piece by piece when asked ([`crate::Event::Pull`]).
    Stream,
}

/// A source that can be read again from its beginning.
pub(super) enum Opened {
    Bytes(io::Cursor<Vec<u8>>),
    File(File, PathBuf),
    Spooled(SpooledTempFile),
}

/// A source under a name, for other programs; that of a copy is gone when this is dropped.
pub(super) enum OnDisk {
    Own(PathBuf),
    Copy(TempPath),
}

impl OnDisk {
    pub fn path(&self) -> &Path {
        match self {
            Self::Own(path) => path,
            Self::Copy(path) => path,
        }
    }
}

impl Opened {
    /// Gives it a name. Its position is anywhere after that.
    pub fn on_disk(&mut self) -> io::Result<OnDisk> {
        if let Self::File(_, path) = self {
            return Ok(OnDisk::Own(path.clone()));
        }
        self.rewind()?;
        let mut copy = NamedTempFile::new()?;
        io::copy(self, &mut copy)?;
        copy.flush()?;
        Ok(OnDisk::Copy(copy.into_temp_path()))
    }
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Bytes(bytes) => bytes.read(buffer),
            Self::File(file, _) => file.read(buffer),
            Self::Spooled(file) => file.read(buffer),
        }
    }
}

impl Seek for Opened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Bytes(bytes) => bytes.seek(to),
            Self::File(file, _) => file.seek(to),
            Self::Spooled(file) => file.seek(to),
        }
    }
}

/// Opens a source; of a stream everything is taken. Nothing longer than `limit` bytes.
pub(super) async fn open(
    source: Source,
    limit: u64,
    web: Option<&Web>,
    line: &mut Line,
) -> Result<(Opened, u64), PublicError> {
    match source {
        Source::Bytes(bytes) => {
            let length = bytes.len() as u64;
            within(length, limit)?;
            Ok((Opened::Bytes(io::Cursor::new(bytes)), length))
        }
        Source::Path(path) => {
            let shown = path.display().to_string();
            let failed = |error: &io::Error| file_failed(error, "read").with("path", shown.as_str());
            let file = File::open(&path).map_err(|error| failed(&error))?;
            let about = file.metadata().map_err(|error| failed(&error))?;
            if !about.is_file() {
                let message = format!("{shown} is not a regular file.");
                return Err(PublicError::new(ErrorCode::FileFailed, message).with("path", shown.as_str()));
            }
            within(about.len(), limit)?;
            Ok((Opened::File(file, path), about.len()))
        }
        Source::Stream => {
            let mut spooled = SpooledTempFile::new(IN_MEMORY);
            let mut length = 0;
            while let Some(piece) = line.piece().await? {
                length += piece.len() as u64;
                within(length, limit)?;
                spooled.write_all(&piece).map_err(|error| file_failed(&error, "kept in a temporary file"))?;
            }
            spooled.rewind().map_err(|error| file_failed(&error, "kept in a temporary file"))?;
            Ok((Opened::Spooled(spooled), length))
        }
        Source::Url(url) => fetch(&url, limit, web).await,
    }
}

/// For files that the program names by URL.
pub(crate) struct Web {
    pub client: reqwest::Client,
    /// Whether private networks may be reached.
    pub private: bool,
}

async fn fetch(url: &str, limit: u64, web: Option<&Web>) -> Result<(Opened, u64), PublicError> {
    let wrong = || PublicError::new(ErrorCode::UrlNotAllowed, "The source of the file is no URL.");
    let (url, web) = (reqwest::Url::parse(url).map_err(|_| wrong())?, web.ok_or_else(wrong)?);
    http::check(&url, web.private)?;
    let failed =
        |why: String| PublicError::new(ErrorCode::MediaFailed, format!("The file could not be fetched: {why}."));
    let mut response = web.client.get(url).send().await.map_err(|error| http::refusal(error, failed))?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        return Err(failed(format!("its host answered with {status}")).with("status", status));
    }
    if let Some(length) = response.content_length() {
        within(length, limit)?;
    }
    let mut spooled = SpooledTempFile::new(IN_MEMORY);
    let mut length = 0;
    while let Some(piece) = response.chunk().await.map_err(|error| http::refusal(error, failed))? {
        length += piece.len() as u64;
        within(length, limit)?;
        spooled.write_all(&piece).map_err(|error| file_failed(&error, "kept in a temporary file"))?;
    }
    spooled.rewind().map_err(|error| file_failed(&error, "kept in a temporary file"))?;
    Ok((Opened::Spooled(spooled), length))
}

fn within(length: u64, limit: u64) -> Result<(), PublicError> {
    if length <= limit {
        return Ok(());
    }
    let message = format!("The file has more than {limit} bytes.");
    Err(PublicError::new(ErrorCode::MediaTooLarge, message).with("limit", limit))
}

/// `FILE_FAILED` with the system's reason.
pub(super) fn file_failed(error: &io::Error, what: &str) -> PublicError {
    let cause = match error.kind() {
        io::ErrorKind::NotFound => "ENOENT",
        io::ErrorKind::PermissionDenied => "EACCES",
        io::ErrorKind::IsADirectory => "EISDIR",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "ENOSPC",
        _ => "EIO",
    };
    PublicError::new(ErrorCode::FileFailed, format!("A file could not be {what}: {error}.")).with("cause", cause)
}
