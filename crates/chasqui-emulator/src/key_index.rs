//! What the phone signs about its companions: device identities and the list of live key indexes (02-pairing §2.4).

use chasqui_proto::{
    AdvDeviceIdentity, AdvKeyIndexList, AdvSignedDeviceIdentity, AdvSignedDeviceIdentityHmac, AdvSignedKeyIndexList,
};
use chasqui_wire::curve::{KeyPair, PublicKey};
use hmac::{Hmac, KeyInit, Mac};
use prost::Message as _;
use sha2::Sha256;

const ACCOUNT_PREFIX: [u8; 2] = [6, 0];
const DEVICE_PREFIXES: [[u8; 2]; 2] = [[6, 1], [6, 6]];
const KEY_INDEX_PREFIX: [u8; 2] = [6, 2];

/// The published list of an account's live key indexes.
#[derive(Clone)]
pub(crate) struct SignedKeyIndexList {
    /// Unix seconds; strictly increasing over the account's life.
    pub timestamp: u64,
    /// ADVSignedKeyIndexList.
    pub bytes: Vec<u8>,
}

impl SignedKeyIndexList {
    /// Signs the list; index 0, the phone, is always live.
    pub fn sign(
        account: &KeyPair,
        raw_id: u32,
        timestamp: u64,
        current: u32,
        live: impl IntoIterator<Item = u32>,
    ) -> Self {
        let details = AdvKeyIndexList {
            raw_id: Some(raw_id),
            timestamp: Some(timestamp),
            current_index: Some(current),
            valid_indexes: std::iter::once(0).chain(live).collect(),
            account_type: None,
        }
        .encode_to_vec();
        let signature = account.private.sign(&[&KEY_INDEX_PREFIX[..], &details].concat());
        let bytes = AdvSignedKeyIndexList {
            details: Some(details),
            account_signature: Some(signature.to_vec()),
            account_signature_key: Some(account.public.as_bytes().to_vec()),
        }
        .encode_to_vec();
        Self { timestamp, bytes }
    }
}

/// A device identity that the phone has signed and the companion has not yet.
#[derive(Clone)]
pub(crate) struct HalfSignedIdentity {
    details: Vec<u8>,
    account_signature: Vec<u8>,
    account_key: PublicKey,
    companion: PublicKey,
}

impl HalfSignedIdentity {
    /// Signs a companion's identity key into the account.
    pub fn sign(account: &KeyPair, raw_id: u32, timestamp: u64, key_index: u32, companion: PublicKey) -> Self {
        let details = AdvDeviceIdentity {
            raw_id: Some(raw_id),
            timestamp: Some(timestamp),
            key_index: Some(key_index),
            account_type: None,
            device_type: None,
        }
        .encode_to_vec();
        let account_signature =
            account.private.sign(&[&ACCOUNT_PREFIX[..], &details, companion.as_bytes()].concat()).to_vec();
        Self { details, account_signature, account_key: account.public, companion }
    }

    /// ADVSignedDeviceIdentityHMAC, the content of `<device-identity>` in pair-success.
    pub fn seal(&self, adv_secret: &[u8; 32]) -> Vec<u8> {
        let details = self.signed(None).encode_to_vec();
        let mut mac = Hmac::<Sha256>::new_from_slice(adv_secret).expect("HMAC takes keys of any length");
        mac.update(&details);
        let hmac = mac.finalize().into_bytes().to_vec();
        AdvSignedDeviceIdentityHmac { details: Some(details), hmac: Some(hmac), account_type: None }.encode_to_vec()
    }

    /// Checks the companion's answer in pair-device-sign and gives the complete ADVSignedDeviceIdentity.
    pub fn complete(&self, answer: &[u8]) -> Option<Vec<u8>> {
        let answer = AdvSignedDeviceIdentity::decode(answer).ok()?;
        let signature = answer.device_signature?;
        if answer.details.as_deref() != Some(&self.details) {
            return None;
        }
        let valid = DEVICE_PREFIXES.iter().any(|prefix| {
            let message = [&prefix[..], &self.details, self.companion.as_bytes(), self.account_key.as_bytes()].concat();
            self.companion.verify(&message, &signature).is_ok()
        });
        valid.then(|| self.signed(Some(signature)).encode_to_vec())
    }

    fn signed(&self, device_signature: Option<Vec<u8>>) -> AdvSignedDeviceIdentity {
        AdvSignedDeviceIdentity {
            details: Some(self.details.clone()),
            account_signature_key: Some(self.account_key.as_bytes().to_vec()),
            account_signature: Some(self.account_signature.clone()),
            device_signature,
        }
    }
}

#[cfg(test)]
mod tests {
    use chasqui_wire::curve::PrivateKey;
    use sha2::Digest;

    use super::*;

    fn pair(label: &str) -> KeyPair {
        KeyPair::from_private(PrivateKey::new(Sha256::digest(label.as_bytes()).into()))
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_signed_identity_has_the_documented_bytes() {
        let half = HalfSignedIdentity::sign(
            &pair("chasqui primary identity"),
            12_345_678,
            1_700_000_000,
            1,
            pair("chasqui companion identity").public,
        );
        assert_eq!(hex(&half.details), "08cec2f1051080e2cfaa061801");
        let message = [&ACCOUNT_PREFIX[..], &half.details, half.companion.as_bytes()].concat();
        assert!(half.account_key.verify(&message, &half.account_signature).is_ok());
    }

    #[test]
    fn only_the_companion_can_complete_its_identity() {
        let (account, companion) = (pair("account"), pair("companion"));
        let half = HalfSignedIdentity::sign(&account, 1, 2, 3, companion.public);
        let message = [&[6, 1][..], &half.details, companion.public.as_bytes(), account.public.as_bytes()].concat();
        let answer = |signer: &KeyPair| {
            let signature = signer.private.sign(&message).to_vec();
            // Most clients leave the account key out of their answer.
            AdvSignedDeviceIdentity { account_signature_key: None, ..half.signed(Some(signature)) }.encode_to_vec()
        };
        let complete = half.complete(&answer(&companion)).unwrap();
        let complete = AdvSignedDeviceIdentity::decode(&*complete).unwrap();
        assert_eq!(complete.account_signature_key.as_deref(), Some(&account.public.as_bytes()[..]));
        assert!(half.complete(&answer(&account)).is_none());
    }

    #[test]
    fn a_key_index_list_is_signed_and_holds_the_phone() {
        let account = pair("chasqui primary identity");
        let list = SignedKeyIndexList::sign(&account, 12_345_678, 1_700_000_000, 1, [1]);
        let list = AdvSignedKeyIndexList::decode(&*list.bytes).unwrap();
        let details = list.details.unwrap();
        assert_eq!(hex(&details), "08cec2f1051080e2cfaa06180122020001");
        let message = [&KEY_INDEX_PREFIX[..], &details].concat();
        assert!(account.public.verify(&message, &list.account_signature.unwrap()).is_ok());
    }
}
