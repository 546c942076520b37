//! The locale's character set, as the C library has it.

use crate::pattern::{Charset, Codepage, Single, stand_in};
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
        other => {
            let encoding = Encoding::for_label(other.to_ascii_lowercase().as_bytes());
            if encoding == Some(UTF_8) {
                return Charset::Utf8;
            }
            let least = if matches!(other, "EUC-KR" | "GB2312") {
                0xa1
            } else {
                0
            };
            let codepage = codepage(encoding, least);
            // It is wanted until the end.
            Charset::Other(Box::leak(Box::new(codepage)))
        }
    }
}

/// What each byte is, as the C library has it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn codepage(encoding: Option<&'static Encoding>, least: u8) -> Codepage {
    unsafe extern "C" {
        fn mbrtowc(to: *mut u32, from: *const u8, len: usize, state: *mut [u64; 16]) -> usize;
        fn btowc(byte: libc::c_int) -> u32;
        fn __ctype_get_mb_cur_max() -> usize;
    }
    // SAFETY: the locale does not change any more; each pointer is that of a variable of the size that is meant, and
    // a conversion state is no larger than the zeroed one here. Only the C library knows its character sets: no
    // other table has the same bytes unassigned.
    #[allow(unsafe_code)]
    let single = |byte: u8| unsafe {
        if __ctype_get_mb_cur_max() == 1 {
            let known = libc::isprint(byte.into()) != 0 || libc::iscntrl(byte.into()) != 0;
            return match (char::from_u32(btowc(byte.into())), known) {
                (Some(c), true) => Single::Char(c),
                // ARMSCII-8 has characters twice: the second time they are of no class.
                (Some(_), false) => Single::Char(stand_in(byte)),
                // CP1255 joins letters and points: where it may do so, there is no character yet.
                (None, true) => {
                    encoding.map_or(Single::None, |encoding| Single::of(encoding, byte))
                }
                (None, false) => Single::None,
            };
        }
        let mut wide = 0;
        match mbrtowc(&mut wide, &byte, 1, &mut [0; 16]) {
            0 | 1 => char::from_u32(wide).map_or(Single::None, Single::Char),
            INCOMPLETE => Single::Lead,
            _ => Single::None,
        }
    };
    const INCOMPLETE: usize = usize::MAX - 1;
    let singles = std::array::from_fn(|byte| single(byte as u8));
    Codepage {
        singles,
        wide: encoding.filter(|_| singles.contains(&Single::Lead)),
        least,
    }
}

/// What each byte is, as the encodings of the Web have it.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn codepage(encoding: Option<&'static Encoding>, least: u8) -> Codepage {
    let none = Codepage {
        singles: [Single::None; 256],
        wide: None,
        least,
    };
    encoding.map_or(none, |encoding| Codepage {
        least,
        ..Codepage::of(encoding)
    })
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
