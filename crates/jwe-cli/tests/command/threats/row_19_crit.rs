//! Extensions that a recipient must understand (RFC 7516 §4.1.13).

use super::target::{Case, Target};

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let cases: Vec<Case> = [
            r#","crit":["bork"]"#,
            r#","crit":["bork"],"bork":true"#,
            r#","crit":["exp"],"exp":1"#,
            r#","crit":[]"#,
            r#","crit":"exp","exp":1"#,
            r#","crit":null"#,
            r#","crit":[7]"#,
            r#","crit":{"exp":1}"#,
            r#","crit":["alg"]"#,
            r#","crit":["enc","kid"]"#,
            r#","crit":["b64"],"b64":false"#,
            r#","crit":[""],"":1"#,
        ]
        .into_iter()
        .map(|members| (target.with_members(members), "crit_not_understood"))
        .collect();
        target.rejects_all(&cases);
        target.refuses_all(&cases[..2]);

        // A well-sealed one, too; and understood it is only by its own name, and when it is there.
        let header = target.header(r#","crit":["bork"],"bork":true"#);
        let sealed = target.sealed(&header, b"s3cret");
        target.refuses(&sealed, "crit_not_understood");
        let decrypt = |options: &str, token: &str| target.decrypt(options).stdin(token).run();
        decrypt("--understand Bork", &sealed).refused("crit_not_understood");
        assert_eq!(decrypt("--understand bork", &sealed).ok(), b"s3cret");
        let absent = target.sealed(&target.header(r#","crit":["bork"]"#), b"s3cret");
        decrypt("--understand bork", &absent).refused("crit_not_understood");
        let twice = target.header(r#","crit":["bork","bork"],"bork":1"#);
        let twice = target.sealed(&twice, b"s3cret");
        decrypt("--understand bork", &twice).refused("crit_not_understood");
    }
}
