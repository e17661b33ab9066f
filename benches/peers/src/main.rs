//! jwe on each of its backends, the hand assembly and josekit's own API, each as a contender, and
//! the maker of the keys for all of them:
//!
//! ```text
//! jwe-peers key RSA-OAEP-256|dir     prints what the command `key` of a contender takes
//! jwe-peers openssl                  prints which OpenSSL is linked
//! jwe-peers NAME                     is that contender
//! ```

use std::error::Error;

use contender::{Contender, Outcome, serve};
use jwe::{
    Alg, Backend, Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyFormat,
    KeyOptions,
};
use jwe_benches::key_management::Subject;
use jwe_benches::{by_hand, josekit_api, subjects};

const ENC: Enc = Enc::A256Gcm;

/// What the command `key` takes, with a new key.
fn new_key(alg: &str) -> Outcome<String> {
    let (private, pem) = match alg.parse()? {
        Alg::Dir => (Subject::symmetric(Alg::Dir, 32).jwk, "".to_owned().into()),
        Alg::RsaOaep256 => {
            let private = subjects::private_key(2048);
            let pem = private.to_pem(KeyFormat::Pkcs8)?;
            (private, pem)
        }
        other => return Err(format!("no contender is measured with {other}").into()),
    };
    let public = private.to_public().unwrap_or_else(|| private.clone());
    let pem = pem.replace('\n', "\\n");
    Ok(format!(
        r#"{{"private":{},"public":{},"pem":"{pem}"}}"#,
        *private.to_json(),
        *public.to_json()
    ))
}

/// The private key of what the command `key` takes, which has it first.
fn private_jwk(keys: &str) -> Outcome<Jwk> {
    let (private, _) = keys
        .strip_prefix(r#"{"private":"#)
        .and_then(|rest| rest.split_once(r#","public":"#))
        .ok_or("not the keys that this program has printed")?;
    Ok(Jwk::from_json(private.as_bytes())?)
}

fn jwe_on(backend: &'static Backend, keys: &str) -> Outcome<Contender> {
    let private = private_jwk(keys)?;
    let public = private.to_public().unwrap_or_else(|| private.clone());
    let key = EncryptionKey::import(backend, &public, &KeyOptions::new())?;
    let encrypter = Encrypter::new(backend, &key, ENC)?;
    let decrypter = match DecryptionKey::import(backend, &private, &KeyOptions::new()) {
        Ok(key) => Some(Decrypter::new(backend, [key], &[ENC])?),
        // The ring backend has no private RSA operation.
        Err(_) if backend.decryption_key_import(key.alg(), None).is_err() => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Contender {
        encrypt: Box::new(move |value| Ok(encrypter.encrypt(value)?)),
        decrypt: decrypter.map(|decrypter| -> contender::Decrypt {
            Box::new(move |token| Ok(decrypter.decrypt(token)?.to_vec()))
        }),
    })
}

fn by_hand(keys: &str) -> Outcome<Contender> {
    let private = private_jwk(keys)?;
    let sender = by_hand::Sender::new(&private, ENC);
    let recipient = by_hand::Recipient::new(&private, ENC);
    let refused = |_| "the library refused it, or another header than its own";
    Ok(Contender {
        encrypt: Box::new(move |value| Ok(sender.encrypt(value).map_err(refused)?)),
        decrypt: Some(Box::new(move |token| Ok(recipient.decrypt(token).map_err(refused)?))),
    })
}

fn josekit(keys: &str) -> Outcome<Contender> {
    let private = private_jwk(keys)?;
    let sender = josekit_api::Sender::new(&private, ENC);
    let recipient = josekit_api::Recipient::new(&private);
    Ok(Contender {
        encrypt: Box::new(move |value| Ok(sender.encrypt(value))),
        decrypt: Some(Box::new(move |token| Ok(recipient.decrypt(token)))),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["key", alg] => println!("{}", new_key(alg)?),
        ["openssl"] => println!("{}", openssl::version::version()),
        ["by-hand"] => serve(by_hand)?,
        ["josekit"] => serve(josekit)?,
        [name] => {
            let backend = name
                .strip_prefix("jwe-")
                .and_then(jwe::backend_by_name)
                .ok_or_else(|| format!("no such contender: {name}"))?;
            serve(|keys| jwe_on(backend, keys))?;
        }
        _ => return Err("one argument: the name of a contender".into()),
    }
    Ok(())
}
