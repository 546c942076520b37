//! What the system's error numbers mean to those who call it.

use std::io;

use windows_sys::Win32::Foundation::*;

/// How a user makes a file writable.
pub const MAKE_WRITABLE: &str = "attrib -r";

/// How a user allows more files to be open at once.
pub const ALLOW_MORE_FILES: &str = "end programs that have many files open";

/// How a user allows larger files.
pub const ALLOW_LARGER_FILES: &str = "keep it on a file system that takes larger files";

/// How a user finds out about a disk.
pub const CHECK_DISK: &str = "check the disk (chkdsk)";

pub(super) fn is(error: &io::Error, any: &[WIN32_ERROR]) -> bool {
    error
        .raw_os_error()
        .is_some_and(|code| any.contains(&(code as WIN32_ERROR)))
}

fn of(code: WIN32_ERROR) -> io::Error {
    io::Error::from_raw_os_error(code as i32)
}

/// No handle is left to this process or to the system.
pub fn out_of_files(error: &io::Error) -> bool {
    is(
        error,
        &[ERROR_TOO_MANY_OPEN_FILES, ERROR_NO_SYSTEM_RESOURCES],
    )
}

/// The disk did not do what it should.
pub fn bad_disk(error: &io::Error) -> bool {
    is(error, &[ERROR_CRC, ERROR_SECTOR_NOT_FOUND, ERROR_IO_DEVICE])
}

/// Names cannot be exchanged: no such call, or not on this file system.
pub fn cannot_exchange(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

/// We may not, or there is no such thing there.
pub fn not_allowed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
        || is(
            error,
            &[
                ERROR_ACCESS_DENIED,
                ERROR_PRIVILEGE_NOT_HELD,
                ERROR_INVALID_FUNCTION,
                ERROR_NOT_SUPPORTED,
            ],
        )
}

/// The file may not be opened for writing.
pub fn not_writable(error: &io::Error) -> bool {
    is(error, &[ERROR_ACCESS_DENIED, ERROR_WRITE_PROTECT])
}

/// Another process keeps the file from being opened.
pub fn held_by_another(error: &io::Error) -> bool {
    is(error, &[ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION])
}

/// The call may be done in a moment: another process has the file open, or it goes once that one closes it.
pub(super) fn may_pass(error: &io::Error) -> bool {
    is(
        error,
        &[
            ERROR_SHARING_VIOLATION,
            ERROR_LOCK_VIOLATION,
            ERROR_ACCESS_DENIED,
            ERROR_DELETE_PENDING,
            ERROR_DIR_NOT_EMPTY,
        ],
    )
}

/// What has the name cannot be opened as a file: a symbolic link that is not to be followed.
pub fn not_a_file(error: &io::Error) -> bool {
    is(error, &[ERROR_CANT_RESOLVE_FILENAME])
}

/// There are no locks here.
pub fn no_locks(error: &io::Error) -> bool {
    is(error, &[ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED])
}

/// Whoever read what is written is gone.
pub fn broken_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe || is(error, &[ERROR_PIPE_NOT_CONNECTED])
}

/// The text of an error in the system's words, without Rust's "(os error N)" and the dot at its end; in plainer ones where the
/// system's say little.
pub fn text(error: &io::Error) -> String {
    if held_by_another(error) {
        return "another program has it open".to_owned();
    }
    if is(error, &[ERROR_INVALID_NAME]) {
        return "no file has such a name".to_owned();
    }
    let mut text = error.to_string();
    if let Some(at) = text.find(" (os error ") {
        text.truncate(at);
        text.truncate(text.trim_end_matches(['.', ' ', '\r', '\n']).len());
    }
    text
}

/// The error of an argument that the system cannot take.
pub fn invalid() -> io::Error {
    of(ERROR_INVALID_NAME)
}

/// The error of a folder where a file is wanted.
pub fn is_a_folder() -> io::Error {
    io::Error::new(io::ErrorKind::IsADirectory, "Is a directory")
}

/// The error of a link that is not to be followed.
pub(super) fn not_followed() -> io::Error {
    of(ERROR_CANT_RESOLVE_FILENAME)
}

/// The error where no more memory is to be had.
pub fn no_memory() -> io::Error {
    of(ERROR_NOT_ENOUGH_MEMORY)
}
