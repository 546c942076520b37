//! Several patterns without special characters are strings to GNU grep, backslashes and all.

use crate::pattern::ctype::Ctype;
use crate::pattern::options::{Options, Syntax};
use crate::pattern::unit::{Unit, unit};

/// The string that GNU, given several patterns, would take this one for. At the end of the `last` one a backslash
/// means itself.
pub(crate) fn as_string(
    pattern: &[u8],
    options: &Options,
    locale: Ctype,
    last: bool,
) -> Option<Vec<u8>> {
    let basic = options.syntax == Syntax::Basic;
    let mut out = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while !rest.is_empty() {
        match rest {
            [b'$' | b'*' | b'.' | b'[' | b'^', ..] => return None,
            [b'(' | b'+' | b'?' | b'{' | b'|', ..] if !basic => return None,
            [b'\\'] if !last => return None,
            [b'\\', next, ..] => {
                if b"BSW'<bsw`>123456789".contains(next) || (basic && b"(+?{|)".contains(next)) {
                    return None;
                }
                rest = &rest[1..];
            }
            _ => {}
        }
        let (unit, len) = unit(rest, locale.utf8);
        let folds_wide = |c: u32| {
            let folded = locale.folded(c);
            folded.len() > 1 && (c > 0x7f || folded.iter().any(|&c| c > 0x7f))
        };
        match unit {
            Unit::Bad(_) => return None,
            Unit::Char(c) if options.ignore_case && locale.utf8 && folds_wide(c) => {
                return None;
            }
            Unit::Char(_) => {}
        }
        out.extend_from_slice(&rest[..len]);
        rest = &rest[len..];
    }
    Some(out)
}
