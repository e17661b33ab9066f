//! RSA by hand, to see what a sender's padding was made of.

mod encoded_message;
mod hash;
mod pkcs8_numbers;
mod private_key;

pub(crate) use encoded_message::{Padding, open};
pub(crate) use hash::Hash;
pub(crate) use private_key::PrivateKey;
