//! TLS towards a key endpoint: an explicit provider, and whom to trust.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::key_source_error::KeySourceError;

/// A configuration for HTTP/1.1 that trusts the authorities in this PEM, or those of the web.
///
/// # Errors
/// [`KeySourceError::Tls`].
pub(super) fn client_config(
    provider: Arc<CryptoProvider>,
    authorities: Option<&[u8]>,
) -> Result<ClientConfig, KeySourceError> {
    let roots = match authorities {
        Some(pem) => roots(pem)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| KeySourceError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(pem: &[u8]) -> Result<RootCertStore, KeySourceError> {
    let unreadable = || {
        KeySourceError::Tls(
            "the authorities are not certificates in PEM: mend them, or give others".to_owned(),
        )
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| unreadable())?;
        roots.add(certificate).map_err(|_| unreadable())?;
    }
    if roots.is_empty() { Err(unreadable()) } else { Ok(roots) }
}
