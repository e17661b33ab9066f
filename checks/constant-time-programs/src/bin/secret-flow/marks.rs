//! What memcheck is told.

use std::ffi::c_void;
use std::hint::black_box;

use crabgrind::memcheck::{MemState, mark_mem};

fn mark<T: ?Sized>(value: &T, state: MemState) {
    let len = size_of_val(value);
    if len > 0 {
        let start = std::ptr::from_ref(value).cast::<c_void>().cast_mut();
        // This version of the crate has success and failure of the request the wrong way round. That
        // valgrind is there `main` has seen, and that marks have an effect the controls show.
        let _ = mark_mem(black_box(start), len, state);
    }
}

/// Makes bytes secret.
pub(crate) fn hide(secret: &[u8]) {
    mark(secret, MemState::Undefined);
}

/// Makes a value secret: which variant it is, and what it holds.
pub(crate) fn hide_value<T>(secret: &mut T) {
    mark(secret, MemState::Undefined);
    black_box(secret);
}

/// Makes a value public, because whoever sent a message sees it in the end.
pub(crate) fn reveal<T>(public: &mut T) {
    mark(public, MemState::Defined);
    black_box(public);
}

/// The same for bytes.
pub(crate) fn reveal_bytes(public: &[u8]) {
    mark(public, MemState::Defined);
}
