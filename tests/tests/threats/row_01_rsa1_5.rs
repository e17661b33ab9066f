//! The million-message attack of Bleichenbacher (1998): `RSA1_5` is refused by its name, before any
//! RSA operation and whatever the encrypted key holds, and there is no code here that decrypts it.

use std::path::Path;

use jwe::{Alg, Backend, DecryptionKey, Jwk, KeyOptions};
use jwe_tests::textbook_rsa::{TextbookRsa, pkcs1_block};
use jwe_tests::{keys, vectors};

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    assert_eq!(Alg::from_name("RSA1_5"), None);
    // A key cannot be bound to it either.
    if backend.decryption_key_import(Alg::RsaOaep256, None).is_ok() {
        let vector = vectors::peers().iter().find(|vector| vector.key["kid"] == "peer-rsa-2048");
        let mut json = vector.unwrap().key.clone();
        json["alg"] = "RSA1_5".into();
        let jwk = Jwk::from_json(json.to_string().as_bytes()).unwrap();
        let error = DecryptionKey::import(backend, &jwk, &KeyOptions::new()).unwrap_err();
        assert_eq!(error.code(), "key_alg_conflict");
        let options = KeyOptions::new().with_alg(Alg::RsaOaep256);
        let error = DecryptionKey::import(backend, &jwk, &options).unwrap_err();
        assert_eq!(error.code(), "key_alg_conflict");
    }

    let key = TextbookRsa::of(&keys::rsa(2048));
    let blocks = [
        ("conforming, with a CEK of 16 bytes", pkcs1_block(256, [0, 2], &[0x11; 16])),
        ("conforming, with a CEK of 17 bytes", pkcs1_block(256, [0, 2], &[0x11; 17])),
        ("with 01 as its type", pkcs1_block(256, [0, 1], &[0x11; 16])),
        ("with 01 first", pkcs1_block(256, [1, 2], &[0x11; 16])),
        ("conforming, with a CEK of 32 bytes", pkcs1_block(256, [0, 2], &[0x11; 32])),
    ];
    for target in Target::all(backend) {
        let header = target.header("\"RSA1_5\"", &format!("\"{}\"", target.enc), "");
        let forged = target.good.with_header(header.as_bytes());
        for (what, block) in &blocks {
            let encrypted_key = key.encrypt(block);
            assert_eq!(key.decrypt(&encrypted_key), *block, "{what}");
            // `refuses` sees to it that no key was used and nothing was opened.
            let token = forged.with_encrypted_key(&encrypted_key).token();
            target.refuses(&token, "alg_not_accepted");
        }
        for len in [0, 16, 17, 255, 257] {
            let token = forged.with_encrypted_key(&vec![2; len]).token();
            target.refuses(&token, "alg_not_accepted");
        }
    }
}

/// A line that names the padding together with encryption, as every library does that has it:
/// `Padding::PKCS1`, `RSA_PKCS1_PADDING`, `Pkcs1PrivateDecryptingKey`, `Pkcs1v15Encrypt`.
fn names_pkcs1_encryption(line: &str) -> bool {
    let line = line.to_ascii_lowercase().replace("pkcs1_oaep", "");
    let has = |part: &str| line.contains(part);
    has("rsa1_5")
        || has("rsaes_pkcs1")
        || ((has("pkcs1") || has("pkcs1v15")) && (has("padding") || has("crypt")))
}

/// Nothing that is shipped decrypts it: no line of our sources asks a library for it, and the crate
/// that has it in Rust is in no tree.
#[test]
fn no_source_decrypts_pkcs1_v1_5() {
    for line in [
        "context.set_rsa_padding(Padding::PKCS1)?;",
        "key.private_decrypt(from, to, openssl::rsa::Padding::PKCS1)",
        "let key = Pkcs1PrivateDecryptingKey::new(key)?;",
        "key.decrypt(rsa::Pkcs1v15Encrypt, &data)",
        "EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING)",
        "Self::Rsa1_5 => \"RSA1_5\",",
    ] {
        assert!(names_pkcs1_encryption(line), "{line}");
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut folders: Vec<_> = std::fs::read_dir(&crates)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // The test kit attacks with it, and the doctor recognizes it to say that it is wrong.
        .filter(|path| !path.ends_with("jwe-conformance") && !path.ends_with("jwe-doctor"))
        .map(|path| path.join("src"))
        .filter(|folder| folder.is_dir())
        .collect();
    let (mut files, mut paddings, mut asked) = (0, 0, 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // Tests name it, as they attack with it.
            let source = std::fs::read_to_string(&path).unwrap();
            let shipped = source.split("#[cfg(test)]").next().unwrap();
            let code = shipped.lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                assert!(!names_pkcs1_encryption(line), "{}: {line}", path.display());
                paddings += usize::from(line.contains("set_rsa_padding"));
            }
            // The doctor is asked by whoever has the key at hand, and by the sandbox, whose key is nobody's.
            let may_ask = ["commands/doctor.rs", "server/sandbox.rs"];
            assert!(
                !shipped.contains("jwe_doctor") || may_ask.iter().any(|file| path.ends_with(file)),
                "{}",
                path.display()
            );
            asked += usize::from(shipped.contains("jwe_doctor"));
            files += 1;
        }
    }
    assert!(files > 100, "only {files} files were looked at");
    assert!(paddings > 0, "where OpenSSL is told the padding");
    assert!(asked > 0, "where the doctor is asked");
    let lock = std::fs::read_to_string(crates.join("../Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"aws-lc-rs\""));
    assert!(!lock.contains("name = \"rsa\""));
}
