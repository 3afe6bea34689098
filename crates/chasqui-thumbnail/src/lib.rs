//! What a media file is: its type from its first bytes, of a picture its dimensions and a thumbnail, how long it plays.
//!
//! | module | keeps |
//! |---|---|
//! | [`sniff`] | the MIME types that the service knows, from magic numbers |
//! | [`playing`](mod@playing) | how long Opus, WAV and MP4 play, by what their containers say |
//! | [`picture`] | dimensions and thumbnails of JPEG, PNG, WebP and GIF, within limits of memory |
//!
//! Everything here looks at hostile bytes. It blocks and computes: it belongs on a thread for blocking work.
#![forbid(unsafe_code)]

pub mod picture;
pub mod playing;
pub mod sniff;

pub use picture::{Limits, Picture, PictureError, Thumbnail, dimensions, square_jpeg, thumbnail};
pub use playing::{Playing, opus_channels, playing};
pub use sniff::{is_animated_webp, sniff};
