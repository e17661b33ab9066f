//! A request body with two sensitive values of three, through jwe-fields, beside the same two
//! values as two tokens without a document around them.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::hint::black_box;

use criterion::Criterion;
use jwe::Enc;
use jwe_benches::subjects::{
    decrypter, encrypter, field_decrypter, field_encrypter, private_key, recipients, senders,
};
use jwe_benches::{DOCUMENT, DOCUMENT_VALUES, by_hand, josekit_api};

const BY_HAND: &str = "aws-lc-rs by hand, two tokens";
const JOSEKIT_API: &str = "josekit's own API, two tokens";

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let jwk = private_key(2048);
    for enc in [Enc::A256Gcm, Enc::A256CbcHs512] {
        let hand = by_hand::Sender::new(&jwk, enc);
        let peer = josekit_api::Sender::new(&jwk, enc);
        let mut group = criterion.benchmark_group(format!("document/{enc}/encrypt"));
        group.bench_function(BY_HAND, |b| {
            b.iter(|| black_box(DOCUMENT_VALUES).map(|value| hand.encrypt(value).unwrap()));
        });
        for backend in senders() {
            let sender = field_encrypter(encrypter(backend, &jwk, enc));
            group.bench_function(format!("{backend}, document"), |b| {
                b.iter(|| sender.encrypt(black_box(DOCUMENT)).unwrap());
            });
        }
        group.bench_function(JOSEKIT_API, |b| {
            b.iter(|| black_box(DOCUMENT_VALUES).map(|value| peer.encrypt(value)));
        });
        group.finish();

        let tokens = DOCUMENT_VALUES.map(|value| hand.encrypt(value).unwrap());
        let tokens = tokens.each_ref().map(String::as_str);
        let hand = by_hand::Recipient::new(&jwk, enc);
        let peer = josekit_api::Recipient::new(&jwk);
        let mut group = criterion.benchmark_group(format!("document/{enc}/decrypt"));
        group.bench_function(BY_HAND, |b| {
            b.iter(|| black_box(tokens).map(|token| hand.decrypt(token).unwrap()));
        });
        for backend in recipients() {
            let sent = field_encrypter(encrypter(backend, &jwk, enc)).encrypt(DOCUMENT).unwrap();
            let recipient = field_decrypter(decrypter(backend, &jwk, enc));
            group.bench_function(format!("{backend}, document"), |b| {
                b.iter(|| recipient.decrypt(black_box(&sent)).unwrap());
            });
        }
        group.bench_function(JOSEKIT_API, |b| {
            b.iter(|| black_box(tokens).map(|token| peer.decrypt(token)));
        });
        group.finish();
    }
    criterion.final_summary();
}
