//! How Rust's regex engines are built: one set of limits for all of them.

use grep_matcher::NoError;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use regex_automata::{meta, util::syntax};

use super::error::TOO_BIG;

/// Bytes an NFA may take.
pub(super) const NFA_LIMIT: usize = 100 << 20;
/// Bytes a lazy DFA may take before it begins anew.
pub(super) const CACHE: usize = 16 << 20;
/// The longest translated pattern, in bytes.
const LONGEST: usize = 16 << 20;

/// How translated patterns are read.
pub(super) fn syntax(utf8: bool) -> syntax::Config {
    syntax::Config::new()
        .unicode(utf8)
        .utf8(false)
        .dot_matches_new_line(true)
        .nest_limit(u32::MAX)
}

/// The limits of a leftmost search.
pub(super) fn meta_config() -> meta::Config {
    meta::Config::new()
        .utf8_empty(false)
        // Never the engine that `lines` keeps away from.
        .dfa(false)
        .nfa_size_limit(Some(NFA_LIMIT))
        .hybrid_cache_capacity(CACHE)
}

/// A matcher of lines from a translated pattern.
///
/// # Errors
/// GNU's message for a pattern that is too big.
pub(super) fn lines(text: &str, utf8: bool, terminator: u8) -> Result<RegexMatcher, String> {
    let too_big = || TOO_BIG.to_string();
    if text.len() > LONGEST {
        return Err(too_big());
    }
    RegexMatcherBuilder::new()
        .unicode(utf8)
        .dot_matches_new_line(true)
        .line_terminator(Some(terminator))
        .size_limit(NFA_LIMIT)
        .dfa_size_limit(CACHE)
        .nest_limit(u32::MAX)
        .build(text)
        .map_err(|error| match error.kind() {
            grep_regex::ErrorKind::Regex(message) if cfg!(test) && !message.contains("size") => {
                format!("{message} in {text}")
            }
            _ => too_big(),
        })
}

/// What a matcher that cannot fail found.
pub(super) fn sure<T>(result: Result<T, NoError>) -> T {
    result.unwrap_or_else(|error| unreachable!("grep-regex does not fail: {error}"))
}

#[cfg(test)]
mod tests {
    use grep_matcher::Matcher as _;

    #[test]
    fn no_byte_is_read_twice() {
        let matcher = super::lines(r"(?:(?m:^)|\+)a.+s", false, b'\n').unwrap();
        assert_eq!(matcher.is_match(b"as+a-b1i"), Ok(false));
    }
}
