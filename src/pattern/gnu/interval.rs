//! Intervals, `{2,5}`, as the lexer of GNU's DFA reads them.

use crate::pattern::interval::{Interval, MAX_REPEAT};

/// What follows an opening brace; `None`: the brace is a character.
///
/// # Errors
/// GNU's message.
pub(crate) fn read(rest: &[u8], extended: bool) -> Result<Option<Interval>, String> {
    let invalid = || Err("invalid content of \\{\\}".to_string());
    let mut at = 0;
    let min = number(rest, &mut at);
    let (min, max) = if rest.get(at) == Some(&b',') {
        at += 1;
        (Some(min.unwrap_or(0)), number(rest, &mut at))
    } else {
        (min, min)
    };
    if !extended && rest.get(at) == Some(&b'\\') {
        at += 1;
    } else if !extended {
        return invalid();
    }
    match min {
        Some(min) if rest.get(at) == Some(&b'}') && max.is_none_or(|max| min <= max) => {
            if max.is_some_and(|max| max > MAX_REPEAT) {
                return Err("regular expression too big".into());
            }
            Ok(Some((at + 1, min, max)))
        }
        _ if extended => Ok(None),
        _ => invalid(),
    }
}

fn number(text: &[u8], at: &mut usize) -> Option<u32> {
    let mut number = None;
    while let Some(c @ b'0'..=b'9') = text.get(*at) {
        number = Some((number.unwrap_or(0) * 10 + u32::from(c - b'0')).min(MAX_REPEAT + 1));
        *at += 1;
    }
    number
}
