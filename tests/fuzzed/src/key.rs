//! Target `key`: bytes as a key or a set of keys, in whatever format they look like. It is refused, or
//! it survives being written and read again.

use std::collections::BTreeMap;

use jwe_core::{Alg, Curve, EncryptionKey, Jwk, JwkSet, KeyOptions, Kid};
use jwe_ring::RING;
use serde::de::IgnoredAny;

/// Runs the target.
pub fn run(input: &[u8]) {
    let set = JwkSet::from_bytes(input);
    if let Ok(key) = Jwk::from_json(input) {
        // What has a member `keys` is read as a set, in which that of a JWK has no meaning.
        let members: BTreeMap<String, IgnoredAny> = serde_json::from_slice(input).expect("JSON");
        if !members.contains_key("keys") {
            let set = set.as_ref().expect("a JWK is read as one");
            assert_eq!(*set.only().expect("one key").to_json(), *key.to_json());
        }
    }
    let Ok(set) = set else { return };
    for key in set.keys() {
        survives(key);
    }
    let _ = set.only();
    let public = JwkSet::from_json(set.to_public_json().as_bytes()).unwrap();
    assert_eq!(public.keys().len(), set.keys().iter().filter_map(Jwk::to_public).count());
    assert!(public.skipped().is_empty() && !public.keys().iter().any(Jwk::is_private));
}

/// A key that was accepted can be written and read, and its public half is public.
pub(crate) fn survives(key: &Jwk) {
    let json = key.to_json();
    let again = Jwk::from_json(json.as_bytes());
    if key.curve().is_some() && key.to_public().is_none() {
        // A key file that left out the public half lacks what a JWK must have.
        assert!(again.is_err());
        return;
    }
    let again = again.unwrap();
    assert_eq!(*again.to_json(), *json);
    assert_eq!(again.thumbprint(&RING), key.thumbprint(&RING));
    assert_eq!(again.is_private(), key.is_private());
    if let Some(public) = key.to_public() {
        assert!(!public.is_private());
        assert_eq!(public.thumbprint(&RING), key.thumbprint(&RING));
    }
    let options = |alg| KeyOptions::new().with_alg(alg).with_kid(Kid::Omit);
    for alg in [Alg::RsaOaep256, Alg::EcdhEs, Alg::A256Kw, Alg::Pbes2Hs256A128Kw] {
        // A private key of RSA is checked by squaring: too slow for every input.
        let imported = EncryptionKey::import(&RING, key, &options(alg));
        let fits = alg.takes_key_type(key.kty()) && key.curve() != Some(Curve::P521);
        assert!(imported.is_err() || fits);
    }
}
