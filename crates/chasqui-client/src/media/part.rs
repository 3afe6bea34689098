//! A part of a file, fetched without the rest of it (05-media §5.1).
//!
//! Hash and MAC of a file say nothing about a part. Audio and video may come with a sidecar, by which each 64 KiB are
//! verified before any of them is given; a part of anything else cannot be verified.

use std::ops::Range;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::{MediaError, RangeDecryptor, RangePlan, Sidecar};

use super::file::Remote;

/// A part under way.
pub(super) struct Part {
    /// What is fetched of the file as the hosts have it.
    fetch: Range<u64>,
    /// Bytes that come out.
    length: u64,
    received: u64,
    /// `None` for a file that is not encrypted.
    decryptor: Option<Box<RangeDecryptor>>,
}

impl Part {
    /// The bytes of the plaintext from `start` up to `end`, exclusive; `None` when there is none.
    pub fn new(
        remote: &Remote,
        sidecar: Option<&[u8]>,
        start: u64,
        end: Option<u64>,
    ) -> Result<Option<Self>, PublicError> {
        let Some(whole) = remote.expected.file_length else {
            let message = "The message does not say how long its file is, so no part of it can be found.";
            return Err(PublicError::new(ErrorCode::InvalidContent, message));
        };
        let Some(key) = &remote.key else {
            let fetch = start..end.unwrap_or(whole).min(whole);
            let length = fetch.end.saturating_sub(fetch.start);
            return Ok((length > 0).then_some(Self { fetch, length, received: 0, decryptor: None }));
        };
        let keys = key.derive(remote.kind);
        let decryptor = match sidecar {
            Some(bytes) => {
                let sidecar = Sidecar::new(bytes, whole).map_err(super::download::refused)?;
                let plan = RangePlan::windows(start, end, whole);
                plan.map(|plan| (plan, RangeDecryptor::verified(&keys, plan, sidecar)))
            }
            None => RangePlan::new(start, end, whole).map(|plan| (plan, RangeDecryptor::new(&keys, plan))),
        };
        Ok(decryptor.map(|(plan, decryptor)| Self {
            fetch: plan.fetch(),
            length: plan.length(),
            received: 0,
            decryptor: Some(Box::new(decryptor)),
        }))
    }

    /// Bytes that come out.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What is still to be fetched.
    pub fn left(&self) -> Range<u64> {
        self.fetch.start + self.received..self.fetch.end
    }

    /// Takes what came; what was not asked for is not taken.
    pub fn update(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), MediaError> {
        let left = self.left();
        let bytes = usize::try_from(left.end - left.start).ok().and_then(|left| bytes.get(..left)).unwrap_or(bytes);
        self.received += bytes.len() as u64;
        match &mut self.decryptor {
            Some(decryptor) => decryptor.update(bytes, out),
            None => {
                out.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// How long it is, now that it is all there.
    pub fn finish(self) -> Result<u64, MediaError> {
        if let Some(decryptor) = self.decryptor {
            decryptor.finish()?;
        }
        Ok(self.length)
    }
}
