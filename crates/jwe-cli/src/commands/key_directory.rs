//! `jwe keys`.

use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

use jwe::{Alg, Backend, KeyMaterial};
use jwe_http::{KeyRing, NewKey, StoredKey};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::cli::{KeyDirectory, NewKeyArgs};
use crate::failure::Failure;
use crate::keys;
use crate::output::{self, Secrecy};

/// The length of a bearer token in random bytes.
const TOKEN_LEN: usize = 32;

pub(crate) fn run(command: KeyDirectory) -> Result<(), Failure> {
    match command {
        KeyDirectory::Init { folder, new } => {
            let directory = directory(&folder.path, folder.backend.name.as_deref())?;
            let ring = directory.init(&new_key(&new, None)?)?;
            list(&ring, false)
        }
        KeyDirectory::List { folder, json } => {
            list(&directory(&folder.path, folder.backend.name.as_deref())?.load()?, json)
        }
        KeyDirectory::Rotate { folder, new, overlap } => {
            let directory = directory(&folder.path, folder.backend.name.as_deref())?;
            let new = new_key(&new, Some(directory.load()?.current()))?;
            list(&directory.rotate(&new, overlap)?, false)
        }
        KeyDirectory::Retire { folder, kid } => {
            let directory = directory(&folder.path, folder.backend.name.as_deref())?;
            list(&directory.retire(&kid)?, false)
        }
        KeyDirectory::Prune { folder } => {
            let removed = directory(&folder.path, folder.backend.name.as_deref())?.prune()?;
            let lines: String = removed.iter().map(|kid| format!("removed {kid}\n")).collect();
            output::write(None, lines.as_bytes(), Secrecy::Public)
        }
        KeyDirectory::Token { backend } => token(keys::backend(backend.name.as_deref())?),
    }
}

fn directory(path: &Path, backend: Option<&str>) -> Result<jwe_http::KeyDirectory, Failure> {
    Ok(jwe_http::KeyDirectory::new(path, keys::backend(backend)?))
}

/// What keys are made: as asked for, else like the one that is there.
fn new_key(args: &NewKeyArgs, like: Option<&StoredKey>) -> Result<NewKey, Failure> {
    let alg = args.alg.or(like.map(StoredKey::alg)).unwrap_or(Alg::RsaOaep256);
    if args.bits.is_some() && !alg.is_rsa() {
        return Err(Failure::usage("--bits is for RSA: keys for ECDH-ES have a --crv"));
    }
    if args.crv.is_some() && !alg.is_ecdh() {
        return Err(Failure::usage("--crv is for ECDH-ES: RSA keys have --bits"));
    }
    let mut new = NewKey::new(alg)?;
    let like = like.filter(|key| key.alg().is_rsa() == alg.is_rsa());
    let bits = like.and_then(|key| match key.jwk().material() {
        KeyMaterial::RsaPrivate(rsa) => Some(rsa.public().modulus_bits()),
        _ => None,
    });
    if let Some(bits) = args.bits.or(bits) {
        new = new.with_bits(bits);
    }
    if let Some(curve) = args.crv.or(like.and_then(|key| key.jwk().curve())) {
        new = new.with_curve(curve);
    }
    Ok(new)
}

fn list(ring: &KeyRing, as_json: bool) -> Result<(), Failure> {
    let now = SystemTime::now();
    let text = if as_json {
        let keys: Vec<Value> = ring.keys().map(|key| entry(key, now)).collect();
        format!("{:#}\n", json!({ "keys": keys }))
    } else {
        ring.keys().map(|key| line(key, now)).collect()
    };
    output::write(None, text.as_bytes(), Secrecy::Public)
}

fn date(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

fn line(key: &StoredKey, now: SystemTime) -> String {
    let mut line =
        format!("{} {} {}, made {}", key.kid(), key.alg(), key.state(), date(key.created()));
    if let Some(since) = key.current_since() {
        line.push_str(&format!(", current since {}", date(since)));
    }
    if let Some(end) = key.expires() {
        let decrypts =
            if key.decrypts_at(now) { "decrypts until" } else { "no longer decrypts, since" };
        line.push_str(&format!(", {decrypts} {}", date(end)));
    }
    line.push('\n');
    line
}

fn entry(key: &StoredKey, now: SystemTime) -> Value {
    json!({
        "kid": key.kid(),
        "alg": key.alg().name(),
        "state": key.state().name(),
        "made": date(key.created()),
        "current_since": key.current_since().map(date),
        "decrypts_until": key.expires().map(date),
        "decrypts": key.decrypts_at(now),
    })
}

/// A token for a caller, which is shown this one time, and the hash by which it is known again.
fn token(backend: &'static Backend) -> Result<(), Failure> {
    let mut bytes = Zeroizing::new([0; TOKEN_LEN]);
    backend.random().fill(bytes.as_mut_slice()).map_err(|_| {
        Failure::new("random_source", "the backend's random source failed: try again")
    })?;
    let token = Zeroizing::new(base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes.as_slice()));
    let hash = backend.sha256(token.as_bytes());
    let hash = base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash);
    let mut text = Zeroizing::new(Vec::with_capacity(256));
    let _ = writeln!(text, "token: {}\nhash for the configuration: sha256:{hash}", token.as_str());
    output::write(None, &text, Secrecy::Secret)
}
