//! The chain of 01-connection's vectors, and every check by itself.

use super::*;
use crate::test_data::{hex, labelled};

const CHAIN: &str = "0a760a32080210011a20093eddd3bc5b6efd85ea05ca983df54ff6d57f569ef057dcaa851978580a9b2e2080e2cfaa062880ae99a40f1240ddb0c777ea7e1da61366abe9003ed281482546779eb25dde67d70e05ea5fda5b0b13c034c0debdfca8a00e503146ae0ec7a5c3bb69e8aee8f533074b0c263e0c12760a32080110001a202f080bb636e8cf62c17ea9527544926b7a107f27a79ed4d7d71fb59418c258692080e2cfaa062880ae99a40f12401472d055cdbe191f44882a1128ae2bb0203fa2bd860318b7620c8f797f123687ed12447d672547fffd97e9e024416cc923d22676ef9a1834f1babf5c27cfa28b";
const VALIDITY: Validity = Validity { not_before: 1_700_000_000, not_after: 4_102_444_800 };
const NOW: u64 = 1_800_000_000;

fn authority() -> CertAuthority {
    let [root, intermediate, server] = ["chasqui root", "chasqui intermediate", "chasqui server static"].map(labelled);
    CertAuthority::with_keys(root, intermediate, server)
}

fn verifier() -> CertVerifier {
    CertVerifier::new(authority().root())
}

fn check(chain: &CertChain) -> Result<VerifiedChain, CertError> {
    verifier().verify(&chain.encode_to_vec(), &authority().server_static().public, NOW)
}

fn details(serial: u32, issuer_serial: u32, key: &[u8], validity: Validity) -> Details {
    Details {
        serial: Some(serial),
        issuer_serial: Some(issuer_serial),
        key: Some(key.to_vec()),
        not_before: Some(validity.not_before),
        not_after: Some(validity.not_after),
    }
}

/// A chain of these details, correctly signed.
fn chain(leaf: &Details, intermediate: &Details) -> CertChain {
    CertChain {
        leaf: Some(Box::new(sign(&authority().intermediate, leaf))),
        intermediate: Some(Box::new(sign(&authority().root, intermediate))),
    }
}

fn sound_parts() -> (Details, Details) {
    let authority = authority();
    (
        details(2, 1, authority.server.public.as_bytes(), VALIDITY),
        details(1, 0, authority.intermediate.public.as_bytes(), VALIDITY),
    )
}

#[test]
fn the_chain_of_the_document_verifies() {
    let verified = verifier().verify(&hex(CHAIN), &authority().server_static().public, NOW).unwrap();
    assert_eq!(verified.leaf_key, labelled("chasqui server static").public);
    assert_eq!((verified.not_before, verified.not_after), (VALIDITY.not_before, VALIDITY.not_after));
    assert_eq!(verifier().verify_cached(&verified.bytes, NOW).unwrap(), verified);
    assert!(verified.valid_at(VALIDITY.not_before) && verified.valid_at(VALIDITY.not_after - 1));
    assert!(!verified.valid_at(VALIDITY.not_before - 1) && !verified.valid_at(VALIDITY.not_after));
}

#[test]
fn a_chain_that_is_known_is_not_verified_again_and_anything_else_is() {
    let server = authority().server_static().public;
    let verified = verifier().verify(&hex(CHAIN), &server, NOW).unwrap();
    let knowing = || verifier().knowing(Some(verified.clone()));
    assert_eq!(knowing().verify(&hex(CHAIN), &server, NOW), Ok(verified.clone()));
    // The same checks as ever, but for the signatures.
    assert_eq!(knowing().verify(&hex(CHAIN), &labelled("another").public, NOW), Err(CertError::Key));
    let expired = knowing().verify(&hex(CHAIN), &server, VALIDITY.not_after);
    assert!(matches!(expired, Err(CertError::Expired { .. })));
    for at in 0..hex(CHAIN).len() {
        let mut other = hex(CHAIN);
        other[at] ^= 1;
        assert_eq!(knowing().verify(&other, &server, NOW), verifier().verify(&other, &server, NOW), "byte {at}");
    }
    // What leads to another root is not known.
    let stranger = CertVerifier::new(labelled("another").public).knowing(Some(verified));
    assert!(matches!(stranger.verify(&hex(CHAIN), &server, NOW), Err(CertError::Signature(_))));
}

#[test]
fn the_real_root_does_not_trust_it() {
    assert_eq!(
        CertVerifier::default().verify(&hex(CHAIN), &authority().server_static().public, NOW),
        Err(CertError::Signature("intermediate"))
    );
    assert_eq!(
        WHATSAPP_ROOT.as_bytes().to_vec(),
        hex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")
    );
}

#[test]
fn an_authority_signs_the_same_details_as_the_document() {
    let (made, vector) = (authority().chain(Some(VALIDITY)), hex(CHAIN));
    let parts = |bytes: &[u8]| {
        let chain = CertChain::decode(bytes).unwrap();
        (chain.leaf.unwrap().details, chain.intermediate.unwrap().details)
    };
    assert_eq!(parts(&made), parts(&vector));
    assert!(verifier().verify(&made, &authority().server_static().public, NOW).is_ok());
}

#[test]
fn an_authority_is_determined_by_its_root() {
    let make = |byte| CertAuthority::new(PrivateKey::new([byte; 32]));
    assert_eq!(make(1).chain(Some(VALIDITY)), make(1).chain(Some(VALIDITY)));
    assert_ne!(make(1).server_static().public, make(2).server_static().public);
    let (root, server) = (make(1).root(), make(1).server_static().public);
    assert!(CertVerifier::new(root).verify(&make(1).chain(Some(VALIDITY)), &server, NOW).is_ok());
}

#[test]
fn a_chain_without_validity_is_expired() {
    assert_eq!(
        verifier().verify(&authority().chain(None), &authority().server_static().public, NOW),
        Err(CertError::Expired { not_before: 0, not_after: 0, now: NOW })
    );
}

#[test]
fn parts_must_be_there_and_whole() {
    let (leaf, intermediate) = sound_parts();
    let sound = || chain(&leaf, &intermediate);
    assert!(check(&sound()).is_ok());
    let broken: [fn(&mut CertChain); 6] = [
        |chain| chain.leaf = None,
        |chain| chain.intermediate = None,
        |chain| chain.leaf.as_mut().unwrap().details = None,
        |chain| chain.intermediate.as_mut().unwrap().signature = None,
        |chain| chain.leaf.as_mut().unwrap().signature.as_mut().unwrap().truncate(63),
        |chain| chain.intermediate.as_mut().unwrap().details = Some(vec![0xff]),
    ];
    for (at, break_it) in broken.into_iter().enumerate() {
        let mut chain = sound();
        break_it(&mut chain);
        assert!(matches!(check(&chain), Err(CertError::Malformed(_))), "case {at}");
    }
    assert!(matches!(verifier().verify_cached(&[0xff], NOW), Err(CertError::Malformed(_))));
}

#[test]
fn issuers_signatures_keys_and_times_are_checked() {
    let (leaf, intermediate) = sound_parts();
    let with = |leaf: &Details, intermediate: &Details| check(&chain(leaf, intermediate)).unwrap_err();

    let foreign = Details { issuer_serial: Some(1), ..intermediate.clone() };
    assert_eq!(with(&leaf, &foreign), CertError::Issuer("intermediate"));
    let foreign = Details { issuer_serial: Some(7), ..leaf.clone() };
    assert_eq!(with(&foreign, &intermediate), CertError::Issuer("leaf"));

    let short = Details { key: Some(vec![1; 31]), ..intermediate.clone() };
    assert!(matches!(with(&leaf, &short), CertError::Malformed(_)));
    let short = Details { key: None, ..leaf.clone() };
    assert!(matches!(with(&short, &intermediate), CertError::Malformed(_)));

    let other = Details { key: Some(vec![9; 32]), ..leaf.clone() };
    assert_eq!(with(&other, &intermediate), CertError::Key);

    for name in ["leaf", "intermediate"] {
        let mut forged = chain(&leaf, &intermediate);
        let certificate = if name == "leaf" { &mut forged.leaf } else { &mut forged.intermediate };
        certificate.as_mut().unwrap().signature = Some(vec![0; 64]);
        assert_eq!(check(&forged), Err(CertError::Signature(name)));
    }

    let past = Details { not_after: Some(NOW), ..intermediate.clone() };
    let expected = CertError::Expired { not_before: VALIDITY.not_before, not_after: NOW, now: NOW };
    assert_eq!(with(&leaf, &past), expected);
    let future = Details { not_before: Some(NOW + 1), ..leaf };
    let expected = CertError::Expired { not_before: NOW + 1, not_after: VALIDITY.not_after, now: NOW };
    assert_eq!(with(&future, &intermediate), expected);
}
