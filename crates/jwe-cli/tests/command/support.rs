//! Running the command in a folder of its own and judging how it ended.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) mod base64url;
pub(crate) mod records;
pub(crate) mod server;

/// Stands in values and keys, and must never stand in a message.
pub(crate) const CANARY: &str = "c4n4rY";
/// The thumbprint (RFC 7638) of the key in the files named `rsa-2048`, computed by Node.js.
pub(crate) const THUMBPRINT: &str = "nHyj2oUy1LNHMdOdf84ydPvOsYs0tcP5Z6q41R5or-8";

const PRIVATE_JWK: &str = include_str!("../data/rsa-2048.private.jwk");

/// The key files that stand in every [`Place`], with whether they are secret.
const FILES: &[(&str, &[u8], bool)] = &[
    ("private.jwk", PRIVATE_JWK.as_bytes(), true),
    ("pkcs8.pem", include_bytes!("../data/rsa-2048.pkcs8.pem"), true),
    ("pkcs1.pem", include_bytes!("../data/rsa-2048.pkcs1.pem"), true),
    ("pkcs8.der", include_bytes!("../data/rsa-2048.pkcs8.der"), true),
    ("pkcs1.der", include_bytes!("../data/rsa-2048.pkcs1.der"), true),
    ("encrypted.pem", include_bytes!("../data/rsa-2048.encrypted.pem"), true),
    ("spki.pem", include_bytes!("../data/rsa-2048.spki.pem"), false),
    ("pkcs1-public.pem", include_bytes!("../data/rsa-2048.pkcs1-public.pem"), false),
    ("spki.der", include_bytes!("../data/rsa-2048.spki.der"), false),
    ("pkcs1-public.der", include_bytes!("../data/rsa-2048.pkcs1-public.der"), false),
    ("other.pem", include_bytes!("../data/other-2048.pkcs8.pem"), true),
    ("short.pem", include_bytes!("../data/rsa-1024.pkcs8.pem"), true),
    ("ec.pem", include_bytes!("../data/ec-p256.pkcs8.pem"), true),
];

/// The private members of a JWK of type RSA.
pub(crate) const PRIVATE_MEMBERS: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

/// The private test key as JSON.
pub(crate) fn private_jwk() -> Value {
    serde_json::from_str(PRIVATE_JWK).unwrap()
}

/// Its public half.
pub(crate) fn public_jwk() -> Value {
    let mut jwk = private_jwk();
    for member in PRIVATE_MEMBERS {
        jwk.as_object_mut().unwrap().remove(member).unwrap();
    }
    jwk
}

/// A JWK with some members replaced, or removed by `null`.
pub(crate) fn with(mut jwk: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => jwk.as_object_mut().unwrap().remove(name),
            _ => jwk.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    jwk
}

/// A folder with the key files, in which commands run.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, content, secret) in FILES {
            place.write(name, content);
            if *secret {
                place.set_mode(name, 0o600);
            }
        }
        place.write("public.jwk", public_jwk().to_string());
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Writes a file that only its owner reads.
    pub(crate) fn write_secret(&self, name: &str, content: impl AsRef<[u8]>) {
        self.write(name, content);
        self.set_mode(name, 0o600);
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    #[cfg(unix)]
    pub(crate) fn mode(&self, name: &str) -> u32 {
        use std::os::unix::fs::PermissionsExt;

        fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o7777
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;

            fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        #[cfg(not(unix))]
        let _ = (name, mode);
    }

    /// The names of all files.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let names = fs::read_dir(self.0.path()).unwrap().map(name);
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The command with these arguments, which have spaces between them and none in them.
    pub(crate) fn jwe(&self, args: &str) -> Jwe {
        let mut jwe = Jwe {
            folder: self.0.path().to_owned(),
            prelude: String::new(),
            args: Vec::new(),
            variables: Vec::new(),
            stdin: Vec::new(),
            stdout: None,
            limit: Duration::from_secs(30),
        };
        jwe.args.extend(args.split_ascii_whitespace().map(str::to_owned));
        jwe
    }

    /// A token of these bytes for the test key, as `jwe encrypt` prints it.
    pub(crate) fn token_of(&self, plaintext: &[u8]) -> String {
        let token = self.jwe("encrypt --key public.jwk").stdin(plaintext).run().ok();
        String::from_utf8(token).unwrap()
    }
}

/// The command before it runs.
pub(crate) struct Jwe {
    folder: PathBuf,
    prelude: String,
    args: Vec<String>,
    variables: Vec<(String, String)>,
    stdin: Vec<u8>,
    stdout: Option<Stdio>,
    limit: Duration,
}

impl Jwe {
    pub(crate) fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin = bytes.as_ref().to_owned();
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Shell commands that run before, in the same process.
    pub(crate) fn after(mut self, prelude: &str) -> Self {
        self.prelude += &format!("{prelude} && ");
        self
    }

    /// At most this much address space, where the system can limit it.
    pub(crate) fn memory(self, mebibytes: usize) -> Self {
        if cfg!(not(target_os = "linux")) {
            return self;
        }
        let kibibytes = mebibytes * 1024;
        self.after(&format!("ulimit -v {kibibytes}"))
    }

    /// At most so many seconds of the processor, however busy the machine is with other things.
    pub(crate) fn processor(self, seconds: u32) -> Self {
        if cfg!(unix) { self.after(&format!("ulimit -t {seconds}")) } else { self }
    }

    pub(crate) fn stdout_to(mut self, path: &Path) -> Self {
        self.stdout = Some(fs::OpenOptions::new().write(true).open(path).unwrap().into());
        self
    }

    /// How long it may take.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// It as a process that is not started yet, with standard streams that are not set.
    pub(crate) fn command(&self) -> Command {
        let program = env!("CARGO_BIN_EXE_jwe");
        let mut command = if self.prelude.is_empty() {
            Command::new(program)
        } else {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("{}exec \"$0\" \"$@\"", self.prelude)).arg(program);
            shell
        };
        command.args(self.args.iter().map(OsStr::new)).current_dir(&self.folder);
        for name in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(self) -> Ended {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        command.stdout(self.stdout.unwrap_or_else(Stdio::piped));
        let started = Instant::now();
        let mut child = command.spawn().unwrap();

        let mut stdin = child.stdin.take().unwrap();
        let input = self.stdin;
        // A command that refuses its key reads no input.
        thread::spawn(move || drop(stdin.write_all(&input)));
        let stdout = child.stdout.take().map(read_in_background);
        let stderr = read_in_background(child.stderr.take().unwrap());
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > self.limit {
                child.kill().unwrap();
                panic!("{:?} runs for more than {:?}", self.args, self.limit);
            }
            thread::sleep(Duration::from_millis(2));
        };
        let ended = Ended {
            args: self.args,
            code: status.code(),
            stdout: stdout.map(|thread| thread.join().unwrap()).unwrap_or_default(),
            stderr: String::from_utf8(stderr.join().unwrap()).unwrap(),
        };
        ended.check_what_always_holds();
        ended
    }
}

fn read_in_background(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        from.read_to_end(&mut all).unwrap();
        all
    })
}

/// How the command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) args: Vec<String>,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ended {
    fn check_what_always_holds(&self) {
        let Self { args, code, stderr, .. } = self;
        assert!(matches!(code, Some(0..=3)), "{args:?} ended with {code:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
        assert!(!stderr.contains(CANARY), "{args:?} shows a value: {stderr}");
        assert!(stderr.len() < 4096, "{args:?} prints {} bytes", stderr.len());
        let plain = |character: char| character == '\n' || !character.is_control();
        assert!(stderr.chars().all(plain), "{args:?}: {stderr:?}");
        let jwk = private_jwk();
        for member in PRIVATE_MEMBERS {
            let secret = &jwk[member].as_str().unwrap()[..16];
            assert!(!stderr.contains(secret), "{args:?} shows a part of a private key");
        }
    }

    /// Done, with nothing on standard error; gives standard output.
    #[track_caller]
    pub(crate) fn ok(self) -> Vec<u8> {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{:?}", self.args);
        self.stdout
    }

    /// The same as text.
    #[track_caller]
    pub(crate) fn ok_text(self) -> String {
        String::from_utf8(self.ok()).unwrap()
    }

    /// The same as JSON.
    #[track_caller]
    pub(crate) fn ok_json(self) -> Value {
        serde_json::from_slice(&self.ok()).unwrap()
    }

    /// Done, with just these warnings, each given by a part of it; gives standard output.
    #[track_caller]
    pub(crate) fn warned(self, parts: &[&str]) -> Vec<u8> {
        assert_eq!(self.code, Some(0), "{:?}: {}", self.args, self.stderr);
        let lines: Vec<&str> = self.stderr.lines().collect();
        assert_eq!(lines.len(), parts.len(), "{:?}: {}", self.args, self.stderr);
        for (line, part) in lines.iter().zip(parts) {
            assert!(line.starts_with("warning: ") && line.contains(part), "{line}");
        }
        self.stdout
    }

    /// Done, with just these notes, each given by parts of it; gives standard output.
    #[track_caller]
    pub(crate) fn noted(self, parts: &[&str]) -> Vec<u8> {
        assert_eq!(self.code, Some(0), "{:?}: {}", self.args, self.stderr);
        let line = self.stderr.strip_suffix('\n').unwrap_or_default();
        assert!(line.starts_with("note: ") && !line.contains('\n'), "{:?}: {line}", self.args);
        for part in parts {
            assert!(line.contains(part), "{part:?} is not in {line}");
        }
        self.stdout
    }

    /// Refused or failed with this error code, and nothing on standard output; gives standard
    /// error from the error on.
    #[track_caller]
    pub(crate) fn refused(self, code: &str) -> String {
        let Self { args, stderr, .. } = self;
        assert_eq!(self.code, Some(1), "{args:?}: {stderr}");
        assert!(self.stdout.is_empty(), "{args:?} prints something");
        let error = stderr.lines().position(|line| line.starts_with("error[")).unwrap_or_default();
        let (warnings, error): (Vec<_>, Vec<_>) =
            stderr.lines().enumerate().partition(|(at, _)| *at < error);
        assert!(warnings.iter().all(|(_, line)| line.starts_with("warning: ")), "{stderr}");
        let error: Vec<&str> = error.into_iter().map(|(_, line)| line).collect();
        assert!(error[0].starts_with(&format!("error[{code}]: ")), "{args:?}: {stderr}");
        assert!(error.len() <= 2, "{args:?}: {stderr}");
        error.join("\n")
    }

    /// The same, with these parts of a text in the message.
    #[track_caller]
    pub(crate) fn refused_saying(self, code: &str, parts: &[&str]) -> String {
        let text = self.refused(code);
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in: {text}");
        }
        text
    }

    /// Called wrongly, with the way to the usage, and nothing on standard output.
    #[track_caller]
    pub(crate) fn misused(self, part: &str) {
        let Self { args, stderr, .. } = self;
        assert_eq!(self.code, Some(2), "{args:?}: {stderr}");
        assert!(self.stdout.is_empty(), "{args:?} prints something");
        assert!(stderr.starts_with("error") && stderr.contains("--help"), "{args:?}: {stderr}");
        assert!(stderr.contains(part), "{args:?}: {part:?} is not in: {stderr}");
    }
}

/// Says that a test can't run, and why. What `println!` writes is held back by the test harness
/// where the test passes, so this goes to standard error itself.
pub(crate) fn skipped(reason: &str) {
    // One write, so that lines of tests in other threads and processes stay apart. A closed
    // standard error is no reason to fail.
    let _ = stderr().lock().write_all(format!("skipped: {reason}\n").as_bytes());
}

/// Whether a program is there.
pub(crate) fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// The names of the backends that are built in.
pub(crate) fn backends(place: &Place) -> Vec<String> {
    let json = place.jwe("backends --json").run().ok_json();
    let name = |backend: &Value| backend["name"].as_str().unwrap().to_owned();
    json["backends"].as_array().unwrap().iter().map(name).collect()
}
