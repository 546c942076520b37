//! Intervals, `{2,5}`.

use super::error::TOO_BIG;

/// The largest count.
pub(super) const MAX_REPEAT: u32 = 0x7fff;

/// Bytes read after the opening brace, the least and the most repetitions.
pub(super) type Interval = (usize, u32, Option<u32>);

/// What follows an opening brace; `None`: the brace is a character.
///
/// # Errors
/// GNU's message.
pub(super) fn read(rest: &[u8], extended: bool) -> Result<Option<Interval>, String> {
    let invalid = || Err("Invalid content of \\{\\}".to_string());
    let mut at = 0;
    let first = count(rest, extended, &mut at);
    let (min, max) = match first {
        Count::Ended | Count::Odd => return not_an_interval(extended, &first),
        Count::None(CountEnd::Close) => return invalid(),
        Count::Number(n, CountEnd::Close) => (n, Some(n)),
        Count::None(CountEnd::Comma) | Count::Number(_, CountEnd::Comma) => {
            let min = if let Count::Number(n, _) = first {
                n
            } else {
                0
            };
            let second = count(rest, extended, &mut at);
            match second {
                Count::Ended | Count::Odd => return not_an_interval(extended, &second),
                Count::None(CountEnd::Close) => (min, None),
                Count::Number(max, CountEnd::Close) if min <= max => (min, Some(max)),
                _ => return invalid(),
            }
        }
    };
    if max.unwrap_or(min) > MAX_REPEAT {
        return Err(TOO_BIG.into());
    }
    Ok(Some((at, min, max)))
}

fn not_an_interval(extended: bool, count: &Count) -> Result<Option<Interval>, String> {
    match (extended, count) {
        (true, _) => Ok(None),
        (false, Count::Ended) => Err("Unmatched \\{".into()),
        (false, _) => Err("Invalid content of \\{\\}".into()),
    }
}

/// Reads tokens up to a comma or the closing brace.
fn count(rest: &[u8], extended: bool, at: &mut usize) -> Count {
    let mut count: Option<u32> = None;
    let mut odd = false;
    loop {
        let (c, escaped) = match rest[*at..] {
            [] | [b'\\'] => return Count::Ended,
            [b'\\', c, ..] => (c, true),
            [c, ..] => (c, false),
        };
        *at += 1 + usize::from(escaped);
        let stop = match c {
            b',' => Some(CountEnd::Comma),
            b'}' if escaped != extended => Some(CountEnd::Close),
            _ => None,
        };
        match (stop, c) {
            (Some(_), _) if odd => return Count::Odd,
            (Some(stop), _) => {
                return count.map_or(Count::None(stop), |n| Count::Number(n, stop));
            }
            (None, b'0'..=b'9') if !escaped => {
                let digit = u32::from(c - b'0');
                count = Some((count.unwrap_or(0) * 10 + digit).min(MAX_REPEAT + 1));
            }
            (None, _) => odd = true,
        }
    }
}

/// What ended a count.
#[derive(Clone, Copy)]
enum CountEnd {
    Comma,
    Close,
}

/// What [`count`] read.
enum Count {
    /// The pattern ended.
    Ended,
    /// Something other than digits.
    Odd,
    /// Nothing.
    None(CountEnd),
    /// Digits.
    Number(u32, CountEnd),
}
