//! What the standard library's entry point does before `main` that matters, for an entry point of one's own.

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, fcntl_getfd};
use std::ffi::c_int;
use std::os::fd::{BorrowedFd, IntoRawFd};

/// Opens the standard streams that came closed, and makes writing to a pipe without a reader an error instead of a
/// signal. To be called first, before any other thread runs.
pub fn start() {
    open_standard_streams();
    // SAFETY: no other thread runs yet; ignoring a signal runs no code.
    #[allow(unsafe_code)]
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_IGN)
    };
}

/// Opens /dev/null in place of a standard stream that came closed: a file opened later must not be taken for it. It is open
/// the other way, so that reading or writing it fails as it does where it is closed.
fn open_standard_streams() {
    for number in 0..=2 {
        // SAFETY: only asked whether it is open, which any number may be.
        #[allow(unsafe_code)]
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
