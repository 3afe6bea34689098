//! Downloads the file of a message, verifies and decrypts it (05-media §3.2 and §5).

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::{Decryptor, FileSink, MediaError, PlainVerifier, encrypted_length};
use chasqui_wire::Jid;
use reqwest::{Client, Response, StatusCode, Url, header};
use serde_json::{Value, json};
use tempfile::SpooledTempFile;

use super::{
    again::Wanted,
    file::{MAX_FILE, Remote},
    hosts::Hosts,
    part::Part,
    source::file_failed,
    transfer::Line,
};
use crate::options::Options;

/// Attempts that may fail one after the other without a byte in between.
const ATTEMPTS: u32 = 5;
/// Where files are when the session was not told (§1).
const DEFAULT_HOSTS: [&str; 2] = ["mmg.whatsapp.net", "mmg-fallback.whatsapp.net"];
/// Hosts that a message's own URL may name.
const SERVICE_DOMAIN: &str = ".whatsapp.net";
/// Bytes of a file that are kept in memory; of more, all are on the disk.
const IN_MEMORY: usize = 256 << 10;
/// Bytes that the program is given at a time.
const PIECE: usize = 64 << 10;

/// What is to be downloaded, and where to.
pub(crate) struct Job {
    remote: Remote,
    target: Option<PathBuf>,
    client: Client,
    /// The part that is wanted, if not all of it: from where, and up to where.
    range: Option<(u64, Option<u64>)>,
    /// By what a part is verified.
    sidecar: Option<Vec<u8>>,
    /// Whether the endpoint is the real service.
    service: bool,
    /// Names the message to the phone, when the hosts do not have its file any more.
    wanted: Option<Wanted>,
}

impl Job {
    /// For what the session itself needs.
    fn own(remote: Remote, client: Client, service: bool) -> Self {
        Self { remote, target: None, client, range: None, sidecar: None, service, wanted: None }
    }

    /// Reads `{ raw, path?, limit?, start?, end?, id?, chat?, fromMe?, sender? }`: a message in base64, the file to write (else
    /// the program gets the pieces), the most bytes to take, the part that is wanted, and which message it is.
    pub fn read(request: &Value, client: Client, options: &Options) -> Result<Self, PublicError> {
        let invalid = |message: &str| PublicError::new(ErrorCode::InvalidContent, message);
        let raw = request.get("raw").and_then(Value::as_str).and_then(|raw| BASE64_STANDARD.decode(raw).ok());
        let remote = raw.as_deref().and_then(Remote::of_message);
        let mut remote = remote.ok_or_else(|| invalid("The message has no file."))?;
        if remote.direct_path.is_none() && remote.url.is_none() {
            return Err(invalid("The message does not say where its file is."));
        }
        let limit = request.get("limit").and_then(Value::as_u64).unwrap_or(MAX_FILE);
        remote.expected.max_length = limit;
        let number = |name: &str| request.get(name).and_then(Value::as_u64);
        let range = match (number("start"), number("end")) {
            (None, None) => None,
            (start, end) => Some((start.unwrap_or(0), end)),
        };
        // Of a long file a short part may be taken.
        if let Some(size) = remote.expected.file_length.filter(|size| *size > limit && range.is_none()) {
            return Err(too_large(limit).with("size", size));
        }
        let target = request.get("path").and_then(Value::as_str).map(PathBuf::from);
        let service = options.endpoint.url == crate::options::SERVICE_URL;
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        let jid = |name: &str| text(name).and_then(|text| text.parse::<Jid>().ok());
        let wanted = match (text("id"), jid("chat"), &remote.key) {
            (Some(id), Some(chat), Some(key)) => Some(Wanted {
                id: id.to_owned(),
                chat,
                from_me: request.get("fromMe") == Some(&Value::Bool(true)),
                sender: jid("sender"),
                key: key.clone(),
            }),
            _ => None,
        };
        let sidecar = raw.as_deref().filter(|_| range.is_some()).and_then(super::file::sidecar);
        Ok(Self { remote, target, client, range, sidecar, service, wanted })
    }
}

fn too_large(limit: u64) -> PublicError {
    PublicError::new(ErrorCode::MediaTooLarge, format!("The file has more than {limit} bytes.")).with("limit", limit)
}

/// What takes the plaintext.
enum Sink {
    File(FileSink),
    Program,
    Memory(Vec<u8>),
    /// Takes the encrypted bytes instead.
    Sealed(SpooledTempFile),
}

/// What checks the bytes.
enum Reader {
    Sealed(Box<Decryptor>),
    Plain(PlainVerifier),
    Part(Part),
}

impl Reader {
    /// `None` for a part that is empty.
    fn new(job: &Job) -> Result<Option<Self>, PublicError> {
        let remote = &job.remote;
        if let Some((start, end)) = job.range {
            return Ok(Part::new(remote, job.sidecar.as_deref(), start, end)?.map(Self::Part));
        }
        Ok(Some(match &remote.key {
            Some(key) => Self::Sealed(Box::new(Decryptor::new(&key.derive(remote.kind), remote.expected.clone()))),
            None => Self::Plain(PlainVerifier::new(remote.expected.clone())),
        }))
    }

    /// Where the part ends that is to be fetched.
    fn end(&self) -> Option<u64> {
        if let Self::Part(part) = self { Some(part.left().end) } else { None }
    }

    fn position(&self) -> u64 {
        match self {
            Self::Sealed(decryptor) => decryptor.received(),
            Self::Plain(verifier) => verifier.received(),
            Self::Part(part) => part.left().start,
        }
    }

    fn update(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), MediaError> {
        match self {
            Self::Sealed(decryptor) => decryptor.update(bytes, out),
            Self::Plain(verifier) => {
                verifier.update(bytes)?;
                out.extend_from_slice(bytes);
                Ok(())
            }
            Self::Part(part) => part.update(bytes, out),
        }
    }

    /// How long it is.
    fn finish(self, out: &mut Vec<u8>) -> Result<u64, MediaError> {
        match self {
            Self::Sealed(decryptor) => Ok(decryptor.finish(out)?.file_length),
            Self::Plain(verifier) => Ok(verifier.finish()?.file_length),
            Self::Part(part) => part.finish(),
        }
    }
}

/// Downloads it. Done with `{ size, path? }`, after the last piece was given.
pub(crate) async fn run(mut job: Job, line: Line) -> Result<Value, PublicError> {
    let mut sink = match &job.target {
        Some(path) => {
            let failed = |error: io::Error| file_failed(&error, "written").with("path", path.display().to_string());
            Sink::File(FileSink::create(path).map_err(failed)?)
        }
        None => Sink::Program,
    };
    let size = download(&mut job, &line, &mut sink).await?;
    match sink {
        Sink::File(file) => {
            file.commit().map_err(|error| file_failed(&error, "written"))?;
            Ok(json!({ "size": size, "path": job.target }))
        }
        Sink::Program | Sink::Memory(_) | Sink::Sealed(_) => Ok(json!({ "size": size })),
    }
}

/// A small file that the session itself needs, decrypted and verified.
pub(crate) async fn whole(remote: Remote, client: Client, service: bool, line: Line) -> Result<Vec<u8>, PublicError> {
    let mut sink = Sink::Memory(Vec::new());
    download(&mut Job::own(remote, client, service), &line, &mut sink).await?;
    match sink {
        Sink::Memory(bytes) => Ok(bytes),
        _ => unreachable!("it was made above"),
    }
}

/// A file that the session itself needs, verified and as it came: it is decrypted where it is read.
pub(crate) async fn sealed(
    remote: Remote,
    client: Client,
    service: bool,
    line: Line,
) -> Result<SpooledTempFile, PublicError> {
    let mut sink = Sink::Sealed(SpooledTempFile::new(IN_MEMORY));
    download(&mut Job::own(remote, client, service), &line, &mut sink).await?;
    match sink {
        Sink::Sealed(file) => Ok(file),
        _ => unreachable!("it was made above"),
    }
}

/// Gives the sink the whole file, and its size; before that nothing that the sink has is verified.
async fn download(job: &mut Job, line: &Line, sink: &mut Sink) -> Result<u64, PublicError> {
    let mut places = Places::default();
    let Some(mut reader) = Reader::new(job)? else { return Ok(0) };
    let length = match &reader {
        Reader::Part(part) => Some(part.length()),
        _ => job.remote.expected.file_length,
    };
    if job.range.is_some() && length.is_some_and(|length| length > job.remote.expected.max_length) {
        return Err(too_large(job.remote.expected.max_length));
    }
    let mut progress = line.progress(length);
    let (mut given, mut failures) = (0, 0);
    let mut out = Vec::with_capacity(2 * PIECE);
    let total = reader.end().or_else(|| {
        let length = job.remote.expected.file_length?;
        if job.remote.key.is_some() { encrypted_length(length) } else { Some(length) }
    });
    loop {
        let from = reader.position();
        let url = places.current(job, line).await?;
        let step = fetch(&job.client, url, from, reader.end()).await;
        let mut response = match step {
            Ok(response) => response,
            Err(Trouble::Final(error)) => return Err(error),
            Err(Trouble::Gone(status)) => {
                // Only once: what the phone has just uploaded is there, or never will be.
                let gone = |error: PublicError| error.with("status", status);
                let Some(wanted) = job.wanted.take() else {
                    let message = "The hosts do not have the file any more.";
                    return Err(gone(PublicError::new(ErrorCode::MediaGone, message)));
                };
                let path = line.again(wanted).await.map_err(gone)?;
                job.remote.direct_path = Some(path);
                continue;
            }
            Err(trouble) => {
                failures += 1;
                places.after(line, &trouble, failures).await?;
                continue;
            }
        };
        let broken = loop {
            match response.chunk().await {
                Ok(Some(bytes)) => {
                    failures = 0;
                    reader.update(&bytes, &mut out).map_err(refused)?;
                    if let Sink::Sealed(file) = sink {
                        file.write_all(&bytes).map_err(|error| file_failed(&error, "written"))?;
                    }
                    given += pass(&mut out, sink, line, PIECE).await?;
                    progress.at(given.min(length.unwrap_or(given)));
                }
                Ok(None) => break None,
                Err(error) => break Some(error.without_url().to_string()),
            }
        };
        // A host that closes early without an error has cut the file as well, if it is known how long that is.
        let short = total.is_some_and(|total| reader.position() < total);
        let Some(why) = broken.or_else(|| short.then(|| "the file was cut short".to_owned())) else { break };
        failures += 1;
        places.after(line, &Trouble::Host(why), failures).await?;
    }
    let length = reader.finish(&mut out).map_err(refused)?;
    pass(&mut out, sink, line, 1).await?;
    progress.at(length);
    Ok(length)
}

/// Hands on what there is, once it is `least` bytes.
async fn pass(out: &mut Vec<u8>, sink: &mut Sink, line: &Line, least: usize) -> Result<u64, PublicError> {
    if out.len() < least {
        return Ok(0);
    }
    let length = out.len() as u64;
    match sink {
        Sink::File(file) => {
            file.write_all(out).map_err(|error| file_failed(&error, "written"))?;
            out.clear();
        }
        Sink::Memory(bytes) => bytes.append(out),
        Sink::Sealed(_) => out.clear(),
        Sink::Program => line.give(std::mem::replace(out, Vec::with_capacity(2 * PIECE))).await,
    }
    Ok(length)
}

pub(super) fn refused(error: MediaError) -> PublicError {
    match error {
        MediaError::TooLong { limit } => too_large(limit),
        MediaError::Read(error) | MediaError::Write(error) => file_failed(&error, "written"),
        error => PublicError::new(ErrorCode::MediaCorrupt, format!("The file is not what was sent: {error}.")),
    }
}

/// Why a host gave nothing.
enum Trouble {
    /// Another host, or later; after this pause if it says so.
    Host(String),
    Busy(Duration),
    /// The hosts do not have it (any more).
    Gone(u16),
    /// What is known of the hosts is out of date.
    Stale,
    Final(PublicError),
}

/// Fetches the file from `from` on, up to `end` if that is given.
async fn fetch(client: &Client, url: Url, from: u64, end: Option<u64>) -> Result<Response, Trouble> {
    let mut request = client.get(url);
    let whole = from == 0 && end.is_none();
    if !whole {
        let last = end.map(|end| end.saturating_sub(1).to_string()).unwrap_or_default();
        request = request.header(header::RANGE, format!("bytes={from}-{last}"));
    }
    let response = request.send().await.map_err(|error| Trouble::Host(error.without_url().to_string()))?;
    match response.status() {
        StatusCode::OK if whole => Ok(response),
        StatusCode::PARTIAL_CONTENT if starts_at(&response, from) => Ok(response),
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => {
            // It was to go on where the connection broke, or a part was wanted.
            let message = "The host gives no part of a file.";
            Err(Trouble::Final(PublicError::new(ErrorCode::MediaFailed, message)))
        }
        StatusCode::UNAUTHORIZED => Err(Trouble::Stale),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(Trouble::Gone(response.status().as_u16()))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let seconds =
                response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Err(Trouble::Busy(Duration::from_secs(u64::min(seconds.unwrap_or(1), 30))))
        }
        status => Err(Trouble::Host(format!("the host answered with {status}"))),
    }
}

fn starts_at(response: &Response, from: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()) == Some(from)
}

/// Where the file may be, and which of that is tried now.
#[derive(Default)]
struct Places {
    hosts: Option<Arc<Hosts>>,
    at: usize,
    renewed: bool,
}

impl Places {
    async fn current(&mut self, job: &Job, line: &Line) -> Result<Url, PublicError> {
        let unusable = || PublicError::new(ErrorCode::MediaFailed, "The message does not say where its file is.");
        if self.hosts.is_none() {
            match line.hosts(None).await {
                Ok(hosts) => self.hosts = Some(hosts),
                // The service's own hosts have not changed in years: they do without a connection.
                Err(_) if job.service => {}
                Err(error) => return Err(error),
            }
        }
        let remote = &job.remote;
        let Some(path) = &remote.direct_path else {
            let url = remote.url.as_deref().and_then(|url| Url::parse(url).ok()).filter(|url| self.may_fetch(url));
            return url.ok_or_else(unusable);
        };
        let host = match &self.hosts {
            Some(hosts) => hosts.names.get(self.at % hosts.names.len()).map(String::as_str),
            None => DEFAULT_HOSTS.get(self.at % DEFAULT_HOSTS.len()).copied(),
        };
        let hash = remote.expected.file_enc_sha256.or(remote.expected.file_sha256);
        let mut url = Url::parse(&format!("https://{}{path}", host.ok_or_else(unusable)?)).map_err(|_| unusable())?;
        if let Some(hash) = hash {
            url.query_pairs_mut().append_pair("hash", &BASE64_URL_SAFE.encode(hash));
        }
        url.query_pairs_mut().append_pair("mms-type", super::file::mms_type(remote.kind)).append_pair("__wa-mms", "");
        Ok(url)
    }

    /// Whoever writes a message chooses its URL: only the service's hosts are asked.
    fn may_fetch(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let known = self.hosts.as_ref().is_some_and(|hosts| hosts.names.contains(&authority));
        url.scheme() == "https" && (known || host.ends_with(SERVICE_DOMAIN))
    }

    /// Chooses what to try next, after a pause where that helps.
    async fn after(&mut self, line: &Line, trouble: &Trouble, failures: u32) -> Result<(), PublicError> {
        let why = match trouble {
            Trouble::Host(why) => why.clone(),
            Trouble::Busy(_) => "the hosts are busy".to_owned(),
            Trouble::Stale => "the hosts refuse it".to_owned(),
            Trouble::Gone(status) => format!("the hosts answered with {status}"),
            Trouble::Final(error) => return Err(error.clone()),
        };
        if failures >= ATTEMPTS || (matches!(trouble, Trouble::Stale) && self.renewed) {
            return Err(PublicError::new(ErrorCode::MediaFailed, format!("The file could not be downloaded: {why}.")));
        }
        match trouble {
            Trouble::Stale => {
                self.renewed = true;
                self.hosts = Some(line.hosts(self.hosts.as_ref()).await?);
            }
            Trouble::Busy(pause) => tokio::time::sleep(*pause).await,
            _ => {
                self.at += 1;
                tokio::time::sleep(Duration::from_millis(200 << failures.min(4))).await;
            }
        }
        Ok(())
    }
}
