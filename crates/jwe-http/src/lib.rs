//! Keys and encrypted fields over HTTP.
//!
//! A client encrypts the sensitive values of its JSON requests with a key that the API publishes;
//! whatever lies between holds ciphertext; the API's handler sees clear text. This crate is both ends:
//!
//! - keys at rest and published: [`KeyDirectory`], [`KeyRing`], [`PublishedKeys`];
//! - decryption in a Rust service: [`FieldDecryption`] with a tower layer, and an extractor for axum
//!   behind the feature `axum`;
//! - decryption in front of any service, behind the feature `server`;
//! - encryption in a Rust client, behind the feature `client`.

mod field_decryption;
mod field_routes;
mod key_directory;
mod key_ring;
mod problem;
mod published_keys;
mod workers;

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "server")]
pub mod server;

pub use field_decryption::{
    DecryptFields, DecryptFieldsLayer, DecryptionOptions, DecryptionSetupError, EitherBody,
    FieldDecryption, ResponseFuture,
};
#[cfg(feature = "axum")]
pub use field_decryption::{DecryptedBody, DecryptedJson};
pub use field_routes::{FieldRoute, FieldRoutes, RouteError, RouteId};
pub use key_directory::{KeyDirectory, KeyDirectoryError, NewKey};
pub use key_ring::{KeyRing, KeyState, StoredKey};
pub use problem::{Problem, ProblemCode};
pub use published_keys::{PublishedKeys, Representation};
pub use workers::{Busy, Workers};
