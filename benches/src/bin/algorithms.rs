//! Measures the algorithms of key management, the serializations and compression in one run, and
//! prints the ratios as the tables of README.md.
//!
//! Ends with exit code 1 if a target is missed. Needs a release build to mean anything.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::process::ExitCode;

use jwe::{Alg, Decrypter, Encrypter};
use jwe_bench::estimate::Estimate;
use jwe_benches::interleaved::{Contender, Outcome, run};
use jwe_benches::key_management::{DEFAULT_ITERATIONS, ENC, Subject, subjects};
use jwe_benches::messages::{Forms, SERIALIZATIONS, records};
use jwe_benches::{SHORT, josekit_api};

const BY_HAND: &str = "aws-lc-rs by hand";
const JOSEKIT_API: &str = "josekit's own API";
const REFERENCE: &str = "RSA-OAEP-256 on aws-lc-rs";
const BACKENDS: [&str; 3] = ["aws-lc-rs", "josekit", "ring"];

/// The least speed of the aws-lc-rs backend relative to aws-lc-rs by hand.
const TARGET: f64 = 0.95;

/// The ratio with its 95 % confidence interval, or a dash where one of both is not there.
fn cell(outcome: &Outcome, contender: &str, base: &str) -> String {
    let Some(Estimate { median, low, high }) = outcome.ratio(contender, base) else {
        return "–".to_owned();
    };
    let digits = if median >= 100.0 { 0 } else { 3 };
    format!("{median:.digits$} [{low:.digits$}, {high:.digits$}]")
}

fn encryption(subject: &Subject, reference: &Encrypter, rounds: usize) -> Outcome {
    let by_hand = subject.sender_by_hand();
    let ours: Vec<_> = subject.senders().collect();
    let peer = josekit_api::Sender::new(&subject.jwk, ENC);
    let mut contenders = vec![
        Contender::new(REFERENCE, || reference.encrypt(SHORT).unwrap()),
        Contender::new(JOSEKIT_API, || peer.encrypt(SHORT)),
    ];
    if let Some(encrypt) = &by_hand {
        contenders.push(Contender::new(BY_HAND, || encrypt(SHORT)));
    }
    for (backend, encrypter) in &ours {
        contenders.push(Contender::new(backend, || encrypter.encrypt(SHORT).unwrap()));
    }
    run(contenders, rounds)
}

fn decryption(
    subject: &Subject,
    (reference, reference_token): &(Decrypter, String),
    rounds: usize,
) -> Outcome {
    let token = &subject.token();
    let by_hand = subject.recipient_by_hand();
    let ours: Vec<_> = subject.recipients().collect();
    let peer = josekit_api::Recipient::new(&subject.jwk);
    let mut contenders = vec![
        Contender::new(REFERENCE, || reference.decrypt(reference_token).unwrap()),
        Contender::new(JOSEKIT_API, || peer.decrypt(token)),
    ];
    if let Some(decrypt) = &by_hand {
        contenders.push(Contender::new(BY_HAND, || decrypt(token)));
    }
    for (backend, decrypter) in &ours {
        contenders.push(Contender::new(backend, || decrypter.decrypt(token).unwrap()));
    }
    run(contenders, rounds)
}

/// Prints one table and returns whether all targets in it are met.
fn table(title: &str, outcomes: &[(String, Outcome)]) -> bool {
    println!("\n{title}\n");
    println!(
        "| | aws-lc-rs / {REFERENCE} | aws-lc-rs / by hand | aws-lc-rs / {JOSEKIT_API} \
         | josekit / {JOSEKIT_API} | ring / {JOSEKIT_API} |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut met = true;
    for (name, outcome) in outcomes {
        let by_hand = cell(outcome, BACKENDS[0], BY_HAND);
        let mark = if let Some(ratio) = outcome.ratio(BACKENDS[0], BY_HAND) {
            let passed = ratio.median >= TARGET;
            met &= passed;
            if passed { " pass" } else { " MISS" }
        } else {
            ""
        };
        let cells = BACKENDS.map(|backend| cell(outcome, backend, JOSEKIT_API));
        let reference = cell(outcome, BACKENDS[0], REFERENCE);
        println!("| {name} | {reference} | {by_hand}{mark} | {} |", cells.join(" | "));
    }
    met
}

/// PBES2 as an encrypter has it unless it is told otherwise: one measured line.
fn default_iterations() {
    let subject = Subject::password();
    let ours: Vec<_> = subject.senders_with(DEFAULT_ITERATIONS).collect();
    let peer = josekit_api::Sender::new(&subject.jwk, ENC).with_iterations(DEFAULT_ITERATIONS);
    let mut contenders = vec![Contender::new(JOSEKIT_API, || peer.encrypt(SHORT))];
    for (backend, encrypter) in &ours {
        contenders.push(Contender::new(backend, || encrypter.encrypt(SHORT).unwrap()));
    }
    let outcome = run(contenders, 5);
    println!("\nEncryption with {}, {DEFAULT_ITERATIONS} iterations\n", subject.alg);
    for name in outcome.names() {
        let (ratio, seconds) =
            (cell(&outcome, name, JOSEKIT_API), outcome.seconds(name).unwrap().median);
        println!("{name}: {ratio} of {JOSEKIT_API}, {:.0} ms", seconds * 1000.0);
    }
}

/// The serializations, one key of A256KW for all, so that the rest is not lost beside the key.
fn serializations(rounds: usize) {
    const COMPACT: &str = "compact";
    let forms = &Forms::new();
    let peer = &josekit_api::Sender::new(&forms.jwk, ENC);
    let own = &josekit_api::Recipient::new(&forms.jwk);
    let api = |name: &str| format!("{JOSEKIT_API}, {name}");
    let (compact_api, names) = (api(COMPACT), SERIALIZATIONS.map(|(name, ..)| api(name)));
    let compact = &forms.encrypter.encrypt(SHORT).unwrap();
    let texts =
        &SERIALIZATIONS.map(|(_, serialization, count)| forms.encrypt(serialization, count, SHORT));

    let mut encrypt = vec![
        Contender::new(COMPACT, || forms.encrypter.encrypt(SHORT).unwrap()),
        Contender::new(&compact_api, || peer.encrypt(SHORT)),
    ];
    let mut decrypt = vec![
        Contender::new(COMPACT, || forms.decrypter.decrypt(compact).unwrap()),
        Contender::new(&compact_api, || own.decrypt(compact)),
    ];
    for (((name, serialization, count), text), api) in
        SERIALIZATIONS.into_iter().zip(texts).zip(&names)
    {
        encrypt.push(Contender::new(name, move || forms.encrypt(serialization, count, SHORT)));
        encrypt.push(Contender::new(api, move || {
            if name.starts_with("flattened") {
                peer.encrypt_flattened(SHORT)
            } else {
                peer.encrypt_general(SHORT, count)
            }
        }));
        decrypt.push(Contender::new(name, move || forms.decrypt(text)));
        decrypt.push(Contender::new(api, move || own.decrypt_json(text)));
    }
    let (encrypted, decrypted) = (run(encrypt, rounds), run(decrypt, rounds));
    println!("\n16 bytes with {} in each serialization, aws-lc-rs backend\n", Alg::A256Kw);
    println!(
        "| | encryption / compact | encryption / {JOSEKIT_API} | decryption / compact \
         | decryption / {JOSEKIT_API} |"
    );
    println!("| --- | --- | --- | --- | --- |");
    for name in [COMPACT].into_iter().chain(SERIALIZATIONS.map(|(name, ..)| name)) {
        println!(
            "| {name} | {} | {} | {} | {} |",
            cell(&encrypted, name, COMPACT),
            cell(&encrypted, name, &api(name)),
            cell(&decrypted, name, COMPACT),
            cell(&decrypted, name, &api(name)),
        );
    }
}

/// 64 KiB of text, compressed and not.
fn compression(rounds: usize) {
    const PLAIN: &str = "not compressed";
    const DEF: &str = "compressed";
    let forms = Forms::new();
    let text = records();
    let text = text.as_bytes();
    let plain_api = josekit_api::Sender::new(&forms.jwk, ENC);
    let api = josekit_api::Sender::new(&forms.jwk, ENC).compress();
    let own = josekit_api::Recipient::new(&forms.jwk);
    let plain = forms.encrypter.encrypt(text).unwrap();
    let compressed = forms.compressing.encrypt(text).unwrap();
    let peer_len = api.encrypt(text).len();
    const PLAIN_API: &str = "josekit's own API, not compressed";
    const DEF_API: &str = "josekit's own API, compressed";
    let encrypted = run(
        vec![
            Contender::new(PLAIN, || forms.encrypter.encrypt(text).unwrap()),
            Contender::new(PLAIN_API, || plain_api.encrypt(text)),
            Contender::new(DEF, || forms.compressing.encrypt(text).unwrap()),
            Contender::new(DEF_API, || api.encrypt(text)),
        ],
        rounds,
    );
    let decrypted = run(
        vec![
            Contender::new(PLAIN, || forms.decrypter.decrypt(&plain).unwrap()),
            Contender::new(PLAIN_API, || own.decrypt(&plain)),
            Contender::new(DEF, || forms.decrypter.decrypt(&compressed).unwrap()),
            Contender::new(DEF_API, || own.decrypt(&compressed)),
        ],
        rounds,
    );
    println!("\n64 KiB of records in JSON with {}, aws-lc-rs backend\n", Alg::A256Kw);
    println!(
        "| | token | encryption / {PLAIN} | encryption / {JOSEKIT_API} | decryption / {PLAIN} \
         | decryption / {JOSEKIT_API} |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for (name, peer, len) in [(PLAIN, PLAIN_API, plain.len()), (DEF, DEF_API, compressed.len())] {
        println!(
            "| {name} | {len} bytes | {} | {} | {} | {} |",
            cell(&encrypted, name, PLAIN),
            cell(&encrypted, name, peer),
            cell(&decrypted, name, PLAIN),
            cell(&decrypted, name, peer),
        );
    }
    println!("\nThe compressed token of {JOSEKIT_API} has {peer_len} bytes.");
}

fn main() -> ExitCode {
    println!("Ratios within one run: median over all rounds, and its 95 % confidence interval.");
    println!("More is faster. 16 bytes with {ENC} where nothing else is said.");
    println!("josekit's OpenSSL here: {}", openssl::version::version());
    let subjects = subjects();
    let rsa = subjects.first().unwrap();
    let on_aws = BACKENDS[0];
    let encrypter = rsa.senders().find(|(backend, _)| backend == on_aws).unwrap().1;
    let decrypter = rsa.recipients().find(|(backend, _)| backend == on_aws).unwrap().1;
    let decrypter = (decrypter, rsa.token());
    let encrypted: Vec<_> = subjects
        .iter()
        .map(|subject| (subject.name(), encryption(subject, &encrypter, 150)))
        .collect();
    let decrypted: Vec<_> = subjects
        .iter()
        .map(|subject| (subject.name(), decryption(subject, &decrypter, 100)))
        .collect();
    let encryption_met = table("Encryption", &encrypted);
    let decryption_met = table("Decryption", &decrypted);
    default_iterations();
    serializations(150);
    compression(60);
    ExitCode::from(u8::from(!(encryption_met && decryption_met)))
}
