//! Other implementations of JWE, installed and run: they read the tokens of every backend, and
//! every backend that decrypts reads theirs.
//!
//! Node.js with npm, or Python 3 with pip, and a network are needed. Where one is missing the
//! reason is printed and the test passes, unless `JWE_REQUIRE_PEERS=1` is set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use jwe::{Alg, Decrypter, Enc, Encrypter, Jwk};
use jwe_tests::capability::{backends, rsa_recipients};
use jwe_tests::skip::{say, skipped};
use jwe_tests::{base64url, keys};
use serde_json::{Value, json};

const ENCS: [Enc; 2] = [Enc::A256Gcm, Enc::A256CbcHs512];

/// The values that go to and fro.
fn values() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("empty", Vec::new()),
        ("short", b"s3cret".to_vec()),
        (
            "utf8",
            "Zoë Müller \u{2013} 日本語 \u{1f510}👩\u{200d}👩\u{200d}👧 \u{7ff}\u{800}\u{10ffff}"
                .into(),
        ),
        ("100k", "0123456789abcdef".repeat(100 * 1024 / 16).into_bytes()),
    ]
}

/// Where peers run, and how.
struct Place {
    folder: PathBuf,
    program: &'static str,
    // The folder with the installed packages.
    packages: PathBuf,
}

/// A reason why peers can't be run here.
type Missing = String;

/// Runs a command to its end; the reason is what it wrote about errors.
fn run(command: &mut Command) -> Result<String, Missing> {
    let shown = format!("{command:?}");
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).expect("UTF-8"));
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let says: Vec<&str> =
        text.lines().filter(|line| line.to_lowercase().contains("error")).take(3).collect();
    Err(format!("{shown}: {}: {}", output.status, says.join(" / ")))
}

/// The folder with the scripts and the lists of packages.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// How often an installation is tried. A registry that does not answer may do so a moment later.
const ATTEMPTS: u32 = 3;

/// Runs a command again after it has failed, `ATTEMPTS` times in all.
fn run_stubbornly(command: &mut Command) -> Result<(), Missing> {
    let mut outcome = run(command);
    for attempt in 1..ATTEMPTS {
        let Err(missing) = &outcome else { break };
        say(format_args!("attempt {attempt} of {ATTEMPTS} failed: {missing}"));
        thread::sleep(Duration::from_secs(2));
        outcome = run(command);
    }
    outcome.map(drop)
}

/// Copies the scripts to a folder of their own and installs into it, unless that was done before
/// for the same list of packages.
fn prepare(
    name: &str,
    list: &str,
    install: impl FnOnce(&Path) -> Result<(), Missing>,
) -> Result<PathBuf, Missing> {
    let sources = sources();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(&sources).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    let done = folder.join("installed");
    let wanted = fs::read(sources.join(list)).unwrap();
    if fs::read(&done).ok().as_ref() != Some(&wanted) {
        install(&folder)?;
        fs::write(&done, wanted).unwrap();
    }
    Ok(folder)
}

fn npm() -> Result<Place, Missing> {
    run(Command::new("node").arg("--version"))?;
    run(Command::new("npm").arg("--version"))?;
    let folder = prepare("npm-peers", "package-lock.json", |folder| {
        let mut npm = Command::new("npm");
        npm.current_dir(folder).args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
            "--fetch-timeout=30000",
        ]);
        run_stubbornly(&mut npm)
    })?;
    Ok(Place { packages: folder.join("node_modules"), folder, program: "node" })
}

fn pypi() -> Result<Place, Missing> {
    run(Command::new("python3").args(["-m", "pip", "--version"]))?;
    let folder = prepare("pypi-peers", "requirements.txt", |folder| {
        // pip leaves there what an older list had installed.
        let _ = fs::remove_dir_all(folder.join("packages"));
        let mut pip = Command::new("python3");
        pip.current_dir(folder).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary=:all:",
            "--require-hashes",
            "--retries=1",
            "--timeout=30",
            "--upgrade",
            "--target=packages",
            "--requirement=requirements.txt",
        ]);
        run_stubbornly(&mut pip)
    })?;
    Ok(Place { packages: folder.join("packages"), folder, program: "python3" })
}

impl Place {
    /// Has a peer do jobs and returns the lines that it prints.
    fn ask(&self, script: &str, action: &str, jobs: &[Value]) -> Vec<String> {
        let file = self.folder.join(format!("{script}-{action}.json"));
        fs::write(&file, Value::from(jobs.to_vec()).to_string()).unwrap();
        let mut command = Command::new(self.program);
        command
            .current_dir(&self.folder)
            .env("PYTHONPATH", &self.packages)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(script)
            .arg(action)
            .arg(&file);
        let printed = run(&mut command).unwrap_or_else(|error| panic!("{error}"));
        let lines: Vec<String> = printed.lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), jobs.len(), "{script} did not answer each job: {printed}");
        lines
    }
}

/// The private key of both sides, which names no `alg` and has a `kid`.
fn key() -> (Jwk, Value) {
    let jwk = keys::rsa(2048);
    let json: Value = serde_json::from_str(&jwk.to_json()).unwrap();
    assert!(jwk.kid().is_some());
    (jwk, json)
}

/// One value with every backend as the sender: the peer must read all, but for the names of values
/// that it is known not to read.
fn reads_ours(place: &Place, script: &str, limits: &[&str]) {
    let (jwk, json) = key();
    let mut jobs = Vec::new();
    for backend in backends().iter().copied() {
        let sender = keys::sender(backend, &jwk, Alg::RsaOaep256);
        for enc in ENCS {
            let encrypter = Encrypter::new(backend, &sender, enc).unwrap();
            for (name, value) in values() {
                jobs.push(json!({
                    "id": format!("{backend}/{enc}/{name}"),
                    "jwk": json,
                    "token": encrypter.encrypt(&value).unwrap(),
                    "plaintext": base64url::encode(&value),
                }));
            }
        }
    }
    assert_eq!(jobs.len(), 3 * 2 * 4);
    let mut read = 0;
    for (job, line) in jobs.iter().zip(place.ask(script, "decrypt", &jobs)) {
        let id = job["id"].as_str().unwrap();
        let limited = limits.iter().any(|name| id.ends_with(&format!("/{name}")));
        if limited {
            // Pinned as well: once the peer reads it, the limit is to be taken out here.
            assert!(line.starts_with(&format!("FAIL {id} ")), "{script}: {line}");
        } else {
            assert_eq!(line, format!("ok {id}"), "{script}");
            read += 1;
        }
    }
    say(format_args!(
        "{script} read {read} of our {} tokens, beyond its limits: {limits:?}",
        jobs.len()
    ));
}

/// One value from the peer to every backend that decrypts with RSA.
fn is_read_by_us(place: &Place, script: &str) {
    let (jwk, _) = key();
    let public: Value = serde_json::from_str(&jwk.to_public().unwrap().to_json()).unwrap();
    let mut jobs = Vec::new();
    let mut plaintexts = BTreeMap::new();
    for enc in ENCS {
        for (name, value) in values() {
            let id = format!("{enc}/{name}");
            let plaintext = base64url::encode(&value);
            jobs.push(json!({"id": id, "jwk": public, "enc": enc.name(), "plaintext": plaintext}));
            plaintexts.insert(id, (enc, value));
        }
    }
    let mut read = 0;
    for line in place.ask(script, "encrypt", &jobs) {
        let (id, token) = line.split_once(' ').unwrap();
        assert_ne!(id, "FAIL", "{script}: {line}");
        let (enc, value) = plaintexts.get(id).unwrap();
        for backend in rsa_recipients() {
            let recipient = keys::recipient(backend, &jwk, Alg::RsaOaep256);
            let decrypter = Decrypter::new(backend, [recipient], &[*enc]).unwrap().require_kid();
            let opened = decrypter.decrypt(token).unwrap_or_else(|error| {
                panic!("{id} of {script} on {backend}: {error}");
            });
            assert_eq!(*opened, *value, "{id} of {script} on {backend}");
            read += 1;
        }
    }
    say(format_args!("{read} readings of tokens of {script}"));
    assert_eq!(read, 2 * 4 * rsa_recipients().len());
}

fn exchange(place: Result<Place, Missing>, peers: &[(&str, &[&str])]) {
    let place = match place {
        Ok(place) => place,
        Err(missing) => {
            let required = std::env::var_os("JWE_REQUIRE_PEERS").is_some_and(|value| value == "1");
            assert!(!required, "JWE_REQUIRE_PEERS is set and peers can't be run: {missing}");
            return skipped(missing);
        }
    };
    for (script, limits) in peers {
        reads_ours(&place, script, limits);
        is_read_by_us(&place, script);
    }
}

#[test]
fn peers_on_node() {
    exchange(npm(), &[("panva.mjs", &[]), ("node-jose.mjs", &[]), ("js-jose.mjs", &[])]);
}

#[test]
fn peers_in_python() {
    // jwcrypto 1.6 takes an empty plaintext for none at all.
    exchange(pypi(), &[("peer_jwcrypto.py", &["empty"]), ("peer_joserfc.py", &[])]);
}

/// Both lists have the version and the hash of every package, so that nothing else is installed
/// than what was looked at, whatever registry it comes from.
#[test]
fn packages_are_pinned_by_their_hashes() {
    let read = |name: &str| fs::read_to_string(sources().join(name)).unwrap();
    let (lock, requirements) = (read("package-lock.json"), read("requirements.txt"));
    assert!(![&lock, &requirements].iter().any(|list| list.contains("resolved")));

    let lock: Value = serde_json::from_str(&lock).unwrap();
    let packages = lock["packages"].as_object().unwrap();
    for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
        assert!(package["version"].is_string(), "{path}");
        assert!(package["integrity"].as_str().unwrap().starts_with("sha512-"), "{path}");
    }
    // npm's first entry is the list itself.
    assert_eq!(packages.len(), 1 + 14);

    let requirements = requirements.replace("\\\n", " ");
    let requirements: Vec<&str> =
        requirements.lines().filter(|line| !line.starts_with('#')).collect();
    for line in &requirements {
        let (package, hashes) = line.split_once(' ').unwrap();
        let (name, version) = package.split_once("==").unwrap();
        assert!(!name.is_empty() && !version.is_empty(), "{line}");
        let mut hashes = hashes.split_whitespace();
        assert!(hashes.clone().count() > 0, "{name}");
        assert!(hashes.all(|hash| hash.starts_with("--hash=sha256:")), "{name}");
    }
    assert_eq!(requirements.len(), 6);
}
