//! `jwe keygen`.

use sha2::{Digest, Sha256};

use serde_json::Value;

use crate::support::{PRIVATE_MEMBERS, Place, base64url, skipped};

/// The thumbprint as RFC 7638 §3 has it, computed without the program.
fn thumbprint(jwk: &Value) -> String {
    let text = |member: &str| jwk[member].as_str().unwrap();
    let json = match text("kty") {
        "RSA" => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text("e"), text("n")),
        _ => format!(r#"{{"k":"{}","kty":"oct"}}"#, text("k")),
    };
    base64url::encode(Sha256::digest(json))
}

#[test]
fn makes_a_key_of_each_alg() {
    let place = Place::new();
    for alg in ["RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"] {
        let jwk = place.jwe(&format!("keygen --bits 2048 --alg {alg}")).run().ok_json();
        assert_eq!(
            (&jwk["kty"], &jwk["alg"], &jwk["use"]),
            (&"RSA".into(), &alg.into(), &"enc".into())
        );
        assert_eq!(base64url::decode(jwk["n"].as_str().unwrap()).len(), 256);
        assert_eq!(jwk["kid"], thumbprint(&jwk).as_str());
        assert!(PRIVATE_MEMBERS.iter().all(|member| jwk[member].is_string()));
        // It works in both directions.
        place.write_secret("new.jwk", jwk.to_string());
        let token = place.jwe("encrypt --key new.jwk").stdin("s3cret").run().ok();
        assert_eq!(place.jwe("decrypt --key new.jwk").stdin(token).run().ok(), b"s3cret");
    }
}

#[test]
fn makes_3072_bits_without_being_asked() {
    let place = Place::new();
    let jwk = place.jwe("keygen --alg RSA-OAEP-256 --kid key-1").run().ok_json();
    assert_eq!(base64url::decode(jwk["n"].as_str().unwrap()).len(), 384);
    assert_eq!(jwk["kid"], "key-1");
}

#[test]
fn makes_a_key_as_long_as_each_enc_wants() {
    let place = Place::new();
    let lengths = [
        ("A128GCM", 16),
        ("A192GCM", 24),
        ("A256GCM", 32),
        ("A128CBC-HS256", 32),
        ("A192CBC-HS384", 48),
        ("A256CBC-HS512", 64),
    ];
    for (enc, length) in lengths {
        let jwk = place.jwe(&format!("keygen --alg dir --enc {enc}")).run().ok_json();
        assert_eq!(
            (&jwk["kty"], &jwk["alg"], &jwk["use"]),
            (&"oct".into(), &"dir".into(), &"enc".into())
        );
        assert_eq!(base64url::decode(jwk["k"].as_str().unwrap()).len(), length);
        // A random name, because the thumbprint would tell the hash of the secret.
        let kid = jwk["kid"].as_str().unwrap();
        assert!(kid.len() == 32 && kid.bytes().all(|byte| byte.is_ascii_hexdigit()), "{kid}");
        assert_ne!(kid, thumbprint(&jwk));
        place.write_secret("new.jwk", jwk.to_string());
        let token =
            place.jwe(&format!("encrypt --key new.jwk --enc {enc}")).stdin("s3cret").run().ok();
        let decrypt = place.jwe(&format!("decrypt --key new.jwk --enc {enc}"));
        assert_eq!(decrypt.stdin(token).run().ok(), b"s3cret");
    }
    let default = place.jwe("keygen --alg dir").run().ok_json();
    assert_eq!(base64url::decode(default["k"].as_str().unwrap()).len(), 32);
    let again = place.jwe("keygen --alg dir").run().ok_json();
    assert_ne!(default["k"], again["k"]);
    assert_ne!(default["kid"], again["kid"]);
    // A key that does not fit the enc is refused with the way out.
    place.write_secret("dir.jwk", default.to_string());
    place
        .jwe("encrypt --key dir.jwk --enc A128GCM")
        .run()
        .refused_saying("setup_cek_length", &["16 bytes", "32", "--enc"]);
}

#[test]
fn makes_a_key_as_long_as_each_wrapping_alg_wants() {
    let place = Place::new();
    for (alg, length) in [
        ("A128KW", 16),
        ("A192KW", 24),
        ("A256KW", 32),
        ("A128GCMKW", 16),
        ("A192GCMKW", 24),
        ("A256GCMKW", 32),
    ] {
        let jwk = place.jwe(&format!("keygen --alg {alg}")).run().ok_json();
        assert_eq!((&jwk["kty"], &jwk["alg"]), (&"oct".into(), &alg.into()));
        assert_eq!(base64url::decode(jwk["k"].as_str().unwrap()).len(), length);
        let kid = jwk["kid"].as_str().unwrap();
        assert!(kid.len() == 32 && kid.bytes().all(|byte| byte.is_ascii_hexdigit()), "{kid}");
    }
}

#[test]
fn makes_a_key_on_each_curve() {
    let place = Place::new();
    let curves =
        [("P-256", "EC", 32), ("P-384", "EC", 48), ("P-521", "EC", 66), ("X25519", "OKP", 32)];
    for (curve, kty, length) in curves {
        let jwk = place.jwe(&format!("keygen --alg ECDH-ES+A128KW --crv {curve}")).run().ok_json();
        assert_eq!((&jwk["kty"], &jwk["crv"]), (&kty.into(), &curve.into()));
        for member in ["x", "y", "d"] {
            let len = jwk[member].as_str().map(|text| base64url::decode(text).len());
            assert_eq!(len, (member != "y" || kty == "EC").then_some(length), "{curve} {member}");
        }
        assert_eq!(jwk["kid"].as_str().unwrap().len(), 43);
        place.write_secret("new.jwk", jwk.to_string());
        let public = place.jwe("public new.jwk").run().ok_json();
        assert_eq!((&public["x"], &public["d"]), (&jwk["x"], &Value::Null));
    }
    let default = place.jwe("keygen --alg ECDH-ES").run().ok_json();
    assert_eq!(default["crv"], "P-256");
}

#[test]
fn refuses_what_a_backend_can_t_make() {
    let place = Place::new();
    for bits in ["2047", "1024", "0", "16384", "18446744073709551615"] {
        let keygen = place.jwe(&format!("keygen --alg RSA-OAEP-256 --bits {bits} -o new.jwk"));
        keygen.run().refused_saying("generation_length", &["2048", "4096"]);
    }
    place.jwe("keygen --alg RSA-OAEP-256 --backend ring -o new.jwk").run().refused_saying(
        "generation_not_offered",
        &["ring generates no RSA keys", "another backend"],
    );
    assert!(!place.exists("new.jwk"));
    place.jwe("keygen --alg dir --backend ring").run().ok_json();
    place.jwe("keygen --alg A256KW --backend ring").run().ok_json();
    for curve in ["P-521", "X25519"] {
        let keygen = format!("keygen --alg ECDH-ES --crv {curve} --backend ring");
        place.jwe(&keygen).run().refused_saying("generation_not_offered", &["ring", curve]);
    }
}

#[test]
fn refuses_an_option_that_it_would_not_follow() {
    let place = Place::new();
    place.jwe("keygen --alg dir --bits 2048").run().misused("--bits is for RSA");
    place.jwe("keygen --alg RSA-OAEP --enc A256GCM").run().misused("--enc is for dir");
    place.jwe("keygen --alg A256KW --enc A256GCM").run().misused("--enc is for dir");
    place.jwe("keygen --alg A256KW --bits 256").run().misused("--bits is for RSA");
    place.jwe("keygen --alg ECDH-ES --bits 256").run().misused("--bits is for RSA");
    for alg in ["dir", "A128GCMKW", "RSA-OAEP"] {
        let keygen = place.jwe(&format!("keygen --alg {alg} --crv P-256"));
        keygen.run().misused("--crv is for ECDH-ES");
    }
}

#[test]
fn refuses_a_kid_that_can_t_be_used() {
    let place = Place::new();
    for kid in ["", "a\u{1b}[31mb", "a\nb", &"x".repeat(513)] {
        place.jwe("keygen --alg dir --kid").arg(kid).run().refused("key_invalid_kid");
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it_under_any_umask() {
    for umask in ["0", "022", "077", "0777"] {
        let place = Place::new();
        let before = place.names().len();
        let keygen = place.jwe("keygen --alg dir -o new.jwk").after(&format!("umask {umask}"));
        assert_eq!(keygen.run().ok(), b"");
        assert_eq!(place.mode("new.jwk"), 0o600, "umask {umask}");
        assert_eq!(place.names().len(), before + 1, "{:?}", place.names());
    }
}

#[test]
fn never_replaces_a_file() {
    let place = Place::new();
    place.write("old.jwk", "old");
    let names = place.names();
    place
        .jwe("keygen --alg dir -o old.jwk")
        .run()
        .refused_saying("output_exists", &["old.jwk", "another file"]);
    assert_eq!((place.read("old.jwk").as_slice(), place.names()), (b"old".as_slice(), names));
    #[cfg(unix)]
    {
        // Nor through a link, be it one to nowhere.
        std::os::unix::fs::symlink("nowhere", place.path("link.jwk")).unwrap();
        place.jwe("keygen --alg dir -o link.jwk").run().refused("output_exists");
        assert!(!place.exists("nowhere"));
    }
}

#[test]
fn a_hyphen_is_standard_output() {
    let place = Place::new();
    place.jwe("keygen --alg dir -o -").run().ok_json();
    assert!(!place.exists("-"));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let place = Place::new();
    place
        .jwe("keygen --alg dir -o folder/new.jwk")
        .run()
        .refused_saying("output", &["folder/new.jwk", "No such file or directory"]);
    assert!(!place.exists("folder"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_can_t_be_written_is_an_error() {
    let place = Place::new();
    // Not even root can write here.
    place
        .jwe("keygen --alg dir -o /proc/self/new.jwk")
        .run()
        .refused_saying("output", &["can't be written"]);
    std::fs::create_dir(place.path("folder")).unwrap();
    place.set_mode("folder", 0o500);
    if std::fs::write(place.path("folder/probe"), "").is_ok() {
        return skipped("this user may write to a folder of mode 0500");
    }
    place
        .jwe("keygen --alg dir -o folder/new.jwk")
        .run()
        .refused_saying("output", &["Permission denied"]);
    assert_eq!(std::fs::read_dir(place.path("folder")).unwrap().count(), 0);
}
