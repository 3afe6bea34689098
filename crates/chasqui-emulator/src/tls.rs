//! The TLS side: an authority (given or fresh), a server certificate signed by it, and the acceptor.
//!
//! Everything is ECDSA P-256 and valid from a day ago for ten years, so that starting costs a few milliseconds.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;

use crate::{error::EmulatorError, options::TlsAuthority};

/// What the listener needs for TLS.
pub(crate) struct Tls {
    pub acceptor: TlsAcceptor,
    /// The authority's certificate in PEM, for clients that want to trust it.
    pub authority: String,
}

/// Makes the server certificate for `names`.
pub(crate) fn prepare(names: &[String], authority: Option<&TlsAuthority>) -> Result<Tls, EmulatorError> {
    let authority = match authority {
        Some(given) => given.clone(),
        None => fresh_authority().map_err(failed)?,
    };
    let authority_key =
        KeyPair::from_pem(&authority.key).map_err(|error| EmulatorError::option("tls.key", error.to_string()))?;
    let issuer = Issuer::from_ca_cert_pem(&authority.certificate, authority_key)
        .map_err(|error| EmulatorError::option("tls.certificate", error.to_string()))?;

    let mut params = CertificateParams::new(names.to_vec())
        .map_err(|error| EmulatorError::option("tls.names", error.to_string()))?;
    params.distinguished_name.push(DnType::CommonName, names.first().map_or("localhost", String::as_str));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params);
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = params.signed_by(&key, &issuer).map_err(failed)?;

    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private))
        .map_err(|error| EmulatorError::Failed(format!("TLS cannot be set up: {error}")))?;
    Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), authority: authority.certificate })
}

fn fresh_authority() -> Result<TlsAuthority, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "chasqui emulator");
    set_validity(&mut params);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok(TlsAuthority { certificate: certificate.pem(), key: key.serialize_pem() })
}

fn set_validity(params: &mut CertificateParams) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(3650);
}

fn failed(error: rcgen::Error) -> EmulatorError {
    EmulatorError::Failed(format!("the TLS certificate cannot be made: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_authority_stays_the_one_that_is_published() {
        let authority = fresh_authority().unwrap();
        let tls = prepare(&["localhost".to_owned()], Some(&authority)).unwrap();
        assert_eq!(tls.authority, authority.certificate);
    }

    #[test]
    fn a_key_that_is_none_is_named() {
        let mut authority = fresh_authority().unwrap();
        authority.key = "nonsense".to_owned();
        let error = prepare(&["localhost".to_owned()], Some(&authority)).err().unwrap();
        assert!(matches!(error, EmulatorError::InvalidOption { option, .. } if option == "tls.key"));
    }
}
