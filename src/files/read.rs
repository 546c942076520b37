//! Opening and reading one file.

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use std::ffi::CStr;
use std::os::fd::OwnedFd;

/// Opens a file for reading, relative to `folder` (none: the current folder).
///
/// # Errors
/// What the system says.
pub fn open(folder: Option<&OwnedFd>, name: &CStr, extra: OFlags) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | extra;
    retry(|| match folder {
        Some(folder) => openat(folder, name, flags, Mode::empty()),
        None => openat(rustix::fs::CWD, name, flags, Mode::empty()),
    })
}

/// Reads all there is into `buffer` (its former content is dropped).
///
/// # Errors
/// What the system says.
pub fn read_all(file: &OwnedFd, buffer: &mut Vec<u8>) -> Result<(), Errno> {
    buffer.clear();
    if buffer.capacity() < FIRST {
        buffer.reserve(FIRST);
    }
    loop {
        if buffer.capacity() == buffer.len() {
            let more = buffer.len().max(FIRST);
            buffer.try_reserve(more).map_err(|_| Errno::NOMEM)?;
        }
        let got = retry(|| rustix::io::read(file, rustix::buffer::spare_capacity(buffer)))?;
        if got == 0 {
            return Ok(());
        }
    }
}

/// Room for a small file and the proof of its end in one buffer.
const FIRST: usize = 64 << 10;

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}
