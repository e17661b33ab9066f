//! What a token says is not repeated in an error: neither a long token, nor any of its text.

use jwe::{
    Alg, Backend, Compact, DecryptError, Enc, FlattenedJson, Inspection, Limits, Malformed,
    Message, Rejected, Segment, Serialization,
};
use jwe_tests::base64url;
use jwe_tests::parts::Parts;

use crate::target::{Target, within};

/// It is base64url, and so is its repetition.
const CANARY: &str = "canary";

/// The place of a part in a token.
type Part = fn(&mut Parts) -> &mut String;

pub(crate) fn check(backend: &'static Backend) {
    // Whole groups of four letters.
    let two_megabytes = CANARY.repeat(333_336);
    for target in Target::every(backend, &[Enc::A128Gcm, Enc::A128CbcHs256], |alg| {
        matches!(alg, Alg::Dir | Alg::RsaOaep256 | Alg::A128Kw | Alg::EcdhEs)
    }) {
        let all = [two_megabytes.as_str(); 5].join(".");
        assert!(all.len() > 9_999_900);
        quiet(&target, &all, "header_too_long");
        let long: [(Part, &str); 4] = [
            (|parts| &mut parts.encrypted_key, "part_length"),
            (|parts| &mut parts.iv, "part_length"),
            // A ciphertext may have any length, for CBC in blocks.
            (|parts| &mut parts.ciphertext, "decryption_failed"),
            (|parts| &mut parts.tag, "part_length"),
        ];
        for (part, code) in long {
            let mut parts = target.good.clone();
            *part(&mut parts) = two_megabytes.clone();
            let len = base64url::decode(&two_megabytes).len();
            if code == "decryption_failed" && !target.enc.is_ciphertext_len(len) {
                quiet(&target, &parts.token(), "part_length");
                let fitting = len / 16 * 16;
                parts.ciphertext = base64url::encode(&base64url::decode(&two_megabytes)[..fitting]);
            }
            quiet(&target, &parts.token(), code);
            // No base64url any more.
            part(&mut parts).push('=');
            quiet(&target, &parts.token(), "base64url");
        }
        headers(&target);
    }
}

/// Members with the canary as their name and as their value, each refused or ignored.
fn headers(target: &Target) {
    let alg = format!("\"{}\"", target.alg);
    let enc = format!("\"{}\"", target.enc);
    let text = CANARY.repeat(600);
    let quoted = format!("\"{text}\"");
    for (header, code) in [
        (target.header(&quoted, &enc, ""), "alg_not_accepted"),
        (target.header(&alg, &quoted, ""), "enc_not_accepted"),
        (format!(r#"{{"alg":{alg},"enc":{enc},"kid":{quoted}}}"#), "unknown_kid"),
        (target.header_with(&format!(r#","zip":{quoted}"#)), "zip_not_allowed"),
        (target.header_with(&format!(r#","crit":[{quoted}]"#)), "crit_not_understood"),
        (target.header_with(&format!(r#",{quoted}:1,{quoted}:1"#)), "header_duplicate_member"),
        (target.header_with(&format!(r#","{text}"#)), "header_not_json"),
        (target.header_with(&format!(r#","typ":[{quoted}]"#)), "header_member_type"),
        (format!(r#"{{{quoted}:{quoted}}}"#), "header_missing_member"),
        (text.clone(), "header_not_json"),
    ] {
        quiet(target, &target.good.with_header(header.as_bytes()).token(), code);
    }
    if target.alg.is_ecdh() {
        let parts = target.with_member("epk", Some(text.as_str().into()));
        quiet(target, &parts.token(), "header_member_type");
        let mut epk = target.member("epk");
        epk["crv"] = text.as_str().into();
        quiet(target, &target.with_member("epk", Some(epk)).token(), "epk_curve");
        let parts = target.with_member("apu", Some(format!("{text}=").into()));
        quiet(target, &parts.token(), "header_key_parameter");
    }
}

/// The token and what is made of it are refused or shown in less than 200 bytes, without any of its
/// text.
#[track_caller]
fn quiet(target: &Target, token: &str, code: &str) {
    // A ciphertext is decoded to where it is opened; nothing else of the text is copied.
    let memory = token.len() as u64 + 64 * 1024;
    let (error, _) = target.answer_within(token, memory, crate::messages::time_for(token));
    assert_eq!(error.code(), code, "{} {}", target.backend, target.alg);
    says_nothing(&error);
    // What shows the parts of a message for logs says how long they are.
    let limits = Limits::default();
    let Ok(message) = Compact.parse(token, &limits) else { return };
    let mut json = String::new();
    if FlattenedJson.write(&message, &mut json).is_ok() {
        let parsed = Message::parse(&json, &limits);
        if let Ok(message) = parsed {
            says_nothing(&target.decrypter.decrypt_message(message).unwrap_err());
        }
    }
    for shown in [format!("{message:?}"), format!("{:?}", target.decrypter)] {
        assert!(!shown.contains(CANARY), "{:.200}", shown);
        assert!(shown.len() < 2000, "{} bytes", shown.len());
    }
    if let Ok(pending) = target.decrypter.begin(token) {
        let shown = within("Debug", 4096, crate::target::TIME, || format!("{pending:?}").len());
        assert!(shown < 500, "{shown} bytes");
        assert!(!format!("{pending:?}").contains(CANARY));
    }
    if let Err(error) = Inspection::of(&message, &limits) {
        says_nothing(&error.into());
    }
}

#[track_caller]
fn says_nothing(error: &DecryptError) {
    for text in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
        assert!(text.len() < 200, "{text}");
        assert!(!text.contains(CANARY), "{text}");
    }
}

/// No reason has a text that grows with the message.
#[test]
fn every_text_is_short() {
    let segments = [
        Segment::Header,
        Segment::EncryptedKey,
        Segment::Iv,
        Segment::Ciphertext,
        Segment::Tag,
        Segment::Aad,
    ];
    // The longest name of a member that an error is told here.
    let name = "one of over 64 that are unknown";
    let mut errors: Vec<DecryptError> = vec![DecryptError::DecryptionFailed];
    for segment in segments {
        errors.extend(
            [Malformed::Base64(segment), Malformed::Length(segment)].map(DecryptError::from),
        );
    }
    errors.extend(
        [
            Malformed::TokenTooLong,
            Malformed::HeaderTooLong,
            Malformed::SegmentCount,
            Malformed::NotJson,
            Malformed::MessageMember(name),
            Malformed::TooManyRecipients,
            Malformed::RecipientsDiffer,
            Malformed::HeaderNotJson,
            Malformed::DuplicateMember,
            Malformed::Unprotected("crit"),
            Malformed::KeyParameter("epk"),
            Malformed::MemberType("p2c"),
            Malformed::MissingMember("enc"),
        ]
        .map(DecryptError::from),
    );
    errors.extend(
        [
            Rejected::Alg,
            Rejected::Enc,
            Rejected::Crit,
            Rejected::Zip,
            Rejected::Pbes2,
            Rejected::IterationCount,
            Rejected::EpkCurve,
            Rejected::MissingKid,
            Rejected::UnknownKid,
            Rejected::KeyHeldElsewhere,
        ]
        .map(DecryptError::from),
    );
    for error in &errors {
        says_nothing(error);
    }
}
