//! Hostile tokens: the ways in which JWE implementations have failed, each as a token with the
//! code of the error that it must end in, on every backend.
//!
//! Whatever public bytes decide ends in its own code; whatever a key decides ends in
//! `decryption_failed`, and nothing tells the causes apart.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::time::{Duration, Instant};

use jwe::{
    Alg, Backend, DecryptError, Decrypter, Direction, Enc, Encrypter, Jwk, KeyMaterial, KeyOptions,
    Limits,
};
use jwe_core::{SenderContext, SenderKey};
use jwe_tests::base64url;
use jwe_tests::capability::{backends, encs, rsa_recipients};
use jwe_tests::keys;
use jwe_tests::parts::Parts;

/// One recipient with a good token for it.
struct Target {
    backend: &'static Backend,
    alg: Alg,
    enc: Enc,
    jwk: Jwk,
    decrypter: Decrypter,
    good: Parts,
}

const PLAINTEXT: &[u8] = b"attack at dawn";

impl Target {
    fn new(backend: &'static Backend, alg: Alg, enc: Enc) -> Self {
        let jwk = keys::key_for(alg, enc);
        let key = keys::recipient(backend, &jwk, alg);
        // All of the backend, so that changing the enc of a token is not simply refused. A key for
        // direct encryption serves only one.
        let decrypter = Decrypter::new(backend, [key], &encs(backend)).unwrap();
        let sender = keys::sender(backend, &jwk, alg);
        let encrypter = Encrypter::new(backend, &sender, enc).unwrap();
        let good = Parts::of(&encrypter.encrypt(PLAINTEXT).unwrap());
        let target = Self { backend, alg, enc, jwk, decrypter, good };
        assert_eq!(*target.decrypter.decrypt(&target.good.token()).unwrap(), PLAINTEXT);
        target
    }

    /// Every backend, as it decrypts: with RSA where it can, and directly.
    fn all() -> Vec<Self> {
        let mut targets = Vec::new();
        for backend in backends().iter().copied() {
            for enc in encs(backend) {
                for alg in [Alg::RsaOaep256, Alg::Dir] {
                    if backend.decryption_key_import(alg, None).is_ok() {
                        targets.push(Self::new(backend, alg, enc));
                    }
                }
            }
        }
        // Two backends with RSA and six enc, each twice; ring without RSA and with five.
        assert_eq!(targets.len(), 2 * 2 * 6 + 5);
        targets
    }

    /// Those with an RSA key.
    fn rsa() -> Vec<Self> {
        Self::all().into_iter().filter(|target| target.alg.is_rsa()).collect()
    }

    /// The error of a token, which must leave the buffer alone, say little, and come quickly.
    fn error(&self, token: &str) -> DecryptError {
        let mut out = b"before".to_vec();
        let start = Instant::now();
        let error = self.decrypter.decrypt_into(token, &mut out).expect_err("a refusal");
        let taken = start.elapsed();
        assert!(taken < Duration::from_secs(1), "{taken:?} for {error}");
        assert_eq!(out, b"before");
        // The first step alone decides whatever is not the key's business.
        match self.decrypter.begin(token) {
            Ok(_) => assert_eq!(error, DecryptError::DecryptionFailed),
            Err(early) => assert_eq!(early, error),
        }
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.len() < 200, "{text}");
        }
        error
    }

    #[track_caller]
    fn refuses(&self, token: &str, code: &str) {
        let shown: String = token.chars().take(200).collect();
        assert_eq!(self.error(token).code(), code, "{} {}: {shown}", self.backend, self.enc);
    }

    /// A header of the same `alg`, `enc` and `kid` with another text for one of these values.
    fn header(&self, alg: &str, enc: &str, more: &str) -> String {
        let kid = serde_json::Value::from(self.jwk.kid().unwrap());
        format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid}{more}}}"#)
    }

    fn good_alg(&self) -> String {
        format!("\"{}\"", self.alg)
    }

    fn good_enc(&self) -> String {
        format!("\"{}\"", self.enc)
    }

    /// The good header with more members.
    fn header_with(&self, more: &str) -> String {
        self.header(&self.good_alg(), &self.good_enc(), more)
    }

    #[track_caller]
    fn refuses_header(&self, header: &[u8], code: &str) {
        self.refuses(&self.good.with_header(header).token(), code);
    }
}

/// RSA1_5, and any other alg than the key's, in whatever letters: refused by name, with whatever
/// there is as the encrypted key.
#[test]
fn an_alg_other_than_the_keys_is_refused() {
    for target in Target::all() {
        let alike = match target.alg {
            Alg::Dir => ["DIR", "dir ", "Dir", "direct", " dir"],
            _ => [
                "rsa-oaep-256",
                "RSA-OAEP-256 ",
                "RSA-OAEP-2",
                "RSA-OAEP-256\\u0000",
                "RSA_OAEP_256",
            ],
        };
        let others = [
            "RSA1_5",
            "RSA-OAEP",
            "RSA-OAEP-384",
            "RSA-OAEP-512",
            "A128KW",
            "A256KW",
            "A256GCMKW",
            "ECDH-ES",
            "PBES2-HS256+A128KW",
            "none",
            "HS256",
            "RS256",
            "A256GCM",
            "",
            "*",
        ];
        for name in alike.iter().chain(&others) {
            let header = target.header(&format!("\"{name}\""), &target.good_enc(), "");
            target.refuses_header(header.as_bytes(), "alg_not_accepted");
            // The lengths that the padding attacks on RSA1_5 play with.
            for len in [0, 16, 17, 256] {
                let forged =
                    target.good.with_header(header.as_bytes()).with_encrypted_key(&vec![2; len]);
                target.refuses(&forged.token(), "alg_not_accepted");
            }
        }
        // The other way round: an RSA key is not asked to open a token for direct encryption.
        let other = if target.alg == Alg::Dir { "RSA-OAEP-256" } else { "dir" };
        let header = target.header(&format!("\"{other}\""), &target.good_enc(), "");
        target.refuses_header(header.as_bytes(), "alg_not_accepted");
        target.refuses(
            &target.good.with_header(header.as_bytes()).with_encrypted_key(&[]).token(),
            "alg_not_accepted",
        );
    }
}

#[test]
fn an_enc_that_is_not_accepted_is_refused() {
    for target in Target::all() {
        for name in ["a256gcm", "A256GCM ", "A128CBC+HS256", "A256CTR", "A512GCM", "none", ""] {
            let header = target.header(&target.good_alg(), &format!("\"{name}\""), "");
            target.refuses_header(header.as_bytes(), "enc_not_accepted");
        }
    }
    // In the set of the backend, but not in that of the recipient.
    for backend in backends().iter().copied() {
        let jwk = keys::oct(32);
        let sender = keys::sender(backend, &jwk, Alg::Dir);
        let token = Encrypter::new(backend, &sender, Enc::A128CbcHs256).unwrap().encrypt(b"x");
        let recipient = keys::recipient(backend, &jwk, Alg::Dir);
        let decrypter = Decrypter::new(backend, [recipient], &[Enc::A256Gcm]).unwrap();
        assert_eq!(decrypter.decrypt(&token.unwrap()).unwrap_err().code(), "enc_not_accepted");
    }
}

/// A tag that is cut, lengthened or absent, and the forgery of a tag of one byte.
#[test]
fn a_tag_of_another_length_is_refused() {
    for target in Target::all() {
        let tag = base64url::decode(&target.good.tag);
        assert_eq!(tag.len(), target.enc.tag_len());
        for len in (0..=33).chain([48, 64, 4096]).filter(|len| *len != tag.len()) {
            let changed: Vec<u8> = tag.iter().copied().cycle().take(len).collect();
            target.refuses(&target.good.with_tag(&changed).token(), "part_length");
        }
        for byte in 0..=255 {
            target.refuses(&target.good.with_tag(&[byte]).token(), "part_length");
        }
    }
}

#[test]
fn a_changed_tag_is_refused() {
    for target in Target::all() {
        let tag = base64url::decode(&target.good.tag);
        for at in [0, tag.len() / 2, tag.len() - 1] {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = tag.clone();
                changed[at] ^= change;
                target.refuses(&target.good.with_tag(&changed).token(), "decryption_failed");
            }
        }
        target.refuses(&target.good.with_tag(&vec![0; tag.len()]).token(), "decryption_failed");
    }
}

#[test]
fn an_initialization_vector_of_another_length_is_refused() {
    for target in Target::all() {
        for len in [0, 1, 8, 11, 12, 13, 15, 16, 17, 32, 4096] {
            if len != target.enc.iv_len() {
                target.refuses(&target.good.with_iv(&vec![0; len]).token(), "part_length");
            }
        }
        let zeros = vec![0; target.enc.iv_len()];
        target.refuses(&target.good.with_iv(&zeros).token(), "decryption_failed");
    }
}

#[test]
fn a_ciphertext_that_is_cut_or_changed_is_refused() {
    for target in Target::all() {
        let ciphertext = base64url::decode(&target.good.ciphertext);
        let zero_tag = vec![0; target.enc.tag_len()];
        let empty = target.good.with_ciphertext(&[]);
        let code = if target.enc.is_cbc() { "part_length" } else { "decryption_failed" };
        target.refuses(&empty.token(), code);
        target.refuses(&empty.with_tag(&zero_tag).token(), code);
        for at in [0, ciphertext.len() - 1] {
            let mut changed = ciphertext.clone();
            changed[at] ^= 1;
            target.refuses(&target.good.with_ciphertext(&changed).token(), "decryption_failed");
        }
        for len in [1, 15, 17, 31] {
            let changed: Vec<u8> = ciphertext.iter().copied().cycle().take(len).collect();
            target.refuses(&target.good.with_ciphertext(&changed).token(), code);
        }
        // Two blocks: of the right kind, but not what was sealed.
        let changed: Vec<u8> = ciphertext.iter().copied().cycle().take(32).collect();
        target.refuses(&target.good.with_ciphertext(&changed).token(), "decryption_failed");
    }
}

/// Each byte value in the last position of the block before the padding, which a decrypter that
/// looks at padding before the tag would answer differently.
#[test]
fn padding_is_no_oracle() {
    for target in Target::all().into_iter().filter(|target| target.enc.is_cbc()) {
        let sender = keys::sender(target.backend, &target.jwk, target.alg);
        let encrypter = Encrypter::new(target.backend, &sender, target.enc).unwrap();
        let good = Parts::of(&encrypter.encrypt(&[b'p'; 30]).unwrap());
        let ciphertext = base64url::decode(&good.ciphertext);
        // An RSA operation a try: one position is enough there.
        let positions = if target.alg.is_rsa() { 15..16 } else { 0..16 };
        for position in positions {
            for guess in 1..=255 {
                let mut changed = ciphertext.clone();
                changed[position] ^= guess;
                target.refuses(&good.with_ciphertext(&changed).token(), "decryption_failed");
            }
        }
    }
}

#[test]
fn an_encrypted_key_of_another_length_is_refused() {
    for target in Target::all() {
        let lengths = [
            0, 1, 7, 8, 9, 16, 23, 24, 25, 32, 40, 128, 255, 256, 257, 384, 512, 1000, 1024, 1025,
            65536,
        ];
        let right = if target.alg.is_rsa() { 256 } else { 0 };
        for len in lengths.into_iter().filter(|len| *len != right) {
            for byte in [0, 1, 0xff] {
                let forged = target.good.with_encrypted_key(&vec![byte; len]);
                target.refuses(&forged.token(), "part_length");
            }
        }
    }
}

fn modulus(jwk: &Jwk) -> Vec<u8> {
    match jwk.material() {
        KeyMaterial::RsaPrivate(key) => key.public().n().to_vec(),
        _ => panic!("an RSA key"),
    }
}

/// Adds two big-endian numbers of the same length; `None` where the sum is longer.
fn add(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let mut sum = vec![0; a.len()];
    let mut carry = 0;
    for at in (0..a.len()).rev() {
        let digit = u16::from(a[at]) + u16::from(b[at]) + carry;
        sum[at] = digit.to_le_bytes()[0];
        carry = digit >> 8;
    }
    (carry == 0).then_some(sum)
}

/// Numbers whose RSA decryption is known without the key, beyond the modulus, and unpadded.
#[test]
fn special_numbers_as_the_encrypted_key_are_refused_alike() {
    for target in Target::rsa() {
        let n = modulus(&target.jwk);
        let mut one = vec![0; n.len()];
        *one.last_mut().unwrap() = 1;
        let mut below = n.clone();
        // n is odd.
        *below.last_mut().unwrap() -= 1;
        let mut top = vec![0; n.len()];
        top[0] = 1;
        for number in [
            vec![0; n.len()],
            one.clone(),
            below,
            n.clone(),
            add(&n, &one).unwrap(),
            top,
            vec![0xff; n.len()],
        ] {
            target.refuses(&target.good.with_encrypted_key(&number).token(), "decryption_failed");
        }
    }
}

/// One encrypted key has one text: a leading zero byte is neither dropped nor added, and a number
/// is not accepted a modulus higher.
#[test]
fn an_encrypted_key_cannot_be_written_differently() {
    for backend in rsa_recipients() {
        let target = Target::new(backend, Alg::RsaOaep256, Enc::A256Gcm);
        let n = modulus(&target.jwk);
        let sender = keys::sender(backend, &target.jwk, target.alg);
        let encrypter = Encrypter::new(backend, &sender, target.enc).unwrap();
        let (mut leading_zero, mut higher) = (false, false);
        // One in 256 begins with a zero byte, and more of them are small enough to add n.
        for _ in 0..100_000 {
            let good = Parts::of(&encrypter.encrypt(b"x").unwrap());
            let number = base64url::decode(&good.encrypted_key);
            if !higher && let Some(sum) = add(&number, &n) {
                target.refuses(&good.with_encrypted_key(&sum).token(), "decryption_failed");
                higher = true;
            }
            if number[0] == 0 {
                assert_eq!(*target.decrypter.decrypt(&good.token()).unwrap(), b"x");
                target.refuses(&good.with_encrypted_key(&number[1..]).token(), "part_length");
                let longer = [&[0], number.as_slice()].concat();
                target.refuses(&good.with_encrypted_key(&longer).token(), "part_length");
                leading_zero = true;
            }
            if leading_zero && higher {
                break;
            }
        }
        assert!(leading_zero && higher);
    }
}

/// A CEK of a length that is not the enc's, properly wrapped, and content sealed with what a
/// careless recipient would make of it: cut, padded with zeros, or all zeros.
#[test]
fn a_wrapped_cek_of_another_length_is_the_same_error() {
    for target in Target::rsa() {
        let (backend, enc) = (target.backend, target.enc);
        let (_, import) = backend.encryption_key_import(target.alg, None).unwrap();
        let public = match target.jwk.material() {
            KeyMaterial::RsaPrivate(key) => KeyMaterial::RsaPublic(key.public().clone()),
            _ => panic!("an RSA key"),
        };
        let SenderKey::Wrap(wrap) = import.import(&public).unwrap() else {
            panic!("a wrapping key")
        };
        let content = backend.content_encryption(enc, Direction::Encrypt).unwrap();
        for len in [0, 1, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 128] {
            let wrapped: Vec<u8> = (0..len).map(|at| at as u8 + 1).collect();
            let mut encrypted_key = vec![0; 256];
            let mut context = SenderContext::new(enc, backend.random());
            if wrap.wrap_key(&mut context, &wrapped, &mut encrypted_key).is_err() {
                // A library may refuse to wrap nothing; then there is no such message from it.
                assert_eq!(len, 0, "{backend}");
                continue;
            }
            let cut: Vec<u8> =
                wrapped.iter().copied().chain(std::iter::repeat(0)).take(enc.cek_len()).collect();
            for cek in [cut, vec![0; enc.cek_len()]] {
                let mut buffer = PLAINTEXT.to_vec();
                buffer.resize(enc.ciphertext_len(PLAINTEXT.len()).unwrap(), 0);
                let mut tag = vec![0; enc.tag_len()];
                let iv = vec![9; enc.iv_len()];
                let aad = target.good.header.as_bytes();
                content.seal(&cek, &iv, aad, &mut buffer, PLAINTEXT.len(), &mut tag).unwrap();
                let token = target
                    .good
                    .with_encrypted_key(&encrypted_key)
                    .with_iv(&iv)
                    .with_ciphertext(&buffer)
                    .with_tag(&tag)
                    .token();
                if len == enc.cek_len() && cek == wrapped {
                    assert_eq!(*target.decrypter.decrypt(&token).unwrap(), PLAINTEXT);
                } else {
                    target.refuses(&token, "decryption_failed");
                }
            }
        }
    }
}

/// Everything that a key decides looks the same from outside.
#[test]
fn all_failures_of_decryption_are_one() {
    for target in Target::all() {
        let mut tokens = vec![
            target.good.with_tag(&vec![0; target.enc.tag_len()]).token(),
            target.good.with_iv(&vec![0; target.enc.iv_len()]).token(),
            target.good.with_ciphertext(&[0; 16]).token(),
            target.good.with_header(target.header_with(r#","x":1"#).as_bytes()).token(),
        ];
        if target.alg.is_rsa() {
            tokens.push(target.good.with_encrypted_key(&[0; 256]).token());
            tokens.push(target.good.with_encrypted_key(&[0xff; 256]).token());
            tokens.push(target.good.with_encrypted_key(&[0x42; 256]).token());
        }
        for token in tokens {
            let error = target.error(&token);
            assert_eq!(error, DecryptError::DecryptionFailed);
            assert_eq!(
                format!("{error}|{error:?}|{}", error.code()),
                "the message could not be decrypted|DecryptionFailed|decryption_failed"
            );
        }
    }
}

/// Compressed content, refused before anything is decrypted and whatever it would unfold to.
#[test]
fn zip_is_refused() {
    for target in Target::all() {
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

/// Tokens of any number of segments and of any length, each refused within a second.
#[test]
fn huge_tokens_are_refused_quickly() {
    let dots = ".".repeat(64 << 20);
    let segments = "a.".repeat(1_000_000);
    let header = format!("{}....", "A".repeat(100_000_000));
    let megabytes = "canary".repeat(10_000_000 / 6 / 5);
    let canaries = [megabytes.as_str(); 5].join(".");
    for target in Target::all() {
        target.refuses(&dots, "token_too_long");
        target.refuses(&segments, "segment_count");
        target.refuses(&header, "token_too_long");
        // Five segments of two megabytes each, whose text is in no error.
        let error = target.error(&canaries);
        assert_eq!(error.code(), "header_too_long");
        assert!(!format!("{error} {error:?}").contains("canary"));

        let limits = Limits::default().with_max_token_len(usize::MAX);
        let unlimited = Target {
            decrypter: target.decrypter.clone().with_limits(limits),
            jwk: target.jwk.clone(),
            good: target.good.clone(),
            ..target
        };
        unlimited.refuses(&dots, "segment_count");
        unlimited.refuses(&segments, "segment_count");
        unlimited.refuses(&header, "header_too_long");
        unlimited.refuses(&canaries, "header_too_long");
    }
}

#[test]
fn the_number_of_segments_is_exact() {
    for target in Target::all() {
        let token = target.good.token();
        let parts: Vec<&str> = token.split('.').collect();
        for count in 0..5 {
            target.refuses(&parts[..count].join("."), "segment_count");
        }
        for more in [".", "..", ".AA", "........"] {
            target.refuses(&format!("{token}{more}"), "segment_count");
        }
        target.refuses(&format!(".{token}"), "segment_count");
        // Five empty parts are five parts, of which the first is no header.
        target.refuses("....", "header_not_json");
    }
}

#[test]
fn deep_and_wide_headers_are_refused() {
    for target in Target::all() {
        let nested = |depth: usize| {
            target.header_with(&format!(r#","x":{}{}"#, "[".repeat(depth), "]".repeat(depth)))
        };
        let members = |count: usize| {
            let members: String = (0..count).map(|at| format!(r#","m{at}":{at}"#)).collect();
            target.header_with(&members)
        };
        target.refuses_header(nested(100_000).as_bytes(), "header_too_long");
        target.refuses_header(nested(3500).as_bytes(), "header_not_json");
        target.refuses_header("[".repeat(8000).as_bytes(), "header_not_json");
        target.refuses_header(r#"{"a":"#.repeat(1600).as_bytes(), "header_not_json");
        target.refuses_header(members(100_000).as_bytes(), "header_too_long");
        let digits = "9".repeat(1_000_000);
        let header = target.header_with(&format!(r#","x":{digits}"#));
        target.refuses_header(header.as_bytes(), "header_too_long");
        for number in
            ["1e999", "-1e999", "01", "1.", "+1", "0x1", "NaN", "Infinity", &digits[..4000]]
        {
            let header = target.header_with(&format!(r#","x":{number}"#));
            target.refuses_header(header.as_bytes(), "header_not_json");
        }
        // As wide as fits: read, and then found changed.
        target.refuses_header(members(500).as_bytes(), "decryption_failed");
        // The limit to the byte.
        for (len, code) in [
            (Limits::MAX_HEADER_LEN, "decryption_failed"),
            (Limits::MAX_HEADER_LEN + 1, "header_too_long"),
        ] {
            let empty = target.header_with(r#","x":"""#).len();
            let header = target.header_with(&format!(r#","x":"{}""#, "x".repeat(len - empty)));
            assert_eq!(header.len(), len);
            target.refuses_header(header.as_bytes(), code);
        }
    }
}

#[test]
fn crit_is_refused() {
    for target in Target::all() {
        for crit in [
            r#"["bork"]"#,
            "[]",
            r#""exp""#,
            r#"["alg"]"#,
            r#"["b64"]"#,
            r#"["exp","exp"]"#,
            "[1]",
            "null",
            "{}",
            "0",
            "false",
        ] {
            let header =
                target.header_with(&format!(r#","crit":{crit},"bork":1,"b64":true,"exp":1"#));
            target.refuses_header(header.as_bytes(), "crit_not_understood");
        }
    }
}

#[test]
fn a_member_that_stands_there_twice_is_refused() {
    for target in Target::all() {
        let (alg, enc) = (target.good_alg(), target.good_enc());
        let kid = serde_json::Value::from(target.jwk.kid().unwrap());
        for header in [
            format!(r#"{{"alg":"RSA1_5","alg":{alg},"enc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"alg":{alg},"enc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"al\u0067":{alg}}}"#),
            format!(r#"{{"alg":{alg},"enc":"A128GCM","enc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"\u0065nc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"zip":"DEF","zip":"DEF"}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"crit":[],"crit":[]}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"x":1,"y":2,"x":1}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"typ":"JWE","t\u0079p":"JWE"}}"#),
        ] {
            target.refuses_header(header.as_bytes(), "header_duplicate_member");
        }
    }
}

/// Each part has one text: no padding, no other alphabet, no white space, no stray bits.
#[test]
fn base64url_is_strict() {
    type Get = fn(&mut Parts) -> &mut String;
    let parts: [Get; 5] = [
        |parts| &mut parts.header,
        |parts| &mut parts.encrypted_key,
        |parts| &mut parts.iv,
        |parts| &mut parts.ciphertext,
        |parts| &mut parts.tag,
    ];
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for target in Target::all() {
        for part in parts {
            let change = |change: &dyn Fn(&mut String)| {
                let mut parts = target.good.clone();
                change(part(&mut parts));
                parts.token()
            };
            for stray in [
                "=", "==", "+", "/", " ", "\t", "\r", "\n", "\r\n", "\0", "é", "~", "%", "\u{feff}",
            ] {
                target.refuses(&change(&|text| text.push_str(stray)), "base64url");
                target.refuses(&change(&|text| text.insert_str(0, stray)), "base64url");
                target.refuses(
                    &change(&|text| {
                        if !text.is_empty() {
                            text.truncate(text.len() - 1);
                        }
                        text.push_str(stray);
                    }),
                    "base64url",
                );
            }
            // A length that no bytes have.
            let token = change(&|text| {
                text.push('A');
                while text.len() % 4 != 1 {
                    text.push('A');
                }
            });
            target.refuses(&token, "base64url");
            // The unused bits of the last character.
            if part(&mut target.good.clone()).len() % 4 != 0 {
                let token = change(&|text| {
                    let last = text.pop().unwrap();
                    let at = ALPHABET.iter().position(|letter| *letter == last as u8).unwrap();
                    text.push(ALPHABET[at | 1] as char);
                });
                assert_ne!(token, target.good.token());
                target.refuses(&token, "base64url");
            }
        }
    }
}

/// What is signed, or claims to be nothing at all, is not taken for something encrypted.
#[test]
fn signed_and_unsecured_tokens_are_refused() {
    let signed = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl";
    let plain = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.";
    for target in Target::all() {
        target.refuses(signed, "segment_count");
        target.refuses(plain, "segment_count");
        let header = target.header(r#""none""#, &target.good_enc(), "");
        target.refuses_header(header.as_bytes(), "alg_not_accepted");
        // An unsecured JWT inside is bytes, and stays bytes.
        let sender = keys::sender(target.backend, &target.jwk, target.alg);
        let encrypter = Encrypter::builder(target.backend, &sender, target.enc)
            .with_member("cty", "JWT".into())
            .build()
            .unwrap();
        let token = encrypter.encrypt(plain.as_bytes()).unwrap();
        assert_eq!(*target.decrypter.decrypt(&token).unwrap(), plain.as_bytes());
    }
}

/// A string is read in the compact serialization only, so that nothing unprotected is looked at
/// unless somebody asks for the others.
#[test]
fn the_json_serializations_are_refused() {
    for target in Target::all() {
        let Parts { header, encrypted_key, iv, ciphertext, tag } = &target.good;
        let rest = format!(r#""iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}""#);
        for json in [
            format!(r#"{{"protected":"{header}","encrypted_key":"{encrypted_key}",{rest}}}"#),
            format!(
                r#"{{"protected":"{header}","unprotected":{{"zip":"DEF"}},"recipients":[{{"header":{{"alg":"RSA1_5"}},"encrypted_key":"{encrypted_key}"}}],{rest}}}"#
            ),
            "{}".to_owned(),
            "[]".to_owned(),
        ] {
            target.refuses(&json, "segment_count");
        }
    }
}

/// The published key, in any of its texts, as a shared secret.
#[test]
fn a_public_key_is_no_shared_secret() {
    for target in Target::rsa() {
        let public = target.jwk.to_public().unwrap();
        let KeyMaterial::RsaPublic(key) = public.material() else { panic!("an RSA key") };
        for bytes in [public.to_json().as_bytes(), key.spki_der(), key.n()] {
            let secret = base64url::encode(&bytes[..target.enc.cek_len()]);
            let json = format!(r#"{{"kty":"oct","k":"{secret}"}}"#);
            let oct = Jwk::from_json(json.as_bytes())
                .unwrap()
                .with_kid(target.jwk.kid().unwrap())
                .unwrap();
            let sender = keys::sender(target.backend, &oct, Alg::Dir);
            let encrypter = Encrypter::new(target.backend, &sender, target.enc).unwrap();
            target.refuses(&encrypter.encrypt(b"forged").unwrap(), "alg_not_accepted");
        }
        // Nor does the import take an RSA key for a symmetric algorithm.
        let options = KeyOptions::new().with_alg(Alg::Dir).ignore_declared_usage();
        let error = jwe::DecryptionKey::import(target.backend, &target.jwk, &options).unwrap_err();
        assert_eq!(error.code(), "key_alg_type");
    }
}

/// Keys and addresses of keys in the header choose nothing.
#[test]
fn keys_in_the_header_are_not_used() {
    for target in Target::rsa() {
        let backend = target.backend;
        let attacker = keys::rsa(3072).with_kid(target.jwk.kid().unwrap()).unwrap();
        let value = |jwk: &Jwk| -> serde_json::Value {
            serde_json::from_str(&jwk.to_public().unwrap().to_json()).unwrap()
        };
        let token = |jwk: &Jwk, embedded: serde_json::Value| {
            let sender = keys::sender(backend, jwk, target.alg);
            Encrypter::builder(backend, &sender, target.enc)
                .with_member("jwk", embedded)
                .with_member("jku", "http://127.0.0.1:9/keys".into())
                .with_member("x5u", "file:///etc/passwd".into())
                .with_member("x5c", vec!["AA=="].into())
                .build()
                .unwrap()
                .encrypt(PLAINTEXT)
                .unwrap()
        };
        // For the right key, with somebody else's in the header: opened with the right one.
        let opened = target.decrypter.decrypt(&token(&target.jwk, value(&attacker))).unwrap();
        assert_eq!(*opened, PLAINTEXT);
        // For somebody else's key, which the header brings along: refused, here by its length.
        target.refuses(&token(&attacker, value(&attacker)), "part_length");
    }
}

#[test]
fn a_kid_is_only_compared() {
    for target in Target::all() {
        for kid in [
            "../../../../etc/passwd",
            "'; DROP TABLE keys; --",
            "\\u0000",
            "\\u202e",
            "\\\\\\\\host\\\\share",
            "",
            " ",
            "*",
            "PEER-RSA-2048",
        ] {
            let (alg, enc) = (target.alg, target.enc);
            let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":"{kid}"}}"#);
            target.refuses_header(header.as_bytes(), "unknown_kid");
        }
        let (alg, enc) = (target.alg, target.enc);
        for kid in ["7", "null", "[]", "{}", "true"] {
            let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":{kid}}}"#);
            target.refuses_header(header.as_bytes(), "header_member_type");
        }
        let long = "k".repeat(1 << 20);
        let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":"{long}"}}"#);
        target.refuses_header(header.as_bytes(), "header_too_long");
        // Without one, the only key is meant; unless one is required.
        let header = format!(r#"{{"alg":"{alg}","enc":"{enc}"}}"#);
        target.refuses_header(header.as_bytes(), "decryption_failed");
        let strict = target.decrypter.clone().require_kid();
        let token = target.good.with_header(header.as_bytes()).token();
        assert_eq!(strict.decrypt(&token).unwrap_err().code(), "missing_kid");
    }
}

#[test]
fn a_member_of_another_type_is_not_an_absent_one() {
    for target in Target::all() {
        let (alg, enc) = (target.good_alg(), target.good_enc());
        for wrong in ["null", "0", "1.5", "true", "{}", "[]", &format!("[{alg}]")] {
            target.refuses_header(target.header(wrong, &enc, "").as_bytes(), "header_member_type");
            target.refuses_header(target.header(&alg, wrong, "").as_bytes(), "header_member_type");
            for name in ["typ", "cty"] {
                let header = target.header_with(&format!(r#","{name}":{wrong}"#));
                target.refuses_header(header.as_bytes(), "header_member_type");
            }
        }
        for (header, code) in [
            (format!(r#"{{"enc":{enc}}}"#), "header_missing_member"),
            (format!(r#"{{"alg":{alg}}}"#), "header_missing_member"),
            (format!(r#"{{"Alg":{alg},"enc":{enc}}}"#), "header_missing_member"),
            ("{}".to_owned(), "header_missing_member"),
        ] {
            target.refuses_header(header.as_bytes(), code);
        }
    }
}

#[test]
fn a_header_that_is_not_one_json_object_in_utf_8_is_refused() {
    for target in Target::all() {
        let good = target.good.header_json();
        let with = |bytes: &[u8]| {
            let text = target.header_with(r#","x":"@""#);
            let at = text.find('@').unwrap();
            [&text.as_bytes()[..at], bytes, &text.as_bytes()[at + 1..]].concat()
        };
        let mut headers: Vec<Vec<u8>> = [
            "".to_owned(),
            " ".to_owned(),
            "null".to_owned(),
            "[]".to_owned(),
            format!("[{good}]"),
            format!("\u{feff}{good}"),
            format!("{good}{good}"),
            format!("{good},"),
            format!("{good}\0"),
            format!("{good}//"),
            good[..good.len() - 1].to_owned(),
            good.replace('"', "'"),
            good.replacen('{', "{,", 1),
            good.replacen('}', ",}", 1),
            target.header_with(",x:1"),
            target.header_with(r#","x":"\ud800""#),
            target.header_with(r#","\udfff":1"#),
            target.header_with(",\"x\":\"\n\""),
        ]
        .into_iter()
        .map(String::into_bytes)
        .collect();
        // Overlong forms of "/" and of NUL, a surrogate, a continuation alone, beyond Unicode.
        for bytes in [
            &[0xc0, 0xaf][..],
            &[0xe0, 0x80, 0xaf],
            &[0xc0, 0x80],
            &[0xed, 0xa0, 0x80],
            &[0x80],
            &[0xf4, 0x90, 0x80, 0x80],
            &[0xff],
        ] {
            headers.push(with(bytes));
        }
        headers.push(good.encode_utf16().flat_map(u16::to_le_bytes).collect());
        for header in headers {
            target.refuses_header(&header, "header_not_json");
        }
    }
}
