//! The standard streams and the terminal.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};
use rustix::io::Errno;
use rustix::stdio::{stdin, stdout};

use super::{FileKind, Meta, unix};

/// Bytes that a pipe may hold at the wish of any user.
#[cfg(target_os = "linux")]
const PIPE: usize = 1 << 20;

/// A copy of standard input: closing it leaves standard input open.
///
/// # Errors
/// It is closed, or no descriptor is left.
pub fn input() -> io::Result<File> {
    // One that came closed is open the other way.
    if fcntl_getfl(stdin())? & OFlags::ACCMODE == OFlags::WRONLY {
        return Err(Errno::BADF.into());
    }
    Ok(rustix::io::dup(stdin())?.into())
}

/// A copy of standard output, without the standard library's buffer.
///
/// # Errors
/// It is closed, or no descriptor is left.
pub fn output() -> io::Result<File> {
    Ok(rustix::io::dup(stdout())?.into())
}

/// What the system says of standard output where it is a regular file.
pub fn output_file() -> Option<Meta> {
    regular(stdout())
}

/// What the system says of standard input where it is a regular file.
pub fn input_file() -> Option<Meta> {
    regular(stdin())
}

fn regular(stream: BorrowedFd<'_>) -> Option<Meta> {
    let meta = unix::from_stat(&fstat(stream).ok()?);
    (meta.kind == FileKind::File).then_some(meta)
}

/// Whether standard input is a pipe, a socket or a file.
pub fn input_is_given() -> bool {
    fstat(stdin()).is_ok_and(|stat| {
        matches!(
            FileType::from_raw_mode(stat.st_mode),
            FileType::Fifo | FileType::Socket | FileType::RegularFile
        )
    })
}

/// Whether something comes from standard input, be it its end, before the time is over; errors count as something.
pub fn input_comes_within(time: Duration) -> bool {
    let stdin = io::stdin();
    let mut streams = [PollFd::new(&stdin, PollFlags::IN)];
    let time = Timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: time.subsec_nanos().into(),
    };
    poll(&mut streams, Some(&time)) != Ok(0)
}

/// Whether standard output is the system's null device.
pub fn output_is_null() -> bool {
    let Ok(out) = fstat(stdout()) else {
        return false;
    };
    // One opened in place of a closed stream cannot be written.
    let is_written =
        || fcntl_getfl(stdout()).is_ok_and(|flags| flags & OFlags::ACCMODE != OFlags::RDONLY);
    FileType::from_raw_mode(out.st_mode) == FileType::CharacterDevice
        && is_written()
        && stat("/dev/null").is_ok_and(|null| null.st_rdev == out.st_rdev)
}

/// Makes room in standard output for a mebibyte, if it is a pipe, so that who writes need not wait for the reader.
pub fn widen_output() {
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(stdout(), PIPE);
}

/// Columns of the terminal that standard output is; none where it is no terminal, or does not say.
pub fn columns() -> Option<usize> {
    rustix::termios::tcgetwinsize(stdout())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns > 0)
}

/// Whether a terminal takes escape sequences for colours.
pub fn terminal_has_colors() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}
