//! TLS of both sides, with a crypto provider that is always named: rustls has no default where several
//! are compiled in, and a process-wide one would be everybody's.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use zeroize::Zeroizing;

use super::config::TlsConfig;
use super::error::ServerError;

fn failed(path: &Path, what: &str) -> ServerError {
    ServerError::new("serve_tls", format!("{}: {what}", path.display()))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, ServerError> {
    std::fs::read(path)
        .map(Zeroizing::new)
        .map_err(|error| failed(path, &format!("can't be read: {error}")))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ServerError> {
    let none = || failed(path, "has no certificate in PEM: name a file that has");
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(path)?).collect();
    let found = found.map_err(|_| none())?;
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

fn authorities(path: &Path) -> Result<RootCertStore, ServerError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| {
            failed(path, &format!("has a certificate of no authority: {error}"))
        })?;
    }
    Ok(roots)
}

/// What the server shows, and which certificates of callers it takes. One that shows none is let in
/// all the same: the published keys are for everybody, and what is not is refused request by request.
pub(super) fn server(
    config: &TlsConfig,
    provider: Arc<CryptoProvider>,
) -> Result<ServerConfig, ServerError> {
    let chain = certificates(&config.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&read(&config.key)?)
        .map_err(|_| failed(&config.key, "has no private key in PEM: name a file that has"))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ServerError::new("serve_tls", error.to_string()))?;
    let builder = match &config.client_authorities {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(authorities(path)?), provider)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| failed(path, &error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut tls = builder.with_single_cert(chain, key).map_err(|error| {
        failed(&config.certificate, &format!("does not go with the key: {error}"))
    })?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// How an https upstream is checked: against the authorities of a file, or the public ones.
pub(super) fn client(
    ca_file: Option<&Path>,
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig, ServerError> {
    let roots = match ca_file {
        Some(path) => authorities(path)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ServerError::new("serve_tls", error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
