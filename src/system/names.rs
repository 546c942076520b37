//! Names as bytes: a name is what [`OsStr::as_encoded_bytes`] gives, here its own bytes.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// The name that bytes stand for.
pub fn os_str(bytes: &[u8]) -> Cow<'_, OsStr> {
    Cow::Borrowed(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
}

/// A name from the bytes that [`OsStr::as_encoded_bytes`] gave.
pub fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

/// The path that bytes stand for.
pub fn path(bytes: &[u8]) -> Cow<'_, Path> {
    match os_str(bytes) {
        Cow::Borrowed(name) => Cow::Borrowed(Path::new(name)),
        Cow::Owned(name) => Cow::Owned(name.into()),
    }
}

/// The absolute path of `path`, symbolic links resolved.
///
/// # Errors
/// What the system says.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

/// The variables that name the folder for programs' states.
pub const STATE_VARIABLES: &str = "HOME or XDG_STATE_HOME";

/// The folder for programs' states; `absolute` gives a variable that is an absolute path.
pub fn state_home(absolute: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
}

/// Names that differ in case alone are names of one file.
pub const FOLD_CASE: bool = false;

/// Whether a byte separates the names of a path.
pub fn is_separator(byte: u8) -> bool {
    byte == b'/'
}

/// What separates the next name from `path`.
pub fn separator_after(_: &[u8]) -> u8 {
    b'/'
}

/// Whether a name can follow `path` at once.
pub fn takes_a_name(path: &[u8]) -> bool {
    path.last() == Some(&b'/')
}

/// A path with slashes, as diffs and URIs have them.
pub fn slashed(path: Vec<u8>) -> Vec<u8> {
    path
}

/// The path of a URI for `path` in the folder `here`, which ends in a slash.
pub fn uri_path(here: &[u8], path: &[u8]) -> Vec<u8> {
    let folder = if path.starts_with(b"/") { b"" } else { here };
    [folder, path].concat()
}

/// The name of a program by its file's name.
pub fn program(file: &OsStr) -> OsString {
    file.to_owned()
}

/// A word in quotes, as a shell takes it.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The names that an operand with wildcards stands for, where the shell leaves that to the program; none: it stands for
/// itself.
pub fn expanded(_: &[u8]) -> Option<Vec<Vec<u8>>> {
    None
}
