//! From a published JWK to a prepared key.
//!
//! Each way to a key is measured in up to three pieces, because the libraries cut it at different
//! places: jwe makes the DER while it reads a JWK, josekit while it imports one that was read. So
//! only "text to key" is the same work for both. The hand-written code begins with DER.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that can't go on stops")]

use std::hint::black_box;

use criterion::Criterion;
use jwe::{DecryptionKey, EncryptionKey, Jwk, KeyMaterial, KeyOptions};
use jwe_benches::subjects::{private_key, recipients, senders};
use jwe_benches::{by_hand, josekit_api};

/// Measures the way to one kind of key: for jwe, with its backends and their import; for josekit's
/// own API, with its import; and for the hand-written code, with all that it does.
fn measure<B: ToString, K, P, H>(
    criterion: &mut Criterion,
    name: &str,
    jwk: &Jwk,
    (backends, import): (impl Iterator<Item = B>, impl Fn(&B, &Jwk) -> K),
    import_by_josekit: impl Fn(&josekit::jwk::Jwk) -> P,
    by_hand: impl Fn() -> H,
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

    group.bench_function("aws-lc-rs by hand, DER to key", |b| b.iter(&by_hand));
    group.finish();
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
            || by_hand::import_public(black_box(spki_der)),
        );
        measure(
            &mut criterion,
            &format!("private RSA-{bits}"),
            &jwk,
            (recipients(), |backend, jwk| DecryptionKey::import(backend, jwk, &options).unwrap()),
            josekit_api::import_private,
            || by_hand::import_private(black_box(private.pkcs8_der())),
        );
    }
    criterion.final_summary();
}
