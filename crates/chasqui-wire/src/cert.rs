//! The certificate chain in which a server proves its static key (01-connection §4.6).
//!
//! `CertChain { leaf, intermediate }`; a certificate is `details` and a 64-byte XEdDSA signature over them. The root
//! signs the intermediate, the intermediate signs the leaf, the leaf's key is the server's Noise static key. There is
//! no way to skip a check; whoever runs a service of their own names its root.

use chasqui_proto::{
    CertChain, ProtoMessage,
    cert_chain::{NoiseCertificate, noise_certificate::Details},
};
use hkdf::Hkdf;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use crate::curve::{KeyPair, PrivateKey, PublicKey, SIGNATURE_LEN};

/// The root of the real service, issuer `WhatsAppLongTerm1`, serial 0.
pub const WHATSAPP_ROOT: PublicKey = PublicKey::new([
    0x14, 0x23, 0x75, 0x57, 0x4d, 0x0a, 0x58, 0x71, 0x66, 0xaa, 0xe7, 0x1e, 0xbe, 0x51, 0x64, 0x37, 0xc4, 0xa2, 0x8b,
    0x73, 0xe3, 0x69, 0x5c, 0x6c, 0xe1, 0xf7, 0xf9, 0x54, 0x5d, 0xa8, 0xee, 0x6b,
]);

const ROOT_SERIAL: u32 = 0;
const INTERMEDIATE_SERIAL: u32 = 1;
const LEAF_SERIAL: u32 = 2;

/// Why a server's certificates are not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertError {
    /// Not a certificate chain, or a part of it is missing or has the wrong length.
    #[error("the certificate chain is malformed: {0}")]
    Malformed(&'static str),
    /// A certificate names another issuer than the one above it.
    #[error("the {0} certificate names another issuer")]
    Issuer(&'static str),
    /// A signature does not verify: another root, or a forgery.
    #[error("the signature of the {0} certificate does not verify")]
    Signature(&'static str),
    /// The chain is sound but for another key than the one the server holds.
    #[error("the certificate is for another key than the server's")]
    Key,
    /// Not yet or no longer valid; times in Unix seconds.
    #[error("the certificates are valid from {not_before} to {not_after}, now is {now}")]
    Expired {
        /// The later start of both certificates.
        not_before: u64,
        /// The earlier end of both certificates.
        not_after: u64,
        /// The time of the check.
        now: u64,
    },
}

/// Whom a client trusts.
#[derive(Debug, Clone)]
pub struct CertVerifier {
    /// The key that signs intermediates.
    root: PublicKey,
    /// What needs no second look at its signatures.
    known: Option<VerifiedChain>,
}

impl Default for CertVerifier {
    fn default() -> Self {
        Self::new(WHATSAPP_ROOT)
    }
}

/// A chain that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedChain {
    /// The server's static key.
    pub leaf_key: PublicKey,
    /// The root that it leads to.
    root: PublicKey,
    /// From when both certificates are valid, Unix seconds.
    pub not_before: u64,
    /// Until when (exclusive) both certificates are valid, Unix seconds.
    pub not_after: u64,
    /// The `CertChain` protobuf as received, for a cache; read it back with [`CertVerifier::verify_cached`].
    pub bytes: Vec<u8>,
}

impl VerifiedChain {
    /// Whether both certificates are valid at this time (Unix seconds).
    pub fn valid_at(&self, now: u64) -> bool {
        (self.not_before..self.not_after).contains(&now)
    }
}

impl CertVerifier {
    /// Trusts what this key has signed.
    pub fn new(root: PublicKey) -> Self {
        Self { root, known: None }
    }

    /// With a chain that was verified before: where it comes again, byte by byte, its signatures are not verified again.
    #[must_use]
    pub fn knowing(self, chain: Option<VerifiedChain>) -> Self {
        let known = chain.filter(|chain| chain.root == self.root);
        Self { known, ..self }
    }

    /// Checks a chain that the server sent, for the static key that it used, at the time `now` (Unix seconds).
    pub fn verify(&self, chain: &[u8], server_static: &PublicKey, now: u64) -> Result<VerifiedChain, CertError> {
        let chain = self.verify_signatures(chain)?;
        if chain.leaf_key != *server_static {
            return Err(CertError::Key);
        }
        in_time(chain, now)
    }

    /// Checks a chain that was kept since an earlier handshake.
    pub fn verify_cached(&self, chain: &[u8], now: u64) -> Result<VerifiedChain, CertError> {
        in_time(self.verify_signatures(chain)?, now)
    }

    fn verify_signatures(&self, bytes: &[u8]) -> Result<VerifiedChain, CertError> {
        if let Some(known) = self.known.as_ref().filter(|known| known.bytes == bytes) {
            return Ok(known.clone());
        }
        let chain = CertChain::decode(bytes).map_err(|_| CertError::Malformed("not a protobuf"))?;
        let leaf = chain.leaf.ok_or(CertError::Malformed("no leaf"))?;
        let intermediate = chain.intermediate.ok_or(CertError::Malformed("no intermediate"))?;
        let (leaf, intermediate) = (Certificate::read(&leaf)?, Certificate::read(&intermediate)?);

        intermediate.issued_by("intermediate", ROOT_SERIAL, &self.root)?;
        leaf.issued_by("leaf", intermediate.details.serial(), &intermediate.key()?)?;
        Ok(VerifiedChain {
            leaf_key: leaf.key()?,
            root: self.root,
            not_before: leaf.details.not_before().max(intermediate.details.not_before()),
            not_after: leaf.details.not_after().min(intermediate.details.not_after()),
            bytes: bytes.to_vec(),
        })
    }
}

fn in_time(chain: VerifiedChain, now: u64) -> Result<VerifiedChain, CertError> {
    if chain.valid_at(now) {
        return Ok(chain);
    }
    Err(CertError::Expired { not_before: chain.not_before, not_after: chain.not_after, now })
}

struct Certificate<'a> {
    signed: &'a [u8],
    signature: &'a [u8],
    details: Details,
}

impl<'a> Certificate<'a> {
    fn read(certificate: &'a NoiseCertificate) -> Result<Self, CertError> {
        let signed = certificate.details.as_deref().ok_or(CertError::Malformed("no details"))?;
        let signature = certificate.signature.as_deref().ok_or(CertError::Malformed("no signature"))?;
        if signature.len() != SIGNATURE_LEN {
            return Err(CertError::Malformed("a signature is not 64 bytes long"));
        }
        let details = Details::decode(signed).map_err(|_| CertError::Malformed("details are not a protobuf"))?;
        Ok(Self { signed, signature, details })
    }

    fn issued_by(&self, name: &'static str, serial: u32, key: &PublicKey) -> Result<(), CertError> {
        if self.details.issuer_serial() != serial {
            return Err(CertError::Issuer(name));
        }
        key.verify(self.signed, self.signature).map_err(|_| CertError::Signature(name))
    }

    fn key(&self) -> Result<PublicKey, CertError> {
        PublicKey::from_raw(self.details.key()).map_err(|_| CertError::Malformed("a key is not 32 bytes long"))
    }
}

/// When certificates are valid, Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: u64,
    /// The second after the last.
    pub not_after: u64,
}

/// Issues chains, for a service of one's own. Everything follows from the keys: the same keys give the same bytes.
#[derive(Debug, Clone)]
pub struct CertAuthority {
    root: KeyPair,
    intermediate: KeyPair,
    server: KeyPair,
}

impl CertAuthority {
    /// Derives the intermediate's and the server's static key from the root's private key.
    pub fn new(root: PrivateKey) -> Self {
        let derive = |label: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(None, root.as_bytes()).expand(label, key.as_mut()).expect("32 bytes can be expanded");
            KeyPair::from_private(PrivateKey::new(*key))
        };
        let (intermediate, server) = (derive(b"chasqui intermediate"), derive(b"chasqui server static"));
        Self::with_keys(KeyPair::from_private(root), intermediate, server)
    }

    /// Takes all keys as they are; `server` is the Noise static key that the leaf names.
    pub fn with_keys(root: KeyPair, intermediate: KeyPair, server: KeyPair) -> Self {
        Self { root, intermediate, server }
    }

    /// The key that clients have to trust.
    pub fn root(&self) -> PublicKey {
        self.root.public
    }

    /// The server's Noise static key.
    pub fn server_static(&self) -> &KeyPair {
        &self.server
    }

    /// A `CertChain` protobuf. Without validity the fields are absent: strict clients take it for expired, others
    /// never resume with IK.
    pub fn chain(&self, validity: Option<Validity>) -> Vec<u8> {
        let details = |serial, issuer_serial, key: &KeyPair| Details {
            serial: Some(serial),
            issuer_serial: Some(issuer_serial),
            key: Some(key.public.as_bytes().to_vec()),
            not_before: validity.map(|validity| validity.not_before),
            not_after: validity.map(|validity| validity.not_after),
        };
        let intermediate = details(INTERMEDIATE_SERIAL, ROOT_SERIAL, &self.intermediate);
        let leaf = details(LEAF_SERIAL, INTERMEDIATE_SERIAL, &self.server);
        CertChain {
            leaf: Some(Box::new(sign(&self.intermediate, &leaf))),
            intermediate: Some(Box::new(sign(&self.root, &intermediate))),
        }
        .encode_to_vec()
    }
}

fn sign(issuer: &KeyPair, details: &Details) -> NoiseCertificate {
    let details = details.encode_to_vec();
    // The nonce already depends on key and message; a fixed random part makes the signature repeatable.
    let random = Sha512::digest(b"chasqui certificate");
    let signature = issuer.private.sign_with(&details, &random.into());
    NoiseCertificate { details: Some(details), signature: Some(signature.to_vec()) }
}

#[cfg(test)]
mod tests;
