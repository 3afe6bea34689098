//! What is kept of a collection besides its map. Source: 04-app-state §1, §8, §15.

use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasher,
};

use crate::{IndexMac, LtHash, ValueMac};

/// Version and hash of a collection. Its map, index MAC to value MAC, is stored record by record by the caller, and
/// changes in the same transaction: a state without its map can never be verified again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The last applied version; 0 when there is none.
    pub version: u64,
    /// The hash over all value MACs of the map.
    pub hash: LtHash,
    /// A patch's snapshot MAC did not match. Such a collection goes on, and is not compared again until a snapshot
    /// repairs it (§8.2).
    pub mismatch: bool,
}

impl State {
    /// The state of a collection of which nothing is known.
    pub const EMPTY: Self = Self { version: 0, hash: LtHash::EMPTY, mismatch: false };
    /// Length in bytes of the stored form.
    pub const STORED_LEN: usize = 2 + 8 + LtHash::LEN;
    const FORMAT: u8 = 1;

    /// The form to be stored: format, mismatch flag, version (big-endian), hash.
    pub fn to_bytes(&self) -> [u8; Self::STORED_LEN] {
        let mut out = [0; Self::STORED_LEN];
        out[0] = Self::FORMAT;
        out[1] = u8::from(self.mismatch);
        out[2..10].copy_from_slice(&self.version.to_be_bytes());
        out[10..].copy_from_slice(&self.hash.to_bytes());
        out
    }

    /// Reads the stored form; `None` when it is damaged or of a later format.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([Self::FORMAT, flag @ (0 | 1)], rest) = bytes.split_first_chunk::<2>()? else { return None };
        let (version, hash) = rest.split_first_chunk::<8>()?;
        let hash = LtHash::from_bytes(hash.try_into().ok()?);
        Some(Self { version: u64::from_be_bytes(*version), hash, mismatch: *flag == 1 })
    }
}

impl Default for State {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// The value MACs that the map holds. Whoever stores the map asynchronously looks up what
/// [`Patch::needed`](crate::Patch::needed) names, and hands in what was found.
pub trait ValueMacs {
    /// The value MAC stored under an index MAC.
    fn value_mac(&self, index: &IndexMac) -> Option<ValueMac>;
}

impl<S: BuildHasher> ValueMacs for HashMap<IndexMac, ValueMac, S> {
    fn value_mac(&self, index: &IndexMac) -> Option<ValueMac> {
        self.get(index).copied()
    }
}

impl ValueMacs for BTreeMap<IndexMac, ValueMac> {
    fn value_mac(&self, index: &IndexMac) -> Option<ValueMac> {
        self.get(index).copied()
    }
}

/// What was looked up, kept up to date while several patches are applied one after the other.
pub type Lookup = HashMap<IndexMac, ValueMac>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_state_is_read_back() {
        let mut state = State { version: 258, hash: LtHash::EMPTY, mismatch: true };
        state.hash.update(&[], &[ValueMac([7; 32])]);
        let stored = state.to_bytes();
        assert_eq!(stored[..10], [1, 1, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(State::from_bytes(&stored), Some(state));
    }

    #[test]
    fn a_damaged_state_is_refused() {
        let stored = State::EMPTY.to_bytes();
        assert_eq!(State::from_bytes(&stored[1..]), None);
        assert_eq!(State::from_bytes(&[&stored[..], &[0]].concat()), None);
        for (at, byte) in [(0, 2), (1, 2)] {
            let mut damaged = stored;
            damaged[at] = byte;
            assert_eq!(State::from_bytes(&damaged), None);
        }
    }
}
