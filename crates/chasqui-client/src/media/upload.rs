//! Encrypts a file and uploads it (05-media §3 and §4).

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::{Encrypted, Encryptor, MediaKey, MediaKind};
use futures_util::stream;
use reqwest::{Body, Client, StatusCode, Url, header};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use super::{
    cache::{Known, What},
    ffmpeg::Ffmpeg,
    file::{About, Area, File, MAX_FILE, Place, kind_of, name_of, upload_path},
    hosts,
    inspect::inspect,
    playing,
    source::{self, CHUNK, IN_MEMORY, Opened, Source, Web, file_failed},
    transfer::{Line, Progress},
};
use crate::{connection::unix_now, lock};

/// Files this long may be continued where they were cut off (§4.2).
const RESUMABLE: u64 = 5 << 20;
/// Rounds through all hosts.
const ROUNDS: u32 = 4;
/// Longest answer of a host.
const MAX_ANSWER: usize = 64 << 10;

/// What is to be uploaded.
pub(crate) struct Job {
    source: Source,
    kind: MediaKind,
    about: About,
    /// Whether an earlier upload of the same file will do.
    reuse: bool,
    /// What is not encrypted, and what it is for.
    area: Option<Area>,
    hosts: Hosts,
    web: Option<Web>,
    ffmpeg: Option<String>,
}

/// By which files go to the media hosts.
pub(crate) struct Hosts {
    pub client: Client,
}

impl Job {
    /// `about` is `{ kind, mimetype?, fileName?, …, reuse? }`, as the program says it.
    pub fn new(
        source: Source,
        about: Value,
        client: Client,
        web: Option<Web>,
        ffmpeg: Option<String>,
    ) -> Result<Self, PublicError> {
        let reuse = about.get("reuse") != Some(&Value::Bool(false));
        let area = Area::of(&about);
        let kind = kind_of(about.get("kind").and_then(Value::as_str).unwrap_or_default())?;
        let mut about: About = serde_json::from_value(about).map_err(|error| {
            PublicError::new(ErrorCode::InvalidContent, format!("The file is not described well: {error}."))
        })?;
        if let Source::Path(path) = &source
            && about.file_name.is_none()
        {
            about.file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        }
        Ok(Self { source, kind, about, reuse, area, hosts: Hosts { client }, web, ffmpeg })
    }
}

/// A file ready to leave.
struct Sealed {
    /// Read by one attempt after the other.
    file: Arc<Mutex<SpooledTempFile>>,
    encrypted: Encrypted,
    /// It is no ciphertext, but the file itself, for this.
    area: Option<Area>,
}

/// Uploads it. Done with a [`File`].
pub(crate) async fn run(job: Job, mut line: Line) -> Result<Value, PublicError> {
    let (mut opened, _) = source::open(job.source, MAX_FILE, job.web.as_ref(), &mut line).await?;
    let mut about = job.about;
    let plays =
        matches!(job.kind, MediaKind::Video | MediaKind::Gif | MediaKind::Ptv | MediaKind::Audio | MediaKind::Ptt);
    let ffmpeg = if plays { Ffmpeg::find(job.ffmpeg.as_deref()).await } else { None };
    if job.kind == MediaKind::Ptt {
        opened = playing::voice_note(opened, &mut about, ffmpeg.as_ref()).await?;
    }
    let about = inspect(&mut opened, job.kind, about)?;
    let about = playing::inspect(&mut opened, job.kind, about, ffmpeg.as_ref()).await?;
    let file = if let Some(area) = job.area {
        put_plain(opened, job.kind, about, area, &job.hosts, &line).await?
    } else {
        put(opened, job.kind, about, job.reuse, &job.hosts, &line).await?
    };
    serde_json::to_value(file).map_err(|error| PublicError::new(ErrorCode::Internal, error.to_string()))
}

/// Brings a file to the hosts, unless it is there already.
pub(super) async fn put(
    mut source: Opened,
    kind: MediaKind,
    about: About,
    reuse: bool,
    to: &Hosts,
    line: &Line,
) -> Result<File, PublicError> {
    source.rewind().map_err(|error| file_failed(&error, "read"))?;
    let what = What { kind: name_of(kind).to_owned(), sha256: digest(&mut source)? };
    let known = if reuse { line.uploaded(what.clone()).await } else { None };
    let mut begun = None;
    if let Some(Known::Begun(key)) = known {
        begun = Some(key);
    } else if let Some(Known::There(known)) = known {
        let whole = chasqui_media::encrypted_length(known.size);
        line.progress(whole).at(whole.unwrap_or(known.size));
        let about = About { first_frame_sidecar: known.about.first_frame_sidecar.clone(), ..about };
        return Ok(File { about, ..*known });
    }
    let key = begun.unwrap_or_else(MediaKey::generate);
    let sealed = seal(source, &key, kind, about.first_frame_length)?;
    if reuse && sealed.encrypted.encrypted_length >= RESUMABLE {
        line.keep_upload(what.clone(), Known::Begun(key.clone()));
    }
    let place = send(&to.client, line, &sealed, kind).await?;
    let file = File::new(kind, &key, sealed.encrypted, place, unix_now(), about);
    let bare = About { first_frame_sidecar: file.about.first_frame_sidecar.clone(), ..About::default() };
    line.keep_upload(what, Known::There(Box::new(File { about: bare, ..file.clone() })));
    Ok(file)
}

/// Brings a file to the hosts as it is.
async fn put_plain(
    mut source: Opened,
    kind: MediaKind,
    about: About,
    area: Area,
    to: &Hosts,
    line: &Line,
) -> Result<File, PublicError> {
    source.rewind().map_err(|error| file_failed(&error, "read"))?;
    let sha256 = digest(&mut source)?;
    let mut file = SpooledTempFile::new(IN_MEMORY);
    let length = io::copy(&mut source, &mut file).map_err(|error| file_failed(&error, "kept in a temporary file"))?;
    let encrypted = Encrypted {
        file_sha256: sha256,
        file_enc_sha256: sha256,
        file_length: length,
        encrypted_length: length,
        streaming_sidecar: None,
        first_frame_sidecar: None,
    };
    let sealed = Sealed { file: Arc::new(Mutex::new(file)), encrypted, area: Some(area) };
    let place = send(&to.client, line, &sealed, kind).await?;
    Ok(File::plain(kind, sealed.encrypted, place, about))
}

/// The SHA-256 of a file, which is at its beginning before and after.
fn digest(source: &mut Opened) -> Result<[u8; 32], PublicError> {
    let unread = |error: io::Error| file_failed(&error, "read");
    let mut digest = Sha256::new();
    let mut piece = vec![0; CHUNK];
    loop {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => digest.update(piece.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unread(error)),
        }
    }
    source.rewind().map_err(unread)?;
    Ok(digest.finalize().into())
}

fn seal(mut source: Opened, key: &MediaKey, kind: MediaKind, first_frame: Option<u32>) -> Result<Sealed, PublicError> {
    let keys = key.derive(kind);
    let mut encryptor = Encryptor::new(&keys);
    if kind.has_sidecar() {
        encryptor = encryptor.with_sidecar(&keys);
    }
    if let Some(length) = first_frame {
        encryptor = encryptor.with_first_frame(&keys, length);
    }
    let mut file = SpooledTempFile::new(IN_MEMORY);
    let mut piece = vec![0; CHUNK];
    let mut out = Vec::with_capacity(CHUNK + 64);
    let kept = |error: io::Error| file_failed(&error, "kept in a temporary file");
    loop {
        let length = match source.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(file_failed(&error, "read")),
        };
        encryptor.update(piece.get(..length).unwrap_or_default(), &mut out);
        file.write_all(&out).map_err(kept)?;
        out.clear();
    }
    let encrypted = encryptor.finish(&mut out);
    file.write_all(&out).map_err(kept)?;
    Ok(Sealed { file: Arc::new(Mutex::new(file)), encrypted, area: None })
}

/// Why an attempt failed, and what helps.
enum Failure {
    /// Another host, or later.
    Host(String),
    /// Newer hosts: what entitled to the upload does not any more.
    Refused(u16),
    /// Nothing.
    Final(PublicError),
}

async fn send(client: &Client, line: &Line, sealed: &Sealed, kind: MediaKind) -> Result<Place, PublicError> {
    let mut hosts = line.hosts(None).await?;
    let mut renewed = false;
    let mut why = String::from("no host was tried");
    for round in 0..ROUNDS {
        let mut at = 0;
        while let Some(host) = hosts.names.get(at) {
            match attempt(client, line, sealed, kind, &hosts, host).await {
                Ok(place) => return Ok(place),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Refused(_)) if !renewed => {
                    renewed = true;
                    hosts = line.hosts(Some(&hosts)).await?;
                    at = 0;
                    continue;
                }
                Err(Failure::Refused(status)) => why = format!("the host answered with {status}"),
                Err(Failure::Host(reason)) => why = reason,
            }
            at += 1;
        }
        tokio::time::sleep(Duration::from_millis(500 << round)).await;
        hosts = line.hosts(None).await?;
    }
    Err(PublicError::new(ErrorCode::MediaFailed, format!("The file could not be uploaded: {why}.")))
}

async fn attempt(
    client: &Client,
    line: &Line,
    sealed: &Sealed,
    kind: MediaKind,
    hosts: &hosts::Hosts,
    host: &str,
) -> Result<Place, Failure> {
    let token = BASE64_URL_SAFE_NO_PAD.encode(sealed.encrypted.file_enc_sha256);
    let whole = sealed.encrypted.encrypted_length;
    let url = |more: &[(&str, &str)]| {
        let mut url = Url::parse(&format!("https://{host}{}/{token}", upload_path(kind, sealed.area)))
            .map_err(|_| Failure::Host("its name makes no URL".to_owned()))?;
        url.query_pairs_mut().append_pair("auth", &hosts.auth).append_pair("token", &token).extend_pairs(more);
        Ok(url)
    };
    let mut from = 0;
    if whole >= RESUMABLE {
        match resumption(client, url(&[("resume", "1")])?).await {
            Resumption::Complete(place) => return Ok(place),
            Resumption::From(offset) if offset < whole => from = offset,
            _ => {}
        }
    }
    let offset = from.to_string();
    let target = if from > 0 { url(&[("file_offset", &offset)])? } else { url(&[])? };
    let mut progress = line.progress(Some(whole));
    progress.at(from);
    let request = client
        .post(target)
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_LENGTH, whole - from)
        .body(body(sealed.file.clone(), from, progress)?);
    let answer = request.send().await.map_err(|error| Failure::Host(error.without_url().to_string()))?;
    let status = answer.status();
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return Err(Failure::Refused(status.as_u16()));
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let error = PublicError::new(ErrorCode::MediaTooLarge, "The host takes no file of this size.");
        return Err(Failure::Final(error.with("size", sealed.encrypted.file_length)));
    }
    if !status.is_success() {
        return Err(Failure::Host(format!("the host answered with {status}")));
    }
    let answer = read_answer(answer).await?;
    serde_json::from_slice(&answer).map_err(|_| Failure::Host("the host's answer names no place".to_owned()))
}

/// The file from `from` on, read as it is sent.
fn body(file: Arc<Mutex<SpooledTempFile>>, from: u64, progress: Progress) -> Result<Body, Failure> {
    let unread = |error: io::Error| Failure::Final(file_failed(&error, "read from a temporary file"));
    lock(&file).seek(SeekFrom::Start(from)).map_err(unread)?;
    Ok(Body::wrap_stream(stream::try_unfold((file, progress), async |(file, mut progress)| {
        let mut piece = vec![0; CHUNK];
        let length = lock(&file).read(&mut piece)?;
        piece.truncate(length);
        progress.more(length);
        Ok::<_, io::Error>((length > 0).then_some((piece, (file, progress))))
    })))
}

enum Resumption {
    Complete(Place),
    From(u64),
    Unknown,
}

#[derive(Deserialize)]
struct ResumeAnswer {
    resume: String,
}

async fn resumption(client: &Client, url: Url) -> Resumption {
    let Ok(answer) = client.post(url).header(header::CONTENT_LENGTH, 0).send().await else {
        return Resumption::Unknown;
    };
    if !answer.status().is_success() {
        return Resumption::Unknown;
    }
    let Ok(answer) = read_answer(answer).await else { return Resumption::Unknown };
    match serde_json::from_slice::<ResumeAnswer>(&answer) {
        Ok(told) if told.resume == "complete" => {
            serde_json::from_slice(&answer).map_or(Resumption::Unknown, Resumption::Complete)
        }
        Ok(told) => told.resume.parse().map_or(Resumption::Unknown, Resumption::From),
        Err(_) => Resumption::Unknown,
    }
}

async fn read_answer(mut answer: reqwest::Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(piece)) if bytes.len() + piece.len() <= MAX_ANSWER => bytes.extend_from_slice(&piece),
            Ok(Some(_)) => return Err(Failure::Host("the host's answer is too long".to_owned())),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(Failure::Host(error.without_url().to_string())),
        }
    }
}
