//! What the system's error numbers mean to those who call it.

use std::io;

use rustix::io::Errno;

/// How a user makes a file writable.
pub const MAKE_WRITABLE: &str = "chmod u+w";

/// How a user allows more files to be open at once.
pub const ALLOW_MORE_FILES: &str = "raise the limit on open files (ulimit -n)";

/// How a user allows larger files.
pub const ALLOW_LARGER_FILES: &str = "raise the limit on the size of files (ulimit -f)";

/// How a user finds out about a disk.
pub const CHECK_DISK: &str = "check the disk (dmesg shows what it reported)";

fn is(error: &io::Error, any: &[Errno]) -> bool {
    error
        .raw_os_error()
        .is_some_and(|code| any.iter().any(|errno| errno.raw_os_error() == code))
}

/// No descriptor is left to this process or to the system.
pub fn out_of_files(error: &io::Error) -> bool {
    is(error, &[Errno::MFILE, Errno::NFILE])
}

/// The disk did not do what it should.
pub fn bad_disk(error: &io::Error) -> bool {
    is(error, &[Errno::IO])
}

/// Names cannot be exchanged: no such call, or not on this file system.
pub fn cannot_exchange(error: &io::Error) -> bool {
    is(
        error,
        &[Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP],
    )
}

/// We may not, or there is no such thing there.
pub fn not_allowed(error: &io::Error) -> bool {
    is(
        error,
        &[
            Errno::PERM,
            Errno::ACCESS,
            Errno::NOTSUP,
            Errno::OPNOTSUPP,
            Errno::INVAL,
            Errno::NOTTY,
        ],
    )
}

/// The file may not be opened for writing.
pub fn not_writable(error: &io::Error) -> bool {
    is(
        error,
        &[Errno::PERM, Errno::ACCESS, Errno::ROFS, Errno::TXTBSY],
    )
}

/// Another process keeps the file from being opened.
pub fn held_by_another(error: &io::Error) -> bool {
    is(error, &[Errno::WOULDBLOCK])
}

/// What has the name cannot be opened as a file: a symbolic link that is not to be followed, a folder, a socket, a device
/// that is not there.
pub fn not_a_file(error: &io::Error) -> bool {
    is(
        error,
        &[
            Errno::LOOP,
            // FreeBSD's word for a link.
            Errno::MLINK,
            Errno::ISDIR,
            Errno::NXIO,
            Errno::NODEV,
        ],
    )
}

/// There are no locks here: a file system without them, a folder that cannot be read.
pub fn no_locks(error: &io::Error) -> bool {
    is(
        error,
        &[
            Errno::BADF,
            Errno::NOLCK,
            Errno::NOTSUP,
            Errno::OPNOTSUPP,
            Errno::INVAL,
            Errno::NOSYS,
        ],
    )
}

/// Whoever read what is written is gone.
pub fn broken_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// The text of an error in the system's words, without Rust's "(os error N)".
pub fn text(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// The error of an argument that the system cannot take.
pub fn invalid() -> io::Error {
    Errno::INVAL.into()
}

/// The error of a folder where a file is wanted.
pub fn is_a_folder() -> io::Error {
    Errno::ISDIR.into()
}

/// The error where no more memory is to be had.
pub fn no_memory() -> io::Error {
    Errno::NOMEM.into()
}
