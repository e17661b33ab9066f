//! The edges of what is taken as a key: DER that contradicts itself, and limits at their last value.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it does not expect"
)]

use jwe_core::{
    Alg, Curve, EcPrivateKey, EcPublicKey, ImportError, Jwk, JwkSet, KeyFormat, KeyMaterial,
    RsaPrivateKey, is_well_formed,
};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

fn read(name: &str) -> Jwk {
    Jwk::from_pem(&std::fs::read_to_string(format!("{DATA}/{name}.pem")).unwrap()).unwrap()
}

// ---- DER by hand. ----

const P256_OID: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384_OID: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
const EC_OID: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const X25519_OID: &[u8] = &[6, 3, 0x2b, 0x65, 0x6e];
const RSA_OID: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const NULL: &[u8] = &[5, 0];
const VERSION_0: &[u8] = &[2, 1, 0];
const VERSION_1: &[u8] = &[2, 1, 1];

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut der = vec![tag];
    match u8::try_from(content.len()) {
        Ok(len @ 0..0x80) => der.push(len),
        Ok(len) => der.extend_from_slice(&[0x81, len]),
        Err(_) => {
            der.push(0x82);
            der.extend_from_slice(&u16::try_from(content.len()).unwrap().to_be_bytes());
        }
    }
    der.extend_from_slice(&content);
    der
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(4, &[bytes])
}

fn bits(unused: u8, bytes: &[u8]) -> Vec<u8> {
    tlv(3, &[&[unused], bytes])
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes.first().is_some_and(|top| *top >= 0x80) { &[0] } else { &[] };
    tlv(2, &[sign, bytes])
}

fn sec1(secret: &[u8], curve: Option<&[u8]>, public: Option<&[u8]>) -> Vec<u8> {
    let curve = curve.map(|oid| tlv(0xa0, &[oid])).unwrap_or_default();
    let public = public.map(|point| tlv(0xa1, &[&bits(0, point)])).unwrap_or_default();
    sequence(&[VERSION_1, &octets(secret), &curve, &public])
}

fn pkcs8(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
    sequence(&[VERSION_0, &sequence(algorithm), &octets(key)])
}

fn refused(der: &[u8]) -> (&'static str, String) {
    let error = Jwk::from_der(der).map(drop).unwrap_err();
    (error.code(), error.to_string())
}

#[track_caller]
fn assert_refused(der: &[u8], code: &str, word: &str) {
    let (found, text) = refused(der);
    assert_eq!(found, code, "{text}");
    assert!(text.contains(word), "{text}");
}

#[test]
fn an_ec_key_names_one_curve() {
    let secret = [7; 32];
    let named = sec1(&secret, Some(P256_OID), None);
    let unnamed = sec1(&secret, None, None);
    assert_eq!(Jwk::from_der(&named).unwrap().curve(), Some(Curve::P256));
    assert_refused(&unnamed, "key_not_der", "does not name its curve");
    for inner in [&named, &unnamed] {
        let key = Jwk::from_der(&pkcs8(&[EC_OID, P256_OID], inner)).unwrap();
        assert_eq!(key.curve(), Some(Curve::P256));
        // A key without a curve in its outer structure, with NULL there, with another curve.
        assert_refused(&pkcs8(&[EC_OID], inner), "key_not_der", "no parameters");
        assert_refused(&pkcs8(&[EC_OID, NULL], inner), "key_not_der", "name no curve");
    }
    let other = pkcs8(&[EC_OID, P384_OID], &named);
    assert_refused(&other, "key_not_der", "two different curves");
    assert_refused(&pkcs8(&[EC_OID, P384_OID], &unnamed), "key_weak", "private part");
}

#[test]
fn a_point_is_whole_bytes_of_its_curve() {
    let spki =
        |unused, point: &[u8]| sequence(&[&sequence(&[EC_OID, P256_OID]), &bits(unused, point)]);
    let mut point = vec![1; 65];
    point[0] = 4;
    assert!(Jwk::from_der(&spki(0, &point)).is_ok());
    let mut torn = point.clone();
    torn[64] = 0x80;
    assert_refused(&spki(1, &torn), "key_not_der", "whole bytes");
    for form in [2, 3] {
        let mut compressed = vec![1; 33];
        compressed[0] = form;
        assert_refused(&spki(0, &compressed), "key_unsupported", "compressed");
    }
    // Of the length of a compressed point and none, and begun like one and of another length.
    for (form, len) in [(4, 33), (0, 33), (6, 65), (2, 65), (2, 34), (3, 32)] {
        let mut wrong = vec![1; len];
        wrong[0] = form;
        assert_refused(&spki(0, &wrong), "key_weak", "uncompressed");
    }
    // X25519 has no such form: 33 bytes are one too many.
    let x25519 = |bytes: &[u8]| sequence(&[&sequence(&[X25519_OID]), &bits(0, bytes)]);
    assert!(Jwk::from_der(&x25519(&[2; 32])).is_ok());
    assert_refused(&x25519(&[2; 33]), "key_weak", "length");
}

#[test]
fn x25519_has_no_parameters() {
    let key = octets(&[7; 32]);
    for parameters in [NULL, P256_OID] {
        let public = sequence(&[&sequence(&[X25519_OID, parameters]), &bits(0, &[7; 32])]);
        assert_refused(&public, "key_not_der", "has parameters");
        assert_refused(&pkcs8(&[X25519_OID, parameters], &key), "key_not_der", "has parameters");
    }
    assert!(Jwk::from_der(&pkcs8(&[X25519_OID], &key)).is_ok());
    assert_refused(&pkcs8(&[X25519_OID], &[7; 32]), "key_not_der", "CurvePrivateKey");
    // RFC 5958 §2: the public half may stand beside it, in whole bytes.
    let with_public = |unused, public: &[u8]| {
        let public = tlv(0x81, &[&[unused], public]);
        sequence(&[VERSION_1, &sequence(&[X25519_OID]), &octets(&key), &public])
    };
    assert!(Jwk::from_der(&with_public(0, &[9; 32])).unwrap().to_public().is_some());
    assert_refused(&with_public(1, &[8; 32]), "key_not_der", "whole bytes");
    assert_refused(&with_public(0, &[9; 31]), "key_weak", "length");
}

#[test]
fn an_rsa_key_has_two_primes_and_no_parameters() {
    let key = read("rsa_pkcs8");
    let pkcs1 = key.to_der(KeyFormat::Pkcs1).unwrap();
    // Without NULL, as some write it, with NULL, and with something else.
    let same = |der: &[u8]| assert_eq!(*Jwk::from_der(der).unwrap().to_json(), *key.to_json());
    same(&pkcs8(&[RSA_OID], &pkcs1));
    same(&pkcs8(&[RSA_OID, NULL], &pkcs1));
    assert_refused(&pkcs8(&[RSA_OID, P256_OID], &pkcs1), "key_not_der", "has parameters");
    let public = key.to_public().unwrap().to_der(KeyFormat::Pkcs1).unwrap();
    let spki = |parameters| sequence(&[&sequence(&[RSA_OID, parameters]), &bits(0, &public)]);
    assert!(Jwk::from_der(&spki(&[])).is_ok());
    assert_refused(&spki(P256_OID), "key_not_der", "has parameters");
    // RFC 8017 §A.1.2: version 1, and the numbers of a third prime.
    let three = integer(&[3]);
    let more = sequence(&[&sequence(&[&three, &three, &three])]);
    let multi = |version: &[u8]| {
        let mut numbers = vec![version.to_vec()];
        let KeyMaterial::RsaPrivate(private) = key.material() else { panic!("no private key") };
        numbers.push(integer(private.public().n()));
        numbers.push(integer(private.public().e()));
        let json: serde_json::Value = serde_json::from_str(&key.to_json()).unwrap();
        for name in ["d", "p", "q", "dp", "dq", "qi"] {
            let text = json[name].as_str().unwrap().replace('-', "+").replace('_', "/");
            let bytes = base64_simd::STANDARD_NO_PAD.decode_to_vec(text).unwrap();
            numbers.push(integer(&bytes));
        }
        numbers.push(more.clone());
        let parts: Vec<&[u8]> = numbers.iter().map(Vec::as_slice).collect();
        sequence(&parts)
    };
    assert_refused(&multi(VERSION_1), "key_unsupported", "more than two primes");
    assert_refused(&multi(VERSION_0), "key_not_der", "RSAPrivateKey");
}

#[test]
fn what_makes_rsa_keys_gives_rsa_keys() {
    let rsa = read("rsa_pkcs8").to_der(KeyFormat::Pkcs8).unwrap();
    assert!(RsaPrivateKey::from_pkcs8_der(&rsa).is_ok());
    let ec = read("p256_pkcs8").to_der(KeyFormat::Pkcs8).unwrap();
    assert_eq!(RsaPrivateKey::from_pkcs8_der(&ec).unwrap_err().code(), "key_unsupported");
    assert_eq!(RsaPrivateKey::from_pkcs8_der(&[]).unwrap_err().code(), "key_not_der");
}

/// SP 800-186 §3.2.1.
fn prime(curve: Curve) -> Vec<u8> {
    let hex = match curve {
        Curve::P256 => {
            "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff".to_owned()
        }
        Curve::P384 => format!("{}feffffffff0000000000000000ffffffff", "f".repeat(62)),
        Curve::P521 => format!("01{}", "f".repeat(130)),
        _ => panic!("a curve with one coordinate"),
    };
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn coordinates_are_less_than_the_prime() {
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let prime = prime(curve);
        assert_eq!(prime.len(), curve.secret_len());
        let mut below = prime.clone();
        *below.last_mut().unwrap() -= 1;
        let mut small = vec![0; curve.secret_len()];
        small[curve.secret_len() - 1] = 1;
        let point = |x: &[u8], y: &[u8]| [&[4], x, y].concat();
        for good in [&below, &small] {
            assert!(is_well_formed(curve, &point(good, &small)), "{curve}");
            assert!(is_well_formed(curve, &point(&small, good)), "{curve}");
            let key = EcPublicKey::new(curve, &point(good, &small)).unwrap();
            assert_eq!((key.x(), key.y()), (good.as_slice(), Some(small.as_slice())));
            let shown = format!("{key:?}");
            assert!(
                shown.contains("EcPublicKey") && shown.contains(&format!("{curve:?}")),
                "{shown}"
            );
        }
        for bad in [&prime, &vec![0xff; curve.secret_len()]] {
            assert!(!is_well_formed(curve, &point(bad, &small)), "{curve}");
            assert!(!is_well_formed(curve, &point(&small, bad)), "{curve}");
        }
        if curve == Curve::P521 {
            let mut above = small.clone();
            above[0] = 2;
            assert!(!is_well_formed(curve, &point(&above, &small)), "more than 521 bits");
            let mut top_only = vec![0; curve.secret_len()];
            top_only[0] = 1;
            assert!(is_well_formed(curve, &point(&top_only, &small)));
            let mut all_but_top = vec![0xff; curve.secret_len()];
            all_but_top[0] = 0;
            assert!(
                is_well_formed(curve, &point(&all_but_top, &small)),
                "2^520 - 1 is in the field"
            );
        }
        for first in [0, 2, 3, 5, 6] {
            let mut other = point(&small, &small);
            other[0] = first;
            assert!(!is_well_formed(curve, &other), "{curve} {first}");
        }
    }
}

#[test]
fn the_halves_of_a_key_are_of_one_curve() {
    let public = EcPublicKey::new(Curve::X25519, &[7; 32]).unwrap();
    let error = EcPrivateKey::new(Curve::P256, &[7; 32], Some(public.clone())).unwrap_err();
    assert!(matches!(error, ImportError::WeakKey(reason) if reason.contains("different curves")));
    let whole = EcPrivateKey::new(Curve::X25519, &[7; 32], Some(public)).unwrap();
    let shown = format!("{whole:?}");
    assert!(shown.contains("EcPrivateKey") && shown.contains("X25519"), "{shown}");
    assert!(!shown.contains('7'), "{shown}");
}

// ---- What a key says about itself. ----

fn oct(members: &str) -> Jwk {
    Jwk::from_json(format!(r#"{{"kty":"oct","k":"AQ"{members}}}"#).as_bytes()).unwrap()
}

#[test]
fn labels_are_written_as_they_were_read() {
    let json = concat!(
        r#"{"kty":"oct","kid":"k\"1","use":"enc","alg":"A128KW","#,
        r#""key_ops":["wrapKey","un\\known"],"k":"AQ"}"#
    );
    let key = Jwk::from_json(json.as_bytes()).unwrap();
    assert_eq!(*key.to_json(), json);
    assert_eq!((key.kid(), key.key_use(), key.alg()), (Some("k\"1"), Some("enc"), Some("A128KW")));
    assert_eq!(key.key_ops().unwrap(), ["wrapKey", "un\\known"]);
    let labelled = key.with_alg(Alg::A256Kw);
    assert_eq!((labelled.alg(), labelled.key_use()), (Some("A256KW"), Some("enc")));
    assert_eq!(labelled.key_ops(), None, "they could contradict the new alg");
    let shown = format!("{labelled:?}");
    assert!(shown.contains("A256KW") && shown.contains("Jwk") && !shown.contains("AQ"), "{shown}");
}

/// A buffer that grows leaves a copy of the secret in the memory that it had before.
#[test]
fn the_text_of_a_key_stands_in_a_buffer_that_never_grew() {
    let capacity = |key: &Jwk| {
        let json = key.to_json();
        assert!(json.capacity() >= json.len());
        json.capacity()
    };
    let bare = capacity(&oct(""));
    // Each byte of a label may become an escape of six.
    let control = "\\u0001".repeat(4000);
    for (member, len) in [
        (format!(r#","alg":"{control}""#), 4000),
        (format!(r#","use":"{control}""#), 4000),
        (format!(r#","key_ops":["{control}"]"#), 4003),
        (format!(r#","key_ops":["{}"]"#, "a".repeat(200)), 203),
    ] {
        assert_eq!(capacity(&oct(&member)), bare + 6 * len, "the room of {len} bytes");
    }
    let ec = read("p521_pkcs8");
    assert_eq!(capacity(&ec), bare - 2 + 2 * 3 * 66, "three numbers of the longest curve");
    let rsa = read("rsa_pkcs8");
    assert!(
        capacity(&rsa) >= 2 * 5 * 256,
        "nine numbers, of which four are of the modulus' length"
    );
    let certified = read("rsa_certificate");
    let der = certified.certificate().unwrap().der().len();
    let public = certified.to_json().capacity() - read("rsa_spki").to_json().capacity();
    assert_eq!(public, 6 * (der + 3));
}

#[test]
fn a_public_half_has_the_public_operations() {
    let json = read("p256_pkcs8").to_json();
    let ops =
        r#""key_ops":["unwrapKey","sign","decrypt","wrapKey","deriveKey","other"],"kid":"k","#;
    let key = Jwk::from_json(json.replacen('{', &format!("{{{ops}"), 1).as_bytes()).unwrap();
    let public = key.to_public().unwrap();
    assert_eq!(
        public.key_ops().unwrap(),
        ["deriveKey", "encrypt", "other", "verify", "wrapKey"],
        "each once"
    );
    assert_eq!((public.kid(), public.is_private()), (Some("k"), false));
    assert!(!public.to_json().contains("\"d\""));
    assert!(oct("").to_public().is_none());
}

#[test]
fn limits_of_a_key_hold_at_their_last_byte() {
    const MOST: usize = 64 * 1024;
    let padded = |len: usize| {
        let key = r#"{"kty":"oct","k":"AQ"}"#;
        format!("{key}{}", " ".repeat(len - key.len()))
    };
    assert!(Jwk::from_json(padded(MOST).as_bytes()).is_ok());
    let error = Jwk::from_json(padded(MOST + 1).as_bytes()).unwrap_err();
    assert_eq!(error, ImportError::TooLarge { limit: MOST });
    let code = |kid: &str| oct("").with_kid(kid).map(drop).map_err(|error| error.code());
    assert_eq!(code(&"k".repeat(512)), Ok(()));
    assert_eq!(code(&"k".repeat(513)), Err("key_invalid_kid"));
    assert_eq!(code(""), Err("key_invalid_kid"));
    assert_eq!(code("a\nb"), Err("key_invalid_kid"));
}

// ---- Sets. ----

fn set(members: &[&str]) -> JwkSet {
    JwkSet::from_json(format!("{{\"keys\":[{}]}}", members.join(",")).as_bytes()).unwrap()
}

#[test]
fn limits_of_a_set_hold_at_their_last_byte() {
    const MOST: usize = 1024 * 1024;
    let padded = |len: usize| format!("{{\"keys\":[]}}{}", " ".repeat(len - 11)).into_bytes();
    for read in [JwkSet::from_json, JwkSet::from_bytes] {
        assert!(read(&padded(MOST)).is_ok());
        assert_eq!(read(&padded(MOST + 1)).unwrap_err(), ImportError::TooLarge { limit: MOST });
    }
    // A key of a set has the limit of a key; one that is longer is skipped.
    let key = |len: usize| format!(r#"{{"kty":"oct","k":"AQ","x":"{}"}}"#, "x".repeat(len - 29));
    assert_eq!(key(64 * 1024).len(), 64 * 1024);
    let both = set(&[&key(64 * 1024), &key(64 * 1024 + 1), &key(64 * 1024 + 2)]);
    assert_eq!(both.keys().len(), 1);
    assert_eq!(both.skipped(), [const { ImportError::TooLarge { limit: 64 * 1024 } }; 2]);
}

#[test]
fn a_set_is_one_object_with_its_keys_once() {
    let code = |json: &[u8]| JwkSet::from_json(json).unwrap_err().code();
    assert_eq!(code(br#"{"keys":[],"keys":[]}"#), "key_invalid_member");
    assert_eq!(code(br#"{"keys":[],"k\u0065ys":[]}"#), "key_invalid_member");
    assert_eq!(code(b"{}"), "key_missing_member");
    assert_eq!(code(b"\xff"), "key_not_json");
    let error = JwkSet::from_json(b"{\n\"keys\" []}").unwrap_err();
    assert_eq!(error, ImportError::NotJson { line: 2, column: 8 });
    // Behind a brace, what is not UTF-8 is no set, and no key either.
    assert_eq!(JwkSet::from_bytes(b"{\"keys\":[\"\xff\"]}").unwrap_err().code(), "key_not_json");
}

#[test]
fn the_only_key_of_none_says_why_there_is_none() {
    assert_eq!(set(&[]).only().unwrap_err(), ImportError::Empty);
    let unknown = set(&[r#"{"kty":"AKP","pub":"AQ"}"#, r#"{"k":"AQ"}"#]);
    assert_eq!(unknown.only().unwrap_err().code(), "key_unsupported", "the first reason");
}

#[test]
fn the_public_halves_of_a_set_are_a_set() {
    let keys = [read("rsa_pkcs8"), oct(""), read("p256_pkcs8"), read("x25519_pkcs8")];
    let set: JwkSet = keys.iter().cloned().collect();
    assert_eq!(set.keys().len(), 4);
    let json = set.to_public_json();
    let public = JwkSet::from_json(json.as_bytes()).unwrap();
    let types: Vec<&str> = public.keys().iter().map(Jwk::kty).collect();
    assert_eq!(types, ["RSA", "EC"], "no symmetric key, and none whose file left it out");
    assert!(public.skipped().is_empty());
    assert!(public.keys().iter().all(|key| !key.is_private()), "{json}");
    let shown = format!("{set:?}");
    assert!(shown.starts_with("JwkSet") && shown.contains("skipped"), "{shown}");
    let empty: JwkSet = [].into_iter().collect();
    assert_eq!(empty.to_public_json(), "{\"keys\":[]}");
}

#[test]
fn formats_have_the_names_that_people_know() {
    let names: Vec<String> = KeyFormat::ALL.iter().map(KeyFormat::to_string).collect();
    assert_eq!(names, ["SPKI", "PKCS #8", "SEC 1", "PKCS #1"]);
}

#[test]
fn what_is_shown_of_a_certificate_are_its_dates() {
    let shown = format!("{:?}", read("rsa_certificate").certificate().unwrap());
    assert!(
        shown.contains("2026-01-01T00:00:00Z") && shown.contains("2056-01-01T00:00:00Z"),
        "{shown}"
    );
    assert!(shown.len() < 120, "{shown}");
}
