//! What can go wrong, by boundary: bringing in a key, setting up, encrypting, decrypting.
//!
//! Key import is precise, because whoever imports a key owns it. Decryption is not: see
//! [`DecryptError`]. No error holds a secret, and each has a stable `code()` for programs.

mod backend;
mod decrypt;
mod encrypt;
mod export;
mod generate;
mod import;
mod setup;
#[cfg(test)]
mod tests;

pub use backend::{BackendError, Gap, KeyRejected};
pub use decrypt::{DecryptError, Malformed, Rejected, Segment};
pub use encrypt::EncryptError;
pub use export::ExportError;
pub use generate::GenerateError;
pub use import::ImportError;
pub use setup::SetupError;
