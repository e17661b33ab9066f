//! Reading keys: from a file or a URL, in any format.

use std::path::Path;

use jwe::{ImportError, Jwk, JwkSet};

use super::secret_line::SecretLine;
use super::warn;
use crate::failure::Failure;
use crate::fetch;
use crate::input::{self, Limit};

/// The longest key file in bytes: that of a JWK set.
const MAX_KEY_FILE_LEN: usize = 1024 * 1024;

/// Reads the keys that `name`, a file or a URL, holds. An encrypted private key is read with the
/// passphrase.
pub(crate) fn read(
    name: &str,
    ca_file: Option<&Path>,
    passphrase: Option<&SecretLine>,
) -> Result<JwkSet, Failure> {
    let shown = shown(name);
    let limit = Limit::of_keys(MAX_KEY_FILE_LEN);
    let bytes = if fetch::is_url(name) {
        let authorities = ca_file.map(|path| input::read(Some(path), limit)).transpose()?;
        fetch::fetch(name, authorities.as_ref().map(|pem| pem.as_slice()))
            .map_err(|failure| failure.about(&shown))?
    } else {
        input::read(Some(Path::new(name)), limit)?
    };
    let keys = match (JwkSet::from_bytes(&bytes), passphrase) {
        (Err(ImportError::Encrypted), Some(passphrase)) => decrypted(&bytes, passphrase),
        (Ok(keys), passphrase) => {
            if passphrase.is_some() && keys.keys().iter().any(Jwk::is_private) {
                warn(&shown, "holds a private key that is not encrypted with a passphrase");
            }
            Ok(keys)
        }
        (Err(error), _) => Err(error.into()),
    }
    .map_err(|failure| failure.about(&shown))?;
    if keys.keys().iter().any(Jwk::is_private) {
        warn_if_others_can_read(name, &shown, "secret key");
    }
    warn_of_left_out(&shown, keys.skipped().iter().map(ToString::to_string));
    Ok(keys)
}

fn decrypted(bytes: &[u8], passphrase: &SecretLine) -> Result<JwkSet, Failure> {
    let key = match core::str::from_utf8(bytes) {
        Ok(pem) if pem.contains("-----BEGIN ") => {
            jwe_encrypted_key::decrypt_pem(pem, passphrase.as_bytes())
        }
        _ => jwe_encrypted_key::decrypt_der(bytes, passphrase.as_bytes()),
    };
    Ok(key?.into())
}

/// How many keys that are left out are told one by one: a set may have a thousand.
const MOST_TOLD: usize = 3;

pub(super) fn warn_of_left_out(shown: &str, reasons: impl ExactSizeIterator<Item = String>) {
    let more = reasons.len().saturating_sub(MOST_TOLD);
    for reason in reasons.take(MOST_TOLD) {
        warn(shown, &format!("a key of the set is left out: {reason}"));
    }
    if more > 0 {
        warn(shown, &format!("{more} more keys are left out"));
    }
}

/// The name of a file or a URL as it can be shown: a user name, a password or a query may be
/// secret.
pub(crate) fn shown(name: &str) -> String {
    if fetch::is_url(name) { fetch::shown(name) } else { name.to_owned() }
}

pub(super) fn warn_if_others_can_read(name: &str, shown: &str, what: &str) {
    if fetch::is_url(name) {
        warn(
            shown,
            &format!(
                "publishes a {what}, and whoever fetches that can decrypt: publish `jwe public` of it"
            ),
        );
    } else if let Some(mode) = mode_for_others(name) {
        warn(
            shown,
            &format!(
                "holds a {what}, and its mode {mode:04o} lets others read or change it: chmod 600"
            ),
        );
    }
}

/// The mode of a file that is not its owner's alone.
#[cfg(unix)]
fn mode_for_others(name: &str) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = std::fs::metadata(name).ok().filter(std::fs::Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn mode_for_others(_: &str) -> Option<u32> {
    None
}
