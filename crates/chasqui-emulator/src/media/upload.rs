//! Uploads: `POST /AREA/KIND/TOKEN?auth=…&token=…`, the two requests of a resumed one, and DELETE (05-media §4).

use std::{io, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, StatusCode, Uri, body::Incoming, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::{TempDir, TempPath};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
    time::sleep,
};

use super::{
    CHUNK, MAX_DRAIN, Media, Partial, Refusal,
    faults::{Bend, MediaFaultRule, Side},
    kinds::AREAS,
    time_for,
};
use crate::{
    Emulator,
    clock::Clock,
    error::EmulatorError,
    http::{Reply, json_reply},
    world::World,
};

/// Longest name of a kind, and longest token.
const MAX_NAME: usize = 128;

const TOO_LONG: Refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the file is too long");
const NO_RIGHT: Refusal = Refusal::new(StatusCode::UNAUTHORIZED, "this auth is not, or no longer, good");

/// What the address of an upload says.
#[derive(Debug, PartialEq, Eq)]
struct Upload {
    path: String,
    kind: String,
    /// Without padding.
    token: String,
    /// Whether the token must be the hash of the file: not for what is not encrypted.
    hashed: bool,
    auth: String,
    resume: bool,
    offset: u64,
}

impl Upload {
    fn read(uri: &Uri) -> Option<Self> {
        let path = uri.path();
        let area = AREAS.into_iter().find(|area| path.starts_with(area))?;
        let (kind, token) = path.strip_prefix(area)?.split_once('/')?;
        // Some clients pad it, and may then escape the padding.
        let token = token.trim_end_matches("%3D").trim_end_matches("%3d").trim_end_matches('=');
        let safe = |text: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(allowed)
        };
        let hashed = area == "/mms/";
        let is_hash = || URL_SAFE_NO_PAD.decode(token).is_ok_and(|hash| hash.len() == 32);
        if !safe(kind) || !safe(token) || (hashed && !is_hash()) {
            return None;
        }
        let mut upload = Self {
            path: path.to_owned(),
            kind: kind.to_owned(),
            token: token.to_owned(),
            hashed,
            auth: String::new(),
            resume: false,
            offset: 0,
        };
        for (key, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match &*key {
                "auth" => upload.auth = value.into_owned(),
                "resume" => upload.resume = value == "1",
                "file_offset" => upload.offset = value.parse().ok()?,
                _ => {}
            }
        }
        Some(upload)
    }
}

/// What becomes of an upload.
enum Begun {
    /// Nothing is to be sent.
    Answered(Value),
    Refused(Refusal),
    Taken(Taking),
}

struct Taking {
    folder: Arc<TempDir>,
    /// What was sent before, of which the upload's offset is kept.
    partial: Option<Partial>,
    limit: u64,
    fault: Option<MediaFaultRule>,
}

impl Media {
    fn begin(&mut self, upload: &Upload, clock: Clock) -> Begun {
        // A question is no upload, and would use up the fault that is meant for the upload after it.
        let fault = if upload.resume { None } else { self.faults.strike(Side::Upload, &upload.path) };
        if let Some(refusal) = fault.as_ref().and_then(MediaFaultRule::refusal) {
            return Begun::Refused(refusal);
        }
        if !self.is_authorized(&upload.auth, clock.now()) {
            return Begun::Refused(NO_RIGHT);
        }
        if upload.resume {
            if let Some(info) = self.place(&upload.token, &upload.kind, false, clock) {
                let mut answer = self.placed(&info);
                answer["resume"] = "complete".into();
                return Begun::Answered(answer);
            }
            let length = self.partial.get(&upload.token).map_or(0, |partial| partial.length);
            return Begun::Answered(json!({ "resume": length.to_string() }));
        }
        let partial = match upload.offset {
            0 => None,
            offset => match self.partial.remove(&upload.token) {
                Some(partial) if partial.length >= offset => Some(partial),
                _ => return Begun::Refused(Refusal::new(StatusCode::BAD_REQUEST, "there is not so much of it")),
            },
        };
        match self.folder() {
            Ok(folder) => Begun::Taken(Taking { folder, partial, limit: self.limit, fault }),
            Err(error) => {
                tracing::warn!("there is no folder for media: {error}");
                Begun::Refused(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "there is no folder for it"))
            }
        }
    }
}

/// How the body of an upload ended.
enum End {
    Whole,
    /// The client, or a fault, broke it off.
    Cut,
    TooLong,
}

/// A file that is being written, with the hash of what is in it.
struct Growing {
    file: File,
    path: TempPath,
    hash: Sha256,
    length: u64,
}

impl Growing {
    async fn open(folder: &TempDir, partial: Option<Partial>, offset: u64) -> io::Result<Self> {
        if let Some(Partial { file: path, .. }) = partial {
            let mut file = File::options().read(true).write(true).open(&path).await?;
            file.set_len(offset).await?;
            let mut hash = Sha256::new();
            let mut buffer = vec![0; CHUNK];
            loop {
                match file.read(&mut buffer).await? {
                    0 => break,
                    read => hash.update(buffer.get(..read).unwrap_or_default()),
                }
            }
            file.seek(io::SeekFrom::Start(offset)).await?;
            return Ok(Self { file, path, hash, length: offset });
        }
        let (file, path) = tempfile::Builder::new().prefix("upload-").tempfile_in(folder.path())?.into_parts();
        Ok(Self { file: File::from_std(file), path, hash: Sha256::new(), length: 0 })
    }

    async fn append(&mut self, data: &Bytes) -> io::Result<()> {
        self.hash.update(data);
        self.file.write_all(data).await?;
        self.length += data.len() as u64;
        Ok(())
    }

    /// Writes the body until it ends, in one way or another.
    async fn fill(&mut self, body: &mut Incoming, announced: Option<u64>, taking: &Taking) -> io::Result<End> {
        let bend = taking.fault.as_ref().map(|fault| fault.what);
        let rate = taking.fault.as_ref().and_then(|fault| fault.bytes_per_second);
        let mut cut_after = match bend {
            Some(Bend::Cut) => taking.fault.as_ref().and_then(|fault| fault.after),
            _ => None,
        };
        let mut taken = 0;
        if cut_after == Some(0) {
            return Ok(End::Cut);
        }
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Ok(End::Cut) };
            let Ok(mut data) = frame.into_data() else { continue };
            if let Some(left) = &mut cut_after {
                data.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= data.len() as u64;
            }
            if self.length + data.len() as u64 > taking.limit {
                return Ok(End::TooLong);
            }
            self.append(&data).await?;
            taken += data.len() as u64;
            if cut_after == Some(0) {
                return Ok(End::Cut);
            }
            if let Some(pause) = time_for(data.len(), rate) {
                sleep(pause).await;
            }
        }
        Ok(if announced.is_some_and(|announced| taken < announced) { End::Cut } else { End::Whole })
    }
}

/// Takes an upload.
pub(super) async fn take(request: Request<Incoming>, emulator: Arc<Emulator>) -> io::Result<Reply> {
    let (parts, mut body) = request.into_parts();
    let Some(upload) = Upload::read(&parts.uri) else {
        drain(&mut body).await;
        return Ok(Refusal::new(StatusCode::BAD_REQUEST, "not the address of an upload").reply());
    };
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let (begun, upload) = match ask(&emulator, move |world| (world.media.begin(&upload, world.clock), upload)).await {
        Ok(begun) => begun,
        Err(reply) => return Ok(reply),
    };
    let mut taking = match begun {
        Begun::Taken(taking) => taking,
        Begun::Answered(answer) => {
            drain(&mut body).await;
            return Ok(json_reply(Ok(answer)));
        }
        Begun::Refused(refusal) => {
            drain(&mut body).await;
            return Ok(refusal.reply());
        }
    };
    if announced.is_some_and(|announced: u64| announced.saturating_add(upload.offset) > taking.limit) {
        drain(&mut body).await;
        return Ok(TOO_LONG.reply());
    }
    if let Some(pause) = taking.fault.as_ref().and_then(MediaFaultRule::pause) {
        sleep(pause).await;
    }
    let mut growing = match Growing::open(&taking.folder, taking.partial.take(), upload.offset).await {
        Ok(growing) => growing,
        Err(error) => return Ok(super::broken(error)),
    };
    let end = match growing.fill(&mut body, announced, &taking).await {
        Ok(end) => end,
        Err(error) => return Ok(super::broken(error)),
    };
    if let Err(error) = growing.file.flush().await {
        return Ok(super::broken(error));
    }
    match end {
        End::Whole => finish(&emulator, taking.folder, upload, growing).await,
        End::Cut => {
            let (token, folder) = (upload.token, taking.folder);
            let partial = Partial { file: growing.path, length: growing.length };
            let keep = move |world: &mut World| {
                if world.media.has(&folder) {
                    world.media.partial.insert(token, partial);
                }
            };
            // Where there is no world any more, there is no other upload either.
            let _ = emulator.ask(keep).await;
            Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the upload was cut"))
        }
        End::TooLong => {
            drain(&mut body).await;
            Ok(TOO_LONG.reply())
        }
    }
}

/// Puts a file into the store that is all there.
async fn finish(emulator: &Emulator, folder: Arc<TempDir>, upload: Upload, growing: Growing) -> io::Result<Reply> {
    let id = URL_SAFE_NO_PAD.encode(growing.hash.finalize());
    if upload.hashed && id != upload.token {
        return Ok(Refusal::new(StatusCode::BAD_REQUEST, "the token is not the hash of the file").reply());
    }
    let (path, length) = (growing.path, growing.length);
    let placed = ask(emulator, move |world| {
        if !world.media.has(&folder) {
            return None;
        }
        world.media.keep(&id, path, length);
        let info = world.media.place(&id, &upload.kind, false, world.clock)?;
        let mut placed = world.media.placed(&info);
        if upload.kind == "biz-cover-photo" {
            // By this the profile of a business names it.
            placed["fbid"] = info.token.clone().into();
            placed["meta_hmac"] = format!("hmac-{}", info.token).into();
            placed["ts"] = world.clock.now().seconds().into();
        }
        Some(placed)
    });
    Ok(match placed.await {
        Ok(placed) => json_reply(placed.ok_or_else(|| EmulatorError::Failed("the file is gone".to_owned()))),
        Err(reply) => reply,
    })
}

/// Takes away what was uploaded: one direct path, or all of a file (§4.3).
pub(super) async fn delete(request: Request<Incoming>, emulator: Arc<Emulator>) -> io::Result<Reply> {
    let Some(upload) = Upload::read(request.uri()) else {
        return Ok(Refusal::new(StatusCode::BAD_REQUEST, "not the address of an upload").reply());
    };
    let query = request.uri().query().unwrap_or_default();
    let path = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "d_md").and_then(|(_, path)| {
        let path = URL_SAFE_NO_PAD.decode(path.trim_end_matches('=')).ok()?;
        String::from_utf8(path).ok()
    });
    let removed = ask(&emulator, move |world| {
        if !world.media.is_authorized(&upload.auth, world.clock.now()) {
            return Err(NO_RIGHT);
        }
        match path {
            Some(path) => drop(world.media.remove(&path, false)),
            None => world.media.remove_paths(&upload.token),
        }
        Ok(())
    });
    Ok(match removed.await {
        Ok(Ok(())) => json_reply(Ok(json!({}))),
        Ok(Err(refusal)) => refusal.reply(),
        Err(reply) => reply,
    })
}

async fn ask<T: Send + 'static>(
    emulator: &Emulator,
    what: impl FnOnce(&mut World) -> T + Send + 'static,
) -> Result<T, Reply> {
    emulator.ask(what).await.map_err(super::broken)
}

/// Reads what nobody wants, so that the client gets to the answer: it would find its connection broken otherwise.
async fn drain(body: &mut Incoming) {
    let mut left = MAX_DRAIN;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len) as u64);
        if left == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "6UTPIu2Ugx3PO5VuErUBrkCNOK2ieKOpiVueQ-rbbNc";

    fn read(address: &str) -> Option<Upload> {
        Upload::read(&address.parse().unwrap())
    }

    #[test]
    fn tokens_come_with_and_without_padding() {
        for end in ["", "=", "%3D"] {
            let upload = read(&format!("/mms/image/{TOKEN}{end}?auth=AU%2FTH%2B%3Dx&token={TOKEN}{end}")).unwrap();
            assert_eq!((upload.token.as_str(), upload.kind.as_str()), (TOKEN, "image"));
            assert_eq!((upload.auth.as_str(), upload.hashed, upload.resume), ("AU/TH+=x", true, false));
        }
        assert!(read(&format!("/mms/image/{TOKEN}?resume=1")).unwrap().resume);
        assert_eq!(read(&format!("/mms/image/{TOKEN}?file_offset=5242880")).unwrap().offset, 5_242_880);
    }

    #[test]
    fn what_is_no_address_of_an_upload_is_refused() {
        for address in [
            "/mms/image".to_owned(),
            "/mms/image/".to_owned(),
            "/mms/image/abc".to_owned(),
            format!("/mms/../{TOKEN}"),
            format!("/mms/im%61ge/{TOKEN}"),
            format!("/mms/image/{TOKEN}/x"),
            format!("/mms/image/{TOKEN}?file_offset=-1"),
            format!("/else/image/{TOKEN}"),
            format!("/newsletter/newsletter-image/{}", "a".repeat(129)),
        ] {
            assert_eq!(read(&address), None, "{address}");
        }
        assert!(!read("/newsletter/newsletter-image/any-name_1").unwrap().hashed);
    }
}
