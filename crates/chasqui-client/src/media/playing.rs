//! What recipients are shown of audio and video: how long it plays, its first frame, how loud it is. Containers tell some of
//! it; ffmpeg the rest, where it is installed. And what becomes a voice note, which is Opus in Ogg.

use std::io::{self, BufReader, Cursor, Read, Seek, Write};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::MediaKind;
use chasqui_thumbnail::{Limits, Playing, opus_channels, playing, thumbnail};
use tempfile::SpooledTempFile;

use super::{
    ffmpeg::Ffmpeg,
    file::{About, Bytes},
    inspect::{EDGE, QUALITY},
    source::{IN_MEMORY, Opened, file_failed},
};

/// Of an Ogg file so much tells what is in it.
const HEAD: u64 = 1024;

/// Adds to what is known of audio or video what it tells itself. Without an answer it is sent all the same.
pub(super) async fn inspect(
    source: &mut Opened,
    kind: MediaKind,
    mut about: About,
    ffmpeg: Option<&Ffmpeg>,
) -> Result<About, PublicError> {
    let film = matches!(kind, MediaKind::Video | MediaKind::Gif | MediaKind::Ptv);
    let sound = matches!(kind, MediaKind::Audio | MediaKind::Ptt);
    if !film && !sound {
        return Ok(about);
    }
    let told = playing(BufReader::new(&mut *source)).map_err(unread)?;
    source.rewind().map_err(unread)?;
    add(&mut about, told, film);
    let Some(ffmpeg) = ffmpeg else { return Ok(about) };
    let wants_picture = film && (about.thumbnail.is_none() || about.width.is_none() || about.height.is_none());
    let wants_sound = kind == MediaKind::Ptt && about.waveform.is_none();
    if !wants_picture && !wants_sound && about.seconds.is_some() {
        return Ok(about);
    }
    let file = source.on_disk().map_err(|error| file_failed(&error, "kept in a temporary file"))?;
    source.rewind().map_err(unread)?;
    let unknown = |what: &str, why: String| tracing::debug!("{what} is not known: {why}");
    if wants_picture {
        match ffmpeg.first_frame(file.path()).await {
            Ok(frame) => picture(&frame, &mut about),
            Err(why) => unknown("the first frame of a video", why),
        }
    }
    if wants_sound {
        match ffmpeg.listen(file.path()).await {
            Ok(heard) => {
                about.waveform.get_or_insert(Bytes(heard.waveform.to_vec()));
                about.seconds = about.seconds.or(Some(seconds(heard.millis)));
            }
            Err(why) => unknown("the loudness of a voice note", why),
        }
    }
    if about.seconds.is_none() {
        match ffmpeg.duration(file.path()).await {
            Ok(millis) => about.seconds = Some(seconds(millis)),
            Err(why) => unknown("how long a file plays", why),
        }
    }
    Ok(about)
}

fn unread(error: io::Error) -> PublicError {
    file_failed(&error, "read")
}

fn add(about: &mut About, told: Playing, film: bool) {
    about.seconds = about.seconds.or(told.millis.map(seconds));
    if let Some((width, height)) = told.size.filter(|_| film) {
        about.width = about.width.or(Some(width));
        about.height = about.height.or(Some(height));
    }
}

/// Whole seconds, and at least one of what plays at all.
fn seconds(millis: u64) -> u32 {
    u32::try_from(millis.saturating_add(500) / 1000).unwrap_or(u32::MAX).max(1)
}

fn picture(frame: &[u8], about: &mut About) {
    match thumbnail(Cursor::new(frame), EDGE, QUALITY, Limits::default()) {
        Ok((found, small)) => {
            about.width = about.width.or(Some(found.width));
            about.height = about.height.or(Some(found.height));
            about.thumbnail.get_or_insert(Bytes(small.jpeg));
        }
        Err(reason) => tracing::debug!("a first frame makes no thumbnail: {reason}"),
    }
}

/// Makes a voice note what every recipient can play: Opus in Ogg with one channel.
pub(super) async fn voice_note(
    mut source: Opened,
    about: &mut About,
    ffmpeg: Option<&Ffmpeg>,
) -> Result<Opened, PublicError> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD).read_to_end(&mut head).map_err(unread)?;
    source.rewind().map_err(unread)?;
    let channels = opus_channels(&head);
    let ffmpeg = match (channels, ffmpeg) {
        // Two channels play as well; one is what the apps record.
        (Some(1), _) | (Some(_), None) => return Ok(source),
        (_, Some(ffmpeg)) => ffmpeg,
        (None, None) => {
            let message = "A voice note must be Opus in an Ogg file, and there is no ffmpeg that would make it so.";
            return Err(PublicError::new(ErrorCode::FfmpegMissing, message));
        }
    };
    let kept = |error: io::Error| file_failed(&error, "kept in a temporary file");
    let file = source.on_disk().map_err(kept)?;
    let mut note = SpooledTempFile::new(IN_MEMORY);
    if let Err(why) = ffmpeg.voice_note(file.path(), |piece| note.write_all(piece)).await {
        let message = format!("No voice note could be made of the file: {why}.");
        return Err(PublicError::new(ErrorCode::InvalidContent, message));
    }
    note.rewind().map_err(kept)?;
    about.mimetype = None;
    Ok(Opened::Spooled(note))
}
