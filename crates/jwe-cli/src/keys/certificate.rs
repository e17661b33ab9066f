//! The dates of certificates, which are told and not judged: no trust comes from a certificate here.

use std::time::{SystemTime, UNIX_EPOCH};

use jwe::Jwk;

use super::warn;
use crate::output;

/// Tells from when until when the certificate of a key is valid.
pub(crate) fn note_dates(jwk: &Jwk, shown: &str) {
    if let Some(certificate) = jwk.certificate() {
        output::note(&format!(
            "{shown}: the certificate is valid from {} until {}; who issued it was not checked",
            certificate.not_before_text(),
            certificate.not_after_text()
        ));
    }
}

/// Warns when the certificate of a key to encrypt with is not valid now.
pub(super) fn warn_of_dates(jwk: &Jwk, shown: &str) {
    let (Some(certificate), Ok(now)) =
        (jwk.certificate(), SystemTime::now().duration_since(UNIX_EPOCH))
    else {
        return;
    };
    if now.as_secs() < certificate.not_before() {
        let from = certificate.not_before_text();
        warn(
            shown,
            &format!(
                "the certificate is not valid before {from}: see whether the key is the right one"
            ),
        );
    } else if now.as_secs() > certificate.not_after() {
        let until = certificate.not_after_text();
        warn(
            shown,
            &format!("the certificate has expired on {until}: see whether there is a newer key"),
        );
    }
}
