//! Compares the backends of `jwe` on the machine at hand: how long an import, an encryption and a
//! decryption take on each of them, per key and per length of the plaintext.
//!
//! 1. A [`Subject`] is a key with the algorithm that it is for.
//! 2. [`Comparison::run`] lets all backends work with each subject in turn, in one run, after it has
//!    made sure that what they do is right.
//! 3. The [`Report`] is printed by [`table`](table::table), written as JSON by
//!    [`Report::to_json`], or drawn by [`svg`](chart::svg).
//!
//! Backends are values that are passed in; this crate chooses none. What one of them can't do is a
//! gap in the report, with the text of the error by which the backend itself refuses it.
//!
//! [`interleaved`] is the way of measuring, and of use for anything else that is to be compared.
//!
//! ```
//! # fn main() -> Result<(), jwe_bench::BenchError> {
//! use std::time::Duration;
//!
//! use jwe::{Alg, Enc, aws_lc_rs::AWS_LC_RS, ring::RING};
//! use jwe_bench::{Comparison, Subject, table::table};
//!
//! let backends = [&AWS_LC_RS, &RING];
//! let subject = Subject::generate_rsa(&backends, Alg::RsaOaep256, 2048)?;
//! let comparison = Comparison::new(&backends, Enc::A256Gcm)
//!     .with_plaintext_lens(&[16, 1024])
//!     .with_time(Duration::from_millis(50));
//! let report = comparison.run(&[subject], |_| ())?;
//! println!("{}", table(&report));
//! # Ok(())
//! # }
//! ```

pub mod chart;
mod comparison;
mod error;
pub mod estimate;
pub mod interleaved;
mod json;
mod machine;
mod party;
mod report;
mod subject;
pub mod table;
mod units;

pub use comparison::{Comparison, Progress};
pub use error::BenchError;
pub use machine::Machine;
pub use report::{Entry, Group, Measurement, Operation, Report, ReportedBackend};
pub use subject::Subject;
