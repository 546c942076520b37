//! The locale's character set, as the C library has it.

use crate::pattern::{Charset, Codepage, Single, stand_in};
use crate::system::locale::{self, LocaleByte};
use encoding_rs::{Encoding, UTF_8};

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
        charset: charset(&locale::codeset()),
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

/// What each byte is, as the C library has it, or else as the encodings of the Web have it.
fn codepage(encoding: Option<&'static Encoding>, least: u8) -> Codepage {
    let Some(bytes) = locale::bytes() else {
        let none = Codepage {
            singles: [Single::None; 256],
            wide: None,
            least,
        };
        return encoding.map_or(none, |encoding| Codepage {
            least,
            ..Codepage::of(encoding)
        });
    };
    let singles = std::array::from_fn(|at| match bytes[at] {
        LocaleByte::Char(c) => Single::Char(c),
        // ARMSCII-8 has characters twice: the second time they are of no class.
        LocaleByte::Classless => Single::Char(stand_in(at as u8)),
        // CP1255 joins letters and points: where it may do so, there is no character yet.
        LocaleByte::Joining => {
            encoding.map_or(Single::None, |encoding| Single::of(encoding, at as u8))
        }
        LocaleByte::Lead => Single::Lead,
        LocaleByte::None => Single::None,
    });
    Codepage {
        singles,
        wide: encoding.filter(|_| singles.contains(&Single::Lead)),
        least,
    }
}
