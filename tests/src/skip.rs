//! Tests that need something which is not everywhere.

use std::path::PathBuf;

/// The path in the environment variable `name`; where it is unset, the reason is printed.
#[must_use]
pub fn path_from_env(name: &str, what: &str) -> Option<PathBuf> {
    let path = std::env::var_os(name).map(PathBuf::from);
    if path.is_none() {
        println!("skipped: {name} is not set; it is the path of {what}");
    }
    path
}
