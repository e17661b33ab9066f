//! Diffie-Hellman on every curve (SP 800-56A §5.7.1.2, RFC 7748 §6.1).

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jwe_core::Curve;
use num_bigint::BigUint;

use super::{weierstrass, x25519};
use crate::support::bytes::left_padded;

/// Curve, private and public key.
type Input = (Curve, Vec<u8>, Vec<u8>);

/// An agreement takes milliseconds, and many topics ask for the same.
static KNOWN: LazyLock<Mutex<HashMap<Input, Vec<u8>>>> = LazyLock::new(Mutex::default);

/// The public key of a private one, in the form of `EcPublicKey::as_bytes`.
pub(crate) fn public(curve: Curve, private: &[u8]) -> Vec<u8> {
    if curve == Curve::X25519 {
        return x25519::public(private);
    }
    let parameters = weierstrass::parameters(curve);
    let point = parameters.public(&BigUint::from_bytes_be(private));
    parameters.written(&point.expect("a private key of the kit is in range"))
}

/// The agreed secret.
///
/// # Errors
/// Why there is none.
pub(crate) fn secret(curve: Curve, private: &[u8], public: &[u8]) -> Result<Vec<u8>, &'static str> {
    let input = (curve, private.to_vec(), public.to_vec());
    if let Some(z) = KNOWN.lock().expect("no panic while it is held").get(&input) {
        return Ok(z.clone());
    }
    let z = computed(curve, private, public)?;
    KNOWN.lock().expect("no panic while it is held").insert(input, z.clone());
    Ok(z)
}

fn computed(curve: Curve, private: &[u8], public: &[u8]) -> Result<Vec<u8>, &'static str> {
    if curve == Curve::X25519 {
        if public.len() != 32 {
            return Err("the public key has another length than 32 bytes");
        }
        let z = x25519::x25519(private, public);
        return if z == [0; 32] { Err("the agreed secret is zero") } else { Ok(z) };
    }
    let parameters = weierstrass::parameters(curve);
    let point = parameters.read(public).ok_or("the public key is no uncompressed point")?;
    if !parameters.has(&point) {
        return Err("the point is not on the curve");
    }
    let product = parameters.multiple(&BigUint::from_bytes_be(private), &point);
    let x = product.ok_or("the product is the point at infinity")?.x;
    Ok(left_padded(&x.to_bytes_be(), curve.secret_len()))
}

/// Whether `bytes` are a public key on the curve.
pub(crate) fn is_public_key(curve: Curve, bytes: &[u8]) -> bool {
    if curve == Curve::X25519 {
        return bytes.len() == 32;
    }
    let parameters = weierstrass::parameters(curve);
    parameters.read(bytes).is_some_and(|point| parameters.has(&point))
}

#[cfg(test)]
mod tests {
    use jwe_core::Curve;

    use super::{public, secret};
    use crate::support::vectors;

    #[test]
    fn gives_the_known_answers() {
        for curve in Curve::ALL.iter().copied() {
            let mut count = 0;
            for case in vectors::agreement().iter().filter(|case| case.curve == curve) {
                assert_eq!(public(curve, &case.private), case.public, "{}", case.source);
                assert_eq!(public(curve, &case.ephemeral), case.epk, "{}", case.source);
                let z = secret(curve, &case.private, &case.epk);
                assert_eq!(z.as_ref(), Ok(&case.z), "{}", case.source);
                let z = secret(curve, &case.ephemeral, &case.public);
                assert_eq!(z.as_ref(), Ok(&case.z), "{}", case.source);
                count += 1;
            }
            assert!(count >= 3, "too few agreements on {curve}");
        }
    }
}
