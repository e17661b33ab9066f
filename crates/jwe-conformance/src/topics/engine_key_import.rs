use jwe_core::{
    Alg, Backend, DecryptError, DecryptionKey, Enc, Encrypter, EncryptionKey, ImportError, Jwk,
    KeyOptions, SetupError,
};
use num_bigint::BigUint;
use serde_json::{Map, Value, json};

use crate::support::attempt::Site;
use crate::support::bytes::{base64url, flipped};
use crate::support::curve_keys::curve_key;
use crate::support::engine;
use crate::support::keys::{self, RsaNumbers};
use crate::support::secret::Secret;
use crate::support::ways::Way;

/// Key import through the engine: weak, inconsistent, mislabelled and wrong keys are refused with
/// an error that names the cause and holds no part of the key, gaps with one that names them; a
/// private key serves for encryption by its public half.
///
/// # Panics
/// When the backend does not conform.
pub fn engine_key_import(backend: &Backend) {
    gaps(backend);
    for alg in Alg::ALL.iter().copied().filter(|alg| alg.is_rsa()) {
        if backend.encryption_key_import(alg, None).is_ok() {
            senders(backend, alg);
        }
        if backend.decryption_key_import(alg, None).is_ok() {
            recipients(backend, alg);
        }
    }
    for way in Way::all().filter(|way| !way.alg.is_rsa()) {
        other_types(backend, way);
    }
}

/// Symmetric keys, passwords and keys for key agreement.
fn other_types(backend: &Backend, way: Way) {
    let site = way.site(backend);
    let secret = Secret::of(way, Enc::A256Gcm);
    let options = KeyOptions::new().with_alg(way.alg);
    let encrypt = |members: &Map<String, Value>, options: &KeyOptions| {
        let jwk = Jwk::from_json(Value::Object(members.clone()).to_string().as_bytes())?;
        EncryptionKey::import(backend, &jwk, options).map(|_| ())
    };
    let decrypt = |members: &Map<String, Value>, options: &KeyOptions| {
        let jwk = Jwk::from_json(Value::Object(members.clone()).to_string().as_bytes())?;
        DecryptionKey::import(backend, &jwk, options).map(|_| ())
    };
    type Import<'a> = &'a dyn Fn(&Map<String, Value>, &KeyOptions) -> Result<(), ImportError>;
    let mut directions: Vec<(&str, Import<'_>, Map<String, Value>)> = Vec::new();
    if way.sender(backend).is_some() {
        directions.push(("encrypt", &encrypt, secret.public_jwk()));
        site.accepts("a private key to encrypt", || encrypt(&secret.jwk(), &options));
    }
    if way.recipient(backend).is_some() {
        directions.push(("decrypt", &decrypt, secret.jwk()));
        if way.curve.is_some() {
            let refused = || decrypt(&secret.public_jwk(), &options);
            let error = site.refuses("a public key to decrypt", refused);
            let right = matches!(error, ImportError::PrivateKeyNeeded);
            site.holds("a public key to decrypt", right, "another error");
        }
    }
    let says = |case: &str, error: &ImportError, code: &str| {
        let found = error.code();
        site.holds(case, found == code, &format!("the error is {found}, not {code}"));
        if let Secret::Curve(key) = &secret {
            let text = format!("{error} {error:?}");
            let part = &base64url(&key.private)[..20];
            site.holds(case, !text.contains(part), "the error holds a part of the key");
        }
    };
    for (direction, import, members) in directions {
        site.accepts(format!("a key to {direction}"), || import(&members, &options));
        for (case, code, label) in labelled(way.alg) {
            // An empty list of a public key for key agreement says nothing (RFC 7517 §4.3).
            if way.curve.is_some() && label.get("key_ops") == Some(&json!([])) {
                continue;
            }
            let case = format!("{case} to {direction}");
            let members = members.clone().into_iter().chain(label).collect();
            let error = site.refuses(&case, || import(&members, &options));
            says(&case, &error, code);
        }
        let case = format!("an RSA key to {direction}");
        let rsa = keys::rsa("2048").private_jwk();
        let error = site.refuses(&case, || import(&rsa, &options));
        says(&case, &error, "key_alg_type");
        let case = format!("no alg to {direction}");
        let error = site.refuses(&case, || import(&members, &KeyOptions::new()));
        says(&case, &error, "key_missing_alg");
        if let Some(len) = way.alg.kek_len().filter(|_| way.curve.is_none() && !way.alg.is_pbes2())
        {
            for len in [len - 8, len - 1, len + 1, len + 8] {
                let case = format!("a key of {len} bytes to {direction}");
                let error = site.refuses(&case, || import(&oct(len), &options));
                says(&case, &error, "key_rejected");
            }
        }
        let Some(curve) = way.curve else { continue };
        // Wherever it is refused first: on reading the key, or by the backend.
        let refused = |case: String, members: &Map<String, Value>| {
            let error = site.refuses(&case, || import(members, &options));
            let code = error.code();
            let known = ["key_weak", "key_rejected", "key_invalid_member"].contains(&code);
            site.holds(case, known, &format!("the error is {code}"));
        };
        let mut stranger = members.clone();
        stranger.insert("x".to_owned(), json!(base64url(&vec![0x01; curve.secret_len()])));
        if curve.is_nist() || direction == "decrypt" {
            refused(format!("a key with another x to {direction}"), &stranger);
        }
        for len in [0, 1, curve.secret_len() - 1, curve.secret_len() + 1] {
            let mut short = members.clone();
            short.insert("x".to_owned(), json!(base64url(&vec![0x01; len])));
            refused(format!("an x of {len} bytes to {direction}"), &short);
        }
        if direction == "decrypt" {
            let mut other = members.clone();
            let private = base64url(&curve_key(curve, "other").private);
            other.insert("d".to_owned(), json!(private));
            refused("the private half of another key".to_owned(), &other);
            for (case, d) in [
                ("d = 0", vec![0; curve.secret_len()]),
                ("d of one byte less", vec![1; curve.secret_len() - 1]),
                ("d of one byte more", vec![1; curve.secret_len() + 1]),
            ] {
                let mut wrong = members.clone();
                wrong.insert("d".to_owned(), json!(base64url(&d)));
                refused(case.to_owned(), &wrong);
            }
        }
    }
}

/// A gap stops at the import of the key, or at the setup where the `enc` is named.
fn gaps(backend: &Backend) {
    for way in Way::all() {
        let site = way.site(backend);
        let jwk = engine::jwk(&site, &Secret::of(way, Enc::A256Gcm).jwk());
        let options = KeyOptions::new().with_alg(way.alg);
        if way.sender(backend).is_none() {
            let error =
                site.refuses("a key to encrypt", || EncryptionKey::import(backend, &jwk, &options));
            site.holds(&error, error.code() == "backend_gap", "another error than that of a gap");
        }
        if way.recipient(backend).is_none() {
            let error =
                site.refuses("a key to decrypt", || DecryptionKey::import(backend, &jwk, &options));
            site.holds(&error, error.code() == "backend_gap", "another error than that of a gap");
        }
    }
    if backend.encryption_key_import(Alg::Dir, None).is_err() {
        return;
    }
    for enc in Enc::ALL.iter().copied().filter(|enc| !engine::lists(backend, *enc)) {
        let site = Site::new(backend, enc);
        let jwk = engine::jwk(&site, &oct(enc.cek_len()));
        let options = KeyOptions::new().with_alg(Alg::Dir);
        let key = site.accepts("a key for dir", || EncryptionKey::import(backend, &jwk, &options));
        let error = site.refuses("an encrypter", || Encrypter::new(backend, &key, enc));
        site.holds(&error, matches!(error, SetupError::Gap(_)), "another error than that of a gap");
    }
}

fn senders(backend: &Backend, alg: Alg) {
    let site = Site::new(backend, format!("{alg} to encrypt"));
    let rsa = keys::rsa("2048");
    let options = KeyOptions::new().with_alg(alg);
    let import = |members: &Map<String, Value>, options: &KeyOptions| {
        let json = Value::Object(members.clone()).to_string();
        let jwk = Jwk::from_json(json.as_bytes())?;
        EncryptionKey::import(backend, &jwk, options)
    };
    site.accepts("a public key", || import(&rsa.public_jwk(), &options));
    site.accepts("a private key, by its public half", || import(&rsa.private_jwk(), &options));

    for (case, code, members) in labelled(alg) {
        let members = [rsa.public_jwk(), members].into_iter().flatten().collect();
        let error = site.refuses(&case, || import(&members, &options));
        site.holds(&case, error.code() == code, &format!("the error is {}", error.code()));
        if code != "key_invalid_member" {
            let ignoring = options.clone().ignore_declared_usage();
            site.accepts(format!("{case}, ignored"), || import(&members, &ignoring));
        }
    }
    for (case, n, e) in weak() {
        let mut members = rsa.public_jwk();
        members.insert("n".to_owned(), json!(base64url(&n)));
        members.insert("e".to_owned(), json!(base64url(&e)));
        let error = site.refuses(&case, || import(&members, &options));
        site.holds(&case, error.code() == "key_weak", &format!("the error is {}", error.code()));
    }
    let error = site.refuses("a symmetric key", || import(&oct(32), &options));
    site.holds("a symmetric key", matches!(error, ImportError::AlgKeyType { .. }), "another error");
    let error = site.refuses("no alg", || import(&rsa.public_jwk(), &KeyOptions::new()));
    site.holds("no alg", matches!(error, ImportError::MissingAlg), "another error");
}

fn recipients(backend: &Backend, alg: Alg) {
    let site = Site::new(backend, format!("{alg} to decrypt"));
    let rsa = keys::rsa("2048");
    let options = KeyOptions::new().with_alg(alg);
    let import = |members: &Map<String, Value>, options: &KeyOptions| {
        let json = Value::Object(members.clone()).to_string();
        let jwk = Jwk::from_json(json.as_bytes())?;
        DecryptionKey::import(backend, &jwk, options)
    };
    site.accepts("a private key", || import(&rsa.private_jwk(), &options));
    let error = site.refuses("a public key", || import(&rsa.public_jwk(), &options));
    site.holds("a public key", matches!(error, ImportError::PrivateKeyNeeded), "another error");
    for (case, code, members) in labelled(alg) {
        let members = [rsa.private_jwk(), members].into_iter().flatten().collect();
        let error = site.refuses(&case, || import(&members, &options));
        site.holds(&case, error.code() == code, &format!("the error is {}", error.code()));
    }
    for member in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let mut changed: RsaNumbers = rsa.clone();
        let number = changed.member(member);
        *number = flipped(number, number.len() - 1, 1);
        let case = format!("one bit of {member} changed");
        let error = site.refuses(&case, || import(&changed.private_jwk(), &options));
        let text = format!("{error} {error:?}");
        for number in [&changed.d, &changed.p, &changed.q, &changed.dp, &changed.dq, &changed.qi] {
            let secret = base64url(number);
            site.holds(&case, !text.contains(&secret[..20]), "the error holds a part of the key");
        }
    }
    for (case, key) in unsafe_private() {
        let error = site.refuses(&case, || import(&key.private_jwk(), &options));
        site.holds(&case, error.code() == "key_weak", &format!("the error is {}", error.code()));
    }
    // One error of decryption has no room for a reason.
    let failed = DecryptError::DecryptionFailed.to_string();
    site.holds(
        "the error of decryption",
        failed.len() < 60,
        "its text has grown: see engine_one_error",
    );
}

fn oct(len: usize) -> Map<String, Value> {
    keys::oct_jwk(&vec![0x2a; len])
}

/// What a key can say of itself that forbids its use, with the code of the error.
fn labelled(alg: Alg) -> Vec<(String, &'static str, Map<String, Value>)> {
    let other = if alg == Alg::RsaOaep { Alg::RsaOaep256 } else { Alg::RsaOaep };
    // Names are case-sensitive.
    let miswritten = match alg.name().to_lowercase() {
        same if same == alg.name() => alg.name().to_uppercase(),
        lower => lower,
    };
    [
        ("key_usage", json!({ "use": "sig" })),
        ("key_usage", json!({ "use": "ENC" })),
        ("key_usage", json!({ "key_ops": ["sign"] })),
        ("key_usage", json!({ "key_ops": ["verify", "sign"] })),
        ("key_usage", json!({ "key_ops": [] })),
        ("key_usage", json!({ "use": "sig", "key_ops": ["wrapKey", "unwrapKey"] })),
        ("key_alg_conflict", json!({ "alg": "RS256", "use": "enc" })),
        ("key_alg_conflict", json!({ "alg": "RSA1_5" })),
        ("key_alg_conflict", json!({ "alg": miswritten })),
        ("key_alg_conflict", json!({ "alg": format!("{alg} ") })),
        ("key_alg_conflict", json!({ "alg": other.name() })),
        ("key_invalid_member", json!({ "alg": 1 })),
        ("key_invalid_member", json!({ "use": ["enc"] })),
        ("key_invalid_member", json!({ "key_ops": "wrapKey" })),
    ]
    .into_iter()
    .map(|(code, label)| match label {
        Value::Object(members) => (format!("a key with {:?}", json!(members)), code, members),
        _ => panic!("a label is an object"),
    })
    .collect()
}

/// Private keys that are right in every congruence and must not serve all the same. Libraries
/// differ here, so that jwe-core decides, before a backend is asked.
fn unsafe_private() -> Vec<(String, RsaNumbers)> {
    let one = BigUint::from(1u8);
    let mut cases = Vec::new();
    // A modulus of whole bytes, and one of a bit more, where d has room above n.
    for name in ["2048", "2049"] {
        let mut key = keys::rsa(name).clone();
        let [n, p, q] = [&key.n, &key.p, &key.q].map(|number| RsaNumbers::integer(number));
        let order = (&p - &one) * (&q - &one);
        let mut d = RsaNumbers::integer(&key.d);
        while d <= n {
            d += &order;
        }
        key.d = d.to_bytes_be();
        cases.push((format!("d above a modulus of {name} bits"), key));
    }
    for name in ["2048-p3", "2048-p65537"] {
        let key = keys::rsa(name);
        cases.push((format!("a prime of {} bytes", key.p.len()), key.clone()));
        let mut exchanged = key.clone();
        (exchanged.p, exchanged.q) = (key.q.clone(), key.p.clone());
        (exchanged.dp, exchanged.dq) = (key.dq.clone(), key.dp.clone());
        // The inverse of q modulo the prime p, by Fermat.
        let [p, q] = [&exchanged.p, &exchanged.q].map(|number| RsaNumbers::integer(number));
        exchanged.qi = q.modpow(&(&p - 2u8), &p).to_bytes_be();
        cases.push((format!("a second prime of {} bytes", key.p.len()), exchanged));
    }
    cases
}

/// Public numbers that no sender may use (RFC 7518 §4.3, RFC 8017 §3.1).
fn weak() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let good = keys::rsa("2048");
    let short = keys::rsa("1024");
    let mut cases = vec![
        ("a modulus of 1024 bits".to_owned(), short.n.clone(), short.e.clone()),
        ("a modulus of 512 bits".to_owned(), vec![0xff; 64], good.e.clone()),
        (
            "a modulus of 8193 bits".to_owned(),
            [&[1], &keys::rsa("8192").n[..]].concat(),
            vec![1, 0, 1],
        ),
        ("a modulus of 16384 bits".to_owned(), vec![0xff; 2048], good.e.clone()),
        ("an even modulus".to_owned(), flipped(&good.n, 255, 0), good.e.clone()),
    ];
    for e in
        [&[0][..], &[1], &[2], &[4], &[1, 0, 0], &[2, 0, 0, 0, 1], &[1, 0, 0, 0, 0, 0, 0, 0, 1]]
    {
        cases.push((format!("the exponent {e:02x?}"), good.n.clone(), e.to_vec()));
    }
    cases
}
