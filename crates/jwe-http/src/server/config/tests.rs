use std::time::Duration;

use super::*;

const DECRYPT: &str = "[upstream]\nurl = \"http://127.0.0.1:3000\"\n[keys]\ndirectory = \"keys\"\n";
const ROUTE: &str = "[[route]]\nmethods = [\"POST\"]\npath = \"/a/{id}\"\nfields = [\"/b\"]\n";

/// The text of the error, with its line.
fn refused(text: &str) -> String {
    Config::from_toml(text).unwrap_err().to_string()
}

#[test]
fn the_example_is_one() {
    let config = Config::from_toml(EXAMPLE).unwrap();
    assert_eq!(config.mode(), Mode::Decrypt);
    let routes = config.field_routes(EXAMPLE).unwrap();
    for (method, path) in [
        (http::Method::POST, "/users/7/connections"),
        (http::Method::POST, "/users/me/connections/33"),
        (http::Method::PUT, "/users/7/transfers/1"),
        (http::Method::POST, "/users/7/transfers/1"),
        (http::Method::POST, "/users/7/payments/1"),
    ] {
        assert!(routes.find(&method, path).unwrap().is_some(), "{method} {path}");
    }
    assert_eq!(routes.find(&http::Method::GET, "/users/7/connections").unwrap(), None);
}

/// What the example says in its comments is what holds without them.
#[test]
fn the_commented_members_of_the_example_are_the_defaults() {
    let tables = ["[endpoints]", "[limits]"];
    let numbers = ["workers = ", "tokens = "];
    let mut text = DECRYPT.to_owned();
    let mut inside = false;
    for line in EXAMPLE.lines() {
        let Some(line) = line.strip_prefix("# ") else {
            inside = false;
            continue;
        };
        inside = inside || tables.contains(&line);
        let is_member = line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
        let left_out = numbers.iter().any(|number| line.starts_with(number));
        if inside && (line.starts_with('[') || is_member) && !left_out {
            text += line;
            text += "\n";
        }
    }
    text += ROUTE;
    let spelled = Config::from_toml(&text).unwrap();
    let default = Config::from_toml(&format!("{DECRYPT}{ROUTE}")).unwrap();
    assert!(text.contains("drain_seconds = 25\n") && text.contains("metrics_for"), "{text}");
    assert_eq!(format!("{:?}", spelled.limits), format!("{:?}", default.limits));
    assert_eq!(format!("{:?}", spelled.endpoints), format!("{:?}", default.endpoints));
}

#[test]
fn unknown_members_are_refused_with_their_line() {
    let text = format!("{DECRYPT}dirctory = \"x\"\n{ROUTE}");
    let error = Config::from_toml(&text).unwrap_err();
    assert_eq!(error.line(), Some(5));
    assert!(error.to_string().contains("dirctory"), "{error}");
    for text in [
        format!("lisen = \"127.0.0.1:1\"\n{DECRYPT}{ROUTE}"),
        format!("{DECRYPT}{ROUTE}field = []\n"),
        format!("{DECRYPT}{ROUTE}[limits]\nbody = 1\n"),
        format!("{DECRYPT}{ROUTE}[callers]\ntokens = [ {{ name = \"a\", token = \"b\" }} ]\n"),
    ] {
        assert!(refused(&text).contains("unknown field"), "{text}");
    }
}

#[test]
fn wrong_values_are_refused_with_their_line_and_what_to_write() {
    for (text, line, says) in [
        (format!("listen = \"8080\"\n{DECRYPT}{ROUTE}"), 1, "socket address"),
        (format!("mode = \"both\"\n{DECRYPT}{ROUTE}"), 1, "`decrypt`"),
        (DECRYPT.replace("http:", "ftp:") + ROUTE, 2, "http://127.0.0.1:3000"),
        (DECRYPT.replace("3000", "3000/path") + ROUTE, 2, "without"),
        (DECRYPT.replace("127.", "user:s3cret@127.") + ROUTE, 2, "without user name"),
        (format!("{DECRYPT}{}", ROUTE.replace("POST", "post")), 6, "\"POST\""),
        (format!("{DECRYPT}{}", ROUTE.replace("/a/{id}", "a")), 7, "a"),
        (format!("{DECRYPT}{}", ROUTE.replace("\"/b\"", "\"b\"")), 8, "\"b\""),
        (format!("{DECRYPT}{}", ROUTE.replace("\"/b\"", "")), 7, "/a/{id}"),
        (format!("{DECRYPT}{ROUTE}{ROUTE}"), 11, "/a/{id}"),
        (format!("{DECRYPT}accept_enc = [\"A256\"]\n{ROUTE}"), 5, "A256GCM"),
        (format!("{DECRYPT}poll_seconds = 0\n{ROUTE}"), 5, "between 0.001"),
        (format!("{DECRYPT}poll_seconds = nan\n{ROUTE}"), 5, "between 0.001"),
        (format!("{DECRYPT}poll_seconds = 86401.0\n{ROUTE}"), 5, "between 0.001"),
        (format!("{DECRYPT}{ROUTE}[limits]\nconnections = 0\n"), 10, "zero"),
        (
            format!(
                "{DECRYPT}{ROUTE}[callers]\ntokens = [ {{ name = \"a\", hash = \"s3cret\" }} ]\n"
            ),
            10,
            "openssl dgst -sha256",
        ),
    ] {
        let error = Config::from_toml(&text).unwrap_err();
        assert_eq!(error.line(), Some(line), "{text}\n{error}");
        assert!(error.to_string().contains(says), "{text}\n{error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

/// What stands in the wrong place may be a token, or a URL with a password.
#[test]
fn no_value_of_a_wrong_type_is_repeated() {
    for (text, line, says) in [
        (
            format!("{DECRYPT}{ROUTE}[callers]\ntokens = [\"s3cret\"]\n"),
            10,
            "invalid type: string, ",
        ),
        (
            format!("{DECRYPT}{ROUTE}[callers]\ntokens = [\"s3cret, expected \\\"none\"]\n"),
            10,
            "invalid type: string, ",
        ),
        (format!("{DECRYPT}{ROUTE}[callers]\ntokens = \"s3cret\"\n"), 10, "a sequence"),
        (
            format!("{DECRYPT}{ROUTE}[callers]\ntokens = [ {{ name = \"a\", hash = 53163 }} ]\n"),
            10,
            "invalid type: integer, ",
        ),
        (format!("upstream = \"http://user:s3cret@a\"\n{ROUTE}"), 1, "UpstreamConfig"),
    ] {
        let error = Config::from_toml(&text).unwrap_err();
        assert_eq!(error.line(), Some(line), "{text}\n{error}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(says), "{text}\n{shown}");
        assert!(!shown.contains("s3cret") && !shown.contains("53163"), "{shown}");
    }
}

#[test]
fn a_configuration_is_shown_without_hashes_and_the_url_of_the_key() {
    let hash = "Qe9LsLI2YeZjAarDYGaRLawDeCe0rmOnsRZaWqk-1Os";
    let callers =
        format!("[callers]\ntokens = [ {{ name = \"ali\", hash = \"sha256:{hash}\" }} ]\n");
    let shown = format!("{:?}", Config::from_toml(&format!("{DECRYPT}{ROUTE}{callers}")).unwrap());
    assert!(shown.contains("ali"), "{shown}");
    // The first bytes of the hash.
    assert!(!shown.contains(hash) && !shown.contains("65, 239, 75"), "{shown}");
    let config = Config::encrypting("https://a/key?secret=s3cret", "http://b").unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("RSA-OAEP-256") || shown.contains("RsaOaep256"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn members_have_to_fit_together() {
    for (text, says) in [
        (ROUTE.to_owned(), "[upstream]"),
        (format!("[upstream]\nurl = \"http://a\"\n{ROUTE}"), "[keys]"),
        (format!("mode = \"encrypt\"\n[upstream]\nurl = \"http://a\"\n{ROUTE}"), "[publisher]"),
        (
            format!("mode = \"encrypt\"\n{DECRYPT}[publisher]\nkey_url = \"https://a/k\"\n{ROUTE}"),
            "[keys] is for decryption",
        ),
        (format!("{DECRYPT}[publisher]\nkey_url = \"https://a/k\"\n{ROUTE}"), "[publisher] is for"),
        ("mode = \"sandbox\"\n[keys]\ndirectory = \"k\"\n".to_owned(), "[keys] is for"),
        ("mode = \"sandbox\"\n[upstream]\nurl = \"http://a\"\n".to_owned(), "[upstream] is for"),
        (DECRYPT.to_owned(), "[[route]]"),
        (format!("{DECRYPT}{ROUTE}[callers]\ncertificates = true\n"), "client_authorities"),
        (format!("{DECRYPT}{ROUTE}[limits]\nhead_bytes = 100\n"), "limits.head_bytes"),
    ] {
        assert!(refused(&text).contains(says), "{text}\n{}", refused(&text));
    }
    assert!(Config::from_toml("mode = \"sandbox\"\n").is_ok());
}

#[test]
fn beyond_loopback_there_have_to_be_tls_and_callers() {
    let code = |listen: &str, more: &str| {
        let text = format!("listen = \"{listen}\"\n{more}\n{DECRYPT}{ROUTE}");
        Config::from_toml(&text).unwrap().check_exposure().map_err(|error| error.code())
    };
    let token = "callers = { tokens = [ { name = \"a\", hash = \"sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" } ] }";
    let tls = "tls = { certificate = \"c\", key = \"k\" }";
    for loopback in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:80"] {
        assert_eq!(code(loopback, ""), Ok(()));
    }
    for open in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "[::ffff:192.0.2.1]:80"] {
        assert_eq!(code(open, ""), Err("serve_plain_beyond_loopback"));
        assert_eq!(code(open, token), Err("serve_plain_beyond_loopback"));
        assert_eq!(code(open, tls), Err("serve_without_callers"));
        assert_eq!(code(open, "plain_beyond_loopback = true"), Err("serve_without_callers"));
        assert_eq!(code(open, &format!("{tls}\n{token}")), Ok(()));
        assert_eq!(code(open, &format!("plain_beyond_loopback = true\n{token}")), Ok(()));
    }
}

#[test]
fn a_program_can_put_one_together() {
    let config = Config::decrypting("keys", "http://127.0.0.1:1")
        .unwrap()
        .with_route("PUT|POST /a/{id}", ["/b", "$.c[*]"])
        .unwrap();
    assert_eq!(config.routes.len(), 1);
    assert_eq!(config.limits.head_seconds.0, Duration::from_secs(5));
    for bad in ["/a", "GET /a", "POST|get /a", "POST a"] {
        let config = Config::decrypting("keys", "http://127.0.0.1:1").unwrap();
        assert!(config.with_route(bad, ["/b"]).is_err(), "{bad}");
    }
    let config = config.relative_to(Path::new("/etc/jwe"));
    assert_eq!(config.keys.unwrap().directory, Path::new("/etc/jwe/keys"));
}
