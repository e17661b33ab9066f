//! The client in Python sends what the handler then sees.
#![allow(clippy::unwrap_used, reason = "a failed step has to stop the test")]

use std::io::{BufRead, BufReader, Write, stderr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_python_sends_is_received() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // jwcrypto and what it needs, pinned by their hashes.
    let packages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-client");
    let pip = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"])
        .args(["--no-warn-conflicts", "--require-hashes", "--only-binary", ":all:", "--target"])
        .arg(&packages)
        .arg("-r")
        .arg(here.join("../tests/peers/requirements.txt"))
        .status();
    if !pip.is_ok_and(|status| status.success()) {
        let required = std::env::var_os("JWE_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!required, "python3 with jwcrypto is missing, and JWE_REQUIRE_PEERS=1");
        // Past the test harness, which would swallow it.
        let _ = writeln!(stderr(), "skipped: python3, pip or their registry is missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut api = Command::new(env!("CARGO_BIN_EXE_api"))
        .arg("127.0.0.1:0")
        .arg(folder.path().join("keys"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(api.stdout.take().unwrap()).lines().map(Result::unwrap);
    let _api = Running(api);
    let url = lines.next().unwrap().strip_prefix("API at ").unwrap().to_owned();
    let (login, password) = ("john", "s3cret \"é\"");
    let client = Command::new("python3")
        .arg(here.join("clients/client.py"))
        .args([&url, login, password])
        .env("PYTHONPATH", &packages)
        .output()
        .unwrap();
    assert!(client.status.success(), "{}", String::from_utf8_lossy(&client.stderr));
    assert!(client.stdout.starts_with(b"200 "), "{}", String::from_utf8_lossy(&client.stdout));
    let received = lines.next().unwrap();
    assert_eq!(received, format!("handler received login {login:?} and password {password:?}"));
}
