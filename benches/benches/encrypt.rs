//! A value to a token, RSA-OAEP-256 with a key of 2048 bits.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use jwe::Enc;
use jwe_benches::subjects::{encrypter, private_key, senders};
use jwe_benches::{LONG, SHORT, by_hand, josekit_api};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let jwk = private_key(2048);
    for (name, value) in [("16 B", SHORT), ("64 KiB", &LONG)] {
        for enc in [Enc::A256Gcm, Enc::A256CbcHs512] {
            let mut group = criterion.benchmark_group(format!("encrypt/{enc}/{name}"));
            group.throughput(Throughput::Bytes(value.len() as u64));
            let sender = by_hand::Sender::new(&jwk, enc);
            group.bench_function("aws-lc-rs by hand", |b| {
                b.iter(|| sender.encrypt(black_box(value)).unwrap());
            });
            for backend in senders() {
                let encrypter = encrypter(backend, &jwk, enc);
                group.bench_function(format!("{backend} encrypt"), |b| {
                    b.iter(|| encrypter.encrypt(black_box(value)).unwrap());
                });
                let mut token = Vec::new();
                group.bench_function(format!("{backend} encrypt_into"), |b| {
                    b.iter(|| {
                        token.clear();
                        encrypter.encrypt_into(black_box(value), &mut token).unwrap();
                    });
                });
                let mut buffer = Vec::new();
                group.bench_function(format!("{backend} encrypt_in_place"), |b| {
                    b.iter(|| {
                        token.clear();
                        buffer.extend_from_slice(black_box(value));
                        encrypter.encrypt_in_place(&mut buffer, &mut token).unwrap();
                    });
                });
            }
            let sender = josekit_api::Sender::new(&jwk, enc);
            group.bench_function("josekit's own API", |b| {
                b.iter(|| sender.encrypt(black_box(value)));
            });
            group.finish();
        }
    }
    let sender = by_hand::Sender::new(&jwk, Enc::A256Gcm);
    let mut group = criterion.benchmark_group("encrypt/RSA alone");
    let mut encrypted_key = [0; 256];
    group.bench_function("aws-lc-rs by hand", |b| {
        b.iter(|| sender.rsa(black_box(&[7; 32]), &mut encrypted_key));
    });
    group.finish();
    criterion.final_summary();
}
