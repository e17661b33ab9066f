//! A key from a passphrase: PBKDF2 (RFC 8018 §5.2) and scrypt (RFC 7914), with limits on the work
//! that a file may ask for.

use pbkdf2::pbkdf2_hmac;
use pkcs8::pkcs5::pbes2::{Kdf, Pbkdf2Params, Pbkdf2Prf, ScryptParams};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::error::EncryptedKeyError;

/// The most iterations of PBKDF2 that a file may ask for.
pub const MAX_PBKDF2_ITERATIONS: u32 = 10_000_000;
/// The most that a file may ask scrypt for in bytes: 128 N r p of RFC 7914 §2, 256 MiB. The memory
/// that it takes is no more, and the time is proportional to it.
pub const MAX_SCRYPT_COST: u64 = 256 * 1024 * 1024;

/// The derived key; as many of the first bytes are used as the cipher wants.
pub(crate) type DerivedKey = Zeroizing<[u8; 32]>;

/// Derives `len` bytes, at most 32. What the file asks for is checked before any work is done.
pub(crate) fn derive(
    kdf: &Kdf,
    passphrase: &[u8],
    len: usize,
) -> Result<DerivedKey, EncryptedKeyError> {
    // RFC 8018 §A.2, RFC 7914 §7.1: a length, if it is there, is that which the cipher wants.
    if kdf.key_length().is_some_and(|own| usize::from(own) != len) {
        return Err(EncryptedKeyError::NotDer);
    }
    let mut key = DerivedKey::default();
    let out = key.get_mut(..len).ok_or(EncryptedKeyError::NotDer)?;
    match kdf {
        Kdf::Pbkdf2(params) => pbkdf2(params, passphrase, out)?,
        Kdf::Scrypt(params) => scrypt(params, passphrase, out)?,
        _ => return Err(EncryptedKeyError::Unsupported("with neither PBKDF2 nor scrypt")),
    }
    Ok(key)
}

fn pbkdf2(
    params: &Pbkdf2Params,
    passphrase: &[u8],
    out: &mut [u8],
) -> Result<(), EncryptedKeyError> {
    let (salt, iterations) = (params.salt.as_bytes(), params.iteration_count);
    if iterations == 0 {
        return Err(EncryptedKeyError::NotDer);
    }
    if iterations > MAX_PBKDF2_ITERATIONS {
        return Err(EncryptedKeyError::TooExpensive);
    }
    match params.prf {
        Pbkdf2Prf::HmacWithSha224 => pbkdf2_hmac::<Sha224>(passphrase, salt, iterations, out),
        Pbkdf2Prf::HmacWithSha256 => pbkdf2_hmac::<Sha256>(passphrase, salt, iterations, out),
        Pbkdf2Prf::HmacWithSha384 => pbkdf2_hmac::<Sha384>(passphrase, salt, iterations, out),
        Pbkdf2Prf::HmacWithSha512 => pbkdf2_hmac::<Sha512>(passphrase, salt, iterations, out),
        _ => return Err(EncryptedKeyError::Unsupported("with PBKDF2 on another hash than SHA-2")),
    }
    Ok(())
}

fn scrypt(
    params: &ScryptParams,
    passphrase: &[u8],
    out: &mut [u8],
) -> Result<(), EncryptedKeyError> {
    let (n, r, p) = (params.cost_parameter, params.block_size, params.parallelization);
    // RFC 7914 §2: N is a power of two and larger than 1.
    if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
        return Err(EncryptedKeyError::NotDer);
    }
    let cost = n.checked_mul(128 * u64::from(r)).and_then(|cost| cost.checked_mul(u64::from(p)));
    if cost.is_none_or(|cost| cost > MAX_SCRYPT_COST) {
        return Err(EncryptedKeyError::TooExpensive);
    }
    let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| EncryptedKeyError::TooExpensive)?;
    let cost = ::scrypt::Params::new(log_n, u32::from(r), u32::from(p))
        .map_err(|_| EncryptedKeyError::NotDer)?;
    ::scrypt::scrypt(passphrase, params.salt.as_bytes(), &cost, out)
        .map_err(|_| EncryptedKeyError::NotDer)
}
