//! What the facade offers with the features that are on.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at what is not as expected"
)]

use jwe::{backend_by_name, backends};

#[test]
fn each_feature_is_a_backend_by_name_in_the_order_of_precedence() {
    let expected: Vec<&str> = [
        ("aws-lc-rs", cfg!(any(feature = "aws-lc-rs", feature = "fips"))),
        ("josekit", cfg!(feature = "josekit")),
        ("ring", cfg!(feature = "ring")),
    ]
    .into_iter()
    .filter_map(|(name, on)| on.then_some(name))
    .collect();
    let names: Vec<String> = backends().iter().map(|backend| backend.name()).collect();
    assert_eq!(names, expected);
    for name in &expected {
        assert_eq!(backend_by_name(name).unwrap().name(), *name);
    }
    for absent in ["aws-lc-rs", "josekit", "ring", "", "RING", "ring or aws-lc-rs"] {
        assert_eq!(backend_by_name(absent).is_some(), expected.contains(&absent), "{absent}");
    }
    #[cfg(any(feature = "aws-lc-rs", feature = "fips", feature = "ring", feature = "josekit"))]
    assert_eq!(jwe::default_backend().name(), expected[0]);
}

#[cfg(all(feature = "ring", feature = "aws-lc-rs"))]
#[test]
fn a_composed_backend_takes_from_the_second_what_the_first_lacks() {
    use jwe::{Alg, Backend, Direction, Enc, aws_lc_rs::AWS_LC_RS, ring::RING};

    static COMPOSED: Backend = RING.or(&AWS_LC_RS);
    assert_eq!(COMPOSED.name(), "ring or aws-lc-rs");
    assert!(RING.decryption_key_import(Alg::RsaOaep256, None).is_err());
    assert_eq!(COMPOSED.decryption_key_import(Alg::RsaOaep256, None).unwrap().0, "aws-lc-rs");
    assert_eq!(COMPOSED.encryption_key_import(Alg::RsaOaep256, None).unwrap().0, "ring");
    let implementation =
        |enc| COMPOSED.content_encryption(enc, Direction::Encrypt).unwrap().implementation();
    assert_eq!(implementation(Enc::A256Gcm), "ring AES-GCM");
    assert_eq!(implementation(Enc::A192Gcm), "AWS-LC AES-GCM");
}
