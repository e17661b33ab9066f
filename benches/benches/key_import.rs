//! From a published JWK to a prepared key, and the reading of the JWK alone.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::hint::black_box;

use criterion::Criterion;
use jwe::{DecryptionKey, EncryptionKey, Jwk, KeyOptions};
use jwe_benches::subjects::{private_key, recipients, senders};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let options = KeyOptions::new();
    for bits in [2048, 3072] {
        let private = private_key(bits);
        let public = private.to_public().unwrap();

        let mut group = criterion.benchmark_group(format!("key_import/public RSA-{bits}"));
        let json = public.to_json();
        group.bench_function("JWK alone", |b| {
            b.iter(|| Jwk::from_json(black_box(json.as_bytes())).unwrap());
        });
        for backend in senders() {
            group.bench_function(backend.name(), |b| {
                b.iter(|| EncryptionKey::import(backend, black_box(&public), &options).unwrap());
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group(format!("key_import/private RSA-{bits}"));
        let json = private.to_json();
        group.bench_function("JWK alone", |b| {
            b.iter(|| Jwk::from_json(black_box(json.as_bytes())).unwrap());
        });
        for backend in recipients() {
            group.bench_function(backend.name(), |b| {
                b.iter(|| DecryptionKey::import(backend, black_box(&private), &options).unwrap());
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
