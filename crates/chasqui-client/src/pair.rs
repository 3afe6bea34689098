//! Pairing by QR code, the companion's side: `pair-device`, `pair-success` and the signed answer.
//!
//! Source: 02-pairing-and-keys §2. The received bytes are signed and verified, never a re-encoding.

use chasqui_proto::{
    AdvDeviceIdentity, AdvEncryptionType, AdvSignedDeviceIdentity, AdvSignedDeviceIdentityHmac, ClientPairingProps,
    ProtoMessage,
};
use chasqui_wire::{Jid, Node, PublicKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::creds::{Creds, Paired};

const ACCOUNT_PREFIX: [u8; 2] = [6, 0];
const HOSTED_ACCOUNT_PREFIX: [u8; 2] = [6, 5];
const DEVICE_PREFIX: [u8; 2] = [6, 1];

/// Why a `pair-success` is refused: what the server is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It cannot be read.
    Malformed,
    /// Whoever scanned did not know our secret.
    Hmac,
    /// The account's signature does not cover our identity.
    Signature,
}

impl Refusal {
    pub fn code(self) -> u16 {
        if self == Self::Malformed { 500 } else { 401 }
    }

    pub fn text(self) -> &'static str {
        match self {
            Self::Malformed => "internal-error",
            Self::Hmac => "hmac-mismatch",
            Self::Signature => "signature-mismatch",
        }
    }
}

/// A verified pairing.
#[derive(Debug)]
pub(crate) struct Success {
    pub paired: Paired,
    pub business_name: Option<String>,
    /// The account's identity key: the Signal identity of the own phone.
    pub account_key: PublicKey,
    pub key_index: u32,
    /// `ADVSignedDeviceIdentity` for the answer, without the account key.
    pub reply: Vec<u8>,
}

/// Verifies `<pair-success>` and signs the device identity.
pub(crate) fn on_success(creds: &Creds, success: &Node<'_>) -> Result<Success, Refusal> {
    let blob = success.find("device-identity").and_then(Node::content_bytes).ok_or(Refusal::Malformed)?;
    let device = success.find("device").ok_or(Refusal::Malformed)?;
    let (pn, lid) = (device.get_jid("jid"), device.get_jid("lid"));
    let (Some(pn), Some(lid)) = (pn.filter(Jid::is_pn), lid.filter(Jid::is_lid)) else {
        return Err(Refusal::Malformed);
    };

    let sealed = AdvSignedDeviceIdentityHmac::decode(blob).map_err(|_| Refusal::Malformed)?;
    let details = sealed.details.as_deref().ok_or(Refusal::Malformed)?;
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*creds.adv_secret).map_err(|_| Refusal::Malformed)?;
    if sealed.account_type == Some(AdvEncryptionType::Hosted.into()) {
        mac.update(&HOSTED_ACCOUNT_PREFIX);
    }
    mac.update(details);
    mac.verify_slice(sealed.hmac.as_deref().unwrap_or_default()).map_err(|_| Refusal::Hmac)?;

    let mut signed = AdvSignedDeviceIdentity::decode(details).map_err(|_| Refusal::Malformed)?;
    let identity_bytes = signed.details.clone().ok_or(Refusal::Malformed)?;
    let identity = AdvDeviceIdentity::decode(identity_bytes.as_slice()).map_err(|_| Refusal::Malformed)?;
    let key_index = identity.key_index.filter(|index| *index > 0).ok_or(Refusal::Malformed)?;
    let account_key = signed
        .account_signature_key
        .as_deref()
        .and_then(|key| PublicKey::from_raw(key).ok())
        .ok_or(Refusal::Malformed)?;

    let prefix = if identity.device_type == Some(AdvEncryptionType::Hosted.into()) {
        HOSTED_ACCOUNT_PREFIX
    } else {
        ACCOUNT_PREFIX
    };
    let ours = creds.identity.public.as_bytes();
    let message = [&prefix, identity_bytes.as_slice(), ours].concat();
    account_key
        .verify(&message, signed.account_signature.as_deref().unwrap_or_default())
        .map_err(|_| Refusal::Signature)?;

    let message = [&DEVICE_PREFIX, identity_bytes.as_slice(), ours, account_key.as_bytes()].concat();
    signed.device_signature = Some(creds.identity.private.sign(&message).to_vec());
    let account = signed.encode_to_vec();
    signed.account_signature_key = None;

    let props = success
        .find("client-props")
        .and_then(Node::content_bytes)
        .and_then(|bytes| ClientPairingProps::decode(bytes).ok())
        .unwrap_or_default();
    Ok(Success {
        paired: Paired {
            pn,
            lid,
            account,
            platform: success
                .find("platform")
                .and_then(|node| node.get_str("name"))
                .unwrap_or_default()
                .chars()
                .take(64)
                .collect(),
            lid_migrated: props.is_chat_db_lid_migrated.unwrap_or(false),
        },
        business_name: success.find("biz").and_then(|node| node.get_str("name")).map(|name| name.into_owned()),
        account_key,
        key_index,
        reply: signed.encode_to_vec(),
    })
}

/// The answer to `pair-success`.
pub(crate) fn sign_reply(id: &str, success: &Success) -> Node<'static> {
    let identity = Node::new("device-identity").attr("key-index", success.key_index).bytes(success.reply.clone());
    Node::new("iq")
        .attr("to", Jid::SERVER)
        .attr("type", "result")
        .attr("id", id.to_owned())
        .child(Node::new("pair-device-sign").child(identity))
}

/// The refusal of `pair-success`.
pub(crate) fn refuse_reply(id: &str, refusal: Refusal) -> Node<'static> {
    Node::new("iq")
        .attr("to", Jid::SERVER)
        .attr("type", "error")
        .attr("id", id.to_owned())
        .child(Node::new("error").attr("code", refusal.code()).attr("text", refusal.text()))
}

#[cfg(test)]
mod tests {
    use chasqui_wire::{KeyPair, PrivateKey};
    use sha2::Digest;
    use zeroize::Zeroizing;

    use super::*;

    /// Private keys of the vectors are the clamped hash of a label (02-pairing-and-keys, "Test vectors").
    fn labelled(label: &str) -> KeyPair {
        KeyPair::from_private(PrivateKey::new(Sha256::digest(label).into()))
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    const BLOB: &str = "0a730a0d08cec2f1051080e2cfaa06180112209ec0a94f88dffd7ebc148804f51cd743280e2401248faa1800b57f7fecdc8d031a40046140f50aa679796c81b5f73d9713776f1d20b67566026f500dae59ac94df04c309d40b9d19ccaeb1a039e8693efd18a039a5b40155f4f62aa68dc216b5138e122097c51d71f338edddb3c1df5d59a54893034705500d27467370ab959124c38fb3";

    fn creds() -> Creds {
        let mut creds = Creds::generate();
        creds.identity = labelled("chasqui companion identity");
        creds.adv_secret = Zeroizing::new(Sha256::digest("chasqui adv secret").into());
        creds
    }

    fn success(blob: Vec<u8>) -> Node<'static> {
        Node::new("pair-success").children([
            Node::new("device-identity").bytes(blob),
            Node::new("device")
                .attr("jid", Jid::pn("15550001111").with_device(1))
                .attr("lid", Jid::lid("100000000000001").with_device(1)),
            Node::new("platform").attr("name", "android"),
            Node::new("client-props").bytes(vec![8, 1]),
        ])
    }

    #[test]
    fn a_pairing_of_the_vectors_is_accepted_and_signed() {
        let creds = creds();
        let done = on_success(&creds, &success(hex(BLOB))).expect("accepted");
        assert_eq!(done.key_index, 1);
        assert!(done.paired.lid_migrated);
        assert_eq!(done.account_key, labelled("chasqui primary identity").public);
        let reply = AdvSignedDeviceIdentity::decode(done.reply.as_slice()).expect("decodes");
        assert!(reply.account_signature_key.is_none());
        let message = hex(
            "060108cec2f1051080e2cfaa0618018b949b97598a0105a50abddebdd1d9455c232847c0992f58337aa55da597c01c9ec0a94f88dffd7ebc148804f51cd743280e2401248faa1800b57f7fecdc8d03",
        );
        creds.identity.public.verify(&message, &reply.device_signature.expect("signed")).expect("verifies");
    }

    #[test]
    fn a_wrong_secret_a_wrong_signature_and_a_missing_index_are_refused() {
        let mut other = creds();
        other.adv_secret = Zeroizing::new([7; 32]);
        assert_eq!(on_success(&other, &success(hex(BLOB))).err(), Some(Refusal::Hmac));

        let mut stranger = creds();
        stranger.identity = KeyPair::generate();
        assert_eq!(on_success(&stranger, &success(hex(BLOB))).err(), Some(Refusal::Signature));

        let inner = AdvSignedDeviceIdentity {
            details: Some(AdvDeviceIdentity { raw_id: Some(1), ..Default::default() }.encode_to_vec()),
            ..Default::default()
        }
        .encode_to_vec();
        let secret = creds();
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*secret.adv_secret).expect("key");
        mac.update(&inner);
        let blob = AdvSignedDeviceIdentityHmac {
            hmac: Some(mac.finalize().into_bytes().to_vec()),
            details: Some(inner),
            account_type: None,
        };
        assert_eq!(on_success(&secret, &success(blob.encode_to_vec())).err(), Some(Refusal::Malformed));
        assert_eq!(on_success(&secret, &success(vec![1, 2, 3])).err(), Some(Refusal::Malformed));
    }
}
