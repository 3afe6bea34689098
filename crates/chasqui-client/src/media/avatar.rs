//! Pictures of accounts and groups: a square JPEG out of whatever picture the program has, and a small one.
//!
//! Nothing is uploaded here: the request that sets the picture carries both. Source: 07-requests-and-notifications §5.1.

use std::io::{BufReader, Seek};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_thumbnail::{Limits, PictureError, square, thumbnail};
use serde_json::{Value, json};

use super::{
    file::Bytes,
    source::{self, Opened, Source, Web, file_failed},
    transfer::Line,
};

/// Longest file that is read.
const MAX_PICTURE: u64 = 64 << 20;
/// Edges in pixels, and the quality.
const IMAGE: (u16, u8) = (640, 80);
const PREVIEW: (u16, u8) = (96, 70);

/// Done with `{ image, preview }`. Without `crop` all of the picture is kept, as it is shaped.
pub(crate) async fn run(source: Source, web: Option<Web>, crop: bool, mut line: Line) -> Result<Value, PublicError> {
    let (mut opened, _) = source::open(source, MAX_PICTURE, web.as_ref(), &mut line).await?;
    let image = made(&mut opened, IMAGE, crop)?;
    let preview = made(&mut opened, PREVIEW, crop)?;
    Ok(json!({ "image": Bytes(image), "preview": Bytes(preview) }))
}

fn made(opened: &mut Opened, (edge, quality): (u16, u8), crop: bool) -> Result<Vec<u8>, PublicError> {
    opened.rewind().map_err(|error| file_failed(&error, "read"))?;
    let file = BufReader::new(opened);
    let made = if crop {
        square(file, edge, quality, Limits::default())
    } else {
        thumbnail(file, edge, quality, Limits::default()).map(|(_, small)| small)
    };
    made.map(|made| made.jpeg).map_err(|reason| match reason {
        PictureError::Read(error) => file_failed(&error, "read"),
        PictureError::TooLarge { .. } => PublicError::new(ErrorCode::MediaTooLarge, format!("There is {reason}.")),
        PictureError::Unsupported | PictureError::Broken => {
            let message = format!("Argument \"picture\" is no JPEG, PNG, WebP or GIF that can be read: {reason}.");
            PublicError::new(ErrorCode::InvalidArgument, message).with("argument", "picture")
        }
    })
}
