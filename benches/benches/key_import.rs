//! From a published JWK to a prepared key.
//!
//! Each way to a key is measured in up to three pieces, because the libraries cut it at different
//! places: jwe makes the DER while it reads a JWK, josekit while it imports one that was read. So
//! only "text to key" is the same work for both. The hand-written code begins with DER for RSA and
//! with the bytes of the key for key agreement; a symmetric key needs no preparation in it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that can't go on stops")]

use std::hint::black_box;

use aws_lc_rs::agreement::{
    Algorithm, ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey, X25519,
};
use criterion::Criterion;
use jwe::{
    Alg, Backend, Curve, DecryptionKey, EncryptionKey, Jwk, KeyMaterial, KeyOptions, backends,
};
use jwe_benches::key_management::Subject;
use jwe_benches::subjects::{private_key, recipients, senders};
use jwe_benches::{by_hand, josekit_api};

/// Measures the way to one kind of key: for jwe, with its backends and their import; for josekit's
/// own API, with its import; and for the hand-written code, with all that it does.
fn measure<B: ToString, K, P>(
    criterion: &mut Criterion,
    name: &str,
    jwk: &Jwk,
    (backends, import): (impl Iterator<Item = B>, impl Fn(&B, &Jwk) -> K),
    import_by_josekit: impl Fn(&josekit::jwk::Jwk) -> P,
    by_hand: Option<(&str, &dyn Fn())>,
) {
    let json = jwk.to_json();
    let read = || Jwk::from_json(black_box(json.as_bytes())).unwrap();
    let mut group = criterion.benchmark_group(format!("key_import/{name}"));
    group.bench_function("jwe, text to JWK", |b| b.iter(read));
    for backend in backends {
        let shown = backend.to_string();
        group.bench_function(format!("{shown}, JWK to key"), |b| {
            b.iter(|| import(&backend, black_box(jwk)));
        });
        group.bench_function(format!("{shown}, text to key"), |b| {
            b.iter(|| import(&backend, &read()));
        });
    }

    let read = || josekit_api::read(black_box(&json));
    let jwk = read();
    group.bench_function("josekit's own API, text to JWK", |b| b.iter(read));
    group.bench_function("josekit's own API, JWK to key", |b| {
        b.iter(|| import_by_josekit(black_box(&jwk)));
    });
    group.bench_function("josekit's own API, text to key", |b| {
        b.iter(|| import_by_josekit(&read()));
    });

    if let Some((piece, by_hand)) = by_hand {
        group.bench_function(format!("aws-lc-rs by hand, {piece}"), |b| b.iter(by_hand));
    }
    group.finish();
}

/// The backends that have an algorithm in the direction that `has` looks at.
fn that(has: impl Fn(&Backend) -> bool) -> impl Iterator<Item = &'static Backend> {
    backends().iter().copied().filter(move |backend| has(backend))
}

fn symmetric(criterion: &mut Criterion, options: &KeyOptions) {
    let jwk = Subject::symmetric(Alg::A256Kw, 32).jwk;
    let senders = that(|backend| backend.encryption_key_import(Alg::A256Kw, None).is_ok());
    measure(
        criterion,
        "symmetric A256KW",
        &jwk,
        (senders, |backend, jwk| EncryptionKey::import(backend, jwk, options).unwrap()),
        josekit_api::import_public,
        None,
    );
}

fn agreement(
    criterion: &mut Criterion,
    options: &KeyOptions,
    curve: Curve,
    algorithm: &'static Algorithm,
) {
    let alg = Alg::EcdhEs;
    let jwk = Subject::on_curve(alg, curve).jwk;
    let public = jwk.to_public().unwrap();
    let (KeyMaterial::EcPrivate(private), KeyMaterial::EcPublic(point)) =
        (jwk.material(), public.material())
    else {
        panic!("a key pair for key agreement")
    };
    measure(
        criterion,
        &format!("public {curve}"),
        &public,
        (
            that(|backend| backend.encryption_key_import(alg, Some(curve)).is_ok()),
            |backend, jwk| EncryptionKey::import(backend, jwk, options).unwrap(),
        ),
        josekit_api::import_public,
        Some(("bytes to key", &|| {
            let key = UnparsedPublicKey::new(algorithm, black_box(point.as_bytes()));
            drop(black_box(ParsedPublicKey::try_from(key).unwrap()));
        })),
    );
    measure(
        criterion,
        &format!("private {curve}"),
        &jwk,
        (
            that(|backend| backend.decryption_key_import(alg, Some(curve)).is_ok()),
            |backend, jwk| DecryptionKey::import(backend, jwk, options).unwrap(),
        ),
        josekit_api::import_private,
        Some(("bytes to key", &|| {
            let secret = black_box(private.secret());
            drop(black_box(PrivateKey::from_private_key(algorithm, secret).unwrap()));
        })),
    );
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let options = KeyOptions::new();
    for bits in [2048, 3072] {
        let jwk = private_key(bits);
        let KeyMaterial::RsaPrivate(private) = jwk.material() else { panic!("an RSA key") };
        let spki_der = private.public().spki_der();
        measure(
            &mut criterion,
            &format!("public RSA-{bits}"),
            &jwk.to_public().unwrap(),
            (senders(), |backend, jwk| EncryptionKey::import(backend, jwk, &options).unwrap()),
            josekit_api::import_public,
            Some(("DER to key", &|| drop(black_box(by_hand::import_public(black_box(spki_der)))))),
        );
        measure(
            &mut criterion,
            &format!("private RSA-{bits}"),
            &jwk,
            (recipients(), |backend, jwk| DecryptionKey::import(backend, jwk, &options).unwrap()),
            josekit_api::import_private,
            Some(("DER to key", &|| {
                drop(black_box(by_hand::import_private(black_box(private.pkcs8_der()))));
            })),
        );
    }
    symmetric(&mut criterion, &options);
    for (curve, algorithm) in [(Curve::P256, &ECDH_P256), (Curve::X25519, &X25519)] {
        agreement(&mut criterion, &options, curve, algorithm);
    }
    criterion.final_summary();
}
