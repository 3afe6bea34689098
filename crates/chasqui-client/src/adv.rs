//! What an account's phone signs about its companions: the identity of each, and the list of those that are linked.
//!
//! Nothing here trusts a key by itself: whoever calls compares the account key with the one that is known of the user.
//! The received bytes are verified, never a re-encoding. Source: 02-pairing-and-keys §2.4 and §5.4.

use chasqui_proto::{AdvKeyIndexList, AdvSignedDeviceIdentity, AdvSignedKeyIndexList, ProtoMessage};
use chasqui_wire::{Node, PublicKey};

const ACCOUNT_PREFIXES: [[u8; 2]; 2] = [[6, 0], [6, 5]];
const DEVICE_PREFIXES: [[u8; 2]; 2] = [[6, 1], [6, 6]];
const LIST_PREFIXES: [[u8; 2]; 2] = [[6, 2], [6, 7]];
/// Key indexes in a list: more than an account ever links.
const MAX_INDEXES: usize = 1000;

/// Why something is not what an account signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AdvError {
    #[error("it cannot be read")]
    Malformed,
    #[error("no account key is known to verify it with")]
    NoKey,
    #[error("its account key is not the one that is known")]
    OtherAccount,
    #[error("its signature does not verify")]
    Signature,
}

/// The content of `<device-identity>`.
pub(crate) fn device_identity<'n>(parent: &'n Node<'_>) -> Option<&'n [u8]> {
    parent.find("device-identity").and_then(Node::content_bytes)
}

/// Checks that an account linked the companion with this identity: `ADVSignedDeviceIdentity` beside a bundle or a
/// `pkmsg`. Gives the account key.
///
/// `known` is the account key that is known; it is needed when the bytes do not carry one.
pub(crate) fn verify_device(
    bytes: &[u8],
    identity: &PublicKey,
    known: Option<&PublicKey>,
) -> Result<PublicKey, AdvError> {
    let signed = AdvSignedDeviceIdentity::decode(bytes).map_err(|_| AdvError::Malformed)?;
    let account = account_key(signed.account_signature_key.as_deref(), known)?;
    let details = signed.details.as_deref().ok_or(AdvError::Malformed)?;
    let by_account = signed.account_signature.as_deref().ok_or(AdvError::Malformed)?;
    let by_device = signed.device_signature.as_deref().ok_or(AdvError::Malformed)?;
    verify(&account, &ACCOUNT_PREFIXES, &[details, identity.as_bytes()], by_account)?;
    verify(identity, &DEVICE_PREFIXES, &[details, identity.as_bytes(), account.as_bytes()], by_device)?;
    Ok(account)
}

/// A verified list of the companions that are linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyIndexList {
    /// Another number: the phone was registered anew.
    pub raw_id: u32,
    /// When it was signed, Unix seconds.
    pub timestamp: u64,
    current: u32,
    valid: Vec<u32>,
}

impl KeyIndexList {
    /// Whether a companion with this key index is linked; one that is newer than the list counts.
    pub fn has(&self, key_index: u32) -> bool {
        key_index > self.current || self.valid.contains(&key_index)
    }
}

/// Checks and reads `ADVSignedKeyIndexList`. `known` is the account key that is known of the user, if any.
pub(crate) fn verify_list(bytes: &[u8], known: Option<&PublicKey>) -> Result<KeyIndexList, AdvError> {
    let signed = AdvSignedKeyIndexList::decode(bytes).map_err(|_| AdvError::Malformed)?;
    let account = account_key(signed.account_signature_key.as_deref(), known)?;
    let details = signed.details.as_deref().ok_or(AdvError::Malformed)?;
    verify(&account, &LIST_PREFIXES, &[details], signed.account_signature.as_deref().ok_or(AdvError::Malformed)?)?;
    read_list(details)
}

/// Reads `ADVSignedKeyIndexList` without verifying it: for a user of whom no key is known yet, whose list then says no
/// more than the server's word beside it.
pub(crate) fn read_unverified(bytes: &[u8]) -> Result<KeyIndexList, AdvError> {
    let signed = AdvSignedKeyIndexList::decode(bytes).map_err(|_| AdvError::Malformed)?;
    read_list(signed.details.as_deref().ok_or(AdvError::Malformed)?)
}

fn read_list(details: &[u8]) -> Result<KeyIndexList, AdvError> {
    let list = AdvKeyIndexList::decode(details).map_err(|_| AdvError::Malformed)?;
    if list.valid_indexes.len() > MAX_INDEXES {
        return Err(AdvError::Malformed);
    }
    Ok(KeyIndexList {
        raw_id: list.raw_id.ok_or(AdvError::Malformed)?,
        timestamp: list.timestamp.ok_or(AdvError::Malformed)?,
        current: list.current_index.unwrap_or(0),
        valid: list.valid_indexes,
    })
}

fn account_key(own: Option<&[u8]>, known: Option<&PublicKey>) -> Result<PublicKey, AdvError> {
    let own = own.map(PublicKey::from_raw).transpose().map_err(|_| AdvError::Malformed)?;
    match (own, known) {
        (Some(own), Some(known)) if own != *known => Err(AdvError::OtherAccount),
        (Some(key), _) => Ok(key),
        (None, Some(known)) => Ok(*known),
        (None, None) => Err(AdvError::NoKey),
    }
}

/// Under any of the prefixes: ordinary and hosted accounts sign with different ones.
fn verify(key: &PublicKey, prefixes: &[[u8; 2]], parts: &[&[u8]], signature: &[u8]) -> Result<(), AdvError> {
    let signed = |prefix: &[u8; 2]| key.verify(&[&prefix[..], &parts.concat()].concat(), signature).is_ok();
    if prefixes.iter().any(signed) { Ok(()) } else { Err(AdvError::Signature) }
}

#[cfg(test)]
mod tests {
    use chasqui_wire::{KeyPair, PrivateKey};
    use sha2::{Digest, Sha256};

    use super::*;

    fn labelled(label: &str) -> KeyPair {
        KeyPair::from_private(PrivateKey::new(Sha256::digest(label).into()))
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    /// The vectors of 02-pairing-and-keys, "ADV, normal account" and "hosted".
    const DETAILS: &str = "08cec2f1051080e2cfaa061801";
    const BY_ACCOUNT: &str = "046140f50aa679796c81b5f73d9713776f1d20b67566026f500dae59ac94df04c309d40b9d19ccaeb1a039e8693efd18a039a5b40155f4f62aa68dc216b5138e";
    const BY_DEVICE: &str = "d607c703f4ed49cec1a53d4804f2da5f687777b656b752eb0894c52226ef7de1a9fcee0cddbb3d382d9f3abd60a20e55c0070f556ebd1d00abe2aa4cc0a49909";
    const HOSTED_DETAILS: &str = "08cec2f1051080e2cfaa06180120012801";
    const HOSTED_BY_ACCOUNT: &str = "95c4ebde15084179fb22bba6c58806f7366b522bad5574545cbbb0ab6fbe34bb2aeb69bf1a40bc84c7eef53f5f664f29a1028a56c2b929d9838060c78cf43e80";
    const HOSTED_BY_DEVICE: &str = "5affd4f064010403e1735d08aa70836a8ad11acda4f070ffbe447c9d29a10c50615102fdac07c995b0410f7a02e879aae0bef9322135544174172f3920214f02";
    const LIST: &str = "08cec2f1051080e2cfaa06180122020001";
    const BY_LIST: &str = "0689560ef3267b0acd483f7c1d5e6a3613c90cdb4ba6bae00a6b4c4e112cef43839ed57ae97748fbd24116129612e5d43ad28a3b4b1e568c27bfe8d56fde9e85";

    fn identity(details: &str, by_account: &str, by_device: &str, key: Option<PublicKey>) -> Vec<u8> {
        AdvSignedDeviceIdentity {
            details: Some(hex(details)),
            account_signature_key: key.map(|key| key.as_bytes().to_vec()),
            account_signature: Some(hex(by_account)),
            device_signature: Some(hex(by_device)),
        }
        .encode_to_vec()
    }

    fn list(key: Option<PublicKey>) -> Vec<u8> {
        AdvSignedKeyIndexList {
            details: Some(hex(LIST)),
            account_signature: Some(hex(BY_LIST)),
            account_signature_key: key.map(|key| key.as_bytes().to_vec()),
        }
        .encode_to_vec()
    }

    #[test]
    fn a_companion_of_the_vectors_is_its_account_s() {
        let companion = labelled("chasqui companion identity").public;
        let primary = labelled("chasqui primary identity").public;
        for (details, by_account, by_device) in
            [(DETAILS, BY_ACCOUNT, BY_DEVICE), (HOSTED_DETAILS, HOSTED_BY_ACCOUNT, HOSTED_BY_DEVICE)]
        {
            let with_key = identity(details, by_account, by_device, Some(primary));
            assert_eq!(verify_device(&with_key, &companion, None), Ok(primary));
            assert_eq!(verify_device(&with_key, &companion, Some(&primary)), Ok(primary));
            let without = identity(details, by_account, by_device, None);
            assert_eq!(verify_device(&without, &companion, Some(&primary)), Ok(primary));
            assert_eq!(verify_device(&without, &companion, None), Err(AdvError::NoKey));
        }
    }

    #[test]
    fn a_companion_of_another_account_or_with_another_identity_is_refused() {
        let companion = labelled("chasqui companion identity").public;
        let primary = labelled("chasqui primary identity").public;
        let stranger = KeyPair::generate().public;
        let good = identity(DETAILS, BY_ACCOUNT, BY_DEVICE, Some(primary));
        assert_eq!(verify_device(&good, &companion, Some(&stranger)), Err(AdvError::OtherAccount));
        assert_eq!(verify_device(&good, &stranger, None), Err(AdvError::Signature));
        let forged = identity(DETAILS, BY_ACCOUNT, BY_DEVICE, Some(stranger));
        assert_eq!(verify_device(&forged, &companion, None), Err(AdvError::Signature));
        let half = identity(DETAILS, BY_ACCOUNT, BY_ACCOUNT, Some(primary));
        assert_eq!(verify_device(&half, &companion, None), Err(AdvError::Signature));
        for bytes in [&[][..], &[0xff], &good[..20]] {
            assert_eq!(verify_device(bytes, &companion, Some(&primary)), Err(AdvError::Malformed));
        }
    }

    #[test]
    fn a_list_of_the_vectors_says_who_is_linked() {
        let primary = labelled("chasqui primary identity").public;
        let verified = verify_list(&list(None), Some(&primary)).expect("verifies");
        assert_eq!((verified.raw_id, verified.timestamp), (12_345_678, 1_700_000_000));
        assert_eq!([0, 1, 2, 9].map(|index| verified.has(index)), [true; 4], "newer ones count");
        assert_eq!(verify_list(&list(Some(primary)), None).expect("verifies"), verified);
        assert_eq!(read_unverified(&list(None)).expect("reads"), verified);
        let old = KeyIndexList { current: 5, valid: vec![0, 4], ..verified };
        assert_eq!([0, 1, 3, 4, 5, 6].map(|index| old.has(index)), [true, false, false, true, false, true]);
    }

    #[test]
    fn a_list_that_another_account_signed_is_refused() {
        let stranger = KeyPair::generate().public;
        assert_eq!(verify_list(&list(None), Some(&stranger)), Err(AdvError::Signature));
        assert_eq!(verify_list(&list(Some(stranger)), None), Err(AdvError::Signature));
        assert_eq!(verify_list(&list(None), None), Err(AdvError::NoKey));
    }
}
