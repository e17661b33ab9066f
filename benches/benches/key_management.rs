//! A value of 16 bytes to a token and back with each algorithm of key management, the
//! serializations beside each other, and compression.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use jwe_benches::key_management::{DEFAULT_ITERATIONS, ENC, Subject, subjects};
use jwe_benches::messages::{Forms, SERIALIZATIONS, records};
use jwe_benches::{SHORT, josekit_api};

const BY_HAND: &str = "aws-lc-rs by hand";
const JOSEKIT_API: &str = "josekit's own API";

fn key_management(criterion: &mut Criterion, subject: &Subject) {
    let mut group = criterion.benchmark_group(format!("key_management/{}/encrypt", subject.name()));
    if let Some(encrypt) = subject.sender_by_hand() {
        group.bench_function(BY_HAND, |b| b.iter(|| encrypt(black_box(SHORT))));
    }
    for (backend, encrypter) in subject.senders() {
        group.bench_function(backend, |b| {
            b.iter(|| encrypter.encrypt(black_box(SHORT)).unwrap());
        });
    }
    let sender = josekit_api::Sender::new(&subject.jwk, ENC);
    group.bench_function(JOSEKIT_API, |b| b.iter(|| sender.encrypt(black_box(SHORT))));
    group.finish();

    let token = subject.token();
    let mut group = criterion.benchmark_group(format!("key_management/{}/decrypt", subject.name()));
    if let Some(decrypt) = subject.recipient_by_hand() {
        group.bench_function(BY_HAND, |b| b.iter(|| decrypt(black_box(&token))));
    }
    for (backend, decrypter) in subject.recipients() {
        group.bench_function(backend, |b| {
            b.iter(|| decrypter.decrypt(black_box(&token)).unwrap());
        });
    }
    let recipient = josekit_api::Recipient::new(&subject.jwk);
    group.bench_function(JOSEKIT_API, |b| b.iter(|| recipient.decrypt(black_box(&token))));
    group.finish();
}

/// What a password costs unless an encrypter is told otherwise.
fn default_iterations(criterion: &mut Criterion) {
    let subject = Subject::password();
    let name = format!("key_management/{}, {DEFAULT_ITERATIONS} iterations/encrypt", subject.alg);
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    for (backend, encrypter) in subject.senders_with(DEFAULT_ITERATIONS) {
        group.bench_function(backend, |b| {
            b.iter(|| encrypter.encrypt(black_box(SHORT)).unwrap());
        });
    }
    group.finish();
}

fn serializations(criterion: &mut Criterion) {
    let forms = Forms::new();
    let mut group = criterion.benchmark_group("serialization/encrypt");
    group.bench_function("compact", |b| {
        b.iter(|| forms.encrypter.encrypt(black_box(SHORT)).unwrap());
    });
    for (name, serialization, recipients) in SERIALIZATIONS {
        group.bench_function(name, |b| {
            b.iter(|| forms.encrypt(serialization, recipients, black_box(SHORT)));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("serialization/decrypt");
    let token = forms.encrypter.encrypt(SHORT).unwrap();
    group.bench_function("compact", |b| {
        b.iter(|| forms.decrypter.decrypt(black_box(&token)).unwrap());
    });
    for (name, serialization, recipients) in SERIALIZATIONS {
        let text = forms.encrypt(serialization, recipients, SHORT);
        group.bench_function(name, |b| b.iter(|| forms.decrypt(black_box(&text))));
    }
    group.finish();
}

fn compression(criterion: &mut Criterion) {
    let forms = Forms::new();
    let text = records();
    let senders = [("not compressed", &forms.encrypter), ("compressed", &forms.compressing)];
    let mut group = criterion.benchmark_group("zip/64 KiB of records/encrypt");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for (name, encrypter) in senders {
        group.bench_function(name, |b| {
            b.iter(|| encrypter.encrypt(black_box(text.as_bytes())).unwrap());
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("zip/64 KiB of records/decrypt");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for (name, encrypter) in senders {
        let token = encrypter.encrypt(text.as_bytes()).unwrap();
        group.bench_function(name, |b| {
            b.iter(|| forms.decrypter.decrypt(black_box(&token)).unwrap());
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for subject in subjects() {
        key_management(&mut criterion, &subject);
    }
    default_iterations(&mut criterion);
    serializations(&mut criterion);
    compression(&mut criterion);
    criterion.final_summary();
}
