use std::collections::HashSet;

use jwe_core::{Backend, Curve, EcPrivateKey, EcPublicKey, Enc, Jwk, KeyMaterial};

use crate::support::attempt::Site;
use crate::support::curve_keys::CurveKey;
use crate::support::managed::{Recipient, Sender};
use crate::support::params::Params;
use crate::support::reference::agreement;
use crate::support::secret::Secret;
use crate::support::ways::Way;

/// Keys generated on each curve.
const KEYS: usize = 20;

/// Generated key pairs are in range and all different, have the public half that belongs to them,
/// are read from the PKCS #8 that comes, and serve; a curve that is not listed is refused.
///
/// # Panics
/// When the backend does not conform.
pub fn ec_key_generation(backend: &Backend) {
    for curve in Curve::ALL.iter().copied() {
        let Some(generation) = backend.ec_key_generation(curve) else { continue };
        let site = Site::new(backend, format!("key generation on {curve}"));
        site.holds("the name", !generation.implementation().is_empty(), "no name of the code");
        let mut seen = HashSet::new();
        for turn in 0..KEYS {
            let case = format!("key {turn}");
            let der = site.accepts(&case, || generation.generate(curve));
            let jwk = site.accepts(&case, || Jwk::from_der(&der));
            let KeyMaterial::EcPrivate(key) = jwk.material() else {
                panic!("{site}, {case}: no private key for key agreement")
            };
            checked(&site, &case, curve, key, turn == 0);
            site.holds(&case, seen.insert(key.secret().to_vec()), "the same key twice");
        }
        let jwk = site.accepts("a whole JWK", || Jwk::generate_ec(backend, curve));
        let KeyMaterial::EcPrivate(key) = jwk.material() else {
            panic!("{site}: no private key for key agreement")
        };
        site.holds("a whole JWK", key.public().is_some(), "no public half");
        checked(&site, "a whole JWK", curve, key, true);
        site.holds("a whole JWK", !seen.contains(key.secret()), "the same key twice");
        serves(backend, curve, key);
        for other in Curve::ALL.iter().copied() {
            if !generation.curves().contains(&other) {
                let case = format!("{other}, which the object does not list");
                site.refuses(case, || generation.generate(other));
            }
        }
    }
}

fn checked(site: &Site, case: &str, curve: Curve, key: &EcPrivateKey, own: bool) {
    site.holds(case, key.curve() == curve, "a key on another curve");
    let Some(public) = key.public() else { return };
    let says = "the public half is not on the curve";
    site.holds(case, agreement::is_public_key(curve, public.as_bytes()), says);
    // The kit's own arithmetic is slow.
    if own {
        let wanted = agreement::public(curve, key.secret());
        site.same(case, "the public half", public.as_bytes(), &wanted);
    }
}

/// The generated key sends and receives, as far as the backend lists that.
fn serves(backend: &Backend, curve: Curve, key: &EcPrivateKey) {
    let Some(public) = key.public().map(EcPublicKey::as_bytes) else { return };
    let key = CurveKey {
        name: "a generated key".to_owned(),
        curve,
        private: key.secret().to_vec(),
        public: public.to_vec(),
    };
    let secret = Secret::Curve(key);
    for way in Way::all().filter(|way| way.curve == Some(curve)) {
        let sender = Sender::new(backend, way, &secret);
        let recipient = Recipient::new(backend, way, &secret);
        if let (Some(sender), Some(recipient)) = (sender, recipient) {
            let case = "a generated key";
            let none = Params::default();
            let sent = sender.sends(case, Enc::A256Gcm, &[0x42; 32], &none);
            let got = recipient.receives(case, Enc::A256Gcm, &sent.params, &sent.encrypted_key);
            recipient.site.same(case, "the CEK", &got, &sent.cek);
        }
    }
}
