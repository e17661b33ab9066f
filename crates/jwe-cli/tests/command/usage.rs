//! Help, version and wrong usage.

use crate::support::Place;

#[test]
fn help_has_examples_and_is_no_error() {
    let place = Place::new();
    for command in [
        "",
        "keygen",
        "public",
        "thumbprint",
        "key",
        "key convert",
        "fields",
        "fields encrypt",
        "fields decrypt",
        "encrypt",
        "decrypt",
        "convert",
        "inspect",
        "backends",
        "bench",
        "completions",
        "man",
    ] {
        for flag in ["--help", "-h"] {
            let help = place.jwe(&format!("{command} {flag}")).run().ok_text();
            assert!(
                help.contains(&format!("Usage: {}", format!("jwe {command}").trim_end())),
                "{help}"
            );
            assert!(
                help.contains("Example") && help.contains(&format!("  jwe {command}")),
                "{help}"
            );
            assert!(!help.contains('\u{1b}'));
        }
    }
    let help = place.jwe("help fields encrypt").run().ok_text();
    assert!(help.contains("--already-encrypted"), "{help}");
}

#[test]
fn the_version() {
    let place = Place::new();
    let version = format!("jwe {}\n", env!("CARGO_PKG_VERSION"));
    for flag in ["--version", "-V"] {
        assert_eq!(place.jwe(flag).run().ok_text(), version);
    }
}

#[test]
fn no_command_shows_the_usage() {
    let place = Place::new();
    for command in ["", "fields", "key"] {
        let ended = place.jwe(command).run();
        assert_eq!((ended.code, ended.stdout.as_slice()), (Some(2), b"".as_slice()));
        assert!(ended.stderr.contains("Usage: jwe"), "{}", ended.stderr);
    }
}

#[test]
fn wrong_usage_ends_with_2_and_prints_nothing() {
    let place = Place::new();
    for (args, part) in [
        ("encrypt", "--key <FILE|URL>"),
        ("decrypt", "--key <FILE|URL>"),
        ("frobnicate", "frobnicate"),
        ("encript --key public.jwk", "'encrypt'"),
        ("encrypt --key public.jwk --bogus", "--bogus"),
        ("encrypt --key public.jwk --enc a256gcm", "A128CBC-HS256"),
        ("encrypt --key public.jwk --enc A256GCM,A128GCM", "A128CBC-HS256"),
        ("encrypt --key public.jwk --alg RSA1_5", "RSA-OAEP-256"),
        ("encrypt --key public.jwk --alg rsa-oaep", "exactly as written here"),
        ("encrypt --key public.jwk a b", "'b'"),
        ("encrypt --key public.jwk --key public.jwk", "--key"),
        ("encrypt --key public.jwk --limit-input -1", "'-1'"),
        ("encrypt --key public.jwk --limit-input 99999999999999999999999", "--limit-input"),
        ("decrypt --key private.jwk --enc=", "--enc"),
        ("decrypt --key private.jwk --limit-header 8193", "8192"),
        ("fields encrypt --key public.jwk", "--field <SELECTOR>"),
        ("fields encrypt --key public.jwk --field username", "/user/password"),
        ("fields encrypt --key public.jwk --field /a~2", "~0"),
        ("fields encrypt --key public.jwk --field $.a[", "character 5"),
        ("fields encrypt --key public.jwk --field /a --missing maybe", "skip"),
        (
            "fields decrypt --key public.jwk --field /a --already-encrypted leave",
            "--already-encrypted",
        ),
        ("keygen", "--alg <ALG>"),
        ("keygen --alg A257KW", "dir"),
        ("keygen --alg ECDH-ES --crv p-256", "P-256"),
        ("thumbprint", "<FILE>"),
        ("key convert private.jwk", "--to <TO>"),
        ("key convert private.jwk --to pkcs12", "pkcs8"),
        ("convert", "--to <TO>"),
        ("convert --to json", "flattened"),
        ("encrypt --key public.jwk --serialization json", "general"),
        ("encrypt --key public.jwk --aad a --aad-file b", "--aad-file"),
        ("decrypt --key private.jwk --limit-inflated 5", "--zip"),
        ("decrypt --key private.jwk --allow-pbes2=many", "many"),
        ("decrypt --key private.jwk --serialization compact,json", "general"),
        ("keygen --alg RSA-OAEP --bits many", "many"),
        ("public", "<FILE>"),
        ("inspect --key private.jwk", "--key"),
        ("completions", "<SHELL>"),
    ] {
        place.jwe(args).stdin("s3cret").run().misused(part);
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_unicode() {
    use std::os::unix::ffi::OsStrExt;

    let place = Place::new();
    let name = std::ffi::OsStr::from_bytes(b"plain\xff");
    std::fs::write(place.path("").join(name), "s3cret").unwrap();
    // As a file name it is as good as any other; as a value of a setting it is wrong usage.
    let token = place
        .jwe("encrypt --key public.jwk")
        .after("set -- \"$@\" \"$(printf 'plain\\377')\"")
        .run()
        .ok();
    assert_eq!(place.jwe("decrypt --key private.jwk").stdin(token).run().ok(), b"s3cret");
    place
        .jwe("encrypt --key")
        .after("set -- \"$@\" \"$(printf 'plain\\377')\"")
        .run()
        .misused("UTF-8");
}
