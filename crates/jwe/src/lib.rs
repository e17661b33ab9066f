//! JSON Web Encryption (RFC 7516) with a crypto library of your choice.
//!
//! A client replaces a sensitive value by a JWE that only the holder of the private key can open:
//!
//! ```
//! # #[cfg(not(feature = "aws-lc-rs"))]
//! # fn main() {}
//! # #[cfg(feature = "aws-lc-rs")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use jwe::{Enc, Encrypter, EncryptionKey, Jwk, KeyOptions, aws_lc_rs::AWS_LC_RS};
//!
//! # let publickey = include_bytes!("../examples/publickey.jwk");
//! let jwk = Jwk::from_json(publickey)?; // what `GET /publickey` answered
//! let key = EncryptionKey::import(&AWS_LC_RS, &jwk, &KeyOptions::new())?;
//! let encrypter = Encrypter::new(&AWS_LC_RS, &key, Enc::A256Gcm)?;
//! let token = encrypter.encrypt(b"s3cret")?;
//! # assert_eq!(token.split('.').count(), 5);
//! # Ok(())
//! # }
//! ```
//!
//! # Choosing a backend
//!
//! A backend is a value that is passed to every function that needs one; there is no global
//! choice. Features add backends, and none excludes another:
//!
//! | feature | value | library |
//! | --- | --- | --- |
//! | `aws-lc-rs` (default) | `aws_lc_rs::AWS_LC_RS` | AWS-LC |
//! | `fips` | `aws_lc_rs::AWS_LC_RS` | the FIPS module of AWS-LC; needs CMake and Go to build |
//! | `ring` | `ring::RING` | ring; encrypts with RSA and ECDH-ES, and does not decrypt with them |
//! | `josekit` | `josekit::JOSEKIT` | OpenSSL 3 of the system |
//! | `josekit-vendored` | `josekit::JOSEKIT` | OpenSSL 3 built from source; needs make and perl |
//!
//! What a backend can do is [`Backend::capabilities`]. What it can't do is refused when a key is
//! imported or an encrypter is built; [`Backend::or`] fills gaps from another backend. The traits of
//! which a backend is made are in the crate `jwe-core`.
//!
//! Libraries take a `&Backend`; applications that have no preference use
#![cfg_attr(
    any(feature = "aws-lc-rs", feature = "fips", feature = "ring", feature = "josekit"),
    doc = "[`default_backend`]."
)]
#![cfg_attr(
    not(any(feature = "aws-lc-rs", feature = "fips", feature = "ring", feature = "josekit")),
    doc = "`default_backend`, which is there with any feature."
)]

mod backends;

#[cfg(any(feature = "aws-lc-rs", feature = "fips", feature = "ring", feature = "josekit"))]
pub use backends::default_backend;
pub use backends::{backend_by_name, backends};
pub use jwe_core::{
    Alg, Algorithm, Backend, BackendError, BindingDecrypter, BindingEncrypter, BindingSharedCek,
    BindingUnwrappingOnce, Capability, Certificate, Compact, Curve, DecryptError, Decrypter,
    DecryptionKey, Direction, EcPrivateKey, EcPublicKey, Enc, EncryptError, Encrypter,
    EncrypterBuilder, EncryptionKey, EphemeralPublicKey, ExportError, FlattenedJson, Gap,
    GeneralJson, GenerateError, ImportError, Inspection, JoseHeader, Jwk, JwkSet, KeyFormat,
    KeyManagementMode, KeyMaterial, KeyOptions, KeyRejected, Kid, Limits, Malformed, Message,
    MessageEncrypter, MessageEncrypterBuilder, NotExpressible, OctKey, Pending, Recipient,
    RecipientInspection, Rejected, RsaPrivateKey, RsaPublicKey, Segment, Serialization, SetupError,
    SharedCek, SharedCekMemory, UnknownAlgorithm, UnwrappedMemory, UnwrappingOnce, Zeroizing,
};

/// The backend on aws-lc-rs.
#[cfg(any(feature = "aws-lc-rs", feature = "fips"))]
pub mod aws_lc_rs {
    pub use jwe_aws_lc_rs::AWS_LC_RS;
}

/// The backend on ring.
#[cfg(feature = "ring")]
pub mod ring {
    pub use jwe_ring::RING;
}

/// The backend on OpenSSL through josekit.
#[cfg(feature = "josekit")]
pub mod josekit {
    pub use jwe_josekit::JOSEKIT;
}
