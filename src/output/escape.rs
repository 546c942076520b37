//! Names and contents as a terminal may show them: nothing in them reaches it as a control sequence.

use std::borrow::Cow;

/// Whether a character would control the terminal or the order in which it shows the others, or stand there unseen.
/// The joiners and the soft hyphen are not among them: words of some languages are written with them.
pub fn controls(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Columns of a byte that is shown as `\xff`.
pub const BYTE: usize = 4;

/// Columns of a control character that is shown escaped.
pub fn length(char: char) -> usize {
    match char.is_ascii() {
        true => BYTE,
        false => char.escape_unicode().len(),
    }
}

/// `bytes` with each control character as `\x1b` or `\u{202e}`, and each byte that is not UTF-8 as `\xff`. Tabs are kept
/// where `tabs` says so.
pub fn escaped(bytes: &[u8], tabs: bool) -> Cow<'_, [u8]> {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') || tabs && *byte == b'\t';
    if bytes.iter().all(plain) {
        return Cow::Borrowed(bytes);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            if !controls(char) || tabs && char == '\t' {
                out.push(char);
            } else if char.is_ascii() {
                out.push_str(&format!("\\x{:02x}", char as u32));
            } else {
                out.extend(char.escape_unicode());
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    Cow::Owned(out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_are_shown() {
        for (text, shown) in [
            (&b"plain text"[..], "plain text"),
            (b"\x1b[31m", "\\x1b[31m"),
            ("é\u{202e}x".as_bytes(), "é\\u{202e}x"),
            ("a\u{200b}\u{e0041}".as_bytes(), "a\\u{200b}\\u{e0041}"),
            ("نمی\u{200c}خواهم".as_bytes(), "نمی\u{200c}خواهم"),
            (b"a\nb\tc\r", "a\\x0ab\tc\\x0d"),
            (b"\xff\xc2\x9b1m", "\\xff\\u{9b}1m"),
        ] {
            assert_eq!(escaped(text, true), shown.as_bytes());
        }
        assert_eq!(escaped(b"a\tb", false), &b"a\\x09b"[..]);
    }

    proptest! {
        #[test]
        fn nothing_that_controls_is_left(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let shown = String::from_utf8(escaped(&bytes, false).into_owned()).unwrap();
            prop_assert!(!shown.chars().any(controls));
        }

        #[test]
        fn its_length_is_what_is_shown(char: char) {
            let mut bytes = [0; 4];
            let shown = escaped(char.encode_utf8(&mut bytes).as_bytes(), false).len();
            prop_assert!(!controls(char) || shown == length(char));
        }
    }
}
