//! Hostile input to every key management algorithm: points that are on no curve or of small order,
//! iteration counts that take years, wrapped keys of any length; each with the error that it must
//! end in. Whatever a key decides is one error, whichever algorithm it is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::time::{Duration, Instant};

use jwe::{
    Alg, Backend, Curve, DecryptError, Decrypter, Direction, Enc, Encrypter, FlattenedJson, Jwk,
    KeyMaterial, Limits, Message, Serialization,
};
use jwe_tests::capability::{backends, encs};
use jwe_tests::forge::{Agreement, Forge, agreed, wrap};
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, keys};
use serde_json::Value;

const PLAINTEXT: &[u8] = b"attack at dawn";
const MOST_ITERATIONS: u32 = 2000;

/// One recipient with a good token for it.
struct Target {
    backend: &'static Backend,
    alg: Alg,
    enc: Enc,
    jwk: Jwk,
    decrypter: Decrypter,
    good: Parts,
}

impl Target {
    fn new(backend: &'static Backend, alg: Alg, enc: Enc, jwk: Jwk) -> Self {
        let key = keys::recipient(backend, &jwk, alg);
        let decrypter =
            Decrypter::new(backend, [key], &encs(backend)).unwrap().allow_pbes2(MOST_ITERATIONS);
        let sender = keys::sender(backend, &jwk, alg);
        let encrypter = Encrypter::builder(backend, &sender, enc)
            .with_iterations(1000)
            .with_agreement_info(Some(b"Alice"), Some(b"Bob"))
            .build()
            .unwrap();
        let good = Parts::of(&encrypter.encrypt(PLAINTEXT).unwrap());
        let target = Self { backend, alg, enc, jwk, decrypter, good };
        assert_eq!(*target.decrypter.decrypt(&target.good.token()).unwrap(), PLAINTEXT);
        target
    }

    /// Every backend with every key that it decrypts with, and these `enc`.
    fn all(encs: &[Enc], algs: impl Fn(Alg) -> bool) -> Vec<Self> {
        let mut targets = Vec::new();
        for backend in backends().iter().copied() {
            for alg in Alg::ALL.iter().copied().filter(|alg| algs(*alg)) {
                for enc in encs.iter().copied() {
                    for jwk in keys::of_every_kind(alg, enc) {
                        if keys::takes(backend, Direction::Decrypt, alg, &jwk)
                            && backend.content_encryption(enc, Direction::Decrypt).is_ok()
                        {
                            targets.push(Self::new(backend, alg, enc, jwk));
                        }
                    }
                }
            }
        }
        assert!(!targets.is_empty());
        targets
    }

    /// The error of a token, which leaves the buffer alone and is the same in every serialization.
    fn error(&self, parts: &Parts) -> DecryptError {
        let token = parts.token();
        let mut out = b"before".to_vec();
        let error = self.decrypter.decrypt_into(&token, &mut out).expect_err("a refusal");
        assert_eq!(out, b"before");
        match self.decrypter.begin(&token) {
            Ok(_) => assert_eq!(error, DecryptError::DecryptionFailed),
            Err(early) => assert_eq!(early, error),
        }
        let limits = Limits::default();
        if let Ok(message) = Message::parse(&token, &limits) {
            let mut text = String::new();
            if FlattenedJson.write(&message, &mut text).is_ok() {
                let message = Message::parse(&text, &limits).unwrap();
                assert_eq!(self.decrypter.decrypt_message(message).unwrap_err(), error);
            }
        }
        error
    }

    #[track_caller]
    fn refuses(&self, parts: &Parts, code: &str) {
        let error = self.error(parts);
        let header = String::from_utf8_lossy(&base64url::decode(&parts.header)).into_owned();
        assert_eq!(error.code(), code, "{} {} {}: {header}", self.backend, self.alg, self.enc);
        if code == "decryption_failed" {
            assert_eq!(
                format!("{error}|{error:?}|{}", error.code()),
                "the message could not be decrypted|DecryptionFailed|decryption_failed"
            );
            assert!(std::error::Error::source(&error).is_none());
        }
    }

    /// The good token with another value of a header member; `None` takes it out.
    fn with_member(&self, name: &str, value: Option<Value>) -> Parts {
        let mut header: serde_json::Map<String, Value> =
            serde_json::from_str(&self.good.header_json()).unwrap();
        match value {
            Some(value) => drop(header.insert(name.to_owned(), value)),
            None => drop(header.remove(name)),
        }
        self.good.with_header(Value::Object(header).to_string().as_bytes())
    }

    fn member(&self, name: &str) -> Value {
        serde_json::from_str::<Value>(&self.good.header_json()).unwrap()[name].clone()
    }
}

/// An encrypted key of any other length ends in an error, never in a panic.
#[test]
fn an_encrypted_key_of_any_other_length_is_refused() {
    let lengths = [
        0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40, 41, 48, 56, 64, 72, 73, 128, 255,
        256, 257, 512, 1000, 1024, 1025, 65536,
    ];
    let mut refused = 0;
    for target in Target::all(Enc::ALL, |_| true) {
        let right = base64url::decode(&target.good.encrypted_key).len();
        let cek_len = target.enc.cek_len();
        let expected = match target.alg {
            Alg::Dir | Alg::EcdhEs => 0,
            alg if alg.is_rsa() => 256,
            alg if alg.is_gcm_kw() => cek_len,
            _ => cek_len + 8,
        };
        assert_eq!(right, expected, "{} {}", target.alg, target.enc);
        for len in lengths {
            for byte in [0, 0xa6] {
                let forged = target.good.with_encrypted_key(&vec![byte; len]);
                if len != right {
                    target.refuses(&forged, "part_length");
                } else if len > 0 {
                    target.refuses(&forged, "decryption_failed");
                }
                refused += 1;
            }
        }
        // The right one with something behind it, or without its end.
        let good = base64url::decode(&target.good.encrypted_key);
        let longer = [good.as_slice(), &[0; 8]].concat();
        target.refuses(&target.good.with_encrypted_key(&longer), "part_length");
        if right > 0 {
            target.refuses(&target.good.with_encrypted_key(&good[..right - 1]), "part_length");
        }
    }
    jwe_tests::skip::say(format_args!("{refused} encrypted keys refused"));
}

/// Everything that the key decides: another key, a changed wrapped key, another parameter, a point
/// that is none. From outside it is one error.
#[test]
fn all_failures_of_every_algorithm_are_one() {
    for target in Target::all(&[Enc::A128Gcm, Enc::A256CbcHs512], |_| true) {
        let good = &target.good;
        let mut tokens = vec![
            good.with_tag(&vec![0; target.enc.tag_len()]),
            good.with_iv(&vec![0; target.enc.iv_len()]),
            good.with_ciphertext(&[0; 16]),
            target.with_member("x", Some(1.into())),
        ];
        let encrypted_key = base64url::decode(&good.encrypted_key);
        for at in [0, 7, encrypted_key.len() / 2, encrypted_key.len().saturating_sub(1)] {
            if at < encrypted_key.len() {
                let mut changed = encrypted_key.clone();
                changed[at] ^= 1;
                tokens.push(good.with_encrypted_key(&changed));
            }
        }
        if target.alg.is_gcm_kw() {
            for (name, len) in [("iv", 12), ("tag", 16)] {
                let changed = base64url::encode(&vec![0; len]);
                tokens.push(target.with_member(name, Some(changed.into())));
            }
        }
        if target.alg.is_pbes2() {
            tokens.push(target.with_member("p2s", Some(base64url::encode(&[0; 16]).into())));
            tokens.push(target.with_member("p2c", Some(1001.into())));
        }
        if let Some(curve) = target.jwk.curve() {
            tokens.push(target.with_member("apu", Some("Qm9i".into())));
            tokens.push(target.with_member("apv", None));
            for point in strange_points(curve) {
                tokens.push(target.with_member("epk", Some(epk(curve, &point))));
            }
        }
        for token in tokens {
            target.refuses(&token, "decryption_failed");
        }
        // Another key of the same kind: another password, another KEK.
        if target.jwk.kty() == "oct" {
            let KeyMaterial::Oct(key) = target.jwk.material() else { panic!("a symmetric key") };
            let mut other = key.as_bytes().to_vec();
            other[0] ^= 1;
            let json = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(&other));
            let other = Jwk::from_json(json.as_bytes()).unwrap();
            let other = other.with_kid(target.jwk.kid().unwrap()).unwrap();
            let other = Target::new(target.backend, target.alg, target.enc, other);
            other.refuses(&target.good, "decryption_failed");
        }
    }
}

/// An `epk` of these coordinates, each of the length it is given in.
fn jwk_of(kty: &str, crv: &str, x: &[u8], y: Option<&[u8]>) -> Value {
    let mut epk = serde_json::json!({ "kty": kty, "crv": crv, "x": base64url::encode(x) });
    if let Some(y) = y {
        epk["y"] = base64url::encode(y).into();
    }
    epk
}

/// The `epk` of an uncompressed point without its first byte, or of a u-coordinate.
fn epk(curve: Curve, point: &[u8]) -> Value {
    let (x, y) = if curve.is_nist() {
        let (x, y) = point.split_at(curve.secret_len());
        (x, Some(y))
    } else {
        (point, None)
    };
    jwk_of(curve.kty(), curve.name(), x, y)
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

/// The u-coordinates of small order and their other spellings: what is above the prime, and with
/// the bit that X25519 does not look at (RFC 7748 §5, §6.1).
fn small_order() -> Vec<Vec<u8>> {
    let mut points = vec![
        hex("0100000000000000000000000000000000000000000000000000000000000000"),
        hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];
    for mut point in points.clone() {
        point[31] |= 0x80;
        points.push(point);
    }
    points.push(hex("0000000000000000000000000000000000000000000000000000000000000080"));
    points
}

/// Well-formed public keys that are no points of the curve, or of small order: without the check
/// the agreed secret tells about the private key, or is known to everybody.
fn strange_points(curve: Curve) -> Vec<Vec<u8>> {
    if !curve.is_nist() {
        return small_order();
    }
    let len = curve.secret_len();
    let KeyMaterial::EcPublic(public) = keys::ec(curve).to_public().unwrap().material().clone()
    else {
        panic!("a key on a curve")
    };
    let number = |number: u8| {
        let mut bytes = vec![0; len];
        bytes[len - 1] = number;
        bytes
    };
    let mut points = vec![
        // One y for another x, and the other way round.
        [public.x(), &number(1)].concat(),
        [&number(1), public.y().unwrap()].concat(),
        // The coordinates swapped.
        [public.y().unwrap(), public.x()].concat(),
        // y = 0: of order two on a curve with another constant.
        [public.x(), &number(0)].concat(),
        [number(1), number(0)].concat(),
        [number(2), number(0)].concat(),
        // x = 0.
        [number(0), number(1)].concat(),
    ];
    // Small x with small y: on other curves or on the twist, but none on this one.
    for x in 1..6 {
        points.push([number(x), number(x + 1)].concat());
    }
    points
}

/// Messages for which somebody chose a point that makes the agreed secret known, and sealed them
/// with it: a recipient that does not look at the point opens them.
#[test]
fn points_that_make_the_secret_known_are_refused() {
    let mut tried = 0;
    for target in Target::all(&[Enc::A128Gcm, Enc::A128CbcHs256], Alg::is_ecdh) {
        let curve = target.jwk.curve().unwrap();
        let len = curve.secret_len();
        for point in strange_points(curve) {
            // Of small order on X25519: zero. Of order two on a curve with another constant: the
            // point itself, for half of all private keys, else the point at infinity.
            let secrets = match curve {
                Curve::X25519 => vec![vec![0; len]],
                _ => vec![point[..len].to_vec(), vec![0; len]],
            };
            for z in secrets {
                let (backend, alg, enc) = (target.backend, target.alg, target.enc);
                let forged = agreed(backend, alg, enc, (&epk(curve, &point), &z), b"forged");
                target.refuses(&forged, "decryption_failed");
                tried += 1;
            }
        }
    }
    jwe_tests::skip::say(format_args!("{tried} messages with a known secret refused"));
}

/// The same forging with an honest point is opened, so that it is the point that decides above: the
/// keys and the secret of RFC 7518, Appendix C.
#[test]
fn an_honest_forgery_is_opened() {
    let Agreement { recipient: bob, epk, z } = Agreement::of_the_rfc();
    let mut opened = 0;
    for backend in backends().iter().copied() {
        for alg in Alg::ALL.iter().copied().filter(|alg| alg.is_ecdh()) {
            if !keys::takes(backend, Direction::Decrypt, alg, &bob) {
                continue;
            }
            for enc in [Enc::A128Gcm, Enc::A128CbcHs256] {
                let target = Target::new(backend, alg, enc, bob.clone());
                let token = agreed(backend, alg, enc, (&epk, &z), b"forged").token();
                assert_eq!(*target.decrypter.decrypt(&token).unwrap(), b"forged");
                opened += 1;
            }
        }
    }
    assert_eq!(opened, 2 * 4 * 2);
}

/// What is no public key of the curve by its form alone, refused before the private key is used.
#[test]
fn an_epk_of_another_form_is_refused() {
    const PRIMES: [(Curve, &str); 3] = [
        (Curve::P256, "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
        (
            Curve::P384,
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        ),
        (
            Curve::P521,
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ),
    ];
    for target in Target::all(&[Enc::A128Gcm], Alg::is_ecdh) {
        let curve = target.jwk.curve().unwrap();
        let (kty, crv, len) = (curve.kty(), curve.name(), curve.secret_len());
        let honest = target.member("epk");
        let coordinate =
            |name: &str| honest[name].as_str().map(base64url::decode).unwrap_or_default();
        let (x, y) = (coordinate("x"), coordinate("y"));
        let y = curve.is_nist().then_some(y.as_slice());
        let refuses = |epk: Value, code: &str| {
            target.refuses(&target.with_member("epk", Some(epk)), code);
        };
        let parameter = "header_key_parameter";
        target.refuses(&target.with_member("epk", None), parameter);
        // The point at infinity has no coordinates; zeros are not it.
        let zeros = vec![0; len];
        refuses(jwk_of(kty, crv, &zeros, y.map(|_| zeros.as_slice())), parameter);
        refuses(jwk_of(kty, crv, &[], y.map(|_| &[][..])), parameter);
        refuses(jwk_of(kty, crv, &[0], y.map(|_| &[0][..])), parameter);
        // Too short by what others drop of leading zeros, too long, compressed, with its first byte.
        let whole = [&[4], x.as_slice(), y.unwrap_or_default()].concat();
        for wrong in [
            &x[1..],
            &x[..len - 1],
            &[&[0], x.as_slice()].concat(),
            &[x.as_slice(), &[0]].concat(),
            &[&[2], x.as_slice()].concat(),
            &whole,
            &[0; 1000],
        ] {
            refuses(jwk_of(kty, crv, wrong, y), parameter);
            if y.is_some() {
                refuses(jwk_of(kty, crv, &x, Some(wrong)), parameter);
            }
        }
        match y {
            Some(y) => {
                refuses(jwk_of(kty, crv, &x, None), parameter);
                refuses(jwk_of(kty, crv, y, None), parameter);
            }
            None => refuses(jwk_of(kty, crv, &x, Some(&x)), parameter),
        }
        // Coordinates that are not below the prime, among them the honest ones a prime higher.
        if let Some((_, prime)) = PRIMES.iter().find(|(of, _)| *of == curve) {
            let prime = hex(prime);
            assert_eq!(prime.len(), len);
            let mut one_more = prime.clone();
            *one_more.last_mut().unwrap() |= 1;
            for wrong in [&prime, &one_more, &vec![0xff; len]] {
                refuses(jwk_of(kty, crv, wrong, y), parameter);
                refuses(jwk_of(kty, crv, &x, Some(wrong)), parameter);
            }
        }
        // Another curve's name on this curve's point, and another curve's point.
        for other in Curve::ALL.iter().copied().filter(|other| *other != curve) {
            refuses(jwk_of(other.kty(), other.name(), &x, y), "epk_curve");
            let KeyMaterial::EcPublic(key) =
                keys::ec(other).to_public().unwrap().material().clone()
            else {
                panic!("a key on a curve")
            };
            refuses(jwk_of(other.kty(), other.name(), key.x(), key.y()), "epk_curve");
            let honest_point = jwk_of(kty, crv, key.x(), key.y());
            let code = target.error(&target.with_member("epk", Some(honest_point))).code();
            assert_eq!(code, parameter, "{curve} {other}");
        }
        for name in ["secp256k1", "P-256K", "X448", "Ed25519", "", "p-256", "25519"] {
            refuses(jwk_of(kty, name, &x, y), "epk_curve");
        }
        let other_kty = if curve.is_nist() { "OKP" } else { "EC" };
        for name in [other_kty, "oct", "RSA", "", "ec"] {
            refuses(jwk_of(name, crv, &x, y), parameter);
        }
        // Members of other types, a private key, and strange text.
        for name in ["kty", "crv", "x", "y", "d"] {
            for wrong in [Value::Null, 1.into(), Value::Array(vec![]), "AA==".into(), "".into()] {
                let mut epk = honest.clone();
                epk[name] = wrong;
                let code = target.error(&target.with_member("epk", Some(epk))).code();
                assert!(
                    matches!(code, "header_key_parameter" | "header_member_type" | "epk_curve"),
                    "{code}"
                );
            }
        }
        for wrong in [Value::Null, "x".into(), 1.into(), Value::Array(vec![honest.clone()])] {
            refuses(wrong, "header_member_type");
        }
        refuses(serde_json::json!({}), parameter);
    }
}

/// A `p2c` outside the limits is refused at once, whether passwords are allowed or not, and one on
/// the limit is taken.
#[test]
fn iteration_counts_are_bounded() {
    let counts = [
        ("0", "p2c_out_of_range"),
        ("1", "p2c_out_of_range"),
        ("999", "p2c_out_of_range"),
        ("2001", "p2c_out_of_range"),
        ("1000000", "p2c_out_of_range"),
        ("2147483647", "p2c_out_of_range"),
        ("2147483648", "p2c_out_of_range"),
        ("4294968296", "p2c_out_of_range"),
        ("9223372036854775808", "p2c_out_of_range"),
        ("18446744073709551615", "p2c_out_of_range"),
        ("18446744073709551616", "header_member_type"),
        ("-1", "header_member_type"),
        ("1e9", "header_member_type"),
        ("1e3", "header_member_type"),
        ("1000.0", "header_member_type"),
        ("\"1000\"", "header_member_type"),
        ("null", "header_member_type"),
        ("[1000]", "header_member_type"),
        ("true", "header_member_type"),
    ];
    for target in Target::all(&[Enc::A128Gcm], Alg::is_pbes2) {
        let header = target.good.header_json();
        assert_eq!(header.matches(r#""p2c":1000"#).count(), 1);
        let with = |p2c: &str| {
            target
                .good
                .with_header(header.replace(r#""p2c":1000"#, &format!(r#""p2c":{p2c}"#)).as_bytes())
        };
        let key = keys::recipient(target.backend, &target.jwk, target.alg);
        let plain = Decrypter::new(target.backend, [key.clone()], &[target.enc]).unwrap();
        let trying = Decrypter::trying_keys(target.backend, [key.clone(), key], &[target.enc])
            .unwrap()
            .allow_pbes2(MOST_ITERATIONS);
        assert_eq!(plain.decrypt(&target.good.token()).unwrap_err().code(), "pbes2_not_allowed");
        for (p2c, code) in counts {
            let token = with(p2c).token();
            let off = if code == "header_member_type" { code } else { "pbes2_not_allowed" };
            for (decrypter, code) in [(&plain, off), (&target.decrypter, code), (&trying, code)] {
                let best = (0..5)
                    .map(|_| {
                        let start = Instant::now();
                        let error = decrypter.decrypt(&token).unwrap_err();
                        let taken = start.elapsed();
                        assert_eq!(error.code(), code, "{} {p2c}", target.alg);
                        taken
                    })
                    .min();
                assert!(best < Some(Duration::from_millis(5)), "{p2c}: {best:?}");
            }
        }
        target.refuses(&target.with_member("p2c", None), "header_key_parameter");
        // In an unprotected header the same holds, and a second one is refused.
        let own = header.replace(r#","p2c":1000"#, "");
        assert_ne!(own, header);
        let parts = target.good.with_header(own.as_bytes());
        for (protected, p2c, code) in [
            (&parts, "2147483647", "p2c_out_of_range"),
            (&parts, "999", "p2c_out_of_range"),
            (&parts, "1000", "decryption_failed"),
            (&target.good, "1000", "header_duplicate_member"),
        ] {
            let Parts { header, encrypted_key, iv, ciphertext, tag } = protected;
            let text = format!(
                r#"{{"protected":"{header}","header":{{"p2c":{p2c}}},"encrypted_key":"{encrypted_key}","iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}"}}"#
            );
            let message = Message::parse(&text, &Limits::default()).unwrap();
            assert_eq!(target.decrypter.decrypt_message(message).unwrap_err().code(), code);
        }
        // The limit itself, and one above it.
        let sender = keys::sender(target.backend, &target.jwk, target.alg);
        for (p2c, opens) in [(1000, true), (MOST_ITERATIONS, true), (MOST_ITERATIONS + 1, false)] {
            let encrypter = Encrypter::builder(target.backend, &sender, target.enc)
                .with_iterations(p2c)
                .build()
                .unwrap();
            let outcome = target.decrypter.decrypt(&encrypter.encrypt(b"x").unwrap());
            let code = outcome.err().map(|error| error.code());
            assert_eq!(code, (!opens).then_some("p2c_out_of_range"), "{p2c}");
        }
    }
}

/// By default a sender writes what is recommended for passwords today, which nobody opens without
/// having allowed it.
#[test]
fn the_default_iteration_count_is_high() {
    let backend = backends()[0];
    let jwk = keys::key_for(Alg::Pbes2Hs512A256Kw, Enc::A256Gcm);
    let sender = keys::sender(backend, &jwk, Alg::Pbes2Hs512A256Kw);
    let token = Encrypter::new(backend, &sender, Enc::A256Gcm).unwrap().encrypt(b"x").unwrap();
    let header: Value = serde_json::from_str(&Parts::of(&token).header_json()).unwrap();
    assert_eq!(header["p2c"], 600_000);
    let key = keys::recipient(backend, &jwk, Alg::Pbes2Hs512A256Kw);
    let decrypter = Decrypter::new(backend, [key], &[Enc::A256Gcm]).unwrap();
    let code = |decrypter: &Decrypter| decrypter.decrypt(&token).err().map(|error| error.code());
    assert_eq!(code(&decrypter), Some("pbes2_not_allowed"));
    assert_eq!(code(&decrypter.clone().allow_pbes2(599_999)), Some("p2c_out_of_range"));
    assert_eq!(code(&decrypter.allow_pbes2(600_000)), None);
}

#[test]
fn salts_vectors_and_tags_of_a_wrapping_have_their_lengths() {
    for target in Target::all(&[Enc::A128Gcm], |alg| alg.is_pbes2() || alg.is_gcm_kw()) {
        let parameters: &[(&str, &[usize])] = if target.alg.is_pbes2() {
            &[("p2s", &[0, 1, 7, 257, 300, 4096])]
        } else {
            &[("iv", &[0, 1, 8, 11, 13, 16, 4096]), ("tag", &[0, 1, 4, 8, 12, 15, 17, 4096])]
        };
        for (name, lengths) in parameters {
            target.refuses(&target.with_member(name, None), "header_key_parameter");
            for len in *lengths {
                let text = base64url::encode(&vec![1; *len]);
                target
                    .refuses(&target.with_member(name, Some(text.into())), "header_key_parameter");
            }
            let honest = target.member(name).as_str().unwrap().to_owned();
            for wrong in [
                format!("{honest}="),
                format!("{honest}=="),
                format!(" {honest}"),
                format!("{honest}\n"),
                format!("{}+", &honest[..honest.len() - 1]),
                format!("{}é", &honest[..honest.len() - 2]),
                "A".to_owned(),
            ] {
                target
                    .refuses(&target.with_member(name, Some(wrong.into())), "header_key_parameter");
            }
            for wrong in [Value::Null, 1.into(), Value::Array(vec![]), true.into()] {
                target.refuses(&target.with_member(name, Some(wrong)), "header_member_type");
            }
        }
        if target.alg.is_pbes2() {
            for len in [8, 255, 256] {
                let text = base64url::encode(&vec![1; len]);
                target.refuses(&target.with_member("p2s", Some(text.into())), "decryption_failed");
            }
        }
    }
}

/// A wrapped key of the right length for another `enc`: what is unwrapped must be as long as this
/// one's, whatever the header says.
#[test]
fn a_cek_of_another_length_is_refused() {
    for target in
        Target::all(Enc::ALL, |alg| matches!(alg, Alg::A128Kw | Alg::A192Kw | Alg::A256Kw))
    {
        for len in [16, 24, 32, 40, 48, 56, 64] {
            let cek: Vec<u8> = (0..len).map(|at| at as u8).collect();
            let forge = Forge {
                backend: target.backend,
                enc: target.enc,
                cek: cek
                    .iter()
                    .copied()
                    .chain(std::iter::repeat(0))
                    .take(target.enc.cek_len())
                    .collect(),
                encrypted_key: wrap(target.backend, &target.jwk, &cek),
            };
            let header =
                format!(r#"{{"alg":"{}","enc":"{}","kid":"shared"}}"#, target.alg, target.enc);
            let parts = forge.seal(&header, None, PLAINTEXT);
            if len == target.enc.cek_len() {
                assert_eq!(*target.decrypter.decrypt(&parts.token()).unwrap(), PLAINTEXT);
            } else {
                target.refuses(&parts, "part_length");
            }
        }
    }
}

/// The `alg` of the header is compared with that of the key, for every pair of algorithms and
/// whatever parameters come with it.
#[test]
fn every_other_alg_is_refused() {
    for target in Target::all(&[Enc::A128Gcm], |_| true) {
        let epk = target.jwk.curve().unwrap_or(Curve::P256);
        let point = keys::ec(epk).to_public().unwrap();
        let epk: Value = serde_json::from_str(&point.to_json()).unwrap();
        let header = |alg: &str| {
            serde_json::json!({
                "alg": alg, "enc": target.enc.name(), "kid": target.jwk.kid(),
                "epk": { "kty": epk["kty"], "crv": epk["crv"], "x": epk["x"], "y": epk["y"].as_str().unwrap_or("AA") },
                "iv": base64url::encode(&[0; 12]), "tag": base64url::encode(&[0; 16]),
                "p2s": base64url::encode(&[0; 16]), "p2c": 1_000_000_000,
            })
            .to_string()
        };
        for other in Alg::ALL.iter().filter(|other| **other != target.alg) {
            let forged = target.good.with_header(header(other.name()).as_bytes());
            target.refuses(&forged, "alg_not_accepted");
            target.refuses(&forged.with_encrypted_key(&[]), "alg_not_accepted");
        }
        let lower = target.alg.name().to_lowercase();
        let upper = target.alg.name().to_uppercase();
        for name in [lower, upper, format!("{} ", target.alg), format!("{}\0", target.alg)] {
            if name != target.alg.name() {
                target.refuses(
                    &target.good.with_header(header(&name).as_bytes()),
                    "alg_not_accepted",
                );
            }
        }
    }
}
