//! A key in whatever format: it is refused, or it survives being written and read again.
#![no_main]

use jwe_core::{Alg, EncryptionKey, Jwk, JwkSet, KeyOptions, Kid};
use jwe_ring::RING;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(set) = JwkSet::from_bytes(bytes) else { return };
    for key in set.keys() {
        let json = key.to_json();
        let again = Jwk::from_json(json.as_bytes()).unwrap();
        assert_eq!(*again.to_json(), *json);
        assert_eq!(again.thumbprint(&RING), key.thumbprint(&RING));
        if let Some(public) = key.to_public() {
            assert!(!public.is_private());
        }
        for alg in [Alg::RsaOaep256, Alg::EcdhEs, Alg::A256Kw, Alg::Pbes2Hs256A128Kw] {
            let options = KeyOptions::new().with_alg(alg).with_kid(Kid::Omit);
            let _ = EncryptionKey::import(&RING, key, &options);
        }
    }
});
