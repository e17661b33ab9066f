//! Encryption in a client: where the API's key comes from, and what is encrypted with it.
//!
//! - [`KeySource`] fetches the published key, keeps it, and renews it before its time is over;
//! - [`FieldEncryption`] encrypts the fields of a request body with the key of the moment;
//! - [`FieldClient`] does that to the requests of a [`reqwest::Client`], and sends a request once more
//!   when the API says that it no longer has the key.
//!
//! All of it runs in a Tokio runtime with I/O and time enabled.

mod back_off;
mod clear_body;
mod field_client;
mod field_client_error;
mod field_encryption;
#[cfg(feature = "fuzzing")]
mod key_answers;
mod key_endpoint;
mod key_source;
mod key_source_error;
mod key_source_options;
mod key_url;
mod lifetime;
mod refused_kid;
mod secret_members;
mod sender_key;
mod tls;

pub use field_client::FieldClient;
pub use field_client_error::FieldClientError;
pub use field_encryption::FieldEncryption;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub use key_answers::{KeyAnswers, stated_lifetime};
pub use key_source::KeySource;
pub use key_source_error::KeySourceError;
pub use key_source_options::KeySourceOptions;
pub use sender_key::SenderKey;

/// The crypto of TLS, in the version of rustls that is used here.
pub use rustls::crypto::CryptoProvider;
