//! How long a file plays, for programs that send media by themselves. The work is done on a thread of Node's pool.

use std::io::Cursor;

use chasqui_error::{ErrorCode, PublicError};
use napi::{
    Env, Task,
    bindgen_prelude::{AsyncTask, Uint8Array},
};
use napi_derive::napi;

use crate::guard::guard;

/// The file that is asked about.
pub struct Playing(Vec<u8>);

impl Task for Playing {
    type Output = Option<u64>;
    type JsValue = Option<f64>;

    fn compute(&mut self) -> napi::Result<Option<u64>> {
        guard(|| {
            let playing = chasqui_thumbnail::playing(Cursor::new(&self.0));
            playing
                .map(|playing| playing.millis)
                .map_err(|error| PublicError::new(ErrorCode::InvalidArgument, error.to_string()))
        })
    }

    fn resolve(&mut self, _env: Env, millis: Option<u64>) -> napi::Result<Option<f64>> {
        Ok(millis.map(|millis| millis as f64))
    }
}

/// How many milliseconds an Opus, WAV or MP4 file plays; nothing where it does not say.
#[napi]
pub fn playing_millis(file: Uint8Array) -> AsyncTask<Playing> {
    AsyncTask::new(Playing(file.to_vec()))
}
