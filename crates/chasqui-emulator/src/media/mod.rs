//! The media hosts: encrypted files, and those of channels, that clients upload and download over HTTPS on the same port
//! as everything else (05-media §12, the contract §9.14).
//!
//! Who asks for `media_conn` gets an `auth` that uploads must show. Files are kept by the hash of what was uploaded, in a
//! folder that goes when the service does. A direct path leads to a file until it is removed: the file itself stays,
//! since the phones of those who sent it have it too, and can upload it again (`retry`). Bytes flow between sockets and
//! files in the tasks of the connections; the world is only asked where to.
//!
//! | module | keeps |
//! |---|---|
//! | `kinds` | what files are called |
//! | `upload`, `download` | HTTP |
//! | [`faults`] | what goes wrong on request |
//! | `library` | what tests put, take, look at and remove |
//! | `retry` | phones that upload a file again |

mod download;
pub mod faults;
mod kinds;
mod library;
mod retry;
mod upload;

use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chasqui_wire::{curve::random_bytes, node::Node};
use hyper::{Method, Request, StatusCode, body::Incoming, header};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::{TempDir, TempPath};

use crate::{
    Emulator,
    clock::{Clock, Millis},
    http::{Reply, text},
    phone::Bounded,
    world::World,
};

pub(crate) use faults::MediaFaults;
pub use library::{MediaOptions, StoredMedia};
pub(crate) use library::{put, put_now};

/// Most direct paths at a time; the oldest goes.
const MAX_PATHS: usize = 100_000;
/// Most uploads that broke off and can be resumed.
const MAX_PARTIAL: usize = 64;
/// Most `auth`s at a time.
const MAX_AUTHS: usize = 100_000;
/// How long a direct path says that it is good, in seconds. It is good for longer.
const PATH_LIFE: u64 = 30 * 86_400;
/// Bytes that are read or written at a time.
const CHUNK: usize = 64 * 1024;
/// Most bytes of a refused upload that are read before it is told so.
const MAX_DRAIN: u64 = 64 << 20;

/// The base64url of the SHA-256 of a stored file, without padding: a token, where the service chooses none itself.
type FileId = String;

/// A direct path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaInfo {
    /// With its query, as messages have it.
    pub direct_path: String,
    /// The last part but one of the path that it was uploaded to: `image`, `ptt`, …
    pub kind: String,
    /// The base64url of the SHA-256 of what is stored.
    pub token: String,
    /// Bytes stored.
    pub length: u64,
    /// How often it was downloaded, parts included and refusals not.
    pub fetched: u64,
}

struct Location {
    info: MediaInfo,
    order: u64,
}

struct Stored {
    file: Arc<TempPath>,
    length: u64,
}

/// An upload that broke off.
struct Partial {
    file: TempPath,
    length: u64,
}

/// The hosts' state. What is left out of a fault, a time or a limit is in [`crate::Options`].
pub(crate) struct Media {
    /// `host:port`, as clients reach it.
    authority: String,
    ttl: Duration,
    auth_ttl: Duration,
    limit: u64,
    folder: Option<Arc<TempDir>>,
    auths: HashMap<String, Millis>,
    files: HashMap<FileId, Stored>,
    /// By path without query.
    paths: HashMap<String, Location>,
    /// The paths in the order in which they were made.
    order: BTreeMap<u64, String>,
    partial: Bounded<String, Partial>,
    made: u64,
    pub faults: MediaFaults,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    status: StatusCode,
    reason: &'static str,
    /// Seconds.
    retry_after: Option<u64>,
}

impl Refusal {
    const fn new(status: StatusCode, reason: &'static str) -> Self {
        Self { status, reason, retry_after: None }
    }

    fn reply(&self) -> Reply {
        let mut reply = text(self.status, self.reason);
        if let Some(seconds) = self.retry_after {
            reply.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        reply
    }
}

impl Media {
    pub fn new(authority: String, options: &crate::Options) -> Self {
        Self {
            authority,
            ttl: options.media_ttl,
            auth_ttl: options.media_auth_ttl,
            limit: options.media_limit,
            folder: None,
            auths: HashMap::new(),
            files: HashMap::new(),
            paths: HashMap::new(),
            order: BTreeMap::new(),
            partial: Bounded::new(MAX_PARTIAL),
            made: 0,
            faults: MediaFaults::default(),
        }
    }

    /// Forgets every file, path, `auth` and fault.
    pub fn clear(&mut self) {
        self.auths.clear();
        self.paths.clear();
        self.order.clear();
        self.files.clear();
        self.partial = Bounded::new(MAX_PARTIAL);
        self.faults = MediaFaults::default();
        // Downloads under way keep it until they are done.
        self.folder = None;
    }

    /// Where files go.
    fn folder(&mut self) -> io::Result<Arc<TempDir>> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let folder = Arc::new(tempfile::Builder::new().prefix("chasqui-media-").tempdir()?);
        self.folder = Some(folder.clone());
        Ok(folder)
    }

    /// Whether this is where files go still: everything may have been forgotten since.
    fn has(&self, folder: &Arc<TempDir>) -> bool {
        self.folder.as_ref().is_some_and(|current| Arc::ptr_eq(current, folder))
    }

    /// `<media_conn>` for a client (§1).
    fn connection(&mut self, now: Millis) -> Node<'static> {
        self.auths.retain(|_, expires| expires.0 > now.0);
        if self.auths.len() >= MAX_AUTHS {
            self.auths.clear();
        }
        let auth = URL_SAFE_NO_PAD.encode(random_bytes::<24>());
        let millis = u64::try_from(self.auth_ttl.as_millis()).unwrap_or(u64::MAX);
        self.auths.insert(auth.clone(), Millis(now.0.saturating_add(millis)));
        let host = |kind: &'static str| {
            Node::new("host")
                .attr("hostname", self.authority.clone())
                .attr("type", kind)
                .children([Node::new("upload"), Node::new("download")])
        };
        Node::new("media_conn")
            .attr("auth", auth)
            .attr("ttl", self.ttl.as_secs())
            .attr("auth_ttl", self.auth_ttl.as_secs())
            .attr("max_buckets", 12u8)
            .children([host("primary"), host("fallback")])
    }

    fn is_authorized(&self, auth: &str, now: Millis) -> bool {
        self.auths.get(auth).is_some_and(|expires| expires.0 > now.0)
    }

    /// Every `auth` is worth nothing from now on.
    fn expire_auths(&mut self) {
        self.auths.clear();
    }

    /// Takes a file into the store; one that is there already stays.
    fn keep(&mut self, id: &FileId, file: TempPath, length: u64) {
        self.partial.remove(id);
        self.files.entry(id.clone()).or_insert_with(|| Stored { file: Arc::new(file), length });
    }

    /// A direct path to a file, of which the first is used again unless a `fresh` one is wanted; `None` if there is no
    /// such file.
    fn place(&mut self, id: &FileId, kind: &str, fresh: bool, clock: Clock) -> Option<MediaInfo> {
        let length = self.files.get(id)?.length;
        let folder = kinds::folder(kind);
        let mut path = format!("/v/{folder}/{id}.enc");
        if let Some(known) = self.paths.get(&path).filter(|_| !fresh) {
            return Some(known.info.clone());
        }
        self.made += 1;
        if fresh {
            path = format!("/v/{folder}/{id}-{}.enc", self.made);
        }
        let signature = URL_SAFE_NO_PAD.encode(random_bytes::<16>());
        let expires = clock.now().seconds() + PATH_LIFE;
        let info = MediaInfo {
            direct_path: format!("{path}?ccb=11-4&oh={signature}&oe={expires:X}&_nc_sid=5e03e0"),
            kind: kind.to_owned(),
            token: id.clone(),
            length,
            fetched: 0,
        };
        self.order.insert(self.made, path.clone());
        self.paths.insert(path, Location { info: info.clone(), order: self.made });
        if self.paths.len() > MAX_PATHS
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.paths.remove(&oldest);
        }
        Some(info)
    }

    /// What a client is told after an upload (§4).
    fn placed(&self, info: &MediaInfo) -> Value {
        json!({
            "url": self.url(&info.direct_path),
            "direct_path": info.direct_path,
            "handle": info.token,
            "object_id": info.token,
        })
    }

    /// The address of a direct path.
    fn url(&self, direct_path: &str) -> String {
        format!("https://{}{direct_path}&mms3=true", self.authority)
    }

    /// Takes a path away; the file stays, unless it is to go `everywhere`. False if there is no such path.
    pub fn remove(&mut self, direct_path: &str, everywhere: bool) -> bool {
        let Some(gone) = self.paths.remove(bare_path(direct_path)) else { return false };
        self.order.remove(&gone.order);
        if everywhere {
            self.files.remove(&gone.info.token);
            let others = self.paths.extract_if(|_, other| other.info.token == gone.info.token);
            for (_, other) in others {
                self.order.remove(&other.order);
            }
        }
        true
    }

    /// Takes every path of a file away; the file stays.
    fn remove_paths(&mut self, id: &FileId) {
        for (_, gone) in self.paths.extract_if(|_, other| other.info.token == *id) {
            self.order.remove(&gone.order);
        }
    }
}

impl World {
    /// The answer to `<media_conn/>`.
    pub fn media_conn(&mut self) -> Node<'static> {
        let now = self.clock.now();
        self.media.connection(now)
    }
}

/// A direct path without its query: clients end it with `?` or with `&`, or with both (§5).
fn bare_path(path: &str) -> &str {
    path.split(['?', '&']).next().unwrap_or(path)
}

/// Whether a request is one for the hosts.
pub(crate) fn concerns(request: &Request<Incoming>) -> bool {
    let path = request.uri().path();
    match *request.method() {
        Method::POST | Method::DELETE => kinds::AREAS.iter().any(|area| path.starts_with(area)),
        Method::GET | Method::HEAD => path.starts_with("/v/"),
        _ => false,
    }
}

/// Answers a request for the hosts. An error ends the connection without an answer.
pub(crate) async fn answer(request: Request<Incoming>, emulator: Arc<Emulator>) -> io::Result<Reply> {
    match *request.method() {
        Method::POST => {
            // A connection that breaks takes its own work with it, and what came until then shall be kept.
            tokio::spawn(upload::take(request, emulator)).await.map_err(io::Error::other)?
        }
        Method::DELETE => upload::delete(request, emulator).await,
        _ => download::give(request, emulator).await,
    }
}

/// What a file or the world itself did wrong is the service's fault.
fn broken(error: impl std::fmt::Display) -> Reply {
    text(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
}

/// The time that so many bytes take at a rate per second.
fn time_for(bytes: usize, rate: Option<u64>) -> Option<Duration> {
    let rate = rate.filter(|rate| *rate > 0)?;
    let micros = (bytes as u64).saturating_mul(1_000_000) / rate;
    Some(Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes_with_what_is_in_it() {
        let mut media = Media::new("127.0.0.1:1".to_owned(), &crate::Options::default());
        let folder = media.folder().unwrap().path().to_owned();
        let file = tempfile::NamedTempFile::new_in(&folder).unwrap().into_temp_path();
        media.keep(&"x".to_owned(), file, 0);
        assert!(folder.exists());
        media.clear();
        assert!(!folder.exists());
        let again = media.folder().unwrap().path().to_owned();
        drop(media);
        assert!(!again.exists());
    }

    #[test]
    fn a_file_has_one_path_until_a_fresh_one_is_wanted() {
        let mut media = Media::new("127.0.0.1:1".to_owned(), &crate::Options::default());
        let clock = Clock { offset: 0 };
        let id = "abc".to_owned();
        assert_eq!(media.place(&id, "image", false, clock), None);
        let folder = media.folder().unwrap();
        media.keep(&id, tempfile::NamedTempFile::new_in(folder.path()).unwrap().into_temp_path(), 0);
        let mut place = |fresh| media.place(&id, "image", fresh, clock).unwrap().direct_path;
        let (first, second, third) = (place(false), place(false), place(true));
        assert!(first == second && first != third);
        assert!(media.remove(&first, true));
        assert!(!media.remove(&third, false), "everywhere means every path");
    }
}
