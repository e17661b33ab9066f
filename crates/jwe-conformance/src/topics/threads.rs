use jwe_core::{Backend, Enc, RecipientContext, SenderContext, UNWRAP_BUFFER_LEN};

use crate::support::attempt::Site;
use crate::support::bytes::flipped;
use crate::support::managed::{Recipient, Sender};
use crate::support::reference::key_management;
use crate::support::reference::oaep;
use crate::support::sealed::Sealed;
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::ways::Way;
use crate::support::{engine, keys, prepared};

const THREADS: usize = 8;
const TURNS: usize = 40;

/// Prepared keys, content encryption objects, encrypters and decrypters give right answers when
/// eight threads use them at once; what one thread is refused does the others no harm.
///
/// # Panics
/// When the backend does not conform.
pub fn threads(backend: &Backend) {
    for alg in prepared::rsa_encryption(backend) {
        let key = keys::rsa("2048");
        let prepared = prepared::wrapping(backend, alg, key);
        at_once(|thread| {
            let site = Site::new(backend, alg);
            let mut context = SenderContext::new(Enc::A256Gcm, backend.random());
            let cek = Seeded::new(&format!("threads {thread}")).bytes(32);
            let mut encrypted = vec![0; prepared.encrypted_key_len(32)];
            for turn in 0..TURNS {
                site.accepts("wrapping in 8 threads", || {
                    prepared.wrap_key(&mut context, &cek, &mut encrypted)
                });
                // The kit's own private operation is slow.
                if turn.is_multiple_of(10) {
                    let read = oaep::decrypt(alg, key, &encrypted);
                    site.holds("wrapping in 8 threads", read.as_ref() == Ok(&cek), "a wrong CEK");
                }
            }
        });
    }
    for alg in prepared::rsa_decryption(backend) {
        let key = keys::rsa("2048");
        let prepared = prepared::unwrapping(backend, alg, key);
        at_once(|thread| {
            let site = Site::new(backend, alg);
            let context = RecipientContext::new(Enc::A256Gcm);
            let mut random = Seeded::new(&format!("threads {thread}"));
            let cek = random.bytes(32);
            let encrypted = oaep::encrypt(alg, key, &cek, &mut random);
            for _ in 0..TURNS {
                let mut out = vec![0; UNWRAP_BUFFER_LEN];
                let len = site.accepts("unwrapping in 8 threads", || {
                    prepared.unwrap_key(&context, &encrypted, &mut out)
                });
                site.same("unwrapping in 8 threads", "the CEK", &out[..len], &cek);
                // A number below the modulus whose power is no encoding.
                site.refuses("01 in all bytes, in 8 threads", || {
                    prepared.unwrap_key(&context, &vec![1; encrypted.len()], &mut out)
                });
            }
        });
    }
    for way in Way::all().filter(|way| !way.alg.is_rsa()) {
        key_management(backend, way);
    }
    for object in prepared::content(backend) {
        at_once(|thread| {
            let mut random = Seeded::new(&format!("threads {thread}"));
            for _ in 0..TURNS {
                let plaintext = random.bytes(500);
                let sealed = Sealed::new(backend, object, &plaintext, 30, &mut random);
                let opened = sealed.opens(backend, object, "8 threads");
                Site::new(backend, object.enc()).same(
                    "8 threads",
                    "the plaintext",
                    &opened,
                    &plaintext,
                );
            }
        });
    }
    // The contents are above.
    for pair in engine::pairs(backend).into_iter().filter(|pair| pair.first) {
        if let (Some(encrypter), Some(decrypter)) = (pair.encrypter(), pair.decrypter()) {
            at_once(|thread| {
                let mut random = Seeded::new(&format!("threads {thread}"));
                for _ in 0..TURNS / 4 {
                    let plaintext = random.bytes(100);
                    let token = pair.site.accepts("8 threads", || encrypter.encrypt(&plaintext));
                    let got = pair.site.accepts("8 threads", || decrypter.decrypt(&token));
                    pair.site.same("8 threads", "the plaintext", &got, &plaintext);
                }
            });
        }
    }
}

/// All but RSA: what is sent is read, by the backend if it can, and what the kit sent is, too.
fn key_management(backend: &Backend, way: Way) {
    const CASE: &str = "8 threads";
    let enc = Enc::A256Gcm;
    let secret = Secret::of(way, enc);
    let sender = Sender::new(backend, way, &secret);
    let recipient = Recipient::new(backend, way, &secret);
    at_once(|thread| {
        let mut random = Seeded::new(&format!("threads {thread}"));
        for _ in 0..TURNS / 8 {
            let cek = random.bytes(enc.cek_len());
            let params = key_management::params(way.alg, &mut random);
            let sent = sender.as_ref().map(|sender| sender.sends(CASE, enc, &cek, &params));
            if let Some(recipient) = &recipient {
                let kit = key_management::encrypt(way.alg, &secret, enc, &cek, params, &mut random);
                for sent in sent.into_iter().chain([kit]) {
                    let got = recipient.receives(CASE, enc, &sent.params, &sent.encrypted_key);
                    recipient.site.same(CASE, "the CEK", &got, &sent.cek);
                    if let Some(last) = sent.encrypted_key.len().checked_sub(1) {
                        let changed = flipped(&sent.encrypted_key, last, 0);
                        recipient.refuses("a change, in 8 threads", enc, &sent.params, &changed);
                    }
                }
            }
        }
    });
}

/// Calls `work` in all threads, which begin together; a panic in one is passed on.
fn at_once(work: impl Fn(usize) + Sync) {
    let barrier = std::sync::Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let (barrier, work) = (&barrier, &work);
        let running: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    barrier.wait();
                    work(thread);
                })
            })
            .collect();
        for thread in running {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}
