use jwe_core::{
    Alg, Backend, Decrypter, DecryptionKey, Direction, Jwk, KeyOptions, RecipientContext,
    RecipientKey, UNWRAP_BUFFER_LEN,
};

use crate::support::attempt::Site;
use crate::support::bytes::unbase64url;
use crate::support::compact::Parts;
use crate::support::keys::{self, RsaNumbers};
use crate::support::reference::oaep;
use crate::support::sealed::Sealed;
use crate::support::vectors::{self, TokenCase};

/// The tokens of RFC 7516 and RFC 7520 and of six other implementations are read, through the
/// traits and, where the backend lists the `alg` for recipients, through the engine. Where the backend does not list the `alg` for recipients, the kit unwraps the CEK, so
/// that the content is still read.
///
/// # Panics
/// When the backend does not conform.
pub fn published_tokens(backend: &Backend) {
    for case in vectors::tokens() {
        let Ok(object) = backend.content_encryption(case.enc, Direction::Decrypt) else {
            continue;
        };
        let site = Site::new(backend, format!("{} with {}", case.alg, case.enc));
        let parts = Parts::of(&case.token);
        let cek = match backend.decryption_key_import(case.alg) {
            Ok((_, import)) => {
                let material = material(case);
                match site.accepts(&case.name, || import.import(&material)) {
                    RecipientKey::Unwrap(key) => {
                        let context = RecipientContext::new(case.enc);
                        let mut out = vec![0; UNWRAP_BUFFER_LEN];
                        let len = site.accepts(&case.name, || {
                            key.unwrap_key(&context, &parts.encrypted_key, &mut out)
                        });
                        out.truncate(len);
                        out
                    }
                    RecipientKey::Derive(key) => {
                        let context = RecipientContext::new(case.enc);
                        let mut cek = vec![0; case.enc.cek_len()];
                        site.accepts(&case.name, || key.derive_key(&context, &mut cek));
                        cek
                    }
                    _ => {
                        panic!("{site}: the kit does not know this sort of key: it needs an update")
                    }
                }
            }
            Err(_) if case.alg == Alg::Dir => symmetric(case),
            Err(_) => {
                let key = RsaNumbers::from_jwk(&case.key);
                match oaep::decrypt(case.alg, &key, &parts.encrypted_key) {
                    Ok(cek) => cek,
                    Err(reason) => panic!("{}: the kit can't unwrap it: {reason}", case.name),
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
        if backend.decryption_key_import(case.alg).is_ok() {
            through_the_engine(backend, &site, case);
        }
    }
}

fn through_the_engine(backend: &Backend, site: &Site, case: &TokenCase) {
    let json = case.key.to_string();
    let jwk = site.accepts(&case.name, || Jwk::from_json(json.as_bytes()));
    let options = KeyOptions::new().with_alg(case.alg);
    let key = site.accepts(&case.name, || DecryptionKey::import(backend, &jwk, &options));
    let decrypter =
        site.accepts(&case.name, || Decrypter::new(backend, [key], &[case.enc])).ignore_kid();
    let plaintext = site.accepts(&case.name, || decrypter.decrypt(&case.token));
    site.same(&case.name, "the plaintext", &plaintext, &case.plaintext);
}

fn symmetric(case: &TokenCase) -> Vec<u8> {
    unbase64url(case.key["k"].as_str().expect("vectors/tokens.json: a symmetric key"))
}

fn material(case: &TokenCase) -> jwe_core::KeyMaterial {
    if case.alg == Alg::Dir {
        keys::oct_material(&symmetric(case))
    } else {
        RsaNumbers::from_jwk(&case.key).private_material().expect("vectors/tokens.json: an RSA key")
    }
}
