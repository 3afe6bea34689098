//! Binary stanzas: nodes to bytes and back (01-connection §5).
//!
//! A decrypted frame is `flags (1) | node bytes`. [`encode`] writes both; on the way in, [`unpack`] strips the flags
//! (and inflates when they say so) and [`decode`] reads the node, which borrows from the bytes.
//!
//! Everything that comes in is hostile: nesting, counts, lengths and inflated size are bounded, and no memory is
//! reserved for what is only announced.

use std::borrow::Cow;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

mod decode;
mod encode;
mod packed;

pub use decode::{decode, decode_first, decode_head};
pub use encode::{encode, encode_into};

/// How deep nodes may be nested, the root included.
pub const MAX_DEPTH: usize = 128;
/// How many nodes and attributes a stanza may hold in all.
pub const MAX_ITEMS: usize = 1 << 20;
/// The size in bytes up to which a compressed stanza is inflated.
pub const MAX_INFLATED: usize = 16 << 20;

/// Set in the flags when the node bytes are zlib-compressed.
const COMPRESSED: u8 = 0x02;

/// The tag bytes of the format (§5.2); 1 to 235 are single-byte tokens.
mod tag {
    pub const LIST_EMPTY: u8 = 0x00;
    pub const DICTIONARY_0: u8 = 0xec;
    pub const DICTIONARY_3: u8 = 0xef;
    pub const INTEROP_JID: u8 = 0xf5;
    pub const FB_JID: u8 = 0xf6;
    pub const AD_JID: u8 = 0xf7;
    pub const LIST_8: u8 = 0xf8;
    pub const LIST_16: u8 = 0xf9;
    pub const JID_PAIR: u8 = 0xfa;
    pub const HEX_8: u8 = 0xfb;
    pub const BINARY_8: u8 = 0xfc;
    pub const BINARY_20: u8 = 0xfd;
    pub const BINARY_32: u8 = 0xfe;
    pub const NIBBLE_8: u8 = 0xff;
}

/// A node that the format cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A node without a name.
    #[error("a node has an empty tag")]
    EmptyTag,
    /// More than 65,535 children or 32,767 attributes in one node.
    #[error("a node has {0} parts, more than the format can count")]
    TooMany(usize),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nodes are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// A string or content of 4 GiB or more.
    #[error("a content of {0} bytes is longer than the format can say")]
    TooLong(usize),
}

/// Bytes that are not a stanza.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end before the stanza does.
    #[error("the stanza is cut short")]
    Truncated,
    /// Bytes remain after the root node.
    #[error("{0} bytes follow the stanza")]
    Trailing(usize),
    /// A tag byte that has no meaning where it stands.
    #[error("tag {0:#04x} is not allowed here")]
    Tag(u8),
    /// A node of size 0 or without a name.
    #[error("a node has no tag")]
    EmptyTag,
    /// A packed string with a nibble that stands for nothing.
    #[error("a packed string holds an invalid character")]
    Packed,
    /// An AD_JID of a domain that is not known.
    #[error("JID domain {0} is not known")]
    Domain(u8),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nodes are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_ITEMS`] nodes and attributes.
    #[error("the stanza holds more than {MAX_ITEMS} nodes and attributes")]
    TooMany,
    /// The compressed bytes are not a whole zlib stream.
    #[error("the compressed stanza is damaged")]
    Inflate,
    /// Inflated, the stanza is larger than allowed.
    #[error("the inflated stanza is larger than {0} bytes")]
    TooLong(usize),
}

impl DecodeError {
    /// Whether it is a stanza as far as it was read, and merely larger than is taken.
    pub const fn is_excess(&self) -> bool {
        matches!(self, Self::TooDeep | Self::TooMany | Self::TooLong(_))
    }
}

/// Strips the flags of a decrypted frame and inflates the rest when they say so, up to `max` bytes.
///
/// Never holds more than about twice `max` bytes, whatever the compressed bytes promise. Flags other than the
/// compression bit are ignored.
pub fn unpack(plaintext: &[u8], max: usize) -> Result<Cow<'_, [u8]>, DecodeError> {
    match plaintext.split_first() {
        None => Err(DecodeError::Truncated),
        Some((flags, rest)) if flags & COMPRESSED == 0 => Ok(Cow::Borrowed(rest)),
        Some((_, rest)) => inflate(rest, max).map(Cow::Owned),
    }
}

/// The beginning of a frame that [`unpack`] refuses as too long, inflated up to `max` bytes.
pub fn unpack_head(plaintext: &[u8], max: usize) -> Vec<u8> {
    let Some((flags, rest)) = plaintext.split_first() else { return Vec::new() };
    if flags & COMPRESSED == 0 {
        return rest.iter().copied().take(max).collect();
    }
    let mut head = Vec::with_capacity(max);
    // A damaged stream gives what comes before the damage.
    let _ = Decompress::new(true).decompress_vec(rest, &mut head, FlushDecompress::None);
    head
}

fn inflate(input: &[u8], max: usize) -> Result<Vec<u8>, DecodeError> {
    let mut zlib = Decompress::new(true);
    let mut out = Vec::with_capacity(input.len().saturating_mul(4).clamp(256, 64 << 10).min(max.saturating_add(1)));
    loop {
        let consumed = usize::try_from(zlib.total_in()).map_err(|_| DecodeError::Inflate)?;
        let rest = input.get(consumed..).ok_or(DecodeError::Inflate)?;
        let written = out.len();
        let status = zlib.decompress_vec(rest, &mut out, FlushDecompress::None).map_err(|_| DecodeError::Inflate)?;
        if out.len() > max {
            return Err(DecodeError::TooLong(max));
        }
        let progress = out.len() > written || zlib.total_in() > consumed as u64;
        match status {
            Status::StreamEnd => {
                return match input.len() as u64 - zlib.total_in() {
                    0 => Ok(out),
                    trailing => Err(DecodeError::Trailing(trailing as usize)),
                };
            }
            _ if out.len() == out.capacity() => out.reserve(out.len().min(max - out.len()) + 1),
            _ if progress => {}
            _ => return Err(DecodeError::Inflate),
        }
    }
}

/// Compresses an encoded stanza (its flags byte included): the form servers use for large ones.
///
/// Gives the flags byte `02` and a zlib stream.
pub fn compress(encoded: &[u8]) -> Vec<u8> {
    let node = encoded.get(1..).unwrap_or_default();
    let mut zlib = Compress::new(Compression::default(), true);
    let mut out = Vec::with_capacity(node.len() / 2 + 64);
    out.push(COMPRESSED);
    loop {
        let consumed = usize::try_from(zlib.total_in()).unwrap_or(node.len());
        match zlib.compress_vec(&node[consumed..], &mut out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => return out,
            _ => out.reserve(out.len().max(64)),
        }
    }
}

#[cfg(test)]
mod tests;
