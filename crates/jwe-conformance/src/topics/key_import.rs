use core::fmt::Display;

use jwe_core::{Backend, Curve, KeyMaterial, KeyRejected, RsaPublicKey};

use crate::support::attempt::Site;
use crate::support::bytes::{flipped, left_padded};
use crate::support::curve_keys::curve_key;
use crate::support::keys::{self, RsaNumbers};
use crate::support::ways::Way;
use crate::support::{prepared, seeded::Seeded};

/// Key import through the traits: RSA keys of 2048 to 8192 bits and of unusual lengths and exponents
/// are taken, private RSA keys whose numbers don't belong together and keys of another type are not,
/// for the reason that jwe-core has a name for.
///
/// # Panics
/// When the backend does not conform.
pub fn key_import(backend: &Backend) {
    ranges(backend);
    for alg in prepared::rsa_encryption(backend) {
        for name in ["2048", "2049", "2056", "2048-e3", "2048-e33", "3072", "4096", "8192"] {
            prepared::wrapping(backend, alg, keys::rsa(name));
        }
    }
    for alg in prepared::rsa_decryption(backend) {
        for name in ["2048", "2049", "2056", "2048-e3", "2048-e33", "3072", "4096", "8192"] {
            prepared::unwrapping(backend, alg, keys::rsa(name));
        }
    }
    wrong_types(backend);
    inconsistent(backend);
}

/// The ranges are those of jwe-core, so that all backends agree; the kit makes sure that they
/// stand in the version in use.
fn ranges(backend: &Backend) {
    let site = Site::new(backend, "RSA public keys");
    let good = keys::rsa("2048");
    let short = keys::rsa("1024");
    site.refuses("a modulus of 1024 bits", || RsaPublicKey::new(&short.n, &short.e));
    let even = flipped(&good.n, good.n.len() - 1, 0);
    site.refuses("an even modulus", || RsaPublicKey::new(&even, &good.e));
    site.refuses("a modulus of 2047 bits", || {
        let mut n = good.n.clone();
        n[0] = 0x7f;
        RsaPublicKey::new(&n, &good.e)
    });
    site.refuses("a modulus of 8193 bits", || {
        let n = [&[1], &keys::rsa("8192").n[..]].concat();
        RsaPublicKey::new(&n, &good.e)
    });
    for e in [&[][..], &[0], &[1], &[2], &[4], &[1, 0, 0], &[0, 0, 1], &[3, 0, 0, 0, 1], &[255; 9]]
    {
        site.refuses(format!("the exponent {e:02x?}"), || RsaPublicKey::new(&good.n, e));
    }
}

/// Public for private, private for public, and keys of each other type.
fn wrong_types(backend: &Backend) {
    let rsa = keys::rsa("2048");
    let oct = Seeded::new("key_import").bytes(32);
    for way in Way::all() {
        let site = way.site(backend);
        let ec = curve_key(way.curve.unwrap_or(Curve::P256), "recipient");
        // A symmetric key that is as long as the algorithm wants.
        let oct = keys::oct_material(&oct[..way.alg.kek_len().unwrap_or(32)]);
        let materials = [
            rsa.public_material(),
            rsa.private_material().expect("a key of the kit"),
            ec.public_material().expect("a key of the kit"),
            ec.private_material().expect("a key of the kit"),
            oct,
        ];
        for material in &materials {
            let case = |direction| format!("import of {material:?} to {direction}");
            let symmetric = !way.alg.is_rsa() && !way.alg.is_ecdh();
            if let Some(import) = way.sender(backend) {
                let fits = match material {
                    KeyMaterial::RsaPublic(_) => way.alg.is_rsa(),
                    KeyMaterial::EcPublic(_) => way.alg.is_ecdh(),
                    KeyMaterial::Oct(_) => symmetric,
                    _ => false,
                };
                if fits {
                    site.accepts(case("encrypt"), || import.import(material));
                } else {
                    let refused = || import.import(material).map(|_| ());
                    let reason = site.refuses(case("encrypt"), refused);
                    says(&site, case("encrypt"), reason, KeyRejected::WRONG_KEY_TYPE);
                }
            }
            if let Some(import) = way.recipient(backend) {
                let fits = match material {
                    KeyMaterial::RsaPrivate(_) => way.alg.is_rsa(),
                    KeyMaterial::EcPrivate(_) => way.alg.is_ecdh(),
                    KeyMaterial::Oct(_) => symmetric,
                    _ => false,
                };
                if fits {
                    site.accepts(case("decrypt"), || import.import(material));
                } else {
                    let refused = || import.import(material).map(|_| ());
                    let reason = site.refuses(case("decrypt"), refused);
                    says(&site, case("decrypt"), reason, KeyRejected::WRONG_KEY_TYPE);
                }
            }
        }
    }
}

/// The same reason for the same cause, so that users of all backends read the same.
fn says(site: &Site, case: impl Display, got: KeyRejected, wanted: KeyRejected) {
    site.holds(case, got == wanted, &format!("the reason is \"{got}\", not \"{wanted}\""));
}

/// Private keys with one number changed, exchanged or taken from another key.
fn inconsistent(backend: &Backend) {
    let good = keys::rsa("2048");
    let other = keys::rsa("2048-other");
    let mut cases: Vec<(String, RsaNumbers)> = Vec::new();
    for member in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let len = good.clone().member(member).len();
        // The second lowest bit, so that what must be odd stays odd, the lowest, one in the
        // middle, and one near the top.
        for (place, byte, bit) in
            [("low", len - 1, 1), ("lowest", len - 1, 0), ("middle", len / 2, 3), ("high", 0, 0)]
        {
            let mut key = good.clone();
            *key.member(member) = flipped(key.clone().member(member), byte, bit);
            cases.push((format!("one {place} bit of {member} changed"), key));
        }
        let mut key = good.clone();
        *key.member(member) = other.clone().member(member).clone();
        if key.clone().member(member) != good.clone().member(member) {
            cases.push((format!("{member} of another key"), key));
        }
        for (what, number) in [("1", vec![1]), ("n", good.n.clone())] {
            if member != "n" {
                let mut key = good.clone();
                *key.member(member) = number;
                cases.push((format!("{member} = {what}"), key));
            }
        }
    }
    let mut primes = good.clone();
    (primes.p, primes.q) = (good.q.clone(), good.p.clone());
    let mut exponents = good.clone();
    (exponents.dp, exponents.dq) = (good.dq.clone(), good.dp.clone());
    let mut both = primes.clone();
    (both.dp, both.dq) = (good.dq.clone(), good.dp.clone());
    cases.push(("p and q exchanged".to_owned(), primes));
    cases.push(("dp and dq exchanged".to_owned(), exponents));
    cases.push(("p and q, dp and dq exchanged under the old qi".to_owned(), both));
    let mut trivial = good.clone();
    (trivial.p, trivial.q) = (good.n.clone(), vec![1]);
    cases.push(("p = n and q = 1".to_owned(), trivial));
    let mut ones = good.clone();
    (ones.d, ones.dp, ones.dq) = (vec![1], vec![1], vec![1]);
    cases.push(("d = dp = dq = 1".to_owned(), ones));
    let mut stranger = other.clone();
    stranger.n.clone_from(&good.n);
    cases.push(("all private numbers of another key".to_owned(), stranger));

    for alg in prepared::rsa_decryption(backend) {
        let site = Site::new(backend, alg);
        let (_, import) = site.accepts("key import", || backend.decryption_key_import(alg, None));
        for (case, key) in &cases {
            // What jwe-core refuses by range never comes to a backend.
            if let Ok(material) = key.private_material() {
                let reason = site.refuses(case, || import.import(&material).map(|_| ()));
                says(&site, case, reason, KeyRejected::INCONSISTENT);
            }
        }
        // Leading zeros are no inconsistency.
        let mut zeros = good.clone();
        for member in ["n", "d", "p", "qi"] {
            let number = zeros.member(member);
            *number = left_padded(number, number.len() + 1);
        }
        let material = zeros.private_material().expect("leading zeros are dropped");
        site.accepts("numbers with leading zeros", || import.import(&material).map(|_| ()));
    }
}
