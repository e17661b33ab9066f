//! Keys that a sender must not encrypt with (RFC 8725 §3.5, RFC 7517 §4.2, §4.3): refused when they
//! are read or imported, soon and in little memory, in whatever format they come.

use jwe::{Alg, Backend, Curve, EncryptionKey, ImportError, Jwk, JwkSet, KeyMaterial, KeyOptions};
use jwe_tests::curve_points::{jwk_of, strange_points};
use jwe_tests::{base64url, keys};
use serde_json::{Value, json};

use crate::attacks::tried_one;
use crate::target::{MEMORY, TIME, within};

pub(crate) fn check(backend: &'static Backend) {
    let good = public(&keys::rsa(2048));
    assert!(sender(backend, &good).is_ok());
    numbers_of_rsa(&good);
    what_a_key_says_of_its_use(backend, &good);
    points(backend);
    lengths_of_shared_keys(backend);
    two_keys_of_one_name(&good);
}

fn public(jwk: &Jwk) -> Value {
    serde_json::from_str(&jwk.to_public().unwrap().to_json()).unwrap()
}

/// Reads and imports a key as a sender does who takes what is published.
fn sender(backend: &Backend, key: &Value) -> Result<EncryptionKey, ImportError> {
    let alg = match key["kty"].as_str() {
        Some("EC" | "OKP") => Alg::EcdhEsA256Kw,
        _ => Alg::RsaOaep256,
    };
    let jwk = Jwk::from_json(key.to_string().as_bytes())?;
    EncryptionKey::import(backend, &jwk, &KeyOptions::new().with_alg(alg))
}

#[track_caller]
fn refuses<T>(what: &str, code: &str, work: impl FnMut() -> Result<T, ImportError>) {
    tried_one();
    let error = within(what, MEMORY, TIME, work).err().expect(what);
    assert_eq!(error.code(), code, "{what}");
    assert!(error.to_string().len() < 300, "{error}");
}

fn numbers_of_rsa(good: &Value) {
    let n = base64url::decode(good["n"].as_str().unwrap());
    let e = base64url::decode(good["e"].as_str().unwrap());
    assert_eq!((n.len(), e.as_slice()), (256, &[1, 0, 1][..]));
    let of_len = |len: usize| {
        let mut modulus: Vec<u8> = n.iter().copied().cycle().take(len).collect();
        modulus[len - 1] |= 1;
        modulus
    };
    let mut even = n.clone();
    even[255] &= 0xfe;
    let mut one_bit_less = n.clone();
    one_bit_less[0] >>= 1;
    let mut power = vec![0; 256];
    power[0] = 0x80;
    for (what, modulus, exponent) in [
        ("512 bits", of_len(64), e.clone()),
        ("1024 bits", of_len(128), e.clone()),
        ("2040 bits", of_len(255), e.clone()),
        ("2047 bits", one_bit_less, e.clone()),
        ("1024 bits behind zeros", [vec![0; 128], of_len(128)].concat(), e.clone()),
        ("8200 bits", of_len(1025), e.clone()),
        ("16384 bits", of_len(2048), e.clone()),
        ("an even modulus", even, e.clone()),
        ("a power of two", power, e.clone()),
        ("a modulus of zeros", vec![0; 256], e.clone()),
        ("a modulus of 1", vec![1], e.clone()),
        ("e = 0", n.clone(), vec![0]),
        ("e = 1", n.clone(), vec![1]),
        ("e = 1 behind zeros", n.clone(), vec![0, 0, 0, 1]),
        ("e = 2", n.clone(), vec![2]),
        ("e = 65536", n.clone(), vec![1, 0, 0]),
        ("e = 2^33 + 1", n.clone(), vec![2, 0, 0, 0, 1]),
        ("e = 2^64 + 1", n.clone(), vec![1, 0, 0, 0, 0, 0, 0, 0, 1]),
        ("e = n", n.clone(), n.clone()),
        ("no modulus", vec![], e.clone()),
        ("no exponent", n.clone(), vec![]),
    ] {
        let mut key = good.clone();
        key["n"] = base64url::encode(&modulus).into();
        key["e"] = base64url::encode(&exponent).into();
        let json = key.to_string();
        // A member of no bytes, and one with leading zeros, has not the form of a number.
        let strict =
            [&modulus, &exponent].iter().any(|number| !matches!(number.first(), Some(1..)));
        refuses_one_of(
            what,
            if strict { &["key_weak", "key_invalid_member"] } else { &["key_weak"] },
            || Jwk::from_json(json.as_bytes()),
        );
        refuses(what, "key_weak", || jwe::RsaPublicKey::new(&modulus, &exponent));
        if modulus.is_empty() || exponent.is_empty() {
            continue;
        }
        let pkcs1 = pkcs1(&modulus, &exponent);
        let spki = spki(&pkcs1);
        for der in [&pkcs1, &spki] {
            refuses(what, "key_weak", || Jwk::from_der(der));
        }
        let pem = jwe_core::pem::encode("PUBLIC KEY", &spki).unwrap();
        refuses(what, "key_weak", || JwkSet::from_bytes(pem.as_bytes()));
    }
    // The control: the same encoding of the good numbers is read.
    let der = spki(&pkcs1(&n, &e));
    let KeyMaterial::RsaPublic(key) = Jwk::from_der(&der).unwrap().material().clone() else {
        panic!("an RSA key")
    };
    assert_eq!(key.spki_der(), der);
}

#[track_caller]
fn refuses_one_of<T>(what: &str, codes: &[&str], work: impl FnMut() -> Result<T, ImportError>) {
    tried_one();
    let error = within(what, MEMORY, TIME, work).err().expect(what);
    assert!(codes.contains(&error.code()), "{what}: {error}");
}

/// Tag, length and content of an element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let mut out = vec![tag];
    match len {
        0..0x80 => out.push(len as u8),
        0x80..0x100 => out.extend([0x81, len as u8]),
        _ => out.extend([0x82, (len >> 8) as u8, len as u8]),
    }
    out.extend(content);
    out
}

/// A positive INTEGER.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count().min(number.len() - 1);
    let number = &number[zeros..];
    let sign = if number[0] >= 0x80 { &[0][..] } else { &[] };
    element(2, &[sign, number].concat())
}

/// RSAPublicKey (RFC 8017 §A.1.1).
fn pkcs1(n: &[u8], e: &[u8]) -> Vec<u8> {
    element(0x30, &[integer(n), integer(e)].concat())
}

/// SubjectPublicKeyInfo with rsaEncryption (RFC 3279 §2.3.1).
fn spki(pkcs1: &[u8]) -> Vec<u8> {
    const ALGORITHM: &[u8] = &[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    element(0x30, &[ALGORITHM.to_vec(), element(3, &[&[0], pkcs1].concat())].concat())
}

fn what_a_key_says_of_its_use(backend: &'static Backend, good: &Value) {
    for (members, code) in [
        (json!({ "use": "sig" }), "key_usage"),
        (json!({ "use": "ENC" }), "key_usage"),
        (json!({ "use": "" }), "key_usage"),
        (json!({ "key_ops": ["verify"] }), "key_usage"),
        (json!({ "key_ops": ["sign", "verify"] }), "key_usage"),
        (json!({ "key_ops": ["decrypt"] }), "key_usage"),
        (json!({ "key_ops": [] }), "key_usage"),
        (json!({ "use": "enc", "key_ops": ["sign"] }), "key_usage"),
        (json!({ "use": "sig", "key_ops": ["encrypt"] }), "key_usage"),
        (json!({ "alg": "RS256" }), "key_alg_conflict"),
        (json!({ "alg": "RSA1_5" }), "key_alg_conflict"),
        (json!({ "alg": "RSA-OAEP" }), "key_alg_conflict"),
        (json!({ "alg": "A256KW" }), "key_alg_conflict"),
    ] {
        let mut key = good.clone();
        for (name, value) in members.as_object().unwrap() {
            key[name] = value.clone();
        }
        refuses(&members.to_string(), code, || sender(backend, &key));
    }
    // Without a caller's own choice it is the key that chooses, and not these.
    for (alg, code) in [
        (json!("RS256"), "key_alg_conflict"),
        (json!("PS512"), "key_alg_conflict"),
        (json!("RSA1_5"), "key_alg_conflict"),
        (json!("none"), "key_alg_conflict"),
        (json!("A256KW"), "key_alg_type"),
        (json!("ECDH-ES"), "key_alg_type"),
        (Value::Null, "key_missing_alg"),
    ] {
        let mut key = good.clone();
        match &alg {
            Value::Null => drop(key.as_object_mut().unwrap().remove("alg")),
            _ => key["alg"] = alg.clone(),
        }
        refuses(&alg.to_string(), code, || {
            let jwk = Jwk::from_json(key.to_string().as_bytes())?;
            EncryptionKey::import(backend, &jwk, &KeyOptions::new())
        });
    }
    for (members, fits) in [
        (json!({ "use": "enc" }), true),
        (json!({ "key_ops": ["encrypt"] }), true),
        (json!({ "key_ops": ["wrapKey", "x"] }), true),
        (json!({ "alg": "RSA-OAEP-256", "use": "enc" }), true),
    ] {
        let mut key = good.clone();
        for (name, value) in members.as_object().unwrap() {
            key[name] = value.clone();
        }
        assert_eq!(sender(backend, &key).is_ok(), fits, "{members}");
    }
    let mut nameless = good.clone();
    nameless.as_object_mut().unwrap().remove("kid");
    refuses("no kid", "key_missing_kid", || sender(backend, &nameless));
}

/// What is on no curve, or of small order, is refused before anything is encrypted to it.
fn points(backend: &'static Backend) {
    for curve in Curve::ALL.iter().copied() {
        if backend.encryption_key_import(Alg::EcdhEsA256Kw, Some(curve)).is_err() {
            continue;
        }
        assert!(sender(backend, &public(&keys::ec(curve))).is_ok());
        for point in strange_points(curve) {
            let (x, y) = match curve.is_nist() {
                true => (&point[..curve.secret_len()], Some(&point[curve.secret_len()..])),
                false => (&point[..], None),
            };
            let mut key = jwk_of(curve.kty(), curve.name(), x, y);
            key["kid"] = "k".into();
            tried_one();
            let outcome = within("a strange point", MEMORY, TIME, || {
                let jwk = Jwk::from_json(key.to_string().as_bytes())?;
                let options = KeyOptions::new().with_alg(Alg::EcdhEsA256Kw);
                let sender = EncryptionKey::import(backend, &jwk, &options)?;
                // A key of small order may be imported, and gives no secret to anybody.
                let encrypter = jwe::Encrypter::new(backend, &sender, jwe::Enc::A128Gcm).unwrap();
                Ok::<_, ImportError>(encrypter.encrypt(b"x").is_ok())
            });
            match outcome {
                Ok(encrypted) => assert!(!curve.is_nist() && !encrypted, "{backend} {curve}"),
                Err(error) => {
                    assert!(["key_rejected", "key_weak"].contains(&error.code()), "{error}");
                }
            }
        }
        let other = public(&keys::ec(curve));
        let mut mislabelled = other.clone();
        mislabelled["crv"] = if curve == Curve::P256 { "P-384" } else { "P-256" }.into();
        mislabelled["kty"] = "EC".into();
        tried_one();
        assert!(sender(backend, &mislabelled).is_err(), "{curve}");
        let mut halved = other;
        halved.as_object_mut().unwrap().remove("x");
        refuses("no x", "key_missing_member", || sender(backend, &halved));
    }
}

/// A symmetric key has the one length that its algorithm wants.
fn lengths_of_shared_keys(backend: &'static Backend) {
    for alg in Alg::ALL.iter().copied() {
        let Some(right) = alg.kek_len().filter(|_| !alg.is_ecdh() && !alg.is_pbes2()) else {
            continue;
        };
        if backend.encryption_key_import(alg, None).is_err() {
            continue;
        }
        for len in [1, 8, 15, 16, 17, 24, 31, 32, 33, 64, 1000] {
            if len != right {
                let jwk = keys::oct(len);
                let options = KeyOptions::new().with_alg(alg);
                refuses("a length", "key_rejected", || {
                    EncryptionKey::import(backend, &jwk, &options)
                });
            }
        }
    }
}

fn two_keys_of_one_name(good: &Value) {
    let mut other = public(&keys::rsa(3072));
    other["kid"] = good["kid"].clone();
    let mut weak = good.clone();
    weak["e"] = "AQ".into();
    let kid = good["kid"].as_str().unwrap();
    for second in [&other, good, &weak] {
        for set in [json!({ "keys": [good, second] }), json!({ "keys": [second, good] })] {
            let set = JwkSet::from_json(set.to_string().as_bytes()).unwrap();
            refuses("two keys of one name", "key_ambiguous", || set.get(kid).cloned());
            refuses("two keys", "key_ambiguous", || set.only().cloned());
        }
    }
}
