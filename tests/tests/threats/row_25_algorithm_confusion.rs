//! The published key, in any of its texts, as a shared secret: a key is bound to its one `alg` when
//! it is imported, and the type of its material must go with that.

use jwe::{
    Alg, Backend, Curve, DecryptionKey, Enc, EncryptionKey, Jwk, KeyFormat, KeyMaterial, KeyOptions,
};
use jwe_tests::forge::Forge;
use jwe_tests::{base64url, keys};

use crate::attacks::tried_one;
use crate::target::{PLAINTEXT, Target};

pub(crate) fn check(backend: &'static Backend) {
    let published: Vec<Jwk> =
        [keys::rsa(2048), keys::ec(Curve::P256), keys::ec(Curve::P521), keys::ec(Curve::X25519)]
            .map(|jwk| jwk.to_public().unwrap())
            .into();
    let algs = |alg: Alg| {
        alg.is_rsa() || matches!(alg, Alg::EcdhEs | Alg::EcdhEsA256Kw | Alg::A256Kw | Alg::Dir)
    };
    for target in Target::every(backend, &[Enc::A256Gcm, Enc::A128CbcHs256], algs) {
        // What the recipient publishes itself, where that is more than a name.
        let own = target.jwk.to_public();
        for public in own.iter().chain(&published) {
            for secret in secrets(public) {
                forged_with(&target, &secret);
            }
        }
    }
    for jwk in &published {
        no_import_as_a_shared_key(backend, jwk);
    }
    no_import_as_a_key_pair(backend);
}

/// What an attacker could take for the secret: the first and the last bytes of each form, as long as
/// a key, and the hash of the whole.
fn secrets(public: &Jwk) -> Vec<[u8; 32]> {
    let mut forms: Vec<Vec<u8>> = vec![public.to_json().as_bytes().to_vec()];
    for format in [KeyFormat::Spki, KeyFormat::Pkcs1] {
        if let (Ok(der), Ok(pem)) = (public.to_der(format), public.to_pem(format)) {
            forms.extend([
                der.to_vec(),
                pem.as_bytes().to_vec(),
                pem.trim_end().as_bytes().to_vec(),
            ]);
        }
    }
    match public.material() {
        KeyMaterial::RsaPublic(key) => forms.push(key.n().to_vec()),
        KeyMaterial::EcPublic(key) => forms.push(key.x().to_vec()),
        _ => panic!("a public key"),
    }
    assert!(forms.len() >= 5);
    let hash = |form: &[u8]| jwe::default_backend().sha256(form);
    forms
        .iter()
        .flat_map(|form| {
            let (first, last) = (&form[..32], &form[form.len() - 32..]);
            [first.try_into().unwrap(), last.try_into().unwrap(), hash(form)]
        })
        .collect()
}

/// Tokens that open for whoever takes these bytes for a key: the CEK, and what wraps it.
fn forged_with(target: &Target, secret: &[u8; 32]) {
    let (backend, enc) = (target.backend, target.enc);
    let json = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(secret));
    let kek = Jwk::from_json(json.as_bytes()).unwrap();
    let direct = Forge::direct(backend, enc, secret);
    let wrapped = Forge::wrapped(backend, enc, &kek);
    for (alg, forge) in [(Alg::Dir, direct), (Alg::A256Kw, wrapped)] {
        let header = target.header(&format!("\"{alg}\""), &format!("\"{enc}\""), "");
        let token = forge.seal(&header, None, PLAINTEXT).token();
        let code = if alg == target.alg { "decryption_failed" } else { "alg_not_accepted" };
        target.refuses(&token, code);
    }
}

/// Neither side takes a published key for an algorithm of shared keys, whatever the caller says.
fn no_import_as_a_shared_key(backend: &Backend, jwk: &Jwk) {
    for alg in Alg::ALL.iter().copied() {
        if alg.is_rsa() || alg.is_ecdh() {
            continue;
        }
        let options = KeyOptions::new().with_alg(alg).ignore_declared_usage();
        tried_one();
        let sender = EncryptionKey::import(backend, jwk, &options).unwrap_err();
        let recipient = DecryptionKey::import(backend, jwk, &options).unwrap_err();
        assert_eq!((sender.code(), recipient.code()), ("key_alg_type", "key_alg_type"), "{alg}");
        // As the key itself may say.
        let named = jwk.clone().with_alg(alg);
        let sender = EncryptionKey::import(backend, &named, &KeyOptions::new()).unwrap_err();
        assert_eq!(sender.code(), "key_alg_type", "{alg}");
    }
}

/// Nor the other way round, and of key pairs none for the other's algorithm.
fn no_import_as_a_key_pair(backend: &Backend) {
    for (jwk, fits) in [
        (keys::oct(32), (|alg| !alg.is_rsa() && !alg.is_ecdh()) as fn(Alg) -> bool),
        (keys::rsa(2048), Alg::is_rsa),
        (keys::ec(Curve::P256), Alg::is_ecdh),
        (keys::ec(Curve::X25519), Alg::is_ecdh),
    ] {
        for alg in Alg::ALL.iter().copied().filter(|alg| !fits(*alg)) {
            let options = KeyOptions::new().with_alg(alg).ignore_declared_usage();
            tried_one();
            let sender = EncryptionKey::import(backend, &jwk, &options).unwrap_err();
            let recipient = DecryptionKey::import(backend, &jwk, &options).unwrap_err();
            let codes = (sender.code(), recipient.code());
            assert_eq!(codes, ("key_alg_type", "key_alg_type"), "{alg} {}", jwk.kty());
        }
    }
}
