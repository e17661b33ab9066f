//! The tokens of the RFCs, made again from the inputs that stand beside them.
//!
//! A compact token has to come out byte for byte, and so does every part of one in a JSON
//! serialization; only the order of the members of JSON objects that are not encoded is open. There
//! are two exceptions:
//!
//! - the encrypted key of RSAES-OAEP where a library draws the seed itself: the CEK in both has to be
//!   the same;
//! - the ciphertext and the tag of RFC 7520 §5.9, as compressors may choose among encodings and
//!   ours chooses another of the same length: the RFC's compressed bytes have to encrypt to what it
//!   prints, and ours have to come back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use jwe::{
    Alg, Backend, Direction, Enc, EncryptError, Encrypter, EncryptionKey, FlattenedJson,
    GeneralJson, Kid, MessageEncrypter, Serialization,
};
use jwe_core::hazmat::{self, FixedInputs};
use jwe_core::{RecipientContext, RecipientKey, UNWRAP_BUFFER_LEN};
use jwe_tests::capability::{backends, rsa_recipients};
use jwe_tests::rfc_values::{self, Inputs};
use jwe_tests::skip::say;
use jwe_tests::vectors::{self, Vector};
use jwe_tests::{base64url, reading};
use serde_json::{Map, Value};

/// How the tokens come out on one backend.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// The same, byte for byte.
    exact: usize,
    /// The same but for the encrypted key, which holds the same CEK.
    but_encrypted_key: usize,
    /// The same but for the ciphertext and the tag, as the compressed bytes are others.
    but_compressed: usize,
    /// The backend's library makes its ephemeral keys itself and imports none.
    no_given_ephemeral: usize,
}

#[test]
fn every_token_comes_out_as_it_is_printed() {
    let expected = [
        Count { exact: 27, but_encrypted_key: 7, but_compressed: 3, no_given_ephemeral: 0 },
        Count { exact: 27, but_encrypted_key: 7, but_compressed: 3, no_given_ephemeral: 0 },
        Count { exact: 28, but_encrypted_key: 0, but_compressed: 3, no_given_ephemeral: 6 },
    ];
    for (backend, expected) in backends().iter().copied().zip(expected) {
        let mut count = Count::default();
        for inputs in rfc_values::inputs() {
            for recipients in messages(inputs) {
                reproduce(backend, inputs, &recipients, &mut count);
            }
        }
        say(format_args!("tokens of the RFCs made on {backend}: {count:?}"));
        assert_eq!(count, expected, "{backend}");
    }
}

/// Every token of the RFCs but those of `RSA1_5` is among those that are made again.
#[test]
fn no_token_is_left_out() {
    let mut left: Vec<&str> = vectors::rfc()
        .iter()
        .filter(|vector| vector.alg.as_deref() != Some("RSA1_5"))
        .map(|vector| vector.id.as_str())
        .collect();
    let all = left.len();
    for name in rfc_values::inputs().iter().flat_map(|inputs| &inputs.tokens) {
        let at = left.iter().position(|id| id == name).unwrap_or_else(|| panic!("{name}"));
        left.remove(at);
    }
    assert_eq!((all, left), (38, Vec::new()));
}

/// The messages of a section, each as the vectors of its recipients in their order.
fn messages(inputs: &Inputs) -> Vec<Vec<&'static Vector>> {
    let mut messages: Vec<Vec<&Vector>> = Vec::new();
    for name in &inputs.tokens {
        let vector = vectors::rfc().iter().find(|vector| vector.id == *name).unwrap();
        match messages.iter_mut().find(|message| message[0].jwe == vector.jwe) {
            Some(message) => message.push(vector),
            None => messages.push(vec![vector]),
        }
    }
    messages
}

fn reproduce(
    backend: &'static Backend,
    inputs: &Inputs,
    recipients: &[&'static Vector],
    count: &mut Count,
) {
    let id = &recipients[0].id;
    let is_rsa = recipients[0].alg.as_deref().unwrap().starts_with("RSA-OAEP");
    let key_inputs = inputs.key_inputs.iter().chain(&inputs.oaep_seed);
    let key_inputs: Vec<&[u8]> = key_inputs.map(Vec::as_slice).collect();
    let make = |key_inputs: &[&[u8]]| {
        let ephemeral = inputs.ephemeral.as_ref();
        let fixed = FixedInputs { cek: &inputs.cek, iv: &inputs.iv, key_inputs, ephemeral };
        if recipients[0].serialization == "compact" {
            compact(backend, recipients[0], &fixed)
        } else {
            json(backend, recipients, &fixed)
        }
    };
    let mut made = make(&key_inputs);
    // Not every input was drawn: the seed comes from elsewhere.
    let own_seed = is_rsa && made == Err(EncryptError::Backend);
    if own_seed {
        made = make(&[]);
    }
    let compact_or_json = match made {
        Ok(made) => made,
        Err(error) => {
            assert_eq!((error, inputs.ephemeral.is_some()), (EncryptError::Backend, true), "{id}");
            assert!(imports_no_pair(backend), "{id} on {backend}");
            count.no_given_ephemeral += 1;
            return;
        }
    };
    let (mut made, mut printed) = if recipients[0].serialization == "compact" {
        let parts = |token: &str| token.split('.').map(Value::from).collect::<Value>();
        if !own_seed && inputs.compressed.is_none() {
            assert_eq!(compact_or_json, recipients[0].jwe, "{id} on {backend}");
        }
        (parts(&compact_or_json), parts(&recipients[0].jwe))
    } else {
        let mut printed: Value = serde_json::from_str(&recipients[0].jwe).unwrap();
        if let Some(Value::Array(list)) = printed.get_mut("recipients") {
            list.retain(|recipient| recipient["header"]["alg"] != "RSA1_5");
        }
        (serde_json::from_str(&compact_or_json).unwrap(), printed)
    };
    if own_seed {
        let ours = encrypted_key(&mut made);
        let theirs = encrypted_key(&mut printed);
        assert_ne!(ours, theirs, "{id} on {backend}");
        for holder in rsa_recipients() {
            for wrapped in [&ours, &theirs] {
                let unwrapped = unwrap(holder, recipients[0], wrapped);
                assert_eq!(unwrapped.as_ref(), Some(&inputs.cek), "{id} on {backend}");
            }
        }
        count.but_encrypted_key += 1;
    } else if let Some(compressed) = &inputs.compressed {
        comes_back(backend, recipients[0], &compact_or_json);
        let [ours, theirs] = [&mut made, &mut printed].map(ciphertext_and_tag);
        assert_eq!(ours.map(|part| part.len()), theirs.clone().map(|part| part.len()), "{id}");
        assert_eq!(seal(backend, recipients[0], inputs, compressed), theirs, "{id} on {backend}");
        count.but_compressed += 1;
    } else {
        count.exact += 1;
    }
    assert_eq!(made, printed, "{id} on {backend}");
}

/// Whether the backend agrees with no static key, because its library imports no key pair.
fn imports_no_pair(backend: &Backend) -> bool {
    let listed = |curve: &jwe::Curve| {
        reading::lists_key(backend, Direction::Decrypt, Alg::EcdhEs, Some(*curve))
    };
    !jwe::Curve::ALL.iter().any(listed)
}

/// Takes the encrypted key out of a token's parts or members.
fn encrypted_key(message: &mut Value) -> Vec<u8> {
    let place = if message.is_array() {
        &mut message[1]
    } else if message.get("recipients").is_some() {
        &mut message["recipients"][0]["encrypted_key"]
    } else {
        &mut message["encrypted_key"]
    };
    base64url::decode(place.take().as_str().unwrap())
}

/// Takes the ciphertext and the tag out of a token's parts or members.
fn ciphertext_and_tag(message: &mut Value) -> [Vec<u8>; 2] {
    let is_compact = message.is_array();
    let mut take = |at: usize, name: &str| {
        let place = if is_compact { &mut message[at] } else { &mut message[name] };
        base64url::decode(place.take().as_str().unwrap())
    };
    [take(3, "ciphertext"), take(4, "tag")]
}

fn comes_back(backend: &'static Backend, vector: &Vector, token: &str) {
    let alg = Alg::from_name(vector.alg.as_deref().unwrap()).unwrap();
    let decrypter = reading::decrypter(backend, vector, alg, &[enc(vector)]).unwrap();
    let plaintext = reading::open(&reading::allow_all(decrypter), token).unwrap();
    assert_eq!(*plaintext, vector.plaintext(backend), "{} on {backend}", vector.id);
}

/// Encrypts these bytes under the protected header that is printed.
fn seal(
    backend: &'static Backend,
    vector: &Vector,
    inputs: &Inputs,
    content: &[u8],
) -> [Vec<u8>; 2] {
    let protected = match serde_json::from_str::<Value>(&vector.jwe) {
        Ok(message) => message["protected"].as_str().unwrap().to_owned(),
        Err(_) => vector.jwe.split('.').next().unwrap().to_owned(),
    };
    let enc = enc(vector);
    let (mut buffer, mut tag) = (content.to_vec(), vec![0; enc.tag_len()]);
    buffer.resize(enc.ciphertext_len(content.len()).unwrap(), 0);
    let object = backend.content_encryption(enc, Direction::Encrypt).unwrap();
    let Inputs { cek, iv, .. } = inputs;
    object.seal(cek, iv, protected.as_bytes(), &mut buffer, content.len(), &mut tag).unwrap();
    [buffer, tag]
}

fn unwrap(holder: &'static Backend, vector: &Vector, encrypted_key: &[u8]) -> Option<Vec<u8>> {
    let alg = Alg::from_name(vector.alg.as_deref()?)?;
    let (_, import) = holder.decryption_key_import(alg, None).ok()?;
    let RecipientKey::Unwrap(key) = import.import(reading::key(vector).ok()?.material()).ok()?
    else {
        panic!("an RSA key unwraps")
    };
    let mut out = [0; UNWRAP_BUFFER_LEN];
    let context = RecipientContext::new(Enc::from_name(vector.enc.as_deref()?)?);
    let len = key.unwrap_key(&context, encrypted_key, &mut out).ok()?;
    Some(out[..len].to_vec())
}

/// A sender's key with the `kid` that the header has, or none.
fn sender(backend: &Backend, vector: &Vector) -> EncryptionKey {
    let jwk = reading::key(vector).unwrap();
    let alg = Alg::from_name(vector.alg.as_deref().unwrap()).unwrap();
    let options = reading::key_options(vector, &jwk, alg);
    let named = reading::header(vector).contains_key("kid");
    let options = if named { options } else { options.with_kid(Kid::Omit) };
    EncryptionKey::import(backend, &jwk, &options).unwrap()
}

fn enc(vector: &Vector) -> Enc {
    Enc::from_name(vector.enc.as_deref().unwrap()).unwrap()
}

/// The names of the members of an object in the order in which they are written.
fn written_order(json: &str) -> Vec<String> {
    let object: Map<String, Value> = serde_json::from_str(json).unwrap();
    let mut names: Vec<String> = object.keys().cloned().collect();
    names.sort_by_key(|name| json.find(&format!("{name:?}:")).unwrap());
    names
}

/// The members that are the sender's own choice.
fn is_custom(name: &str) -> bool {
    matches!(name, "cty" | "jku")
}

fn compact(
    backend: &Backend,
    vector: &Vector,
    fixed: &FixedInputs<'_>,
) -> Result<String, EncryptError> {
    let key = sender(backend, vector);
    let protected = vector.jwe.split('.').next().unwrap();
    let order = written_order(std::str::from_utf8(&base64url::decode(protected)).unwrap());
    let order: Vec<&str> = order.iter().map(String::as_str).collect();
    let mut builder = Encrypter::builder(backend, &key, enc(vector)).with_member_order(&order);
    for (name, value) in reading::header(vector) {
        match name.as_str() {
            "p2c" => builder = builder.with_iterations(iterations(&value)),
            "zip" => builder = builder.compress(),
            other if is_custom(other) => builder = builder.with_member(other, value),
            _ => {}
        }
    }
    hazmat::encrypt(&builder.build().unwrap(), &vector.plaintext(backend), fixed)
}

fn json(
    backend: &Backend,
    recipients: &[&Vector],
    fixed: &FixedInputs<'_>,
) -> Result<String, EncryptError> {
    let first = recipients[0];
    let message: Value = serde_json::from_str(&first.jwe).unwrap();
    let keys: Vec<EncryptionKey> =
        recipients.iter().map(|vector| sender(backend, vector)).collect();
    let mut builder = MessageEncrypter::builder(backend, enc(first));
    for key in &keys {
        builder = builder.with_recipient(key);
    }
    let protected = message["protected"].as_str().map(base64url::decode).unwrap_or(b"{}".to_vec());
    let protected = std::str::from_utf8(&protected).unwrap();
    let order = written_order(protected);
    let order: Vec<&str> = order.iter().map(String::as_str).collect();
    let unprotected = message["unprotected"].as_object().cloned().unwrap_or_default();
    // Several recipients have headers of their own anyway.
    if let [_] = recipients {
        let names: Vec<&str> = unprotected.keys().map(String::as_str).collect();
        builder = builder.with_layout(&order, &names);
    }
    for (name, value) in &unprotected {
        if is_custom(name) {
            builder = builder.with_unprotected_member(name, value.clone());
        }
    }
    for (name, value) in serde_json::from_str::<Map<String, Value>>(protected).unwrap() {
        match name.as_str() {
            "p2c" => builder = builder.with_iterations(iterations(&value)),
            "zip" => builder = builder.compress(),
            other if is_custom(other) => builder = builder.with_member(other, value),
            _ => {}
        }
    }
    let aad = message["aad"].as_str().map(base64url::decode).unwrap_or_default();
    let serialization: &dyn Serialization =
        if first.serialization == "general" { &GeneralJson } else { &FlattenedJson };
    let encrypter = builder.build().unwrap();
    hazmat::encrypt_message(&encrypter, serialization, &first.plaintext(backend), &aad, fixed)
}

fn iterations(p2c: &Value) -> u32 {
    u32::try_from(p2c.as_u64().unwrap()).unwrap()
}
