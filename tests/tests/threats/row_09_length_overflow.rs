//! Arithmetic on lengths that wraps around, above all AL, the length of the associated data that
//! the tag of AES-CBC with HMAC covers: where it is cut, the border between associated data, initialization
//! vector and ciphertext can be moved.

use jwe::{Backend, Direction, Enc};
use jwe_core::aes_cbc_hmac::aad_bits;
use jwe_core::concat_kdf::OtherInfo;
use jwe_tests::random;
use num_bigint::BigUint;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::attacks::tried_one;

pub(crate) fn check(backend: &'static Backend) {
    for enc in Enc::ALL.iter().copied() {
        let Ok(object) = backend.content_encryption(enc, Direction::Decrypt) else { continue };
        let (cek, iv) = (vec![1; enc.cek_len()], vec![2; enc.iv_len()]);
        let mut tag = vec![0; enc.tag_len()];
        // Lengths whose sums or products with others wrap around.
        for near in [usize::MAX, usize::MAX / 2, usize::MAX / 8, 1 << 61, 1 << 32, 1 << 29] {
            for len in (0..=33).flat_map(|more| [near.wrapping_sub(more), near.wrapping_add(more)])
            {
                let mut buf = vec![3; 48];
                if enc.ciphertext_len(len) != Some(buf.len()) {
                    tried_one();
                    let sealed = object.seal(&cek, &iv, b"", &mut buf, len, &mut tag);
                    assert!(sealed.is_err(), "{backend} {enc} {len}");
                }
            }
        }
        if enc.is_cbc() {
            moved_borders(backend, enc);
        }
    }
}

/// The texts that the HMAC covers stay as they are one behind the other, and only the lengths differ:
/// what CVE-2017-12972 makes of a length that wraps around.
fn moved_borders(backend: &'static Backend, enc: Enc) {
    let object = backend.content_encryption(enc, Direction::Decrypt).unwrap();
    let cek: Vec<u8> = (0..enc.cek_len()).map(|at| at as u8).collect();
    for aad_len in [0, 16, 32, 100, 1000, 8192, 70_000] {
        let aad = vec![b'a'; aad_len];
        let mut ciphertext = vec![b'p'; 64];
        let iv = [4; 16];
        let mut tag = vec![0; enc.tag_len()];
        object.seal(&cek, &iv, &aad, &mut ciphertext, 50, &mut tag).unwrap();
        let covered = [&aad[..], &iv, &ciphertext].concat();
        let mut opened = 0;
        // Each border at which whole blocks stay behind the vector.
        for border in (0..=covered.len() - 32).filter(|at| (covered.len() - at).is_multiple_of(16))
        {
            let (aad, rest) = covered.split_at(border);
            let (iv, ciphertext) = rest.split_at(16);
            tried_one();
            let mut buf = ciphertext.to_vec();
            let outcome = object.open(&cek, iv, aad, &mut buf, &tag);
            opened += usize::from(outcome.is_ok());
            assert_eq!(outcome.is_ok(), border == aad_len, "{backend} {enc} {aad_len} {border}");
        }
        assert_eq!(opened, 1);
    }
}

/// The arithmetic against integers of any length.
#[test]
fn lengths_are_those_of_unlimited_integers() {
    // Beyond 2^32 bits. Nothing reads it as a whole, so that it takes no memory.
    let bytes = vec![0_u8; (1 << 29) + 64];
    let config = Config {
        cases: random::cases(20_000),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(random::seed()),
        ..Config::default()
    };
    // Lengths of every size, and around the powers of two.
    let any = prop_oneof![
        any::<usize>(),
        (0_u32..64, -20_i64..20)
            .prop_map(|(bits, more)| { (1_u64 << bits).wrapping_add_signed(more) as usize }),
        (0_u32..64).prop_flat_map(|bits| 0..=(usize::MAX >> bits)),
    ];
    let aad_len = prop_oneof![0_usize..70_000, 0..=bytes.len(), bytes.len() - 128..=bytes.len(),];
    let strategy = (any, aad_len, 0_usize..70_000, 0_usize..70_000);
    TestRunner::new(config)
        .run(&strategy, |(len, aad_len, apu_len, apv_len)| {
            let bits = BigUint::from(aad_len) * 8_u8;
            let al = aad_bits(&bytes[..aad_len]).unwrap();
            prop_assert_eq!(BigUint::from_bytes_be(&al), bits);

            let most = BigUint::from(usize::MAX);
            for enc in Enc::ALL.iter().copied() {
                let wanted = if enc.is_cbc() {
                    (BigUint::from(len) / 16_u8 + 1_u8) * 16_u8
                } else {
                    BigUint::from(len)
                };
                // CBC may give up within a block of the limit, which no memory has.
                match enc.ciphertext_len(len) {
                    Some(got) => prop_assert_eq!(BigUint::from(got), wanted.clone()),
                    None => prop_assert!(wanted.clone() + 16_u8 > most),
                }
                let (cek, iv, tag) = (enc.cek_len(), enc.iv_len(), enc.tag_len());
                let fits = wanted == BigUint::from(len);
                prop_assert_eq!(enc.check_seal(cek, iv, tag, len, len).is_ok(), fits);
                let whole = !enc.is_cbc() || (len > 0 && len % 16 == 0);
                prop_assert_eq!(enc.check_open(cek, iv, tag, len).is_ok(), whole);
                prop_assert_eq!(enc.check_lengths(len, iv, tag).is_ok(), len == cek);
            }

            // SuppPubInfo of the Concat KDF is a number of bits in 32 (RFC 7518 §4.6.2).
            let info = OtherInfo::new("A256GCM", &bytes[..apu_len], &bytes[..apv_len], len);
            let bits = BigUint::from(len) * 8_u8;
            if let Ok(info) = info {
                let text = info.as_bytes();
                let number = |at: usize| BigUint::from_bytes_be(&text[at..at + 4]);
                prop_assert_eq!(number(text.len() - 4), bits);
                prop_assert_eq!(number(11), BigUint::from(apu_len));
                prop_assert_eq!(number(15 + apu_len), BigUint::from(apv_len));
            } else {
                let whole = BigUint::from(1_u8) << 32;
                prop_assert!(bits >= whole);
            }
            Ok(())
        })
        .unwrap();
}

/// What is left of arithmetic stops the program in a release build, too.
#[test]
fn release_builds_check_for_overflow() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let release = manifest.split("[profile.release]").nth(1).unwrap();
    let release = release.split("\n[").next().unwrap();
    assert!(release.contains("overflow-checks = true"), "{release}");
}
