//! RSA keys: the one place where their numbers are range-checked, so that all backends agree.

use core::fmt;

use der::asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef};
use der::{Decode, oid::ObjectIdentifier};
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use zeroize::Zeroizing;

use crate::der_encoding::encode;
use crate::error::ImportError;
use crate::key_der;
use crate::key_material::KeyMaterial;

/// The shortest modulus in bits (RFC 7518 §4.3).
pub const MIN_MODULUS_BITS: usize = 2048;
/// The longest modulus in bits: beyond it, one operation is a denial of service.
pub const MAX_MODULUS_BITS: usize = 8192;
/// The longest public exponent in bits, as AWS-LC and ring have it.
const MAX_EXPONENT_BITS: usize = 33;

/// No number that is in its range is too long for DER.
const TOO_LONG: ImportError = ImportError::NotDer("the key is too long for DER");

/// rsaEncryption (RFC 8017 §A.1).
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// An RSA public key (RFC 8017 §3.1): n odd and of 2048 to 8192 bits, e odd, at least 3 and at
/// most 33 bits long.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaPublicKey {
    n: Vec<u8>,
    e: Vec<u8>,
    spki_der: Vec<u8>,
}

impl RsaPublicKey {
    /// Takes modulus and public exponent, big-endian; leading zero bytes are dropped.
    ///
    /// # Errors
    /// [`ImportError::WeakKey`] when a number is out of its range.
    pub fn new(n: &[u8], e: &[u8]) -> Result<Self, ImportError> {
        let (n, e) = (strip_zeros(n), strip_zeros(e));
        let weak = |reason| Err(ImportError::WeakKey(reason));
        if bit_len(n) < MIN_MODULUS_BITS {
            return weak(
                "the RSA modulus has less than 2048 bits (RFC 7518 §4.3): make a longer key",
            );
        }
        if bit_len(n) > MAX_MODULUS_BITS {
            return weak("the RSA modulus has more than 8192 bits: make a shorter key");
        }
        if n.last().is_none_or(|byte| byte & 1 == 0) {
            return weak(
                "the RSA modulus is even, so it is no product of two large primes: make a new key",
            );
        }
        if e.last().is_none_or(|byte| byte & 1 == 0) || e == [1] {
            return weak(
                "the RSA public exponent must be odd and at least 3: make a new key, with 65537",
            );
        }
        if bit_len(e) > MAX_EXPONENT_BITS {
            return weak(
                "the RSA public exponent has more than 33 bits: make a new key, with 65537",
            );
        }
        Ok(Self { n: n.to_vec(), e: e.to_vec(), spki_der: spki_der(n, e).map_err(|_| TOO_LONG)? })
    }

    /// The modulus, big-endian, without leading zero bytes.
    #[must_use]
    pub fn n(&self) -> &[u8] {
        &self.n
    }

    /// The public exponent, big-endian, without leading zero bytes.
    #[must_use]
    pub fn e(&self) -> &[u8] {
        &self.e
    }

    /// The length of the modulus in bits.
    #[must_use]
    pub fn modulus_bits(&self) -> usize {
        bit_len(&self.n)
    }

    /// The length of the modulus, and so of every encrypted key, in bytes (k of RFC 8017).
    #[must_use]
    pub fn modulus_len(&self) -> usize {
        self.n.len()
    }

    /// The key as a `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1).
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    pub(crate) fn from_pkcs1_der(der: &[u8]) -> Result<Self, ImportError> {
        let key = RsaPublicKeyRef::from_der(der)
            .map_err(|_| ImportError::NotDer("no RSAPublicKey (RFC 8017 §A.1.1)"))?;
        Self::new(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// The key as a PKCS #1 `RSAPublicKey` in DER (RFC 8017 §A.1.1).
    pub(crate) fn pkcs1_der(&self) -> der::Result<Zeroizing<Vec<u8>>> {
        pkcs1_public_der(&self.n, &self.e)
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPublicKey")
            .field("modulus_bits", &self.modulus_bits())
            .finish_non_exhaustive()
    }
}

/// The numbers of a private RSA key beside its public ones, big-endian (RFC 7518 §6.3.2).
pub(crate) struct RsaPrivateNumbers<T> {
    pub(crate) d: T,
    pub(crate) p: T,
    pub(crate) q: T,
    pub(crate) dp: T,
    pub(crate) dq: T,
    pub(crate) qi: T,
}

/// An RSA private key with two primes and the CRT parameters (RFC 8017 §3.2), wiped on drop.
///
/// Only the ranges are checked here: every number is less than the modulus, and no prime is shorter
/// than a quarter of it. That the numbers belong together is checked by the backend that imports
/// the key.
#[derive(Clone)]
pub struct RsaPrivateKey {
    public: RsaPublicKey,
    d: Zeroizing<Vec<u8>>,
    p: Zeroizing<Vec<u8>>,
    q: Zeroizing<Vec<u8>>,
    dp: Zeroizing<Vec<u8>>,
    dq: Zeroizing<Vec<u8>>,
    qi: Zeroizing<Vec<u8>>,
    pkcs8_der: Zeroizing<Vec<u8>>,
}

impl RsaPrivateKey {
    pub(crate) fn new(
        public: RsaPublicKey,
        numbers: &RsaPrivateNumbers<&[u8]>,
    ) -> Result<Self, ImportError> {
        let modulus_len = public.modulus_len();
        let number = |bytes: &[u8]| {
            let bytes = strip_zeros(bytes);
            // Neither has leading zeros, so that this order is that of the numbers.
            if bytes.is_empty() || (bytes.len(), bytes) >= (modulus_len, public.n()) {
                return Err(ImportError::WeakKey(
                    "a number of the private RSA key is zero or not less than the modulus: export the key again from \
                     its origin",
                ));
            }
            Ok(Zeroizing::new(bytes.to_vec()))
        };
        // Primes of very different length are found by trial; real ones have half the length each.
        let shortest = public.modulus_bits() / 4;
        if [numbers.p, numbers.q].iter().any(|prime| bit_len(strip_zeros(prime)) < shortest) {
            return Err(ImportError::WeakKey(
                "a prime of the RSA key has less than a quarter of the modulus' bits: make a new key",
            ));
        }
        Ok(Self {
            d: number(numbers.d)?,
            p: number(numbers.p)?,
            q: number(numbers.q)?,
            dp: number(numbers.dp)?,
            dq: number(numbers.dq)?,
            qi: number(numbers.qi)?,
            pkcs8_der: pkcs8_der(&public, numbers).map_err(|_| TOO_LONG)?,
            public,
        })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &RsaPublicKey {
        &self.public
    }

    pub(crate) fn numbers(&self) -> RsaPrivateNumbers<&[u8]> {
        RsaPrivateNumbers {
            d: &self.d,
            p: &self.p,
            q: &self.q,
            dp: &self.dp,
            dq: &self.dq,
            qi: &self.qi,
        }
    }

    /// The key as a PKCS #8 `PrivateKeyInfo` in DER (RFC 5208 §5).
    #[must_use]
    pub fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8_der
    }

    /// The key as a PKCS #1 `RSAPrivateKey` in DER (RFC 8017 §A.1.2).
    pub(crate) fn pkcs1_der(&self) -> der::Result<Zeroizing<Vec<u8>>> {
        pkcs1_private_der(&self.public, &self.numbers())
    }

    pub(crate) fn from_pkcs1_der(der: &[u8]) -> Result<Self, ImportError> {
        let key = RsaPrivateKeyRef::from_der(der)
            .map_err(|_| ImportError::NotDer("no RSAPrivateKey (RFC 8017 §A.1.2)"))?;
        if key.other_prime_infos.is_some() {
            return Err(ImportError::Unsupported(
                "an RSA key of more than two primes: make one of two",
            ));
        }
        let public = RsaPublicKey::new(key.modulus.as_bytes(), key.public_exponent.as_bytes())?;
        Self::new(
            public,
            &RsaPrivateNumbers {
                d: key.private_exponent.as_bytes(),
                p: key.prime1.as_bytes(),
                q: key.prime2.as_bytes(),
                dp: key.exponent1.as_bytes(),
                dq: key.exponent2.as_bytes(),
                qi: key.coefficient.as_bytes(),
            },
        )
    }

    /// Takes a PKCS #8 `PrivateKeyInfo` in DER (RFC 5208 §5), such as one made by
    /// [`RsaKeyGeneration`](crate::RsaKeyGeneration).
    ///
    /// # Errors
    /// [`ImportError::NotDer`] and [`ImportError::Unsupported`] for another structure,
    /// [`ImportError::WeakKey`] when a number is out of its range.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, ImportError> {
        match key_der::from_pkcs8(der)? {
            KeyMaterial::RsaPrivate(key) => Ok(key),
            _ => Err(ImportError::Unsupported("it is no RSA key, and one is needed here")),
        }
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPrivateKey")
            .field("modulus_bits", &self.public.modulus_bits())
            .finish_non_exhaustive()
    }
}

/// The parameters of rsaEncryption, which are NULL (RFC 8017 §A.1); some leave them out.
pub(crate) fn null_parameters(parameters: Option<AnyRef<'_>>) -> Result<(), ImportError> {
    match parameters {
        None => Ok(()),
        Some(parameters) if parameters.is_null() => Ok(()),
        Some(_) => Err(ImportError::NotDer("the RSA key has parameters (RFC 8017 §A.1)")),
    }
}

fn pkcs1_public_der(n: &[u8], e: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    encode(&RsaPublicKeyRef { modulus: UintRef::new(n)?, public_exponent: UintRef::new(e)? })
}

fn spki_der(n: &[u8], e: &[u8]) -> der::Result<Vec<u8>> {
    let pkcs1 = pkcs1_public_der(n, e)?;
    encode(&spki::SubjectPublicKeyInfoRef {
        algorithm: spki::AlgorithmIdentifierRef {
            oid: RSA_ENCRYPTION,
            parameters: Some(AnyRef::NULL),
        },
        subject_public_key: BitStringRef::from_bytes(&pkcs1)?,
    })
    .map(|der| der.to_vec())
}

fn pkcs1_private_der(
    public: &RsaPublicKey,
    numbers: &RsaPrivateNumbers<&[u8]>,
) -> der::Result<Zeroizing<Vec<u8>>> {
    encode(&RsaPrivateKeyRef {
        modulus: UintRef::new(&public.n)?,
        public_exponent: UintRef::new(&public.e)?,
        private_exponent: UintRef::new(numbers.d)?,
        prime1: UintRef::new(numbers.p)?,
        prime2: UintRef::new(numbers.q)?,
        exponent1: UintRef::new(numbers.dp)?,
        exponent2: UintRef::new(numbers.dq)?,
        coefficient: UintRef::new(numbers.qi)?,
        other_prime_infos: None,
    })
}

fn pkcs8_der(
    public: &RsaPublicKey,
    numbers: &RsaPrivateNumbers<&[u8]>,
) -> der::Result<Zeroizing<Vec<u8>>> {
    let pkcs1 = pkcs1_private_der(public, numbers)?;
    encode(&pkcs8::PrivateKeyInfoRef::new(
        pkcs8::AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) },
        OctetStringRef::new(&pkcs1)?,
    ))
}

fn strip_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// The length in bits of a big-endian number without leading zero bytes.
fn bit_len(bytes: &[u8]) -> usize {
    let top = bytes.first().map_or(0, |byte| byte.leading_zeros() as usize);
    bytes.len().saturating_mul(8).saturating_sub(top)
}
