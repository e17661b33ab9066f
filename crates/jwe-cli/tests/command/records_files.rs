//! Files of streams that are not what a run left there: nothing is taken for its own.
#![cfg(unix)]

use std::fs;

use crate::support::Place;

const COMMAND: &str =
    "fields encrypt --quiet --key public.jwk --field /a in.ndjson -o out --checkpoint checkpoint";

/// A run that stopped at its third record, and can go on.
fn stopped() -> Place {
    let place = Place::new();
    place.write("in.ndjson", "{\"a\":\"1\"}\n{\"a\":\"2\"}\n{\"a\":3}\n{\"a\":\"4\"}\n");
    place.jwe(COMMAND).run().refused_saying("field_not_string", &["line 3, record 3"]);
    assert!(place.exists("out.partial") && place.exists("checkpoint"));
    place
}

fn mend(place: &Place) {
    place.write("in.ndjson", "{\"a\":\"1\"}\n{\"a\":\"2\"}\n{\"a\":\"3\"}\n{\"a\":\"4\"}\n");
}

fn is_whole(place: &Place) {
    let back = place.jwe("fields decrypt --key private.jwk --field /a --format ndjson --quiet out");
    assert_eq!(back.run().ok(), place.read("in.ndjson"));
    assert!(!place.exists("out.partial") && !place.exists("checkpoint"));
}

#[test]
fn a_run_goes_on_with_its_own_file_only() {
    let place = stopped();
    mend(&place);
    let own = place.read("out.partial");
    // As long as its own, and longer.
    let mut other = own.clone();
    other[10] ^= 1;
    for other in [other.clone(), [other.as_slice(), &own].concat()] {
        place.write("out.partial", &other);
        place
            .jwe(COMMAND)
            .run()
            .refused_saying("checkpoint_output", &["remove the checkpoint to begin anew"]);
        assert_eq!(place.read("out.partial"), other);
    }
    // What stands behind its own bytes was written after the checkpoint.
    place.write("out.partial", [&own[..], b"{\"a\":\"ey"].concat());
    place.jwe(COMMAND).run();
    is_whole(&place);
}

/// What is only as long as the output is not the output.
#[test]
fn a_finished_run_knows_its_output() {
    use std::io::Write;
    use std::process::Stdio;

    let place = Place::new();
    let records = "{\"a\":\"1\"}\n{\"a\":\"2\"}\n";
    place.write("in.ndjson", records);
    let command = "fields encrypt --quiet --key public.jwk --field /a --format ndjson -o out \
                   --checkpoint checkpoint";
    // The name is taken by a folder when the run ends.
    let mut child = place.jwe(command).command();
    child.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(records.as_bytes()).unwrap();
    let began = std::time::Instant::now();
    while !place.exists("checkpoint") {
        assert!(began.elapsed().as_secs() < 20, "nothing was begun");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    fs::create_dir(place.path("out")).unwrap();
    drop(stdin);
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(said.contains("it is whole, in ") && said.contains("out.partial"), "{said}");

    let whole = place.read("out.partial");
    fs::remove_dir(place.path("out")).unwrap();
    place.write("out", vec![b'x'; whole.len()]);
    fs::remove_file(place.path("out.partial")).unwrap();
    place.jwe(command).stdin(records).run().refused("checkpoint_output");
    assert!(place.exists("checkpoint"));
    place.write("out", &whole);
    assert_eq!(place.jwe(command).stdin(records).run().code, Some(0));
    is_whole(&place);
}

#[test]
fn what_has_another_name_is_not_written_to() {
    let place = stopped();
    mend(&place);
    fs::hard_link(place.path("out.partial"), place.path("precious")).unwrap();
    let precious = place.read("precious");
    place.jwe(COMMAND).run().refused("output_partial");
    assert_eq!(place.read("precious"), precious);
    fs::remove_file(place.path("precious")).unwrap();
    place.jwe(COMMAND).run();
    is_whole(&place);
}

/// Nobody but the owner reads a file before it is whole.
#[test]
fn partial_files_are_the_owner_s() {
    let place = Place::new();
    place.write("in.ndjson", "{\"a\":\"1\"}\n{\"a\":2}\n");
    place.set_mode("in.ndjson", 0o444);
    place
        .jwe("fields encrypt --quiet --key public.jwk --field /a in.ndjson -o out")
        .run()
        .refused("field_not_string");
    assert_eq!(place.mode("out.partial"), 0o600);
    place
        .jwe("fields encrypt --quiet --key public.jwk --field /a in.ndjson -o out --rejects bad")
        .run();
    assert_eq!((place.mode("out"), place.mode("bad")), (0o444, 0o600));
}

/// A result that can't get its name is not lost, and nor is what was rejected.
#[test]
fn a_result_without_its_name_stays() {
    let place = Place::new();
    let records = "{\"a\":\"1\"}\n{\"a\":2}\n";
    place.write("in.ndjson", records);
    fs::create_dir(place.path("bad")).unwrap();
    let command =
        "fields encrypt --quiet --key public.jwk --field /a in.ndjson -o in.ndjson --rejects bad";
    place.jwe(command).run().refused_saying("output", &["bad.partial"]);
    // The input is replaced last.
    assert_eq!(place.read("in.ndjson"), records.as_bytes());
    assert!(place.exists("bad.partial") && place.exists("in.ndjson.partial"));
    fs::remove_dir(place.path("bad")).unwrap();
    assert_eq!(place.jwe(command).run().code, Some(3));
    assert!(String::from_utf8(place.read("bad")).unwrap().contains("{\\\"a\\\":2}"));
    assert!(place.read("in.ndjson").starts_with(b"{\"a\":\"eyJ"));
}

#[test]
fn a_checkpoint_that_can_t_be_stored_is_known_at_once() {
    let place = Place::new();
    place.write("in.ndjson", "{\"a\":\"1\"}\n");
    let command =
        "fields encrypt --quiet --key public.jwk --field /a in.ndjson -o out --checkpoint";
    place.jwe(&format!("{command} missing/checkpoint")).run().refused("output");
    assert_eq!(place.names().iter().filter(|name| name.starts_with("out")).count(), 0);
    // What is rejected has to be there as well when the run goes on.
    let fifo = std::process::Command::new("mkfifo").arg(place.path("pipe")).status();
    if fifo.is_ok_and(|status| status.success()) {
        place
            .jwe(&format!("{command} checkpoint --rejects pipe"))
            .run()
            .misused("--rejects to a file");
    }
}

/// Nothing can go on from the beginning: nothing is left behind.
#[test]
fn a_run_that_has_done_nothing_leaves_nothing() {
    let place = Place::new();
    place.write("in.csv", "a,b\n1,2\n");
    let command =
        "fields encrypt --quiet --key public.jwk --column c in.csv -o out --checkpoint checkpoint";
    place.jwe(command).run().refused("column_missing");
    assert!(!place.exists("checkpoint") && !place.exists("out.partial"));
    let right = command.replace("--column c", "--column b");
    place.jwe(&right).run();
    assert!(place.exists("out"));
}

/// What a shell gives a command in place of a file.
#[test]
fn a_pipe_without_a_name() {
    let place = Place::new();
    place.write("in.ndjson", "{\"a\":\"1\"}\n");
    let command =
        place.jwe("fields encrypt --quiet --key public.jwk --field /a in.ndjson").command();
    let script = r#""$0" "$@" -o >(cat >got; echo done >>got)"#;
    let status = std::process::Command::new("bash")
        .current_dir(place.path(""))
        .args(["-c", script])
        .arg(command.get_program())
        .args(command.get_args())
        .status();
    let Ok(status) = status else {
        return crate::support::skipped("bash is not there");
    };
    assert!(status.success());
    let began = std::time::Instant::now();
    while !place.exists("got") || !place.read("got").ends_with(b"done\n") {
        assert!(began.elapsed().as_secs() < 20, "nothing came");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(place.read("got").starts_with(b"{\"a\":\"eyJ"));
}
