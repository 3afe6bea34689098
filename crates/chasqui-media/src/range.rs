//! A part of a file, without the rest of it.
//!
//! CBC needs the block before the first one as its IV, so the bytes to ask for begin one block earlier. Neither MAC nor
//! hash can be checked on a part; with the streaming sidecar of the message each 64 KiB window can, and then nothing
//! unverified comes out. Source: 05-media §5.1, §3.3.

use aes::cipher::{Array, BlockModeDecrypt, KeyIvInit};

use crate::{MediaError, MediaKeys, Sidecar, ciphertext_length, encrypted_length, sidecar::WINDOW};

const BLOCK: usize = 16;

/// Which bytes of the file to fetch for a part of its plaintext, and what to cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangePlan {
    from: u64,
    to: u64,
    /// Plaintext offset of what is decrypted first, and the part that is wanted.
    decrypts_from: u64,
    start: u64,
    end: u64,
    file_length: u64,
}

impl RangePlan {
    /// For the plaintext bytes from `start` up to `end` (or the end of the file), exclusive. `file_length` is that of the
    /// plaintext, as the message says it.
    ///
    /// `None` when there is no byte in the range.
    pub fn new(start: u64, end: Option<u64>, file_length: u64) -> Option<Self> {
        let (whole, end) = wanted(start, end, file_length)?;
        let floor = start / 16 * 16;
        let to = (end / 16 * 16).checked_add(17)?.min(whole);
        Some(Self { from: floor.saturating_sub(16), to, decrypts_from: floor, start, end, file_length })
    }

    /// The same for [`RangeDecryptor::verified`]: whole windows of the sidecar.
    pub fn windows(start: u64, end: Option<u64>, file_length: u64) -> Option<Self> {
        let (whole, end) = wanted(start, end, file_length)?;
        let floor = start / WINDOW * WINDOW;
        let to = ((end - 1) / WINDOW + 1).checked_mul(WINDOW)?.min(whole);
        Some(Self { from: floor.saturating_sub(16), to, decrypts_from: floor, start, end, file_length })
    }

    /// The bytes of the uploaded file to fetch, end exclusive. The answer must be a 206 for these.
    pub const fn fetch(&self) -> std::ops::Range<u64> {
        self.from..self.to
    }

    /// Bytes of plaintext that come out.
    pub const fn length(&self) -> u64 {
        self.end - self.start
    }

    /// The value of the header `Range`.
    pub fn header(&self) -> String {
        format!("bytes={}-{}", self.from, self.to - 1)
    }
}

/// The length of the uploaded file, and the clamped end of a range that is not empty.
fn wanted(start: u64, end: Option<u64>, file_length: u64) -> Option<(u64, u64)> {
    let whole = encrypted_length(file_length)?;
    let end = end.map_or(file_length, |end| end.min(file_length));
    (start < end).then_some((whole, end))
}

/// Decrypts a fetched part piece by piece, and cuts it to what was wanted.
pub struct RangeDecryptor {
    keys: MediaKeys,
    plan: RangePlan,
    sidecar: Option<Sidecar>,
    /// What is fetched and not yet decrypted; it begins with the IV of what follows.
    buffer: Vec<u8>,
    received: u64,
    /// Plaintext offset of the next byte that is decrypted.
    position: u64,
}

impl RangeDecryptor {
    /// Decrypts **without any verification**.
    pub fn new(keys: &MediaKeys, plan: RangePlan) -> Self {
        let buffer = if plan.decrypts_from == 0 { keys.iv().to_vec() } else { Vec::new() };
        Self { keys: keys.clone(), plan, sidecar: None, buffer, received: 0, position: plan.decrypts_from }
    }

    /// Decrypts what agrees with the sidecar, window by window, for a plan made by [`RangePlan::windows`].
    pub fn verified(keys: &MediaKeys, plan: RangePlan, sidecar: Sidecar) -> Self {
        Self { sidecar: Some(sidecar), ..Self::new(keys, plan) }
    }

    /// Takes the next fetched bytes and appends plaintext to `out`.
    ///
    /// Errors: [`MediaError::TooLong`] when more comes than was planned; [`MediaError::Corrupt`] from the sidecar. The
    /// part is lost then.
    pub fn update(&mut self, mut fetched: &[u8], out: &mut Vec<u8>) -> Result<(), MediaError> {
        let limit = self.plan.to - self.plan.from;
        self.received = self.received.saturating_add(fetched.len() as u64);
        if self.received > limit {
            return Err(MediaError::TooLong { limit });
        }
        while !fetched.is_empty() {
            let target = BLOCK + WINDOW as usize;
            let (head, rest) = fetched.split_at(fetched.len().min(target.saturating_sub(self.buffer.len())));
            self.buffer.extend_from_slice(head);
            fetched = rest;
            if self.sidecar.is_none() {
                self.decrypt(self.buffer.len(), out);
            } else if self.buffer.len() == target || self.received == limit && fetched.is_empty() {
                if let Some(sidecar) = &self.sidecar {
                    sidecar.verify(&self.keys, self.position / WINDOW, &self.buffer)?;
                }
                self.decrypt(self.buffer.len(), out);
            }
        }
        Ok(())
    }

    /// Decrypts the whole blocks among the first `length` bytes of the buffer, as far as they are ciphertext and wanted.
    fn decrypt(&mut self, length: usize, out: &mut Vec<u8>) {
        let Some((iv, rest)) = self.buffer.split_first_chunk::<BLOCK>() else { return };
        let left = ciphertext_length(self.plan.file_length).unwrap_or(0).saturating_sub(self.position);
        let ready = (length - BLOCK).min(usize::try_from(left).unwrap_or(usize::MAX)) / BLOCK * BLOCK;
        let Some(ready) = rest.get(..ready).filter(|ready| !ready.is_empty()) else { return };

        let start = out.len();
        out.extend_from_slice(ready);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut out[start..]);
        cbc::Decryptor::<aes::Aes256>::new(self.keys.cipher_key().into(), iv.into()).decrypt_blocks(blocks);

        let count = ready.len();
        let kept = |offset: u64| usize::try_from(offset.saturating_sub(self.position)).unwrap_or(count).min(count);
        let (skip, end) = (kept(self.plan.start), kept(self.plan.end));
        out.truncate(start + end);
        out.drain(start..start + skip.min(end));
        self.position += count as u64;
        self.buffer.drain(..count);
    }

    /// Ends the part. Fails with [`MediaError::Truncated`] when not all of it came.
    pub fn finish(self) -> Result<(), MediaError> {
        if self.position >= self.plan.end {
            return Ok(());
        }
        Err(MediaError::Truncated { received: self.received, expected: Some(self.plan.to - self.plan.from) })
    }
}

impl std::fmt::Debug for RangeDecryptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RangeDecryptor").field("plan", &self.plan).field("received", &self.received).finish()
    }
}
