//! Streams of records there and back, byte for byte, in every format and by every way in and out.

use crate::support::records::{Kind, Summary};
use crate::support::{CANARY, Place};

const ENCRYPT: &str = "fields encrypt --key fast.jwk --quiet";
const DECRYPT: &str = "fields decrypt --key fast.jwk --quiet";

/// Texts with values that must not be seen when they are encrypted, as [`CANARY`] stands for.
fn texts(kind: Kind) -> Vec<String> {
    let texts: &[&str] = match kind {
        Kind::Ndjson => &[
            "",
            "\n",
            "\u{feff}",
            " \t\r\n\r\n\n  ",
            "{\"a\":\"#\"}",
            "\u{feff}{\"a\":\"#\"}\r\n{\"a\":\"#2\"}\r\n",
            "\n\n{ \"n\" :1e400,\t\"x\":-0, \"a\"  : \"#é😀\" , \"y\":{\"a\":\"clear\"}}\n \t\n\r\n{\"a\":\"\"}\n\n{\"a\":\"#\"}",
            "  {\"a\":\"#\"}  \r\n\t{\"\\u0062\":[],\"a\":\"#\"}\r",
        ],
        Kind::Array => &[
            "[]",
            "\u{feff} [ \r\n ] \n\n",
            "[{\"a\":\"#\"}]",
            "\r\n[\r\n  {\"a\":\"#\"},\r\n\r\n  {\"a\":\"#\\\\\"}\r\n]\r\n",
            "[ {\"a\":\"#]},[\"},{\"x\":[[],{}],\"a\":\"# é\"}\t,\n{\"n\":1.0,\"a\":\"\"} ]",
        ],
        Kind::Csv => &[
            "",
            "\n\r\n",
            "id,a",
            "a\n",
            "\u{feff}id,a,\"b\"\r\n1,#,x\r\n2,\"#\",\"y\"\r\n",
            "\n\nid,\"a\"\n\n1,\"# \n\r\n \"\"quoted\"\", cell\"\n\r\n\n2,  # \n3,\"\"\n4,\"#\"",
            "\"a\",\"\"\"x\ny\"\"\"\n#,\n\"#,\",\"\n\n\"\n",
        ],
    };
    texts.iter().map(|text| text.replace('#', CANARY)).collect()
}

fn assert_hidden(encrypted: &[u8]) {
    assert!(!String::from_utf8_lossy(encrypted).contains(CANARY));
}

#[test]
fn every_byte_comes_back() {
    let place = Place::for_records();
    for kind in Kind::ALL {
        let options = kind.options();
        for text in texts(kind) {
            for threads in [1, 4] {
                let options = format!("{options} --threads {threads}");
                let encrypted = place.encrypted(&options, &text);
                assert_hidden(&encrypted);
                let decrypted = place.decrypted(&options, encrypted);
                assert_eq!(String::from_utf8(decrypted).unwrap(), text, "{options}");
            }
        }
    }
}

#[test]
fn in_large_files_too() {
    let place = Place::for_records();
    for kind in Kind::ALL {
        // The texts one behind the other, so that their odd places stand everywhere in batches.
        let text = match kind {
            Kind::Ndjson => {
                let all: String = texts(kind)[4..].iter().fold(String::new(), |all, text| {
                    all + text.trim_start_matches('\u{feff}') + "\n"
                });
                all.repeat(2000)
            }
            Kind::Array => {
                let one = format!(
                    "{{\"x\":[[],\"]\"],\"a\":\"{CANARY}\"}} ,\r\n\t{{\"a\":\"{CANARY}]\"}},"
                );
                format!("[{}{{\"a\":\"\"}}\n]\r\n", one.repeat(6000))
            }
            Kind::Csv => {
                let rows = "1,#\r\n\r\n\n2,\"#\n\"\"\r\n\"\n3,\"\"\n".replace('#', CANARY);
                format!("id,a\r\n{}", rows.repeat(5000))
            }
        };
        let options = kind.options();
        let encrypted = place.encrypted(options, &text);
        assert_hidden(&encrypted);
        assert!(encrypted.len() > 1_000_000);
        // No byte depends on how the work is shared out, but for those that are random.
        let lengths = [1, 3].map(|threads| {
            let options = format!("{options} --threads {threads} --buffer 1");
            place.encrypted(&options, &text).len()
        });
        assert_eq!(lengths, [encrypted.len(); 2]);
        assert!(place.decrypted(options, &encrypted) == text.as_bytes(), "{kind:?}");
    }
}

#[test]
fn from_files_and_pipes_to_files_and_pipes() {
    let place = Place::for_records();
    for kind in Kind::ALL {
        let options = kind.options();
        let text = texts(kind).pop().unwrap();
        place.write("in", &text);
        let encrypt = |files: &str| {
            let jwe = place.jwe(&format!("{ENCRYPT} {options} {files}"));
            if files.contains("in") { jwe } else { jwe.stdin(&text) }.run().ok()
        };
        let mut all = vec![encrypt(""), encrypt("in"), encrypt("-"), encrypt("in -o -")];
        for files in ["in -o file", "- -o file", "-o file"] {
            assert_eq!(encrypt(files), b"");
            all.push(place.read("file"));
            std::fs::remove_file(place.path("file")).unwrap();
        }
        // The output may have the name of the input, and replaces it when it is whole.
        place.write("other-in", &text);
        place.jwe(&format!("{ENCRYPT} {options} other-in -o other-in")).run().ok();
        all.push(place.read("other-in"));
        for encrypted in all {
            assert_hidden(&encrypted);
            assert_eq!(place.decrypted(options, encrypted), text.as_bytes());
        }
    }
    assert!(!place.names().iter().any(|name| name.contains("partial")));
}

/// That a name alone has its file read and written in a format.
#[test]
fn names_say_the_format() {
    let place = Place::for_records();
    let records = ["1", "2"].map(|value| format!("{{\"a\":\"{value}\"}}"));
    let ndjson = Kind::Ndjson.text(&records);
    let rows = b"id,a\n1,x\n".to_vec();
    let tabs = b"id\ta\n1,2\tx\n".to_vec();
    let whole = b"{\"a\":\n\"1\"}".to_vec();
    for (input, output, select, text) in [
        ("in.ndjson", "out", "--field /a", &ndjson),
        ("in.jsonl", "out.csv", "--field /a", &ndjson),
        ("in.JSONL.gz", "out", "--field /a", &ndjson),
        ("in.ndjson.zst", "out.json", "--field /a", &ndjson),
        ("in.csv", "out", "--column a", &rows),
        ("in.csv.zstd", "out.ndjson", "--column a", &rows),
        ("in.tsv", "out", "--column a", &tabs),
        ("in.json", "out.ndjson", "--field /a", &whole),
        ("in", "out", "--field /a", &whole),
        ("in.dat", "out.ndjson", "--field /a", &ndjson),
        ("in.gz", "out.tsv", "--column a", &tabs),
        ("-", "out.ndjson.gz", "--field /a", &ndjson),
        ("-", "out.jsonl", "--field /a", &ndjson),
        ("-", "out.csv", "--column a", &rows),
        ("-", "out.json", "--field /a", &whole),
    ] {
        place.write(input, text);
        let encrypt = place.jwe(&format!("{ENCRYPT} {select} {input} -o {output}")).stdin(text);
        encrypt.run().ok();
        // Back with the format as an option, which comes before what names say.
        let format = match text {
            text if *text == ndjson => "--format ndjson",
            text if *text == whole => "--format json",
            text if *text == rows => "--format csv --delimiter ,",
            _ => "--format csv --delimiter tab",
        };
        let back = place.jwe(&format!("{DECRYPT} {format} {select} {output}")).run().ok();
        assert_eq!(back, *text, "{input} {output}");
        std::fs::remove_file(place.path(output)).unwrap();
    }
}

#[test]
fn other_delimiters() {
    let place = Place::for_records();
    for (option, delimiter) in [(";", ';'), ("tab", '\t'), ("|", '|'), (",", ',')] {
        let text = format!("id{delimiter}a\n1{delimiter}\"{CANARY}{delimiter}\"\n2{delimiter}x\n");
        let options = "--format csv --column a --delimiter";
        let encrypt = place.jwe(&format!("{ENCRYPT} {options}")).arg(option).stdin(&text);
        let encrypted = encrypt.run().ok();
        assert_hidden(&encrypted);
        let decrypt = place.jwe(&format!("{DECRYPT} {options}")).arg(option).stdin(&encrypted);
        assert_eq!(decrypt.run().ok_text(), text);
        let other = if delimiter == ',' { ";" } else { "," };
        let decrypt = place.jwe(&format!("{DECRYPT} {options}")).arg(other).stdin(&encrypted);
        decrypt.run().refused_saying("column_missing", &["\"a\"", "--delimiter"]);
    }
}

#[test]
fn several_columns_and_odd_names() {
    let place = Place::for_records();
    let text = format!(
        "\"first, \"\"name\"\"\",id,b,\n{CANARY}x,1,\"{CANARY}\ny\",{CANARY}\n\"\",2,z,clear\n"
    );
    let command = |direction: &str, input: &[u8]| {
        let jwe = format!("fields {direction} --key fast.jwk --format csv --column b");
        place.jwe(&jwe).arg("--column").arg("first, \"name\"").arg("--column=").stdin(input).run()
    };
    let encrypted = command("encrypt", text.as_bytes());
    assert_eq!(encrypted.code, Some(0), "{}", encrypted.stderr);
    assert_eq!(Summary::of(&encrypted).number("values"), 6);
    assert_hidden(&encrypted.stdout);
    assert!(String::from_utf8_lossy(&encrypted.stdout).contains(",2,eyJ"));
    let decrypted = command("decrypt", &encrypted.stdout);
    assert_eq!((decrypted.code, decrypted.stdout.as_slice()), (Some(0), text.as_bytes()));
}

/// A value of one record is a token like any other.
#[test]
fn values_are_tokens_by_themselves() {
    let place = Place::for_records();
    for kind in Kind::ALL {
        let value = format!("{CANARY} é");
        let encrypted = place.encrypted(kind.options(), kind.text(&[kind.record(1, &value)]));
        let encrypted = String::from_utf8(encrypted).unwrap();
        let at = encrypted.find("eyJ").unwrap();
        let token = encrypted[at..].split(['"', '\n']).next().unwrap();
        let decrypt = place.jwe("decrypt --key fast.jwk").stdin(token);
        assert_eq!(decrypt.run().ok_text(), value);
    }
}

#[test]
fn empty_and_missing_values_by_choice() {
    let place = Place::for_records();
    let rows = "id,a\n1,\n2,x\n3,\"\"\n";
    let encrypted = place.encrypted("--format csv --column a --missing skip", rows);
    let text = String::from_utf8(encrypted.clone()).unwrap();
    assert!(text.starts_with("id,a\n1,\n2,eyJ"), "{text}");
    let decrypt = "--format csv --column a --missing skip";
    assert_eq!(place.decrypted(decrypt, encrypted), rows.as_bytes());
    let lines = "{\"b\":1}\n{\"a\":\"x\"}\n{}\n";
    let options = "--format ndjson --field /a --missing skip";
    assert_eq!(place.decrypted(options, place.encrypted(options, lines)), lines.as_bytes());
    let clear = format!("{} --clear-value leave", Kind::Ndjson.options());
    let half =
        [place.encrypted(Kind::Ndjson.options(), "{\"a\":\"x\"}\n"), b"{\"a\":1}\n".to_vec()];
    assert_eq!(place.decrypted(&clear, half.concat()), b"{\"a\":\"x\"}\n{\"a\":1}\n");
}

#[test]
fn options_that_have_no_meaning_are_refused() {
    let place = Place::for_records();
    place.write("in.ndjson", "{\"a\":\"x\"}\n");
    let names = place.names();
    for (options, part) in [
        ("--format csv --field /a", "--field is for JSON"),
        ("--format csv", "--column <NAME>"),
        ("--format csv --column a --field /a", "--field is for JSON"),
        ("--format csv --column a --encoding json", "--encoding json is for JSON"),
        ("--format ndjson --column a", "--column is for csv"),
        ("--format json-array --column a --field /a", "--column is for csv"),
        ("--format json --column a", "--column is for csv"),
        ("--format ndjson --field /a --delimiter ;", "--delimiter is for csv"),
        ("--format ndjson", "--field <SELECTOR>"),
        ("--format json --field /a --threads 2", "--threads is for streams"),
        ("--format json --field /a --limit-record 2", "--limit-record is for streams"),
        ("--format json --field /a --buffer 2", "--buffer is for streams"),
        ("--format json --field /a --rejects r", "--rejects is for streams"),
        ("--format json --field /a --checkpoint c -o o", "--checkpoint is for streams"),
        ("--format json --field /a --progress", "--progress is for streams"),
        ("--format ndjson --field /a --limit-input 10", "--limit-input is for whole documents"),
        ("--format ndjson --field /a --threads 0", "--threads"),
        ("--format ndjson --field /a --checkpoint c", "add -o FILE"),
        ("--format ndjson --field /a --checkpoint c -o -", "add -o FILE"),
        ("--format ndjson --field /a --checkpoint c -o /dev/null", "add -o FILE"),
        ("--format ndjson --field /a --checkpoint /dev/null -o o", "is no file"),
        ("--format ndjson --field /a --rejects -", "--rejects is for a file"),
        ("--format ndjson --field /a --progress --quiet", "--quiet"),
        ("--format csv --column a --delimiter x", "--delimiter"),
        ("--format csv --column a --delimiter ;;", "--delimiter"),
        ("--format xml --field /a", "json-array"),
        ("--format ndjson --field /a --compress lz4", "zstd"),
        ("--format ndjson --field a", "JSON Pointer"),
    ] {
        let commands = ["encrypt", "decrypt"].map(|direction| {
            place.jwe(&format!("fields {direction} --key fast.jwk {options}")).stdin("").run()
        });
        for ended in commands {
            ended.misused(part);
        }
    }
    place
        .jwe("fields encrypt --key fast.jwk --format csv --column a --non-string json-text")
        .run()
        .misused("--non-string is for JSON");
    assert_eq!(place.names(), names);
}

/// Nothing that is written may replace what is read, or something else that is written.
#[test]
fn files_in_each_other_s_way_are_refused() {
    let place = Place::for_records();
    let text = b"{\"a\":\"x\"}\n";
    place.write("in.ndjson", text);
    let key = place.read("fast.jwk");
    let names = place.names();
    for (files, part) in [
        ("-o fast.jwk", "a file of a key"),
        ("-o out --rejects fast.jwk", "a file of a key"),
        ("-o out --checkpoint fast.jwk", "a file of a key"),
        ("-o out --rejects in.ndjson", "write to the input"),
        ("-o out --checkpoint in.ndjson", "write to the input"),
        ("-o in.ndjson --checkpoint c", "write to the input"),
        ("-o out --rejects out", "another option writes"),
        ("-o out --rejects ./out", "another option writes"),
        ("-o out --checkpoint out", "another option writes"),
        ("-o out --checkpoint out.partial", "another option writes"),
        ("-o out --rejects out.partial", "another option writes"),
        ("-o out --rejects r --checkpoint r", "another option writes"),
        ("-o out --rejects r --checkpoint r.partial", "another option writes"),
    ] {
        place
            .jwe(&format!("fields encrypt --key fast.jwk --field /a in.ndjson {files}"))
            .run()
            .misused(part);
    }
    assert_eq!(place.names(), names);
    assert_eq!((place.read("in.ndjson"), place.read("fast.jwk")), (text.to_vec(), key));
}

/// What is no array is told as that, and not taken for an empty one.
#[test]
fn what_is_no_array_is_refused() {
    let place = Place::for_records();
    for (text, code, place_of_it) in [
        ("", "stream_ends_early", "line 1"),
        ("\n \n", "stream_ends_early", "line 3"),
        ("{\"a\":\"x\"}", "stream_not_array", "line 1"),
        ("\n{\"a\":\"x\"}\n{\"a\":\"x\"}\n", "stream_not_array", "line 2"),
    ] {
        let encrypt = place.jwe(&format!("{ENCRYPT} {}", Kind::Array.options())).stdin(text);
        let ended = encrypt.run();
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.starts_with(&format!("error[{code}]: {place_of_it}: ")), "{ended:?}");
    }
}
