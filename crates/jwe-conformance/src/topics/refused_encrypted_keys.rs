use core::fmt::Display;

use jwe_core::{Alg, Backend, Enc, RecipientContext, UNWRAP_BUFFER_LEN, UnwrapKey};
use num_bigint::BigUint;

use crate::support::attempt::Site;
use crate::support::bytes::flipped;
use crate::support::keys::{self, RsaNumbers};
use crate::support::managed;
use crate::support::prepared;
use crate::support::reference::key_management;
use crate::support::reference::oaep::{self, Encoding};
use crate::support::reference::rsa;
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::ways::Way;

/// Lengths at which unwrapping code has read or written out of bounds, or panicked.
const LENS: &[usize] =
    &[0, 1, 7, 8, 9, 16, 23, 24, 25, 128, 255, 256, 257, 1000, 1024, 1025, 65_536];

/// For recipients of every `alg` that wraps: encrypted keys of a wrong length are refused without
/// a panic and with nothing left in the output, and the key serves as well as before. For RSAES-OAEP: other writings of a right one
/// (a missing or an added leading zero, c + n), numbers that are no ciphertext, wrong encodings,
/// changed bits and other keys are, too; for the others see `key_wrapping`, `gcm_key_wrapping`,
/// `key_agreement` and `password_keys`.
///
/// # Panics
/// When the backend does not conform.
pub fn refused_encrypted_keys(backend: &Backend) {
    let mut random = Seeded::new("refused_encrypted_keys");
    for alg in prepared::rsa_decryption(backend) {
        for name in ["2048", "2049", "2056"] {
            let recipient = Recipient::new(backend, alg, keys::rsa(name));
            recipient.lengths(&mut random);
            recipient.other_writings(&mut random);
            recipient.numbers(&mut random);
            recipient.encodings(&mut random);
            // Each byte with one key; that takes time.
            recipient.changes(if name == "2048" { 1 } else { 19 }, &mut random);
        }
        let recipient = Recipient::new(backend, alg, keys::rsa("2048"));
        let other = keys::rsa("2048-other");
        for _ in 0..20 {
            let encrypted = oaep::encrypt(alg, other, &random.bytes(32), &mut random);
            recipient.refuses("an encrypted key for another key", &encrypted);
        }
        for other in Alg::ALL.iter().copied().filter(|other| other.is_rsa() && *other != alg) {
            let encrypted = oaep::encrypt(other, recipient.key, &random.bytes(16), &mut random);
            recipient.refuses(format!("an encrypted key of {other}"), &encrypted);
        }
        recipient.reads("a right one after all that", &mut random);
    }
    for way in Way::all().filter(|way| way.wraps() && !way.alg.is_rsa()) {
        wrapped(backend, way, &mut random);
    }
}

/// Encrypted keys of each length for each CEK, beside right parameters.
fn wrapped(backend: &Backend, way: Way, random: &mut Seeded) {
    for enc in [Enc::A128Gcm, Enc::A192Gcm, Enc::A256Gcm, Enc::A192CbcHs384, Enc::A256CbcHs512] {
        let secret = Secret::of(way, enc);
        let Some(recipient) = managed::Recipient::new(backend, way, &secret) else { return };
        let cek = random.bytes(enc.cek_len());
        let params = key_management::params(way.alg, random);
        let sent = key_management::encrypt(way.alg, &secret, enc, &cek, params, random);
        let right = sent.encrypted_key.len();
        for len in LENS.iter().copied().chain([40, 72, 80]).filter(|len| *len != right) {
            for fill in [0x00, 0xa6, 0xff] {
                let case = format!("{len} bytes {fill:02x} for {right}");
                recipient.refuses(case, enc, &sent.params, &vec![fill; len]);
            }
            let mut resized = sent.encrypted_key.clone();
            resized.resize(len, 0);
            let case = format!("a right one of {right} cut or lengthened to {len} bytes");
            recipient.refuses(case, enc, &sent.params, &resized);
        }
        let case = "a right one after all that";
        let got = recipient.receives(case, enc, &sent.params, &sent.encrypted_key);
        recipient.site.same(case, "the CEK", &got, &cek);
    }
}

struct Recipient<'a> {
    site: Site,
    alg: Alg,
    key: &'a RsaNumbers,
    prepared: std::sync::Arc<dyn UnwrapKey>,
}

impl<'a> Recipient<'a> {
    fn new(backend: &Backend, alg: Alg, key: &'a RsaNumbers) -> Self {
        let site = Site::new(backend, format!("{alg} with the key {}", key.name));
        Self { site, alg, key, prepared: prepared::unwrapping(backend, alg, key) }
    }

    fn unwrap(&self, case: impl Display, encrypted: &[u8]) -> Option<Vec<u8>> {
        let context = RecipientContext::new(Enc::A256Gcm);
        let mut out = vec![0; UNWRAP_BUFFER_LEN];
        let result =
            self.site.call(&case, || self.prepared.unwrap_key(&context, encrypted, &mut out));
        let zero = out.iter().all(|byte| *byte == 0);
        let says = "refused, but something was written to the output";
        self.site.holds(&case, result.is_ok() || zero, says);
        result.ok().map(|len| {
            self.site.holds(&case, len <= out.len(), "a length beyond the buffer");
            out[..len].to_vec()
        })
    }

    fn refuses(&self, case: impl Display, encrypted: &[u8]) {
        let message = self.unwrap(&case, encrypted);
        self.site.holds(&case, message.is_none(), "accepted; it must be refused");
    }

    fn wrap(&self, random: &mut Seeded) -> (Vec<u8>, Vec<u8>) {
        let cek = random.bytes(32);
        let encrypted = oaep::encrypt(self.alg, self.key, &cek, random);
        (cek, encrypted)
    }

    fn reads(&self, case: impl Display, random: &mut Seeded) {
        let (cek, encrypted) = self.wrap(random);
        let read = self.unwrap(&case, &encrypted);
        self.site.holds(&case, read == Some(cek), "not read, or not rightly");
    }

    fn lengths(&self, random: &mut Seeded) {
        let k = self.key.modulus_len();
        for len in LENS.iter().copied().chain([k - 1, k + 1, 2 * k]).filter(|len| *len != k) {
            for fill in [0x00, 0x01, 0xff] {
                self.refuses(format!("{len} bytes {fill:02x}"), &vec![fill; len]);
            }
            self.refuses(format!("{len} random bytes"), &random.bytes(len));
            let (_, mut encrypted) = self.wrap(random);
            encrypted.resize(len, 0);
            self.refuses(format!("a right one cut or lengthened to {len} bytes"), &encrypted);
        }
    }

    /// Every number that leads to the CEK has one writing only.
    fn other_writings(&self, random: &mut Seeded) {
        let k = self.key.modulus_len();
        let (cek, zero_first) = std::iter::repeat_with(|| self.wrap(random))
            .find(|(_, encrypted)| encrypted[0] == 0)
            .expect("one in 256 begins with 00");
        let read = self.unwrap("a right one that begins with 00", &zero_first);
        self.site.holds(
            "a right one that begins with 00",
            read.as_deref() == Some(&cek),
            "not read, or not rightly",
        );
        self.refuses("without its leading 00", &zero_first[1..]);
        self.refuses("with one more leading 00", &[&[0], &zero_first[..]].concat());
        self.refuses("with its leading 00 at the end", &[&zero_first[1..], &[0]].concat());

        // c + n is the same number modulo n. Where n has 8k bits, few sums fit in k bytes.
        let n = RsaNumbers::integer(&self.key.n);
        for _ in 0..64 {
            let (_, encrypted) = self.wrap(random);
            let mut sum = BigUint::from_bytes_be(&encrypted) + &n;
            let mut times = 1;
            while sum.bits() <= 8 * u64::try_from(k).expect("a length") && times <= 4 {
                let case = format!("c + {times} n");
                self.refuses(case, &crate::support::bytes::left_padded(&sum.to_bytes_be(), k));
                sum += &n;
                times += 1;
            }
        }
    }

    fn numbers(&self, random: &mut Seeded) {
        let k = self.key.modulus_len();
        let n = RsaNumbers::integer(&self.key.n);
        let number = |number: BigUint| crate::support::bytes::left_padded(&number.to_bytes_be(), k);
        self.refuses("c = 0", &number(BigUint::ZERO));
        self.refuses("c = 1", &number(BigUint::from(1u8)));
        self.refuses("c = 2", &number(BigUint::from(2u8)));
        self.refuses("c = n - 1", &number(&n - 1u8));
        self.refuses("c = n", &number(n.clone()));
        self.refuses("c = n + 1", &number(&n + 1u8));
        self.refuses("c of bytes ff", &vec![0xff; k]);
        for _ in 0..10 {
            self.refuses("a random number", &random.bytes(k));
        }
    }

    /// Encoded messages with one thing wrong, encrypted with the public key.
    fn encodings(&self, random: &mut Seeded) {
        let k = self.key.modulus_len();
        let n = RsaNumbers::integer(&self.key.n);
        let mut wrong = vec![
            ("label hash", Encoding { label_difference: 1, ..Encoding::default() }),
            ("label hash", Encoding { label_difference: 0x80, ..Encoding::default() }),
            ("byte 02 in the padding", Encoding { padding: 2, ..Encoding::default() }),
            ("byte ff in the padding", Encoding { padding: 0xff, ..Encoding::default() }),
        ];
        // With 01 as its first byte, an encoded message is below a modulus of 8k bits.
        wrong.push(("first byte", Encoding { first: 1, ..Encoding::default() }));
        for separator in [2, 3, 0x80, 0xff] {
            wrong.push(("separator", Encoding { separator, ..Encoding::default() }));
        }
        for (what, encoding) in &wrong {
            for _ in 0..4 {
                let message = random.bytes(32);
                let encoded = oaep::encode(self.alg, k, &message, encoding, random);
                let number = BigUint::from_bytes_be(&encoded);
                if number < n {
                    let case = format!("an encoded message with a wrong {what}");
                    self.refuses(case, &rsa::public(self.key, &number));
                }
            }
        }
        // No separator at all: zeros up to the end.
        let none = Encoding { separator: 0, ..Encoding::default() };
        let encoded = oaep::encode(self.alg, k, &[0; 32], &none, random);
        let encrypted = rsa::public(self.key, &BigUint::from_bytes_be(&encoded));
        self.refuses("an encoded message of padding only", &encrypted);
        // Blocks of PKCS #1 v1.5 (RFC 8017 §7.2.1).
        let mut block = vec![0xaa; k];
        (block[0], block[1], block[k - 33]) = (0, 2, 0);
        let encrypted = rsa::public(self.key, &BigUint::from_bytes_be(&block));
        self.refuses("a block of PKCS #1 v1.5", &encrypted);
        for plain in [1u8, 2, 0xff] {
            let encrypted = rsa::public(self.key, &BigUint::from(plain));
            self.refuses(format!("the bare number {plain}"), &encrypted);
        }
    }

    fn changes(&self, step: usize, random: &mut Seeded) {
        let (cek, encrypted) = self.wrap(random);
        let read = self.unwrap("the encrypted key that is changed below", &encrypted);
        self.site.holds("the encrypted key that is changed below", read == Some(cek), "not read");
        self.refuses("with a byte 00 in front", &[&[0], &encrypted[..]].concat());
        for byte in (0..encrypted.len()).step_by(step) {
            let changed = flipped(&encrypted, byte, random.below(8));
            self.refuses(format!("one bit of byte {byte} changed"), &changed);
        }
    }
}
