//! The policy of sender and recipient at its edges, over a backend that protects nothing: which settings fit
//! together, which headers are written and which are accepted.

use serde_json::{Value, json};

use crate::alg::Alg;
use crate::base64url;
use crate::binding_encrypter::BindingEncrypter;
use crate::compact::Compact;
use crate::curve::Curve;
use crate::decrypter::Decrypter;
use crate::ec_key::EcPrivateKey;
use crate::enc::Enc;
use crate::encrypter::{Encrypter, EncrypterBuilder};
use crate::error::{DecryptError, Malformed, Rejected, Segment, SetupError};
use crate::general::GeneralJson;
use crate::jwk::Jwk;
use crate::key::{DecryptionKey, EncryptionKey, KeyOptions, Kid};
use crate::key_import::{RecipientContext, SenderContext, UNWRAP_BUFFER_LEN};
use crate::limits::Limits;
use crate::message::{Message, Recipient};
use crate::message_encrypter::MessageEncrypter;
use crate::serialization::Serialization;
use crate::toy::{self, TOY};

const BOTH: &[Enc] = &[Enc::A128Gcm, Enc::A256Gcm];

fn kw(byte: u8, kid: &str) -> (EncryptionKey, DecryptionKey) {
    toy::keys(Alg::A256Kw, 32, byte, kid)
}

fn builder(key: &EncryptionKey) -> EncrypterBuilder<'_> {
    Encrypter::builder(&TOY, key, Enc::A256Gcm)
}

fn header(token: &str) -> String {
    let text = token.split('.').next().unwrap();
    String::from_utf8(base64url::decode_secret(text).unwrap().to_vec()).unwrap()
}

/// A token with this header, of which the rest has the right lengths and opens with no key.
fn token(header: &str) -> String {
    let part = |len: usize| base64url::encode(&vec![1; len]);
    let header = base64url::encode(header.as_bytes());
    format!("{header}.{}.{}.{}.{}", part(40), part(12), part(3), part(16))
}

fn refusal(decrypter: &Decrypter, token: &str) -> DecryptError {
    decrypter.decrypt(token).unwrap_err()
}

// ---- Setting up. ----

#[test]
fn a_decrypter_has_keys_that_can_be_told_apart_and_an_enc() {
    let setup = |keys: &[&DecryptionKey], accepted: &[Enc]| {
        Decrypter::new(&TOY, keys.iter().copied().cloned(), accepted).map(drop).unwrap_err()
    };
    let [(_, a), (_, also_a), (_, b), (_, unnamed)] =
        [kw(1, "a"), kw(2, "a"), kw(3, "b"), kw(4, "")];
    assert_eq!(setup(&[], BOTH), SetupError::NoKey);
    assert_eq!(setup(&[&a], &[]), SetupError::NoAcceptedEnc);
    for keys in [&[&a, &also_a][..], &[&a, &b, &also_a], &[&a, &unnamed], &[&unnamed, &unnamed]] {
        assert_eq!(setup(keys, BOTH), SetupError::AmbiguousKid, "{keys:?}");
    }
    assert_eq!(setup(&[&a], &[Enc::A256Gcm, Enc::A192Gcm]).code(), "backend_gap");
    assert!(Decrypter::new(&TOY, [unnamed], BOTH).is_ok());
    assert!(Decrypter::new(&TOY, [a, b], BOTH).is_ok());
    let none = Decrypter::trying_keys(&TOY, [], BOTH).map(drop).unwrap_err();
    assert_eq!(none, SetupError::NoKey);
}

#[test]
fn a_key_that_is_the_cek_serves_one_enc() {
    let (_, short) = toy::keys(Alg::Dir, 16, 1, "");
    let setup = |enc| Decrypter::new(&TOY, [short.clone()], &[enc]).map(drop);
    assert_eq!(setup(Enc::A128Gcm), Ok(()));
    assert_eq!(setup(Enc::A256Gcm), Err(SetupError::CekLength { enc: Enc::A256Gcm, key_len: 16 }));
    let decrypter = Decrypter::new(&TOY, [short.clone()], BOTH).unwrap();
    let of = |enc| {
        token(&format!(r#"{{"alg":"dir","enc":"{enc}"}}"#)).replacen(
            &format!(".{}.", base64url::encode(&[1; 40])),
            "..",
            1,
        )
    };
    assert_eq!(refusal(&decrypter, &of("A256GCM")), Rejected::Enc.into());
    assert_eq!(refusal(&decrypter, &of("A192GCM")), Rejected::Enc.into());
    assert_eq!(refusal(&decrypter, &of("A128GCM")), DecryptError::DecryptionFailed);
    // A key that names the enc that it is for, and is as long as another one's.
    let k = base64url::encode(&[1; 32]);
    let named = format!(r#"{{"kty":"oct","k":"{k}","alg":"A128GCM"}}"#);
    let named = Jwk::from_json(named.as_bytes()).unwrap();
    let options = KeyOptions::new().with_kid(Kid::Omit);
    let sender = EncryptionKey::import(&TOY, &named, &options).unwrap();
    let error = Encrypter::new(&TOY, &sender, Enc::A256Gcm).map(drop).unwrap_err();
    assert_eq!(error, SetupError::DeclaredEnc { enc: Enc::A256Gcm });
    let named = DecryptionKey::import(&TOY, &named, &options).unwrap();
    let declared = Decrypter::new(&TOY, [named], &[Enc::A256Gcm]).map(drop).unwrap_err();
    assert_eq!(declared, SetupError::DeclaredEnc { enc: Enc::A256Gcm });
    let k = base64url::encode(&[1; 16]);
    let named = format!(r#"{{"kty":"oct","k":"{k}","alg":"A128GCM"}}"#);
    let named = Jwk::from_json(named.as_bytes()).unwrap();
    let named = DecryptionKey::import(&TOY, &named, &options).unwrap();
    let decrypter = Decrypter::new(&TOY, [named], BOTH).unwrap();
    assert_eq!(refusal(&decrypter, &of("A256GCM")), Rejected::Enc.into());
    assert_eq!(refusal(&decrypter, &of("A128GCM")), DecryptError::DecryptionFailed);
}

// ---- What is written. ----

#[test]
fn members_stand_in_the_header_in_their_order() {
    let (key, _) = kw(1, "k");
    let written =
        |builder: EncrypterBuilder<'_>| header(&builder.build().unwrap().encrypt(b"text").unwrap());
    assert_eq!(written(builder(&key)), r#"{"alg":"A256KW","enc":"A256GCM","kid":"k"}"#);
    let (unnamed, _) = kw(1, "");
    assert_eq!(written(builder(&unnamed)), r#"{"alg":"A256KW","enc":"A256GCM"}"#);
    assert_eq!(
        written(
            builder(&key)
                .with_member("typ", "JWE".into())
                .with_critical_member("x", json!([1]))
                .with_critical_member("y", 2.into())
                .with_member("z", Value::Null)
                .compress()
        ),
        concat!(
            r#"{"alg":"A256KW","enc":"A256GCM","kid":"k","zip":"DEF","crit":["x","y"],"#,
            r#""typ":"JWE","x":[1],"y":2,"z":null}"#
        )
    );
}

#[test]
fn names_that_the_engine_writes_or_that_are_no_extensions_are_refused() {
    let (key, _) = kw(1, "k");
    let error = |builder: EncrypterBuilder<'_>| match builder.build().map(drop) {
        Err(SetupError::HeaderMember(reason)) => reason,
        other => panic!("{other:?}"),
    };
    let reserved =
        ["alg", "enc", "kid", "zip", "crit", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c", "b64"];
    for name in reserved {
        let written_itself = "its name is one that the engine writes itself";
        assert_eq!(error(builder(&key).with_member(name, "x".into())), written_itself, "{name}");
        assert_eq!(error(builder(&key).with_critical_member(name, "x".into())), written_itself);
        let binding: Result<BindingEncrypter, _> = builder(&key).build_binding(name);
        assert_eq!(binding.map(drop).unwrap_err().code(), "setup_header_member", "{name}");
    }
    for name in ["jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty"] {
        assert!(builder(&key).with_member(name, "x".into()).build().is_ok(), "{name}");
        let reason = error(builder(&key).with_critical_member(name, "x".into()));
        assert!(reason.starts_with("crit lists extensions"), "{name}");
        let binding = builder(&key).build_binding(name).map(drop).unwrap_err();
        assert_eq!(binding.code(), "setup_header_member", "{name}");
    }
    let twice = builder(&key).with_member("x", 1.into()).with_critical_member("x", 1.into());
    assert_eq!(error(twice), "its name is given twice");
    let given = builder(&key).with_member("x", 1.into()).build_binding("x").map(drop).unwrap_err();
    assert_eq!(given, SetupError::HeaderMember("its name is given twice"));
    for name in ["typ", "cty"] {
        for value in [json!(1), Value::Null, json!(["JWE"])] {
            let reason = error(builder(&key).with_member(name, value));
            assert!(reason.starts_with("typ and cty are strings"), "{name}");
        }
    }
    assert!(builder(&key).with_member("other", 1.into()).build().is_ok());
    // Deeper than a reader of JSON goes.
    let deep = |levels| (0..levels).fold(json!(1), |value, _| json!([value]));
    assert!(builder(&key).with_member("x", deep(100)).build().is_ok());
    let reason = error(builder(&key).with_member("x", deep(200)));
    assert_eq!(reason, "a recipient could not read it: nest it less");
}

// ---- What is accepted. ----

#[test]
fn crit_names_what_is_there_and_understood() {
    let (_, key) = kw(1, "");
    let decrypter = Decrypter::new(&TOY, [key], BOTH).unwrap();
    let outcome = |decrypter: &Decrypter, members: &str| {
        refusal(decrypter, &token(&format!(r#"{{"alg":"A256KW","enc":"A256GCM"{members}}}"#)))
    };
    let lenient = decrypter.clone().understand(&["x", "y", "kid", "typ"]);
    for good in [r#","crit":["x"],"x":1"#, r#","crit":["y","x"],"x":1,"y":null"#] {
        assert_eq!(outcome(&lenient, good), DecryptError::DecryptionFailed, "{good}");
        assert_eq!(outcome(&decrypter, good), Rejected::Crit.into(), "{good}");
    }
    for bad in [
        r#","crit":[]"#,
        r#","crit":"x","x":1"#,
        r#","crit":null"#,
        r#","crit":{"x":1},"x":1"#,
        r#","crit":[1],"x":1"#,
        r#","crit":["x",1],"x":1"#,
        r#","crit":["x"]"#,
        r#","crit":["x","x"],"x":1"#,
        r#","crit":["x","y","x"],"x":1,"y":1"#,
        r#","crit":["x","z"],"x":1,"z":1"#,
        r#","crit":["X"],"X":1"#,
        // Members that the RFCs define are no extensions, even where they were said to be understood.
        r#","crit":["typ"],"typ":"JWE""#,
        r#","crit":["kid"],"kid":"k""#,
        r#","crit":["alg"]"#,
    ] {
        assert_eq!(outcome(&lenient, bad), Rejected::Crit.into(), "{bad}");
    }
    assert!(lenient.is_understood("x") && !lenient.is_understood("z"));
    assert!(!decrypter.is_understood("x"));
    assert!(!decrypter.allows_zip() && decrypter.clone().allow_zip(1).allows_zip());
}

#[test]
fn the_kid_is_looked_at_as_the_policy_has_it() {
    let [(a, of_a), (unnamed, of_unnamed), (_, of_b)] = [kw(1, "a"), kw(1, ""), kw(1, "b")];
    let to = |key: &EncryptionKey| builder(key).build().unwrap().encrypt(b"text").unwrap();
    let (named, nameless) = (to(&a), to(&unnamed));
    let with = |keys: &[&DecryptionKey]| {
        Decrypter::new(&TOY, keys.iter().copied().cloned(), BOTH).unwrap()
    };
    let code = |decrypter: &Decrypter, token: &str| {
        decrypter
            .decrypt(token)
            .map(|text| assert_eq!(*text, b"text"))
            .map_err(|error| error.code())
    };
    let (unknown, missing) = (Err("unknown_kid"), Err("missing_kid"));
    for (decrypter, to_a, to_nobody) in [
        (with(&[&of_a]), Ok(()), Ok(())),
        (with(&[&of_b]), unknown, Ok(())),
        (with(&[&of_unnamed]), unknown, Ok(())),
        (with(&[&of_a, &of_b]), Ok(()), missing),
        (with(&[&of_a]).require_kid(), Ok(()), missing),
        (with(&[&of_unnamed]).require_kid(), unknown, missing),
        (with(&[&of_a]).ignore_kid(), Ok(()), Ok(())),
        (with(&[&of_b]).ignore_kid(), Ok(()), Ok(())),
        (with(&[&of_b]).ignore_kid().require_kid(), unknown, missing),
        (with(&[&of_b]).require_kid().ignore_kid(), Ok(()), Ok(())),
        (with(&[&of_a, &of_b]).ignore_kid(), Ok(()), missing),
    ] {
        assert_eq!((code(&decrypter, &named), code(&decrypter, &nameless)), (to_a, to_nobody));
    }
    let gcm = toy::keys(Alg::A256GcmKw, 32, 1, "a").1;
    assert_eq!(code(&with(&[&gcm]), &named), Err("alg_not_accepted"));
}

#[test]
fn of_several_recipients_the_closest_says_what_is_wrong() {
    let [(a, _), (unnamed, _), (_, of_c)] = [kw(1, "a"), kw(2, ""), kw(3, "c")];
    let (gcm, _) = toy::keys(Alg::A256GcmKw, 32, 1, "c");
    let trying = Decrypter::trying_keys(&TOY, [of_c], BOTH).unwrap().require_kid();
    for (senders, expected) in [
        (&[&unnamed, &unnamed][..], Rejected::MissingKid),
        (&[&unnamed, &a], Rejected::UnknownKid),
        (&[&a, &unnamed], Rejected::UnknownKid),
        (&[&a, &gcm], Rejected::Alg),
        (&[&gcm, &a], Rejected::Alg),
        (&[&gcm, &unnamed], Rejected::Alg),
    ] {
        let builder = MessageEncrypter::builder(&TOY, Enc::A256Gcm);
        let builder = senders.iter().fold(builder, |builder, key| builder.with_recipient(key));
        let text = builder.build().unwrap().encrypt(&GeneralJson, b"text", b"").unwrap();
        let message = Message::parse(&text, &Limits::default()).unwrap();
        assert_eq!(trying.decrypt_message(message).unwrap_err(), expected.into(), "{text}");
    }
}

#[test]
fn limits_of_a_message_hold_at_their_last_byte() {
    let (_, key) = kw(1, "");
    let decrypter = Decrypter::new(&TOY, [key], BOTH).unwrap();
    let bare = r#"{"alg":"A256KW","enc":"A256GCM"}"#;
    let padded = |len: usize| format!("{bare}{}", " ".repeat(len - bare.len()));
    for most in [bare.len(), 511, 512, 513, 8192] {
        let limited = decrypter.clone().with_limits(Limits::default().with_max_header_len(most));
        let exact = refusal(&limited, &token(&padded(most)));
        assert_eq!(exact, DecryptError::DecryptionFailed, "{most}");
        assert_eq!(refusal(&limited, &token(&padded(most + 1))), Malformed::HeaderTooLong.into());
    }
    // No setting lets a longer one in.
    let generous = decrypter.clone().with_limits(Limits::default().with_max_header_len(9000));
    assert_eq!(refusal(&generous, &token(&padded(8193))), Malformed::HeaderTooLong.into());
    let text = token(bare);
    for (most, expected) in [
        (text.len(), DecryptError::DecryptionFailed),
        (text.len() - 1, Malformed::TokenTooLong.into()),
    ] {
        let limits = Limits::default().with_max_token_len(most);
        assert_eq!(refusal(&decrypter.clone().with_limits(limits), &text), expected);
    }

    let parsed = Compact.parse(&text, &Limits::default()).unwrap();
    let limits = Limits::default().with_max_header_len(100).with_max_recipients(2);
    let limited = decrypter.with_limits(limits);
    let json = |len: usize| format!("{{\"x\":1{}}}", " ".repeat(len - 7));
    let (longest, too_long) = (json(100), json(101));
    let recipient = parsed.recipients()[0];
    let refusal = |message: Message<'_>| limited.decrypt_message(message).unwrap_err();
    let failed = DecryptError::DecryptionFailed;
    assert_eq!(refusal(parsed.clone().with_unprotected(&longest)), failed);
    assert_eq!(
        refusal(parsed.clone().with_unprotected(&too_long)),
        Malformed::HeaderTooLong.into()
    );
    let with_header = |json: &str| {
        refusal(parsed.clone().with_recipients(vec![Recipient::with_header(recipient, json)]))
    };
    assert_eq!(with_header(&longest), failed);
    assert_eq!(with_header(&too_long), Malformed::HeaderTooLong.into());
    let several = |count| refusal(parsed.clone().with_recipients(vec![recipient; count]));
    assert_eq!(several(2), failed);
    assert_eq!(several(3), Malformed::TooManyRecipients.into());
}

/// An encrypted key is as long as the algorithm has it, before it is unwrapped.
#[test]
fn parts_have_their_lengths() {
    let [(_, wraps), (_, is_cek)] = [kw(1, ""), toy::keys(Alg::Dir, 32, 1, "")];
    let part = |len: usize| base64url::encode(&vec![1; len]);
    for (key, alg, right) in [(wraps, "A256KW", 40), (is_cek, "dir", 0)] {
        let decrypter = Decrypter::new(&TOY, [key], BOTH).unwrap();
        let header = base64url::encode(format!(r#"{{"alg":"{alg}","enc":"A256GCM"}}"#).as_bytes());
        let with = |key: usize, iv: usize, tag: usize| {
            refusal(&decrypter, &format!("{header}.{}.{}.QQ.{}", part(key), part(iv), part(tag)))
        };
        assert_eq!(with(right, 12, 16), DecryptError::DecryptionFailed);
        for len in [0, 1, 24, 39, 40, 41, 48, 1024, 1025, 5000] {
            if len != right {
                let expected = Malformed::Length(Segment::EncryptedKey);
                assert_eq!(with(len, 12, 16), expected.into(), "{alg} {len}");
            }
        }
        for len in [0, 11, 13, 16] {
            assert_eq!(with(right, len, 16), Malformed::Length(Segment::Iv).into());
        }
        for len in [0, 1, 15, 17, 32] {
            assert_eq!(with(right, 12, len), Malformed::Length(Segment::Tag).into());
        }
    }
}

// ---- In two steps. ----

#[test]
fn what_is_pending_tells_what_it_is_and_takes_a_cek() {
    let (key, own) = kw(1, "k");
    let token = builder(&key).with_member("x", 5.into()).build().unwrap().encrypt(b"text").unwrap();
    let decrypter = Decrypter::new(&TOY, [own], BOTH).unwrap();
    let pending = || decrypter.begin(&token).unwrap();
    assert_eq!((pending().alg(), pending().enc()), (Alg::A256Kw, Enc::A256Gcm));
    assert_eq!((pending().key().kid(), pending().key().alg()), (Some("k"), Alg::A256Kw));
    let header = pending().header().unwrap();
    assert_eq!((header.kid(), header.get("x")), (Some("k"), Some(&json!(5))));
    let encrypted_key = token.split('.').nth(1).unwrap();
    assert_eq!(base64url::encode(pending().encrypted_key()), encrypted_key);
    // The toy wraps with an exclusive or.
    let cek: Vec<u8> = pending().encrypted_key()[..32].iter().map(|byte| byte ^ 1).collect();
    let complete = |cek: Option<&[u8]>| {
        let mut out = b"before ".to_vec();
        let opened = pending().complete(cek, &mut out);
        (opened, String::from_utf8(out).unwrap())
    };
    assert_eq!(complete(Some(&cek)), (Ok(()), "before text".to_owned()));
    let failed = (Err(DecryptError::DecryptionFailed), "before ".to_owned());
    let longer = [&cek[..], &[0]].concat();
    let other: Vec<u8> = cek.iter().map(|byte| byte ^ 1).collect();
    for wrong in [None, Some(&cek[..31]), Some(&longer), Some(&other), Some(&[0; 100]), Some(&[])] {
        assert_eq!(complete(wrong), failed, "{:?}", wrong.map(<[u8]>::len));
    }
    let shown = format!("{:?}", pending());
    assert!(shown.starts_with("Pending") && shown.contains("A256Kw"), "{shown}");
}

#[test]
fn a_key_that_is_held_elsewhere_opens_in_two_steps_only() {
    // The longest fills the buffer of encrypted keys.
    for len in [256, UNWRAP_BUFFER_LEN] {
        let n = base64url::encode(&vec![0xff; len]);
        let rsa = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{n}"}}"#);
        let rsa = Jwk::from_json(rsa.as_bytes()).unwrap();
        let options = KeyOptions::new().with_alg(Alg::RsaOaep256).with_kid(Kid::Omit);
        let key = DecryptionKey::held_elsewhere(&TOY, &rsa, &options).unwrap();
        let decrypter = Decrypter::new(&TOY, [key], BOTH).unwrap();
        let token = token(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#);
        let of_len = |len: usize| {
            let encrypted_key = base64url::encode(&vec![5; len]);
            token.replacen(&base64url::encode(&[1; 40]), &encrypted_key, 1)
        };
        for wrong in [0, 40, len - 1, len + 1, 2 * len] {
            let expected = Malformed::Length(Segment::EncryptedKey);
            assert_eq!(refusal(&decrypter, &of_len(wrong)), expected.into(), "{wrong}");
        }
        assert_eq!(refusal(&decrypter, &of_len(len)), Rejected::KeyHeldElsewhere.into());
        let token = of_len(len);
        let pending = decrypter.begin(&token).unwrap();
        assert_eq!(pending.encrypted_key(), vec![5; len]);
        let mut out = Vec::new();
        assert_eq!(pending.complete(None, &mut out), Err(DecryptError::DecryptionFailed));
    }
}

/// The first step of a decrypter that tries keys takes the first key that may be meant.
#[test]
fn the_first_step_takes_the_first_key_that_may_be_meant() {
    let [(a, of_a), (unnamed, of_unnamed)] = [kw(1, "a"), kw(1, "")];
    let gcm = |kid| toy::keys(Alg::A256GcmKw, 32, 1, kid).1;
    let to = |key: &EncryptionKey| builder(key).build().unwrap().encrypt(b"text").unwrap();
    let trying = |keys: [DecryptionKey; 2]| Decrypter::trying_keys(&TOY, keys, BOTH).unwrap();
    let first = |decrypter: &Decrypter, token: &str| {
        decrypter.begin(token).map(|pending| pending.alg()).map_err(|error| error.code())
    };
    let named = trying([gcm("a"), of_a]);
    assert_eq!(first(&named, &to(&a)), Ok(Alg::A256Kw));
    assert_eq!(first(&named.clone().require_kid(), &to(&a)), Ok(Alg::A256Kw));
    assert_eq!(first(&named, &to(&unnamed)), Ok(Alg::A256Kw));
    assert_eq!(first(&named.require_kid(), &to(&unnamed)), Err("missing_kid"));
    let nameless = trying([gcm(""), of_unnamed]);
    assert_eq!(first(&nameless, &to(&unnamed)), Ok(Alg::A256Kw));
    assert_eq!(first(&nameless, &to(&a)), Err("unknown_kid"));
    assert_eq!(first(&nameless.ignore_kid(), &to(&a)), Ok(Alg::A256Kw));
}

// ---- What a key may read. ----

#[test]
fn a_context_holds_what_it_was_given() {
    let (iv, tag, salt) = ([1; 12], [2; 16], [3; 8]);
    let mut sender = SenderContext::new(Enc::A256Gcm, TOY.random());
    assert_eq!((sender.enc(), sender.apu(), sender.apv()), (Enc::A256Gcm, &[][..], &[][..]));
    assert_eq!((sender.take_iv(), sender.salt_and_count()), (None, None));
    assert_eq!((sender.epk(), sender.tag()), (&[][..], [0; 16]));
    let mut sender =
        sender.with_agreement_info(b"u", b"v").with_iv(iv).with_salt_and_count(&salt, 7);
    assert_eq!((sender.apu(), sender.apv()), (&b"u"[..], &b"v"[..]));
    assert_eq!((sender.take_iv(), sender.take_iv()), (Some(iv), None), "once");
    assert_eq!(sender.salt_and_count(), Some((&salt[..], 7)));
    sender.set_tag(tag);
    sender.set_epk(&[4; 133]);
    assert_eq!((sender.epk(), sender.tag()), (&[4; 133][..], tag));
    sender.set_epk(&[5; 134]);
    assert_eq!(sender.epk(), [4; 133], "longer than any is left out");
    let pair = EcPrivateKey::new(Curve::X25519, &[6; 32], None).unwrap();
    assert!(sender.ephemeral().is_none());
    let sender = sender.with_fixed_ephemeral(Some(&pair));
    assert_eq!(sender.ephemeral().map(EcPrivateKey::secret), Some(&[6; 32][..]));

    let recipient = RecipientContext::new(Enc::A128Gcm);
    assert_eq!(
        (recipient.enc(), recipient.apu(), recipient.apv()),
        (Enc::A128Gcm, &[][..], &[][..])
    );
    assert_eq!((recipient.iv_and_tag(), recipient.salt_and_count()), (None, None));
    let point = [9; 32];
    let agreed = recipient.with_epk(Curve::X25519, &point);
    assert_eq!((agreed.epk(Curve::X25519), agreed.epk(Curve::P256)), (Some(&point[..]), None));
    for malformed in [&point[1..], &[0; 32], &[]] {
        let agreed = recipient.with_epk(Curve::X25519, malformed);
        assert_eq!((agreed.epk(Curve::X25519), agreed.epk(Curve::P256)), (None, None));
    }
    let recipient = recipient
        .with_agreement_info(b"u", b"v")
        .with_iv_and_tag(&iv, &tag)
        .with_salt_and_count(&salt, 7);
    assert_eq!((recipient.apu(), recipient.apv()), (&b"u"[..], &b"v"[..]));
    assert_eq!(recipient.iv_and_tag(), Some((&iv, &tag)));
    assert_eq!(recipient.salt_and_count(), Some((&salt[..], 7)));
}
