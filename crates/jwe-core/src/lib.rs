//! JSON Web Encryption (RFC 7516) without a crypto library: types, policy, the engine, and the
//! traits that a crypto backend implements.
//!
//! The path of a message:
//!
//! 1. A [`Jwk`] is read from JSON, PEM, DER or a certificate; its numbers are range-checked here.
//! 2. [`EncryptionKey::import`] or [`DecryptionKey::import`] hands it to a [`Backend`], bound to
//!    one [`Alg`], and gets a prepared key.
//! 3. An [`Encrypter`] makes tokens with it, a [`MessageEncrypter`] messages for several recipients
//!    and in the JSON serializations; a [`Decrypter`] opens them under a policy. The messages of one
//!    document can take one key operation, by [`Encrypter::share_cek`] and
//!    [`Decrypter::unwrapping_once`]. A [`BindingEncrypter`] binds each message to its place, which a
//!    [`BindingDecrypter`] expects it to have.
//!
//! For those who use JWE, the crate `jwe` re-exports this one beside its backends. For those who
//! write a backend, the traits are [`EncryptionKeyImport`] and [`DecryptionKeyImport`],
//! [`ContentEncryption`] and [`RandomSource`], tied together in a [`Backend`] value; the crate
//! `jwe-conformance` tests it. For all algorithms but RSA the import objects are here, over
//! primitives that a backend offers: [`aes_key_wrap`], [`gcm_key_wrap`], [`pbes2`], [`EcdhEsSender`]
//! and [`EcdhEsRecipient`], and [`DIRECT`]. [`Serialization`] is the trait of the formats of a [`Message`].
//!
//! What is refused, and when, is written at [`DecryptError`]: whatever public bytes and policy
//! decide is reported precisely before a private key is touched, and every cryptographic outcome
//! is one and the same error.

// Arithmetic on lengths says what happens beyond the range, whatever profile it is built with.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod aes_cbc_hmac;
pub mod aes_key_wrap;
mod alg;
mod backend;
mod base64url;
mod binding_decrypter;
mod binding_encrypter;
mod bound_member;
mod cek;
mod certificate;
mod compact;
pub mod concat_kdf;
mod content_encryption;
mod curve;
mod decrypter;
mod deflate;
mod der_encoding;
mod direct;
mod ec_der;
mod ec_key;
mod ecdh_es;
mod enc;
mod encrypter;
mod ephemeral_public_key;
mod error;
mod flattened;
pub mod gcm_key_wrap;
mod general;
#[cfg(feature = "hazmat")]
pub mod hazmat;
mod header_members;
mod header_template;
mod inspection;
mod jose_header;
mod json_object;
mod json_serialization;
mod jwk;
mod jwk_json;
mod jwk_set;
mod key;
mod key_agreement;
mod key_der;
mod key_format;
mod key_generation;
mod key_import;
mod key_material;
mod key_parameters;
mod key_step;
mod limits;
mod message;
mod message_encrypter;
pub mod pbes2;
pub mod pem;
mod pending;
#[cfg(test)]
mod policy_tests;
mod random_source;
mod received_header;
mod rsa_key;
mod sealed_content;
mod serialization;
mod shared_cek;
pub mod shown;
mod thumbprint;
#[cfg(test)]
mod toy;
mod unwrapping_once;
mod uses;
pub mod wiped;

pub use alg::{Alg, KeyManagementMode, UnknownAlgorithm};
pub use backend::{Algorithm, Backend, Capability, Direction, Sha256};
pub use binding_decrypter::{BindingDecrypter, BindingUnwrappingOnce};
pub use binding_encrypter::{BindingEncrypter, BindingSharedCek};
pub use certificate::Certificate;
pub use compact::Compact;
pub use content_encryption::ContentEncryption;
pub use curve::Curve;
pub use decrypter::Decrypter;
pub use direct::{DIRECT, Direct};
pub use ec_key::{EcPrivateKey, EcPublicKey, is_well_formed};
pub use ecdh_es::{EcdhEsRecipient, EcdhEsSender};
pub use enc::Enc;
pub use encrypter::{Encrypter, EncrypterBuilder};
pub use ephemeral_public_key::EphemeralPublicKey;
pub use error::{
    BackendError, DecryptError, EncryptError, ExportError, Gap, GenerateError, ImportError,
    KeyRejected, Malformed, Rejected, Segment, SetupError,
};
pub use flattened::FlattenedJson;
pub use general::GeneralJson;
pub use inspection::{Inspection, RecipientInspection};
pub use jose_header::JoseHeader;
pub use jwk::Jwk;
pub use jwk_set::JwkSet;
pub use key::{DecryptionKey, EncryptionKey, KeyOptions, Kid};
pub use key_agreement::{
    EcKeyGeneration, EphemeralAgreement, EphemeralAgreementKey, StaticAgreement, StaticAgreementKey,
};
pub use key_format::KeyFormat;
pub use key_generation::RsaKeyGeneration;
pub use key_import::{
    DecryptionKeyImport, EncryptionKeyImport, RecipientContext, RecipientDeriveKey, RecipientKey,
    SenderContext, SenderDeriveKey, SenderKey, UNWRAP_BUFFER_LEN, UnwrapKey, WrapKey,
};
pub use key_material::{KeyMaterial, OctKey};
pub use limits::Limits;
pub use message::{Message, Recipient};
pub use message_encrypter::{MessageEncrypter, MessageEncrypterBuilder};
pub use pending::Pending;
pub use random_source::RandomSource;
pub use rsa_key::{MAX_MODULUS_BITS, MIN_MODULUS_BITS, RsaPrivateKey, RsaPublicKey};
pub use serialization::{NotExpressible, Serialization};
pub use shared_cek::{SharedCek, SharedCekMemory};
pub use unwrapping_once::{UnwrappedMemory, UnwrappingOnce};
pub use zeroize::Zeroizing;
