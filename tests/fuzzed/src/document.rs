//! Target `document`: a byte of settings, a line with a selector, and a JSON document. What is
//! encrypted comes back byte for byte, and nothing but the selected values changes. With a small letter
//! as the settings, texts are padded and values bound to where they stand.

use jwe_fields::{
    AlreadyEncrypted, Binding, ClearValue, DecryptOptions, EncryptOptions, FieldDecrypter,
    FieldEncrypter, Missing, NonString, Padding, PlaintextEncoding, Selector, ShareCek,
};
use serde_json::Value;

use crate::settings::Settings;
use crate::sides;

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((mut settings, rest)) = Settings::split(input) else { return };
    let Some(at) = rest.iter().position(|byte| *byte == b'\n') else { return };
    let (selector, document) = (&rest[..at], &rest[at + 1..]);
    let Ok(Ok(selector)) = core::str::from_utf8(selector).map(Selector::parse) else { return };
    let encoding = settings.choose([PlaintextEncoding::Json, PlaintextEncoding::Text]);
    let missing = settings.choose([Missing::Refuse, Missing::Skip]);
    let share = settings.flag();
    let non_string = settings.choose([NonString::Refuse, NonString::JsonText]);
    let already = settings.choose([AlreadyEncrypted::EncryptAgain, AlreadyEncrypted::Refuse]);
    let defends = settings.flag();
    let pads = defends && encoding == PlaintextEncoding::Text;
    let padding = if pads { Padding::to_bucket(8).unwrap() } else { Padding::default() };
    let encrypt = EncryptOptions::new()
        .with_padding(padding)
        .with_encoding(encoding)
        .with_missing(missing)
        .with_non_string(non_string)
        .with_already_encrypted(already)
        .with_share_cek(if share { ShareCek::Document } else { ShareCek::No });
    let decrypt =
        DecryptOptions::new().with_padding(padding).with_encoding(encoding).with_missing(missing);
    let sides = if share { sides::wrapping() } else { sides::direct() };
    let selectors = || [selector.clone()];
    let back = |options| {
        let decrypter = sides.decrypter.clone();
        if defends {
            let binding = Binding::to_field().with_record_at("/id");
            FieldDecrypter::binding(decrypter, selectors(), options, binding).unwrap()
        } else {
            FieldDecrypter::new(decrypter, selectors(), options).unwrap()
        }
    };

    // The document as it came, too, by who leaves clear values as they are.
    let lenient = decrypt.with_clear_value(ClearValue::Leave).with_missing(Missing::Skip);
    if let Ok(decrypted) = back(lenient).decrypt(document) {
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&decrypted).is_ok());
    }
    let there = if defends {
        let binding = Binding::to_field().with_record_at("/id");
        FieldEncrypter::binding(sides.builder(), selectors(), encrypt, binding).unwrap()
    } else {
        FieldEncrypter::new(sides.encrypter.clone(), selectors(), encrypt).unwrap()
    };
    let Ok(encrypted) = there.encrypt(document) else { return };
    assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&encrypted).is_ok());
    // A filter may choose by the very value that is now a token, so that nothing or something else
    // is selected; a path without one selects the same again.
    if selector.as_str().contains('?') {
        return;
    }
    let decrypted = back(decrypt).decrypt(&encrypted).unwrap();
    match encoding {
        PlaintextEncoding::Json => assert_eq!(decrypted.as_slice(), document),
        // A string may have had other escapes, and a number is now the text of it.
        _ => {
            let values = [document, &decrypted].map(serde_json::from_slice::<Value>);
            if let [Ok(before), Ok(after)] = values {
                same_but_texts(&before, &after);
            }
        }
    }
}

fn same_but_texts(before: &Value, after: &Value) {
    match (before, after) {
        (Value::Array(before), Value::Array(after)) => {
            assert_eq!(before.len(), after.len());
            before.iter().zip(after).for_each(|(before, after)| same_but_texts(before, after));
        }
        (Value::Object(before), Value::Object(after)) => {
            assert!(before.keys().eq(after.keys()));
            before
                .values()
                .zip(after.values())
                .for_each(|(before, after)| same_but_texts(before, after));
        }
        (Value::Number(_) | Value::Bool(_), Value::String(text)) => {
            // The text as it stood there: `1.0` and `1e0` are one value.
            assert_eq!(serde_json::from_str::<Value>(text).unwrap(), *before);
        }
        (before, after) => assert_eq!(before, after),
    }
}
