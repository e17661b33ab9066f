//! A request body with two sensitive values of three, through jwe-fields.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::hint::black_box;

use criterion::Criterion;
use jwe::Enc;
use jwe_benches::DOCUMENT;
use jwe_benches::subjects::{
    decrypter, encrypter, field_decrypter, field_encrypter, private_key, recipients, senders,
};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let jwk = private_key(2048);
    for enc in [Enc::A256Gcm, Enc::A256CbcHs512] {
        let mut group = criterion.benchmark_group(format!("document/{enc}/encrypt"));
        for backend in senders() {
            let sender = field_encrypter(encrypter(backend, &jwk, enc));
            group.bench_function(backend.name(), |b| {
                b.iter(|| sender.encrypt(black_box(DOCUMENT)).unwrap());
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group(format!("document/{enc}/decrypt"));
        for backend in recipients() {
            let sent = field_encrypter(encrypter(backend, &jwk, enc)).encrypt(DOCUMENT).unwrap();
            let recipient = field_decrypter(decrypter(backend, &jwk, enc));
            group.bench_function(backend.name(), |b| {
                b.iter(|| recipient.decrypt(black_box(&sent)).unwrap());
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
