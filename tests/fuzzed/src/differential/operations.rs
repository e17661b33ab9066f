//! One operation of the backends' traits, with inputs that the engine would have stopped: the lengths
//! are for each backend to check.

use jwe::{Alg, Backend, Direction, Enc};
use jwe_core::{BackendError, RecipientContext, RecipientKey, UNWRAP_BUFFER_LEN};

use super::parts::{Parts, change};
use super::program::Program;
use super::token::{good_parts, recipient};
use super::ways::{Way, all, having, readers};
use super::{Agreed, keys, reseal};

/// What an operation gave: its result and what it left in its buffers.
type Outcome = (Result<usize, BackendError>, Vec<u8>, Vec<u8>);

/// Content encryption: the parts are CEK, additional authenticated data, initialization vector,
/// text, tag.
pub(super) fn content(program: &mut Program<'_>) -> Result<Agreed, String> {
    let enc = program.choose(Enc::ALL);
    let settings = program.byte();
    let plaintext = keys::counted(program.below(70), 1);
    let seals = settings & 1 == 1;
    let aad = b"eyJhbGciOiJkaXIifQ".to_vec();
    let mut parts: Parts =
        [keys::cek(enc), aad, keys::iv(enc), plaintext.clone(), vec![0; enc.tag_len()]];
    if !seals {
        let [cek, aad, iv, text, tag] = &mut parts;
        text.resize(enc.ciphertext_len(plaintext.len()).unwrap(), 0);
        let object = jwe::default_backend().content_encryption(enc, Direction::Encrypt).unwrap();
        object.seal(cek, iv, aad, text, plaintext.len(), tag).unwrap();
    }
    let good = parts.clone();
    change(&mut parts, program);
    let [cek, aad, iv, text, tag] = &mut parts;
    // The right tag, so that the padding is looked at.
    let resealed = settings >> 1 & 1 == 1 && enc.is_cbc() && cek.len() == enc.cek_len();
    if resealed && !seals {
        *tag = reseal::cbc_tag(enc, cek, aad, iv, text);
    }
    let outcomes: Vec<(&Backend, Outcome)> = having(enc)
        .into_iter()
        .map(|backend| {
            let object = backend.content_encryption(enc, Direction::Decrypt).unwrap();
            let (mut text, mut tag) = (text.clone(), tag.clone());
            let result = if seals {
                let len = text.len();
                // A length that is not the right one for the plaintext, by the program.
                let more = enc.ciphertext_len(len).unwrap() + usize::from(settings >> 2 & 1);
                text.resize(more, 0);
                object.seal(cek, iv, aad, &mut text, len, &mut tag).map(|()| text.len())
            } else {
                object.open(cek, iv, aad, &mut text, &tag)
            };
            match result {
                Ok(len) => text.truncate(len),
                // What a failed sealing leaves is wiped by the engine.
                Err(_) if seals => (text, tag) = (Vec::new(), Vec::new()),
                Err(_) => {}
            }
            (backend, (result, text, tag))
        })
        .collect();
    let agreed = agreed(&format!("content of {enc}, sealing {seals}"), &outcomes)?;
    let (result, text, _) = agreed;
    match result {
        Err(_) if !seals && text.iter().any(|byte| *byte != 0) => {
            Err(format!("{enc}: refused, with output"))
        }
        Ok(_) if !seals && !resealed && parts != good => {
            Err(format!("{enc}: a changed ciphertext is accepted"))
        }
        Ok(_) if !seals && parts == good && *text != plaintext => {
            Err(format!("{enc}: opened to something else"))
        }
        Err(_) if parts == good && settings >> 2 & 1 == 0 => {
            Err(format!("{enc}: what is good is refused"))
        }
        Ok(_) => Ok(Agreed::OperationDone),
        Err(_) => Ok(Agreed::OperationRefused),
    }
}

/// The key of a recipient: the parts are `epk`, the encrypted key, `iv` or `apu`, `p2s` or `apv`,
/// the `tag`.
pub(super) fn key(program: &mut Program<'_>) -> Result<Agreed, String> {
    let way = program.choose(&all());
    let enc = program.choose(Enc::ALL);
    let settings = program.byte();
    let [header, encrypted_key, ..] = good_parts(way, enc);
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    let member = |name: &str| {
        let text = header.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        crate::base64url::decode(text).unwrap()
    };
    let epk = way.curve.map(|curve| keys::ephemeral(curve).public().unwrap().as_bytes().to_vec());
    let mut parts: Parts =
        [epk.unwrap_or_default(), encrypted_key, member("iv"), member("p2s"), member("tag")];
    let good = parts.clone();
    change(&mut parts, program);
    let is_dear = way.alg.is_pbes2() && settings & 1 == 1;
    let count = if is_dear { 1001 } else { 1000 };
    let [epk, encrypted_key, iv, p2s, tag] = &parts;
    let mut context = RecipientContext::new(enc);
    if let Some(curve) = way.curve {
        context = context.with_epk(curve, epk).with_agreement_info(iv, p2s);
    }
    if let (Ok(iv), Ok(tag)) = (iv.as_slice().try_into(), tag.as_slice().try_into()) {
        context = context.with_iv_and_tag(iv, tag);
    }
    if way.alg.is_pbes2() {
        context = context.with_salt_and_count(p2s, count);
    }
    let outcomes: Vec<(&Backend, Outcome)> = readers(way)
        .into_iter()
        .map(|backend| {
            let key = recipient(backend, way, enc).unwrap();
            (backend, receive(&key, &context, enc, encrypted_key, settings))
        })
        .collect();
    let (result, out, _) = agreed(&format!("key of {} for {enc}", way.name()), &outcomes)?;
    match result {
        Err(_) if out.iter().any(|byte| *byte != 0) => {
            Err(format!("{}: refused, with output", way.name()))
        }
        Err(_) if parts == good && count == 1000 && settings >> 1 & 3 == 0 => {
            Err(format!("{}: what is good is refused", way.name()))
        }
        Ok(_) if wraps(way) && changes_something(way, &parts, &good) => {
            Err(format!("{}: a changed encrypted key is accepted", way.name()))
        }
        Ok(_) => Ok(Agreed::OperationDone),
        Err(_) => Ok(Agreed::OperationRefused),
    }
}

fn wraps(way: Way) -> bool {
    !matches!(way.alg, Alg::Dir | Alg::EcdhEs)
}

/// Whether anything was changed that the algorithm looks at.
fn changes_something(way: Way, parts: &Parts, good: &Parts) -> bool {
    let looks_at: &[usize] = match way.alg {
        _ if way.alg.is_ecdh() => &[0, 1, 2, 3],
        _ if way.alg.is_gcm_kw() => &[1, 2, 4],
        _ if way.alg.is_pbes2() => &[1, 3],
        _ => &[1],
    };
    looks_at.iter().any(|at| parts[*at] != good[*at])
}

fn receive(
    key: &RecipientKey,
    context: &RecipientContext<'_>,
    enc: Enc,
    encrypted_key: &[u8],
    settings: u8,
) -> Outcome {
    // An output that is too short or too long, by the program.
    let shorter = [0, 0, 1, 17][usize::from(settings >> 1 & 3)];
    let (result, mut out) = match key {
        RecipientKey::Unwrap(key) => {
            let mut out = vec![0; UNWRAP_BUFFER_LEN - shorter * 50];
            (key.unwrap_key(context, encrypted_key, &mut out), out)
        }
        RecipientKey::Derive(key) => {
            let mut out = vec![0; enc.cek_len() - shorter.min(enc.cek_len())];
            let len = out.len();
            (key.derive_key(context, &mut out).map(|()| len), out)
        }
        _ => panic!("another sort of key"),
    };
    if let Ok(len) = result {
        out.truncate(len);
    }
    (result, out, Vec::new())
}

fn agreed<'a>(what: &str, outcomes: &'a [(&Backend, Outcome)]) -> Result<&'a Outcome, String> {
    let (_, first) = outcomes.first().ok_or_else(|| format!("{what}: no backend has it"))?;
    if outcomes.iter().all(|(_, outcome)| outcome == first) {
        return Ok(first);
    }
    let outcomes: Vec<String> = outcomes
        .iter()
        .map(|(backend, (result, out, more))| format!("{backend}: {result:?} {out:?} {more:?}"))
        .collect();
    Err(format!("the backends do not agree: {what}\n{}", outcomes.join("\n")))
}
