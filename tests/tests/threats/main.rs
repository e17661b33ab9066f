//! The ways in which code for JWE has failed, as attacks on this project's: one file a class, each
//! run on every backend. What each class is called, and where it was published, is in
//! `jwe_tests::threats`; the table of them in `SECURITY.md` is made from what runs here.
//!
//! Whatever public bytes decide ends in its own code; whatever a key decides ends in
//! `decryption_failed`, and nothing tells the causes apart.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

mod target;

/// Declares the files, and makes a test of each on each backend.
macro_rules! rows {
    ($($row:ident)*) => {
        $(mod $row;)*

        rows! { @on aws_lc_rs "aws-lc-rs"; $($row)* }
        rows! { @on josekit "josekit"; $($row)* }
        rows! { @on ring "ring"; $($row)* }
    };
    (@on $module:ident $name:literal; $($row:ident)*) => {
        mod $module {
            $(
                #[test]
                fn $row() {
                    crate::$row::check(crate::target::backend($name));
                }
            )*
        }
    };
}

rows! {
    row_07_iv_length
}
