//! What makes a session the session: its keys, and who it is once paired.
//!
//! Stored as one value under [`Namespace::Meta`]; it changes at pairing, at login and when the server hands out
//! routing information. Source: 02-pairing-and-keys §1 and §7.

use chasqui_proto::ProtoMessage;
use chasqui_signal::SignedPreKey;
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, KeyPair, PrivateKey, curve};
use zeroize::Zeroizing;

use crate::{connection::unix_now, signed_prekey};

/// Where the credentials lie.
pub(crate) fn key() -> Key {
    Key::new(Namespace::Meta, b"creds")
}

/// Keys and identity of a device.
#[derive(Clone)]
pub(crate) struct Creds {
    pub noise: KeyPair,
    pub identity: KeyPair,
    pub signed_prekey: SignedPreKey,
    /// When it is renewed, Unix seconds; 0 where that is not known.
    pub signed_prekey_until: u64,
    pub registration_id: u32,
    pub adv_secret: Zeroizing<[u8; 32]>,
    pub next_prekey_id: u32,
    pub push_name: Option<String>,
    pub routing_info: Option<Vec<u8>>,
    /// Encoded certificate chain of the last verified handshake of the paired device.
    pub server_chain: Option<Vec<u8>>,
    /// The server's digest of its prekeys when they were last compared with ours, and the same.
    pub verified_digest: Option<Vec<u8>>,
    pub paired: Option<Paired>,
}

/// Who the device is.
#[derive(Clone, Debug)]
pub(crate) struct Paired {
    /// Own phone-number JID with device.
    pub pn: Jid,
    /// Own LID with device.
    pub lid: Jid,
    /// `ADVSignedDeviceIdentity` with account key and device signature.
    pub account: Vec<u8>,
    pub platform: String,
    /// Whether 1:1 chats are addressed by LID.
    pub lid_migrated: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(bytes = "vec", tag = "1")]
    noise: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    signed_prekey: Vec<u8>,
    #[prost(uint32, tag = "4")]
    registration_id: u32,
    #[prost(bytes = "vec", tag = "5")]
    adv_secret: Vec<u8>,
    #[prost(uint32, tag = "6")]
    next_prekey_id: u32,
    #[prost(string, optional, tag = "7")]
    push_name: Option<String>,
    #[prost(bytes = "vec", optional, tag = "8")]
    routing_info: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "9")]
    server_chain: Option<Vec<u8>>,
    #[prost(string, optional, tag = "10")]
    pn: Option<String>,
    #[prost(string, optional, tag = "11")]
    lid: Option<String>,
    #[prost(bytes = "vec", tag = "12")]
    account: Vec<u8>,
    #[prost(string, tag = "13")]
    platform: String,
    #[prost(bool, tag = "14")]
    lid_migrated: bool,
    #[prost(bytes = "vec", optional, tag = "15")]
    verified_digest: Option<Vec<u8>>,
    #[prost(uint64, tag = "16")]
    signed_prekey_until: u64,
}

impl Creds {
    /// A new device, not yet paired.
    pub fn generate() -> Self {
        let identity = KeyPair::generate();
        let signed_prekey = SignedPreKey::generate(1, &identity);
        Self {
            noise: KeyPair::generate(),
            // 14 bits, as the field does; the server takes any.
            registration_id: u32::from(u16::from_be_bytes(curve::random_bytes())) & 0x3fff,
            adv_secret: Zeroizing::new(curve::random_bytes()),
            identity,
            signed_prekey,
            signed_prekey_until: unix_now() + signed_prekey::LIFE,
            next_prekey_id: 1,
            push_name: None,
            routing_info: None,
            server_chain: None,
            verified_digest: None,
            paired: None,
        }
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let paired = self.paired.as_ref();
        Stored {
            noise: self.noise.private.as_bytes().to_vec(),
            identity: self.identity.private.as_bytes().to_vec(),
            signed_prekey: self.signed_prekey.to_bytes(),
            registration_id: self.registration_id,
            adv_secret: self.adv_secret.to_vec(),
            next_prekey_id: self.next_prekey_id,
            push_name: self.push_name.clone(),
            routing_info: self.routing_info.clone(),
            server_chain: self.server_chain.clone(),
            verified_digest: self.verified_digest.clone(),
            signed_prekey_until: self.signed_prekey_until,
            pn: paired.map(|paired| paired.pn.to_string()),
            lid: paired.map(|paired| paired.lid.to_string()),
            account: paired.map(|paired| paired.account.clone()).unwrap_or_default(),
            platform: paired.map(|paired| paired.platform.clone()).unwrap_or_default(),
            lid_migrated: paired.is_some_and(|paired| paired.lid_migrated),
        }
        .encode_to_vec()
    }

    /// Reads the stored form; `None` when it is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let stored = Stored::decode(bytes).ok()?;
        let pair = |bytes: &[u8]| PrivateKey::from_raw(bytes).ok().map(KeyPair::from_private);
        let paired = match (stored.pn, stored.lid) {
            (Some(pn), Some(lid)) => Some(Paired {
                pn: pn.parse().ok()?,
                lid: lid.parse().ok()?,
                account: stored.account,
                platform: stored.platform,
                lid_migrated: stored.lid_migrated,
            }),
            _ => None,
        };
        Some(Self {
            noise: pair(&stored.noise)?,
            identity: pair(&stored.identity)?,
            signed_prekey: SignedPreKey::from_bytes(&stored.signed_prekey).ok()?,
            registration_id: stored.registration_id,
            adv_secret: Zeroizing::new(stored.adv_secret.try_into().ok()?),
            next_prekey_id: stored.next_prekey_id,
            push_name: stored.push_name,
            routing_info: stored.routing_info,
            server_chain: stored.server_chain,
            verified_digest: stored.verified_digest,
            signed_prekey_until: stored.signed_prekey_until,
            paired,
        })
    }
}
