//! The configuration, as a file and as arguments.

use std::fs;

use crate::support::{Client, Place, SECRET, Service, clear, post};

#[test]
fn the_printed_example_serves() {
    let (place, service) = (Place::new(), Service::new());
    let example = String::from_utf8(place.jwe(&["serve", "--print-example"])).unwrap();
    assert!(
        example.contains("listen = \"127.0.0.1:8080\"")
            && example.contains("http://127.0.0.1:3000")
    );
    let config = example
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("http://127.0.0.1:3000", &service.url());
    // Files that it names are beside it, wherever the command is run.
    let elsewhere = place.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(place.path("serve.toml"), config).unwrap();
    let server = place.serve_with(&["--config", place.path("serve.toml").to_str().unwrap()]);
    let body = place.encrypted(&server, SECRET);
    for (method, path) in [
        ("POST", "/users/7/connections"),
        ("POST", "/users/me/connections/9"),
        ("PUT", "/users/7/transfers/1"),
        ("POST", "/users/7/payments/1"),
    ] {
        let request = post(path, &body).replace("POST", method);
        // The login of the test is a number, which is no token.
        let request = request.replace("\"login\"", "\"where\"");
        assert_eq!(Client::new(server.address).send(request).status, 200, "{path}");
    }
    for received in service.received() {
        assert_eq!(received.text(), clear(SECRET).replace("login", "where"));
    }
    assert_eq!(service.received().len(), 4);
}

#[test]
fn arguments_are_enough_for_a_simple_one() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve_with(&[
        "--keys",
        "keys",
        "--upstream",
        &service.url(),
        "--listen",
        "127.0.0.1:0",
        "--route",
        "POST /users/{id}/connections",
        "--field",
        "/password",
        "--log-format",
        "json",
    ]);
    let body = place.encrypted(&server, SECRET);
    assert_eq!(Client::new(server.address).send(post("/users/7/connections", &body)).status, 200);
    assert_eq!(service.only().text(), clear(SECRET));
    let log = server.stop();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["path"] == "\"/users/{id}/connections\"").unwrap();
    assert_eq!((&line["status"], &line["method"]), (&200.into(), &"POST".into()));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let (place, service) = (Place::new(), Service::new());
    let run = |args: &[&str]| {
        let output = place.command(args).output().unwrap();
        assert!(output.stdout.is_empty());
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    fs::write(place.path("wrong.toml"), place.config(&service, "[limits]\nconections = 1\n"))
        .unwrap();
    let (code, error) = run(&["serve", "--config", "wrong.toml"]);
    assert_eq!(code, 1);
    assert!(
        error.contains("error[config]: wrong.toml: line 9: unknown field `conections`"),
        "{error}"
    );
    let missing =
        place.config(&service, "").replace("directory = \"keys\"", "directory = \"none\"");
    fs::write(place.path("wrong.toml"), missing).unwrap();
    let (code, error) = run(&["serve", "--config", "wrong.toml"]);
    assert_eq!(code, 1);
    assert!(error.contains("none"), "{error}");
    for args in [
        &["serve"][..],
        &["serve", "--upstream", "http://127.0.0.1:1"],
        &["serve", "--upstream", "http://127.0.0.1:1", "--keys", "keys"],
        &["serve", "--config", "a", "--keys", "b"],
        &["serve", "--mode", "encrypt", "--upstream", "http://127.0.0.1:1"],
        &["serve", "--sandbox", "--keys", "keys"],
        &["serve", "--print-example", "--keys", "b"],
    ] {
        let (code, error) = run(args);
        assert_eq!(code, 2, "{args:?}: {error}");
    }
    // An address that is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    fs::write(place.path("right.toml"), place.config(&service, "")).unwrap();
    let (code, error) = run(&["serve", "--config", "right.toml", "--listen", &address]);
    assert_eq!(code, 1);
    assert!(error.contains("error[serve_listen]") && error.contains(&address), "{error}");
}
