//! What is left in the memory of the process, heap and stacks, when keys and messages are gone:
//! nothing of a plaintext, a CEK, a private key, a shared key or a password, on any backend.
//!
//! One test in a process of its own, so that no other one's secrets are looked at.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed step has to stop the test"
)]

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

use jwe::{
    Alg, Backend, BackendError, Curve, Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey,
    Jwk, KeyMaterial, KeyOptions, Kid, OctKey, Zeroizing, backends,
};
use jwe_core::RandomSource;
use jwe_tests::parts::Parts;
use jwe_tests::skip::{say, skipped};

const MASK: u8 = 0x5a;
/// How many bytes of a secret are looked for.
const WINDOW: usize = 16;

/// Bytes in a form that the search does not find.
#[derive(Clone)]
struct Masked(Vec<u8>);

impl Masked {
    fn new(secret: &[u8]) -> Self {
        Self(secret.iter().map(|byte| byte ^ MASK).collect())
    }

    fn random(len: usize) -> Self {
        let mut bytes = vec![0; len];
        jwe::default_backend().random().fill(&mut bytes).unwrap();
        // As the mask does no more than name one secret in place of another, this is one as well.
        Self(bytes)
    }

    fn reveal(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.iter().map(|byte| byte ^ MASK).collect())
    }
}

/// What is looked for: a name, and a part of the secret that does not lie within the first 16 bytes of
/// its place, which the allocator overwrites.
type Needle = (&'static str, Masked);

/// How often each needle stands in the memory that this process can write.
fn count(needles: &[Needle]) -> io::Result<Vec<usize>> {
    const CHUNK: usize = 1 << 20;
    let maps = fs::read_to_string("/proc/self/maps")?;
    let memory = File::open("/proc/self/mem")?;
    let mut starts = [false; 256];
    for (_, needle) in needles {
        starts[usize::from(needle.0[0] ^ MASK)] = true;
    }
    // Wiped, as it holds what was found. A window may reach over the end of a chunk.
    let mut chunk = Zeroizing::new(vec![0; CHUNK + WINDOW]);
    let own = chunk.as_ptr() as u64..chunk.as_ptr() as u64 + chunk.len() as u64;
    let mut found = vec![0; needles.len()];
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (low, high) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let mut at = u64::from_str_radix(low, 16).unwrap();
        let end = u64::from_str_radix(high, 16).unwrap();
        while at < end {
            let len = usize::try_from((end - at).min(chunk.len() as u64)).unwrap();
            let part = &mut chunk[..len];
            // A mapping of another thread may be gone by now.
            if memory.read_exact_at(part, at).is_ok() {
                let windows = part.windows(WINDOW).take(CHUNK).enumerate();
                for (offset, window) in windows.filter(|(_, window)| starts[usize::from(window[0])])
                {
                    for ((_, needle), found) in needles.iter().zip(&mut found) {
                        let is_it = window.iter().zip(&needle.0).all(|(a, b)| a ^ MASK == *b);
                        if is_it && !own.contains(&(at + offset as u64)) {
                            *found += 1;
                        }
                    }
                }
            }
            at += CHUNK as u64;
        }
    }
    Ok(found)
}

/// The same bytes each time a CEK is drawn, so that the test knows it.
struct Known;

static KNOWN: OnceLock<Masked> = OnceLock::new();

impl RandomSource for Known {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        let known = KNOWN.get_or_init(|| Masked::random(256));
        // What is shorter than a CEK is public.
        let start = if dest.len() < 32 { 128 } else { 0 };
        for (byte, masked) in dest.iter_mut().zip(&known.0[start..]) {
            *byte = masked ^ MASK;
        }
        Ok(())
    }
}

static KNOWN_RANDOM: Backend = Backend::new("known", &Known, |_| [0; 32]);
static WITH_KNOWN_RANDOM: [OnceLock<Backend>; 3] = [const { OnceLock::new() }; 3];

/// A window of the bytes, and the same the other way round, as numbers are held by libraries.
fn windows(name: &'static str, bytes: &[u8], at: usize) -> [Needle; 2] {
    let window = &bytes[at..at + WINDOW];
    let mut reversed = Masked::new(window);
    reversed.0.reverse();
    [(name, Masked::new(window)), (name, reversed)]
}

/// Parts of all that is secret in a key.
fn needles_of(jwk: &Jwk) -> Vec<Needle> {
    match jwk.material() {
        KeyMaterial::Oct(key) => {
            windows("shared key", key.as_bytes(), key.as_bytes().len() - WINDOW).to_vec()
        }
        KeyMaterial::EcPrivate(key) => {
            windows("private key", key.secret(), key.secret().len() - WINDOW).to_vec()
        }
        KeyMaterial::RsaPrivate(key) => {
            // The numbers at the end of the encoding: d of 256 bytes, then five of 128, each with three
            // or four bytes in front. These are places in the middle of each.
            let der = key.pkcs8_der();
            let middle = |back: usize| der.len() - back - WINDOW / 2;
            [("qi", 64), ("dq", 195), ("dp", 327), ("q", 458), ("p", 590), ("d", 785)]
                .into_iter()
                .flat_map(|(name, back)| windows(name, der, middle(back)))
                .inspect(|(name, needle)| {
                    let public = key.public().spki_der();
                    assert!(
                        !public.windows(WINDOW).any(|part| Masked::new(part).0 == needle.0),
                        "{name}"
                    );
                })
                .collect()
        }
        _ => panic!("a private key"),
    }
}

/// A fresh key for the algorithm.
fn generate(backend: &'static Backend, alg: Alg, curve: Option<Curve>, enc: Enc) -> Jwk {
    if alg.is_rsa() {
        return Jwk::generate_rsa(backend, 2048).unwrap();
    }
    if let Some(curve) = curve {
        return Jwk::generate_ec(backend, curve).unwrap();
    }
    let len = if alg.is_pbes2() { 48 } else { alg.kek_len().unwrap_or(enc.cek_len()) };
    let bytes = Masked::random(len).reveal();
    Jwk::from_material(KeyMaterial::Oct(OctKey::new(bytes).unwrap()))
}

/// Everything that is done with a key; what is looked for afterwards.
fn use_it(backend: &'static Backend, alg: Alg, curve: Option<Curve>, enc: Enc) -> Vec<Needle> {
    let plaintext = Masked::random(80);
    let jwk = generate(backend, alg, curve, enc);
    let mut needles = needles_of(&jwk);
    needles.push(("plaintext", Masked(plaintext.0[40..40 + WINDOW].to_vec())));
    let options = KeyOptions::new().with_alg(alg).with_kid(Kid::Omit);
    let sender = EncryptionKey::import(backend, &jwk, &options).unwrap();
    let recipient = DecryptionKey::import(backend, &jwk, &options).unwrap();
    let encrypter =
        Encrypter::builder(backend, &sender, enc).with_iterations(1000).build().unwrap();
    let decrypter = Decrypter::new(backend, [recipient], &[enc]).unwrap().allow_pbes2(1000);
    let token = encrypter.encrypt(&plaintext.reveal()).unwrap();
    if alg.kek_len().is_some() || alg.is_rsa() {
        let known = KNOWN.get().unwrap();
        needles.extend(
            [24, enc.cek_len() - WINDOW]
                .map(|at| ("CEK", Masked(known.0[at..at + WINDOW].to_vec()))),
        );
    }
    let opened = decrypter.decrypt(&token).unwrap();
    assert!(*opened == *plaintext.reveal());
    // What is alive is found, so that what is not found is not there.
    let found = count(&needles).unwrap();
    let alive = |name: &str| {
        needles.iter().zip(&found).any(|((other, _), count)| *other == name && *count > 0)
    };
    assert!(alive("plaintext") && alive(needles[0].0), "{backend} {alg}: {found:?}");
    drop(opened);
    // Into a buffer that has to grow, and messages that fail.
    let mut out = Zeroizing::new(vec![1; 8]);
    decrypter.decrypt_into(&token, &mut out).unwrap();
    let parts = Parts::of(&token);
    decrypter.decrypt(&parts.with_tag(&vec![0; enc.tag_len()]).token()).unwrap_err();
    needles
}

#[test]
fn nothing_is_left_of_keys_and_messages() {
    if let Err(error) = count(&[("none", Masked::new(&[0xa7; WINDOW]))]) {
        return skipped(format_args!("the process can't read its own memory: {error}"));
    }
    assert_eq!(backends().len(), WITH_KNOWN_RANDOM.len());
    // Four algorithms of RSA, four of key agreement on four curves each, ten with shared keys, and two of
    // these twice. ring has those with shared keys, but for one.
    let expected = [32, 32, 11];
    for ((backend, composed), expected) in
        backends().iter().copied().zip(&WITH_KNOWN_RANDOM).zip(expected)
    {
        let known = composed.get_or_init(|| KNOWN_RANDOM.or(backend));
        let (mut looked, mut left) = (0, Vec::new());
        for alg in Alg::ALL.iter().copied() {
            let curves: Vec<Option<Curve>> = if alg.is_ecdh() {
                Curve::ALL.iter().copied().map(Some).collect()
            } else {
                vec![None]
            };
            for curve in curves {
                if backend.decryption_key_import(alg, curve).is_err() {
                    continue;
                }
                let encs: &[Enc] = match alg {
                    Alg::Dir | Alg::A256Kw => &[Enc::A256CbcHs512, Enc::A256Gcm],
                    _ => &[Enc::A256CbcHs512],
                };
                for enc in encs.iter().copied() {
                    let needles = use_it(known, alg, curve, enc);
                    let found = count(&needles).unwrap();
                    for ((name, _), count) in needles.iter().zip(found) {
                        if count > 0 {
                            left.push(format!("{alg} {curve:?} {enc}: {name} {count} times"));
                        }
                    }
                    looked += 1;
                }
            }
        }
        assert_eq!(left, [""; 0], "{backend}");
        assert_eq!(looked, expected, "{backend}");
        say(format_args!("{backend}: {looked} keys, nothing left of them and of their messages"));
    }
}
