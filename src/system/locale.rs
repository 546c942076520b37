//! The locale's character set, as the C library has it.

/// What one byte is in the locale's character set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocaleByte {
    /// That character.
    Char(char),
    /// A character that is of no class.
    Classless,
    /// No character yet, as another one may join it.
    Joining,
    /// The first of several bytes of a character.
    Lead,
    /// No character.
    None,
}

/// The name of the locale's character set, in the C library's words; empty where the locale is not installed. To be
/// called once, at start-up.
#[cfg(unix)]
pub fn codeset() -> String {
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
        std::ffi::CStr::from_ptr(name)
            .to_string_lossy()
            .into_owned()
    }
}

/// The name of the character set that arguments come in and patterns are matched in.
#[cfg(windows)]
pub fn codeset() -> String {
    "UTF-8".to_owned()
}

/// The label of the encoding that text files without a mark are in, as WHATWG names it.
#[cfg(unix)]
pub fn text_encoding() -> String {
    "windows-1252".to_owned()
}

/// The label of the encoding that text files without a mark are in, as WHATWG names it: of the system's ANSI code page.
#[cfg(windows)]
pub fn text_encoding() -> String {
    // SAFETY: the call takes and gives a number.
    #[allow(unsafe_code)]
    let page = unsafe { windows_sys::Win32::Globalization::GetACP() };
    match page {
        874 | 1250..=1258 => format!("windows-{page}"),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        54936 => "gb18030".to_owned(),
        // 65001 is UTF-8, which is read as such anyway.
        _ => "windows-1252".to_owned(),
    }
}

/// What each byte is, where the C library is one that says so. [`codeset`] is called before.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn bytes() -> Option<[LocaleByte; 256]> {
    const INCOMPLETE: usize = usize::MAX - 1;
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
                (Some(c), true) => LocaleByte::Char(c),
                (Some(_), false) => LocaleByte::Classless,
                (None, true) => LocaleByte::Joining,
                (None, false) => LocaleByte::None,
            };
        }
        let mut wide = 0;
        match mbrtowc(&mut wide, &byte, 1, &mut [0; 16]) {
            0 | 1 => char::from_u32(wide).map_or(LocaleByte::None, LocaleByte::Char),
            INCOMPLETE => LocaleByte::Lead,
            _ => LocaleByte::None,
        }
    };
    Some(std::array::from_fn(|byte| single(byte as u8)))
}

/// What each byte is, where the C library is one that says so.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn bytes() -> Option<[LocaleByte; 256]> {
    None
}
