//! LT-hash: 64 lanes of 16 bits that stand for a whole map of records, whatever the order of changes.
//!
//! `expand(value MAC) = HKDF-SHA256(value MAC, "WhatsApp Patch Integrity", 128)`, read as little-endian lanes and added or
//! subtracted without carry. Source: 04-app-state §4.
//!
//! Every record costs one expansion, so it is written out over the compression function: all lengths are known, and the
//! blocks are filled in place. That is half the time of a general HKDF.

use std::fmt;

use sha2::block_api::compress256;

use crate::{ValueMac, parallel::in_chunks};

const LANES: usize = 64;
const INFO: &[u8; 24] = b"WhatsApp Patch Integrity";
/// State of SHA-256 before the first block (FIPS 180-4 §5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The hash of a collection. Empty collections have 128 zero bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct LtHash([u16; LANES]);

impl LtHash {
    /// Length in bytes.
    pub const LEN: usize = 128;
    /// The hash of an empty collection.
    pub const EMPTY: Self = Self([0; LANES]);

    /// Reads the 128 bytes.
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let mut lanes = [0; LANES];
        for (lane, pair) in lanes.iter_mut().zip(bytes.chunks_exact(2)) {
            *lane = u16::from_le_bytes([pair[0], pair[1]]);
        }
        Self(lanes)
    }

    /// The 128 bytes.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        for (pair, lane) in out.chunks_exact_mut(2).zip(&self.0) {
            pair.copy_from_slice(&lane.to_le_bytes());
        }
        out
    }

    /// Takes back what is replaced or removed, and adds what is set.
    pub fn update(&mut self, subtract: &[ValueMac], add: &[ValueMac]) {
        let (subtract, add) = (Self::sum(subtract), Self::sum(add));
        for ((lane, less), more) in self.0.iter_mut().zip(subtract.0).zip(add.0) {
            *lane = lane.wrapping_sub(less).wrapping_add(more);
        }
    }

    /// The hash of a map with these values.
    pub fn sum(values: &[ValueMac]) -> Self {
        let mut sum = Self::EMPTY;
        for part in in_chunks(values, Self::sum_here) {
            sum.add(&part.0);
        }
        sum
    }

    fn sum_here(values: &[ValueMac]) -> Self {
        let expander = Expander::new();
        let mut sum = Self::EMPTY;
        values.iter().for_each(|value| sum.add(&expander.lanes(value)));
        sum
    }

    fn add(&mut self, lanes: &[u16; LANES]) {
        self.0.iter_mut().zip(lanes).for_each(|(lane, other)| *lane = lane.wrapping_add(*other));
    }
}

impl fmt::Debug for LtHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LtHash({:04x}{:04x}…)", self.0[0].swap_bytes(), self.0[1].swap_bytes())
    }
}

/// HKDF of a value MAC. Holds the state after the key block of the extraction, whose key is always 32 zero bytes.
struct Expander {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Expander {
    fn new() -> Self {
        let [inner, outer] = keyed(&[0; 32]);
        Self { inner, outer }
    }

    fn lanes(&self, mac: &ValueMac) -> [u16; LANES] {
        let mut block = padded(32);
        block[..32].copy_from_slice(&mac.0);
        let pseudo_random = finish(&self.outer, self.inner, &[block]);
        let [inner, outer] = keyed(&pseudo_random);

        // T(1) hashes info and counter, T(n) also T(n-1), which no longer fits one block with its length behind it.
        let mut block = padded(INFO.len() + 1);
        block[..24].copy_from_slice(INFO);
        block[24] = 1;
        let mut output = finish(&outer, inner, &[block]);
        let mut lanes = [0; LANES];
        write(&mut lanes, 0, &output);
        for counter in 2..=4u8 {
            let mut blocks = [[0; 64], [0; 64]];
            blocks[0][..32].copy_from_slice(&output);
            blocks[0][32..56].copy_from_slice(INFO);
            blocks[0][56] = counter;
            blocks[0][57] = 0x80;
            blocks[1][56..].copy_from_slice(&bit_length(57).to_be_bytes());
            output = finish(&outer, inner, &blocks);
            write(&mut lanes, usize::from(counter) - 1, &output);
        }
        lanes
    }
}

fn write(lanes: &mut [u16; LANES], part: usize, output: &[u8; 32]) {
    for (lane, pair) in lanes[part * 16..].iter_mut().zip(output.chunks_exact(2)) {
        *lane = u16::from_le_bytes([pair[0], pair[1]]);
    }
}

/// States of HMAC's inner and outer hash after the key block.
fn keyed(key: &[u8; 32]) -> [[u32; 8]; 2] {
    [0x36u8, 0x5c].map(|pad| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        let mut state = INITIAL;
        compress256(&mut state, &[block]);
        state
    })
}

/// HMAC of padded blocks, from the states of [`keyed`].
fn finish(outer: &[u32; 8], mut state: [u32; 8], blocks: &[[u8; 64]]) -> [u8; 32] {
    compress256(&mut state, blocks);
    let mut block = padded(32);
    block[..32].copy_from_slice(&digest(&state));
    let mut state = *outer;
    compress256(&mut state, &[block]);
    digest(&state)
}

/// The last block of a hash whose message is a key block and `length` more bytes, at most 55, which are to be filled in.
fn padded(length: usize) -> [u8; 64] {
    let mut block = [0; 64];
    block[length] = 0x80;
    block[56..].copy_from_slice(&bit_length(length).to_be_bytes());
    block
}

const fn bit_length(length: usize) -> u64 {
    (64 + length as u64) * 8
}

fn digest(state: &[u32; 8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use hkdf::Hkdf;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;
    use crate::vectors::hex;

    const ONE: ValueMac = ValueMac([1; 32]);
    const TWO: ValueMac = ValueMac([2; 32]);

    fn bytes(hash: &LtHash) -> Vec<u8> {
        hash.to_bytes().to_vec()
    }

    #[test]
    fn adding_and_subtracting_gives_the_vectors() {
        let mut hash = LtHash::EMPTY;
        hash.update(&[], &[ONE]);
        assert_eq!(
            bytes(&hash),
            hex(
                "480731be8120f60bc4ec932b3d4a39963619f5159f1b76eb47c202e2015b5eacfaeb9739457e87ebe9b32113d372c334184c526cb53a7b3a62ec3732838ee43b\
                 94d8b11eeb4c6a278ac31f15e3d4b26e23f637f31e278ff399d2141a81dbc5f400aa882afeff5deeedd3ebcdd7e6e0757b7f0fb0595de01935b2819f1ab58173"
            )
        );
        hash.update(&[], &[TWO]);
        assert_eq!(
            bytes(&hash),
            hex(
                "530d65c5e08d8d0a3accb9e7b460caecbd83baba3240092381e5c30f7184d83ab5005be5ffb6764e69de87199bb35696e25c322762752ee97a3eea10a2f6bee5\
                 975b981c2445d73080f6c9a0a3b74d506bada8b1448e1d300e636ecb4cc782deaf512e1c7d489d23904966e24f3f153d22693053f7780deb018d7158d0ab517e"
            )
        );
        hash.update(&[ONE], &[]);
        assert_eq!(
            bytes(&hash),
            hex(
                "0b0634075f6d97fe76df26bc77169156876ac5a4932493373a23c12d70297a8ebb14c4abba38ef62802a6606c8409361ca10e0baad3ab3ae1852b3de1f68daa9\
                 0383e7fd39f86d09f632aa8bc0e29be148b771be26678e3c75905ab1cbebbde9afa7a6f17f484035a3757b14785835c7a7e921a39e1b2dd1ccdaf0b8b6f6d00a"
            )
        );
        hash.update(&[TWO], &[]);
        assert_eq!(hash, LtHash::EMPTY);
        hash.update(&[ONE], &[]);
        assert_eq!(
            bytes(&hash),
            hex(
                "b8f8cf417fdf0af43c136dd4c3b5c769cae60bea61e48a14b93dfe1dffa4a253061469c6bb817914174cdfec2d8d3dcbe8b3ae934bc585c59e13c9cd7d711cc4\
                 6c274fe115b396d8763ce1ea1d2b4e91dd09c90ce2d8710c672dece57f243b0b005678d50200a311132c15322919208a8580f14fa7a220e6cb4d7f60e64a7f8c"
            )
        );
    }

    #[test]
    fn a_sum_over_several_threads_is_that_of_one() {
        let macs: Vec<ValueMac> =
            (0..3_000u16).map(|at| ValueMac([at.to_le_bytes(); 16].concat().try_into().expect("32 bytes"))).collect();
        assert_eq!(LtHash::sum(&macs), LtHash::sum_here(&macs));
    }

    proptest! {
        #[test]
        fn an_expansion_is_that_of_the_hkdf_crate(mac: [u8; 32]) {
            let mut expected = [0; 128];
            Hkdf::<Sha256>::new(None, &mac).expand(INFO, &mut expected).expect("a short output");
            prop_assert_eq!(LtHash(Expander::new().lanes(&ValueMac(mac))).to_bytes(), expected);
        }

        #[test]
        fn the_order_of_changes_does_not_matter(macs in prop::collection::vec(any::<[u8; 32]>(), 0..12), cut: usize) {
            let macs: Vec<ValueMac> = macs.into_iter().map(ValueMac).collect();
            let (removed, kept) = macs.split_at(cut % (macs.len() + 1));
            let mut forth = LtHash::EMPTY;
            forth.update(&[], &macs);
            forth.update(removed, &[]);
            let mut back = LtHash::EMPTY;
            back.update(removed, &macs.iter().rev().copied().collect::<Vec<_>>());
            prop_assert_eq!(&forth, &back);
            prop_assert_eq!(&forth, &LtHash::sum(kept));
            prop_assert_eq!(LtHash::from_bytes(&forth.to_bytes()), forth);
        }
    }
}
