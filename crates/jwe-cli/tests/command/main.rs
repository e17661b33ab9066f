//! The `jwe` command as a whole: the real program, its exit codes, what it prints and what it
//! leaves behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod support;

mod algs;
mod backends;
mod bench;
mod bytes;
mod canary;
mod certificates;
mod compression;
mod doctor;
mod extensions;
mod fetch;
mod fetch_tls;
mod fields;
mod inspect;
mod key_convert;
mod key_directory;
mod key_formats;
mod key_usage;
mod keygen;
mod kid;
mod manual;
mod openssl;
mod output;
mod passwords;
mod public;
mod readme;
mod recipients;
mod records_bad;
mod records_compression;
mod records_disk;
mod records_files;
mod records_formats;
mod records_pipes;
mod records_progress;
mod records_resume;
mod records_share_cek;
mod records_smoke;
mod serializations;
mod threats;
mod thumbprint;
mod usage;
mod vectors;
