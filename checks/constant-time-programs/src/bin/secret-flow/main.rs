//! Decrypts under memcheck with secrets that memcheck takes for uninitialised memory: it reports each
//! branch and each address that depends on one.
//!
//! Secret are: what unwrapping gives, whether it gave anything and how long that is; the random CEK
//! that may stand in for it; shared keys and passwords; agreed secrets; and all that follows from
//! them, the expected tag among it. Public is whether a message was opened at last, and then its
//! plaintext. `verdicts.supp` names the places where that is decided.
//!
//! Without an argument all backends run. With `comparison` or `early-return` it is a control, which
//! memcheck must report.

mod controls;
mod hidden;
mod marks;

use std::sync::atomic::{AtomicUsize, Ordering};

use crabgrind::RunMode;
use jwe::{
    Alg, Backend, Curve, Decrypter, DecryptionKey, Enc, Encrypter, Jwk, KeyMaterial, KeyOptions,
    Kid, OctKey, Zeroizing,
};
use jwe_tests::capability::{backends, encs};
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, keys};

use crate::hidden::hidden_in;
use crate::marks::{hide, reveal, reveal_bytes};

const PLAINTEXT: &[u8] = b"forty bytes are three blocks of AES, or so";

/// Opens a message, and holds the outcome against the expected one.
fn decrypt(decrypter: &Decrypter, parts: &Parts, opens: bool, what: &str) {
    let mut out = Vec::with_capacity(256);
    let mut outcome = decrypter.decrypt_into(&parts.token(), &mut out).is_ok();
    reveal(&mut outcome);
    assert_eq!(outcome, opens, "{what}");
    reveal_bytes(&out);
    assert_eq!(out, if opens { PLAINTEXT } else { b"" }, "{what}");
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    let errors = crabgrind::count_errors();
    if SEEN.swap(errors, Ordering::Relaxed) != errors {
        eprintln!("the last report of memcheck is about {what}");
    }
}

/// The message as it should be, and in the ways in which it fails.
fn ways(good: &Parts, enc: Enc, flipped_key: bool) -> Vec<(&'static str, Parts, bool)> {
    let changed = |part: &str| {
        let mut bytes = base64url::decode(part);
        *bytes.last_mut().expect("a byte") ^= 1;
        bytes
    };
    let mut ways = vec![
        ("good", good.clone(), true),
        ("wrong tag", good.with_tag(&changed(&good.tag)), false),
        ("tag of zeros", good.with_tag(&vec![0; enc.tag_len()]), false),
        ("wrong ciphertext", good.with_ciphertext(&changed(&good.ciphertext)), false),
    ];
    if flipped_key {
        let encrypted_key = changed(&good.encrypted_key);
        ways.push(("wrong encrypted key", good.with_encrypted_key(&encrypted_key), false));
    }
    ways
}

fn encrypt(backend: &'static Backend, jwk: &Jwk, alg: Alg, enc: Enc) -> Parts {
    let options = KeyOptions::new().with_alg(alg).with_kid(Kid::Omit).ignore_declared_usage();
    let key = jwe::EncryptionKey::import(backend, jwk, &options).expect("a sender's key");
    let encrypter =
        Encrypter::builder(backend, &key, enc).with_iterations(1000).build().expect("an encrypter");
    Parts::of(&encrypter.encrypt(PLAINTEXT).expect("a message"))
}

fn decrypter(
    backend: &'static Backend,
    hidden: &'static Backend,
    jwk: &Jwk,
    alg: Alg,
    enc: Enc,
) -> Decrypter {
    let options = KeyOptions::new().with_alg(alg).with_kid(Kid::Omit).ignore_declared_usage();
    let importing =
        if hidden.decryption_key_import(alg, jwk.curve()).is_ok() { hidden } else { backend };
    let key = DecryptionKey::import(importing, jwk, &options).expect("a recipient's key");
    Decrypter::new(hidden, [key], &[enc]).expect("a decrypter").allow_pbes2(1000)
}

/// A shared key whose bytes are secret from here on. Copies of it are, too.
fn hidden_oct(len: usize) -> (Jwk, Jwk) {
    let bytes: Vec<u8> = (0..len).map(|at| (at * 37 + 11) as u8).collect();
    let oct = || KeyMaterial::Oct(OctKey::new(Zeroizing::new(bytes.clone())).expect("a key"));
    let (clear, secret) = (oct(), oct());
    if let KeyMaterial::Oct(key) = &secret {
        hide(key.as_bytes());
    }
    (Jwk::from_material(clear), Jwk::from_material(secret))
}

/// Every algorithm of the backend that unwraps, or derives from an agreed secret, with one `enc`; one
/// of them with every `enc`.
fn run(backend: &'static Backend) -> usize {
    let hidden = hidden_in(backend);
    let mut decrypted = 0;
    let mut check = |jwk: &Jwk, secret: &Jwk, alg: Alg, enc: Enc| {
        let good = encrypt(backend, jwk, alg, enc);
        let decrypter = decrypter(backend, hidden, secret, alg, enc);
        for (name, parts, opens) in ways(&good, enc, !good.encrypted_key.is_empty()) {
            decrypt(&decrypter, &parts, opens, &format!("{backend} {alg} {enc}: {name}"));
            decrypted += 1;
        }
    };
    let listed = |alg, curve| backend.decryption_key_import(alg, curve).is_ok();
    for alg in Alg::ALL.iter().copied() {
        if alg.is_rsa() && listed(alg, None) {
            let jwk = keys::rsa(2048);
            let encs = if alg == Alg::RsaOaep256 { encs(backend) } else { vec![Enc::A256Gcm] };
            for enc in encs {
                check(&jwk, &jwk, alg, enc);
            }
        } else if alg.is_ecdh() {
            for curve in [Curve::P256, Curve::X25519] {
                if listed(alg, Some(curve)) {
                    let jwk = keys::ec(curve);
                    check(&jwk, &jwk, alg, Enc::A256Gcm);
                }
            }
        } else if alg == Alg::Dir {
            for enc in encs(backend) {
                let (clear, secret) = hidden_oct(enc.cek_len());
                check(&clear, &secret, alg, enc);
            }
        } else if listed(alg, None) && !alg.is_rsa() {
            let (clear, secret) =
                hidden_oct(alg.kek_len().filter(|_| !alg.is_pbes2()).unwrap_or(40));
            for enc in [Enc::A256Gcm, Enc::A256CbcHs512] {
                check(&clear, &secret, alg, enc);
            }
        }
    }
    if backend.decryption_key_import(Alg::RsaOaep256, None).is_ok() {
        // A CEK of another length, properly encrypted.
        for (made, opened) in [(Enc::A128Gcm, Enc::A256Gcm), (Enc::A256CbcHs512, Enc::A256Gcm)] {
            let jwk = keys::rsa(2048);
            let other = encrypt(backend, &jwk, Alg::RsaOaep256, made);
            let good = encrypt(backend, &jwk, Alg::RsaOaep256, opened);
            let parts = Parts { encrypted_key: other.encrypted_key, ..good };
            let decrypter = decrypter(backend, hidden, &jwk, Alg::RsaOaep256, opened);
            decrypt(&decrypter, &parts, false, &format!("{backend}: a CEK for {made}"));
            decrypted += 1;
        }
    }
    decrypted
}

fn main() {
    assert_eq!(crabgrind::run_mode(), RunMode::Valgrind, "this runs under valgrind");
    match std::env::args().nth(1).as_deref() {
        None => {
            for backend in backends().iter().copied() {
                println!("{backend}: {} decryptions", run(backend));
            }
        }
        Some("comparison") => controls::comparison(),
        Some("early-return") => controls::early_return(),
        Some(other) => panic!("there is no control {other}"),
    }
}
