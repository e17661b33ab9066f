//! The API's side: decrypts every value of a JSON object. The set of accepted content encryption
//! algorithms is part of the policy, and a token must name the API's key.
//!
//!     cargo run -p jwe --example encrypt_values < values.json \
//!         | cargo run -p jwe --example decrypt_values

use std::error::Error;
use std::io::{Read, stdin};

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{Decrypter, DecryptionKey, Enc, Jwk, KeyOptions};
use serde_json::{Map, Value};

/// A key for examples. The key of a real API is in a file that only the API can read.
const PRIVATE_KEY: &[u8] = include_bytes!("throwaway-private.jwk");

fn main() -> Result<(), Box<dyn Error>> {
    let key = DecryptionKey::import(&AWS_LC_RS, &Jwk::from_json(PRIVATE_KEY)?, &KeyOptions::new())?;
    let accepted = [Enc::A256Gcm, Enc::A256CbcHs512];
    let decrypter = Decrypter::new(&AWS_LC_RS, [key], &accepted)?.require_kid();

    let mut input = String::new();
    stdin().read_to_string(&mut input)?;
    let values: Map<String, Value> = serde_json::from_str(&input)?;

    let mut decrypted = Map::new();
    for (name, token) in values {
        let token =
            token.as_str().ok_or_else(|| format!("the value of {name:?} is not a string"))?;
        // The error says nothing about why a token could not be decrypted, so it can be shown.
        let value = decrypter.decrypt(token).map_err(|error| format!("{name}: {error}"))?;
        decrypted.insert(name, str::from_utf8(&value)?.into());
    }
    println!("{}", Value::Object(decrypted));
    Ok(())
}
