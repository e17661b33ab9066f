//! Measures the targets of this project in one run, as ratios, and prints each with its verdict.
//!
//! Ends with exit code 1 if a target is missed. Needs a release build to mean anything.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::process::ExitCode;

use jwe::Enc;
use jwe_bench::estimate::Estimate;
use jwe_benches::interleaved::{Contender, Outcome, run};
use jwe_benches::subjects::{
    decrypter, encrypter, field_encrypter, private_key, recipients, senders,
};
use jwe_benches::{DOCUMENT, DOCUMENT_VALUES, LONG, SHORT, by_hand, josekit_api};

const BY_HAND: &str = "aws-lc-rs by hand";
const CONTROL: &str = "aws-lc-rs by hand, once more";
const RSA_ALONE: &str = "RSA of aws-lc-rs, nothing else";
const JOSEKIT_API: &str = "josekit's own API";

/// The least speed of one contender relative to another for a 16-byte value, RSA-OAEP-256 with a
/// key of 2048 bits and A256GCM.
const TARGETS: &[(&str, &str, f64)] = &[
    ("aws-lc-rs encrypt", BY_HAND, 0.97),
    ("aws-lc-rs encrypt", JOSEKIT_API, 1.5),
    ("josekit encrypt", JOSEKIT_API, 1.1),
    ("ring encrypt", BY_HAND, 0.45),
];

fn encryption(enc: Enc, value: &[u8], rounds: usize) -> Outcome {
    let jwk = private_key(2048);
    let (first, second) = (by_hand::Sender::new(&jwk, enc), by_hand::Sender::new(&jwk, enc));
    let peer = josekit_api::Sender::new(&jwk, enc);
    let (cek, mut encrypted_key) = (vec![7; enc.cek_len()], [0; 256]);
    let ours: Vec<_> = senders()
        .map(|backend| {
            let name = |call| format!("{backend} {call}");
            let names = [name("encrypt"), name("encrypt_into"), name("encrypt_in_place")];
            (names, encrypter(backend, &jwk, enc))
        })
        .collect();
    let mut contenders = vec![
        Contender::new(BY_HAND, || first.encrypt(value).unwrap()),
        Contender::new(CONTROL, || second.encrypt(value).unwrap()),
        Contender::new(RSA_ALONE, || first.rsa(&cek, &mut encrypted_key)),
        Contender::new(JOSEKIT_API, || peer.encrypt(value)),
    ];
    for ([encrypt, encrypt_into, encrypt_in_place], encrypter) in &ours {
        contenders.push(Contender::new(encrypt, || encrypter.encrypt(value).unwrap()));
        let mut token = Vec::new();
        contenders.push(Contender::new(encrypt_into, move || {
            token.clear();
            encrypter.encrypt_into(value, &mut token).unwrap();
        }));
        let (mut buffer, mut token) = (Vec::new(), Vec::new());
        contenders.push(Contender::new(encrypt_in_place, move || {
            token.clear();
            buffer.extend_from_slice(value);
            encrypter.encrypt_in_place(&mut buffer, &mut token).unwrap();
        }));
    }
    run(contenders, rounds)
}

fn decryption(enc: Enc, value: &[u8], rounds: usize) -> Outcome {
    let jwk = private_key(2048);
    let token = by_hand::Sender::new(&jwk, enc).encrypt(value).unwrap();
    let token = token.as_str();
    let mut encrypted_key = [0; 256];
    by_hand::Sender::new(&jwk, enc).rsa(&vec![7; enc.cek_len()], &mut encrypted_key);
    let mut cek = [0; 256];
    let (first, second) = (by_hand::Recipient::new(&jwk, enc), by_hand::Recipient::new(&jwk, enc));
    let peer = josekit_api::Recipient::new(&jwk);
    let ours: Vec<_> = recipients()
        .map(|backend| (format!("{backend} decrypt"), decrypter(backend, &jwk, enc)))
        .collect();
    let mut contenders = vec![
        Contender::new(BY_HAND, || first.decrypt(token).unwrap()),
        Contender::new(CONTROL, || second.decrypt(token).unwrap()),
        Contender::new(RSA_ALONE, || first.rsa(&encrypted_key, &mut cek)),
        Contender::new(JOSEKIT_API, || peer.decrypt(token)),
    ];
    for (name, decrypter) in &ours {
        contenders.push(Contender::new(name, || decrypter.decrypt(token).unwrap()));
    }
    run(contenders, rounds)
}

/// A document with two sensitive values, beside the same two values alone.
fn document(enc: Enc, rounds: usize) -> Outcome {
    let jwk = private_key(2048);
    let (first, second) = (by_hand::Sender::new(&jwk, enc), by_hand::Sender::new(&jwk, enc));
    let peer = josekit_api::Sender::new(&jwk, enc);
    let ours: Vec<_> = senders()
        .map(|backend| {
            let encrypter = encrypter(backend, &jwk, enc);
            let names = [format!("{backend} encrypt"), format!("{backend} document")];
            (names, encrypter.clone(), field_encrypter(encrypter))
        })
        .collect();
    let mut contenders = vec![
        Contender::new(BY_HAND, || DOCUMENT_VALUES.map(|value| first.encrypt(value).unwrap())),
        Contender::new(CONTROL, || DOCUMENT_VALUES.map(|value| second.encrypt(value).unwrap())),
        Contender::new(JOSEKIT_API, || DOCUMENT_VALUES.map(|value| peer.encrypt(value))),
    ];
    for ([encrypt, document], encrypter, fields) in &ours {
        contenders.push(Contender::new(encrypt, || {
            DOCUMENT_VALUES.map(|value| encrypter.encrypt(value).unwrap())
        }));
        contenders.push(Contender::new(document, || fields.encrypt(DOCUMENT).unwrap()));
    }
    run(contenders, rounds)
}

fn show(Estimate { median, low, high }: Estimate) -> String {
    format!("{median:5.3} [{low:5.3}, {high:5.3}]")
}

/// One line for each contender.
fn print_table(title: &str, outcome: &Outcome) {
    println!("\n{title}");
    println!("{:32} {:>22} {:>22}", "speed relative to", BY_HAND, JOSEKIT_API);
    for name in outcome.names() {
        let (hand, peer) =
            (outcome.ratio(name, BY_HAND).unwrap(), outcome.ratio(name, JOSEKIT_API).unwrap());
        println!("{name:32} {:>22} {:>22}", show(hand), show(peer));
    }
}

fn main() -> ExitCode {
    println!("Ratios within one run: median over all rounds, and its 95 % confidence interval.");
    println!("More is faster. RSA-OAEP-256 with a key of 2048 bits.");
    println!("josekit's OpenSSL here: {}", openssl::version::version());
    let short = encryption(Enc::A256Gcm, SHORT, 600);
    print_table("Encryption of 16 bytes, A256GCM", &short);
    let cbc = encryption(Enc::A256CbcHs512, SHORT, 150);
    print_table("Encryption of 16 bytes, A256CBC-HS512", &cbc);
    print_table("Encryption of 64 KiB, A256GCM", &encryption(Enc::A256Gcm, &LONG, 100));
    print_table("Decryption of 16 bytes, A256GCM", &decryption(Enc::A256Gcm, SHORT, 150));
    print_table("Decryption of 64 KiB, A256GCM", &decryption(Enc::A256Gcm, &LONG, 100));
    print_table(
        "Two values alone, and in a document by jwe-fields, A256GCM",
        &document(Enc::A256Gcm, 200),
    );

    println!("\nTargets (encryption of 16 bytes, A256GCM)");
    let mut missed = false;
    for (contender, base, wanted) in TARGETS {
        let ratio = short.ratio(contender, base).unwrap();
        let verdict = if ratio.median >= *wanted { "pass" } else { "MISS" };
        missed |= ratio.median < *wanted;
        println!("{verdict}  {contender} / {base} >= {wanted}: {}", show(ratio));
    }
    println!("Allocations are counted by: cargo test -p jwe-benches --test allocations");
    ExitCode::from(u8::from(missed))
}
