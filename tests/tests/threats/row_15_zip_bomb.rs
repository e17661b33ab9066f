//! Compressed content, which unfolds to a thousand times its length: refused before anything is
//! decrypted unless it is allowed, and then up to a limit of what comes out.

use jwe::{Alg, Backend, DecryptError, Decrypter, Encrypter, Limits};
use jwe_tests::forge::Forge;
use jwe_tests::{bomb, keys};

use crate::messages::{ENC, KIB, MIB, Reader};
use crate::target::{TIME, Target, within};

pub(crate) fn check(backend: &'static Backend) {
    zip_is_refused(backend);
    compressed_bombs(backend);
    the_limit_of_inflation_is_exact(backend);
    what_is_no_deflate_is_refused(backend);
    other_compression_is_refused_before_anything_is_opened(backend);
}

/// Compressed content, refused before anything is decrypted and whatever it would unfold to.
fn zip_is_refused(backend: &'static Backend) {
    for target in Target::all(backend) {
        for (zip, code) in [
            (r#""DEF""#, "zip_not_allowed"),
            (r#""def""#, "zip_not_allowed"),
            (r#""GZIP""#, "zip_not_allowed"),
            (r#""""#, "zip_not_allowed"),
            ("null", "header_member_type"),
            ("0", "header_member_type"),
            ("false", "header_member_type"),
            (r#"["DEF"]"#, "header_member_type"),
        ] {
            let header = target.header_with(&format!(r#","zip":{zip}"#));
            target.refuses_header(header.as_bytes(), code);
        }
        // As long as the deflated zeros of half a gigabyte.
        let bomb = target
            .good
            .with_header(target.header_with(r#","zip":"DEF""#).as_bytes())
            .with_ciphertext(&vec![0; 695_296]);
        target.refuses(&bomb.token(), "zip_not_allowed");
    }
}

const LIMIT: usize = Decrypter::DEFAULT_MAX_INFLATED;

fn compressed_bombs(backend: &'static Backend) {
    let target = Reader::new(backend);
    let forge = Forge::wrapped(backend, ENC, &target.jwk);
    let header = r#"{"alg":"A256KW","enc":"A256GCM","kid":"shared","zip":"DEF"}"#;
    let sealed = |content: &[u8]| forge.seal(header, None, content).token();
    let allowing = target.decrypter.clone().allow_zip(LIMIT);
    let limits = Limits::default();

    // Half a gigabyte, a thousand times as long as the message.
    let repeats = (512 << 20) / 258;
    let deflated = bomb::zeros(repeats);
    assert!(bomb::zeros_len(repeats) / deflated.len() >= 1000);
    let token = sealed(&deflated);
    target.refuses("a bomb, not allowed", &token, "zip_not_allowed", 64 * KIB);
    let refused =
        within("a bomb, allowed", 4 * MIB, TIME * 2, || Reader::open(&allowing, &limits, &token));
    assert_eq!(refused, Err(DecryptError::DecryptionFailed));
    // The same code below the limit is a good message, and just above it is none.
    let fitting = (LIMIT - 1) / 258;
    for (repeats, outcome) in [
        (fitting, Ok(bomb::zeros_len(fitting))),
        (fitting + 1, Err(DecryptError::DecryptionFailed)),
        (1, Ok(259)),
    ] {
        let token = sealed(&bomb::zeros(repeats));
        let opened =
            within("a thousand times", 2 * MIB, TIME, || Reader::open(&allowing, &limits, &token));
        assert_eq!(opened, outcome);
    }
}

fn the_limit_of_inflation_is_exact(backend: &'static Backend) {
    let target = Reader::new(backend);
    let sender = keys::sender(backend, &target.jwk, Alg::A256Kw);
    let encrypter = Encrypter::builder(backend, &sender, ENC).compress().build().unwrap();
    for len in [0, 1, 1000, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT] {
        for plaintext in [vec![0; len], noise(len)] {
            let token = encrypter.encrypt(&plaintext).unwrap();
            let off = target.decrypter.decrypt(&token).unwrap_err();
            assert_eq!(off.code(), "zip_not_allowed");
            for limit in [len, len + 1, LIMIT, usize::MAX] {
                let mut out = b"before".to_vec();
                let decrypter = target.decrypter.clone().allow_zip(limit);
                let outcome = decrypter.decrypt_into(&token, &mut out);
                if len <= limit {
                    assert_eq!(outcome, Ok(()), "{len} {limit}");
                    assert_eq!(out.strip_prefix(b"before"), Some(plaintext.as_slice()));
                } else {
                    assert_eq!(outcome, Err(DecryptError::DecryptionFailed), "{len} {limit}");
                    assert_eq!(out, b"before");
                }
            }
            if len > 0 {
                let decrypter = target.decrypter.clone().allow_zip(len - 1);
                let error = decrypter.decrypt(&token).unwrap_err();
                assert_eq!(error, DecryptError::DecryptionFailed, "{len}");
            }
        }
    }
}

/// Properly sealed, but not one whole DEFLATE stream: the same error as for a wrong key.
fn what_is_no_deflate_is_refused(backend: &'static Backend) {
    let target = Reader::new(backend);
    let forge = Forge::wrapped(backend, ENC, &target.jwk);
    let header = r#"{"alg":"A256KW","enc":"A256GCM","zip":"DEF"}"#;
    let decrypter = target.decrypter.clone().allow_zip(LIMIT);
    let outcome = |content: &[u8]| {
        let mut out = b"before".to_vec();
        let token = forge.seal(header, None, content).token();
        let outcome = decrypter.decrypt_into(&token, &mut out).map_err(|error| {
            assert_eq!(out, b"before");
            assert_eq!(error, DecryptError::DecryptionFailed);
        });
        outcome.map(|()| out[6..].to_vec()).ok()
    };
    let good = bomb::zeros(3);
    assert_eq!(outcome(&good), Some(vec![0; bomb::zeros_len(3)]));
    for cut in 0..good.len() {
        assert_eq!(outcome(&good[..cut]), None, "cut at {cut}");
    }
    // A stored block, an empty one, and one with fixed codes and nothing in it.
    assert_eq!(outcome(&[1, 2, 0, 0xfd, 0xff, b'h', b'i']), Some(b"hi".to_vec()));
    assert_eq!(outcome(&[1, 0, 0, 0xff, 0xff]), Some(vec![]));
    assert_eq!(outcome(&[3, 0]), Some(vec![]));
    for content in [
        [&good[..], &[0]].concat(),
        [&good[..], &good].concat(),
        [&[0x78, 0x9c], &good[..], &[0, 1, 0, 1]].concat(),
        [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &good[..]].concat(),
        // Not the last block; lengths that differ; the reserved type; a distance before the
        // start; too many codes.
        vec![0, 0, 0, 0xff, 0xff],
        vec![1, 2, 0, 0xfd, 0xfe, b'h', b'i'],
        vec![7],
        vec![3, 2, 0],
        vec![0xfd, 0xff, 0xff, 0xff, 0xff, 0xff],
        b"plain text".to_vec(),
        vec![0xff; 100],
        vec![0; 100],
    ] {
        assert_eq!(outcome(&content), None, "{content:02x?}");
    }
}

fn other_compression_is_refused_before_anything_is_opened(backend: &'static Backend) {
    let target = Reader::new(backend);
    let forge = Forge::wrapped(backend, ENC, &target.jwk);
    for allowed in [false, true] {
        let decrypter = if allowed {
            target.decrypter.clone().allow_zip(LIMIT)
        } else {
            target.decrypter.clone()
        };
        for (zip, code) in [
            ("\"def\"", "zip_not_allowed"),
            ("\"DEF \"", "zip_not_allowed"),
            ("\"DEF\\u0000\"", "zip_not_allowed"),
            ("\"DEFLATE\"", "zip_not_allowed"),
            ("\"GZIP\"", "zip_not_allowed"),
            ("\"\"", "zip_not_allowed"),
            ("null", "header_member_type"),
            ("0", "header_member_type"),
            ("false", "header_member_type"),
            ("[\"DEF\"]", "header_member_type"),
            ("{}", "header_member_type"),
        ] {
            let header = format!(r#"{{"alg":"A256KW","enc":"A256GCM","zip":{zip}}}"#);
            let token = forge.seal(&header, None, &bomb::zeros(1)).token();
            assert_eq!(decrypter.decrypt(&token).unwrap_err().code(), code, "{zip} {allowed}");
        }
    }
    // Allowed is not demanded: what is not compressed stays as it is.
    let plain = forge.seal(r#"{"alg":"A256KW","enc":"A256GCM"}"#, None, &bomb::zeros(1)).token();
    let opened = target.decrypter.clone().allow_zip(LIMIT).decrypt(&plain).unwrap();
    assert_eq!(*opened, bomb::zeros(1));
}

/// Bytes that do not compress.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(len).collect()
}
