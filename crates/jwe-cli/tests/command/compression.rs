//! `--zip` (RFC 7516 §4.1.3).

use std::time::Duration;

use crate::support::{CANARY, Place};

#[test]
fn compressed_content_is_written_and_accepted_by_choice() {
    let place = Place::new();
    let plaintext = CANARY.repeat(10_000);
    for serialization in ["compact", "flattened", "general"] {
        let token = place
            .jwe(&format!("encrypt --key public.jwk --zip --serialization {serialization}"))
            .stdin(&plaintext)
            .run()
            .ok();
        assert!(token.len() < 2000, "{}", token.len());
        let decrypt = |options: &str| {
            let command =
                format!("decrypt --key private.jwk --serialization {serialization} {options}");
            place.jwe(&command).stdin(&token).run()
        };
        decrypt("").refused_saying("zip_not_allowed", &["--zip"]);
        assert_eq!(decrypt("--zip").ok(), plaintext.as_bytes());
        assert_eq!(decrypt("--zip --limit-inflated 60000").ok(), plaintext.as_bytes());
        decrypt("--zip --limit-inflated 59999").refused("decryption_failed");
        let report = place.jwe("inspect").stdin(&token).run().ok_text();
        assert!(report.contains("\"zip\": \"DEF\"") && report.contains("a compressed plaintext"));
    }
    // Allowing it asks for nothing.
    let token = place.token_of(b"s3cret");
    assert_eq!(place.jwe("decrypt --key private.jwk --zip").stdin(token).run().ok(), b"s3cret");
}

#[test]
fn fields_are_compressed_too() {
    let place = Place::new();
    let document = format!(r#"{{"a":"{}"}}"#, CANARY.repeat(1000));
    let encrypt = place.jwe("fields encrypt --key public.jwk --zip --field /a").stdin(&document);
    let encrypted = encrypt.run().ok();
    assert!(encrypted.len() < 2000);
    let decrypt = |options: &str| {
        let command = format!("fields decrypt --key private.jwk --field /a {options}");
        place.jwe(&command).stdin(&encrypted).run()
    };
    decrypt("").refused_saying("zip_not_allowed", &["\"/a\"", "--zip"]);
    assert_eq!(decrypt("--zip").ok_text(), document);
    decrypt("--zip --limit-inflated 100").refused("decryption_failed");
    // Nor is what comes out of it longer than what may go in, whatever the limit of one value.
    decrypt("--zip --limit-input 3000")
        .refused_saying("document_grows_too_long", &["\"/a\"", "3000 bytes", "--limit-input"]);
}

#[test]
fn a_bomb_bursts_in_little_memory() {
    let place = Place::new();
    let zeros = vec![0; 60 * 1024 * 1024];
    let bomb = place.jwe("encrypt --key public.jwk --zip").stdin(zeros).run().ok();
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    for limit in ["", "--limit-inflated 1000000"] {
        let decrypt = place.jwe(&format!("decrypt --key private.jwk --zip {limit}")).memory(40);
        let decrypt = decrypt.within(Duration::from_secs(5)).stdin(&bomb);
        decrypt.run().refused("decryption_failed");
    }
}
