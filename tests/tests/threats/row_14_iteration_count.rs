//! An iteration count that would take hours, or that is too low: refused before anything is derived
//! from the password, whether passwords are allowed or not.

use std::time::{Duration, Instant};

use jwe::{Alg, Backend, Decrypter, Enc, Encrypter, Limits, Message};
use jwe_tests::keys;
use jwe_tests::parts::Parts;
use serde_json::Value;

use crate::attacks::tried_one;
use crate::target::{MOST_ITERATIONS, Target};
use crate::watched::{watched, work_of};

pub(crate) fn check(backend: &'static Backend) {
    iteration_counts(backend);
    the_default_iteration_count_is_high(backend);
    for target in Target::every(backend, &[Enc::A128Gcm], Alg::is_pbes2) {
        target.refuses_parameter("p2s", &[0, 1, 7, 257, 300, 4096]);
        for len in [8, 255, 256] {
            let text = jwe_tests::base64url::encode(&vec![1; len]);
            let parts = target.with_member("p2s", Some(text.into()));
            target.refuses_parts(&parts, "decryption_failed");
        }
    }
}

/// A `p2c` outside the limits is refused at once, whether passwords are allowed or not, and one on
/// the limit is taken.
fn iteration_counts(backend: &'static Backend) {
    let counts = [
        ("0", "p2c_out_of_range"),
        ("1", "p2c_out_of_range"),
        ("999", "p2c_out_of_range"),
        ("2001", "p2c_out_of_range"),
        ("1000000", "p2c_out_of_range"),
        ("1000000000", "p2c_out_of_range"),
        ("2147483647", "p2c_out_of_range"),
        ("2147483648", "p2c_out_of_range"),
        ("4294968296", "p2c_out_of_range"),
        ("9223372036854775808", "p2c_out_of_range"),
        ("18446744073709551615", "p2c_out_of_range"),
        ("18446744073709551616", "header_member_type"),
        ("-1", "header_member_type"),
        ("1e9", "header_member_type"),
        ("1e3", "header_member_type"),
        ("1000.0", "header_member_type"),
        ("\"1000\"", "header_member_type"),
        ("null", "header_member_type"),
        ("[1000]", "header_member_type"),
        ("true", "header_member_type"),
    ];
    for target in Target::every(backend, &[Enc::A128Gcm], Alg::is_pbes2) {
        let header = target.good.header_json();
        assert_eq!(header.matches(r#""p2c":1000"#).count(), 1);
        let with = |p2c: &str| {
            target
                .good
                .with_header(header.replace(r#""p2c":1000"#, &format!(r#""p2c":{p2c}"#)).as_bytes())
        };
        let watched = watched(backend);
        let key = keys::recipient(watched, &target.jwk, target.alg);
        let plain = Decrypter::new(watched, [key.clone()], &[target.enc]).unwrap();
        let trying = Decrypter::trying_keys(watched, [key.clone(), key], &[target.enc])
            .unwrap()
            .allow_pbes2(MOST_ITERATIONS);
        assert_eq!(plain.decrypt(&target.good.token()).unwrap_err().code(), "pbes2_not_allowed");
        for (p2c, code) in counts {
            let token = with(p2c).token();
            let off = if code == "header_member_type" { code } else { "pbes2_not_allowed" };
            for (decrypter, code) in [(&plain, off), (&target.decrypter, code), (&trying, code)] {
                tried_one();
                let best = (0..20)
                    .map(|_| {
                        let start = Instant::now();
                        let (outcome, work) = work_of(|| decrypter.decrypt(&token));
                        let taken = start.elapsed();
                        assert_eq!(outcome.unwrap_err().code(), code, "{} {p2c}", target.alg);
                        assert_eq!((work.keys, work.opened), (0, 0), "{} {p2c}", target.alg);
                        taken
                    })
                    .min();
                assert!(best < Some(Duration::from_millis(1)), "{p2c}: {best:?}");
            }
        }
        target.refuses_parts(&target.with_member("p2c", None), "header_key_parameter");
        // In an unprotected header the same holds, and a second one is refused.
        let own = header.replace(r#","p2c":1000"#, "");
        assert_ne!(own, header);
        let parts = target.good.with_header(own.as_bytes());
        for (protected, p2c, code) in [
            (&parts, "2147483647", "p2c_out_of_range"),
            (&parts, "999", "p2c_out_of_range"),
            (&parts, "1000", "decryption_failed"),
            (&target.good, "1000", "header_duplicate_member"),
        ] {
            let Parts { header, encrypted_key, iv, ciphertext, tag } = protected;
            let text = format!(
                r#"{{"protected":"{header}","header":{{"p2c":{p2c}}},"encrypted_key":"{encrypted_key}","iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}"}}"#
            );
            let message = Message::parse(&text, &Limits::default()).unwrap();
            assert_eq!(target.decrypter.decrypt_message(message).unwrap_err().code(), code);
        }
        // The limit itself, and one above it.
        let sender = keys::sender(target.backend, &target.jwk, target.alg);
        for (p2c, opens) in [(1000, true), (MOST_ITERATIONS, true), (MOST_ITERATIONS + 1, false)] {
            let encrypter = Encrypter::builder(target.backend, &sender, target.enc)
                .with_iterations(p2c)
                .build()
                .unwrap();
            let outcome = target.decrypter.decrypt(&encrypter.encrypt(b"x").unwrap());
            let code = outcome.err().map(|error| error.code());
            assert_eq!(code, (!opens).then_some("p2c_out_of_range"), "{p2c}");
        }
    }
}

/// By default a sender writes what is recommended for passwords today, which nobody opens without
/// having allowed it.
fn the_default_iteration_count_is_high(backend: &'static Backend) {
    let jwk = keys::key_for(Alg::Pbes2Hs512A256Kw, Enc::A256Gcm);
    let sender = keys::sender(backend, &jwk, Alg::Pbes2Hs512A256Kw);
    let token = Encrypter::new(backend, &sender, Enc::A256Gcm).unwrap().encrypt(b"x").unwrap();
    let header: Value = serde_json::from_str(&Parts::of(&token).header_json()).unwrap();
    assert_eq!(header["p2c"], 600_000);
    let key = keys::recipient(backend, &jwk, Alg::Pbes2Hs512A256Kw);
    let decrypter = Decrypter::new(backend, [key], &[Enc::A256Gcm]).unwrap();
    let code = |decrypter: &Decrypter| decrypter.decrypt(&token).err().map(|error| error.code());
    assert_eq!(code(&decrypter), Some("pbes2_not_allowed"));
    assert_eq!(code(&decrypter.clone().allow_pbes2(599_999)), Some("p2c_out_of_range"));
    assert_eq!(code(&decrypter.allow_pbes2(600_000)), None);
}
