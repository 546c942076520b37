//! The entry point where the C library is glibc, in place of the standard library's: grep is run thousands of times by
//! scripts, and what the standard library's does before `main` takes a tenth of such a run. It reads
//! `/proc/self/maps` to name a stack overflow; what else it does that matters is done by `start`.
//!
//! For the same reason neither libgcc_s nor libm is loaded: the unwinder is linked in, and so is the one function of
//! libm that anything here calls.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int};

#[link(name = "gcc_eh", kind = "static", modifiers = "+whole-archive")]
unsafe extern "C" {}

/// C's `main`; glibc has given the standard library the arguments by itself. No panic gets here: `run` answers each with
/// a message and status 2.
// SAFETY: the one `main` of the program, of the type that the C library calls.
#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, _argv: *const *const c_char) -> c_int {
    grini::system::start::start();
    c_int::from(super::run())
}

/// `pow`, which the estimates of the progress bar need.
// SAFETY: of the type and meaning that C gives the name.
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
