use jwe_core::{
    Alg, Backend, DecryptError, DecryptionKey, Enc, Encrypter, EncryptionKey, ImportError, Jwk,
    KeyOptions, SetupError,
};
use num_bigint::BigUint;
use serde_json::{Map, Value, json};

use crate::support::attempt::Site;
use crate::support::bytes::{base64url, flipped};
use crate::support::engine;
use crate::support::keys::{self, RsaNumbers};

/// Key import through the engine: weak, inconsistent, mislabelled and wrong keys are refused with
/// an error that names the cause and holds no part of the key, gaps with one that names them; a
/// private key serves for encryption by its public half.
///
/// # Panics
/// When the backend does not conform.
pub fn engine_key_import(backend: &Backend) {
    gaps(backend);
    for alg in Alg::ALL.iter().copied().filter(|alg| alg.is_rsa()) {
        if backend.encryption_key_import(alg).is_ok() {
            senders(backend, alg);
        }
        if backend.decryption_key_import(alg).is_ok() {
            recipients(backend, alg);
        }
    }
}

/// A gap stops at the import of the key, or at the setup where the `enc` is named.
fn gaps(backend: &Backend) {
    let rsa = keys::rsa("2048").private_jwk();
    for alg in Alg::ALL.iter().copied() {
        let site = Site::new(backend, alg);
        let jwk = engine::jwk(&site, &if alg.is_rsa() { rsa.clone() } else { oct(32) });
        let options = KeyOptions::new().with_alg(alg);
        if backend.encryption_key_import(alg).is_err() {
            let error =
                site.refuses("a key to encrypt", || EncryptionKey::import(backend, &jwk, &options));
            site.holds(&error, error.code() == "backend_gap", "another error than that of a gap");
        }
        if backend.decryption_key_import(alg).is_err() {
            let error =
                site.refuses("a key to decrypt", || DecryptionKey::import(backend, &jwk, &options));
            site.holds(&error, error.code() == "backend_gap", "another error than that of a gap");
        }
    }
    if backend.encryption_key_import(Alg::Dir).is_err() {
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
    [
        ("key_usage", json!({ "use": "sig" })),
        ("key_usage", json!({ "use": "ENC" })),
        ("key_usage", json!({ "key_ops": ["sign"] })),
        ("key_usage", json!({ "key_ops": ["verify", "sign"] })),
        ("key_usage", json!({ "key_ops": [] })),
        ("key_usage", json!({ "use": "sig", "key_ops": ["wrapKey", "unwrapKey"] })),
        ("key_alg_conflict", json!({ "alg": "RS256", "use": "enc" })),
        ("key_alg_conflict", json!({ "alg": "RSA1_5" })),
        ("key_alg_conflict", json!({ "alg": alg.name().to_lowercase() })),
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
