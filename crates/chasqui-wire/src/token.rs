//! The token dictionary, version 3: short codes for strings that stanzas use often (01-connection §5.2, §5.4).
//!
//! The tables come from `data/tokens.json` at build time; the reverse index is an open-addressed table that the
//! compiler fills, so that a lookup costs one hash and usually one comparison.

include!(concat!(env!("OUT_DIR"), "/tokens.rs"));

/// The length in bytes of the longest token.
const LONGEST: usize = 48;
/// The first code of the double-byte tokens in [`INDEX`]; below it are the single-byte ones.
const FIRST_DOUBLE: usize = 0x100;
const END: usize = FIRST_DOUBLE + DOUBLE_BYTE.len() * 256;
const SLOT_BITS: u32 = 12;
const SLOTS: usize = 1 << SLOT_BITS;

static SINGLE: [&str; SINGLE_BYTE.len()] = SINGLE_BYTE;
static DOUBLE: [[&str; 256]; DOUBLE_BYTE.len()] = DOUBLE_BYTE;
/// Codes of tokens by hash; 0 is a free slot.
static INDEX: [u16; SLOTS] = index();

/// How a string of the dictionary is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// One byte, from 1 to 235.
    Single(u8),
    /// The dictionary (0 to 3) and the index in it.
    Double(u8, u8),
}

/// The string of a single-byte token (1 to 235).
pub fn single(index: u8) -> Option<&'static str> {
    SINGLE.get(usize::from(index)).copied().filter(|token| !token.is_empty())
}

/// The string of a double-byte token.
pub fn double(dictionary: u8, index: u8) -> Option<&'static str> {
    DOUBLE.get(usize::from(dictionary)).map(|table| table[usize::from(index)])
}

/// The token of a string, if the dictionary has it.
pub fn find(text: &str) -> Option<Token> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let mut slot = slot(text.as_bytes());
    loop {
        let code = INDEX[slot];
        match code.to_be_bytes() {
            [0, 0] => return None,
            [0, index] if SINGLE[usize::from(index)] == text => return Some(Token::Single(index)),
            [page, index] if page > 0 && DOUBLE[usize::from(page - 1)][usize::from(index)] == text => {
                return Some(Token::Double(page - 1, index));
            }
            _ => slot = (slot + 1) % SLOTS,
        }
    }
}

const fn index() -> [u16; SLOTS] {
    let mut slots = [0; SLOTS];
    let mut code = 1;
    while code < END {
        if code < SINGLE_BYTE.len() || code >= FIRST_DOUBLE {
            let token = if code < FIRST_DOUBLE {
                SINGLE_BYTE[code]
            } else {
                DOUBLE_BYTE[(code - FIRST_DOUBLE) / 256][code % 256]
            };
            assert!(!token.is_empty() && token.len() <= LONGEST);
            let mut slot = slot(token.as_bytes());
            while slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = code as u16;
        }
        code += 1;
    }
    slots
}

/// Hashes the length, the first and the last eight bytes: tokens seldom share all three.
const fn slot(text: &[u8]) -> usize {
    let len = text.len();
    let (head, tail) = if len >= 8 { (word(text, 0, 8), word(text, len - 8, 8)) } else { (word(text, 0, len), 0) };
    let mixed = head.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ tail.wrapping_mul(0xc2b2_ae3d_27d4_eb4f) ^ len as u64;
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (mixed >> (u64::BITS - SLOT_BITS)) as usize
}

const fn word(text: &[u8], start: usize, len: usize) -> u64 {
    let mut word = 0;
    let mut at = 0;
    while at < len {
        word |= (text[start + at] as u64) << (8 * at);
        at += 1;
    }
    word
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::test_data::hex;

    fn digest(table: &[&str]) -> Vec<u8> {
        Sha256::digest(table.join("\n")).to_vec()
    }

    #[test]
    fn the_tables_are_those_of_dictionary_version_3() {
        assert_eq!(SINGLE.len(), 236);
        assert_eq!(digest(&SINGLE), hex("1e8302d2aba0d8c40d09fd79fc9c70347350cb00926dd0e3565683b347be35a5"));
        let expected = [
            "c19c763b07f7684fc58490eb838873edeec498d59bf4d56bbb33d8e7af4cb112",
            "e8894a798e1d92bc5f5f5cd1c2ffeef43a5c03acb1775b34d121ffe0a19b8f6a",
            "8f4081781e324d9ab95574b01ff37a44753403cebd0d1feeeb985661cc86cae8",
            "8e397aec42a6a503621910cf3d7a8f9e287e94192031265b6e55519e0e19fadc",
        ];
        assert_eq!(DOUBLE.len(), expected.len());
        for (table, expected) in DOUBLE.iter().zip(expected) {
            assert_eq!(digest(table), hex(expected));
        }
    }

    #[test]
    fn every_token_is_found_under_its_own_code() {
        for (index, token) in SINGLE.iter().enumerate().skip(1) {
            assert_eq!(find(token), Some(Token::Single(index as u8)));
            assert_eq!(single(index as u8), Some(*token));
        }
        for (page, table) in DOUBLE.iter().enumerate() {
            for (index, token) in table.iter().enumerate() {
                assert_eq!(find(token), Some(Token::Double(page as u8, index as u8)));
                assert_eq!(double(page as u8, index as u8), Some(*token));
            }
        }
    }

    #[test]
    fn other_strings_are_no_tokens() {
        for text in ["", "constructor", "toString", "__proto__", "S.whatsapp.net", "receipts", "é", &"a".repeat(49)] {
            assert_eq!(find(text), None, "{text}");
        }
        assert_eq!(single(0), None);
        assert_eq!(single(236), None);
        assert_eq!(double(4, 0), None);
    }
}
