//! What exists only because GNU grep 3.8 does so, against what POSIX says or its own manual.
//!
//! GNU grep reads every pattern twice: its own DFA finds the lines, the C library's `regcomp` what in them matches. The
//! table `QUIRKS` below has an example of each that is met here, which the test compares; `tests/pattern_against_grep.rs`
//! compares more of them with GNU grep itself.
//!
//! | file | what |
//! | --- | --- |
//! | `select` | the DFA's reading, and what it leaves to `regcomp` |
//! | `shorten` | what the DFA looks for instead of a string between anchors |
//! | `strings` | several plain patterns are strings |
//! | `interval` | `{…}` as the DFA's lexer reads it |
//! | `words` | the retries of `-w` |

pub(super) mod interval;
pub(super) mod select;
pub(super) mod shorten;
pub(super) mod strings;
pub(super) mod words;

#[cfg(test)]
mod tests {
    use crate::pattern::{Charset, Matcher, Options, Syntax, Whole};

    /// Where it is met, what it is, the locale (`c`, `u`) and options, patterns, a line, whether it is selected, and the
    /// extents of its matches that are not empty.
    type Quirk = (
        &'static str,
        &'static str,
        &'static str,
        &'static [&'static [u8]],
        &'static [u8],
        bool,
        &'static [(usize, usize)],
    );

    const QUIRKS: &[Quirk] = &[
        (
            "select",
            "an operator after an anchor repeats it for the DFA alone",
            "cE",
            &[b"^*a"],
            b"ba",
            true,
            &[],
        ),
        (
            "select",
            "nothing to repeat at the start: nothing, or text",
            "cE",
            &[b"{1}a"],
            b"xa",
            true,
            &[],
        ),
        (
            "select",
            "$ before a bare bracket is an anchor for the DFA",
            "cG",
            &[b"a$)b"],
            b"a$)b",
            false,
            &[],
        ),
        (
            "select",
            "the wrapping of -x pairs up with a bracket",
            "cEx",
            &[b"a)|b"],
            b"axx",
            true,
            &[],
        ),
        (
            "select",
            "what the DFA leaves undecided, regcomp decides: a byte that is no character",
            "uE",
            &[b"\xa9"],
            b"x\xa9",
            true,
            &[(1, 2)],
        ),
        (
            "select",
            "an empty match next to an encoding error",
            "uE",
            &[b"\\b"],
            b"\xff",
            true,
            &[],
        ),
        (
            "shorten",
            "$ lost before a string",
            "cEx",
            &[b"$)"],
            b")",
            true,
            &[],
        ),
        (
            "shorten",
            "$ lost before a string, after ^",
            "cE",
            &[b"^$b$"],
            b"b",
            true,
            &[],
        ),
        (
            "strings",
            "several plain patterns are strings: a backslash at the end means itself",
            "cG",
            &[b"B", b"a\\"],
            b"xa\\",
            true,
            &[(1, 3)],
        ),
        (
            "interval",
            "an interval that regcomp takes for text",
            "cEx",
            &[b"*{.{,2}"],
            b"{.b",
            true,
            &[(0, 2), (2, 3)],
        ),
        (
            "words",
            "-w never settles for an empty match",
            "uGw",
            &[b"-*"],
            b"-a",
            false,
            &[],
        ),
        (
            "words",
            "but the DFA does, where characters are bytes",
            "cGw",
            &[b"-*"],
            b"-a",
            true,
            &[],
        ),
        (
            "words",
            "a shorter match ends earlier than need be",
            "uGw",
            &[b"a\\|a "],
            b"ba\\a.a x",
            true,
            &[(3, 4)],
        ),
        (
            "words",
            "strings: what stands before -o's next place is not looked at",
            "cFiw",
            &[b"Ba.", b"a", b"* 1"],
            b"_.a* 1...a* 1..",
            true,
            &[(2, 3), (3, 6), (9, 10), (10, 13)],
        ),
        (
            "bracket",
            "-i folds the text of a range",
            "cGi",
            &[b"[A-z]"],
            b"_",
            true,
            &[],
        ),
        (
            "bracket",
            "and not its ends, where the DFA reads bytes",
            "cEi",
            &[b"[a-B]"],
            b"a",
            false,
            &[],
        ),
    ];

    #[test]
    fn each_quirk_is_gnu_greps() {
        for (part, what, flags, patterns, line, selected, extents) in QUIRKS {
            let charset = match flags.as_bytes()[0] {
                b'u' => Charset::Utf8,
                _ => Charset::Bytes,
            };
            let syntax = match flags.as_bytes()[1] {
                b'E' => Syntax::Extended,
                b'F' => Syntax::Fixed,
                _ => Syntax::Basic,
            };
            let options = Options {
                ignore_case: flags.contains('i'),
                whole: match (flags.contains('x'), flags.contains('w')) {
                    (true, _) => Whole::Lines,
                    (_, true) => Whole::Words,
                    _ => Whole::Any,
                },
                wide_ranges: false,
                ..Options::new(syntax, charset)
            };
            let patterns: Vec<Vec<u8>> = patterns.iter().map(|text| text.to_vec()).collect();
            let compiled = Matcher::compile(&patterns, &options).expect("they are right");
            let matcher = compiled.matcher;
            assert_eq!(matcher.is_match(line), Ok(*selected), "{part}: {what}");
            let mut found = Vec::new();
            let mut at = 0;
            while let Some(range) = matcher.find_at(line, at).expect("it is easy")
                && *selected
                && range.start < line.len()
            {
                at = range.end.max(range.start + 1);
                if !range.is_empty() {
                    found.push((range.start, range.end));
                }
            }
            assert_eq!(found, *extents, "{part}: {what}");
        }
    }
}
