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

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use jwe::{
    Alg, Backend, Compact, DecryptError, Decrypter, Direction, Enc, Encrypter, FlattenedJson,
    GeneralJson, Jwk, Limits, Message, MessageEncrypter, Serialization, SharedCekMemory,
};
use jwe_tests::capability::backends;
use jwe_tests::skip::{say, skipped};
use jwe_tests::{base64url, keys};
use serde_json::{Value, json};

/// A way to encrypt, with the key for it.
struct Case {
    alg: Alg,
    enc: Enc,
    serialization: &'static str,
    value: &'static str,
    plaintext: Vec<u8>,
    jwk: Jwk,
}

impl Case {
    fn id(&self) -> String {
        let curve = self.jwk.curve().map_or(String::new(), |curve| format!("/{curve}"));
        format!("{}{curve}/{}/{}/{}", self.alg, self.enc, self.serialization, self.value)
    }

    /// The job of a peer that reads `token`, or that writes one.
    fn job(&self, id: &str, token: Option<&str>) -> Value {
        let public = self.jwk.to_public();
        let jwk = match (token, &public) {
            (None, Some(public)) => public.to_json(),
            _ => self.jwk.to_json(),
        };
        json!({
            "id": id,
            "alg": self.alg.name(),
            "enc": self.enc.name(),
            "serialization": self.serialization,
            "jwk": serde_json::from_str::<Value>(&jwk).unwrap(),
            "plaintext": base64url::encode(&self.plaintext),
            "aad": base64url::encode(self.aad()),
            "zip": self.zip(),
            "token": token,
        })
    }

    /// Additional authenticated data, which only the case of that name has.
    fn aad(&self) -> &'static [u8] {
        if self.value == "aad" { "für alle: \"{}\"".as_bytes() } else { b"" }
    }

    fn zip(&self) -> bool {
        self.value == "zip"
    }

    /// Whether a token of ours shares its CEK with another one.
    fn is_shared(&self) -> bool {
        self.value == "shared"
    }

    /// A token of ours in the serialization of the case.
    fn encrypt(&self, backend: &'static Backend) -> String {
        let sender = keys::sender(backend, &self.jwk, self.alg);
        if self.serialization == "compact" {
            let mut builder =
                Encrypter::builder(backend, &sender, self.enc).with_iterations(ITERATIONS);
            if self.zip() {
                builder = builder.compress();
            }
            let encrypter = builder.build().unwrap();
            if self.is_shared() {
                return second_of_a_document(&encrypter, &self.plaintext);
            }
            return encrypter.encrypt(&self.plaintext).unwrap();
        }
        let serialization: &dyn Serialization =
            if self.serialization == "general" { &GeneralJson } else { &FlattenedJson };
        MessageEncrypter::builder(backend, self.enc)
            .with_recipient(&sender)
            .with_iterations(ITERATIONS)
            .build()
            .unwrap()
            .encrypt(serialization, &self.plaintext, self.aad())
            .unwrap()
    }

    /// Reads a token of a peer; the reason names the backend and the token.
    fn decrypt(&self, backend: &'static Backend, token: &str) -> Result<Vec<u8>, String> {
        let recipient = keys::recipient(backend, &self.jwk, self.alg);
        let decrypter = Decrypter::new(backend, [recipient], &[self.enc])
            .unwrap()
            .require_kid()
            .allow_pbes2(MAX_ITERATIONS)
            .allow_zip(self.plaintext.len());
        let message = match self.serialization {
            "compact" => Compact.parse(token, &Limits::default()),
            _ => Message::parse(token, &Limits::default()),
        };
        message
            .map_err(DecryptError::from)
            .and_then(|message| {
                assert_eq!(message.aad().is_some(), !self.aad().is_empty(), "{token}");
                let header = decrypter.begin_message(message.clone())?.header()?;
                assert_eq!(header.zip().is_some(), self.zip(), "{token}");
                decrypter.decrypt_message(message)
            })
            .map(|opened| opened.to_vec())
            .map_err(|error| format!("{} on {backend}: {error}: {token}", self.id()))
    }
}

/// The second of two tokens that share a CEK. For whoever reads it, it is a token like any other.
fn second_of_a_document(encrypter: &Encrypter, plaintext: &[u8]) -> String {
    let mut memory = SharedCekMemory::default();
    let mut document = encrypter.share_cek(&mut memory, 2).unwrap();
    let [mut first, mut second] = [Vec::new(), Vec::new()];
    document.encrypt_into(b"another value", &mut first).unwrap();
    document.encrypt_into(plaintext, &mut second).unwrap();
    let [first, second] = [first, second].map(|token| String::from_utf8(token).unwrap());
    let encrypted_key = |token: &str| token.split('.').nth(1).unwrap().to_owned();
    assert_eq!(encrypted_key(&first), encrypted_key(&second));
    second
}

/// Iterations of our tokens for a password, and the most that those of peers have.
const ITERATIONS: u32 = 2000;
const MAX_ITERATIONS: u32 = 100_000;

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

/// The scheme of a public key and single values with every kind of value; then every algorithm,
/// every content encryption and every serialization with one.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for enc in [Enc::A256Gcm, Enc::A256CbcHs512] {
        for (value, plaintext) in values() {
            cases.push(Case {
                alg: Alg::RsaOaep256,
                enc,
                serialization: "compact",
                value,
                plaintext,
                jwk: keys::rsa(2048),
            });
        }
    }
    let (value, plaintext) = values().swap_remove(2);
    let mut add = |alg, enc, serialization, jwk: &Jwk| {
        let (plaintext, jwk) = (plaintext.clone(), jwk.clone());
        cases.push(Case { alg, enc, serialization, value, plaintext, jwk });
    };
    for alg in Alg::ALL.iter().copied() {
        for jwk in keys::of_every_kind(alg, Enc::A256Gcm) {
            for serialization in ["compact", "flattened", "general"] {
                if (alg, serialization) != (Alg::RsaOaep256, "compact") {
                    add(alg, Enc::A256Gcm, serialization, &jwk);
                }
            }
        }
    }
    for enc in Enc::ALL.iter().copied().filter(|enc| *enc != Enc::A256Gcm) {
        for alg in [Alg::Dir, Alg::A256Kw, Alg::EcdhEs] {
            for jwk in keys::of_every_kind(alg, enc).into_iter().take(1) {
                add(alg, enc, "compact", &jwk);
            }
        }
    }
    let first = |alg| keys::of_every_kind(alg, Enc::A256Gcm).into_iter().next().unwrap();
    for alg in [Alg::RsaOaep256, Alg::A256Kw, Alg::A256GcmKw, Alg::EcdhEsA256Kw] {
        for enc in [Enc::A256Gcm, Enc::A128CbcHs256] {
            cases.push(Case {
                alg,
                enc,
                serialization: "compact",
                value: "shared",
                plaintext: "Zoë".into(),
                jwk: first(alg),
            });
        }
    }
    for (value, serialization) in [("aad", "flattened"), ("aad", "general"), ("zip", "compact")] {
        cases.push(Case {
            alg: Alg::A256Kw,
            enc: Enc::A256Gcm,
            serialization,
            value,
            plaintext: b"once more, ".repeat(1000),
            jwk: keys::oct(32),
        });
    }
    cases
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

/// The command `jose` as it is on this machine, or as Debian packages it, unpacked into a folder.
fn debian() -> Result<Place, Missing> {
    run(Command::new("python3").arg("--version"))?;
    let folder = prepare("debian-peer", "latchset_jose.py", |folder| {
        if run(Command::new("jose").arg("alg")).is_ok() {
            return Ok(());
        }
        let download = || {
            let mut apt = Command::new("apt-get");
            run(apt.current_dir(folder).args(["download", "jose", "libjose0", "libjansson4"]))
        };
        // A machine that is new knows no packages yet.
        if download().is_err() {
            run(Command::new("apt-get").arg("update"))?;
            download()?;
        }
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                run(Command::new("dpkg").current_dir(folder).arg("-x").arg(&path).arg("packages"))?;
            }
        }
        Ok(())
    })?;
    Ok(Place { packages: folder.join("packages"), folder, program: "python3" })
}

impl Place {
    /// The folder of the shared libraries of an unpacked Debian package.
    fn libraries(&self) -> PathBuf {
        let libraries = self.packages.join("usr/lib");
        let of_machine =
            |entry: &fs::DirEntry| entry.file_name().to_string_lossy().ends_with("-gnu");
        fs::read_dir(&libraries)
            .ok()
            .and_then(|entries| entries.filter_map(Result::ok).find(of_machine))
            .map_or(libraries, |entry| entry.path())
    }

    /// The folders of programs, that of an unpacked package first.
    fn path(&self) -> OsString {
        let own = self.packages.join("usr/bin");
        let others = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&others))).unwrap()
    }

    /// Has a peer do jobs and returns the lines that it prints.
    fn ask(&self, script: &str, action: &str, jobs: &[Value]) -> Vec<String> {
        let file = self.folder.join(format!("{script}-{action}.json"));
        fs::write(&file, Value::from(jobs.to_vec()).to_string()).unwrap();
        let mut command = Command::new(self.program);
        command
            .current_dir(&self.folder)
            .env("PYTHONPATH", &self.packages)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LD_LIBRARY_PATH", self.libraries())
            .env("PATH", self.path())
            .arg(script)
            .arg(action)
            .arg(&file);
        let printed = run(&mut command).unwrap_or_else(|error| panic!("{error}"));
        let lines: Vec<String> = printed.lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), jobs.len(), "{script} did not answer each job: {printed}");
        lines
    }
}

/// A peer: its script, and what it can't do. Both directions are pinned, so that what a peer learns
/// is taken out here.
struct Peer {
    script: &'static str,
    /// Whether it has the algorithm, the key and the serialization at all.
    has: fn(&Case) -> bool,
    /// Of those that it has, which it can't read.
    cannot_read: fn(&Case) -> bool,
    /// Of those that it has, which it can't write.
    cannot_write: fn(&Case) -> bool,
}

const NEVER: fn(&Case) -> bool = |_| false;

/// Every case with every backend that encrypts it as the sender.
fn reads_ours(place: &Place, peer: &Peer, cases: &[Case]) {
    let mut jobs = Vec::new();
    let mut outcomes = Vec::new();
    for case in cases.iter().filter(|case| (peer.has)(case)) {
        for backend in backends().iter().copied() {
            if backend.content_encryption(case.enc, Direction::Encrypt).is_err()
                || backend.encryption_key_import(case.alg, case.jwk.curve()).is_err()
            {
                continue;
            }
            let id = format!("{backend}/{}", case.id());
            jobs.push(case.job(&id, Some(&case.encrypt(backend))));
            outcomes.push((id, (peer.cannot_read)(case)));
        }
    }
    let (mut read, mut beyond) = (0, 0);
    let mut surprises = Vec::new();
    for ((id, limited), line) in outcomes.iter().zip(place.ask(peer.script, "decrypt", &jobs)) {
        match (limited, line == format!("ok {id}")) {
            (false, true) => read += 1,
            (true, false) => beyond += 1,
            _ => surprises.push(line),
        }
    }
    say(format_args!(
        "{} read {read} of our {} tokens; {beyond} are beyond it",
        peer.script,
        jobs.len()
    ));
    assert!(surprises.is_empty(), "{}:\n{}", peer.script, surprises.join("\n"));
    assert!(read > 0, "{}", peer.script);
}

/// Every case from the peer to every backend that decrypts it.
fn is_read_by_us(place: &Place, peer: &Peer, cases: &[Case]) {
    let cases: Vec<&Case> = cases.iter().filter(|case| (peer.has)(case)).collect();
    let jobs: Vec<Value> = cases.iter().map(|case| case.job(&case.id(), None)).collect();
    let (mut read, mut beyond) = (0, 0);
    let mut surprises = Vec::new();
    for (case, line) in cases.iter().zip(place.ask(peer.script, "encrypt", &jobs)) {
        let (id, token) = line.split_once(' ').unwrap();
        match ((peer.cannot_write)(case), id != "FAIL") {
            (true, false) => beyond += 1,
            (false, true) => {
                assert_eq!(id, case.id());
                for backend in backends().iter().copied() {
                    if backend.content_encryption(case.enc, Direction::Decrypt).is_ok()
                        && backend.decryption_key_import(case.alg, case.jwk.curve()).is_ok()
                    {
                        match case.decrypt(backend, token) {
                            Ok(opened) => {
                                assert_eq!(opened, case.plaintext, "{line}");
                                read += 1;
                            }
                            Err(error) => surprises.push(error),
                        }
                    }
                }
            }
            _ => surprises.push(line),
        }
    }
    say(format_args!(
        "{read} readings of tokens of {}; {beyond} of {} it can't write",
        peer.script,
        cases.len()
    ));
    assert!(surprises.is_empty(), "{}:\n{}", peer.script, surprises.join("\n"));
    assert!(read > 0, "{}", peer.script);
}

/// The place, or its absence said and `None`. Peers that any machine can install may be required.
fn place_or_skip(place: Result<Place, Missing>) -> Option<Place> {
    place
        .inspect_err(|missing| {
            let required = std::env::var_os("JWE_REQUIRE_PEERS").is_some_and(|value| value == "1");
            assert!(!required, "JWE_REQUIRE_PEERS is set and peers can't be run: {missing}");
            skipped(missing);
        })
        .ok()
}

fn exchange(place: Option<Place>, peers: &[Peer]) {
    let Some(place) = place else { return };
    let cases = cases();
    for peer in peers {
        reads_ours(&place, peer, &cases);
        is_read_by_us(&place, peer, &cases);
    }
}

fn is_long_rsa(case: &Case) -> bool {
    matches!(case.alg, Alg::RsaOaep384 | Alg::RsaOaep512)
}

#[test]
fn peers_on_node() {
    exchange(
        place_or_skip(npm()),
        &[
            Peer { script: "panva.mjs", has: |_| true, cannot_read: NEVER, cannot_write: NEVER },
            Peer {
                script: "node-jose.mjs",
                // It agrees on no CEK of 48 or 64 bytes.
                has: |case| {
                    let long = case.alg == Alg::EcdhEs && case.enc.cek_len() > 32;
                    !is_long_rsa(case) && case.jwk.kty() != "OKP" && !long
                },
                cannot_read: NEVER,
                // It takes A256GCM for each key of that length.
                cannot_write: |case| {
                    (case.alg, case.enc) == (Alg::Dir, Enc::A128CbcHs256) || case.value == "aad"
                },
            },
            Peer {
                script: "js-jose.mjs",
                has: |case| case.alg == Alg::RsaOaep256 && case.serialization == "compact",
                cannot_read: NEVER,
                cannot_write: NEVER,
            },
        ],
    );
}

#[test]
fn peers_in_python() {
    exchange(
        place_or_skip(pypi()),
        &[
            Peer {
                script: "peer_jwcrypto.py",
                has: |case| !is_long_rsa(case),
                // jwcrypto 1.6 takes an empty plaintext for none at all.
                cannot_read: |case| case.value == "empty",
                // Its general form is for several recipients.
                cannot_write: |case| {
                    matches!(case.alg, Alg::Dir | Alg::EcdhEs) && case.serialization == "general"
                },
            },
            Peer {
                script: "peer_joserfc.py",
                has: |case| !is_long_rsa(case),
                cannot_read: NEVER,
                cannot_write: NEVER,
            },
        ],
    );
}

/// The command of that name, which Debian packages. It is skipped on other systems even where
/// peers are required.
#[test]
fn peer_of_debian() {
    let place = debian().inspect_err(|missing| skipped(missing)).ok();
    exchange(
        place,
        &[Peer {
            script: "latchset_jose.py",
            // Additional authenticated data is not authenticated as RFC 7516 §5.1 has it.
            has: |case| !matches!(case.jwk.kty(), "RSA" | "OKP") && case.value != "aad",
            cannot_read: NEVER,
            cannot_write: Case::zip,
        }],
    );
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
