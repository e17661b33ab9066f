//! Whether the numbers of a private RSA key belong together (RFC 8017 §3.2).

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::Private;
use openssl::rsa::RsaRef;

/// Checks n = p·q, d·e ≡ 1 modulo p − 1 and modulo q − 1, dp = d mod (p − 1), dq = d mod (q − 1),
/// and q·qi ≡ 1 modulo p with qi < p.
///
/// That p and q are prime is not tested: it takes seconds for long keys, and a key that decrypts
/// what its public half encrypted needs no such test.
pub(crate) fn numbers_belong_together(key: &RsaRef<Private>) -> Result<bool, ErrorStack> {
    let (Some(p), Some(q), Some(dp), Some(dq), Some(qi)) =
        (key.p(), key.q(), key.dmp1(), key.dmq1(), key.iqmp())
    else {
        return Ok(false);
    };
    let mut context = BigNumContext::new_secure()?;
    let one = BigNum::from_u32(1)?;
    // Below 3 there is no odd prime, and the moduli p - 1 and q - 1 would be 0 or 1.
    let three = BigNum::from_u32(3)?;
    if *p < *three || *q < *three || *p >= *key.n() || *q >= *key.n() || *qi >= *p {
        return Ok(false);
    }
    let mut product = BigNum::new_secure()?;
    product.checked_mul(p, q, &mut context)?;
    if *product != *key.n() {
        return Ok(false);
    }
    for (prime, exponent) in [(p, dp), (q, dq)] {
        let mut order = BigNum::new_secure()?;
        order.checked_sub(prime, &one)?;
        let mut reduced = BigNum::new_secure()?;
        reduced.nnmod(key.d(), &order, &mut context)?;
        if *reduced != *exponent || !is_inverse(exponent, key.e(), &order, &mut context)? {
            return Ok(false);
        }
    }
    is_inverse(q, qi, p, &mut context)
}

/// Whether a·b ≡ 1 modulo `modulus`.
fn is_inverse(
    a: &BigNumRef,
    b: &BigNumRef,
    modulus: &BigNumRef,
    context: &mut BigNumContext,
) -> Result<bool, ErrorStack> {
    let mut product = BigNum::new_secure()?;
    product.mod_mul(a, b, modulus, context)?;
    Ok(*product == *BigNum::from_u32(1)?)
}
