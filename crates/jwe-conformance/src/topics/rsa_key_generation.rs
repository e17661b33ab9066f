use jwe_core::{
    Backend, Enc, KeyMaterial, RecipientContext, RecipientKey, RsaPrivateKey, SenderContext,
    SenderKey, UNWRAP_BUFFER_LEN,
};

use num_bigint::BigUint;

use crate::support::attempt::Site;
use crate::support::prepared;

/// RSA key generation, where there is one: keys of 2048 and 3072 bits are what they should be,
/// share no prime, are imported and serve; other lengths than the listed ones are refused.
///
/// # Panics
/// When the backend does not conform.
pub fn rsa_key_generation(backend: &Backend) {
    let Some(generation) = backend.rsa_key_generation() else { return };
    let site = Site::new(backend, "RSA key generation");
    let listed = generation.modulus_bits();
    site.holds("the list", !listed.is_empty(), "no lengths are listed: leave the object out");
    site.holds("the list", listed.is_sorted_by(|a, b| a < b), "the lengths are not ascending");
    site.holds("the name", !generation.implementation().is_empty(), "no name of the code");
    for bits in listed {
        site.holds(bits, (2048..=8192).contains(bits), "a length that jwe-core does not import");
    }
    // Longer ones take seconds and say nothing new.
    for bits in listed.iter().copied().filter(|bits| *bits <= 3072) {
        let case = format!("{bits} bits");
        let first = site.accepts(&case, || generation.generate(bits));
        let second = site.accepts(&case, || generation.generate(bits));
        site.holds(&case, *first != *second, "the same key twice");
        let mut moduli = Vec::new();
        for der in [&first, &second] {
            let key = site.accepts(&case, || RsaPrivateKey::from_pkcs8_der(der));
            site.holds(&case, key.public().modulus_bits() == bits, "a modulus of another length");
            site.same(&case, "the exponent", key.public().e(), &[1, 0, 1]);
            serves(backend, &key);
            moduli.push(BigUint::from_bytes_be(key.public().n()));
        }
        let common = gcd(&moduli[0], &moduli[1]);
        // Anybody who has both public keys finds the prime.
        site.holds(&case, common == BigUint::from(1u8), "two keys with a common prime");
    }
    for bits in [0, 1, 512, 1024, 2040, 2047, 2049, 2056, 4097, 8193, 16_384, usize::MAX] {
        if !listed.contains(&bits) {
            site.refuses(format!("{bits} bits, not listed"), || generation.generate(bits));
        }
    }
}

/// The greatest common divisor, by Euclid.
fn gcd(a: &BigUint, b: &BigUint) -> BigUint {
    let (mut a, mut b) = (a.clone(), b.clone());
    while b != BigUint::ZERO {
        (a, b) = (b.clone(), a % b);
    }
    a
}

/// The generated key wraps and unwraps, as far as the backend lists that.
fn serves(backend: &Backend, key: &RsaPrivateKey) {
    let cek = [0x42; 32];
    for alg in prepared::rsa_decryption(backend) {
        let site = Site::new(backend, alg);
        let case = "a generated key";
        let Ok((_, sender)) = backend.encryption_key_import(alg, None) else { continue };
        let (_, recipient) = site.accepts(case, || backend.decryption_key_import(alg, None));
        let public = KeyMaterial::RsaPublic(key.public().clone());
        let private = KeyMaterial::RsaPrivate(key.clone());
        let SenderKey::Wrap(sender) = site.accepts(case, || sender.import(&public)) else {
            panic!("{site}, {case}: an RSA key must wrap a CEK");
        };
        let RecipientKey::Unwrap(recipient) = site.accepts(case, || recipient.import(&private))
        else {
            panic!("{site}, {case}: an RSA key must unwrap a CEK");
        };
        let mut encrypted = vec![0; sender.encrypted_key_len(cek.len())];
        let mut context = SenderContext::new(Enc::A256Gcm, backend.random());
        site.accepts(case, || sender.wrap_key(&mut context, &cek, &mut encrypted));
        let mut out = vec![0; UNWRAP_BUFFER_LEN];
        let context = RecipientContext::new(Enc::A256Gcm);
        let len = site.accepts(case, || recipient.unwrap_key(&context, &encrypted, &mut out));
        site.same(case, "the CEK", &out[..len], &cek);
    }
}
