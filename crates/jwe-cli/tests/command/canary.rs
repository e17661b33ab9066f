//! What is secret stands where it is meant to be and nowhere else: whatever the command is told to
//! do, however it fails, and with every variable set that could make a program talk.
//!
//! Keys, passwords and values here hold canaries. After each run they are searched for, in every
//! form in which bytes are printed, in standard error, in standard output and in every file that
//! came or changed. Each run says where they have to be found, so that a search that finds nothing
//! fails too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::records::Kind;
use crate::support::server::Server;
use crate::support::{
    Ended, Jwe, PRIVATE_MEMBERS, Place, base64url, private_jwk, public_jwk, with,
};

const VALUE: &str = "v4lue-c4n4ry";
const PASSWORD: &str = "p4ssw0rd-c4n4ry";
/// 32 bytes, as a key for AES-256 has them.
const KEY: &str = "k3y-c4n4ry-k3y-c4n4ry-k3y-c4n4ry";
/// What a key file of another format holds.
const BROKEN: &str = "br0ken-c4n4ry";

/// Bytes that nobody must see, in all forms in which they are looked for.
struct Canary {
    name: String,
    forms: Vec<String>,
}

impl Canary {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let all = |digits: &dyn Fn(&u8) -> String| bytes.iter().map(digits).collect::<String>();
        let list = |separator: &str| {
            let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
            numbers.join(separator)
        };
        let mut forms = vec![
            searchable(bytes),
            all(&|byte| format!("{byte:02x}")),
            all(&|byte| format!("{byte:02X}")),
            list(", "),
            list(","),
            list(",\n    "),
        ];
        // base64 of a text that they stand in, with what their neighbours have no part in.
        for offset in 0..3 {
            let mut text = vec![0; offset];
            text.extend_from_slice(bytes);
            let encoded = base64url::encode(&text);
            let from = offset.div_ceil(3) * 4;
            let to = text.len() / 3 * 4;
            let inner = &encoded[from..to];
            forms.push(inner.to_owned());
            forms.push(inner.replace('-', "+").replace('_', "/"));
        }
        Self { name: name.to_owned(), forms }
    }

    fn is_in(&self, text: &str) -> bool {
        self.forms.iter().any(|form| text.contains(form))
    }
}

/// Bytes as a text of one character for each, in which a search is quick.
fn searchable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// A place with canaries in its keys, and what is searched for.
struct Cage {
    place: Place,
    canaries: Vec<Canary>,
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Where canaries were found: standard error, standard output, or the name of a file.
type Found = Vec<String>;

const NOWHERE: [&str; 0] = [];
const STDOUT: [&str; 1] = ["standard output"];

impl Cage {
    fn new() -> Self {
        let place = Place::for_records();
        fs::create_dir(place.path("temporary")).unwrap();
        place.write_secret("password", format!("{PASSWORD}\nsecond line\n"));
        place.write_secret("right", "correct horse");
        let oct = |alg: &str| {
            json!({ "kty": "oct", "kid": "k", "alg": alg, "k": base64url::encode(KEY) }).to_string()
        };
        place.write_secret("kw.jwk", oct("A256KW"));
        place.write_secret("dir.jwk", oct("dir"));
        let mut canaries = vec![
            Canary::new("value", VALUE.as_bytes()),
            Canary::new("password", PASSWORD.as_bytes()),
            Canary::new("key", &KEY.as_bytes()[..20]),
            Canary::new("broken", BROKEN.as_bytes()),
        ];
        for member in PRIVATE_MEMBERS {
            let bytes = base64url::decode(private_jwk()[member].as_str().unwrap());
            canaries.push(Canary::new(member, &bytes[20..36]));
        }
        Self { place, canaries }
    }

    fn secret(&self, name: &str, content: impl AsRef<[u8]>) {
        self.place.write_secret(name, content);
    }

    fn files(&self) -> Files {
        let mut files = Files::new();
        let mut folders = vec![self.place.path("")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path.clone(), fs::read(path).unwrap());
                }
            }
        }
        files
    }

    fn has_any(&self, bytes: &[u8]) -> bool {
        let text = searchable(bytes);
        self.canaries.iter().any(|canary| canary.is_in(&text))
    }

    fn found(&self, before: &Files, after: &Files, outputs: [(&str, &[u8]); 2]) -> Found {
        let mut found: Found = outputs
            .iter()
            .filter(|(_, bytes)| self.has_any(bytes))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        for (path, content) in after {
            let is_new = before.get(path) != Some(content);
            if is_new && self.has_any(content) {
                let name = path.strip_prefix(self.place.path("")).unwrap_or(path);
                found.push(name.display().to_string());
            }
        }
        found
    }

    fn jwe(&self, args: &str) -> Jwe {
        self.place.jwe(args)
    }

    /// Runs it, and says where canaries were found that were not there before.
    fn run(&self, jwe: Jwe) -> (Ended, Found) {
        let temporary = self.place.path("temporary").display().to_string();
        let jwe = jwe
            .variable("RUST_BACKTRACE", "full")
            .variable("RUST_LIB_BACKTRACE", "full")
            .variable("RUST_LOG", "trace")
            .variable("SSLKEYLOGFILE", &format!("{temporary}/keys"))
            .variable("TMPDIR", &temporary);
        let before = self.files();
        let ended = jwe.run();
        let outputs = [
            ("standard error", ended.stderr.as_bytes()),
            ("standard output", ended.stdout.as_slice()),
        ];
        let found = self.found(&before, &self.files(), outputs);
        (ended, found)
    }

    /// Runs it, and has canaries found in these places and in no others.
    #[track_caller]
    fn ends(&self, jwe: Jwe, code: i32, places: &[&str]) {
        let (ended, found) = self.run(jwe);
        let Ended { args, stderr, .. } = &ended;
        assert_eq!(ended.code, Some(code), "{args:?}: {stderr}");
        assert_eq!(found, places, "{args:?}");
    }

    /// A token of the value.
    fn token(&self, options: &str) -> String {
        let encrypt = self.jwe(&format!("encrypt {options}")).stdin(VALUE);
        encrypt.run().ok_text().trim_end().to_owned()
    }
}

/// The search itself: each form is found, and what is none is not.
#[test]
fn the_search_finds_every_form() {
    let cage = Cage::new();
    let hex: String = VALUE.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = |offset: usize| {
        base64url::encode(format!("{}{VALUE}and more", &"xyz"[..offset])).into_bytes()
    };
    for form in [
        format!("before{VALUE}behind").into_bytes(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        format!("{:?}", VALUE.as_bytes()).into_bytes(),
        format!("{:#?}", VALUE.as_bytes()).into_bytes(),
        base64(0),
        base64(1),
        base64(2),
        private_jwk().to_string().into_bytes(),
        cage.place.read("pkcs8.der"),
        cage.place.read("pkcs1.der"),
        cage.place.read("pkcs8.pem"),
        cage.place.read("dir.jwk"),
        cage.place.read("password"),
    ] {
        assert!(cage.has_any(&form), "{}", String::from_utf8_lossy(&form));
    }
    for other in
        [public_jwk().to_string().into_bytes(), cage.place.read("spki.pem"), b"v4lue".to_vec()]
    {
        assert!(!cage.has_any(&other));
    }
    for canary in &cage.canaries {
        assert!(canary.forms.iter().all(|form| form.len() >= 8), "{}", canary.name);
    }
    // In a file that came, that changed, and not in one that was there.
    let before = cage.files();
    cage.place.write("temporary/new", VALUE);
    cage.place.write("spki.pem", KEY);
    let outputs = [("standard error", b"x".as_slice()), ("standard output", b"")];
    assert_eq!(cage.found(&before, &cage.files(), outputs), ["spki.pem", "temporary/new"]);
}

#[test]
fn keys_stand_in_their_files() {
    let mut cage = Cage::new();
    for (alg, members) in [
        ("A256KW", ["k"].as_slice()),
        ("dir", &["k"]),
        ("ECDH-ES --crv P-256", &["d"]),
        ("ECDH-ES --crv X25519", &["d"]),
        ("RSA-OAEP-256 --bits 2048", &["d", "p", "q"]),
    ] {
        let before = cage.files();
        let ended = cage.jwe(&format!("keygen --alg {alg} -o new.jwk")).run();
        // Only now it is known what to look for.
        let jwk: Value = serde_json::from_slice(&cage.place.read("new.jwk")).unwrap();
        for member in members {
            let bytes = base64url::decode(jwk[*member].as_str().unwrap());
            cage.canaries.push(Canary::new(member, &bytes[..16]));
        }
        let outputs = [
            ("standard error", ended.stderr.as_bytes()),
            ("standard output", ended.stdout.as_slice()),
        ];
        assert_eq!(cage.found(&before, &cage.files(), outputs), ["new.jwk"]);
        // A file that is there is not replaced.
        cage.ends(cage.jwe(&format!("keygen --alg {alg} -o new.jwk")), 1, &NOWHERE);
        let is_symmetric = members == ["k"];
        cage.ends(cage.jwe("thumbprint --json new.jwk"), i32::from(is_symmetric), &NOWHERE);
        if !is_symmetric {
            cage.ends(cage.jwe("public new.jwk"), 0, &NOWHERE);
            cage.ends(cage.jwe("key convert --to spki new.jwk -o new.pem"), 0, &NOWHERE);
        }
        fs::remove_file(cage.place.path("new.jwk")).unwrap();
    }
}

#[test]
fn keys_are_written_where_they_are_asked_for() {
    let cage = Cage::new();
    for file in ["private.jwk", "pkcs8.pem", "pkcs1.pem", "pkcs8.der", "pkcs1.der"] {
        for command in
            ["public", "public --set", "thumbprint", "thumbprint --spki", "key convert --to pem"]
        {
            cage.ends(cage.jwe(&format!("{command} {file}")), 0, &NOWHERE);
        }
        for to in ["jwk", "pkcs8", "pkcs1", "der", "pkcs8 --der"] {
            let convert = format!("key convert --private {file} -o new --to {to}");
            cage.ends(cage.jwe(&convert), 0, &["new"]);
            cage.ends(cage.jwe(&convert), 1, &NOWHERE);
            fs::remove_file(cage.place.path("new")).unwrap();
        }
        // Encrypted it is to be read by nobody, and neither is what it was encrypted with.
        let convert = format!(
            "key convert --private {file} -o new --to pkcs8 --out-passphrase-file password"
        );
        cage.ends(cage.jwe(&convert), 0, &NOWHERE);
        cage.ends(cage.jwe("public new --passphrase-file password"), 0, &NOWHERE);
        cage.ends(
            cage.jwe("key convert --private --to jwk new --passphrase-file password -o again"),
            0,
            &["again"],
        );
        cage.ends(cage.jwe("public new --passphrase-file right"), 1, &NOWHERE);
        cage.ends(cage.jwe("public new"), 1, &NOWHERE);
        for name in ["new", "again"] {
            fs::remove_file(cage.place.path(name)).unwrap();
        }
    }
    for command in ["public", "thumbprint", "key convert --to jwk", "encrypt --key"] {
        // The wrong passphrase for a key of somebody else, and none at all.
        for option in ["--passphrase-file password", ""] {
            cage.ends(cage.jwe(&format!("{command} encrypted.pem {option}")), 1, &NOWHERE);
        }
    }
}

/// Key files of every format that are broken, with a canary where the private part is.
fn broken_keys(cage: &Cage) -> Vec<String> {
    let rsa = |members: Value| with(private_jwk(), &members).to_string();
    let ec = |d: Value| {
        let x = "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ";
        let y = "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck";
        json!({ "kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "kid": "e", "x": x, "y": y, "d": d })
            .to_string()
    };
    let oct = |k: Value| json!({ "kty": "oct", "kid": "k", "alg": "A256KW", "k": k }).to_string();
    let encoded = base64url::encode(BROKEN.repeat(3));
    let whole = rsa(json!({ "d": encoded }));
    let pem = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let mut der = cage.place.read("pkcs8.der");
    let middle = der.len() / 2;
    der[middle..middle + BROKEN.len()].copy_from_slice(BROKEN.as_bytes());
    let standard = base64url::encode(&der).replace('-', "+").replace('_', "/");
    let lines = |text: &str| {
        let lines: Vec<String> = text
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        lines.join("\n")
    };
    let standard = lines(&format!("{standard}{}", "=".repeat((4 - standard.len() % 4) % 4)));
    let mut contents: Vec<Vec<u8>> = [
        whole.clone(),
        whole[..whole.find(&encoded).unwrap() + 20].to_owned(),
        rsa(json!({ "d": BROKEN })),
        rsa(json!({ "d": 7, "p": encoded })),
        rsa(json!({ "d": [BROKEN] })),
        rsa(json!({ "p": encoded, "q": encoded })),
        rsa(json!({ "qi": format!("{encoded}=") })),
        rsa(json!({ "oth": [{ "r": encoded, "d": encoded, "t": encoded }] })),
        rsa(json!({ "n": null, "d": encoded })),
        rsa(json!({ "kty": BROKEN, "d": encoded })),
        rsa(json!({ "d": encoded })).replacen('{', &format!("{{\"d\":\"{encoded}\","), 1),
        format!("\u{feff}{whole}"),
        format!("{whole}{whole}"),
        json!({ "keys": [{ "kty": "oct", "k": encoded, "alg": "HS256" }] }).to_string(),
        json!({ "keys": BROKEN }).to_string(),
        ec(json!(encoded)),
        ec(json!(base64url::encode(&KEY[..32]))),
        ec(json!({ "x": BROKEN })),
        oct(json!(BROKEN)),
        oct(json!(format!("{BROKEN} {BROKEN}"))),
        oct(json!(base64url::encode(BROKEN))),
        oct(json!([encoded])),
        pem("PRIVATE KEY", &standard),
        pem("RSA PRIVATE KEY", &standard),
        pem("EC PRIVATE KEY", &lines(&base64url::encode(BROKEN.repeat(9)))),
        pem("PRIVATE KEY", &lines(&base64url::encode(BROKEN.repeat(9)))),
        pem("PRIVATE KEY", BROKEN),
        pem("ENCRYPTED PRIVATE KEY", &lines(&base64url::encode(BROKEN.repeat(9)))),
        pem("OPENSSH PRIVATE KEY", &standard),
        pem("PRIVATE KEY", &standard).replace("-----END", "--END"),
        format!("-----BEGIN PRIVATE KEY-----\n{BROKEN}"),
        BROKEN.to_owned(),
    ]
    .map(String::into_bytes)
    .into_iter()
    .collect();
    contents.push(der[..middle + 40].to_vec());
    contents.push([&der[..4], BROKEN.as_bytes()].concat());
    contents.push([b"\x30\x82\xff\xff\x02\x01\x00".as_slice(), BROKEN.as_bytes()].concat());
    contents.push(der);
    let name = |(at, content): (usize, &Vec<u8>)| {
        let name = format!("broken-{at}");
        assert!(cage.has_any(content), "{at}: {}", String::from_utf8_lossy(content));
        cage.secret(&name, content);
        name
    };
    contents.iter().enumerate().map(name).collect()
}

#[test]
fn broken_keys_are_not_shown() {
    let cage = Cage::new();
    let token = cage.token("--key public.jwk");
    let document = json!({ "a": token }).to_string();
    let mut refused = 0;
    for file in broken_keys(&cage) {
        let content = cage.place.read(&file);
        for (command, input) in [
            ("encrypt --kid x --alg RSA-OAEP-256 --key", VALUE),
            ("encrypt --key", VALUE),
            ("decrypt --key", &token),
            ("decrypt --kid x --alg RSA-OAEP-256 --key", &token),
            ("decrypt --passphrase-file password --key", &token),
            ("fields decrypt --field /a --key", &document),
            ("thumbprint --json", ""),
            ("public", ""),
            ("key convert --to jwk --private -o new", ""),
            ("key convert --to pkcs8 --private -o new", ""),
            ("bench --seconds 0.1 --alg RSA-OAEP-256 --key", ""),
        ] {
            let jwe = cage.jwe(&format!("{command} {file}")).stdin(input);
            let (ended, found) = cage.run(jwe);
            let shown = String::from_utf8_lossy(&content);
            // A private part that nothing speaks against is taken, and then written where it is wanted.
            if ended.code == Some(0) && command.contains("--private") {
                assert!(found.is_empty() || found == ["new"], "{command} {shown}: {found:?}");
                fs::remove_file(cage.place.path("new")).unwrap();
            } else {
                assert!(found.is_empty(), "{command} {shown}: {found:?}: {}", ended.stderr);
                assert!(ended.code == Some(0) || ended.code == Some(1), "{command} {shown}");
            }
            refused += usize::from(ended.code == Some(1));
        }
        // The same from a pipe, and from a server.
        let piped = cage.jwe("thumbprint -").stdin(&content);
        let code =
            if cage.jwe(&format!("thumbprint {file}")).run().code == Some(0) { 0 } else { 1 };
        cage.ends(piped, code, &NOWHERE);
        let server = Server::of(content);
        let fetched = cage.jwe(&format!("encrypt --key {}", server.url("/publickey"))).stdin(VALUE);
        assert_eq!(cage.run(fetched).1, NOWHERE);
    }
    assert!(refused > 300, "{refused}");
}

#[test]
fn values_stand_in_what_is_decrypted() {
    let cage = Cage::new();
    let p2c = "--password-file password --p2c 1000";
    for (encrypt, decrypt) in [
        ("--key public.jwk", "--key private.jwk"),
        ("--key kw.jwk", "--key kw.jwk"),
        ("--key dir.jwk", "--key dir.jwk"),
        ("--key dir.jwk --zip", "--key dir.jwk --zip"),
        (p2c, "--password-file password --allow-pbes2"),
        ("--key public.jwk --serialization general", "--key private.jwk --serialization general"),
    ] {
        cage.ends(cage.jwe(&format!("encrypt {encrypt}")).stdin(VALUE), 0, &NOWHERE);
        cage.ends(cage.jwe(&format!("encrypt {encrypt} -o token")).stdin(VALUE), 0, &NOWHERE);
        cage.ends(cage.jwe(&format!("decrypt {decrypt} token")), 0, &STDOUT);
        cage.ends(cage.jwe(&format!("decrypt {decrypt} token -o clear")), 0, &["clear"]);
        for command in ["inspect", "inspect --json", "convert --to general"] {
            cage.ends(cage.jwe(&format!("{command} token")), 0, &NOWHERE);
        }
        fs::remove_file(cage.place.path("clear")).unwrap();
        // Where it can't be written.
        cage.ends(cage.jwe(&format!("decrypt {decrypt} token -o nowhere/clear")), 1, &NOWHERE);
        if cfg!(target_os = "linux") {
            let full = Path::new("/dev/full");
            cage.ends(cage.jwe(&format!("decrypt {decrypt} token")).stdout_to(full), 1, &NOWHERE);
            cage.ends(cage.jwe(&format!("decrypt {decrypt} token -o /dev/full")), 1, &NOWHERE);
            let closed = cage.jwe(&format!("decrypt {decrypt} token")).after("exec >&-");
            assert_eq!(cage.run(closed).1, NOWHERE);
        }
    }
    // Whoever reads goes away.
    cage.ends(
        cage.jwe("encrypt --key public.jwk -o token").stdin(VALUE.repeat(50_000)),
        0,
        &NOWHERE,
    );
    #[cfg(unix)]
    goes_away(&cage);
}

/// `decrypt` into a pipe that nobody reads from any more.
#[cfg(unix)]
fn goes_away(cage: &Cage) {
    use std::process::Stdio;

    let mut command = cage.jwe("decrypt --key private.jwk token").command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.env("RUST_BACKTRACE", "full").spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!cage.has_any(&output.stderr), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn bad_tokens_show_nothing() {
    let cage = Cage::new();
    let token = cage.token("--key dir.jwk");
    let parts: Vec<&str> = token.split('.').collect();
    let replaced = |at: usize, part: &str| {
        let mut parts = parts.clone();
        parts[at] = part;
        parts.join(".")
    };
    let header = |text: &str| replaced(0, &base64url::encode(text));
    let zip = cage.jwe("encrypt --key dir.jwk --zip").stdin(VALUE.repeat(1000)).run().ok_text();
    for (token, options) in [
        (VALUE.to_owned(), ""),
        (VALUE.repeat(1_000_000), ""),
        ([VALUE; 5].join("."), ""),
        (replaced(4, VALUE), ""),
        (replaced(3, &base64url::encode(VALUE)), ""),
        (replaced(1, &base64url::encode(VALUE)), ""),
        (header(VALUE), ""),
        (header(&format!("{{\"alg\":\"{VALUE}\",\"enc\":\"A256GCM\"}}")), ""),
        (header(&format!("{{\"alg\":\"dir\",\"enc\":\"{VALUE}\"}}")), ""),
        (header(&format!("{{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"kid\":\"{VALUE}\"}}")), ""),
        (header(&format!("{{\"alg\":\"dir\",\"{VALUE}\":1,\"{VALUE}\":2}}")), ""),
        (json!({ "ciphertext": VALUE, "tag": VALUE }).to_string(), "--serialization flattened"),
        (format!("{{\"ciphertext\":\"{VALUE}"), "--serialization flattened"),
        (token[..token.len() - 4].to_owned(), ""),
        (zip, "--zip --limit-inflated 1000"),
        (token.clone(), "--limit-token 20"),
        (token.clone(), "--enc A128GCM"),
    ] {
        cage.ends(cage.jwe(&format!("decrypt --key dir.jwk {options}")).stdin(&token), 1, &NOWHERE);
        // What can be converted is what it was before.
        let (_, found) = cage.run(cage.jwe("convert --to general").stdin(&token));
        assert!(found.is_empty() || found == STDOUT, "{found:?}");
    }
    // Another key, and another password.
    cage.ends(cage.jwe("decrypt --key kw.jwk").stdin(&token), 1, &NOWHERE);
    cage.ends(
        cage.jwe("decrypt --key kw.jwk --ignore-key-usage --alg dir").stdin(&token),
        0,
        &STDOUT,
    );
    let token = cage.token("--password-file right --p2c 1000");
    let decrypt = cage.jwe("decrypt --password-file password --allow-pbes2").stdin(&token);
    cage.ends(decrypt, 1, &NOWHERE);
    // What is too long to be read at all.
    cage.ends(cage.jwe("encrypt --key dir.jwk --limit-input 5").stdin(VALUE), 1, &NOWHERE);
}

#[test]
fn documents_show_nothing_of_their_values() {
    let cage = Cage::new();
    let good = json!({ "a": VALUE, "b": [VALUE] }).to_string();
    let fields = |direction: &str, options: &str, document: &str| {
        cage.jwe(&format!("fields {direction} --key dir.jwk {options}")).stdin(document)
    };
    let both = "--field /a --field /b/0";
    let encrypted = fields("encrypt", both, &good).run().ok_text();
    cage.ends(fields("encrypt", both, &good), 0, &NOWHERE);
    cage.ends(fields("encrypt", &format!("{both} -o out.json"), &good), 0, &NOWHERE);
    // What was not selected is clear.
    cage.ends(fields("encrypt", "--field /a", &good), 0, &STDOUT);
    cage.ends(fields("decrypt", both, &encrypted), 0, &STDOUT);
    cage.ends(fields("decrypt", &format!("{both} -o out.json"), &encrypted), 0, &["out.json"]);
    cage.ends(fields("decrypt", &format!("{both} -o nowhere/out"), &encrypted), 1, &NOWHERE);
    if cfg!(target_os = "linux") {
        let full = fields("decrypt", both, &encrypted).stdout_to(Path::new("/dev/full"));
        cage.ends(full, 1, &NOWHERE);
    }
    for document in [
        format!("{{\"a\":\"{VALUE}\",}}"),
        format!("{{\"a\":\"{VALUE}\""),
        format!("{{\"a\":\"{VALUE}"),
        format!("{{\"a\":{VALUE}}}"),
        format!("\u{feff}{{\"a\":\"{VALUE}\"}}"),
        format!("{{\"a\":\"{VALUE}\\ud800\"}}"),
        format!("{{\"a\":\"{VALUE}\",\"a\":\"{VALUE}\"}}"),
        format!("{{\"a\":[\"{VALUE}\"]}}"),
        format!("{{\"a\":{{\"{VALUE}\":\"{VALUE}\"}}}}"),
        format!("{{\"b\":\"{VALUE}\"}}"),
        format!("{{\"a\":\"{VALUE}\",\"d\":{}{}}}", "[".repeat(500), "]".repeat(500)),
        format!("\"{VALUE}\""),
        VALUE.to_owned(),
    ] {
        cage.ends(fields("encrypt", "--field /a", &document), 1, &NOWHERE);
        cage.ends(fields("decrypt", "--field /a", &document), 1, &NOWHERE);
    }
    // A second field that fails takes nothing of the first along.
    let half = json!({ "a": serde_json::from_str::<Value>(&encrypted).unwrap()["a"], "c": VALUE });
    let half = half.to_string();
    cage.ends(fields("decrypt", "--field /a --field /c", &half), 1, &NOWHERE);
    cage.ends(fields("decrypt", "--field /a --field /d", &half), 1, &NOWHERE);
    // What comes out, and is then not what it should be.
    for plaintext in [
        VALUE.as_bytes().to_vec(),
        format!("{{\"x\":\"{VALUE}\"").into_bytes(),
        [VALUE.as_bytes(), b"\xff"].concat(),
        format!("\"{VALUE}\" \"{VALUE}\"").into_bytes(),
        format!("{}\"{VALUE}\"{}", "[".repeat(500), "]".repeat(500)).into_bytes(),
    ] {
        let token = cage.jwe("encrypt --key dir.jwk").stdin(&plaintext).run().ok_text();
        let document = json!({ "a": token.trim_end() }).to_string();
        cage.ends(fields("decrypt", "--field /a --encoding json", &document), 1, &NOWHERE);
    }
    let token = cage.jwe("encrypt --key dir.jwk").stdin([VALUE.as_bytes(), b"\xff"].concat());
    let document = json!({ "a": token.run().ok_text().trim_end() }).to_string();
    cage.ends(fields("decrypt", "--field /a", &document), 1, &NOWHERE);
}

/// Records of which every fifth is refused.
fn records(kind: Kind, count: usize, value: &str) -> Vec<u8> {
    let bad = if kind == Kind::Csv {
        format!("7,{VALUE},{VALUE}")
    } else {
        format!("{{\"b\":\"{VALUE}\"}}")
    };
    let record = |id: usize| if id % 5 == 3 { bad.clone() } else { kind.record(id, value) };
    kind.text(&(0..count).map(record).collect::<Vec<_>>())
}

#[test]
fn streams_show_nothing_of_their_records() {
    for kind in Kind::ALL {
        let cage = Cage::new();
        let options = format!("--key dir.jwk --threads 2 --progress {}", kind.options());
        let good: Vec<String> = (0..50).map(|id| kind.record(id, VALUE)).collect();
        cage.place.write("good", kind.text(&good));
        let encrypt = |more: &str| cage.jwe(&format!("fields encrypt {options} {more}"));
        let decrypt = |more: &str| cage.jwe(&format!("fields decrypt {options} {more}"));
        cage.ends(encrypt("good -o encrypted"), 0, &NOWHERE);
        cage.ends(encrypt("good -o again --checkpoint checkpoint"), 0, &NOWHERE);
        cage.ends(decrypt("encrypted -o clear"), 0, &["clear"]);
        cage.ends(decrypt("encrypted"), 0, &STDOUT);

        // Records that are refused are kept, for whoever mends them, and in no other place.
        cage.place.write("bad", records(kind, 50, VALUE));
        cage.ends(encrypt("bad -o some --rejects rejects"), 3, &["rejects"]);
        cage.ends(
            encrypt("bad -o some.2 --rejects rejects.2 --checkpoint checkpoint"),
            3,
            &["rejects.2"],
        );
        cage.ends(encrypt("bad -o some.3"), 1, &NOWHERE);
        cage.ends(encrypt("bad"), 1, &NOWHERE);
        cage.ends(decrypt("bad -o some.4"), 1, &NOWHERE);
        cage.ends(encrypt("bad -o some.5 --rejects nowhere/rejects"), 1, &NOWHERE);

        // Values that do not open, beside others that do.
        let token = cage.token("--key dir.jwk");
        let changed = token.replacen('.', ".A", 1);
        let other = [kind.record(1, &token), kind.record(2, &changed), kind.record(3, &token)];
        cage.place.write("changed", kind.text(&other));
        cage.ends(decrypt("changed -o opened --rejects rejects.3"), 3, &["opened"]);
        if kind != Kind::Csv {
            // What is decrypted and is then no JSON.
            let record = kind.text(&[kind.record(1, &token)]);
            cage.ends(decrypt("--encoding json").stdin(record), 1, &NOWHERE);
        }
    }
}

/// Runs that are interrupted by a full disk leave values in the output only, and go on.
#[cfg(target_os = "linux")]
#[test]
fn interrupted_streams_show_nothing_of_their_records() {
    for kind in Kind::ALL {
        let cage = Cage::new();
        let value = VALUE.repeat(20);
        cage.place.write("in", records(kind, 3000, &value));
        let options = format!("--key dir.jwk {} --progress", kind.options());
        let encrypt = format!(
            "fields encrypt {options} in -o encrypted --rejects rejects --checkpoint checkpoint"
        );
        let full = |jwe: Jwe| jwe.after("trap '' XFSZ && ulimit -f 900");
        cage.ends(full(cage.jwe(&encrypt)), 1, &["rejects.partial"]);
        assert!(cage.place.exists("checkpoint") && cage.place.exists("encrypted.partial"));
        // With other settings it does not go on, and says which without their secrets.
        let other = encrypt.replace("dir.jwk", "kw.jwk");
        cage.ends(cage.jwe(&other), 1, &NOWHERE);
        cage.ends(cage.jwe(&encrypt), 3, &["rejects"]);

        let decrypt =
            format!("fields decrypt {options} encrypted -o clear --checkpoint checkpoint");
        cage.ends(full(cage.jwe(&decrypt)), 1, &["clear.partial"]);
        assert!(cage.place.exists("checkpoint"));
        cage.ends(cage.jwe(&decrypt), 0, &["clear"]);
        let device = cage.jwe(&format!("fields decrypt {options} encrypted -o /dev/full"));
        cage.ends(device, 1, &NOWHERE);
        let device = cage.jwe(&format!("fields encrypt {options} in --rejects /dev/full"));
        cage.ends(device, 1, &NOWHERE);
    }
}

#[test]
fn what_needs_no_secret_shows_none() {
    let cage = Cage::new();
    for command in [
        "backends",
        "backends --json",
        "completions bash",
        "completions zsh",
        "man",
        "help",
        "--version",
        "decrypt --help",
    ] {
        cage.ends(cage.jwe(command).stdin(VALUE), 0, &NOWHERE);
    }
    for key in ["private.jwk", "pkcs8.pem --alg RSA-OAEP-256", "kw.jwk"] {
        let bench = format!("bench --seconds 0.2 --size 16 --svg chart.svg --key {key}");
        cage.ends(cage.jwe(&format!("{bench} --json")), 0, &NOWHERE);
        cage.ends(cage.jwe(&bench), 0, &NOWHERE);
    }
    cage.ends(
        cage.jwe("bench --seconds 0.2 --key encrypted.pem --passphrase-file password"),
        1,
        &NOWHERE,
    );
    // Called wrongly.
    for command in ["decrypt --key dir.jwk --enc x", "fields decrypt --key dir.jwk", "keygen"] {
        cage.ends(cage.jwe(command).stdin(VALUE), 2, &NOWHERE);
    }
}
