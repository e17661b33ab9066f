//! An iteration count that would keep the machine busy for years (RFC 7518 §4.8.1.2).

use std::time::{Duration, Instant};

use super::target::{Case, TIME, Target};
use crate::support::{Place, base64url};

/// Numbers of iterations that are out of every range.
const COUNTS: [&str; 9] = [
    "0",
    "1",
    "999",
    "1000001",
    "1000000000",
    "2147483647",
    "4294967296",
    "9223372036854775808",
    "18446744073709551615",
];
/// What is no such number at all.
const NO_COUNTS: [&str; 7] =
    ["18446744073709551616", "-1", "1000.5", "1e3", "\"1000\"", "null", "[1000]"];

/// By what two refusals may differ in time, on a machine with other things to do.
const DIFFERENCE: Duration = Duration::from_millis(100);

fn token(alg: &str, p2c: &str) -> String {
    let salt = base64url::encode([7; 16]);
    let header = format!(r#"{{"alg":"{alg}","enc":"A256GCM","p2s":"{salt}","p2c":{p2c}}}"#);
    let part = |len: usize| base64url::encode(vec![0; len]);
    format!("{}.{}.{}.{}.{}", base64url::encode(header), part(40), part(12), part(6), part(16))
}

/// The shortest of some runs: others slow a run down, but nobody makes it faster.
fn shortest(mut run: impl FnMut()) -> Duration {
    let mut times = [Duration::MAX; 5];
    for time in &mut times {
        let started = Instant::now();
        run();
        *time = started.elapsed();
    }
    times.into_iter().min().unwrap()
}

pub(crate) fn check(backend: &'static str) {
    let place = Place::new();
    place.write_secret("password", "secret words");
    // One second of the processor is nothing for these counts, and all that they get.
    let decrypt = |alg: &str, options: &str, token: &str| {
        let decrypt =
            format!("decrypt --backend {backend} --password-file password --alg {alg} {options}");
        place.jwe(&decrypt).processor(1).within(TIME).stdin(token).run()
    };
    for alg in ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"] {
        for p2c in COUNTS {
            let token = token(alg, p2c);
            decrypt(alg, "", &token).refused("pbes2_not_allowed");
            decrypt(alg, "--allow-pbes2", &token).refused("p2c_out_of_range");
        }
        for p2c in NO_COUNTS {
            for options in ["", "--allow-pbes2"] {
                decrypt(alg, options, &token(alg, p2c)).refused("header_member_type");
            }
        }
        decrypt(alg, "--allow-pbes2=1000", &token(alg, "1001")).refused("p2c_out_of_range");
        // What is within the limit is computed.
        decrypt(alg, "--allow-pbes2=1000", &token(alg, "1000")).refused("decryption_failed");
    }
    it_takes_no_longer(&place, backend);
    no_other_key_is_asked(backend);
}

/// A count that would take hours is refused as soon as one that would take no time.
fn it_takes_no_longer(place: &Place, backend: &str) {
    let alg = "PBES2-HS512+A256KW";
    for options in ["", "--allow-pbes2"] {
        let time = |p2c: &str| {
            let token = token(alg, p2c);
            let decrypt = format!("decrypt --backend {backend} --password-file password {options}");
            shortest(|| {
                let ended = place.jwe(&decrypt).stdin(&token).run();
                assert_eq!(ended.code, Some(1));
            })
        };
        let (least, most) = (time("1"), time("2147483647"));
        assert!(most < least + DIFFERENCE, "{least:?} and {most:?}");
    }
}

/// Where no password is, the count means nothing.
fn no_other_key_is_asked(backend: &'static str) {
    let target = Target::usual(backend);
    let cases: Vec<Case> = COUNTS
        .iter()
        .map(|p2c| {
            let more = format!(r#","p2s":"BwcHBwcHBwc","p2c":{p2c}"#);
            let header = target.header_of("\"PBES2-HS512+A256KW\"", "\"A256GCM\"", &more);
            (target.with_header(header), "alg_not_accepted")
        })
        .collect();
    target.refuses_all(&cases);
}
