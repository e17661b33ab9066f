//! Counts what a row tries, so that none passes on a backend without having tried anything.

use std::cell::Cell;

use jwe::Backend;
use jwe_tests::skip::say;
use jwe_tests::threats;

use crate::target;

std::thread_local! {
    static TRIED: Cell<u64> = const { Cell::new(0) };
}

/// Counts one attack of this thread's row. It allocates nothing.
pub(crate) fn tried_one() {
    TRIED.set(TRIED.get() + 1);
}

/// Runs a row on a backend. It must try something there, unless the table says that the backend has
/// nothing that could be attacked; then it must find nothing.
pub(crate) fn run(row: &str, backend: &str, check: fn(&'static Backend)) {
    let backend = target::backend(backend);
    let threat = threats::of_row(row).expect("a row of the table");
    TRIED.set(0);
    check(backend);
    match (threat.gap(backend), TRIED.get()) {
        (Some(gap), 0) => say(format_args!("{row}: nothing to attack, as {backend} {gap}")),
        (None, tried) if tried > 0 => say(format_args!("{row} on {backend}: {tried} attacks")),
        (gap, tried) => panic!("{row} on {backend}: {tried} attacks, while the gap is {gap:?}"),
    }
}
