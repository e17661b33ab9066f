//! A CEK of another length than the `enc` has, properly wrapped, and content sealed with what a
//! careless recipient would make of it: cut, padded with zeros, or all zeros. And CEKs that a
//! careless sender would draw: zeros, or one twice.

use std::collections::HashSet;
use std::sync::Arc;

use jwe::{Alg, Backend, BackendError, Direction, Enc, Encrypter, KeyMaterial, KeyRejected};
use jwe_core::{EncryptionKeyImport, SenderContext, SenderKey, WrapKey};
use jwe_tests::forge::{Forge, wrap};
use jwe_tests::parts::Parts;
use jwe_tests::textbook_rsa::{Oaep, TextbookRsa};
use jwe_tests::{base64url, keys, random};

use crate::target::{PLAINTEXT, Target};

const LENGTHS: [usize; 16] = [0, 1, 8, 15, 16, 17, 24, 31, 32, 33, 40, 48, 56, 63, 64, 65];

pub(crate) fn check(backend: &'static Backend) {
    let mut right = 0;
    for target in Target::rsa(backend) {
        let rsa = TextbookRsa::of(&target.jwk);
        for len in LENGTHS.into_iter().chain([128, 190]) {
            let block = |cek: &[u8]| rsa.encrypt(&Oaep::default().block(rsa.modulus_len(), cek));
            right += wrapped(&target, len, block, "decryption_failed");
        }
    }
    for target in Target::every(backend, Enc::ALL, |alg| {
        matches!(alg, Alg::A128Kw | Alg::A192Kw | Alg::A256Kw)
    }) {
        for len in LENGTHS {
            // RFC 3394 wraps two blocks or more of 8 bytes.
            if !(16..=64).contains(&len) || len % 8 != 0 {
                continue;
            }
            let block = |cek: &[u8]| wrap(target.backend, &target.jwk, cek);
            right += wrapped(&target, len, block, "part_length");
        }
    }
    // Each `enc` with RSA and with three lengths of AES key wrap; ring has no RSA keys to decrypt with,
    // and no AES-192-GCM.
    assert_eq!(right, if backend.name() == "ring" { 5 * 3 } else { 6 * (1 + 3) });
    drawn(backend);
}

/// A CEK of `len` bytes under what a recipient might make of it. One of them is right where the
/// length is; returns how many were.
fn wrapped(target: &Target, len: usize, wrap: impl Fn(&[u8]) -> Vec<u8>, code: &str) -> usize {
    let (backend, enc) = (target.backend, target.enc);
    let cek: Vec<u8> = (0..len).map(|at| at as u8 + 1).collect();
    let encrypted_key = wrap(&cek);
    let mut cut = cek.clone();
    cut.resize(enc.cek_len(), 0);
    let mut repeated = cek.clone();
    if len > 0 {
        repeated = cek.iter().copied().cycle().take(enc.cek_len()).collect();
    } else {
        repeated.resize(enc.cek_len(), 0xff);
    }
    let mut behind = vec![0; enc.cek_len().saturating_sub(len)];
    behind.extend(cek.iter().take(enc.cek_len()));
    let mut right = 0;
    for cek_used in [cut, repeated, behind, vec![0; enc.cek_len()]] {
        let forge =
            Forge { backend, enc, cek: cek_used.clone(), encrypted_key: encrypted_key.clone() };
        let parts = forge.seal(&target.good.header_json(), None, PLAINTEXT);
        if cek_used == cek {
            assert_eq!(*target.decrypter.decrypt(&parts.token()).unwrap(), PLAINTEXT);
            right = 1;
        } else if len == enc.cek_len() {
            target.refuses_parts(&parts, "decryption_failed");
        } else {
            target.refuses_parts(&parts, code);
        }
    }
    right
}

/// A key that wraps nothing: the encrypted key is the CEK, so that it can be looked at, and as cheap
/// as it gets.
struct Clear;

static CLEAR: Clear = Clear;

impl EncryptionKeyImport for Clear {
    fn alg(&self) -> Alg {
        Alg::A128Kw
    }

    fn implementation(&self) -> &'static str {
        "no security"
    }

    fn import(&self, _: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Wrap(Arc::new(Self)))
    }
}

impl WrapKey for Clear {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        cek_len
    }

    fn wrap_key(
        &self,
        _: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        encrypted_key.copy_from_slice(cek);
        Ok(())
    }
}

/// The CEKs of a million messages, without optimization of a tenth, each with the content encryption
/// and the random source of the backend. Ten million, over threads and a fork, is another check.
fn drawn(backend: &'static Backend) {
    static SENDERS: [&dyn EncryptionKeyImport; 1] = [&CLEAR];
    let messages = random::cases(if cfg!(debug_assertions) { 100_000 } else { 1_000_000 });
    for (enc, share) in [(Enc::A128Gcm, 1), (Enc::A256Gcm, 10), (Enc::A256CbcHs512, 10)] {
        let content = backend.content_encryption(enc, Direction::Encrypt).unwrap();
        let contents: &'static _ = Box::leak(Box::new([content]));
        let clear = Backend::new("clear", backend.random(), |_| [0; 32])
            .with_encryption_keys(&SENDERS)
            .with_content_encryption(contents);
        let sender = keys::sender(&clear, &keys::oct(16), Alg::A128Kw);
        let encrypter = Encrypter::new(&clear, &sender, enc).unwrap();
        let mut seen = HashSet::new();
        let mut token = Vec::new();
        for _ in 0..messages / share {
            token.clear();
            encrypter.encrypt_into(b"", &mut token).unwrap();
            let mut parts = token.split(|byte| *byte == b'.');
            let cek = parts.nth(1).unwrap();
            assert!(cek.iter().any(|letter| *letter != b'A'), "a CEK of zeros");
            // Nor does one begin or end as another: of CBC the halves are two keys.
            assert!(seen.insert(cek[..20].to_vec()) && seen.insert(cek[cek.len() - 20..].to_vec()));
        }
        // What is drawn is what seals.
        let parts = Parts::of(str::from_utf8(&token).unwrap());
        let cek = base64url::decode(&parts.encrypted_key);
        let mut text = base64url::decode(&parts.ciphertext);
        let (iv, tag) = (base64url::decode(&parts.iv), base64url::decode(&parts.tag));
        assert_eq!(content.open(&cek, &iv, parts.header.as_bytes(), &mut text, &tag), Ok(0));
    }
}
