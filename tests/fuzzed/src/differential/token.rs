//! Whole tokens, read by the decrypters of all backends.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::ring::RING;
use jwe::{
    Alg, Backend, DecryptError, Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey,
    KeyOptions, Kid,
};
use jwe_core::hazmat::{self, FixedInputs};
use jwe_core::{RecipientContext, RecipientKey};

use super::parts::{Parts, change, token};
use super::program::Program;
use super::ways::{Way, all, having, readers};
use super::{Agreed, keys, reseal};
use crate::base64url;
use crate::sides::decrypts_behind;

/// The most iterations of a password and the longest decompressed plaintext that are allowed.
const MAX_P2C: u32 = 1001;
const MAX_INFLATED: usize = 1000;

/// The content encryption algorithms that every backend has.
const COMMON: [Enc; 5] =
    [Enc::A128CbcHs256, Enc::A192CbcHs384, Enc::A256CbcHs512, Enc::A128Gcm, Enc::A256Gcm];

/// A way with a content encryption algorithm, prepared.
struct Prepared {
    plain: Encrypter,
    compressing: Encrypter,
    /// Each backend that reads such tokens.
    readers: Vec<(&'static Backend, Decrypter)>,
    cek: Vec<u8>,
}

pub(super) fn check(program: &mut Program<'_>) -> Result<Agreed, String> {
    let way = program.choose(&all());
    let enc = program.choose(Enc::ALL);
    let settings = program.byte();
    let plaintext = keys::counted(program.below(70), 1);
    let prepared = prepared(way, enc);
    let compresses = settings & 1 == 1;
    let good = seal(&prepared, way, enc, compresses, &plaintext);
    let mut parts = decoded(&good);
    let texts = change(&mut parts, program);
    // Who has the key may have sealed what was changed.
    let resealed = match settings >> 1 & 3 {
        0 => false,
        _ if way.alg == Alg::Dir && settings >> 3 & 1 == 1 => false,
        1 => {
            let mut plaintext = plaintext.clone();
            if compresses {
                plaintext = miniz_oxide::deflate::compress_to_vec(&plaintext, 6);
            }
            reseal::content(&mut parts, enc, &prepared.cek, &plaintext);
            true
        }
        2 if enc.is_cbc() => {
            reseal::authenticate(&mut parts, enc, &prepared.cek);
            true
        }
        // What was changed is the plaintext, and so where it is compressed not always DEFLATE.
        _ => {
            let changed = parts[3].clone();
            reseal::content(&mut parts, enc, &prepared.cek, &changed);
            true
        }
    };
    let token = token(&parts, &texts);
    let outcomes: Vec<(&Backend, Result<Vec<u8>, DecryptError>)> = prepared
        .readers
        .iter()
        .map(|(backend, decrypter)| {
            (*backend, decrypts_behind(|out| decrypter.decrypt_into(&token, out)))
        })
        .collect();
    let Some((_, first)) = outcomes.first() else { return Err("no backend reads it".to_owned()) };
    let tell = |what: &str| {
        let outcomes: Vec<String> = outcomes
            .iter()
            .map(|(backend, outcome)| format!("{backend}: {}", shown(outcome)))
            .collect();
        Err(format!("{what}: {} with {enc}: {}\n{token}", way.name(), outcomes.join(", ")))
    };
    if outcomes.iter().any(|(_, outcome)| outcome != first) {
        return tell("the backends do not agree");
    }
    match first {
        Ok(opened) if token == good && *opened != plaintext => tell("opened to something else"),
        Ok(_) if token != good && !resealed => tell("a changed token is accepted"),
        Err(_) if token == good => tell("a good token is refused"),
        Ok(_) => Ok(Agreed::Opened),
        Err(DecryptError::DecryptionFailed) => Ok(Agreed::DecryptionFailed),
        Err(_) => Ok(Agreed::RefusedBeforeTheKey),
    }
}

fn shown(outcome: &Result<Vec<u8>, DecryptError>) -> String {
    match outcome {
        Ok(plaintext) => format!("{} bytes, {plaintext:?}", plaintext.len()),
        Err(error) => format!("{} ({error:?})", error.code()),
    }
}

/// The same token at every call.
fn seal(prepared: &Prepared, way: Way, enc: Enc, compresses: bool, plaintext: &[u8]) -> String {
    let encrypter = if compresses { &prepared.compressing } else { &prepared.plain };
    let direct = matches!(way.alg, Alg::Dir | Alg::EcdhEs);
    let cek = if direct { Vec::new() } else { keys::cek(enc) };
    let iv = keys::iv(enc);
    let key_input = keys::counted(key_input_len(way.alg), 5);
    let key_inputs: &[&[u8]] = if key_input.is_empty() { &[] } else { &[&key_input] };
    let ephemeral = way.curve.map(keys::ephemeral);
    let fixed = FixedInputs { cek: &cek, iv: &iv, key_inputs, ephemeral };
    hazmat::encrypt(encrypter, plaintext, &fixed).expect("it can be sealed")
}

/// What the key step draws: the `iv` of key wrapping, the `p2s`, the seed of OAEP.
fn key_input_len(alg: Alg) -> usize {
    match alg {
        Alg::RsaOaep => 20,
        Alg::RsaOaep256 => 32,
        Alg::RsaOaep384 => 48,
        Alg::RsaOaep512 => 64,
        _ if alg.is_gcm_kw() => 12,
        _ if alg.is_pbes2() => 16,
        _ => 0,
    }
}

pub(super) fn decoded(token: &str) -> Parts {
    let parts: Vec<Vec<u8>> =
        token.split('.').map(|part| base64url::decode(part).unwrap()).collect();
    parts.try_into().unwrap()
}

/// The parts of an unchanged token.
pub(super) fn good_parts(way: Way, enc: Enc) -> Parts {
    decoded(&seal(&prepared(way, enc), way, enc, false, b"plaintext"))
}

type AllPrepared = HashMap<(Way, Enc), Arc<Prepared>>;

fn prepared(way: Way, enc: Enc) -> Arc<Prepared> {
    static ALL: LazyLock<Mutex<AllPrepared>> = LazyLock::new(Mutex::default);
    let mut all = ALL.lock().unwrap();
    Arc::clone(all.entry((way, enc)).or_insert_with(|| Arc::new(prepare(way, enc))))
}

fn prepare(way: Way, enc: Enc) -> Prepared {
    let private = keys::private(way, enc);
    let options = KeyOptions::new().with_alg(way.alg).with_kid(Kid::Omit).ignore_declared_usage();
    // ring's OAEP takes the seed from the random source, AWS-LC's key agreement a given key pair.
    let sender = if way.alg.is_rsa() { &RING } else { &AWS_LC_RS };
    let public = private.to_public().unwrap_or_else(|| private.clone());
    let key = EncryptionKey::import(sender, &public, &options).unwrap();
    let builder = || Encrypter::builder(&AWS_LC_RS, &key, enc).with_iterations(1000);
    let accepted = if COMMON.contains(&enc) { &COMMON[..] } else { Enc::ALL };
    let has_all = |backend: &&Backend| {
        accepted.iter().all(|enc| having(*enc).iter().any(|other| other.name() == backend.name()))
    };
    let readers = readers(way)
        .into_iter()
        .filter(has_all)
        .map(|backend| {
            let key = DecryptionKey::import(backend, &private, &options).unwrap();
            let decrypter = Decrypter::new(backend, [key], accepted)
                .unwrap()
                .ignore_kid()
                .allow_pbes2(MAX_P2C)
                .allow_zip(MAX_INFLATED)
                .understand(&["exp"]);
            (backend, decrypter)
        })
        .collect();
    Prepared {
        plain: builder().build().unwrap(),
        compressing: builder().compress().build().unwrap(),
        readers,
        cek: cek(way, enc),
    }
}

/// The CEK of the messages: given, the key itself, or derived.
fn cek(way: Way, enc: Enc) -> Vec<u8> {
    let Ok(RecipientKey::Derive(key)) = recipient(&AWS_LC_RS, way, enc) else {
        return keys::cek(enc);
    };
    let epk = way.curve.map(|curve| keys::ephemeral(curve).public().unwrap().clone());
    let mut context = RecipientContext::new(enc);
    if let Some(epk) = &epk {
        context = context.with_epk(epk.curve(), epk.as_bytes());
    }
    let mut cek = vec![0; enc.cek_len()];
    key.derive_key(&context, &mut cek).unwrap();
    cek
}

/// A backend's own key, without the engine.
pub(super) fn recipient(
    backend: &Backend,
    way: Way,
    enc: Enc,
) -> Result<RecipientKey, jwe::KeyRejected> {
    let (_, import) = backend.decryption_key_import(way.alg, way.curve).unwrap();
    import.import(keys::private(way, enc).material())
}
