use jwe_core::{Alg, Backend, DecryptError};

use crate::support::bytes::flipped;
use crate::support::compact::Parts;
use crate::support::engine::{self, Message, Pair};
use crate::support::keys;
use crate::support::reference::{cbc_hmac, oaep};
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

/// Every cryptographic failure of decryption is the one `DecryptionFailed`: the encrypted key, the
/// CEK in it, the tag, the padding. What public bytes decide is another error, and the same
/// whatever the bytes are. The output buffer is as it was in every case.
///
/// # Panics
/// When the backend does not conform.
pub fn engine_one_error(backend: &Backend) {
    let mut random = Seeded::new("engine_one_error");
    let mut whole = Vec::new();
    for pair in engine::pairs(backend) {
        // Each bit of each byte with the first enc of each alg; with the others some of them.
        let step = if whole.contains(&pair.alg) { 29 } else { 1 };
        whole.push(pair.alg);
        one_error(&pair, step, &mut random);
    }
}

fn one_error(pair: &Pair<'_>, step: usize, random: &mut Seeded) {
    let Some(decrypter) = pair.decrypter() else { return };
    let good = pair.message(b"a message that is changed", random);
    pair.site
        .accepts("the message before it is changed", || decrypter.decrypt(&good.parts.token()));

    let mut cases = cryptographic(pair, &good, step, random);
    cases.extend(forgeries(pair, &good, random));
    for (case, parts) in cases {
        let error = engine::refused(&pair.site, &decrypter, &case, &parts.token());
        let one = DecryptError::DecryptionFailed;
        pair.site.holds(
            &case,
            error == one
                && error.code() == "decryption_failed"
                && error.to_string() == one.to_string()
                && format!("{error:?}") == format!("{one:?}"),
            &format!("the error is {error:?}; every cryptographic failure must be the same"),
        );
        pair.site.holds(
            &case,
            std::error::Error::source(&error).is_none(),
            "the error has a source, which tells what failed",
        );
    }
    for (case, parts) in lengths(&good.parts) {
        let error = engine::refused(&pair.site, &decrypter, &case, &parts.token());
        pair.site.holds(
            &case,
            error.code() == "part_length",
            &format!("the error is {error:?}; a wrong length is public and reported as such"),
        );
    }

    // Any change of the text of the token, the header and the dots included.
    let token = good.parts.token();
    for at in (0..token.len()).step_by(step) {
        let changed = String::from_utf8(flipped(token.as_bytes(), at, random.below(3)))
            .expect("ASCII with one of its low bits changed is ASCII");
        engine::refused(&pair.site, &decrypter, format!("character {at} changed"), &changed);
    }
    for len in (0..token.len()).step_by(step) {
        engine::refused(&pair.site, &decrypter, format!("cut to {len} characters"), &token[..len]);
    }
}

/// Messages that only a key shows to be wrong.
fn cryptographic(
    pair: &Pair<'_>,
    good: &Message,
    step: usize,
    random: &mut Seeded,
) -> Vec<(String, Parts)> {
    let parts = &good.parts;
    let mut cases = Vec::new();
    let mut add = |case: String, parts: Parts| cases.push((case, parts));
    for at in (0..parts.encrypted_key.len()).step_by(step) {
        let encrypted_key = flipped(&parts.encrypted_key, at, random.below(8));
        add(
            format!("a bit of byte {at} of the encrypted key"),
            Parts { encrypted_key, ..parts.clone() },
        );
    }
    for at in 0..parts.iv.len() {
        let iv = flipped(&parts.iv, at, random.below(8));
        add(format!("a bit of byte {at} of the IV"), Parts { iv, ..parts.clone() });
    }
    for at in 0..parts.ciphertext.len() {
        let ciphertext = flipped(&parts.ciphertext, at, random.below(8));
        add(format!("a bit of byte {at} of the ciphertext"), Parts { ciphertext, ..parts.clone() });
    }
    for at in 0..parts.tag.len() {
        let tag = flipped(&parts.tag, at, random.below(8));
        add(format!("a bit of byte {at} of the tag"), Parts { tag, ..parts.clone() });
    }
    let zero = Parts { tag: vec![0; parts.tag.len()], ..parts.clone() };
    add("a tag of zeros".to_owned(), zero.clone());
    let len = if pair.enc.is_cbc() { 16 } else { 0 };
    add(
        "the shortest ciphertext under a tag of zeros".to_owned(),
        Parts { ciphertext: vec![0; len], ..zero },
    );
    // The header is authenticated: one more space in it.
    let header = [&parts.header[..], b" "].concat();
    add("a space behind the header".to_owned(), Parts { header, ..parts.clone() });

    if let Some(key) = pair.rsa() {
        let k = key.modulus_len();
        for (case, encrypted_key) in [
            ("an encrypted key of zeros", vec![0; k]),
            ("an encrypted key of ff", vec![0xff; k]),
            ("the modulus as the encrypted key", key.n.clone()),
            ("a random encrypted key", [&[0], &random.bytes(k - 1)[..]].concat()),
            (
                "an encrypted key for another key",
                oaep::encrypt(pair.alg, keys::rsa("2048-other"), &good.cek, random),
            ),
        ] {
            add(case.to_owned(), Parts { encrypted_key, ..parts.clone() });
        }
        for other in Alg::ALL.iter().copied().filter(|alg| alg.is_rsa() && *alg != pair.alg) {
            if good.cek.len() <= oaep::max_message_len(other, k) {
                let encrypted_key = oaep::encrypt(other, &key, &good.cek, random);
                add(
                    format!("the CEK wrapped by {other}"),
                    Parts { encrypted_key, ..parts.clone() },
                );
            }
        }
        // A CEK of a wrong length, among them beginnings and continuations of the right one.
        let lens = [0, 1, 15, 16, 17, 24, 31, 32, 33, 48, 64, oaep::max_message_len(pair.alg, k)];
        for len in lens.into_iter().filter(|len| *len != good.cek.len()) {
            for fill in [0, 0x77] {
                let mut cek = good.cek.clone();
                cek.resize(len, fill);
                if fill == 0x77 {
                    cek.fill(fill);
                }
                let encrypted_key = oaep::encrypt(pair.alg, &key, &cek, random);
                let case = format!("a wrapped CEK of {len} bytes");
                add(case, Parts { encrypted_key, ..parts.clone() });
            }
        }
        let encrypted_key = oaep::encrypt(pair.alg, &key, &random.bytes(good.cek.len()), random);
        add("another CEK of the right length".to_owned(), Parts { encrypted_key, ..parts.clone() });
        let encrypted_key = oaep::encrypt(pair.alg, &key, &vec![0; good.cek.len()], random);
        add("a CEK of zeros".to_owned(), Parts { encrypted_key, ..parts.clone() });
    }
    if pair.enc.is_cbc() {
        for last in [0, 2, 16, 17, 0x80, 0xff] {
            let mut text = vec![0xaa; 32];
            text[31] = last;
            let (ciphertext, tag) =
                cbc_hmac::seal_blocks(pair.enc, &good.cek, &parts.iv, &parts.aad(), &text);
            let case = format!("a padding of {last:02x} under a right tag");
            add(case, Parts { ciphertext, tag, ..parts.clone() });
        }
    }
    cases
}

/// Content that an attacker encrypted with a CEK that careless code ends up with.
fn forgeries(pair: &Pair<'_>, good: &Message, random: &mut Seeded) -> Vec<(String, Parts)> {
    let Some(key) = pair.rsa() else { return Vec::new() };
    let parts = &good.parts;
    let mut cases = Vec::new();
    let under = |cek: Vec<u8>, encrypted_key: Vec<u8>| {
        let (iv, aad) = (parts.iv.clone(), parts.aad());
        let text = b"a forgery";
        let sealed = Sealed::with(pair.backend, pair.content, cek, iv, aad, text);
        let (ciphertext, tag) = (sealed.ciphertext, sealed.tag);
        Parts { encrypted_key, ciphertext, tag, ..parts.clone() }
    };
    let zeros = vec![0; good.cek.len()];
    let garbage = [&[0], &random.bytes(key.modulus_len() - 1)[..]].concat();
    let case = "a random encrypted key, and content under a CEK of zeros";
    cases.push((case.to_owned(), under(zeros, garbage)));
    for len in [0, 1, 16, 31].into_iter().filter(|len| *len < good.cek.len()) {
        let short = random.bytes(len);
        let mut padded = short.clone();
        padded.resize(good.cek.len(), 0);
        let encrypted_key = oaep::encrypt(pair.alg, &key, &short, random);
        let case = format!("a CEK of {len} bytes, and content under it padded with zeros");
        cases.push((case, under(padded, encrypted_key)));
    }
    cases
}

/// Messages whose parts have lengths that no message of this `alg`, `enc` and key has.
fn lengths(good: &Parts) -> Vec<(String, Parts)> {
    let mut cases = Vec::new();
    let resized = |part: &[u8], len: usize| {
        let mut part = part.to_vec();
        part.resize(len, 0);
        part
    };
    for len in [0, 1, 7, 8, 9, 16, 23, 24, 25, 255, 256, 257, 1000, 65_536] {
        if len != good.encrypted_key.len() {
            let encrypted_key = resized(&good.encrypted_key, len);
            let case = format!("an encrypted key of {len} bytes");
            cases.push((case, Parts { encrypted_key, ..good.clone() }));
        }
    }
    for len in (0..=33).chain([4096]).filter(|len| *len != good.iv.len()) {
        let iv = resized(&good.iv, len);
        cases.push((format!("an IV of {len} bytes"), Parts { iv, ..good.clone() }));
    }
    for len in (0..=64).filter(|len| *len != good.tag.len()) {
        let tag = resized(&good.tag, len);
        cases.push((format!("a tag of {len} bytes"), Parts { tag, ..good.clone() }));
    }
    cases
}
