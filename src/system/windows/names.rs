//! Names as bytes: WTF-8, which is UTF-8 but for names that are not well-formed UTF-16.

pub use super::globs::expanded;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// The name that bytes stand for. Bytes that are no WTF-8 stand for U+FFFD.
pub fn os_str(bytes: &[u8]) -> Cow<'_, OsStr> {
    match std::str::from_utf8(bytes) {
        Ok(name) => Cow::Borrowed(OsStr::new(name)),
        Err(_) => Cow::Owned(OsString::from_wide(&wide(bytes))),
    }
}

/// A name from the bytes that [`OsStr::as_encoded_bytes`] gave.
pub fn os_string(bytes: Vec<u8>) -> OsString {
    match String::from_utf8(bytes) {
        Ok(name) => name.into(),
        Err(error) => OsString::from_wide(&wide(error.as_bytes())),
    }
}

/// The path that bytes stand for.
pub fn path(bytes: &[u8]) -> Cow<'_, Path> {
    match os_str(bytes) {
        Cow::Borrowed(name) => Cow::Borrowed(Path::new(name)),
        Cow::Owned(name) => Cow::Owned(name.into()),
    }
}

/// The absolute path of `path`, links resolved, in the short form that programs take, where it has one.
///
/// # Errors
/// What the system says.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    let real = path.canonicalize()?;
    let share = real
        .to_str()
        .and_then(|real| real.strip_prefix(r"\\?\UNC\"));
    Ok(match share {
        Some(share) if !share.split('\\').any(|name| name.ends_with(['.', ' '])) => {
            format!(r"\\{share}").into()
        }
        Some(_) => real,
        None => dunce::simplified(&real).to_path_buf(),
    })
}

/// A path that the system takes however long it is.
pub(super) fn long(path: &Path) -> Cow<'_, Path> {
    /// What calls take without further ado, in units of UTF-16, less what an 8.3 name takes.
    const SHORT: usize = 247;
    let length = || path.as_os_str().encode_wide().count();
    if is_verbatim(path) || length() <= SHORT {
        return Cow::Borrowed(path);
    }
    let whole = std::path::absolute(path);
    whole.map_or(Cow::Borrowed(path), |whole| Cow::Owned(verbatim(&whole)))
}

/// The path of a file that was found in a folder. Where its name is that of a device, or ends in what Windows leaves out, the
/// path is one that Windows takes as it is.
pub(super) fn found(path: PathBuf) -> PathBuf {
    let Some(name) = path.file_name().filter(|name| is_changed(name)) else {
        return path;
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match std::path::absolute(folder) {
        Ok(folder) if !is_verbatim(&path) => verbatim(&folder).join(name),
        _ => path,
    }
}

/// Whether Windows takes a name for another one, or for a device's.
fn is_changed(name: &OsStr) -> bool {
    const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    let name = name.to_string_lossy().to_uppercase();
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end();
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    let number =
        |rest: &str| matches!(rest.as_bytes(), [b'0'..=b'9']) || ["¹", "²", "³"].contains(&rest);
    name.ends_with(['.', ' ']) || DEVICES.contains(&stem) || port.is_some_and(number)
}

fn is_verbatim(path: &Path) -> bool {
    let first = path.components().next();
    matches!(first, Some(Component::Prefix(prefix)) if prefix.kind().is_verbatim())
}

/// An absolute path as one that is taken as it is.
fn verbatim(whole: &Path) -> PathBuf {
    if is_verbatim(whole) {
        return whole.to_path_buf();
    }
    let mut path = OsString::from(r"\\?\");
    let share = (whole.as_os_str().to_str()).and_then(|whole| whole.strip_prefix(r"\\"));
    match share {
        Some(share) => path.push([r"UNC\", share].concat()),
        None => path.push(whole),
    }
    path.into()
}

/// The variables that name the folder for programs' states.
pub const STATE_VARIABLES: &str = "LOCALAPPDATA";

/// The folder for programs' states; `absolute` gives a variable that is an absolute path.
pub fn state_home(absolute: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    absolute("LOCALAPPDATA")
}

/// Names that differ in case alone are names of one file.
pub const FOLD_CASE: bool = true;

/// Whether a byte separates the names of a path.
pub fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// What separates the next name from `path`: what separates the names in it.
pub fn separator_after(path: &[u8]) -> u8 {
    let last = path.iter().rfind(|byte| is_separator(**byte));
    last.copied().unwrap_or(b'\\')
}

/// Whether a name can follow `path` at once: after a drive, too, of which it means the current folder.
pub fn takes_a_name(path: &[u8]) -> bool {
    path.last()
        .is_some_and(|&last| is_separator(last) || last == b':' && path.len() == 2)
}

/// A path with slashes, as diffs and URIs have them.
pub fn slashed(mut path: Vec<u8>) -> Vec<u8> {
    for byte in path.iter_mut().filter(|byte| **byte == b'\\') {
        *byte = b'/';
    }
    path
}

/// The path of a URI for `path` in the folder `here`.
pub fn uri_path(here: &[u8], path: &[u8]) -> Vec<u8> {
    let whole = self::path(here).join(self::path(path));
    let path = slashed(whole.into_os_string().into_encoded_bytes());
    match path.strip_prefix(b"//") {
        Some(share) => [b"//", share].concat(),
        None => [b"/", &path[..]].concat(),
    }
}

/// A word in quotes, as programs take their arguments: backslashes before a quote are written twice.
pub fn quoted(word: &str) -> String {
    let mut out = "\"".to_owned();
    let mut backslashes = 0;
    for char in word.chars() {
        match char {
            '\\' => backslashes += 1,
            '"' => out.extend(std::iter::repeat_n(
                '\\',
                std::mem::take(&mut backslashes) + 1,
            )),
            _ => backslashes = 0,
        }
        out.push(char);
    }
    out.extend(std::iter::repeat_n('\\', backslashes));
    out + "\""
}

/// The name of a program by its file's name, which may end in `.exe`, in any case.
pub fn program(file: &OsStr) -> OsString {
    let path = Path::new(file);
    let exe = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("exe"));
    path.file_stem()
        .filter(|_| exe)
        .unwrap_or(file)
        .to_ascii_lowercase()
}

/// The units of UTF-16 that WTF-8 stands for.
fn wide(mut bytes: &[u8]) -> Vec<u16> {
    let mut units = Vec::with_capacity(bytes.len());
    loop {
        let (good, rest) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let (good, rest) = bytes.split_at(error.valid_up_to());
                let bad = error.error_len().unwrap_or(rest.len());
                (
                    std::str::from_utf8(good).unwrap_or_default(),
                    Some((rest, bad)),
                )
            }
        };
        units.extend(good.encode_utf16());
        bytes = match rest {
            None => return units,
            // A surrogate: ED A0..BF 80..BF.
            Some(([0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, rest @ ..], _)) => {
                units.push(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f));
                rest
            }
            Some((rest, bad)) => {
                units.push(0xfffd);
                &rest[bad..]
            }
        };
    }
}
