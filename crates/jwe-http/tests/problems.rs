//! What a client is told of each reason for which a document can be refused.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::time::Duration;

use http::StatusCode;
use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{DecryptError, EncryptError, Jwk, Malformed, Rejected, Segment};
use jwe_fields::{FieldError, JsonKind};
use jwe_http::{Problem, ProblemCode};

/// Stands wherever a variant has a text of the client's own but in its pointer.
const HIDDEN: &str = "hidden-by-all-means";

/// One of each, with its status and code. What a variant has that can't be made here is made by
/// reading a document.
fn table() -> Vec<(FieldError, u16, &'static str)> {
    let pointer = || "/users/0/pin".to_owned();
    let decrypt = |error: DecryptError| FieldError::Decrypt { pointer: pointer(), error };
    let failed = DecryptError::DecryptionFailed;
    vec![
        (FieldError::TooLong { limit: 5 }, 413, "document_too_long"),
        (FieldError::ByteOrderMark, 400, "document_byte_order_mark"),
        (read(b"\"\xff\""), 400, "document_not_utf8"),
        (read(b"{\"hidden-by-all-means\":}"), 400, "document_not_json"),
        (
            read(format!("{}{}", "[".repeat(200), "]".repeat(200)).as_bytes()),
            400,
            "document_too_deep",
        ),
        (FieldError::TooManyValues { limit: 5 }, 413, "too_many_values"),
        (FieldError::TooMuchWork { selector: "$..a".to_owned() }, 422, "selector_too_much_work"),
        (FieldError::Missing { selector: "/pin".to_owned() }, 422, "field_missing"),
        (FieldError::Missing { selector: "$.pins[*]".to_owned() }, 422, "field_missing"),
        (FieldError::Ambiguous { pointer: pointer() }, 422, "field_ambiguous"),
        (FieldError::Overlap { pointer: pointer(), inner: "/x".to_owned() }, 422, "field_overlap"),
        (
            FieldError::NotString { pointer: pointer(), found: JsonKind::Null },
            422,
            "field_not_string",
        ),
        (FieldError::LoneSurrogate { pointer: pointer() }, 422, "field_lone_surrogate"),
        (FieldError::AlreadyEncrypted { pointer: pointer() }, 422, "field_already_encrypted"),
        (FieldError::NotEncrypted { pointer: pointer() }, 422, "field_not_encrypted"),
        (FieldError::PathNotUnicode { pointer: pointer() }, 422, "field_path_not_unicode"),
        (FieldError::PathTooLong { pointer: pointer() }, 422, "field_path_too_long"),
        (FieldError::RecordIdMissing { place: "/id".to_owned() }, 422, "record_id_missing"),
        (
            FieldError::RecordIdType { pointer: pointer(), found: JsonKind::Null },
            422,
            "record_id_type",
        ),
        (FieldError::RecordIdSelected { pointer: pointer() }, 422, "record_id_selected"),
        (FieldError::RecordIdNotGiven, 500, "record_id_not_given"),
        (FieldError::RecordIdNotExpected, 500, "record_id_not_expected"),
        (FieldError::NotPadded { pointer: pointer() }, 422, "decryption_failed"),
        (FieldError::PlaintextNotUtf8 { pointer: pointer() }, 422, "decryption_failed"),
        (FieldError::PlaintextNotJson { pointer: pointer() }, 422, "decryption_failed"),
        (FieldError::PlaintextTooDeep { pointer: pointer(), limit: 5 }, 422, "decryption_failed"),
        (FieldError::GrowsTooLong { pointer: pointer(), limit: 5 }, 422, "decryption_failed"),
        (decrypt(failed), 422, "decryption_failed"),
        (
            FieldError::Encrypt { pointer: pointer(), error: EncryptError::Backend },
            500,
            "encryption_failed",
        ),
        (decrypt(Malformed::TokenTooLong.into()), 422, "token_too_long"),
        (decrypt(Malformed::HeaderTooLong.into()), 422, "header_too_long"),
        (decrypt(Malformed::SegmentCount.into()), 422, "segment_count"),
        (decrypt(Malformed::Base64(Segment::Tag).into()), 422, "base64url"),
        (decrypt(Malformed::HeaderNotJson.into()), 422, "header_not_json"),
        (decrypt(Malformed::DuplicateMember.into()), 422, "header_duplicate_member"),
        (decrypt(Malformed::KeyParameter("epk").into()), 422, "header_key_parameter"),
        (decrypt(Malformed::MemberType("kid").into()), 422, "header_member_type"),
        (decrypt(Malformed::MissingMember("alg").into()), 422, "header_missing_member"),
        (decrypt(Malformed::Length(Segment::Iv).into()), 422, "part_length"),
        (decrypt(Rejected::Alg.into()), 422, "alg_not_accepted"),
        (decrypt(Rejected::Enc.into()), 422, "enc_not_accepted"),
        (decrypt(Rejected::Crit.into()), 422, "crit_not_understood"),
        (decrypt(Rejected::NotBound.into()), 422, "not_bound"),
        (decrypt(Rejected::BoundElsewhere.into()), 422, "bound_elsewhere"),
        (decrypt(Rejected::Zip.into()), 422, "zip_not_allowed"),
        (decrypt(Rejected::Pbes2.into()), 422, "pbes2_not_allowed"),
        (decrypt(Rejected::IterationCount.into()), 422, "p2c_out_of_range"),
        (decrypt(Rejected::EpkCurve.into()), 422, "epk_curve"),
        (decrypt(Rejected::MissingKid.into()), 422, "missing_kid"),
        (decrypt(Rejected::UnknownKid.into()), 422, "unknown_kid"),
        (decrypt(Rejected::KeyHeldElsewhere.into()), 500, "key_held_elsewhere"),
    ]
}

/// Why this document is refused before any value of it is looked at.
fn read(document: &[u8]) -> FieldError {
    let jwk = Jwk::generate_oct(&AWS_LC_RS, 32).unwrap().with_alg(jwe_core::Alg::Dir);
    let options = jwe_core::KeyOptions::new().with_kid(jwe_core::Kid::Omit);
    let key = jwe_core::DecryptionKey::import(&AWS_LC_RS, &jwk, &options).unwrap();
    let decrypter = jwe_core::Decrypter::new(&AWS_LC_RS, [key], &[jwe_core::Enc::A256Gcm]).unwrap();
    let options = jwe_fields::DecryptOptions::new();
    jwe_fields::FieldDecrypter::new(decrypter, ["/a".parse().unwrap()], options)
        .unwrap()
        .decrypt(document)
        .unwrap_err()
}

#[test]
fn each_reason_has_its_status_and_code() {
    let mut failed = Vec::new();
    for (error, status, code) in table() {
        let problem = Problem::from(&error);
        assert_eq!((problem.status().as_u16(), problem.code()), (status, code), "{error:?}");
        assert_eq!(problem, Problem::from(error.clone()));
        let members = members(&problem);
        assert_eq!(members["status"], status);
        assert_eq!(members["code"], code);
        assert_eq!(members["title"], problem.status().canonical_reason().unwrap());
        assert_eq!(members["detail"], problem.detail());
        assert!(problem.detail().len() > 20 && !problem.detail().contains("  "), "{problem}");
        if status != 500 {
            // What to do stands behind the colon.
            assert_eq!(problem.detail().matches(": ").count(), 1, "{problem}");
        }
        // The place, wherever there is one.
        let pointer = match &error {
            FieldError::Missing { selector } if selector == "/pin" => Some("/pin"),
            other => other.pointer(),
        };
        assert_eq!(problem.pointer(), pointer, "{error:?}");
        assert_eq!(members.get("pointer").and_then(|pointer| pointer.as_str()), pointer);
        let selector = error.selector().filter(|text| text.starts_with('$'));
        assert_eq!(problem.selector(), selector);
        assert_eq!(members.get("selector").and_then(|selector| selector.as_str()), selector);
        assert_eq!(problem.retry_after(), None);
        assert!(!members.to_string().contains(HIDDEN) && !problem.to_string().contains(HIDDEN));
        // The same code is the same text, but for what is found at the private key.
        if code == "decryption_failed" {
            failed.push(problem);
        } else {
            assert_eq!(problem.code(), error.code());
        }
    }
    assert_eq!(failed.len(), 6);
    assert!(failed.iter().all(|problem| *problem == failed[0]), "{failed:?}");
}

/// Every variant that the source of the crate has is in the table.
#[test]
fn the_table_has_all_variants() {
    let codes: Vec<&str> = table().iter().map(|(error, ..)| error.code()).collect();
    let source = include_str!("../../jwe-fields/src/error.rs");
    let from = source.find("pub fn code(&self)").unwrap();
    let arms = source[from..].split("#[must_use]").next().unwrap();
    let listed: Vec<&str> = arms.split('"').skip(1).step_by(2).collect();
    assert!(listed.len() > 25, "{listed:?}");
    for code in listed {
        assert!(codes.contains(&code), "{code} is not in the table");
    }
    let source = include_str!("../../jwe-core/src/error/decrypt.rs");
    let rejected = source.find("impl Rejected {").unwrap();
    let arms = source[rejected..].split("impl DecryptError").next().unwrap();
    for code in arms.split('"').skip(1).step_by(2) {
        assert!(codes.contains(&code), "{code} is not in the table");
    }
}

fn members(problem: &Problem) -> serde_json::Value {
    let response = problem.clone().into_response();
    assert_eq!(response.status(), problem.status());
    assert_eq!(response.headers()["content-type"], Problem::MEDIA_TYPE);
    assert_eq!(response.extensions().get(), Some(&ProblemCode(problem.code())));
    serde_json::from_slice(response.body()).unwrap()
}

#[test]
fn names_of_the_client_s_are_sent_back_to_a_bound() {
    let of = |pointer: &str| {
        let error = FieldError::NotEncrypted { pointer: pointer.to_owned() };
        let problem = Problem::from(error);
        let members = members(&problem);
        let shown = members["pointer"].as_str().unwrap().to_owned();
        assert_eq!(problem.pointer(), Some(shown.as_str()));
        assert!(!problem.to_string().contains(pointer) || pointer.is_empty());
        shown
    };
    let long = "n".repeat(1100);
    for (pointer, shown) in [
        ("".to_owned(), "".to_owned()),
        ("/a~1b/\u{202e}\"\n\u{1b}".to_owned(), "/a~1b/\u{202e}\"\n\u{1b}".to_owned()),
        (format!("/{}", &long[..1023]), format!("/{}", &long[..1023])),
        (format!("/{}", &long[..1024]), String::new()),
        (format!("/users/0/{long}"), "/users/0".to_owned()),
        (format!("/users/0/{long}/{long}/x"), "/users/0".to_owned()),
        (
            format!("/{}", "é/".repeat(100_000)),
            format!("/{}", "é/".repeat(341).trim_end_matches('/')),
        ),
    ] {
        assert_eq!(of(&pointer), shown);
    }
}

#[test]
fn when_to_come_again() {
    for (time, seconds) in [
        (Duration::ZERO, "0"),
        (Duration::from_millis(1), "1"),
        (Duration::from_secs(1), "1"),
        (Duration::from_millis(1001), "2"),
        (Duration::MAX, "18446744073709551615"),
    ] {
        let problem =
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "later").with_retry_after(time);
        assert_eq!(problem.retry_after(), Some(time));
        assert_eq!(problem.into_response().headers()["retry-after"], seconds);
    }
    let problem = Problem::from(jwe_http::Busy::default());
    assert_eq!((problem.status().as_u16(), problem.code()), (503, "busy"));
    assert_eq!(problem.retry_after(), Some(Duration::from_secs(1)));
}
