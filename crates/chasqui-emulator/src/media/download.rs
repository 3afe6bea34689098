//! Downloads: GET and HEAD of a direct path, whole or a range (05-media §5 and §12).

use std::{io, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::try_unfold};
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Frame, Incoming},
    header::{self, HeaderValue},
};
use tempfile::TempPath;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
    time::sleep,
};

use super::{
    CHUNK, Media, Refusal, bare_path,
    faults::{Bend, MediaFaultRule, Side},
    time_for,
};
use crate::{
    Emulator,
    http::{Body, Reply},
};

/// How long what was written before a cut has to leave.
const FLUSH: Duration = Duration::from_millis(20);

struct Found {
    file: Arc<TempPath>,
    length: u64,
    fault: Option<MediaFaultRule>,
}

impl Media {
    fn find(&mut self, path: &str, counts: bool) -> Result<Found, Refusal> {
        let path = bare_path(path);
        let fault = if counts { self.faults.strike(Side::Download, path) } else { None };
        if let Some(refusal) = fault.as_ref().and_then(MediaFaultRule::refusal) {
            return Err(refusal);
        }
        const UNKNOWN: Refusal = Refusal::new(StatusCode::NOT_FOUND, "there is no such file");
        let location = self.paths.get_mut(path).ok_or(UNKNOWN)?;
        let stored = self.files.get(&location.info.token).ok_or(UNKNOWN)?;
        location.info.fetched += u64::from(counts);
        Ok(Found { file: stored.file.clone(), length: stored.length, fault })
    }
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    /// From the first byte up to, not including, the second.
    Part(u64, u64),
    Nothing,
}

/// Reads one range; several, or what is none, count as no wish at all.
fn range(header: Option<&HeaderValue>, length: u64) -> Wanted {
    let wish = header.and_then(|value| value.to_str().ok()?.strip_prefix("bytes="));
    let Some((from, to)) = wish.and_then(|wish| wish.split_once('-')) else { return Wanted::All };
    let number = |text: &str| if text.is_empty() { Ok(None) } else { text.parse::<u64>().map(Some) };
    match (number(from), number(to)) {
        (Ok(Some(from)), Ok(to)) if to.is_none_or(|to| to >= from) => {
            let end = to.map_or(length, |to| to.saturating_add(1)).min(length);
            if from >= length { Wanted::Nothing } else { Wanted::Part(from, end) }
        }
        (Ok(None), Ok(Some(last))) => {
            if last == 0 || length == 0 {
                Wanted::Nothing
            } else {
                Wanted::Part(length.saturating_sub(last), length)
            }
        }
        _ => Wanted::All,
    }
}

/// Gives a file, or what a fault leaves of it.
pub(super) async fn give(request: Request<Incoming>, emulator: Arc<Emulator>) -> io::Result<Reply> {
    let path = request.uri().path().to_owned();
    let head = request.method() == Method::HEAD;
    let found = match emulator.ask(move |world| world.media.find(&path, !head)).await {
        Ok(Ok(found)) => found,
        Ok(Err(refusal)) => return Ok(refusal.reply()),
        Err(stopped) => return Ok(super::broken(stopped)),
    };
    let Found { file, length, fault } = found;
    let (status, start, end) = match range(request.headers().get(header::RANGE), length) {
        Wanted::All => (StatusCode::OK, 0, length),
        Wanted::Part(start, end) => (StatusCode::PARTIAL_CONTENT, start, end),
        Wanted::Nothing => {
            let mut reply = Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, "the file ends before that").reply();
            insert(&mut reply, header::CONTENT_RANGE, format!("bytes */{length}"));
            return Ok(reply);
        }
    };
    let mut sending = Sending { kept: Some(file), position: start, end, ..Sending::default() };
    if let Some(fault) = &fault {
        if let Some(pause) = fault.pause() {
            sleep(pause).await;
        }
        sending.bend(fault);
    }
    // What a truncated file lacks is not announced; what a cut connection takes away is.
    let announced = if sending.cut { end } else { sending.end } - start;
    let endless = sending.endless;
    let body = if head { empty() } else { sending.body() };
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    insert(&mut reply, header::CONTENT_TYPE, "application/octet-stream".to_owned());
    insert(&mut reply, header::ACCEPT_RANGES, "bytes".to_owned());
    if !endless {
        insert(&mut reply, header::CONTENT_LENGTH, announced.to_string());
    }
    if status == StatusCode::PARTIAL_CONTENT {
        insert(&mut reply, header::CONTENT_RANGE, format!("bytes {start}-{}/{length}", end - 1));
    }
    Ok(reply)
}

fn insert(reply: &mut Reply, name: header::HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        reply.headers_mut().insert(name, value);
    }
}

fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A file on its way out.
#[derive(Default)]
struct Sending {
    /// Opened when the first bytes are wanted.
    file: Option<File>,
    /// It may be removed from the store meanwhile.
    kept: Option<Arc<TempPath>>,
    position: u64,
    end: u64,
    /// Whether the connection breaks at the end.
    cut: bool,
    /// Whether zeros follow, without end.
    endless: bool,
    /// The byte of the file that is wrong.
    flip: Option<u64>,
    /// Bytes per second.
    rate: Option<u64>,
}

impl Sending {
    fn bend(&mut self, fault: &MediaFaultRule) {
        let last = self.position.saturating_add(fault.after.unwrap_or(0)).min(self.end);
        match fault.what {
            Bend::Cut => (self.cut, self.end) = (true, last),
            Bend::Truncate => self.end = last,
            Bend::Flip => self.flip = Some(fault.after.unwrap_or(self.position)),
            Bend::Endless => self.endless = true,
            Bend::Slow => self.rate = fault.bytes_per_second,
            _ => {}
        }
    }

    fn body(self) -> Body {
        let chunks = try_unfold(self, |mut sending| async move {
            Ok::<_, io::Error>(sending.next().await?.map(|chunk| (chunk, sending)))
        });
        StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data))).boxed_unsync()
    }

    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        if left == 0 {
            if self.endless {
                return Ok(Some(Bytes::from_static(&[0; CHUNK])));
            }
            if !self.cut {
                return Ok(None);
            }
            sleep(FLUSH).await;
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the download is cut"));
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let path = self.kept.as_deref().ok_or(io::ErrorKind::NotFound)?;
                let mut file = File::open(path).await?;
                file.seek(io::SeekFrom::Start(self.position)).await?;
                none.insert(file)
            }
        };
        // At a rate, ten times a second.
        let pace = self.rate.and_then(|rate| usize::try_from(rate / 10).ok()).map_or(CHUNK, |pace| pace.max(1));
        let mut chunk = BytesMut::zeroed(CHUNK.min(left).min(pace));
        file.read_exact(&mut chunk).await?;
        let at = self.flip.and_then(|flip| usize::try_from(flip.checked_sub(self.position)?).ok());
        if let Some(byte) = at.and_then(|at| chunk.get_mut(at)) {
            *byte ^= 1;
        }
        self.position += chunk.len() as u64;
        if let Some(pause) = time_for(chunk.len(), self.rate) {
            sleep(pause).await;
        }
        Ok(Some(chunk.freeze()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_clamped_to_the_file() {
        for (header, wanted) in [
            ("bytes=0-99", Wanted::Part(0, 10)),
            ("bytes=2-3", Wanted::Part(2, 4)),
            ("bytes=9-", Wanted::Part(9, 10)),
            ("bytes=-4", Wanted::Part(6, 10)),
            ("bytes=-40", Wanted::Part(0, 10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=10-20", Wanted::Nothing),
            ("bytes=5-4", Wanted::All),
            ("bytes=0-1,3-4", Wanted::All),
            ("bytes=x-", Wanted::All),
            ("items=0-1", Wanted::All),
            ("bytes=-", Wanted::All),
            ("bytes=0-18446744073709551615", Wanted::Part(0, 10)),
        ] {
            assert_eq!(range(Some(&HeaderValue::from_static(header)), 10), wanted, "{header}");
        }
        assert_eq!(range(None, 10), Wanted::All);
    }
}
