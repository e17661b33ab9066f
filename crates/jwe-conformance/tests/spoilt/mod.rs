//! A good backend with one fault put into it, to see whether the kit finds it.

pub(crate) mod agreement;
pub(crate) mod content;
pub(crate) mod keys;
pub(crate) mod passwords;
pub(crate) mod sources;
pub(crate) mod wrapping;

use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{
    Alg, Backend, ContentEncryption, DecryptionKeyImport, Direction, Enc, EncryptionKeyImport,
};
use jwe_ring::RING;

/// The good object behind a spoilt one.
pub(crate) fn good_content(enc: Enc) -> &'static dyn ContentEncryption {
    AWS_LC_RS.content_encryption(enc, Direction::Encrypt).expect("aws-lc-rs has every enc")
}

/// The good import for senders behind a spoilt one.
pub(crate) fn good_sender(alg: Alg) -> &'static dyn EncryptionKeyImport {
    AWS_LC_RS.encryption_key_import(alg, None).expect("aws-lc-rs has every alg").1
}

/// A good import for senders that draws its seeds from the context's random source.
pub(crate) fn sender_of_given_seeds(alg: Alg) -> &'static dyn EncryptionKeyImport {
    RING.encryption_key_import(alg, None).expect("ring has every alg for senders").1
}

/// The good import for recipients behind a spoilt one.
pub(crate) fn good_recipient(alg: Alg) -> &'static dyn DecryptionKeyImport {
    AWS_LC_RS.decryption_key_import(alg, None).expect("aws-lc-rs has every alg").1
}

/// A spoilt backend that lists nothing yet, with good sources.
pub(crate) const fn empty() -> Backend {
    Backend::new("spoilt", &sources::GOOD, sources::sha256)
        .with_gap_advice("the backend aws-lc-rs has what is taken away here")
}
