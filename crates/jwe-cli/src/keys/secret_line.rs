//! Passwords and passphrases: the first line of a file.

use std::path::Path;

use zeroize::Zeroizing;

use super::source::warn_if_others_can_read;
use crate::cli::PassphraseArg;
use crate::failure::Failure;
use crate::input::{self, Limit};

/// The longest file in bytes, of which the first line counts.
const MAX_LEN: usize = 64 * 1024;

/// What stands in the first line of a file, without its line end; wiped on drop.
pub(crate) struct SecretLine(Zeroizing<Vec<u8>>);

impl SecretLine {
    /// Reads a file, or standard input for `-`. `what` is a password or a passphrase.
    pub(super) fn read(path: &Path, what: &str) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let content = input::read(Some(path), Limit::of_passwords(MAX_LEN))?;
        if !input::is_stdin(Some(path)) {
            warn_if_others_can_read(&name, &name, what);
        }
        let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            let text = format!("the first line is empty: write the {what} there");
            return Err(Failure::new("password_empty", text).about(&name));
        }
        Ok(Self(Zeroizing::new(line.to_vec())))
    }

    pub(super) fn text(&self, path: &Path) -> Result<&str, Failure> {
        core::str::from_utf8(&self.0).map_err(|_| {
            Failure::new("password_not_utf8", "the password is not UTF-8: write the file in UTF-8")
                .about(&path.display().to_string())
        })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The passphrase of encrypted private keys, where there is one.
pub(crate) fn passphrase(arg: &PassphraseArg) -> Result<Option<SecretLine>, Failure> {
    arg.file.as_deref().map(|path| SecretLine::read(path, "passphrase")).transpose()
}

/// The passphrase with which a private key is written, where there is one.
pub(crate) fn out_passphrase(path: Option<&Path>) -> Result<Option<SecretLine>, Failure> {
    path.map(|path| SecretLine::read(path, "passphrase")).transpose()
}
