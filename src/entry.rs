//! The entry point where the C library is glibc, in place of the standard library's: grep is run thousands of times by
//! scripts, and what the standard library's does before `main` takes a tenth of such a run. It reads
//! `/proc/self/maps` to name a stack overflow; what else it does that matters is done here.
//!
//! For the same reason neither libgcc_s nor libm is loaded: the unwinder is linked in, and so is the one function of
//! libm that anything here calls.

#![allow(unsafe_code)]

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, fcntl_getfd};
use std::ffi::{c_char, c_int};
use std::os::fd::{BorrowedFd, IntoRawFd};

#[link(name = "gcc_eh", kind = "static", modifiers = "+whole-archive")]
unsafe extern "C" {}

/// C's `main`; glibc has given the standard library the arguments by itself.
// SAFETY: the one `main` of the program, of the type that the C library calls.
#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, _argv: *const *const c_char) -> c_int {
    open_standard_streams();
    // SAFETY: no other thread runs yet; ignoring a signal runs no code.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    c_int::from(super::run())
}

/// Opens /dev/null in place of a standard stream that came closed: a file opened later must not be taken for it. It is open
/// the other way, so that reading or writing it fails as it does where it is closed.
fn open_standard_streams() {
    for number in 0..=2 {
        // SAFETY: only asked whether it is open, which any number may be.
        let stream = unsafe { BorrowedFd::borrow_raw(number) };
        if fcntl_getfd(stream) == Err(Errno::BADF)
            && let Ok(null) = rustix::fs::open("/dev/null", wrong_way(number), Mode::empty())
        {
            // It took the lowest free number, which is this one.
            let _ = null.into_raw_fd();
        }
    }
}

fn wrong_way(stream: c_int) -> OFlags {
    match stream {
        0 => OFlags::WRONLY,
        _ => OFlags::RDONLY,
    }
}

/// `pow`, which the estimates of the progress bar need.
// SAFETY: of the type and meaning that C gives the name.
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
