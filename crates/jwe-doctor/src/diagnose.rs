//! The examination, from the outside inwards.

use jwe_core::{Alg, Backend, Jwk};

use crate::cause::Cause;
use crate::content;
use crate::encrypted_key;
use crate::engine::{self, Outcome};
use crate::expected::Expected;
use crate::finding::{Diagnosis, Examined, Finding};
use crate::header::{self, Header};
use crate::keys::{self, rsa_private};
use crate::outer_form;
use crate::parts::{self, Parts};
use crate::plaintext;
use crate::rsa::PrivateKey;

/// Examines `token` and names what is wrong with it, where `expected` is what its recipient asks for
/// and `keys` are those that it may be for, public or private, or none.
///
/// With a private RSA key the encrypted key is opened with whatever padding the sender used, and the
/// content in whatever way it was put together. With private keys of other types, the token is
/// decrypted as a recipient does it, and less is known where that fails. `backend` does the
/// decryption of content.
///
/// The order of the findings is the same for the same input: whatever lies further outside comes first.
/// It never fails and panics for no input.
///
/// Not for use behind a network, see the [crate's documentation](crate).
#[must_use]
pub fn diagnose(token: &[u8], keys: &[Jwk], backend: &Backend, expected: &Expected) -> Diagnosis {
    let mut findings = Vec::new();
    let examined = examine(token, keys, backend, expected, &mut findings);
    Diagnosis { findings, examined }
}

fn examine(
    token: &[u8],
    keys: &[Jwk],
    backend: &Backend,
    expected: &Expected,
    findings: &mut Vec<Finding>,
) -> Examined {
    let Some(text) = outer_form::strip(token, expected, findings) else {
        return Examined::Text;
    };
    let Some(parts) = parts::of(&text, findings) else { return Examined::Text };
    let Some(header) = header::read(&parts, findings) else { return Examined::Text };
    header::examine(&header, expected, findings);
    let case = Case { parts: &parts, header: &header, keys, backend, expected };
    let after_header = findings.len();
    let (examined, opens) = case.inside(findings);
    // A key that goes by the wrong name is the reason for what is seen further in.
    let kid = keys::examine_kid(keys, &header, opens, backend, expected);
    findings.splice(after_header..after_header, kid);
    if findings.is_empty() {
        findings.extend(case.last_word(opens));
    }
    examined
}

/// A token whose header can be read, and all that is known besides.
struct Case<'a> {
    parts: &'a Parts,
    header: &'a Header<'a>,
    keys: &'a [Jwk],
    backend: &'a Backend,
    expected: &'a Expected,
}

impl<'a> Case<'a> {
    /// Everything after the header; the key that the encrypted key opened with.
    fn inside(&self, findings: &mut Vec<Finding>) -> (Examined, Option<&'a Jwk>) {
        let Self { parts, header, backend, expected, .. } = *self;
        let meant = keys::meant(self.keys, header);
        if let Some(key) = meant {
            keys::examine(key, header, expected, findings);
            if self.halves_differ(key) {
                findings.push(Finding::new(
                    Cause::KeyHalves,
                    "the private half of the key does not undo what its public half does: they are of two keys",
                    "Publish the public half of this very key, as `jwe public` makes it",
                ));
                return (Examined::Header, None);
            }
        }
        if !self.alg().is_none_or(Alg::is_rsa) {
            return self.as_recipient(meant, findings);
        }
        let in_order = keys::in_order(self.keys, header);
        let part = &parts.encrypted_key;
        let opened = encrypted_key::open(part, &in_order, meant, header, expected, findings);
        let Some(opened) = opened else {
            content::examine_lengths(parts, header, findings);
            return (Examined::Header, None);
        };
        match content::open(parts, header, opened.cek, backend, expected, findings) {
            Some(content) => {
                // What is compressed is not what the sender encrypted.
                if !header.zip {
                    plaintext::examine(&content, expected, findings);
                }
                (Examined::Content, Some(opened.key))
            }
            None => (Examined::EncryptedKey, Some(opened.key)),
        }
    }

    /// The algorithm of the header, or else the one that is asked.
    fn alg(&self) -> Option<Alg> {
        let named = self.header.alg.as_deref();
        // What no registry has, and PKCS #1 v1.5, is RSA where RSA is asked.
        named.and_then(Alg::from_name).or(self.expected.alg)
    }

    fn halves_differ(&self, key: &Jwk) -> bool {
        match rsa_private(key) {
            Some(rsa) => PrivateKey::new(rsa).is_some_and(|key| !key.halves_belong_together()),
            None => {
                key.is_private()
                    && key.curve().is_some()
                    && matches!(
                        key.clone().with_public_half(self.backend),
                        Err(jwe_core::ImportError::Rejected { .. })
                    )
            }
        }
    }

    /// For keys that are not RSA keys: all or nothing.
    fn as_recipient(
        &self,
        meant: Option<&'a Jwk>,
        findings: &mut Vec<Finding>,
    ) -> (Examined, Option<&'a Jwk>) {
        content::examine_lengths(self.parts, self.header, findings);
        let header_alg = self.header.alg.as_deref().and_then(Alg::from_name);
        let (Some(key), Some(alg)) = (meant.filter(|key| key.is_private()), header_alg) else {
            return (Examined::Header, None);
        };
        if !alg.takes_key_type(key.kty()) {
            return (Examined::Header, None);
        }
        // What the policy says was said of the header.
        let any_enc = self.expected.clone().with_enc([]);
        match engine::decrypt(&self.parts.token(), key, alg, self.backend, &any_enc) {
            Outcome::Opened(content) => {
                plaintext::examine(&content, self.expected, findings);
                (Examined::Content, Some(key))
            }
            Outcome::Refused(finding) => {
                if findings.is_empty() {
                    findings.push(finding);
                }
                (Examined::Header, None)
            }
            Outcome::NotTried => (Examined::Header, None),
        }
    }

    /// A token without a finding is decrypted as a recipient does it, or looked at as far as that goes
    /// without a private key: what it refuses is then told in its own words.
    fn last_word(&self, opens: Option<&Jwk>) -> Option<Finding> {
        let token = self.parts.token();
        if let Some(finding) = engine::malformed(&token, self.expected) {
            return Some(finding);
        }
        let alg = self.header.alg.as_deref().and_then(Alg::from_name)?;
        match engine::decrypt(&token, opens?, alg, self.backend, self.expected) {
            Outcome::Refused(finding) => Some(finding),
            Outcome::Opened(_) | Outcome::NotTried => None,
        }
    }
}
