//! Compressed files of records: read by other programs, and recognised by their first bytes.

use std::process::Command;

use crate::support::records::{Kind, Summary};
use crate::support::{Place, has, skipped};

const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// The extension, the first bytes, and a program that reads and writes such files.
const FORMS: [(&str, &[u8], &str); 2] = [("gz", GZIP, "gzip"), ("zst", ZSTD, "zstd")];

fn records(kind: Kind, count: usize) -> Vec<u8> {
    let records: Vec<String> =
        (0..count).map(|id| kind.record(id, &format!("value {id}"))).collect();
    kind.text(&records)
}

/// What a program makes of a file, on its standard output.
fn output_of(place: &Place, program: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(args).current_dir(place.path("")).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn other_programs_read_what_is_written_and_the_other_way_round() {
    let place = Place::for_records();
    for kind in Kind::ALL {
        // Many batches, each of which is a piece by itself.
        let text = records(kind, 5000);
        place.write("in", &text);
        for (extension, magic, program) in FORMS {
            let options = kind.options();
            let encrypt = format!("fields encrypt --key fast.jwk {options} --threads 3 in");
            let name = format!("out.{extension}");
            let ended = place.jwe(&format!("{encrypt} -o {name}")).run();
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            let compressed = place.read(&name);
            assert!(compressed.starts_with(magic));
            assert_eq!(Summary::of(&ended).number("bytes_out"), compressed.len());
            assert_eq!(Summary::of(&ended).number("bytes_in"), text.len());

            // Our own way back, whatever the file is called.
            assert_eq!(place.decrypted(options, &compressed), text);
            std::fs::rename(place.path(&name), place.path("renamed.txt")).unwrap();
            let decrypt = format!("fields decrypt --key fast.jwk --quiet {options} renamed.txt");
            assert_eq!(place.jwe(&decrypt).run().ok(), text);
            std::fs::rename(place.path("renamed.txt"), place.path(&name)).unwrap();

            if !has(program) {
                skipped(&format!("{program} is not there"));
                continue;
            }
            output_of(&place, program, &["-t", &name]);
            let plain = output_of(&place, program, &["-dc", &name]);
            assert_eq!(place.decrypted(options, &plain), text);
            // What it writes is read, several of them one behind the other too.
            place.write("plain", &plain);
            let theirs = output_of(&place, program, &["-c", "plain"]);
            assert_eq!(place.decrypted(options, &theirs), text);
            if kind == Kind::Ndjson {
                let twice = [theirs.clone(), compressed, theirs].concat();
                assert_eq!(place.decrypted(options, twice), text.repeat(3));
            }
        }
    }
}

#[test]
fn the_option_comes_before_the_name() {
    let place = Place::for_records();
    let options = Kind::Ndjson.options();
    let text = records(Kind::Ndjson, 3);
    for (option, name, magic) in [
        ("", "out", b"{".as_slice()),
        ("", "out.gz", GZIP),
        ("", "out.GZ", GZIP),
        ("", "out.zst", ZSTD),
        ("", "out.zstd", ZSTD),
        ("--compress none", "out.gz", b"{"),
        ("--compress gzip", "out", GZIP),
        ("--compress zstd", "out.gz", ZSTD),
        ("--compress gzip", "-", GZIP),
        ("--compress zstd", "-", ZSTD),
    ] {
        let encrypt = format!("fields encrypt --key fast.jwk --quiet {options} {option} -o {name}");
        let printed = place.jwe(&encrypt).stdin(&text).run().ok();
        let written = if name == "-" { printed } else { place.read(name) };
        assert!(written.starts_with(magic), "{option} {name}");
        assert_eq!(place.decrypted(options, written), text);
    }
    // One whole document goes the same ways.
    let document = b"{\"a\":\n\"x\"}";
    for (name, magic) in [("whole.json.gz", GZIP), ("whole.json.zst", ZSTD), ("whole.json", b"{")] {
        let encrypt = format!("fields encrypt --key fast.jwk --field /a -o {name}");
        place.jwe(&encrypt).stdin(document).run().ok();
        assert!(place.read(name).starts_with(magic), "{name}");
        let decrypt = place.jwe(&format!("fields decrypt --key fast.jwk --field /a {name}"));
        assert_eq!(decrypt.run().ok(), document);
    }
}

/// A compressed file of nothing is a compressed file.
#[test]
fn empty_files() {
    let place = Place::for_records();
    for (extension, magic, program) in FORMS {
        for kind in [Kind::Ndjson, Kind::Csv] {
            let name = format!("empty.{extension}");
            let options = kind.options();
            let encrypt = format!("fields encrypt --key fast.jwk --quiet {options} -o {name}");
            place.jwe(&encrypt).stdin("").run().ok();
            let compressed = place.read(&name);
            assert!(compressed.starts_with(magic));
            assert_eq!(place.decrypted(options, compressed), b"");
            if has(program) {
                assert_eq!(output_of(&place, program, &["-dc", &name]), b"");
            }
        }
    }
}

/// The end of a file that is missing is never taken for the end of the records.
#[test]
fn a_file_that_was_cut_is_an_error() {
    let place = Place::for_records();
    let text = records(Kind::Ndjson, 2000);
    let options = Kind::Ndjson.options();
    for form in ["gzip", "zstd"] {
        // In one piece, as other programs write it, so that each cut is within it.
        let small =
            place.encrypted(&format!("{options} --compress {form}"), records(Kind::Ndjson, 1));
        let large = place.encrypted(&format!("{options} --compress {form}"), &text);
        let lens = [1, 2, 3, 4, 5, 9, 10, 15, small.len() / 2, small.len() - 9, small.len() - 1];
        let cuts = lens.map(|len| &small[..len]);
        let mut cuts = cuts.to_vec();
        cuts.push(&large[..large.len() - 3]);
        for cut in cuts {
            for more in ["", "--rejects rejects"] {
                let decrypt =
                    format!("fields decrypt --key fast.jwk {options} --quiet {more} -o out");
                let ended = place.jwe(&decrypt).stdin(cut).run();
                if cut.len() < 4 && !more.is_empty() {
                    // Too short to be known, these bytes are a record that is refused.
                    assert!(matches!(ended.code, Some(1 | 3)), "{}", ended.stderr);
                    drop(std::fs::remove_file(place.path("out")));
                    continue;
                }
                assert_eq!(ended.code, Some(1), "{form} {}: {}", cut.len(), ended.stderr);
                assert!(!place.exists("out"), "{form} {}", cut.len());
                if cut.len() >= 4 {
                    ended.refused_saying("input", &[form, "ends early"]);
                }
            }
        }
        // What stands before is whole, and is kept.
        let decrypt = format!("fields decrypt --key fast.jwk {options} --quiet -o out");
        place.jwe(&decrypt).stdin(&large[..large.len() - 3]).run().refused("input");
        let partial = place.read("out.partial");
        assert!(!partial.is_empty() && text.starts_with(&partial) && partial.ends_with(b"\n"));
    }
}

#[test]
fn a_file_that_was_damaged_is_an_error() {
    let place = Place::for_records();
    let options = Kind::Ndjson.options();
    for form in ["gzip", "zstd"] {
        let good =
            place.encrypted(&format!("{options} --compress {form}"), records(Kind::Ndjson, 200));
        let flipped = |at: usize| {
            let mut damaged = good.clone();
            damaged[at] ^= 0x10;
            damaged
        };
        let middle = good.len() / 2;
        // Within the content a record may be refused first; behind it nothing is but the error.
        let behind = [good.as_slice(), b"garbage"].concat();
        for (damaged, code) in [
            (flipped(middle), None),
            (flipped(middle + 1), None),
            (flipped(good.len() - 2), Some("input")),
            (behind, Some("input")),
        ] {
            let decrypt = format!("fields decrypt --key fast.jwk {options} --quiet -o out");
            let ended = place.jwe(&decrypt).stdin(damaged).run();
            assert_eq!(ended.code, Some(1), "{form}");
            assert!(!place.exists("out"), "{form}");
            if let Some(code) = code {
                let error = ended.refused(code);
                assert!(error.contains(form), "{error}");
            }
        }
    }
}

/// What a compressed line is too long for is found out before it is in memory.
#[test]
fn a_small_file_becomes_no_large_one_in_memory() {
    let place = Place::for_records();
    let options = Kind::Ndjson.options();
    // 256 MiB of one line, and some hundred kilobytes of it when it is compressed.
    if !has("gzip") {
        return skipped("gzip is not there");
    }
    let bomb = "head -c 268435456 /dev/zero | gzip -1 > bomb.gz";
    let status = Command::new("sh").arg("-c").arg(bomb).current_dir(place.path("")).status();
    assert!(status.unwrap().success());
    let encrypt = format!("fields encrypt --key fast.jwk {options} --quiet bomb.gz");
    place.jwe(&encrypt).memory(256).run().refused("record_too_long");
}
