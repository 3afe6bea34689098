//! Frames and the intro bytes before them (01-connection §2, §3).
//!
//! Both directions are a byte stream of `length (3 bytes, big endian) | payload`, whatever the WebSocket's message
//! boundaries. The client sends the intro once, before its first frame.

use bytes::BytesMut;

/// The intro, and the prologue of the Noise handshake: `WA`, version 6, dictionary 3.
pub const INTRO: [u8; 4] = [0x57, 0x41, 0x06, 0x03];
/// The longest payload that a frame can carry.
pub const MAX_FRAME: usize = (1 << 24) - 1;
/// The length of the header in front of a payload.
pub const HEADER_LEN: usize = 3;

/// `ED`, version 0.1: the edge-routing part of the intro.
const ROUTING: [u8; 4] = [0x45, 0x44, 0x00, 0x01];
/// What a server buffers of routing information; the real one is a few dozen bytes long.
const MAX_ROUTING: usize = 64 << 10;

/// Bytes that are not frames, or a payload that fits in none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than allowed.
    #[error("a frame of {len} bytes exceeds the limit of {max}")]
    TooLong {
        /// The announced or given length.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// The stream does not start with an intro that is known.
    #[error("the stream starts with unknown bytes")]
    Intro,
}

/// Appends `payload` as a frame to `out`.
pub fn encode_frame(payload: &[u8], out: &mut Vec<u8>) -> Result<(), FrameError> {
    out.extend(header(payload.len())?);
    out.extend_from_slice(payload);
    Ok(())
}

/// The header of a frame with a payload of `len` bytes.
pub fn header(len: usize) -> Result<[u8; HEADER_LEN], FrameError> {
    match u32::try_from(len).map(u32::to_be_bytes) {
        Ok([0, b0, b1, b2]) => Ok([b0, b1, b2]),
        _ => Err(FrameError::TooLong { len, max: MAX_FRAME }),
    }
}

/// What a client sends before its first frame. Routing information too long for the format is left out.
pub fn intro(routing_info: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    if let Some(routing) = routing_info
        && let Ok(len) = header(routing.len())
    {
        out.extend(ROUTING);
        out.extend(len);
        out.extend_from_slice(routing);
    }
    out.extend(INTRO);
    out
}

/// Cuts a byte stream into frames.
///
/// Holds at most one unfinished frame besides what was pushed last, as long as the caller takes all frames after
/// each push; memory grows with the bytes that have arrived, not with the length that they announce.
#[derive(Debug)]
pub struct FrameDecoder {
    buffer: BytesMut,
    max: usize,
}

impl Default for FrameDecoder {
    fn default() -> Self {
        Self::new(MAX_FRAME)
    }
}

impl FrameDecoder {
    /// A decoder that refuses payloads longer than `max` bytes.
    pub fn new(max: usize) -> Self {
        Self { buffer: BytesMut::new(), max }
    }

    /// Sets the longest payload from the next frame on: a handshake needs less than what follows.
    pub fn set_max(&mut self, max: usize) {
        self.max = max;
    }

    /// Adds bytes as they arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The payload of the next whole frame, if it has arrived. An error is final for the stream.
    pub fn next_frame(&mut self) -> Result<Option<BytesMut>, FrameError> {
        let Some(&[b0, b1, b2]) = self.buffer.first_chunk() else { return Ok(None) };
        let len = u32::from_be_bytes([0, b0, b1, b2]) as usize;
        if len > self.max {
            return Err(FrameError::TooLong { len, max: self.max });
        }
        if self.buffer.len() < HEADER_LEN + len {
            return Ok(None);
        }
        let mut frame = if self.buffer.len() == HEADER_LEN + len {
            // Hands the allocation over: an idle stream keeps no buffer.
            std::mem::take(&mut self.buffer)
        } else {
            self.buffer.split_to(HEADER_LEN + len)
        };
        let _ = frame.split_to(HEADER_LEN);
        Ok(Some(frame))
    }

    /// How many bytes wait for the rest of their frame.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }
}

/// The intro as a server received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intro {
    /// The routing information, if the client had some.
    pub routing_info: Option<Vec<u8>>,
    /// The prologue for the handshake: the four bytes as received.
    pub prologue: [u8; 4],
}

/// Reads the intro on the server's side.
#[derive(Debug, Default)]
pub struct IntroParser {
    buffer: Vec<u8>,
}

impl IntroParser {
    /// Waits for the first bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes as they arrived. Gives the intro once it is whole, and the bytes that follow it, which belong to
    /// the first frame.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<(Intro, Vec<u8>)>, FrameError> {
        self.buffer.extend_from_slice(bytes);
        let mut rest = self.buffer.as_slice();
        let mut routing_info = None;
        if let Some(after) = rest.strip_prefix(&ROUTING) {
            let Some((&[b0, b1, b2], after)) = after.split_first_chunk() else { return Ok(None) };
            let len = u32::from_be_bytes([0, b0, b1, b2]) as usize;
            if len > MAX_ROUTING {
                return Err(FrameError::TooLong { len, max: MAX_ROUTING });
            }
            let Some((routing, after)) = after.split_at_checked(len) else { return Ok(None) };
            routing_info = Some(routing.to_vec());
            rest = after;
        }
        let Some((&prologue, rest)) = rest.split_first_chunk() else {
            return if routing_info.is_some() || starts_like_intro(rest) { Ok(None) } else { Err(FrameError::Intro) };
        };
        // A future dictionary version fails where it must: in the handshake, whose prologue it is.
        if prologue[..3] != INTRO[..3] {
            return Err(FrameError::Intro);
        }
        let rest = rest.to_vec();
        self.buffer = Vec::new();
        Ok(Some((Intro { routing_info, prologue }, rest)))
    }
}

fn starts_like_intro(bytes: &[u8]) -> bool {
    INTRO.starts_with(bytes) || ROUTING.starts_with(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(payloads: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        for payload in payloads {
            encode_frame(payload, &mut out).unwrap();
        }
        out
    }

    fn all(decoder: &mut FrameDecoder) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| decoder.next_frame().unwrap()).map(|frame| frame.to_vec()).collect()
    }

    const PAYLOADS: [&[u8]; 4] = [b"one", b"", &[7; 70_000], b"four"];

    #[test]
    fn several_frames_in_one_push_come_out_one_by_one() {
        let mut decoder = FrameDecoder::default();
        decoder.push(&framed(&PAYLOADS));
        assert_eq!(all(&mut decoder), PAYLOADS);
        assert_eq!(decoder.buffered(), 0);
    }

    #[test]
    fn a_stream_may_arrive_byte_by_byte() {
        let mut decoder = FrameDecoder::default();
        let mut seen = Vec::new();
        for byte in framed(&PAYLOADS) {
            decoder.push(&[byte]);
            seen.extend(all(&mut decoder));
        }
        assert_eq!(seen, PAYLOADS);
    }

    #[test]
    fn an_announced_length_reserves_no_memory() {
        let mut decoder = FrameDecoder::default();
        decoder.push(&[0xff, 0xff, 0xff, 1, 2]);
        assert_eq!(decoder.next_frame(), Ok(None));
        assert!(decoder.buffer.capacity() < 1024);
    }

    #[test]
    fn an_idle_decoder_keeps_no_memory() {
        let mut decoder = FrameDecoder::default();
        decoder.push(&framed(&PAYLOADS));
        assert_eq!(all(&mut decoder).len(), 4);
        assert_eq!(decoder.buffer.capacity(), 0);
    }

    #[test]
    fn frames_longer_than_the_limit_are_refused_at_their_header() {
        let mut decoder = FrameDecoder::new(4);
        decoder.push(&framed(&[b"four", b"fives"])[..10]);
        assert_eq!(decoder.next_frame().unwrap().unwrap(), b"four"[..]);
        assert_eq!(decoder.next_frame(), Err(FrameError::TooLong { len: 5, max: 4 }));
        decoder.set_max(5);
        assert_eq!(decoder.next_frame(), Ok(None));
    }

    #[test]
    fn a_payload_that_fits_in_no_frame_is_refused() {
        let mut out = Vec::new();
        let expected = FrameError::TooLong { len: MAX_FRAME + 1, max: MAX_FRAME };
        assert_eq!(encode_frame(&vec![0; MAX_FRAME + 1], &mut out), Err(expected));
        assert!(out.is_empty());
        assert_eq!(header(MAX_FRAME), Ok([0xff; 3]));
    }

    #[test]
    fn the_intro_is_read_back_with_and_without_routing_information() {
        assert_eq!(intro(None), INTRO);
        assert_eq!(intro(Some(b"\x08\x0d")), b"ED\x00\x01\x00\x00\x02\x08\x0dWA\x06\x03");
        assert_eq!(intro(Some(&vec![0; MAX_FRAME + 1])), INTRO);
        for routing in [None, Some(b"\x08\x0d".to_vec()), Some(Vec::new())] {
            let mut stream = intro(routing.as_deref());
            let len = stream.len();
            stream.extend(b"\0\0\x01x");
            let expected = Intro { routing_info: routing, prologue: INTRO };
            let whole = IntroParser::new().push(&stream);
            assert_eq!(whole, Ok(Some((expected.clone(), b"\0\0\x01x".to_vec()))));

            let mut parser = IntroParser::new();
            for byte in &stream[..len - 1] {
                assert_eq!(parser.push(&[*byte]), Ok(None));
            }
            assert_eq!(parser.push(&stream[len - 1..len]), Ok(Some((expected, Vec::new()))));
        }
    }

    #[test]
    fn a_later_dictionary_version_is_left_to_the_handshake() {
        let (intro, _) = IntroParser::new().push(b"WA\x06\x04").unwrap().unwrap();
        assert_eq!(intro.prologue, *b"WA\x06\x04");
    }

    #[test]
    fn other_intros_are_refused() {
        for bytes in [&b"GET / HTTP/1.1"[..], b"G", b"WA\x05\x03", b"ED\x00\x02", b"ED\x00\x01\x00\x00\x00XXXX"] {
            assert_eq!(IntroParser::new().push(bytes), Err(FrameError::Intro));
        }
        let huge = IntroParser::new().push(b"ED\x00\x01\xff\xff\xff");
        assert_eq!(huge, Err(FrameError::TooLong { len: MAX_FRAME, max: MAX_ROUTING }));
    }
}
