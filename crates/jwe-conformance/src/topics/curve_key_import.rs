use core::fmt::Display;

use jwe_core::{Backend, Curve, EcPrivateKey, EcPublicKey, Enc, KeyMaterial, KeyRejected};
use num_bigint::BigUint;

use super::hostile_ephemeral_keys::hostile;
use crate::support::attempt::Site;
use crate::support::bytes::left_padded;
use crate::support::curve_keys::{CurveKey, curve_key};
use crate::support::managed;
use crate::support::params::Params;
use crate::support::reference::weierstrass;
use crate::support::seeded::Seeded;
use crate::support::ways::Way;

/// Keys for the ECDH-ES family: recipients' public keys that are off their curve, private keys out
/// of range, halves that do not belong together and keys on a curve that the object does not list
/// are refused; a private key without its public half is taken.
///
/// # Panics
/// When the backend does not conform.
pub fn curve_key_import(backend: &Backend) {
    let mut random = Seeded::new("curve_key_import");
    for way in Way::all().filter(|way| way.alg.is_ecdh()) {
        let curve = way.curve.expect("the family has curves");
        ranges(curve);
        let site = way.site(backend);
        for name in ["recipient", "other", "ephemeral"] {
            let key = curve_key(curve, name);
            let public = key.public_material().expect("a key of the kit is in range");
            if let Some(imported) = managed::import_sender(backend, way, name, &public) {
                site.accepts(format!("the public key {name}"), || imported);
            }
            let private = key.private_material().expect("a key of the kit is in range");
            if let Some(imported) = managed::import_recipient(backend, way, name, &private) {
                site.accepts(format!("the private key {name}"), || imported);
            }
            let alone = half(&key).expect("a key of the kit is in range");
            if let Some(imported) = managed::import_recipient(backend, way, name, &alone) {
                site.accepts(format!("the private key {name} without its public half"), || {
                    imported
                });
            }
        }
        senders(backend, way, &mut random);
        recipients(backend, way);
        other_curves(backend, way);
    }
}

fn half(key: &CurveKey) -> Option<KeyMaterial> {
    EcPrivateKey::new(key.curve, &key.private, None).ok().map(KeyMaterial::EcPrivate)
}

/// The ranges that jwe-core checks stand in the version in use.
fn ranges(curve: Curve) {
    let zero = vec![0; curve.secret_len()];
    assert!(EcPrivateKey::new(curve, &zero, None).is_err(), "{curve}: a private key of zero");
    for len in [0, 1, curve.secret_len() - 1, curve.secret_len() + 1] {
        let private = vec![1; len];
        assert!(EcPrivateKey::new(curve, &private, None).is_err(), "{curve}: {len} bytes");
    }
}

/// A sender to such a key would publish the CEK, or send it to somebody else.
fn senders(backend: &Backend, way: Way, random: &mut Seeded) {
    let site = way.site(backend);
    let curve = way.curve.expect("the family has curves");
    for (case, public) in hostile(curve, random) {
        let case = case.replace("an epk", "a recipient's key");
        let Ok(public) = EcPublicKey::new(curve, &public) else { continue };
        let material = KeyMaterial::EcPublic(public);
        let Some(imported) = managed::import_sender(backend, way, &case, &material) else { return };
        if curve.is_nist() {
            site.refuses(&case, || imported.map(|_| ()));
            continue;
        }
        // On X25519 everything is a key until its secret is known.
        let Ok(key) = imported else { continue };
        let enc = Enc::A256Gcm;
        let params = Params::default();
        let mut context = params.sender(enc, backend.random());
        let mut cek = vec![0; enc.cek_len()];
        match key {
            jwe_core::SenderKey::Wrap(key) => {
                let mut encrypted = vec![0; key.encrypted_key_len(cek.len())];
                site.refuses(&case, || key.wrap_key(&mut context, &cek, &mut encrypted));
            }
            jwe_core::SenderKey::Derive(key) => {
                site.refuses(&case, || key.derive_key(&mut context, &mut cek));
            }
            _ => panic!("{site}: the kit does not know this sort of key: it needs an update"),
        }
    }
}

fn recipients(backend: &Backend, way: Way) {
    let site = way.site(backend);
    let curve = way.curve.expect("the family has curves");
    let (own, other) = (curve_key(curve, "recipient"), curve_key(curve, "other"));
    let refused = |case: &str, material: &KeyMaterial, reason: Option<KeyRejected>| {
        let Some(imported) = managed::import_recipient(backend, way, case, material) else {
            return;
        };
        let got = site.refuses(case, || imported.map(|_| ()));
        if let Some(wanted) = reason {
            says(&site, case, got, wanted);
        }
    };
    let stranger = CurveKey { public: other.public.clone(), ..own.clone() };
    let material = stranger.private_material().expect("both halves are in range");
    refused("the public half of another key", &material, Some(KeyRejected::INCONSISTENT));
    if !curve.is_nist() {
        return;
    }
    let parameters = weierstrass::parameters(curve);
    let point = parameters.read(&own.public).expect("a key of the kit is a point");
    // The negative point belongs to n - d; its x, and so every secret, is the same.
    let negative = weierstrass::Affine { y: &parameters.p - &point.y, ..point.clone() };
    let key = CurveKey { public: parameters.written(&negative), ..own.clone() };
    let material = key.private_material().expect("both halves are in range");
    refused("a public half with -y", &material, Some(KeyRejected::INCONSISTENT));
    let off = weierstrass::Affine { y: (&point.y + 1u8) % &parameters.p, ..point };
    let key = CurveKey { public: parameters.written(&off), ..own.clone() };
    let material = key.private_material().expect("both halves are in range");
    refused("a public half off the curve", &material, None);

    let n = &parameters.n;
    let ones = (BigUint::from(1u8) << (8 * curve.secret_len())) - 1u8;
    for (case, private) in
        [("d = n", n.clone()), ("d = n + 1", n + 1u8), ("d = n + 2", n + 2u8), ("d = ff..", ones)]
    {
        let private = left_padded(&private.to_bytes_be(), curve.secret_len());
        let key = CurveKey { private, ..own.clone() };
        // With a public half the two can't belong together: any reason will do.
        let material = key.private_material().expect("the length is right");
        refused(case, &material, None);
        let material = half(&key).expect("the length is right");
        refused(&format!("{case} without a public half"), &material, None);
    }
    for (case, private) in [("d = 1", BigUint::from(1u8)), ("d = n - 1", n - 1u8)] {
        let private = left_padded(&private.to_bytes_be(), curve.secret_len());
        let key = CurveKey::of(curve, case, private);
        let material = key.private_material().expect("a key in range");
        if let Some(imported) = managed::import_recipient(backend, way, case, &material) {
            site.accepts(case, || imported);
        }
    }
}

fn says(site: &Site, case: impl Display, got: KeyRejected, wanted: KeyRejected) {
    site.holds(case, got == wanted, &format!("the reason is \"{got}\", not \"{wanted}\""));
}

/// The object takes keys on the curves that it lists, and no others.
fn other_curves(backend: &Backend, way: Way) {
    let site = way.site(backend);
    for curve in Curve::ALL.iter().copied() {
        let key = curve_key(curve, "recipient");
        if let Some(import) = way.sender(backend) {
            let material = key.public_material().expect("a key of the kit is in range");
            let case = format!("import of a public key on {curve}");
            let taken = site.call(&case, || import.import(&material)).is_ok();
            let listed = import.curves().contains(&curve);
            site.holds(case, taken == listed, "it is not as the list of curves says");
        }
        if let Some(import) = way.recipient(backend) {
            let material = key.private_material().expect("a key of the kit is in range");
            let case = format!("import of a private key on {curve}");
            let taken = site.call(&case, || import.import(&material)).is_ok();
            let listed = import.curves().contains(&curve);
            site.holds(case, taken == listed, "it is not as the list of curves says");
        }
    }
}
