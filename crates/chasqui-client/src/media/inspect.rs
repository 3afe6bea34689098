//! What a recipient is shown of a file before it is there: its type, its dimensions, a thumbnail.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use chasqui_error::PublicError;
use chasqui_media::{MediaKind, sticker::first_frame_length};
use chasqui_thumbnail::{Limits, dimensions, is_animated_webp, sniff, sniff::SNIFF_LEN, thumbnail};

use super::{
    file::{About, Bytes},
    source::{Opened, file_failed},
};

/// Longest edge in pixels, and quality, of a thumbnail: it travels in every copy of the message.
pub(super) const EDGE: u16 = 100;
pub(super) const QUALITY: u8 = 50;
/// Of an animated sticker so much is looked through for the end of its first frame.
const STICKER: u64 = 1 << 20;

/// Adds to what the program says about a file what the file itself tells. The program's own values win.
pub(super) fn inspect(source: &mut Opened, kind: MediaKind, told: About) -> Result<About, PublicError> {
    let unread = |error: io::Error| file_failed(&error, "read");
    let mut beginning = Vec::new();
    let most = if kind == MediaKind::Sticker { STICKER } else { SNIFF_LEN as u64 };
    source.by_ref().take(most).read_to_end(&mut beginning).map_err(unread)?;
    source.rewind().map_err(unread)?;
    let sniffed = sniff(&beginning).map(str::to_owned);
    let mut about = About { mimetype: told.mimetype.clone().or(sniffed), ..told };
    let generic = matches!(about.mimetype.as_deref(), Some("application/ogg" | "audio/ogg"));
    if generic && kind == MediaKind::Ptt {
        about.mimetype = None;
    }
    match kind {
        MediaKind::Image | MediaKind::Document | MediaKind::LinkThumbnail => picture(source, &mut about, kind)?,
        MediaKind::Sticker => {
            about.animated = about.animated.or_else(|| Some(is_animated_webp(&beginning)));
            about.first_frame_length = first_frame_length(&beginning);
            if let Ok(found) = dimensions(BufReader::new(&mut *source)) {
                about.width = about.width.or(Some(found.width));
                about.height = about.height.or(Some(found.height));
            }
        }
        _ => {}
    }
    source.seek(SeekFrom::Start(0)).map_err(unread)?;
    Ok(about)
}

fn picture(source: &mut Opened, about: &mut About, kind: MediaKind) -> Result<(), PublicError> {
    let unread = |error: io::Error| file_failed(&error, "read");
    if kind == MediaKind::Document && !about.mimetype.as_deref().is_some_and(|kind| kind.starts_with("image/")) {
        return Ok(());
    }
    // What cannot be shown is sent all the same: without a thumbnail.
    match thumbnail(BufReader::new(&mut *source), EDGE, QUALITY, Limits::default()) {
        Ok((found, small)) => {
            about.width = about.width.or(Some(found.width));
            about.height = about.height.or(Some(found.height));
            about.thumbnail.get_or_insert(Bytes(small.jpeg));
        }
        Err(reason) => {
            tracing::debug!("a picture is sent without a thumbnail: {reason}");
            source.rewind().map_err(unread)?;
            if let Ok(found) = dimensions(BufReader::new(&mut *source)) {
                about.width = about.width.or(Some(found.width));
                about.height = about.height.or(Some(found.height));
            }
        }
    }
    Ok(())
}
