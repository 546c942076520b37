//! The locale's character set, as the C library has it.

use crate::pattern::Charset;
use encoding_rs::{Encoding, UTF_8};
use std::ffi::CStr;

/// What of the locale matters to matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale {
    /// The character set.
    pub charset: Charset,
    /// `i` pairs with `İ`.
    pub turkish: bool,
    /// Ranges of characters beyond ASCII are by code point; false in C.UTF-8, where GNU has none.
    pub wide_ranges: bool,
}

/// The locale of LC_ALL, LC_CTYPE or LANG; bytes for C, POSIX, and a locale that is not installed.
pub fn current() -> Locale {
    let name = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|variable| std::env::var(variable).ok())
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    Locale {
        charset: charset(&codeset()),
        turkish: name.starts_with("tr_") || name.starts_with("az_"),
        wide_ranges: !name.starts_with("C."),
    }
}

fn charset(codeset: &str) -> Charset {
    match codeset {
        "UTF-8" => Charset::Utf8,
        "ANSI_X3.4-1968" | "" => Charset::Bytes,
        other => match Encoding::for_label(other.to_ascii_lowercase().as_bytes()) {
            Some(found) if found == UTF_8 => Charset::Utf8,
            Some(found) => Charset::Other(found),
            None => Charset::Bytes,
        },
    }
}

fn codeset() -> String {
    // SAFETY: called once at start-up, before any other thread exists, so that nothing else reads or changes the
    // locale meanwhile; nl_langinfo returns a NUL-terminated string that stays until the locale changes again. Only
    // the C library knows which locales are installed and what their character set is.
    #[allow(unsafe_code)]
    unsafe {
        if libc::setlocale(libc::LC_CTYPE, c"".as_ptr()).is_null() {
            return String::new();
        }
        let name = libc::nl_langinfo(libc::CODESET);
        if name.is_null() {
            return String::new();
        }
        CStr::from_ptr(name).to_string_lossy().into_owned()
    }
}
