//! Target `differential`: a program that changes a good token, read by every backend that lists its
//! algorithms. They must agree: the same error, or the same bytes; and nothing but what somebody with
//! the key sealed may be accepted.
//!
//! The first byte chooses what is compared: whole tokens, or one operation of the backends' traits
//! with inputs that the engine would have stopped. The rest is a program that chooses an algorithm, a
//! content, and changes.

mod keys;
mod many;
mod operations;
mod parts;
mod program;
mod reseal;
mod token;
mod ways;

pub use many::{Counts, Failure, run_many};
use program::Program;

/// Runs the target.
pub fn run(input: &[u8]) {
    if let Err(disagreement) = check(input) {
        panic!("{disagreement}");
    }
}

/// What the backends agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreed {
    /// A token was opened to the same bytes.
    Opened,
    /// A token was refused by what everybody can see of it.
    RefusedBeforeTheKey,
    /// A token was found wrong by its key.
    DecryptionFailed,
    /// An operation gave the same bytes.
    OperationDone,
    /// An operation was refused.
    OperationRefused,
}

/// Runs one program.
///
/// # Errors
/// What the backends did not agree on, or what was accepted that nobody sealed.
pub fn check(input: &[u8]) -> Result<Agreed, String> {
    let mut program = Program::new(input);
    match program.byte() {
        0..=223 => token::check(&mut program),
        224..=239 => operations::content(&mut program),
        _ => operations::key(&mut program),
    }
}

/// Programs that change nothing, of every way and content encryption algorithm, and one of each sort
/// of change.
#[must_use]
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (at, way) in ways::all().iter().enumerate() {
        let at = at as u8;
        seeds.push((format!("unchanged-{}", way.name()), vec![0, at, at % 6, at % 4, at]));
        seeds.push((format!("key-{}", way.name()), vec![255, at, at % 6, 0]));
        seeds.push((
            format!("key-changed-{}", way.name()),
            vec![255, at, at % 6, 1, 0, 3, at, 0, 9],
        ));
    }
    for enc in 0..6 {
        seeds.push((format!("content-{enc}"), vec![224, enc, 0, 20]));
        seeds.push((format!("content-seal-{enc}"), vec![224, enc, 1, 33]));
    }
    for change in 0..parts::CHANGES {
        for part in 0..5 {
            let name = format!("change-{change}-of-{part}");
            seeds.push((name, vec![0, change * 3, part, 0, 17, 0, change, part, 7, 1, 64]));
        }
    }
    for settings in 4..32 {
        let program = vec![0, 4 + settings % 3, 3 + settings % 3, settings, 40, 0, 6, 0, settings];
        seeds.push((format!("settings-{settings}"), program));
    }
    seeds
}
