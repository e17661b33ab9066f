//! Target `no_security`: two bytes of settings, a line with a protected header, and a content, as a
//! token that a backend without cryptography opens. So what stands behind authentication is reached:
//! decompression, the encodings of plaintexts, padding, bindings, and the places in a document.
//!
//! With the last bit of the first byte set, the rest is a whole message instead.

use std::sync::LazyLock;

use jwe_core::{Alg, Decrypter, DecryptionKey, Enc, JoseHeader, KeyOptions, Limits, Message};
use jwe_fields::{
    Binding, ClearValue, DecryptOptions, DocumentLimits, FieldDecrypter, Missing, Padding,
    PlaintextEncoding, Selector,
};
use serde_json::Value;

use crate::base64url;
use crate::no_security_backend::{MODULUS_LEN, NO_SECURITY, keys};
use crate::settings::Settings;
use crate::sides::decrypts_behind;

/// What a compressed plaintext may have.
const MAX_INFLATED: usize = 4096;
/// To what texts are padded, where they are.
const BUCKET: usize = 8;
/// What a document may have.
const LIMITS: (usize, usize) = (16 * 1024, 16);

static DECRYPTER: LazyLock<Decrypter> =
    LazyLock::new(|| NOT_INFLATING.clone().allow_zip(MAX_INFLATED));

/// For padded values, which are never compressed.
static NOT_INFLATING: LazyLock<Decrypter> = LazyLock::new(|| {
    let keys = Alg::ALL.iter().flat_map(|alg| {
        keys(*alg).into_iter().map(|key| {
            let options = KeyOptions::new().with_alg(*alg).ignore_declared_usage();
            DecryptionKey::import(&NO_SECURITY, &key, &options).unwrap()
        })
    });
    Decrypter::trying_keys(&NO_SECURITY, keys, Enc::ALL)
        .unwrap()
        .allow_pbes2(u32::MAX)
        .understand(&["exp"])
});

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((mut first, rest)) = Settings::split(input) else { return };
    let Some((mut second, rest)) = Settings::split(rest) else { return };
    if first.flag() {
        let Ok(text) = core::str::from_utf8(rest) else { return };
        let Ok(message) = Message::parse(text, &Limits::default()) else { return };
        let _ = decrypts_behind(|out| DECRYPTER.decrypt_message_into(message, out));
        return;
    }
    let Some(at) = rest.iter().position(|byte| *byte == b'\n') else { return };
    let (header, content) = (&rest[..at], &rest[at + 1..]);
    let Some(token) = token(header, content) else { return };
    let plaintext = decrypts_behind(|out| DECRYPTER.decrypt_into(&token, out));
    if let Ok(plaintext) = &plaintext {
        opened(header, content, plaintext);
    }
    let encoding = second.choose([PlaintextEncoding::Text, PlaintextEncoding::Json]);
    let clear_value = second.choose([ClearValue::Refuse, ClearValue::Leave]);
    // Short, so that it is exceeded, or long.
    let (max_len, max_depth) = if second.flag() { (token.len() + 24, 3) } else { LIMITS };
    let limits = DocumentLimits::default().with_max_document_len(max_len).with_max_depth(max_depth);
    let has_two = second.flag();
    let pads = second.flag() && encoding == PlaintextEncoding::Text;
    let padding = if pads { Padding::to_bucket(BUCKET).unwrap() } else { Padding::default() };
    let is_bound = second.flag();
    let options = DecryptOptions::new()
        .with_padding(padding)
        .with_encoding(encoding)
        .with_clear_value(clear_value)
        .with_missing(Missing::Skip)
        .with_limits(limits);
    let selectors = ["/a", "$.b[*]"].map(|text| Selector::parse(text).unwrap());
    let decrypter = if pads { NOT_INFLATING.clone() } else { DECRYPTER.clone() };
    let fields = if is_bound {
        FieldDecrypter::binding(decrypter, selectors, options, Binding::to_field()).unwrap()
    } else {
        FieldDecrypter::new(decrypter, selectors, options).unwrap()
    };
    // Two tokens of one header share a key.
    let document = if has_two {
        format!(r#" {{"b":["{token}","x"],"a" : "{token}"}}"#)
    } else {
        format!(r#"{{"a":"{token}","c":1.0}}"#)
    };
    let mut output = b"before".to_vec();
    let mut scratch = jwe_fields::Scratch::new();
    let outcome = fields.decrypt_into(document.as_bytes(), &mut output, &mut scratch);
    let decrypted = output.strip_prefix(b"before").expect("the output had another beginning");
    let Ok(count) = outcome else {
        assert!(decrypted.is_empty(), "refused, with output");
        return;
    };
    assert!(decrypted.len() <= max_len, "grown beyond the limit");
    if count == 0 {
        assert_eq!(decrypted, document.as_bytes());
        return;
    }
    let plaintext = if is_bound {
        // A header has one field, and not two.
        assert!(!has_two && is_bound_to_a(header), "bound elsewhere, and opened");
        let Some(plaintext) = inflated(header, content) else { panic!("opened, but not DEFLATE") };
        plaintext
    } else {
        plaintext.expect("the document was opened, and its token not")
    };
    let decrypted = core::str::from_utf8(decrypted).expect("UTF-8");
    assert!(serde_json::from_str::<serde::de::IgnoredAny>(decrypted).is_ok());
    if encoding == PlaintextEncoding::Json {
        let text = core::str::from_utf8(&plaintext).expect("only UTF-8 becomes JSON");
        assert_eq!(decrypted, document.replace(&format!("\"{token}\""), text));
        return;
    }
    let [decrypted, document] =
        [decrypted, &document].map(|json| serde_json::from_str::<Value>(json).unwrap());
    assert_eq!(decrypted["c"], document["c"]);
    let text = decrypted["a"].as_str().expect("a text");
    let rest = plaintext.strip_prefix(text.as_bytes()).expect("the text of the plaintext");
    if padding == Padding::default() {
        assert!(rest.is_empty());
    } else {
        let (end, zeros) = rest.split_first().expect("padding");
        assert!(*end == 0x80 && zeros.iter().all(|byte| *byte == 0));
        assert!(
            plaintext.len() % BUCKET == 1 && rest.len() <= BUCKET + usize::from(text.is_empty())
        );
    }
}

/// Whether a header is bound to the field that it is found in, by another reading of it.
fn is_bound_to_a(header: &[u8]) -> bool {
    let header: Value = serde_json::from_slice(header).unwrap();
    let is_critical = header["crit"].as_array().is_some_and(|list| list.contains(&"bound".into()));
    is_critical && header["bound"] == serde_json::json!({ "field": "/a" })
}

/// The plaintext of a content.
fn inflated(header: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let header: Value = serde_json::from_slice(header).unwrap();
    match header.get("zip") {
        None => Some(content.to_vec()),
        Some(_) => miniz_oxide::inflate::decompress_to_vec_with_limit(content, MAX_INFLATED).ok(),
    }
}

/// The token of a header and a content, whose other parts have the lengths that they must have.
fn token(header: &[u8], content: &[u8]) -> Option<String> {
    let parsed = JoseHeader::parse(core::str::from_utf8(header).ok()?).ok()?;
    let (alg, enc) = (Alg::from_name(parsed.alg())?, Enc::from_name(parsed.enc())?);
    let encrypted_key_len = match alg {
        Alg::Dir | Alg::EcdhEs => 0,
        _ if alg.is_rsa() => MODULUS_LEN,
        _ => enc.cek_len() + if alg.is_gcm_kw() { 0 } else { 8 },
    };
    let mut content = content.to_vec();
    if enc.is_cbc() {
        let padding = 16 - content.len() % 16;
        content.resize(content.len() + padding, padding as u8);
    }
    let parts = [
        header.to_vec(),
        vec![1; encrypted_key_len],
        vec![0; enc.iv_len()],
        content,
        vec![0; enc.tag_len()],
    ];
    Some(parts.map(|part| base64url::encode(&part)).join("."))
}

/// What a token was opened to.
fn opened(header: &[u8], content: &[u8], plaintext: &[u8]) {
    assert!(plaintext.len() <= MAX_INFLATED || plaintext == content, "beyond the limit");
    assert_eq!(inflated(header, content).as_deref(), Some(plaintext));
}
