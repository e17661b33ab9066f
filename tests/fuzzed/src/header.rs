//! Target `header`: bytes as the protected header of a token whose other parts have the lengths that
//! it asks for. What is accepted is one JSON object that a JSON library reads alike, with no member
//! twice.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use jwe_core::{
    Alg, Compact, DecryptError, Decrypter, DecryptionKey, Enc, Inspection, JoseHeader, Jwk,
    KeyOptions, Limits, Serialization,
};
use serde_json::Value;

use crate::base64url;
use crate::no_security_backend::{MODULUS_LEN, NO_SECURITY, keys};

/// One for each algorithm and kind of key, so that every rule for header members of an algorithm is
/// reached.
static DECRYPTERS: LazyLock<Vec<(Alg, Decrypter)>> = LazyLock::new(|| {
    let all = Alg::ALL.iter().flat_map(|alg| keys(*alg).into_iter().map(|key| (*alg, key)));
    all.map(|(alg, key)| (alg, decrypter(alg, &key))).collect()
});

fn decrypter(alg: Alg, key: &Jwk) -> Decrypter {
    let options = KeyOptions::new().with_alg(alg).ignore_declared_usage();
    let key = DecryptionKey::import(&NO_SECURITY, key, &options).unwrap();
    Decrypter::new(&NO_SECURITY, [key], Enc::ALL)
        .unwrap()
        .ignore_kid()
        .allow_pbes2(u32::MAX)
        .allow_zip(1000)
        .understand(&["exp", "b64"])
}

/// Runs the target.
pub fn run(input: &[u8]) {
    let limits = Limits::default();
    let protected = base64url::encode(input);
    let text = core::str::from_utf8(input).ok();
    let parsed = text.map(JoseHeader::parse);
    let enc = parsed.as_ref().and_then(|header| Enc::from_name(header.as_ref().ok()?.enc()));
    let enc = enc.unwrap_or(Enc::A256Gcm);
    let content = [vec![0; enc.iv_len()], vec![16; 16], vec![0; enc.tag_len()]];
    let [iv, ciphertext, tag] = content.map(|bytes| base64url::encode(&bytes));
    let token = |encrypted_key_len: usize| {
        let encrypted_key = base64url::encode(&vec![1; encrypted_key_len]);
        format!("{protected}.{encrypted_key}.{iv}.{ciphertext}.{tag}")
    };
    let bare = token(0);
    let message = Compact.parse(&bare, &limits).unwrap();
    let inspection = Inspection::of(&message, &limits);
    if let Ok(inspection) = &inspection {
        let header = &inspection.recipients[0].header;
        let text = text.expect("only UTF-8 is a header");
        let value = one_object(text);
        reads_alike(header, &value);
        assert_eq!(Some(header), parsed.as_ref().and_then(|header| header.as_ref().ok()));
        // Written again by another library, in another order and with other escapes.
        let again = Value::Object(value.into_iter().collect()).to_string();
        assert_eq!(JoseHeader::parse(&again).as_ref(), Ok(header), "{again}");
    } else if input.len() <= Limits::MAX_HEADER_LEN {
        assert!(parsed.is_none_or(|header| header.is_err()), "refused as a part of a token only");
    }
    let named = inspection.as_ref().ok().map(|inspection| inspection.recipients[0].header.alg());
    // All keys of the algorithm that the header names, and another.
    let meant = DECRYPTERS.iter().filter(|(alg, _)| Some(alg.name()) == named);
    let other = DECRYPTERS.iter().find(|(alg, _)| Some(alg.name()) != named);
    for (alg, decrypter) in meant.chain(other) {
        let token = token(encrypted_key_len(*alg, enc));
        let begun = decrypter.begin(&token);
        match (&begun, &inspection) {
            (Ok(pending), Ok(inspection)) => {
                let header = &inspection.recipients[0].header;
                let names = (pending.alg().name(), pending.enc().name());
                assert_eq!(names, (header.alg(), header.enc()));
                assert_eq!(pending.header().as_ref(), Ok(header));
                assert_eq!(pending.alg(), *alg);
            }
            (Err(error), Err(malformed)) => {
                // Whatever is no header is none for every key.
                assert_eq!(*error, DecryptError::Malformed(*malformed));
            }
            (Ok(_), Err(malformed)) => panic!("begun, although {malformed:?}"),
            (Err(_), Ok(_)) => {}
        }
    }
}

/// The length of the encrypted key.
fn encrypted_key_len(alg: Alg, enc: Enc) -> usize {
    let overhead = if alg.is_gcm_kw() { 0 } else { 8 };
    match alg {
        Alg::Dir | Alg::EcdhEs => 0,
        _ if alg.is_rsa() => MODULUS_LEN,
        _ => enc.cek_len() + overhead,
    }
}

/// The members by a reading of another library, which keeps the last of those that stand twice; here
/// none may.
fn one_object(text: &str) -> BTreeMap<String, Value> {
    struct Members(Vec<(String, Value)>);
    impl<'de> serde::de::Deserialize<'de> for Members {
        fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Members;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Members, A::Error> {
                    let mut members = Vec::new();
                    while let Some(member) = map.next_entry()? {
                        members.push(member);
                    }
                    Ok(Members(members))
                }
            }
            d.deserialize_map(Visitor)
        }
    }
    let Members(members) = serde_json::from_str(text).expect("an object");
    let count = members.len();
    let members: BTreeMap<String, Value> = members.into_iter().collect();
    assert_eq!(members.len(), count, "a member twice");
    members
}

fn reads_alike(header: &JoseHeader<'_>, value: &BTreeMap<String, Value>) {
    let text = |name: &str| value.get(name).map(|value| value.as_str().expect("a string"));
    assert_eq!(Some(header.alg()), text("alg"));
    assert_eq!(Some(header.enc()), text("enc"));
    assert_eq!(header.kid(), text("kid"));
    assert_eq!(header.zip(), text("zip"));
    assert_eq!(header.apu(), text("apu"));
    assert_eq!(header.apv(), text("apv"));
    assert_eq!(header.iv(), text("iv"));
    assert_eq!(header.tag(), text("tag"));
    assert_eq!(header.p2s(), text("p2s"));
    assert_eq!(header.p2c(), value.get("p2c").map(|count| count.as_u64().expect("a count")));
    assert_eq!(header.crit(), value.get("crit"));
    assert_eq!(header.epk().is_some(), value.contains_key("epk"));
    for name in value.keys() {
        assert!(header.has(name) && header.is_protected(name), "{name}");
    }
    for (name, other) in header.others() {
        assert_eq!(value.get(name), Some(other), "{name}");
    }
}
