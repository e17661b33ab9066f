//! The table of backends in the README, which is what the command prints.

use crate::support::{Place, backends, skipped};

#[test]
fn the_table_of_backends_is_the_one_of_the_command() {
    let place = Place::new();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(path).expect("README.md is at the top of the workspace");
    let (_, behind) =
        readme.split_once("<!-- backends -->").expect("README.md has the line <!-- backends -->");
    let (table, _) =
        behind.split_once("<!-- /backends -->").expect("README.md has the line <!-- /backends -->");
    if !backends(&place).iter().any(|name| name == "josekit") {
        return skipped(
            "this build has no josekit, and the table has all backends: use --features josekit",
        );
    }
    let printed = place.jwe("backends --markdown").run().ok_text();
    assert_eq!(table.trim(), printed.trim(), "put the output of `jwe backends --markdown` there");
}
