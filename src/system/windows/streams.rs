//! The standard streams and the console.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle};
use std::time::{Duration, Instant};

use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType};
use windows_sys::Win32::System::Console::{
    CONSOLE_SCREEN_BUFFER_INFO, ENABLE_VIRTUAL_TERMINAL_PROCESSING, GetConsoleMode,
    GetConsoleScreenBufferInfo, SetConsoleMode,
};
use windows_sys::Win32::System::Pipes::PeekNamedPipe;

use super::super::{FileKind, Meta};
use super::files;

/// A copy of standard input: closing it leaves standard input open.
///
/// # Errors
/// It is closed, or no handle is left.
pub fn input() -> io::Result<File> {
    Ok(io::stdin().as_handle().try_clone_to_owned()?.into())
}

/// Standard output, without the standard library's buffer where it is no console.
///
/// # Errors
/// It is closed, or no handle is left.
pub fn output() -> io::Result<Output> {
    if io::stdout().is_terminal() {
        return Ok(Output::Console(Vec::new()));
    }
    let out = io::stdout().as_handle().try_clone_to_owned()?;
    Ok(Output::File(out.into()))
}

/// Where standard output leads.
pub enum Output {
    /// A file, a pipe, a device.
    File(File),
    /// A console, and the begin of a character that was written to it.
    Console(Vec<u8>),
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let begun = match self {
            Output::File(file) => return file.write(bytes),
            Output::Console(begun) => begun,
        };
        begun.extend_from_slice(bytes);
        // The standard library gives a console characters, and refuses bytes that are none.
        let mut text = String::new();
        let mut rest = Vec::new();
        for chunk in begun.utf8_chunks() {
            text.push_str(chunk.valid());
            let bad = chunk.invalid();
            let cut = std::str::from_utf8(bad).is_err_and(|error| error.error_len().is_none());
            if cut && begun.ends_with(bad) {
                rest = bad.to_vec();
            } else if !bad.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        *begun = rest;
        io::stdout().write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::File(file) => file.flush(),
            Output::Console(begun) => {
                if !std::mem::take(begun).is_empty() {
                    io::stdout().write_all("\u{fffd}".as_bytes())?;
                }
                io::stdout().flush()
            }
        }
    }
}

/// What the system says of standard output where it is a regular file.
pub fn output_file() -> Option<Meta> {
    regular(io::stdout().as_handle())
}

/// What the system says of standard input where it is a regular file.
pub fn input_file() -> Option<Meta> {
    regular(io::stdin().as_handle())
}

fn regular(stream: BorrowedHandle<'_>) -> Option<Meta> {
    let file = File::from(stream.try_clone_to_owned().ok()?);
    let meta = files::meta(&file).ok()?;
    (meta.kind == FileKind::File).then_some(meta)
}

/// Whether standard input is a pipe, a socket or a file.
pub fn input_is_given() -> bool {
    // SAFETY: the call takes no pointer, and any handle may be asked for.
    let kind = unsafe { GetFileType(io::stdin().as_raw_handle()) };
    matches!(kind, FILE_TYPE_DISK | FILE_TYPE_PIPE)
}

/// Whether something comes from standard input, be it its end, before the time is over; errors count as something, and so
/// does all that is no pipe.
pub fn input_comes_within(time: Duration) -> bool {
    const STEP: Duration = Duration::from_millis(20);
    let started = Instant::now();
    let none = std::ptr::null_mut();
    loop {
        let mut available = 0;
        // SAFETY: nothing is read, and what is available is written to a variable of that size.
        let asked = unsafe {
            let stdin = io::stdin().as_raw_handle();
            PeekNamedPipe(stdin, none, 0, none.cast(), &mut available, none.cast())
        };
        if asked == 0 || available > 0 {
            return true;
        }
        if started.elapsed() >= time {
            return false;
        }
        std::thread::sleep(STEP);
    }
}

/// Whether standard output is known to be the null device; a serial port looks the same, and must be written.
pub fn output_is_null() -> bool {
    false
}

/// Nothing: a pipe's size is set where it is made.
pub fn widen_output() {}

/// Columns of the console that standard output is; none where it is no console.
pub fn columns() -> Option<usize> {
    let mut screen = CONSOLE_SCREEN_BUFFER_INFO::default();
    // SAFETY: the structure is the one that the call fills.
    if unsafe { GetConsoleScreenBufferInfo(io::stdout().as_raw_handle(), &mut screen) } == 0 {
        return None;
    }
    let columns = i32::from(screen.srWindow.Right) - i32::from(screen.srWindow.Left) + 1;
    usize::try_from(columns).ok().filter(|columns| *columns > 0)
}

/// Whether a console takes escape sequences for colours; they are switched on.
pub fn terminal_has_colors() -> bool {
    let out = io::stdout().as_raw_handle();
    let mut mode = 0;
    // SAFETY: the mode is written to a variable of that size.
    unsafe {
        GetConsoleMode(out, &mut mode) != 0
            && SetConsoleMode(out, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0
    }
}
