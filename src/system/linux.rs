//! What only Linux has: leases on files, and the flags of `chattr`.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Once;

use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
use rustix::io::Errno;

use super::Hold;

/// Takes a write lease on `file`, which ends with its handle.
pub(super) fn lease(file: &File) -> io::Result<Hold> {
    static IGNORED: Once = Once::new();
    // The kernel sends SIGIO where another program waits for the lease; that must not end the process. The lease
    // is given up within microseconds anyway.
    // SAFETY: ignoring a signal runs no code.
    IGNORED.call_once(|| unsafe {
        libc::signal(libc::SIGIO, libc::SIG_IGN);
    });
    // SAFETY: the call takes no pointer, and the descriptor is open.
    let taken = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK) };
    if taken == 0 {
        return Ok(Hold::Held);
    }
    match Errno::from_io_error(&io::Error::last_os_error()) {
        Some(Errno::AGAIN) => Ok(Hold::InUse),
        // Not our file, not on this file system, leases switched off, or none left.
        _ => Ok(Hold::Unsupported),
    }
}

/// The flags that `chattr` may set (FS_FL_USER_MODIFIABLE of linux/fs.h, NOCOW, DAX, PROJINHERIT); the kernel keeps others.
const SETTABLE: u32 = 0x0003_80ff | 0x0080_0000 | 0x0200_0000 | 0x2000_0000;

/// The flags of `chattr`; 0 where the file system has none.
pub(super) fn flags(file: &File) -> io::Result<u32> {
    Ok(all_flags(file)? & SETTABLE)
}

/// Sets the flags of `chattr`.
pub(super) fn set_flags(file: &File, flags: u32) -> io::Result<()> {
    let flags = all_flags(file)? & !SETTABLE | flags;
    Ok(ioctl_setflags(file, IFlags::from_bits_retain(flags))?)
}

fn all_flags(file: &File) -> io::Result<u32> {
    match ioctl_getflags(file) {
        Ok(flags) => Ok(flags.bits()),
        Err(Errno::NOTTY | Errno::NOTSUP | Errno::NOSYS | Errno::INVAL | Errno::PERM) => Ok(0),
        Err(error) => Err(error.into()),
    }
}
