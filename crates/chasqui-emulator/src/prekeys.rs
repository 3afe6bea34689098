//! A device's published keys: identity, signed prekey and the pool of one-time prekeys (02-pairing §8).
//!
//! A one-time key is consumed when it is handed out, whether or not a message follows; count, digest list and hash
//! forget it at once.

use std::collections::VecDeque;

use chasqui_signal::PreKeyBundle;
use chasqui_wire::{
    curve::PublicKey,
    node::{Content, Node, NodeError},
};
use sha1::{Digest, Sha1};

/// When a fetch leaves fewer keys than this, the owner is told.
pub(crate) const LOW_WATER: usize = 10;
/// Largest pool that is kept; the service's clients hold 812.
const MAX_POOL: usize = 4096;

/// One one-time prekey as published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OneTimeKey {
    pub id: [u8; 3],
    pub public: PublicKey,
}

impl OneTimeKey {
    pub fn read(node: &Node<'_>) -> Result<Self, NodeError> {
        Ok(Self { id: node.need("id")?.need_bytes()?, public: PublicKey::new(node.need("value")?.need_bytes()?) })
    }

    /// `<key><id/><value/></key>`.
    pub fn to_node(self) -> Node<'static> {
        Node::new("key").children([bytes("id", &self.id), bytes("value", self.public.as_bytes())])
    }
}

/// A signed prekey as published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SignedKey {
    pub id: [u8; 3],
    pub public: PublicKey,
    pub signature: [u8; 64],
}

impl SignedKey {
    pub fn read(node: &Node<'_>) -> Result<Self, NodeError> {
        Ok(Self {
            id: node.need("id")?.need_bytes()?,
            public: PublicKey::new(node.need("value")?.need_bytes()?),
            signature: node.need("signature")?.need_bytes()?,
        })
    }

    /// Whether `identity` signed it.
    pub fn is_signed_by(&self, identity: &PublicKey) -> bool {
        identity.verify(&self.public.to_djb(), &self.signature).is_ok()
    }

    /// `<skey><id/><value/><signature/></skey>`.
    pub fn to_node(self) -> Node<'static> {
        Node::new("skey").children([
            bytes("id", &self.id),
            bytes("value", self.public.as_bytes()),
            bytes("signature", &self.signature),
        ])
    }
}

/// Everything that others can fetch about a device.
#[derive(Clone)]
pub(crate) struct PrekeyBundle {
    pub registration: [u8; 4],
    pub identity: PublicKey,
    pub signed: SignedKey,
    one_time: VecDeque<OneTimeKey>,
    /// The last key that was handed out.
    spent: Option<OneTimeKey>,
    /// Whether the device has uploaded keys since it was paired.
    pub uploaded: bool,
}

impl PrekeyBundle {
    /// What the registration tells: no one-time keys yet.
    pub fn new(registration: [u8; 4], identity: PublicKey, signed: SignedKey) -> Self {
        Self { registration, identity, signed, one_time: VecDeque::new(), spent: None, uploaded: false }
    }

    /// Takes an upload: replaces registration, identity and signed prekey, adds the one-time keys.
    pub fn upload(&mut self, iq: &Node<'_>) -> Result<(), NodeError> {
        let registration = iq.need("registration")?.need_bytes()?;
        let identity = PublicKey::new(iq.need("identity")?.need_bytes()?);
        let signed = SignedKey::read(iq.need("skey")?)?;
        let keys = iq.need("list")?.all("key").map(OneTimeKey::read).collect::<Result<Vec<_>, _>>()?;
        for key in keys.into_iter().take(MAX_POOL) {
            if let Some(known) = self.one_time.iter_mut().find(|known| known.id == key.id) {
                *known = key;
            } else if self.one_time.len() < MAX_POOL {
                self.one_time.push_back(key);
            }
        }
        (self.registration, self.identity, self.signed, self.uploaded) = (registration, identity, signed, true);
        Ok(())
    }

    /// Takes a new signed prekey.
    pub fn rotate(&mut self, rotate: &Node<'_>) -> Result<(), NodeError> {
        self.signed = SignedKey::read(rotate.need("skey")?)?;
        Ok(())
    }

    /// How many one-time keys are left.
    pub fn count(&self) -> usize {
        self.one_time.len()
    }

    /// Hands out one one-time key; never the same twice.
    pub fn take(&mut self) -> Option<OneTimeKey> {
        let key = self.one_time.pop_front();
        self.spent = key.or(self.spent);
        key
    }

    /// Hands out a key that was handed out before, as no sound service does.
    pub fn take_again(&mut self) -> Option<OneTimeKey> {
        match self.spent {
            Some(spent) => Some(spent),
            None => self.take(),
        }
    }

    /// The bundle as a Signal endpoint takes it.
    pub fn for_session(&self, key: Option<OneTimeKey>) -> PreKeyBundle {
        PreKeyBundle {
            registration_id: u32::from_be_bytes(self.registration),
            identity: self.identity,
            signed_prekey_id: long_id(self.signed.id),
            signed_prekey: self.signed.public,
            signed_prekey_signature: self.signed.signature,
            prekey: key.map(|key| (long_id(key.id), key.public)),
        }
    }

    /// `<digest>`: what the server holds, with a hash over it.
    pub fn digest(&self) -> Node<'static> {
        let mut hash = Sha1::new()
            .chain_update(self.identity.as_bytes())
            .chain_update(self.signed.public.as_bytes())
            .chain_update(self.signed.signature);
        for key in &self.one_time {
            hash.update(key.public.as_bytes());
        }
        Node::new("digest").children([
            bytes("registration", &self.registration),
            bytes("type", &[5]),
            bytes("identity", self.identity.as_bytes()),
            self.signed.to_node(),
            Node::new("list").children(self.one_time.iter().map(|key| bytes("id", &key.id))),
            bytes("hash", &hash.finalize()),
        ])
    }

    /// The children of `<user>` in the answer to a fetch; `key` was taken from the pool.
    pub fn to_nodes(&self, key: Option<OneTimeKey>) -> Vec<Node<'static>> {
        let mut nodes = vec![
            bytes("registration", &self.registration),
            bytes("type", &[5]),
            bytes("identity", self.identity.as_bytes()),
            self.signed.to_node(),
        ];
        nodes.extend(key.map(OneTimeKey::to_node));
        nodes
    }
}

fn long_id([a, b, c]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

/// An element with byte content.
pub(crate) fn bytes(tag: &'static str, content: &[u8]) -> Node<'static> {
    Node { tag: tag.into(), attrs: Vec::new(), content: Content::Bytes(content.to_vec().into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle() -> PrekeyBundle {
        let signed = SignedKey { id: [0, 0, 1], public: PublicKey::new([2; 32]), signature: [3; 64] };
        PrekeyBundle::new([0, 0, 0, 9], PublicKey::new([1; 32]), signed)
    }

    fn upload(keys: &[(u8, u8)]) -> Node<'static> {
        let bundle = bundle();
        let list = Node::new("list").children(
            keys.iter().map(|(id, fill)| OneTimeKey { id: [0, 0, *id], public: PublicKey::new([*fill; 32]) }.to_node()),
        );
        Node::new("iq").children(bundle.to_nodes(None).into_iter().chain([list]))
    }

    fn hash_of(bundle: &PrekeyBundle) -> String {
        let digest = bundle.digest();
        let hash = digest.need("hash").unwrap().content_bytes().unwrap();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_digest_has_the_documented_hash_and_forgets_what_was_handed_out() {
        let mut bundle = bundle();
        assert_eq!(hash_of(&bundle), "d3cbdce98e6f71fc557487685a17f13a4524861f");
        bundle.upload(&upload(&[(1, 4), (2, 5)])).unwrap();
        assert_eq!(hash_of(&bundle), "f7c25cd5011ec11b3f3cf3952cd17989410687a5");
        assert_eq!((bundle.take().unwrap().id, bundle.take().unwrap().id), ([0, 0, 1], [0, 0, 2]));
        assert_eq!(hash_of(&bundle), "d3cbdce98e6f71fc557487685a17f13a4524861f");
        assert_eq!(bundle.take(), None);
    }

    #[test]
    fn the_same_id_again_replaces_the_key() {
        let mut bundle = bundle();
        bundle.upload(&upload(&[(1, 4)])).unwrap();
        bundle.upload(&upload(&[(1, 6), (2, 7)])).unwrap();
        assert_eq!(bundle.count(), 2);
        assert_eq!(bundle.take().unwrap().public, PublicKey::new([6; 32]));
    }

    #[test]
    fn an_upload_that_lacks_a_part_changes_nothing() {
        let mut bundle = bundle();
        let mut broken = upload(&[(1, 4)]);
        if let Content::Nodes(nodes) = &mut broken.content {
            nodes.retain(|node| node.tag != "skey");
        }
        assert!(bundle.upload(&broken).is_err());
        assert_eq!((bundle.count(), bundle.uploaded), (0, false));
    }
}
