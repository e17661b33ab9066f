//! JSON Web Encryption (RFC 7516) without a crypto library.
mod alg;
mod backend;
mod content_encryption;
mod direct;
mod enc;
mod error;
mod key_generation;
mod key_import;
mod key_material;
mod random_source;
mod rsa_key;

pub use alg::{Alg, KeyManagementMode, UnknownAlgorithm};
pub use backend::{Algorithm, Backend, Capability, Direction, Sha256};
pub use content_encryption::ContentEncryption;
pub use direct::{DIRECT, Direct};
pub use enc::Enc;
pub use error::{
    BackendError, DecryptError, EncryptError, Gap, ImportError, KeyRejected, Malformed, Rejected,
    Segment, SetupError,
};
pub use key_generation::RsaKeyGeneration;
pub use key_import::{
    DecryptionKeyImport, EncryptionKeyImport, RecipientContext, RecipientDeriveKey, RecipientKey,
    SenderContext, SenderDeriveKey, SenderKey, UNWRAP_BUFFER_LEN, UnwrapKey, WrapKey,
};
pub use key_material::{KeyMaterial, OctKey};
pub use random_source::RandomSource;
pub use rsa_key::{MAX_MODULUS_BITS, MIN_MODULUS_BITS, RsaPrivateKey, RsaPublicKey};
