//! Every variant of every error: its stable code, and that its text is one sentence that says what to do.
//!
//! Each list has beside it a `match` that names all variants, so that a new one stops the build here.

use super::{
    BackendError, DecryptError, EncryptError, ExportError, Gap, GenerateError, ImportError,
    KeyRejected, Malformed, Rejected, Segment, SetupError,
};
use crate::alg::Alg;
use crate::backend::{Algorithm, Direction};
use crate::curve::Curve;
use crate::enc::Enc;
use crate::key_format::KeyFormat;
use crate::serialization::NotExpressible;

/// What stands behind the colon or semicolon says what to do; `None` for what says so otherwise.
#[track_caller]
fn check(error: &dyn core::error::Error, advice: Option<&str>) {
    let text = error.to_string();
    assert!(
        error.source().is_none(),
        "{text}: no error here has a source, which could hold a secret"
    );
    assert!(!text.ends_with(['.', ' ', '\n', ':']) && !text.contains(['\n', '\t']), "{text}");
    assert!(!text.contains("  ") && text.len() < 320, "{text}");
    assert!(text.starts_with(|first: char| first.is_ascii_alphabetic()), "{text}");
    match advice {
        Some(advice) => assert!(text.contains(advice), "{text}"),
        None => assert!(text.contains(": ") || text.contains("; "), "{text}"),
    }
}

fn gap(curve: Option<Curve>, advice: &'static str) -> Gap {
    Gap::new("toy".to_owned(), Algorithm::Alg(Alg::EcdhEs), curve, Direction::Decrypt, advice)
}

#[test]
fn malformed() {
    use Malformed as M;
    let name = |error: &M| match error {
        M::TokenTooLong => "token_too_long",
        M::HeaderTooLong => "header_too_long",
        M::SegmentCount => "segment_count",
        M::NotJson => "message_not_json",
        M::MessageMember(_) => "message_member",
        M::TooManyRecipients => "too_many_recipients",
        M::RecipientsDiffer => "recipients_differ",
        M::Base64(_) => "base64url",
        M::HeaderNotJson => "header_not_json",
        M::DuplicateMember => "header_duplicate_member",
        M::Unprotected(_) => "header_member_unprotected",
        M::KeyParameter(_) => "header_key_parameter",
        M::MemberType(_) => "header_member_type",
        M::MissingMember(_) => "header_missing_member",
        M::Length(_) => "part_length",
    };
    for error in [
        M::TokenTooLong,
        M::HeaderTooLong,
        M::SegmentCount,
        M::NotJson,
        M::TooManyRecipients,
        M::RecipientsDiffer,
        M::HeaderNotJson,
        M::DuplicateMember,
    ] {
        assert_eq!((error.code(), DecryptError::from(error).code()), (name(&error), name(&error)));
        check(&error, None);
        assert_eq!(DecryptError::from(error).to_string(), error.to_string());
        assert!(error.to_string().starts_with("not a well-formed JWE: "));
    }
    for error in [
        M::MessageMember("member-x"),
        M::Unprotected("member-x"),
        M::KeyParameter("member-x"),
        M::MemberType("member-x"),
        M::MissingMember("member-x"),
    ] {
        assert_eq!(error.code(), name(&error));
        check(&error, Some("member-x"));
    }
    for (segment, shown) in [
        (Segment::Header, "the protected header"),
        (Segment::EncryptedKey, "the encrypted key"),
        (Segment::Iv, "the initialization vector"),
        (Segment::Ciphertext, "the ciphertext"),
        (Segment::Tag, "the authentication tag"),
        (Segment::Aad, "the additional authenticated data"),
    ] {
        for error in [M::Base64(segment), M::Length(segment)] {
            assert_eq!(error.code(), name(&error));
            check(&error, Some(shown));
        }
    }
}

#[test]
fn rejected() {
    use Rejected as R;
    let name = |error: &R| match error {
        R::Alg => "alg_not_accepted",
        R::Enc => "enc_not_accepted",
        R::Crit => "crit_not_understood",
        R::NotBound => "not_bound",
        R::BoundElsewhere => "bound_elsewhere",
        R::Zip => "zip_not_allowed",
        R::Pbes2 => "pbes2_not_allowed",
        R::IterationCount => "p2c_out_of_range",
        R::EpkCurve => "epk_curve",
        R::MissingKid => "missing_kid",
        R::UnknownKid => "unknown_kid",
        R::KeyHeldElsewhere => "key_held_elsewhere",
    };
    for error in [
        R::Alg,
        R::Enc,
        R::Crit,
        R::NotBound,
        R::BoundElsewhere,
        R::Zip,
        R::Pbes2,
        R::IterationCount,
        R::EpkCurve,
        R::MissingKid,
        R::UnknownKid,
        R::KeyHeldElsewhere,
    ] {
        assert_eq!((error.code(), DecryptError::from(error).code()), (name(&error), name(&error)));
        check(&error, None);
        assert_eq!(DecryptError::from(error).to_string(), error.to_string());
    }
}

/// The one outcome of cryptography says nothing else, whatever it was.
#[test]
fn decryption_failed() {
    let error = DecryptError::DecryptionFailed;
    assert_eq!(error.code(), "decryption_failed");
    assert_eq!(error.to_string(), "the message could not be decrypted");
    assert_eq!(format!("{error:?}"), "DecryptionFailed");
    check(&error, Some(""));
}

#[test]
fn encrypt() {
    use EncryptError as E;
    let name = |error: &E| match error {
        E::TooLong => "plaintext_too_long",
        E::KeyExhausted => "key_exhausted",
        E::NotExpressible => "not_expressible",
        E::BindingTooLong => "binding_too_long",
        E::BindingTwice => "binding_twice",
        E::Backend => "encryption_failed",
    };
    for error in [
        E::TooLong,
        E::KeyExhausted,
        E::NotExpressible,
        E::BindingTooLong,
        E::BindingTwice,
        E::Backend,
    ] {
        assert_eq!(error.code(), name(&error));
        check(&error, None);
    }
    assert_eq!(E::from(BackendError), E::Backend);
    assert_eq!(E::from(NotExpressible), E::NotExpressible);
    check(&NotExpressible, Some("use another one"));
    // What crosses the line between a backend and the engine.
    assert_eq!(BackendError.to_string(), "the backend's operation failed");
    assert_eq!(KeyRejected::new("it is torn: mend it").to_string(), "it is torn: mend it");
    check(&KeyRejected::INCONSISTENT, None);
}

#[test]
fn setup() {
    use SetupError as S;
    let name = |error: &S| match error {
        S::NoAcceptedEnc => "setup_no_accepted_enc",
        S::NoKey => "setup_no_key",
        S::AmbiguousKid => "setup_ambiguous_kid",
        S::CekLength { .. } => "setup_cek_length",
        S::DeclaredEnc { .. } => "setup_declared_enc",
        S::HeaderMember(_) => "setup_header_member",
        S::NoRecipient => "setup_no_recipient",
        S::DirectWithOthers => "setup_direct_with_others",
        S::KeyParameter(_) => "setup_key_parameter",
        S::HeaderTooLong { .. } => "setup_header_too_long",
        S::EncryptedKeyTooLong => "setup_encrypted_key_too_long",
        S::Gap(_) => "backend_gap",
    };
    for (error, shown) in [
        (S::NoAcceptedEnc, "such as A256GCM"),
        (S::NoKey, "import at least one"),
        (S::AmbiguousKid, "all different"),
        (S::CekLength { enc: Enc::A256Gcm, key_len: 17 }, "a key of 32 bytes and this one has 17"),
        (S::DeclaredEnc { enc: Enc::A192Gcm }, "A192GCM"),
        (S::HeaderMember("leave it out"), "leave it out"),
        (S::NoRecipient, "add at least one"),
        (S::DirectWithOthers, "A256KW"),
        (S::KeyParameter("choose another"), "choose another"),
        (S::HeaderTooLong { limit: 8192 }, "8192 bytes"),
        (S::EncryptedKeyTooLong, "report it"),
        (S::from(gap(None, "")), "the backend toy does not decrypt with ECDH-ES: "),
    ] {
        assert_eq!(error.code(), name(&error));
        check(&error, Some(shown));
        check(&error, None);
    }
}

#[test]
fn gaps_name_what_is_missing_where() {
    let gap = gap(Some(Curve::P521), "take the other one");
    assert_eq!(
        gap.to_string(),
        "the backend toy does not decrypt with ECDH-ES on P-521: use a backend that does, alone or to \
         fill the gap (take the other one)"
    );
    assert_eq!(gap.backend(), "toy");
    assert_eq!(gap.algorithm(), Algorithm::Alg(Alg::EcdhEs));
    assert_eq!((gap.curve(), gap.direction()), (Some(Curve::P521), Direction::Decrypt));
    check(&gap, None);
}

#[test]
fn export() {
    use ExportError as E;
    let name = |error: &E| match error {
        E::Symmetric => "export_symmetric",
        E::KeyType { .. } => "export_key_type",
        E::PrivateKeyNeeded { .. } => "export_private_needed",
        E::MissingPublicHalf => "export_missing_public_half",
        E::TooLong => "export_too_long",
    };
    for (error, shown) in [
        (E::Symmetric, "write it as a JWK"),
        (E::KeyType { format: KeyFormat::Pkcs1, kty: "EC" }, "PKCS #1 is for RSA keys"),
        (E::KeyType { format: KeyFormat::Sec1, kty: "RSA" }, "type \"RSA\": write PKCS #8"),
        (
            E::KeyType { format: KeyFormat::Spki, kty: "oct" },
            "SPKI is not for keys of type \"oct\"",
        ),
        (E::PrivateKeyNeeded { format: KeyFormat::Pkcs8 }, "PKCS #8 is for private keys"),
        (E::MissingPublicHalf, "work it out first"),
        (E::TooLong, "write it as a JWK"),
    ] {
        assert_eq!(error.code(), name(&error));
        check(&error, Some(shown));
        check(&error, None);
    }
}

#[test]
fn generate() {
    use GenerateError as E;
    let name = |error: &E| match error {
        E::NotOffered { .. } | E::CurveNotOffered { .. } => "generation_not_offered",
        E::Length { .. } | E::OctLength => "generation_length",
        E::Failed => "generation_failed",
    };
    let backend = || "toy".to_owned();
    for (error, shown) in [
        (E::NotOffered { backend: backend() }, "the backend toy generates no RSA keys"),
        (E::CurveNotOffered { backend: backend(), curve: Curve::P384 }, "no keys on P-384"),
        (E::Length { possible: &[2048, 3072] }, "[2048, 3072]"),
        (E::OctLength, "16 to 1024 bytes"),
        (E::from(BackendError), "try again"),
    ] {
        assert_eq!(error.code(), name(&error));
        check(&error, Some(shown));
        check(&error, None);
    }
}

#[test]
fn import() {
    use ImportError as I;
    let name = |error: &I| match error {
        I::NotJson { .. } => "key_not_json",
        I::Empty => "key_empty",
        I::UnknownFormat => "key_unknown_format",
        I::NotPem(_) => "key_not_pem",
        I::NotDer(_) => "key_not_der",
        I::Encrypted => "key_encrypted",
        I::MissingMember(_) => "key_missing_member",
        I::InvalidMember { .. } => "key_invalid_member",
        I::Unsupported(_) => "key_unsupported",
        I::WeakKey(_) => "key_weak",
        I::TooLarge { .. } => "key_too_large",
        I::Usage(_) => "key_usage",
        I::AlgConflict { .. } => "key_alg_conflict",
        I::MissingAlg => "key_missing_alg",
        I::AlgKeyType { .. } => "key_alg_type",
        I::MissingKid => "key_missing_kid",
        I::InvalidKid(_) => "key_invalid_kid",
        I::MissingPublicHalf => "key_missing_public_half",
        I::PrivateKeyNeeded => "key_private_needed",
        I::NoSuchKid => "key_no_such_kid",
        I::Ambiguous(_) => "key_ambiguous",
        I::Gap(_) => "backend_gap",
        I::Rejected { .. } => "key_rejected",
    };
    let declared = || "RS256".to_owned();
    for (error, shown) in [
        (I::NotJson { line: 3, column: 7 }, "line 3, column 7"),
        (I::Empty, "the right one"),
        (I::UnknownFormat, "no JWK, JWK set, PEM or DER"),
        (I::NotPem("reason-x"), "reason-x"),
        (I::NotDer("reason-x"), "reason-x"),
        (I::Encrypted, "openssl pkcs8 -in FILE"),
        (I::MissingMember("member-x"), "\"member-x\""),
        (I::InvalidMember { member: "member-x", reason: "reason-x" }, "\"member-x\": reason-x"),
        (I::Unsupported("reason-x"), "reason-x"),
        (I::WeakKey("reason-x"), "reason-x"),
        (I::TooLarge { limit: 65536 }, "65536 bytes"),
        (I::Usage("reason-x"), "reason-x"),
        (
            I::AlgConflict { declared: declared(), wanted: Some(Alg::RsaOaep) },
            "\"RS256\", not RSA-OAEP",
        ),
        (I::AlgConflict { declared: declared(), wanted: None }, "\"RS256\", which encrypts no"),
        (I::MissingAlg, "for example RSA-OAEP-256"),
        (I::AlgKeyType { alg: Alg::Dir, kty: "RSA" }, "dir does not go with a key of type \"RSA\""),
        (I::MissingKid, "thumbprint"),
        (I::InvalidKid("reason-x"), "reason-x"),
        (I::MissingPublicHalf, "use another backend"),
        (I::PrivateKeyNeeded, "decryption needs the private one"),
        (I::NoSuchKid, "take the kid of a key that is there"),
        (I::Ambiguous("reason-x"), "reason-x"),
        (I::from(gap(None, "")), "the backend toy does not decrypt with ECDH-ES: "),
        (
            I::Rejected { backend: "toy", reason: KeyRejected::WRONG_KEY_TYPE },
            "the backend toy refuses the key: the key is not of the type",
        ),
    ] {
        assert_eq!(error.code(), name(&error));
        check(&error, Some(shown));
        check(&error, None);
    }
}
