//! The whole way, with a real browser: the page encrypts, the intermediary stores ciphertext, the API's
//! handler sees clear text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write, stderr};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What the user types, and nobody but the API may see.
const LOGIN: &str = "john-4711";
const PASSWORD: &str = "correct horse \"battery\" staple é";
/// How long a step may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that ends with the test, and the lines that it prints.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(command: &mut Command) -> Option<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
        let output = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Some(Self { child, lines })
    }

    /// The rest of the first line that has this in it.
    fn line_with(&self, part: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line =
                self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("no line with {part:?}"));
            if let Some((_, rest)) = line.split_once(part) {
                return rest.to_owned();
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request of the WebDriver protocol (W3C), and the `value` of the answer.
fn driver(port: u16, method: &str, path: &str, body: &Value) -> Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let body = if method == "GET" { String::new() } else { body.to_string() };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    // The driver may leave the connection open.
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    let len = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    let mut body = vec![0; len.unwrap()];
    reader.read_exact(&mut body).unwrap();
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {head} {answer}");
    answer["value"].clone()
}

struct Browser {
    port: u16,
    session: String,
    driver: Program,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// `None` where there is no Chromium.
    fn start() -> Option<Self> {
        let binary = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
            .into_iter()
            .find(|path| Path::new(path).exists())?;
        // A group of its own, which the browser belongs to as well, so that nothing of it is left.
        let mut driver_command = Command::new("chromedriver");
        let driver_program = Program::start(driver_command.arg("--port=0").process_group(0))?;
        let port = driver_program.line_with("started successfully on port ");
        let port: u16 = port.trim_end_matches('.').parse().unwrap();
        let profile = tempfile::tempdir().unwrap();
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
        ]
        .map(str::to_owned)
        .into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let options = json!({ "binary": binary, "args": arguments });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = driver(port, "POST", "/session", &wanted);
        let session = session["sessionId"].as_str().unwrap().to_owned();
        Some(Self { port, session, driver: driver_program, _profile: profile })
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        driver(self.port, method, &format!("/session/{}{path}", self.session), body)
    }

    fn element(&self, css: &str) -> String {
        let found =
            self.call("POST", "/element", &json!({ "using": "css selector", "value": css }));
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    fn text(&self, css: &str) -> String {
        let path = format!("/element/{}/text", self.element(css));
        self.call("GET", &path, &Value::Null).as_str().unwrap().to_owned()
    }

    fn click(&self, css: &str) {
        self.call("POST", &format!("/element/{}/click", self.element(css)), &json!({}));
    }

    fn write(&self, css: &str, text: &str) {
        let path = format!("/element/{}", self.element(css));
        self.call("POST", &format!("{path}/clear"), &json!({}));
        self.call("POST", &format!("{path}/value"), &json!({ "text": text }));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver closes the browser, and what does not close is ended.
        let _ = std::panic::catch_unwind(|| self.call("DELETE", "", &Value::Null));
        let group = format!("-{}", self.driver.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    }
}

/// Says why nothing is tested; a failure where this variable is 1.
fn skip(reason: &str, required_by: &str) {
    let required = std::env::var_os(required_by).is_some_and(|value| value == "1");
    assert!(!required, "{reason}, and {required_by}=1");
    // Past the test harness, which would swallow it.
    let _ = writeln!(stderr(), "skipped: {reason}");
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("page")
}

/// The libraries of the page, as its list of them pins them.
fn install() -> bool {
    let list = page().join("package-lock.json");
    let installed = page().join("node_modules/.package-lock.json");
    let time = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    if time(&installed).is_some() && time(&installed) >= time(&list) {
        return true;
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
        .arg(page())
        .stdout(Stdio::null())
        .status();
    npm.is_ok_and(|status| status.success())
}

#[test]
fn from_the_page_to_the_handler() {
    if !install() {
        return skip(
            "npm or its registry is missing, which has the page's libraries",
            "JWE_REQUIRE_PEERS",
        );
    }
    let Some(browser) = Browser::start() else {
        return skip("chromium or chromedriver is missing", "JWE_REQUIRE_BROWSER");
    };
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let log = folder.path().join("intermediary.log");
    let api = Program::start(Command::new(env!("CARGO_BIN_EXE_api")).arg("127.0.0.1:0").arg(&keys));
    let api = api.unwrap();
    let api_url = api.line_with("API at ");
    let between = Program::start(
        Command::new(env!("CARGO_BIN_EXE_intermediary")).args(["127.0.0.1:0", &api_url]).arg(&log),
    )
    .unwrap();
    let url = between.line_with("page at ");

    let mut tokens = Vec::new();
    for (button, password) in [("#js-jose", PASSWORD), ("#panva", "another secret")] {
        browser.call("POST", "/url", &json!({ "url": url }));
        let end = Instant::now() + PATIENCE;
        while browser.call(
            "GET",
            &format!("/element/{}/attribute/data-ready", browser.element("body")),
            &Value::Null,
        ) != "yes"
        {
            assert!(Instant::now() < end, "the page's script does not run");
            thread::sleep(Duration::from_millis(50));
        }
        browser.write("#login", LOGIN);
        browser.write("#password", password);
        browser.click(button);
        let answer = loop {
            let answer = browser.text("#answer");
            if !answer.is_empty() {
                break answer;
            }
            assert!(Instant::now() < end, "no answer");
            thread::sleep(Duration::from_millis(50));
        };
        assert!(answer.starts_with("200 ") && answer.contains("\"id\":1"), "{button}: {answer}");
        let received = api.line_with("handler received ");
        assert_eq!(received, format!("login {LOGIN:?} and password {password:?}"));

        let sent: Value = serde_json::from_str(&browser.text("#sent")).unwrap();
        let token = sent["password"].as_str().unwrap().to_owned();
        assert_eq!(token.split('.').count(), 5);
        let stored = fs::read_to_string(&log).unwrap();
        assert!(stored.contains(&token), "the intermediary stores what it hands on");
        for secret in [LOGIN, password, "correct horse", "battery"] {
            assert!(!stored.contains(secret), "{secret} is in the log");
        }
        tokens.push(token);
    }
    assert_ne!(tokens[0], tokens[1]);
}

/// An intermediary that puts a value of its own in clear gets nowhere.
#[test]
fn clear_text_does_not_reach_the_handler() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let api = Program::start(Command::new(env!("CARGO_BIN_EXE_api")).arg("127.0.0.1:0").arg(&keys));
    let api = api.unwrap();
    let address = api.line_with("API at http://");
    let send = |body: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "POST /users/me/connections HTTP/1.1\r\nhost: api\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = send(r#"{"id_connector":33,"login":"in clear","password":"in clear"}"#);
    assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains(r#""code":"field_not_encrypted""#), "{answer}");
    assert!(answer.contains(r#""pointer":"/login""#), "{answer}");
    assert!(api.lines.recv_timeout(Duration::from_millis(200)).is_err(), "the handler was called");
}
