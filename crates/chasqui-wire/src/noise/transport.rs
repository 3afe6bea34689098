//! Frames after the handshake: AES-256-GCM, one key and one counter for each direction (01-connection §4.7).
//!
//! ring keeps the expanded keys and does not wipe them on drop; they live exactly as long as the connection.

use std::fmt;

use ring::aead::{Aad, LessSafeKey};

use super::{
    NoiseError, TAG_LEN,
    symmetric::{cipher, nonce},
};
use crate::frame::{self, HEADER_LEN};

/// Both directions of an encrypted connection.
#[derive(Debug)]
pub struct Transport {
    sealer: Sealer,
    opener: Opener,
}

impl Transport {
    /// The connection that encrypts with `send` and decrypts with `receive`, from counter 0. Handshakes make these.
    pub fn from_keys(send: &[u8; 32], receive: &[u8; 32]) -> Self {
        Self {
            sealer: Sealer { key: cipher(send), counter: Some(0) },
            opener: Opener { key: cipher(receive), counter: Some(0) },
        }
    }

    /// See [`Sealer::encrypt`].
    pub fn encrypt(&mut self, plaintext: &mut Vec<u8>) -> Result<(), NoiseError> {
        self.sealer.encrypt(plaintext)
    }

    /// See [`Sealer::seal_frame`].
    pub fn seal_frame(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), NoiseError> {
        self.sealer.seal_frame(plaintext, out)
    }

    /// See [`Opener::decrypt_in_place`].
    pub fn decrypt_in_place<'b>(&mut self, frame: &'b mut [u8]) -> Result<&'b mut [u8], NoiseError> {
        self.opener.decrypt_in_place(frame)
    }

    /// The two directions apart, for a reader and a writer that do not meet.
    pub fn split(self) -> (Sealer, Opener) {
        (self.sealer, self.opener)
    }
}

/// Encrypts what is sent. Whatever it encrypted has to be sent, in this order, or the connection be closed.
pub struct Sealer {
    key: LessSafeKey,
    counter: Option<u32>,
}

impl Sealer {
    /// Encrypts a frame's payload in place and appends the tag.
    pub fn encrypt(&mut self, plaintext: &mut Vec<u8>) -> Result<(), NoiseError> {
        self.encrypt_from(plaintext, 0)
    }

    /// Appends a whole frame to `out`: header, ciphertext and tag. An error leaves `out` as it was.
    pub fn seal_frame(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), NoiseError> {
        let start = out.len();
        out.reserve(HEADER_LEN + plaintext.len() + TAG_LEN);
        out.extend([0; HEADER_LEN]);
        out.extend_from_slice(plaintext);
        self.seal_in_place(out, start)
    }

    /// Makes a frame of what was written to `out` from `start` on: [`HEADER_LEN`] bytes to be filled in, then the
    /// plaintext. On an error `out` ends at `start`.
    ///
    /// So a stanza is encoded where it is sent from, without a copy:
    ///
    /// ```
    /// # use chasqui_wire::{Node, codec, frame::HEADER_LEN, noise::Transport};
    /// # let (mut sealer, _) = Transport::from_keys(&[1; 32], &[2; 32]).split();
    /// # let mut out = Vec::new();
    /// let start = out.len();
    /// out.extend([0; HEADER_LEN]);
    /// codec::encode_into(&Node::new("presence").attr("type", "available"), &mut out)?;
    /// sealer.seal_in_place(&mut out, start)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn seal_in_place(&mut self, out: &mut Vec<u8>, start: usize) -> Result<(), NoiseError> {
        let sealed = self.try_seal_in_place(out, start);
        if sealed.is_err() {
            out.truncate(start);
        }
        sealed
    }

    fn try_seal_in_place(&mut self, out: &mut Vec<u8>, start: usize) -> Result<(), NoiseError> {
        let body = start + HEADER_LEN;
        let len = out.len().saturating_sub(body);
        let header = frame::header(len + TAG_LEN).map_err(|_| NoiseError::TooLong(len))?;
        out.get_mut(start..body).ok_or(NoiseError::TooLong(0))?.copy_from_slice(&header);
        self.encrypt_from(out, body)
    }

    fn encrypt_from(&mut self, buffer: &mut Vec<u8>, start: usize) -> Result<(), NoiseError> {
        let counter = self.counter.ok_or(NoiseError::Exhausted)?;
        let plaintext = &mut buffer[start..];
        let len = plaintext.len();
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce(counter), Aad::empty(), plaintext)
            .map_err(|_| NoiseError::TooLong(len))?;
        buffer.extend_from_slice(tag.as_ref());
        self.counter = counter.checked_add(1);
        Ok(())
    }
}

/// Decrypts what is received.
pub struct Opener {
    key: LessSafeKey,
    counter: Option<u32>,
}

impl Opener {
    /// Decrypts a frame's payload in place and gives the plaintext without the tag. An error is final.
    pub fn decrypt_in_place<'b>(&mut self, frame: &'b mut [u8]) -> Result<&'b mut [u8], NoiseError> {
        let counter = self.counter.ok_or(NoiseError::Exhausted)?;
        let plaintext = self.key.open_in_place(nonce(counter), Aad::empty(), frame).map_err(|_| NoiseError::Frame)?;
        self.counter = counter.checked_add(1);
        Ok(plaintext)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("counter", &self.counter).finish_non_exhaustive()
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("counter", &self.counter).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends() -> (Transport, Transport) {
        (Transport::from_keys(&[1; 32], &[2; 32]), Transport::from_keys(&[2; 32], &[1; 32]))
    }

    #[test]
    fn frames_cross_in_both_directions_and_only_in_order() {
        let (mut client, mut server) = ends();
        for text in ["", "one", "two"] {
            let mut frame = text.as_bytes().to_vec();
            client.encrypt(&mut frame).unwrap();
            assert_eq!(frame.len(), text.len() + TAG_LEN);
            let mut again = frame.clone();
            assert_eq!(server.decrypt_in_place(&mut frame).unwrap(), text.as_bytes());
            assert_eq!(server.decrypt_in_place(&mut again), Err(NoiseError::Frame));
            let mut reply = text.as_bytes().to_vec();
            server.encrypt(&mut reply).unwrap();
            assert_eq!(client.decrypt_in_place(&mut reply).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn a_frame_sealed_in_place_equals_one_sealed_from_a_plaintext() {
        let (mut client, _) = ends();
        let (mut other, _) = ends();
        let mut one = b"kept".to_vec();
        client.seal_frame(b"hello", &mut one).unwrap();
        let mut two = b"kept\0\0\0hello".to_vec();
        let (mut sealer, _) = other.split();
        sealer.seal_in_place(&mut two, 4).unwrap();
        assert_eq!(one, two);
        assert_eq!(one[..7], *b"kept\x00\x00\x15");
        other = ends().0;
        other.encrypt(&mut Vec::new()).unwrap();
    }

    #[test]
    fn short_or_changed_frames_do_not_decrypt() {
        let (mut client, _) = ends();
        for len in 0..TAG_LEN {
            assert_eq!(client.decrypt_in_place(&mut vec![0; len]), Err(NoiseError::Frame));
        }
        let (mut sender, mut receiver) = ends();
        let mut frame = b"hello".to_vec();
        sender.encrypt(&mut frame).unwrap();
        frame[0] ^= 1;
        assert_eq!(receiver.decrypt_in_place(&mut frame), Err(NoiseError::Frame));
    }

    #[test]
    fn a_plaintext_that_fits_in_no_frame_leaves_the_buffer_and_the_counter_alone() {
        let (client, mut server) = ends();
        let (mut sealer, _) = client.split();
        let mut out = b"kept".to_vec();
        let len = frame::MAX_FRAME - TAG_LEN + 1;
        assert_eq!(sealer.seal_frame(&vec![0; len], &mut out), Err(NoiseError::TooLong(len)));
        assert_eq!(out, b"kept");
        assert_eq!(sealer.seal_in_place(&mut out, 3), Err(NoiseError::TooLong(0)));
        let mut frame = b"next".to_vec();
        sealer.encrypt(&mut frame).unwrap();
        assert_eq!(server.decrypt_in_place(&mut frame).unwrap(), b"next");
    }

    #[test]
    fn counters_end_and_never_wrap() {
        let (client, server) = ends();
        let (mut sealer, _) = client.split();
        let (_, mut opener) = server.split();
        (sealer.counter, opener.counter) = (Some(u32::MAX), Some(u32::MAX));
        let mut frame = b"last".to_vec();
        sealer.encrypt(&mut frame).unwrap();
        assert_eq!(opener.decrypt_in_place(&mut frame).unwrap(), b"last");
        assert_eq!(sealer.encrypt(&mut b"more".to_vec()), Err(NoiseError::Exhausted));
        assert_eq!(opener.decrypt_in_place(&mut [0; 20]), Err(NoiseError::Exhausted));
    }
}
