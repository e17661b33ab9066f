//! Encrypts every value of a JSON object by itself, as a client of an API with end-to-end
//! encryption does: RSA-OAEP-256 and A256GCM with the key that the API publishes, the plaintext
//! being the value's UTF-8 bytes.
//!
//!     cargo run -p jwe --example encrypt_values < values.json

use std::error::Error;
use std::io::{Read, stdin};

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{Enc, Encrypter, EncryptionKey, Jwk, KeyOptions};
use serde_json::{Map, Value};

/// What the API answered to `GET /publickey`.
const PUBLIC_KEY: &[u8] = include_bytes!("publickey.jwk");

fn main() -> Result<(), Box<dyn Error>> {
    // Once: the key is parsed, checked and prepared here, not at every value.
    let jwk = Jwk::from_json(PUBLIC_KEY)?;
    let key = EncryptionKey::import(&AWS_LC_RS, &jwk, &KeyOptions::new())?;
    let encrypter = Encrypter::new(&AWS_LC_RS, &key, Enc::A256Gcm)?;

    let mut input = String::new();
    stdin().read_to_string(&mut input)?;
    let values: Map<String, Value> = serde_json::from_str(&input)?;

    let mut encrypted = Map::new();
    for (name, value) in values {
        let value =
            value.as_str().ok_or_else(|| format!("the value of {name:?} is not a string"))?;
        encrypted.insert(name, encrypter.encrypt(value.as_bytes())?.into());
    }
    println!("{}", Value::Object(encrypted));
    Ok(())
}
