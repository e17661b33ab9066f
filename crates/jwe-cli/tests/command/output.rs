//! Where results go: whole, or not at all.
#![cfg(unix)]

use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::Command;

use crate::support::{Place, skipped};

#[test]
fn a_file_is_replaced_and_keeps_its_readers() {
    let place = Place::new();
    for mode in [0o600, 0o640, 0o664] {
        place.write("token", "old content that is longer than what replaces it ".repeat(100));
        place.set_mode("token", mode);
        let names = place.names();
        assert_eq!(place.jwe("encrypt --key public.jwk -o token").stdin("s3cret").run().ok(), b"");
        assert_eq!(place.mode("token"), mode);
        assert_eq!(place.names(), names);
        assert_eq!(place.jwe("decrypt --key private.jwk token").run().ok(), b"s3cret");
    }
}

#[test]
fn a_new_file_of_public_bytes_follows_the_umask_and_a_decrypted_one_is_the_owner_s() {
    let place = Place::new();
    place.jwe("encrypt --key public.jwk -o token").stdin("s3cret").after("umask 027").run().ok();
    assert_eq!(place.mode("token"), 0o640);
    place.jwe("decrypt --key private.jwk token -o plain").after("umask 0").run().ok();
    assert_eq!(
        (place.read("plain").as_slice(), place.mode("plain")),
        (b"s3cret".as_slice(), 0o600)
    );
    place.set_mode("plain", 0o666);
    place.jwe("decrypt --key private.jwk token -o plain").run().ok();
    assert_eq!(place.mode("plain"), 0o600);
}

#[test]
fn input_and_output_can_be_one_file() {
    let place = Place::new();
    place.write_secret("body.json", r#"{"a":"s3cret"}"#);
    place.jwe("fields encrypt --key public.jwk --field /a body.json -o body.json").run().ok();
    assert!(place.read("body.json").starts_with(br#"{"a":"eyJ"#));
    assert_eq!(place.mode("body.json"), 0o600);
    place.jwe("fields decrypt --key private.jwk --field /a body.json -o body.json").run().ok();
    assert_eq!(place.read("body.json"), br#"{"a":"s3cret"}"#);
}

#[test]
fn through_a_link_its_target_is_written() {
    let place = Place::new();
    std::fs::create_dir(place.path("folder")).unwrap();
    place.write("folder/token", "old");
    symlink("folder/token", place.path("link")).unwrap();
    symlink("folder/new", place.path("to-nowhere")).unwrap();
    for (link, target) in [("link", "folder/token"), ("to-nowhere", "folder/new")] {
        place.jwe(&format!("encrypt --key public.jwk -o {link}")).stdin("s3cret").run().ok();
        assert!(place.path(link).symlink_metadata().unwrap().is_symlink());
        assert!(!place.path(target).symlink_metadata().unwrap().is_symlink());
        assert_eq!(place.jwe(&format!("decrypt --key private.jwk {target}")).run().ok(), b"s3cret");
    }
    assert_eq!(std::fs::read_dir(place.path("folder")).unwrap().count(), 2);
}

#[test]
fn devices_and_pipes_are_written_and_stay() {
    let place = Place::new();
    place.jwe("encrypt --key public.jwk -o /dev/null").stdin("s3cret").run().ok();
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    assert_eq!(
        place.jwe("decrypt --key private.jwk -o -").stdin(place.token_of(b"s3cret")).run().ok(),
        b"s3cret"
    );
    let through =
        place.jwe("decrypt --key private.jwk -o /dev/stdout").stdin(place.token_of(b"s3cret"));
    assert_eq!(through.run().ok(), b"s3cret");

    if !Command::new("mkfifo").arg(place.path("fifo")).status().is_ok_and(|status| status.success())
    {
        return skipped("mkfifo is not there");
    }
    let fifo = place.path("fifo");
    let reader = std::thread::spawn(move || std::fs::read(fifo).unwrap());
    place.jwe("decrypt --key private.jwk -o fifo").stdin(place.token_of(b"s3cret")).run().ok();
    assert_eq!(reader.join().unwrap(), b"s3cret");
    assert!(std::fs::metadata(place.path("fifo")).unwrap().file_type().is_fifo());
}

#[test]
fn a_place_that_can_t_be_written_is_an_error() {
    let place = Place::new();
    std::fs::create_dir(place.path("folder")).unwrap();
    let token = place.token_of(b"s3cret");
    for output in ["folder", "folder/", "nowhere/file", "public.jwk/file"] {
        let decrypt = place.jwe(&format!("decrypt --key private.jwk -o {output}"));
        decrypt.stdin(&token).run().refused_saying("output", &[output, "can't be written"]);
    }
    assert_eq!(std::fs::read_dir(place.path("folder")).unwrap().count(), 0);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let place = Place::new();
    place.write("big", vec![b'x'; 5_000_000]);
    place.jwe("encrypt --key public.jwk big -o token").run().ok();
    for command in [
        "decrypt --key private.jwk token",
        "encrypt --key public.jwk big",
        "completions bash",
        "man",
    ] {
        let pipeline = format!(
            "{{ '{}' {command}; echo $? > status; }} 2> stderr | head -c1 > first",
            env!("CARGO_BIN_EXE_jwe")
        );
        Command::new("sh").arg("-c").arg(pipeline).current_dir(place.path("")).status().unwrap();
        assert_eq!(place.read("first").len(), 1, "{command}");
        assert_eq!(place.read("stderr"), b"", "{command}");
        assert_eq!(place.read("status"), b"0\n", "{command}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn full_disks_are_errors() {
    let place = Place::new();
    let full = std::path::Path::new("/dev/full");
    let token = place.token_of(b"s3cret");
    let decrypt =
        |options: &str| place.jwe(&format!("decrypt --key private.jwk {options}")).stdin(&token);
    decrypt("")
        .stdout_to(full)
        .run()
        .refused_saying("output", &["standard output", "No space left"]);
    decrypt("-o /dev/full").run().refused_saying("output", &["/dev/full", "No space left"]);
    // Not even standard error can be written: the exit code still tells.
    let nothing = place.jwe("decrypt --key public.jwk").after("exec 2> /dev/full").run();
    assert_eq!(
        (nothing.code, nothing.stdout.as_slice(), nothing.stderr.as_str()),
        (Some(1), b"".as_slice(), "")
    );
    place.set_mode("private.jwk", 0o644);
    let warned = decrypt("").after("exec 2> /dev/full").run();
    assert_eq!(
        (warned.code, warned.stdout.as_slice(), warned.stderr.as_str()),
        (Some(0), b"s3cret".as_slice(), "")
    );
}

#[test]
fn the_key_is_not_replaced_by_what_it_makes() {
    let place = Place::new();
    let token = place.token_of(b"s3cret");
    place.write("token", &token);
    let key = place.read("private.jwk");
    symlink("private.jwk", place.path("link.jwk")).unwrap();
    for command in [
        "public private.jwk -o private.jwk",
        "public private.jwk -o link.jwk",
        "encrypt --key private.jwk -o ./private.jwk token",
        "decrypt --key link.jwk -o private.jwk token",
        "fields encrypt --key private.jwk --field /a -o private.jwk token",
    ] {
        place.jwe(command).run().misused("-o names a file of a key");
        assert_eq!(place.read("private.jwk"), key, "{command}");
    }
}

#[test]
fn standard_input_is_not_read_twice_under_another_name() {
    let place = Place::new();
    for key in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        for input in ["", " -", " /dev/stdin"] {
            let encrypt = place.jwe(&format!("encrypt --key {key}{input}"));
            encrypt.stdin(place.read("public.jwk")).run().misused("from standard input together");
        }
    }
    place.write("text", "s3cret");
    let encrypt = place.jwe("encrypt --key /dev/stdin text").stdin(place.read("public.jwk"));
    place.write("token", encrypt.run().ok());
    assert_eq!(place.jwe("decrypt --key private.jwk token").run().ok(), b"s3cret");
}

#[test]
fn certificates_are_for_https_only() {
    let place = Place::new();
    for key in ["public.jwk", "http://127.0.0.1:9/key"] {
        place
            .jwe(&format!("encrypt --key {key} --ca-file ca.pem"))
            .stdin("s3cret")
            .run()
            .misused("--ca-file is for a key from an https URL");
    }
}

#[test]
fn names_do_not_reach_the_terminal_raw() {
    let place = Place::new();
    let name = "e\u{1b}]0;pwn\u{7}\u{202e}.jwk";
    let text = place.jwe("encrypt --key").arg(name).stdin("s3cret").run().refused("input");
    assert!(text.contains("e\\u{1b}]0;pwn\\u{7}\\u{202e}.jwk"), "{text}");
}

#[test]
fn a_document_stays_as_confidential_as_it_was() {
    let place = Place::new();
    place.write("open.json", r#"{"a":"1","b":"2"}"#);
    place.write_secret("closed.json", r#"{"a":"1","b":"2"}"#);
    let encrypt = "fields encrypt --key public.jwk --field /a";
    place.jwe(&format!("{encrypt} closed.json -o from-closed.json")).run().ok();
    assert_eq!(place.mode("from-closed.json"), 0o600);
    place.jwe(&format!("{encrypt} open.json -o from-open.json")).run().ok();
    assert_eq!(place.mode("from-open.json"), place.mode("open.json"));
}
