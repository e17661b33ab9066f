//! Keys imported through the traits, as the engine imports them.

use std::sync::Arc;

use jwe_core::{
    Alg, Backend, ContentEncryption, Direction, Enc, RecipientKey, SenderKey, UnwrapKey, WrapKey,
};

use super::attempt::Site;
use super::keys::RsaNumbers;

/// The RSAES-OAEP algorithms that the backend lists for senders.
pub(crate) fn rsa_encryption(backend: &Backend) -> impl Iterator<Item = Alg> {
    Alg::ALL
        .iter()
        .copied()
        .filter(|alg| alg.is_rsa() && backend.encryption_key_import(*alg, None).is_ok())
}

/// The RSAES-OAEP algorithms that the backend lists for recipients.
pub(crate) fn rsa_decryption(backend: &Backend) -> impl Iterator<Item = Alg> {
    Alg::ALL
        .iter()
        .copied()
        .filter(|alg| alg.is_rsa() && backend.decryption_key_import(*alg, None).is_ok())
}

/// The content encryption algorithms that the backend lists.
pub(crate) fn content(backend: &Backend) -> impl Iterator<Item = &'static dyn ContentEncryption> {
    Enc::ALL.iter().filter_map(|enc| backend.content_encryption(*enc, Direction::Decrypt).ok())
}

/// Whether a CEK of an `enc` has so many bytes; others a backend need not handle.
pub(crate) fn is_cek_len(len: usize) -> bool {
    Enc::ALL.iter().any(|enc| enc.cek_len() == len)
}

/// A prepared key of a sender for one of [`rsa_encryption`].
pub(crate) fn wrapping(backend: &Backend, alg: Alg, key: &RsaNumbers) -> Arc<dyn WrapKey> {
    let site = Site::new(backend, alg);
    let (_, import) = site.accepts("key import", || backend.encryption_key_import(alg, None));
    let case = format!("import of the public key {}", key.name);
    match site.accepts(&case, || import.import(&key.public_material())) {
        SenderKey::Wrap(key) => key,
        _ => panic!("{site}, {case}: an RSA key must wrap a CEK, not derive one"),
    }
}

/// A prepared key of a recipient for one of [`rsa_decryption`].
pub(crate) fn unwrapping(backend: &Backend, alg: Alg, key: &RsaNumbers) -> Arc<dyn UnwrapKey> {
    let site = Site::new(backend, alg);
    let (_, import) = site.accepts("key import", || backend.decryption_key_import(alg, None));
    let case = format!("import of the private key {}", key.name);
    let material = site.accepts(&case, || key.private_material());
    match site.accepts(&case, || import.import(&material)) {
        RecipientKey::Unwrap(key) => key,
        _ => panic!("{site}, {case}: an RSA key must unwrap a CEK, not derive one"),
    }
}
