//! Measures streams of records and large values in one run, as ratios, and prints each target with
//! its verdict.
//!
//! Ends with exit code 1 if a target is missed. Needs a release build to mean anything. With names
//! of parts as arguments it measures only these.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

mod large_values;
mod received;
mod sent;
mod verdicts;

use std::process::ExitCode;

use verdicts::Verdicts;

/// Measures, prints what came out, and compares with the targets.
type Part = fn(&mut Verdicts);

/// The parts, by name and in order.
const PARTS: [(&str, Part); 6] = [
    ("two-fields", sent::two_fields),
    ("threads", sent::threads),
    ("share-cek", sent::share_cek),
    ("formats", sent::formats),
    ("large-values", large_values::measure),
    ("decrypt", received::measure),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| PARTS.iter().all(|part| part.0 != *name)) {
        let names = PARTS.map(|part| part.0).join(", ");
        eprintln!("{unknown} is no part; there are: {names}");
        return ExitCode::from(2);
    }
    println!("Ratios within one run: median over all rounds, and its 95 % confidence interval.");
    println!("More is faster. RSA-OAEP-256 with a key of 2048 bits, A256GCM, aws-lc-rs where");
    println!("nothing else is said.");
    println!("josekit's OpenSSL here: {}", openssl::version::version());
    // What AWS-LC and OpenSSL are told not to use of the processor.
    if let Ok(mask) = std::env::var("OPENSSL_ia32cap") {
        println!("OPENSSL_ia32cap: {mask}");
    }
    let mut verdicts = Verdicts::default();
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            measure(&mut verdicts);
        }
    }
    verdicts.print()
}
