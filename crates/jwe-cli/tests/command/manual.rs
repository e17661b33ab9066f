//! `jwe completions` and `jwe man`.

use std::process::Command;

use crate::support::{Place, has, skipped};

#[test]
fn completion_scripts_parse() {
    let place = Place::new();
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let script = place.jwe(&format!("completions {shell}")).run().ok_text();
        for word in ["keygen", "fields", "ignore-key-usage", "try-keys", "thumbprint", "A256CBC"] {
            assert_eq!(script.contains(word), word != "A256CBC", "{shell}: {word}");
        }
        place.write("script", script);
        if !has(shell) {
            skipped(&format!("{shell} is not there"));
            continue;
        }
        let parsed = Command::new(shell).arg(check).arg(place.path("script")).output().unwrap();
        assert!(parsed.status.success() && parsed.stderr.is_empty(), "{shell}: {parsed:?}");
    }
    for shell in ["elvish", "powershell"] {
        assert!(!place.jwe(&format!("completions {shell}")).run().ok().is_empty());
    }
    place.jwe("completions tcsh").run().misused("bash");
}

#[test]
fn manual_pages() {
    let place = Place::new();
    let page = place.jwe("man").run().ok_text();
    assert!(page.contains(".TH jwe 1") && page.contains("Exit codes"), "{page}");
    assert_eq!(place.jwe("man --dir a/b").run().ok(), b"");
    let mut pages: Vec<String> = std::fs::read_dir(place.path("a/b"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.contains("help"))
        .collect();
    pages.sort();
    assert_eq!(
        pages,
        [
            "jwe-backends.1",
            "jwe-bench.1",
            "jwe-completions.1",
            "jwe-convert.1",
            "jwe-decrypt.1",
            "jwe-doctor.1",
            "jwe-encrypt.1",
            "jwe-fields-decrypt.1",
            "jwe-fields-encrypt.1",
            "jwe-fields.1",
            "jwe-inspect.1",
            "jwe-key-convert.1",
            "jwe-key.1",
            "jwe-keygen.1",
            "jwe-keys-init.1",
            "jwe-keys-list.1",
            "jwe-keys-prune.1",
            "jwe-keys-retire.1",
            "jwe-keys-rotate.1",
            "jwe-keys-token.1",
            "jwe-keys.1",
            "jwe-man.1",
            "jwe-public.1",
            "jwe-serve.1",
            "jwe-thumbprint.1",
            "jwe.1",
        ]
    );
    for page in pages {
        assert!(
            String::from_utf8(place.read(&format!("a/b/{page}"))).unwrap().contains(".TH jwe"),
            "{page}"
        );
    }
    place
        .jwe("man --dir public.jwk")
        .run()
        .refused_saying("output", &["public.jwk", "can't be written"]);
}
