//! Names the cause when a JSON Web Encryption (RFC 7516) can't be opened, and what to change.
//!
//! A recipient that follows RFC 7516 §11.5 tells nobody why a message did not decrypt, and is right
//! not to. This crate is for the other side of the desk: whoever writes the client has a token, the
//! key that it was made for, and wants one sentence. [`diagnose`] examines the token from the outside
//! inwards: the text, its parts, the header, the encrypted key, the content, the plaintext. Every
//! [`Finding`] rests on something that was computed, and claims no more than that shows.
//!
//! ```
//! # let backend = &jwe_aws_lc_rs::AWS_LC_RS;
//! use jwe_doctor::{Cause, Expected, diagnose};
//!
//! let token = b"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
//! let diagnosis = diagnose(token, &[], backend, &Expected::default());
//! assert_eq!(diagnosis.main().map(|finding| finding.cause), Some(Cause::SignedJwt));
//! ```
//!
//! # Never behind a network
//!
//! With a private key, this is a decryption oracle in the full sense: it tells apart every way in which
//! a padding or a tag can be wrong, and takes a different time for each. Its RSA operation is a plain
//! power of the number received, without blinding and without a claim of constant time. It is for a
//! developer's own machine, and for a sandbox whose key was made for the sandbox and protects nothing.
//!
//! A plaintext is never shown: only its length and its form are. The CEK, the plaintext and the
//! encoded messages are wiped; what the arithmetic of RSA allocates in between is not all wiped.

// Arithmetic on lengths says what happens beyond the range, whatever profile it is built with.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod base64_text;
mod cause;
mod content;
mod diagnose;
mod encrypted_key;
mod engine;
mod expected;
mod finding;
mod header;
mod json_members;
mod keys;
mod outer_form;
mod parts;
mod plaintext;
mod rsa;
mod shown;

pub use cause::Cause;
pub use diagnose::diagnose;
pub use expected::{Expected, PlaintextForm};
pub use finding::{Diagnosis, Examined, Finding};
