//! Small pictures out of large ones, for programs that send them by themselves. The work is done on a thread of Node's pool.

use std::io::Cursor;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_thumbnail::{Limits, PictureError, dimensions, square, thumbnail};
use napi::{
    Env, Task,
    bindgen_prelude::{AsyncTask, Uint8Array},
};
use napi_derive::napi;

use crate::guard::guard;

/// A picture that was made smaller.
#[napi(object)]
pub struct SmallPicture {
    /// The file.
    pub jpeg: Uint8Array,
    /// Of the picture that it was made from, upright.
    pub original_width: u32,
    /// Of the picture that it was made from, upright.
    pub original_height: u32,
}

/// What is to be made.
pub struct Shrink {
    file: Vec<u8>,
    /// Its width, or the edge of a square.
    size: u16,
    quality: u8,
    is_square: bool,
}

impl Shrink {
    fn make(&self) -> Result<(Vec<u8>, u32, u32), PictureError> {
        let picture = dimensions(Cursor::new(&self.file))?;
        let made = if self.is_square {
            square(Cursor::new(&self.file), self.size, self.quality, Limits::default())?
        } else {
            // So that the width comes out, whichever side is the longer one.
            let longer = u64::from(picture.width.max(picture.height));
            let edge = (u64::from(self.size) * longer).div_ceil(u64::from(picture.width.max(1)));
            let edge = u16::try_from(edge).unwrap_or(u16::MAX);
            thumbnail(Cursor::new(&self.file), edge, self.quality, Limits::default())?.1
        };
        Ok((made.jpeg, picture.width, picture.height))
    }
}

impl Task for Shrink {
    type Output = (Vec<u8>, u32, u32);
    type JsValue = SmallPicture;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| self.make().map_err(|error| PublicError::new(ErrorCode::InvalidArgument, error.to_string())))
    }

    fn resolve(
        &mut self,
        _env: Env,
        (jpeg, original_width, original_height): Self::Output,
    ) -> napi::Result<SmallPicture> {
        Ok(SmallPicture { jpeg: Uint8Array::new(jpeg), original_width, original_height })
    }
}

/// Makes a JPEG of a width of `size` pixels, or a square of that edge out of the middle, of a JPEG, PNG, WebP or GIF.
#[napi]
pub fn shrink_picture(file: Uint8Array, size: u16, quality: u8, is_square: bool) -> AsyncTask<Shrink> {
    AsyncTask::new(Shrink { file: file.to_vec(), size, quality, is_square })
}
