//! Key wrapping with AES-GCM (RFC 7518 §4.7), over this crate's content encryption.

use jwe_core::Alg;
use jwe_core::gcm_key_wrap::GcmKw;

use crate::aes_gcm::{A128GCM, A192GCM, A256GCM};

pub(crate) static A128GCMKW: GcmKw = GcmKw::new(Alg::A128GcmKw, &A128GCM);
pub(crate) static A192GCMKW: GcmKw = GcmKw::new(Alg::A192GcmKw, &A192GCM);
pub(crate) static A256GCMKW: GcmKw = GcmKw::new(Alg::A256GcmKw, &A256GCM);
