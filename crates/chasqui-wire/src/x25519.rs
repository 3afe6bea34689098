//! X25519 (RFC 7748), which is most of what a handshake, a new Signal session and a ratchet turn cost.
//!
//! Graviola's assembly, which is formally verified, takes less than half the time of portable code; on processors that it
//! does not support, and on other architectures, x25519-dalek computes the same.

use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// The public half of a clamped private key.
pub(crate) fn public_key(private: &[u8; 32]) -> [u8; 32] {
    if let Some(public) = fast::public_key(private) { public } else { portable_public_key(private) }
}

/// The shared secret; all zero when `public` is a point of small order.
pub(crate) fn agree(private: &[u8; 32], public: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    if let Some(shared) = fast::agree(private, public) { shared } else { portable_agree(private, public) }
}

fn portable_public_key(private: &[u8; 32]) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(*private)).to_bytes()
}

fn portable_agree(private: &[u8; 32], public: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(StaticSecret::from(*private).diffie_hellman(&PublicKey::from(*public)).to_bytes())
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod fast {
    use graviola::key_agreement::x25519::{PublicKey, StaticPrivateKey};
    use graviola::util::is_cpu_supported;
    use zeroize::Zeroizing;

    pub(super) fn public_key(private: &[u8; 32]) -> Option<[u8; 32]> {
        is_cpu_supported().then(|| StaticPrivateKey::from_array(private).public_key().as_bytes())
    }

    pub(super) fn agree(private: &[u8; 32], public: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
        if !is_cpu_supported() {
            return None;
        }
        let shared = StaticPrivateKey::from_array(private).diffie_hellman(&PublicKey::from_array(public));
        // Its only error is the all-zero secret.
        Some(Zeroizing::new(shared.map_or([0; 32], |shared| shared.as_bytes())))
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod fast {
    use zeroize::Zeroizing;

    pub(super) fn public_key(_: &[u8; 32]) -> Option<[u8; 32]> {
        None
    }

    pub(super) fn agree(_: &[u8; 32], _: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_data::hex_array;

    /// RFC 7748 §5.2.
    const VECTORS: [[&str; 3]; 2] = [
        [
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ],
        [
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ],
    ];

    #[test]
    fn the_vectors_of_the_rfc_hold() {
        for [private, public, shared] in VECTORS.map(|vector| vector.map(hex_array)) {
            assert_eq!(*agree(&private, &public), shared);
            assert_eq!(*portable_agree(&private, &public), shared);
        }
    }

    #[test]
    fn both_take_points_that_are_no_canonical_numbers_alike() {
        let private = hex_array(VECTORS[0][0]);
        for low in 0..=255 {
            // 2^255 - 19 and what is above it, with and without the bit that does not count.
            for high in [0x7f, 0xff] {
                let mut public = [0xff; 32];
                (public[0], public[31]) = (low, high);
                assert_eq!(agree(&private, &public), portable_agree(&private, &public), "{low:x} {high:x}");
            }
        }
    }

    proptest! {
        #[test]
        fn both_compute_the_same(private: [u8; 32], public: [u8; 32]) {
            prop_assert_eq!(public_key(&private), portable_public_key(&private));
            prop_assert_eq!(agree(&private, &public), portable_agree(&private, &public));
        }
    }
}
