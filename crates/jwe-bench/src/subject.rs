//! The keys with which backends are compared.

use jwe::{
    Alg, Backend, Curve, Enc, GenerateError, ImportError, Jwk, KeyMaterial, KeyOptions, Kid,
};

use crate::error::BenchError;

/// The `kid` of every key, so that all headers are equally long.
const KID: &str = "benchmark";

/// A key, bound to the algorithm that it is for: private where there is a public half.
#[derive(Clone, Debug)]
pub struct Subject {
    alg: Alg,
    jwk: Jwk,
}

impl Subject {
    /// A new RSA key of so many bits, made by the first of `makers` that can.
    ///
    /// # Errors
    /// [`BenchError::Generate`] if none can, [`BenchError::NoBackend`] if there is none.
    pub fn generate_rsa(
        makers: &[&'static Backend],
        alg: Alg,
        modulus_bits: usize,
    ) -> Result<Self, BenchError> {
        Self::generate(makers, alg, |maker| Jwk::generate_rsa(maker, modulus_bits))
    }

    /// A new key pair on this curve, for the ECDH-ES family, made by the first of `makers` that can.
    ///
    /// # Errors
    /// [`BenchError::Generate`] if none can, [`BenchError::NoBackend`] if there is none.
    pub fn generate_ec(
        makers: &[&'static Backend],
        alg: Alg,
        curve: Curve,
    ) -> Result<Self, BenchError> {
        Self::generate(makers, alg, |maker| Jwk::generate_ec(maker, curve))
    }

    /// A new symmetric key, as long as `alg` has it, or for `dir` as long as `enc` has it.
    ///
    /// # Errors
    /// [`BenchError::Password`] for the PBES2 family; else as [`generate_rsa`](Self::generate_rsa).
    pub fn generate_oct(
        makers: &[&'static Backend],
        alg: Alg,
        enc: Enc,
    ) -> Result<Self, BenchError> {
        if alg.is_pbes2() {
            return Err(BenchError::Password(alg));
        }
        let len = alg.kek_len().unwrap_or(enc.cek_len());
        Self::generate(makers, alg, |maker| Jwk::generate_oct(maker, len))
    }

    fn generate(
        makers: &[&'static Backend],
        alg: Alg,
        generate: impl Fn(&Backend) -> Result<Jwk, GenerateError>,
    ) -> Result<Self, BenchError> {
        let mut last = BenchError::NoBackend;
        for maker in makers {
            match generate(maker) {
                Ok(jwk) => return Self::new(makers, alg, &jwk),
                // A backend that makes such keys, but not this long, knows more than one that
                // makes none.
                Err(GenerateError::NotOffered { .. })
                    if matches!(last, BenchError::Generate(..)) => {}
                Err(error) => last = BenchError::Generate(alg, error),
            }
        }
        Err(last)
    }

    /// This key. A public half that its file left out is worked out by the first of `backends` that
    /// can.
    ///
    /// # Errors
    /// [`BenchError::Import`] if the key is public, or of a type that is not for `alg`, or says that
    /// it is for something else; [`BenchError::Password`] for the PBES2 family.
    pub fn new(backends: &[&'static Backend], alg: Alg, jwk: &Jwk) -> Result<Self, BenchError> {
        if alg.is_pbes2() {
            return Err(BenchError::Password(alg));
        }
        if !alg.takes_key_type(jwk.kty()) {
            return Err(ImportError::AlgKeyType { alg, kty: jwk.kty() }.into());
        }
        if !jwk.is_private() {
            return Err(ImportError::PrivateKeyNeeded.into());
        }
        let whole = backends.iter().find_map(|backend| jwk.clone().with_public_half(backend).ok());
        Ok(Self { alg, jwk: whole.unwrap_or_else(|| jwk.clone()) })
    }

    /// The algorithm.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// The length of the key in bits: of the modulus, or of all of a symmetric key. `None` for a key
    /// on a curve.
    #[must_use]
    pub fn bits(&self) -> Option<usize> {
        match self.jwk.material() {
            KeyMaterial::RsaPrivate(key) => Some(key.public().modulus_bits()),
            KeyMaterial::Oct(key) => Some(key.as_bytes().len() * 8),
            _ => None,
        }
    }

    /// The curve, for the ECDH-ES family.
    #[must_use]
    pub fn curve(&self) -> Option<Curve> {
        self.jwk.curve()
    }

    /// What tells the key from others, such as `RSA 2048`, `P-256` or `256 bits`.
    #[must_use]
    pub fn label(&self) -> String {
        match (self.curve(), self.bits()) {
            (Some(curve), _) => curve.to_string(),
            (None, Some(bits)) if self.alg.is_rsa() => format!("RSA {bits}"),
            (None, bits) => format!("{} bits", bits.unwrap_or_default()),
        }
    }

    pub(crate) fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    pub(crate) fn options(&self) -> KeyOptions {
        KeyOptions::new().with_alg(self.alg).with_kid(Kid::Given(KID.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use jwe::aws_lc_rs::AWS_LC_RS;
    use jwe::ring::RING;
    use jwe::{Alg, Backend, Curve, Enc, GenerateError, ImportError, Jwk};

    use super::Subject;
    use crate::error::BenchError;

    static BOTH: [&Backend; 2] = [&RING, &AWS_LC_RS];

    #[test]
    fn the_first_that_can_makes_the_key() {
        let rsa = Subject::generate_rsa(&BOTH, Alg::RsaOaep, 2048).unwrap();
        assert_eq!((rsa.label().as_str(), rsa.bits(), rsa.curve()), ("RSA 2048", Some(2048), None));
        let ec = Subject::generate_ec(&BOTH, Alg::EcdhEsA128Kw, Curve::X25519).unwrap();
        assert_eq!(
            (ec.label().as_str(), ec.bits(), ec.curve()),
            ("X25519", None, Some(Curve::X25519))
        );
        for (alg, enc, bits) in [
            (Alg::A128Kw, Enc::A256Gcm, 128),
            (Alg::A192GcmKw, Enc::A256Gcm, 192),
            (Alg::Dir, Enc::A256CbcHs512, 512),
        ] {
            let oct = Subject::generate_oct(&BOTH, alg, enc).unwrap();
            assert_eq!((oct.label(), oct.bits()), (format!("{bits} bits"), Some(bits)));
        }
    }

    #[test]
    fn why_no_key_is_made() {
        let alg = Alg::RsaOaep256;
        let refused = Subject::generate_rsa(&[&RING], alg, 2048).unwrap_err();
        let not_offered = GenerateError::NotOffered { backend: "ring".to_owned() };
        assert_eq!(refused, BenchError::Generate(alg, not_offered));
        // In either order the reason is that of the one that makes RSA keys.
        for makers in [BOTH, [&AWS_LC_RS, &RING]] {
            let refused = Subject::generate_rsa(&makers, alg, 1024).unwrap_err();
            assert_eq!(refused.code(), "generation_length", "{refused}");
        }
        assert_eq!(Subject::generate_rsa(&[], alg, 2048).unwrap_err(), BenchError::NoBackend);
        let password = Alg::Pbes2Hs256A128Kw;
        let refused = Subject::generate_oct(&BOTH, password, Enc::A256Gcm).unwrap_err();
        assert_eq!(refused, BenchError::Password(password));
    }

    #[test]
    fn a_given_key_is_private_and_of_the_type_of_its_alg() {
        let jwk = Jwk::generate_ec(&AWS_LC_RS, Curve::P256).unwrap();
        assert!(Subject::new(&BOTH, Alg::EcdhEs, &jwk).is_ok());
        let refused = Subject::new(&BOTH, Alg::RsaOaep256, &jwk).unwrap_err();
        let wrong = ImportError::AlgKeyType { alg: Alg::RsaOaep256, kty: "EC" };
        assert_eq!(refused, BenchError::Import(wrong));
        let public = jwk.to_public().unwrap();
        let refused = Subject::new(&BOTH, Alg::EcdhEs, &public).unwrap_err();
        assert_eq!(refused, BenchError::Import(ImportError::PrivateKeyNeeded));
    }
}
