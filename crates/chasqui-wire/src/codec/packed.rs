//! Packed strings: two characters in a byte (01-connection §5.5).

use compact_str::CompactString;

use super::{DecodeError, tag};

/// The longest string that is packed, in characters.
const MAX: usize = 127;
const ODD: u8 = 0x80;

/// The characters of a byte's two nibbles; 0 stands for an invalid one.
type Pairs = [[u8; 2]; 256];
static NIBBLE_PAIRS: Pairs = pairs(b"0123456789-.\0\0\0\0");
static HEX_PAIRS: Pairs = pairs(b"0123456789ABCDEF");

const fn pairs(alphabet: &[u8; 16]) -> Pairs {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [alphabet[byte >> 4], alphabet[byte & 15]];
        byte += 1;
    }
    pairs
}

const NIBBLE: u8 = 0x10;
const HEX: u8 = 0x20;

/// For each character: its value in the low nibble (`-` and `A` are both 10), its alphabets in the high one.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut value = 0;
    while value < 16 {
        if value < 12 {
            classes[b"0123456789-."[value] as usize] |= NIBBLE | value as u8;
        }
        classes[b"0123456789ABCDEF"[value] as usize] |= HEX | value as u8;
        value += 1;
    }
    classes
};

/// Appends `text` packed, tag included, if one of the alphabets can write it and it is 1 to 127 characters long.
pub(super) fn write(text: &str, out: &mut Vec<u8>) -> bool {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > MAX {
        return false;
    }
    let mut alphabets = NIBBLE | HEX;
    for byte in bytes {
        alphabets &= CLASSES[usize::from(*byte)];
        if alphabets == 0 {
            return false;
        }
    }
    let odd = bytes.len() % 2 == 1;
    out.push(if alphabets & NIBBLE != 0 { tag::NIBBLE_8 } else { tag::HEX_8 });
    out.push(bytes.len().div_ceil(2) as u8 | if odd { ODD } else { 0 });
    out.extend(bytes.chunks(2).map(|pair| match pair {
        [high, low] => CLASSES[usize::from(*high)] << 4 | CLASSES[usize::from(*low)] & 15,
        [last] => CLASSES[usize::from(*last)] << 4 | 15,
        _ => 0,
    }));
    true
}

/// The number of bytes that follow the length byte.
pub(super) fn len(header: u8) -> usize {
    usize::from(header & !ODD)
}

/// Unpacks the bytes that follow `tag` and its length byte.
pub(super) fn read(tag: u8, header: u8, bytes: &[u8]) -> Result<CompactString, DecodeError> {
    let pairs = if tag == tag::HEX_8 { &HEX_PAIRS } else { &NIBBLE_PAIRS };
    let mut out = [0u8; 2 * MAX];
    for (chars, byte) in out.chunks_exact_mut(2).zip(bytes) {
        chars.copy_from_slice(&pairs[usize::from(*byte)]);
    }
    let len = (2 * bytes.len()).checked_sub(usize::from(header >> 7)).ok_or(DecodeError::Packed)?;
    let chars = out.get(..len).ok_or(DecodeError::Packed)?;
    if chars.contains(&0) {
        return Err(DecodeError::Packed);
    }
    CompactString::from_utf8(chars).map_err(|_| DecodeError::Packed)
}
