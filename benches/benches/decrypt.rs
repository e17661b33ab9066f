//! A token to its value, RSA-OAEP-256 with a key of 2048 bits.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use jwe::Enc;
use jwe_benches::subjects::{decrypter, private_key, recipients};
use jwe_benches::{LONG, SHORT, by_hand, josekit_api};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let jwk = private_key(2048);
    for (name, value) in [("16 B", SHORT), ("64 KiB", &LONG)] {
        for enc in [Enc::A256Gcm, Enc::A256CbcHs512] {
            let token = by_hand::Sender::new(&jwk, enc).encrypt(value).unwrap();
            let mut group = criterion.benchmark_group(format!("decrypt/{enc}/{name}"));
            group.throughput(Throughput::Bytes(value.len() as u64));
            let recipient = by_hand::Recipient::new(&jwk, enc);
            group.bench_function("aws-lc-rs by hand", |b| {
                b.iter(|| recipient.decrypt(black_box(&token)).unwrap());
            });
            for backend in recipients() {
                let decrypter = decrypter(backend, &jwk, enc);
                group.bench_function(format!("{backend} decrypt"), |b| {
                    b.iter(|| decrypter.decrypt(black_box(&token)).unwrap());
                });
                let mut plaintext = Vec::new();
                group.bench_function(format!("{backend} decrypt_into"), |b| {
                    b.iter(|| {
                        plaintext.clear();
                        decrypter.decrypt_into(black_box(&token), &mut plaintext).unwrap();
                    });
                });
            }
            let recipient = josekit_api::Recipient::new(&jwk);
            group.bench_function("josekit's own API", |b| {
                b.iter(|| recipient.decrypt(black_box(&token)));
            });
            group.finish();
        }
    }
    let mut encrypted_key = [0; 256];
    by_hand::Sender::new(&jwk, Enc::A256Gcm).rsa(&[7; 32], &mut encrypted_key);
    let recipient = by_hand::Recipient::new(&jwk, Enc::A256Gcm);
    let mut group = criterion.benchmark_group("decrypt/RSA alone");
    let mut cek = [0; 256];
    group.bench_function("aws-lc-rs by hand", |b| {
        b.iter(|| recipient.rsa(black_box(&encrypted_key), &mut cek));
    });
    group.finish();
    criterion.final_summary();
}
