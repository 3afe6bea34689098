//! ffmpeg, where it is installed: the first frame of a video, how long something plays, the loudness of a voice note, and
//! voice notes made from other audio.
//!
//! It reads hostile files, so it may open nothing but the one that it is given: only demuxers that never refer to other
//! files are allowed (playlists do), and no protocol beside files and pipes. Its time and its output are bounded, few of them
//! run at once, and it is killed when the transfer that it works for ends.

use std::{
    collections::HashMap,
    ffi::OsString,
    path::Path,
    process::Stdio,
    sync::{LazyLock, Mutex},
    time::Duration,
};

use tokio::{
    io::AsyncReadExt,
    process::Command,
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

use super::{source::CHUNK, waveform::Waveform};
use crate::lock;

/// Containers that hold everything themselves.
const FORMATS: &str =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg,mp3,wav,aac,flac,amr,amrnb,amrwb,avi,mpegts,mpeg,gif,flv,asf,aiff,caf";
/// How long it may take to say that it is there.
const GREETING: Duration = Duration::from_secs(10);
/// How long a look at a file may take, and the making of a voice note.
const LOOK: Duration = Duration::from_secs(60);
const CONVERSION: Duration = Duration::from_secs(300);
/// Longest picture of a first frame, and longest voice note that is made: some hours.
const MAX_FRAME: u64 = 64 << 20;
const MAX_VOICE: u64 = 100 << 20;
/// Samples per second that are enough to tell loudness, and how many of them are listened to: six hours.
const RATE: u32 = 8000;
const MAX_SAMPLES: u64 = 6 * 3600 * RATE as u64;
/// Processes at once.
static SLOTS: Semaphore = Semaphore::const_new(2);

/// Programs that were looked for, and whether they are there.
static KNOWN: LazyLock<Mutex<HashMap<String, bool>>> = LazyLock::new(Mutex::default);
const MAX_KNOWN: usize = 64;

/// It is there.
#[derive(Debug, Clone)]
pub(super) struct Ffmpeg {
    program: String,
}

/// Why it did not do what it was asked for; a short text for logs.
pub(super) type Failure = String;

/// What was heard.
pub(super) struct Heard {
    pub millis: u64,
    pub waveform: [u8; 64],
}

impl Ffmpeg {
    /// Looks for it once in a process.
    pub async fn find(program: Option<&str>) -> Option<Self> {
        let program = program?.to_owned();
        let known = lock(&KNOWN).get(&program).copied();
        let is_there = match known {
            Some(is_there) => is_there,
            None => {
                let mut command = Command::new(&program);
                command.arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                let status = timeout(GREETING, command.kill_on_drop(true).status()).await;
                let is_there = matches!(status, Ok(Ok(status)) if status.success());
                let mut known = lock(&KNOWN);
                if known.len() < MAX_KNOWN {
                    known.insert(program.clone(), is_there);
                }
                is_there
            }
        };
        is_there.then_some(Self { program })
    }

    fn reading(&self, file: &Path) -> Command {
        let mut input = OsString::from("file:");
        input.push(file);
        let mut command = Command::new(&self.program);
        command.args(["-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-threads", "1"]);
        command.args(["-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS, "-i"]).arg(input);
        command
    }

    /// The first frame as a JPEG or PNG, upright and in its full size.
    pub async fn first_frame(&self, file: &Path) -> Result<Vec<u8>, Failure> {
        let mut command = self.reading(file);
        command.args(["-map", "0:v:0", "-frames:v", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "4"]);
        command.args(["-strict", "unofficial", "-f", "image2pipe", "pipe:1"]);
        let mut frame = Vec::new();
        run(command, LOOK, MAX_FRAME, |piece| frame.extend_from_slice(piece)).await?;
        if frame.is_empty() { Err("there is no picture in it".to_owned()) } else { Ok(frame) }
    }

    /// How long it plays, in milliseconds; nothing is decoded for that.
    pub async fn duration(&self, file: &Path) -> Result<u64, Failure> {
        let mut command = self.reading(file);
        command.args(["-map", "0", "-c", "copy", "-f", "null", "-progress", "pipe:1", "-"]);
        let mut told = Vec::new();
        run(command, LOOK, 1 << 20, |piece| told.extend_from_slice(piece)).await?;
        let told = String::from_utf8_lossy(&told);
        let micros = told.lines().rev().find_map(|line| line.strip_prefix("out_time_us=")?.trim().parse::<u64>().ok());
        micros.map(|micros| micros / 1000).filter(|millis| *millis > 0).ok_or_else(|| "it does not play".to_owned())
    }

    /// Listens to all of it, in memory that does not grow with its length.
    pub async fn listen(&self, file: &Path) -> Result<Heard, Failure> {
        let mut command = self.reading(file);
        command.args([
            "-map",
            "0:a:0",
            "-ac",
            "1",
            "-ar",
            &RATE.to_string(),
            "-c:a",
            "pcm_s16le",
            "-f",
            "s16le",
            "pipe:1",
        ]);
        let mut waveform = Waveform::default();
        run(command, LOOK, 2 * MAX_SAMPLES, |piece| waveform.update(piece)).await?;
        let millis = waveform.samples().saturating_mul(1000) / u64::from(RATE);
        if millis == 0 {
            return Err("there is no sound in it".to_owned());
        }
        Ok(Heard { millis, waveform: waveform.finish() })
    }

    /// Makes a voice note of it: Opus in Ogg, one channel. The same file makes the same bytes.
    pub async fn voice_note(
        &self,
        file: &Path,
        mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let mut command = self.reading(file);
        command.args(["-map", "0:a:0", "-ac", "1", "-ar", "48000", "-c:a", "libopus", "-b:a", "32k"]);
        command.args(["-application", "voip", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]);
        command.args(["-f", "ogg", "pipe:1"]);
        let mut failed = None;
        run(command, CONVERSION, MAX_VOICE, |piece| {
            if failed.is_none() {
                failed = take(piece).err();
            }
        })
        .await?;
        failed.map_or(Ok(()), |error| Err(error.to_string()))
    }
}

/// Runs it to its end, and gives on what it writes.
async fn run(mut command: Command, time: Duration, limit: u64, mut take: impl FnMut(&[u8])) -> Result<(), Failure> {
    let _slot = SLOTS.acquire().await;
    let until = Instant::now() + time;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut output = child.stdout.take().ok_or("it has no output")?;
    let late = |_| format!("it took more than {} seconds", time.as_secs());
    let mut piece = vec![0; CHUNK];
    let mut total = 0;
    loop {
        let length =
            timeout_at(until, output.read(&mut piece)).await.map_err(late)?.map_err(|error| error.to_string())?;
        if length == 0 {
            break;
        }
        total += length as u64;
        if total > limit {
            return Err(format!("it wrote more than {limit} bytes"));
        }
        take(piece.get(..length).unwrap_or_default());
    }
    let status = timeout_at(until, child.wait()).await.map_err(late)?.map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("it cannot read the file ({status})")) }
}
