//! What the engine allocates for one message. Only allocations of Rust code are counted, those of
//! the C libraries are not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step has to stop the test")]

use std::sync::Arc;

use allocation_counter::measure;
use jwe::{
    Alg, Backend, BackendError, Decrypter, Direction, Enc, Encrypter, Jwk, KeyMaterial,
    KeyRejected, SharedCekMemory,
};
use jwe_core::{
    ContentEncryption, DecryptionKeyImport, EncryptionKeyImport, RandomSource, RecipientContext,
    RecipientKey, SenderContext, SenderKey, UNWRAP_BUFFER_LEN, UnwrapKey, WrapKey,
};
use jwe_fields::{
    Binding, DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Padding, Scratch,
    Selector, ShareCek,
};
use jwe_tests::capability::{backends, rsa_recipients};
use jwe_tests::parts::Parts;
use jwe_tests::skip::say;
use jwe_tests::{base64url, keys};

/// How often each way of working allocates once its buffers are warm.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    encrypt: u64,
    encrypt_into: u64,
    encrypt_in_place: u64,
    decrypt: u64,
    decrypt_into: u64,
}

fn count(work: impl FnMut()) -> u64 {
    let mut work = work;
    // The first time may set something up that stays.
    work();
    let info = measure(&mut work);
    assert_eq!(info.bytes_current, 0, "something was kept");
    info.count_total
}

fn counts(
    backend: &'static Backend,
    recipient: &'static Backend,
    alg: Alg,
    enc: Enc,
    jwk: &Jwk,
) -> Counts {
    let encrypter = Encrypter::new(backend, &keys::sender(backend, jwk, alg), enc).unwrap();
    let key = keys::recipient(recipient, jwk, alg);
    let decrypter = Decrypter::new(recipient, [key], &[enc]).unwrap();
    let plaintext = [b'p'; 1000];
    let token = encrypter.encrypt(&plaintext).unwrap();

    let encrypt = count(|| drop(encrypter.encrypt(&plaintext).unwrap()));
    let mut out = Vec::new();
    let encrypt_into = count(|| {
        out.clear();
        encrypter.encrypt_into(&plaintext, &mut out).unwrap();
    });
    let mut buffer = Vec::new();
    let encrypt_in_place = count(|| {
        out.clear();
        buffer.extend_from_slice(&plaintext);
        encrypter.encrypt_in_place(&mut buffer, &mut out).unwrap();
    });
    let decrypt = count(|| drop(decrypter.decrypt(&token).unwrap()));
    let mut opened = Vec::new();
    let decrypt_into = count(|| {
        opened.clear();
        decrypter.decrypt_into(&token, &mut opened).unwrap();
    });
    assert_eq!(opened, plaintext);
    Counts { encrypt, encrypt_into, encrypt_in_place, decrypt, decrypt_into }
}

/// The engine's own: one for the token, one for the plaintext, none where the caller brings the
/// buffers.
const ENGINE: Counts =
    Counts { encrypt: 1, encrypt_into: 0, encrypt_in_place: 0, decrypt: 1, decrypt_into: 0 };

/// A backend that allocates nothing and protects nothing.
mod toy {
    use super::*;

    pub(super) static TOY: Backend = Backend::new("toy", &Toy, |_| [0; 32])
        .with_encryption_keys(&[&Toy])
        .with_decryption_keys(&[&Toy])
        .with_content_encryption(&[&Gcm, &Cbc]);

    const MODULUS_LEN: usize = 256;

    struct Toy;
    struct Gcm;
    struct Cbc;

    impl RandomSource for Toy {
        fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
            dest.fill(7);
            Ok(())
        }
    }

    impl EncryptionKeyImport for Toy {
        fn alg(&self) -> Alg {
            Alg::RsaOaep256
        }
        fn implementation(&self) -> &'static str {
            "toy"
        }
        fn import(&self, _: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
            Ok(SenderKey::Wrap(Arc::new(Self)))
        }
    }

    impl DecryptionKeyImport for Toy {
        fn alg(&self) -> Alg {
            Alg::RsaOaep256
        }
        fn implementation(&self) -> &'static str {
            "toy"
        }
        fn import(&self, _: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
            Ok(RecipientKey::Unwrap(Arc::new(Self)))
        }
    }

    impl WrapKey for Toy {
        fn encrypted_key_len(&self, _: usize) -> usize {
            MODULUS_LEN
        }
        fn wrap_key(
            &self,
            _: &mut SenderContext<'_>,
            cek: &[u8],
            encrypted_key: &mut [u8],
        ) -> Result<(), BackendError> {
            let (start, rest) = encrypted_key.split_at_mut(cek.len());
            start.copy_from_slice(cek);
            rest.fill(0);
            Ok(())
        }
    }

    impl UnwrapKey for Toy {
        fn encrypted_key_len(&self, _: usize) -> usize {
            MODULUS_LEN
        }
        fn unwrap_key(
            &self,
            context: &RecipientContext<'_>,
            encrypted_key: &[u8],
            out: &mut [u8],
        ) -> Result<usize, BackendError> {
            let (start, _) = out.split_at_mut(MODULUS_LEN);
            start.copy_from_slice(encrypted_key);
            Ok(context.enc().cek_len())
        }
    }

    impl ContentEncryption for Gcm {
        fn enc(&self) -> Enc {
            Enc::A256Gcm
        }
        fn implementation(&self) -> &'static str {
            "toy"
        }
        fn seal(
            &self,
            _: &[u8],
            _: &[u8],
            _: &[u8],
            _: &mut [u8],
            _: usize,
            tag: &mut [u8],
        ) -> Result<(), BackendError> {
            tag.fill(0);
            Ok(())
        }
        fn open(
            &self,
            _: &[u8],
            _: &[u8],
            _: &[u8],
            buf: &mut [u8],
            _: &[u8],
        ) -> Result<usize, BackendError> {
            Ok(buf.len())
        }
    }

    impl ContentEncryption for Cbc {
        fn enc(&self) -> Enc {
            Enc::A256CbcHs512
        }
        fn implementation(&self) -> &'static str {
            "toy"
        }
        fn seal(
            &self,
            _: &[u8],
            _: &[u8],
            _: &[u8],
            buf: &mut [u8],
            plaintext_len: usize,
            tag: &mut [u8],
        ) -> Result<(), BackendError> {
            let padding = buf.len() - plaintext_len;
            buf.last_mut().map(|last| *last = padding as u8).ok_or(BackendError)?;
            tag.fill(0);
            Ok(())
        }
        fn open(
            &self,
            _: &[u8],
            _: &[u8],
            _: &[u8],
            buf: &mut [u8],
            _: &[u8],
        ) -> Result<usize, BackendError> {
            let padding = buf.last().copied().map(usize::from).ok_or(BackendError)?;
            buf.len().checked_sub(padding).ok_or(BackendError)
        }
    }
}

#[test]
fn the_engine_allocates_the_result_and_nothing_else() {
    let jwk = keys::rsa(2048);
    for enc in [Enc::A256Gcm, Enc::A256CbcHs512] {
        let counts = counts(&toy::TOY, &toy::TOY, Alg::RsaOaep256, enc, &jwk);
        assert_eq!(counts, ENGINE, "{enc}");
    }
}

/// What the Rust code of a library allocates for each message beside the engine: aws-lc-rs holds
/// the context of AES-CBC on the heap.
fn beside(backend: &Backend, enc: Enc) -> u64 {
    u64::from(backend.name() == "aws-lc-rs" && enc.is_cbc())
}

/// The engine's allocations and those of the sender's and of the recipient's library.
fn expected(sender: u64, recipient: u64) -> Counts {
    Counts {
        encrypt: ENGINE.encrypt + sender,
        encrypt_into: ENGINE.encrypt_into + sender,
        encrypt_in_place: ENGINE.encrypt_in_place + sender,
        decrypt: ENGINE.decrypt + recipient,
        decrypt_into: ENGINE.decrypt_into + recipient,
    }
}

#[test]
fn direct_encryption_on_every_backend() {
    for backend in backends().iter().copied() {
        for enc in jwe_tests::capability::encs(backend) {
            let jwk = keys::oct(enc.cek_len());
            let counts = counts(backend, backend, Alg::Dir, enc, &jwk);
            say(format_args!("allocations of dir with {enc} on {backend}: {counts:?}"));
            let beside = beside(backend, enc);
            assert_eq!(counts, expected(beside, beside), "{enc} on {backend}");
        }
    }
}

#[test]
fn rsa_on_every_backend() {
    let jwk = keys::rsa(2048);
    for backend in backends().iter().copied() {
        let recipient = if backend.decryption_key_import(Alg::RsaOaep256, None).is_ok() {
            backend
        } else {
            backends().first().copied().unwrap()
        };
        for enc in jwe_tests::capability::encs(backend) {
            let counts = counts(backend, recipient, Alg::RsaOaep256, enc, &jwk);
            say(format_args!(
                "allocations of RSA-OAEP-256 with {enc} from {backend} to {recipient}: {counts:?}"
            ));
            let unwrapping = unwrapping(recipient, &jwk);
            let expected =
                expected(beside(backend, enc), beside(recipient, enc) + unwrapping.success);
            assert_eq!(counts, expected, "{enc} from {backend} to {recipient}");
        }
    }
}

/// What a backend's own private-key operation allocates, by its outcome.
struct Unwrapping {
    success: u64,
    failure: u64,
}

fn unwrapping(backend: &'static Backend, jwk: &Jwk) -> Unwrapping {
    let alg = Alg::RsaOaep256;
    let (_, import) = backend.decryption_key_import(alg, None).unwrap();
    let RecipientKey::Unwrap(key) = import.import(jwk.material()).unwrap() else {
        panic!("an RSA key unwraps")
    };
    let sender = keys::sender(backend, jwk, alg);
    let token = Encrypter::new(backend, &sender, Enc::A256Gcm).unwrap().encrypt(b"").unwrap();
    let good = base64url::decode(&Parts::of(&token).encrypted_key);
    let mut bad = good.clone();
    bad.reverse();
    bad.first_mut().map(|byte| *byte = 1).unwrap();
    let context = RecipientContext::new(Enc::A256Gcm);
    let mut out = [0; UNWRAP_BUFFER_LEN];
    let success = count(|| assert!(key.unwrap_key(&context, &good, &mut out).is_ok()));
    let failure = count(|| assert!(key.unwrap_key(&context, &bad, &mut out).is_err()));
    Unwrapping { success, failure }
}

/// aws-lc-rs needs none. The errors of OpenSSL are values on the heap, and the josekit backend
/// makes some after a success, too, so that the two take about the same time.
#[test]
fn unwrapping_allocates_little_whether_it_succeeds_or_not() {
    let jwk = keys::rsa(2048);
    for backend in rsa_recipients() {
        let Unwrapping { success, failure } = unwrapping(backend, &jwk);
        say(format_args!(
            "allocations of unwrapping on {backend}: {success} after a success, {failure} after a failure"
        ));
        let most = if backend.name() == "josekit" { 8 } else { 0 };
        assert!(success <= most && failure <= most, "{backend}: {success}, {failure}");
    }
}

/// What the Rust code of a library allocates for the key step of one message. aws-lc-rs copies the
/// key of AES key wrap for each use, and of a key agreement the public key and the agreed secret;
/// josekit's sender has its ephemeral public key from OpenSSL as a copy.
fn for_key_step(backend: &Backend, alg: Alg, sends: bool) -> u64 {
    let wraps = matches!(alg, Alg::A256Kw | Alg::EcdhEsA256Kw);
    match backend.name().as_str() {
        "aws-lc-rs" => u64::from(wraps) + if alg.is_ecdh() { 2 } else { 0 },
        "josekit" => u64::from(alg.is_ecdh() && sends),
        _ => 0,
    }
}

/// For no algorithm does the engine allocate anything but the result, as ring shows, whose Rust code
/// allocates nothing at all.
#[test]
fn key_management_on_every_backend() {
    let mut counted = 0;
    for backend in backends().iter().copied() {
        for alg in [Alg::A256Kw, Alg::A256GcmKw, Alg::EcdhEs, Alg::EcdhEsA256Kw] {
            for jwk in keys::of_every_kind(alg, Enc::A256Gcm) {
                if !keys::takes(backend, Direction::Encrypt, alg, &jwk) {
                    continue;
                }
                let receives = keys::takes(backend, Direction::Decrypt, alg, &jwk);
                let recipient =
                    if receives { backend } else { backends().first().copied().unwrap() };
                let counts = counts(backend, recipient, alg, Enc::A256Gcm, &jwk);
                let curve = jwk.curve().map(|curve| format!(" on {curve}")).unwrap_or_default();
                let what = format!("{alg}{curve} from {backend} to {recipient}");
                say(format_args!("allocations of {what}: {counts:?}"));
                let expected =
                    expected(for_key_step(backend, alg, true), for_key_step(recipient, alg, false));
                assert_eq!(counts, expected, "{what}");
                counted += 1;
            }
        }
    }
    // Two that wrap, and two that agree on four curves, of which ring lacks one.
    assert_eq!(counted, 2 * (2 + 2 * 4) + (2 + 2 * 3));
}

/// Messages that are bound: what is written for each comes from the caller's memory. On decryption
/// the members of the header that have no place of their own are values of a JSON library.
#[test]
fn binding_allocates_nothing_for_a_value() {
    let jwk = keys::rsa(2048);
    let key = keys::sender(&toy::TOY, &jwk, Alg::RsaOaep256);
    let builder = || Encrypter::builder(&toy::TOY, &key, Enc::A256Gcm);
    let encrypter = builder().build_binding("bound").unwrap();
    let long = "/x".repeat(1000);
    let bound = [("field", long.as_str()), ("record", "42")];
    let (mut out, mut buffer) = (Vec::new(), Vec::new());
    let into = count(|| {
        out.clear();
        encrypter.encrypt_into(&bound, &[b'p'; 1000], &mut out).unwrap();
    });
    let in_place = count(|| {
        out.clear();
        buffer.extend_from_slice(&[b'p'; 1000]);
        encrypter.encrypt_in_place(&bound, &mut buffer, &mut out).unwrap();
    });
    let mut memory = SharedCekMemory::default();
    let shared = count(|| {
        out.clear();
        let mut shared = encrypter.share_cek(&mut memory, 3).unwrap();
        for _ in 0..3 {
            buffer.extend_from_slice(&[b'p'; 1000]);
            shared.encrypt_in_place(&bound, &mut buffer, &mut out).unwrap();
        }
    });
    assert_eq!((into, in_place, shared), (0, 0, 0));

    // Whole documents, padded and bound to field and record.
    let fields: Vec<Selector> =
        (0..20).map(|at| format!("/pins/{at}/pin").parse().unwrap()).collect();
    let pins = vec![r#"{"pin":"1234"}"#; 20].join(",");
    let document = format!(r#"{{"id":"a \u0034","pins":[{pins}]}}"#);
    let binding = Binding::to_field().with_record_at("/id");
    let padding = Padding::to_bucket(64).unwrap();
    for share in [ShareCek::No, ShareCek::Document] {
        let options = EncryptOptions::new().with_padding(padding).with_share_cek(share);
        let free = builder().build().unwrap();
        let free = FieldEncrypter::new(free, fields.clone(), options).unwrap();
        let sender =
            FieldEncrypter::binding(builder(), fields.clone(), options, binding.clone()).unwrap();
        let mut scratch = Scratch::new();
        let mut counted = [&free, &sender].map(|sender| {
            let mut out = Vec::new();
            let encrypt = count(|| {
                out.clear();
                sender.encrypt_into(document.as_bytes(), &mut out, &mut scratch).unwrap();
            });
            (out, encrypt, 0)
        });
        let decrypter = || {
            let key = keys::recipient(&toy::TOY, &jwk, Alg::RsaOaep256);
            Decrypter::new(&toy::TOY, [key], &[Enc::A256Gcm]).unwrap()
        };
        let options = DecryptOptions::new().with_padding(padding);
        let free = FieldDecrypter::new(decrypter(), fields.clone(), options).unwrap();
        let recipient =
            FieldDecrypter::binding(decrypter(), fields.clone(), options, binding.clone()).unwrap();
        for ((sent, _, decrypt), recipient) in counted.iter_mut().zip([&free, &recipient]) {
            let mut opened = Vec::new();
            *decrypt = count(|| {
                opened.clear();
                recipient.decrypt_into(sent, &mut opened, &mut scratch).unwrap();
            });
            assert_eq!(opened, document.as_bytes());
        }
        let [(_, free_encrypt, free_decrypt), (_, encrypt, decrypt)] = counted;
        say(format_args!(
            "allocations of 20 values, {share:?}: {free_encrypt} to encrypt and {free_decrypt} to decrypt, \
             bound {encrypt} and {decrypt}"
        ));
        // One for the document, by what checks that it is JSON.
        assert_eq!((free_encrypt, free_decrypt, encrypt), (1, 1, 1), "{share:?}");
        // For each value the list of `crit` with its name, and the object with its names and texts.
        assert!(decrypt <= 1 + 20 * 10, "{decrypt}");
    }
}
