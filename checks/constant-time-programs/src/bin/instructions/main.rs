//! Decrypts one message after the other under callgrind, each failing in its own way, and has the
//! instructions of each decryption counted apart.
//!
//! The counts are in the files that callgrind writes, named by a number; this prints what was
//! decrypted under each number: the kind of count, the backend, the algorithms and the way in which it
//! failed. `checks/constant-time` reads both.

mod broken;
mod oaep;
mod wrapped;

use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

use crabgrind::RunMode;
use crabgrind::callgrind::{dump_stats, start_instrumentation, stop_instrumentation, zero_stats};
use jwe::{Alg, Backend, DecryptError, Decrypter, DecryptionKey, Enc, Jwk};
use jwe_core::{RecipientContext, RecipientKey, UNWRAP_BUFFER_LEN, UnwrapKey};
use jwe_tests::capability::{backends, encs, rsa_recipients};
use jwe_tests::keys;

use crate::broken::Broken;

/// How often each way to fail is counted, with another message each time. Work that libraries do
/// now and then, such as new factors for blinding, is in few of the counts.
const ROUNDS: usize = 15;
/// The same for key agreement, where each count is a little different.
const ROUNDS_OF_AGREEMENT: usize = 121;

/// How a message is decrypted.
#[derive(Clone, Copy)]
enum Way {
    /// By the decrypter, as a program does.
    Whole,
    /// In two steps, with the key operation in between done by this program.
    TwoSteps,
    /// In two steps, giving up at once where the key can't be unwrapped: the control.
    GivingUp,
}

/// A decrypter, and the key beneath for those ways that need it.
struct Subject {
    way: Way,
    decrypter: Decrypter,
    unwrap: Option<Arc<dyn UnwrapKey>>,
    enc: Enc,
    title: String,
    rounds: usize,
}

impl Subject {
    fn new(way: Way, backend: &'static Backend, jwk: &Jwk, alg: Alg, enc: Enc) -> Self {
        let key: DecryptionKey = keys::recipient(backend, jwk, alg);
        let unwrap = match way {
            Way::Whole => None,
            Way::TwoSteps | Way::GivingUp => {
                let (_, import) =
                    backend.decryption_key_import(alg, jwk.curve()).expect("a listed alg");
                match import.import(jwk.material()) {
                    Ok(RecipientKey::Unwrap(key)) => Some(key),
                    _ => panic!("a key that unwraps"),
                }
            }
        };
        let decrypter = Decrypter::new(backend, [key], &[enc]).expect("a decrypter");
        let kind = match way {
            Way::Whole => "decryption",
            Way::TwoSteps => "in two steps",
            Way::GivingUp => "control",
        };
        let title = format!("{kind}|{}|{alg}|{enc}", backend.name());
        let rounds = if alg.is_ecdh() { ROUNDS_OF_AGREEMENT } else { ROUNDS };
        Self { way, decrypter, unwrap, enc, title, rounds }
    }

    fn decrypt(&self, token: &str, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let Some(unwrap) = &self.unwrap else { return self.decrypter.decrypt_into(token, out) };
        let pending = self.decrypter.begin(token)?;
        let mut cek = [0; UNWRAP_BUFFER_LEN];
        let context = RecipientContext::new(self.enc);
        let unwrapped = unwrap.unwrap_key(&context, pending.encrypted_key(), &mut cek);
        match (self.way, unwrapped) {
            (Way::GivingUp, Err(_)) => Err(DecryptError::DecryptionFailed),
            (_, unwrapped) => {
                let cek = unwrapped.ok().and_then(|len| cek.get(..len));
                pending.complete(cek, out)
            }
        }
    }

    /// Counts each way to fail in turn, so that none always comes after the same other one.
    fn count(&self, broken: &[Broken], numbers: &mut Range<u32>) {
        let make = |broken: &Broken| (0..self.rounds).map(|_| (broken.make)()).collect();
        let ways: Vec<Vec<String>> = broken.iter().map(make).collect();
        let len = ways[0][0].len();
        assert!(ways.iter().flatten().all(|token| token.len() == len), "{}", self.title);
        // What callgrind is given is of one length too, as its own copy of it is counted.
        let names: Vec<String> = broken
            .iter()
            .map(|broken| {
                let number = numbers.next().expect("a number").to_string();
                println!("{number}|{}|{}", self.title, broken.name);
                number
            })
            .collect();
        let mut out = Vec::with_capacity(4096);
        let mut fail = |token: &String| {
            let outcome = black_box(self).decrypt(black_box(token), &mut out);
            assert_eq!(outcome.map_err(|error| error.code()), Err("decryption_failed"));
        };
        start_instrumentation();
        for tokens in &ways {
            fail(&tokens[0]);
        }
        for round in 0..self.rounds {
            for at in 0..ways.len() {
                let way = (at + round) % ways.len();
                zero_stats();
                fail(&ways[way][round]);
                dump_stats(names[way].as_str());
            }
        }
        stop_instrumentation();
    }
}

fn main() {
    assert_eq!(crabgrind::run_mode(), RunMode::Valgrind, "this runs under valgrind");
    let mut numbers = 1000..10_000;
    for backend in rsa_recipients() {
        let (jwk, alg) = (keys::rsa(2048), Alg::RsaOaep256);
        for enc in [Enc::A256Gcm, Enc::A256CbcHs512] {
            let broken = oaep::broken(backend, &jwk, enc);
            Subject::new(Way::Whole, backend, &jwk, alg, enc).count(&broken, &mut numbers);
            if enc == Enc::A256Gcm {
                Subject::new(Way::TwoSteps, backend, &jwk, alg, enc).count(&broken, &mut numbers);
                Subject::new(Way::GivingUp, backend, &jwk, alg, enc).count(&broken, &mut numbers);
            }
        }
    }
    for backend in backends().iter().copied() {
        for (alg, enc) in [
            (Alg::A128Kw, Enc::A256Gcm),
            (Alg::A192Kw, Enc::A256Gcm),
            (Alg::A256Kw, Enc::A256Gcm),
            (Alg::A256Kw, Enc::A256CbcHs512),
        ] {
            let jwk = keys::key_for(alg, enc);
            let broken = wrapped::aes_kw(backend, &jwk, alg, enc);
            Subject::new(Way::Whole, backend, &jwk, alg, enc).count(&broken, &mut numbers);
        }
        let (alg, enc) = (Alg::A256GcmKw, Enc::A256Gcm);
        let jwk = keys::key_for(alg, enc);
        let broken = wrapped::aes_gcm_kw(backend, &jwk, alg, enc);
        Subject::new(Way::Whole, backend, &jwk, alg, enc).count(&broken, &mut numbers);
        for enc in encs(backend) {
            let jwk = keys::key_for(Alg::Dir, enc);
            let broken = broken::content(backend, &jwk, Alg::Dir, enc);
            Subject::new(Way::Whole, backend, &jwk, Alg::Dir, enc).count(&broken, &mut numbers);
        }
    }
    for backend in rsa_recipients() {
        let (alg, enc) = (Alg::EcdhEsA256Kw, Enc::A256Gcm);
        let (jwk, broken) = wrapped::agreed(backend, alg, enc);
        Subject::new(Way::Whole, backend, &jwk, alg, enc).count(&broken, &mut numbers);
    }
}
