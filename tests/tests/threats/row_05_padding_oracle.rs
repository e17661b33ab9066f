//! Vaudenay (2002) on AES-CBC with HMAC: whoever learns whether a padding is right reads a ciphertext
//! byte by byte, with 256 questions for each. The attack is run, and reads no byte: the tag is checked
//! first, and every refusal is the same.

use jwe::{Alg, Backend, Enc, Encrypter};
use jwe_tests::base64url;
use jwe_tests::keys;
use jwe_tests::parts::Parts;

use crate::attacks::tried_one;
use crate::target::Target;

/// One block, which the attacker wants.
const SECRET: &[u8; 16] = b"sixteen secrets.";

pub(crate) fn check(backend: &'static Backend) {
    let is_cbc: Vec<Enc> = Enc::ALL.iter().copied().filter(|enc| enc.is_cbc()).collect();
    for target in Target::every(backend, &is_cbc, |alg| alg == Alg::Dir) {
        let parts = sealed(&target, SECRET);
        let mut answers = Vec::new();
        let iv = base64url::decode(&parts.iv);
        let known: Vec<u8> = SECRET.iter().zip(&iv).map(|(text, iv)| text ^ iv).collect();
        let block = &base64url::decode(&parts.ciphertext)[..16];
        let read = vaudenay(block, &known, |iv, block| {
            tried_one();
            let question = parts.with_iv(iv).with_ciphertext(block);
            let mut out = b"before".to_vec();
            let answer = match target.decrypter.decrypt_into(&question.token(), &mut out) {
                Ok(()) => "opened".to_owned(),
                Err(error) => format!("{error}|{error:?}|{}|{out:?}", error.code()),
            };
            answers.push(answer.clone());
            answer
        });
        assert_eq!(read, [None; 16], "{backend} {}", target.enc);
        assert_eq!(answers.len(), 16 * 256);
        assert!(answers[0].contains("|decryption_failed|"), "{}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{backend} {}", target.enc);
    }
    for target in Target::every(backend, &is_cbc, |alg| {
        matches!(alg, Alg::Dir | Alg::RsaOaep256 | Alg::A256Kw)
    }) {
        changes(&target);
    }
}

/// A token of the target for another plaintext.
fn sealed(target: &Target, plaintext: &[u8]) -> Parts {
    let sender = keys::sender(target.backend, &target.jwk, target.alg);
    let encrypter = Encrypter::new(target.backend, &sender, target.enc).unwrap();
    Parts::of(&encrypter.encrypt(plaintext).unwrap())
}

/// The last byte changed, which spoils the padding; the first one, which does not; a tag of zeros;
/// and each value of each byte before the padding.
fn changes(target: &Target) {
    let good = sealed(target, &[b'p'; 30]);
    let ciphertext = base64url::decode(&good.ciphertext);
    let zeros = vec![0; target.enc.tag_len()];
    for at in [ciphertext.len() - 1, 0] {
        let mut changed = ciphertext.clone();
        changed[at] ^= 1;
        let changed = good.with_ciphertext(&changed);
        target.refuses(&changed.token(), "decryption_failed");
        target.refuses(&changed.with_tag(&zeros).token(), "decryption_failed");
    }
    target.refuses(&good.with_tag(&zeros).token(), "decryption_failed");
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

/// The attack on one block of a ciphertext, with any block in front of it: which of 256 values of
/// each byte of that one is answered differently from all others? The bytes of the plaintext that it
/// reads, as the cipher makes them, before the block in front is added; from the last to the first.
/// `known` stands for the bytes that it did not read, so that the others have the best chance.
fn vaudenay(
    block: &[u8],
    known: &[u8],
    mut ask: impl FnMut(&[u8], &[u8]) -> String,
) -> [Option<u8>; 16] {
    let mut before: [Option<u8>; 16] = [None; 16];
    for at in (0..16).rev() {
        let padding = (16 - at) as u8;
        let mut front = [0xa5; 16];
        for behind in at + 1..16 {
            front[behind] = before[behind].unwrap_or(known[behind]) ^ padding;
        }
        let answers: Vec<String> = (0..=255)
            .map(|guess| {
                front[at] = guess;
                ask(&front, block)
            })
            .collect();
        // With the last byte alone, a longer padding may be right by chance: the answer is the one
        // that stays when the byte in front of it is another.
        let odd: Vec<u8> = (0..=255u8)
            .filter(|guess| {
                let answer = &answers[usize::from(*guess)];
                answers.iter().filter(|other| *other == answer).count() < 128
            })
            .collect();
        let held = odd.into_iter().find(|guess| {
            if at == 0 {
                return true;
            }
            front[at] = *guess;
            front[at - 1] ^= 0xff;
            let stays = ask(&front, block) == answers[usize::from(*guess)];
            front[at - 1] ^= 0xff;
            stays
        });
        before[at] = held.map(|guess| guess ^ padding);
    }
    before
}

/// The same attack on a recipient that looks at the padding first and says that it is wrong reads the
/// whole block, so that it is not the attack that fails above.
#[test]
fn the_attack_reads_a_block_where_the_padding_is_looked_at_first() {
    // Any permutation serves as the block cipher of the toy.
    let cipher = |block: &[u8]| -> Vec<u8> {
        let add = |(at, byte): (usize, &u8)| byte.rotate_left(3).wrapping_add(at as u8 * 13 + 7);
        block.iter().enumerate().map(add).collect()
    };
    let inverse = |block: &[u8]| -> Vec<u8> {
        let take = |(at, byte): (usize, &u8)| byte.wrapping_sub(at as u8 * 13 + 7).rotate_right(3);
        block.iter().enumerate().map(take).collect()
    };
    let iv = [0x3c; 16];
    let mixed: Vec<u8> = SECRET.iter().zip(iv).map(|(text, iv)| text ^ iv).collect();
    let block = cipher(&mixed);
    assert_eq!(inverse(&block), mixed);
    let read = vaudenay(&block, &[0; 16], |front, block| {
        let text: Vec<u8> = inverse(block).iter().zip(front).map(|(text, iv)| text ^ iv).collect();
        let padding = usize::from(text[15]);
        let right = (1..=16).contains(&padding)
            && text[16 - padding..].iter().all(|byte| usize::from(*byte) == padding);
        if right { "the tag is wrong".to_owned() } else { "the padding is wrong".to_owned() }
    });
    let text: Vec<u8> =
        read.iter().zip(iv).map(|(before, iv)| before.expect("every byte is read") ^ iv).collect();
    assert_eq!(text, SECRET);
}
