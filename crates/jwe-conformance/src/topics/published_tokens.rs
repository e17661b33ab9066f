use jwe_core::{Backend, Decrypter, DecryptionKey, Direction, Jwk, KeyOptions};

use crate::support::attempt::Site;
use crate::support::compact::Parts;
use crate::support::engine;
use crate::support::managed::Recipient;
use crate::support::params::Params;
use crate::support::reference::key_management;
use crate::support::sealed::Sealed;
use crate::support::secret::Secret;
use crate::support::vectors::{self, TokenCase};
use crate::support::ways::Way;

/// The tokens of RFC 7516 and RFC 7520 and of other implementations are read, through the traits
/// and, where the backend lists the `alg` for recipients, through the engine. Where the backend
/// does not list the `alg` for recipients, the kit finds the CEK, so that the content is still
/// read.
///
/// # Panics
/// When the backend does not conform.
pub fn published_tokens(backend: &Backend) {
    for case in vectors::tokens() {
        let Ok(object) = backend.content_encryption(case.enc, Direction::Decrypt) else {
            continue;
        };
        let parts = Parts::of(&case.token);
        let secret = Secret::from_jwk(&case.key);
        let way = Way { alg: case.alg, curve: secret.curve() };
        let site = Site::new(backend, format!("{way} with {}", case.enc));
        let params = Params::of_header(&parts.header_json());
        let recipient = Recipient::new(backend, way, &secret);
        let cek = match &recipient {
            Some(recipient) => {
                recipient.receives(&case.name, case.enc, &params, &parts.encrypted_key)
            }
            None => {
                let (enc, encrypted_key) = (case.enc, &parts.encrypted_key);
                match key_management::decrypt(way.alg, &secret, enc, &params, encrypted_key) {
                    Ok(cek) => cek,
                    Err(reason) => panic!("{}: the kit can't find its CEK: {reason}", case.name),
                }
            }
        };
        let sealed = Sealed {
            enc: case.enc,
            cek,
            aad: parts.aad(),
            iv: parts.iv,
            ciphertext: parts.ciphertext,
            tag: parts.tag,
        };
        let plaintext = sealed.opens(backend, object, &case.name);
        site.same(&case.name, "the plaintext", &plaintext, &case.plaintext);
        if recipient.is_some() {
            through_the_engine(backend, &site, case, &params);
        }
    }
}

fn through_the_engine(backend: &Backend, site: &Site, case: &TokenCase, params: &Params) {
    let json = case.key.to_string();
    let jwk = site.accepts(&case.name, || Jwk::from_json(json.as_bytes()));
    let options = KeyOptions::new().with_alg(case.alg);
    let key = site.accepts(&case.name, || DecryptionKey::import(backend, &jwk, &options));
    let decrypter =
        site.accepts(&case.name, || Decrypter::new(backend, [key], &[case.enc])).ignore_kid();
    let decrypter = engine::allowing(decrypter, params.p2c);
    let plaintext = site.accepts(&case.name, || decrypter.decrypt(&case.token));
    site.same(&case.name, "the plaintext", &plaintext, &case.plaintext);
}
