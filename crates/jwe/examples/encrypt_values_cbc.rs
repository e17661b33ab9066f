//! The same as `encrypt_values` for an API that wants A256CBC-HS512, and whose key does not say
//! which algorithm it is for: the client does.
//!
//!     cargo run -p jwe --example encrypt_values_cbc < values.json

use std::error::Error;
use std::io::{Read, stdin};

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{Alg, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions};
use serde_json::{Map, Value};

/// What the API answered to `GET /publickey`. It has no `alg`, and without `with_alg` below its
/// import is an error.
const PUBLIC_KEY: &[u8] = include_bytes!("publickey-without-alg.jwk");

fn main() -> Result<(), Box<dyn Error>> {
    let options = KeyOptions::new().with_alg(Alg::RsaOaep256);
    let key = EncryptionKey::import(&AWS_LC_RS, &Jwk::from_json(PUBLIC_KEY)?, &options)?;
    let encrypter = Encrypter::new(&AWS_LC_RS, &key, Enc::A256CbcHs512)?;

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
