//! A look at raw bytes that shows whether anything can be found in them, before they are read as INI, or as lines.

use crate::pattern::Matcher;
use crate::plan::Job;
use encoding_rs::Encoding;
use memchr::memmem::Finder;

/// Byte strings of which a file holds one if any of its lines matches.
#[derive(Debug)]
pub(super) struct Prefilter {
    finders: Vec<Finder<'static>>,
}

/// More strings than these are not looked for one by one.
const MANY: usize = 4;

impl Prefilter {
    /// The prefilter for files that `job` reads as INI, if its pattern and encoding allow one.
    pub(super) fn new(job: &Job) -> Option<Prefilter> {
        let matcher = job.matchers.ini().filter(|_| !job.output.invert)?;
        Prefilter::of_literals(matcher.required_literals()?, job.ini.fallback)
    }

    /// The prefilter for text that `matcher` is to find lines in, if its pattern allows one.
    pub(super) fn of_text(matcher: &Matcher) -> Option<Prefilter> {
        Prefilter::of_literals(matcher.required_literals()?, encoding_rs::UTF_8)
    }

    fn of_literals(literals: &[Vec<u8>], fallback: &'static Encoding) -> Option<Prefilter> {
        // In such an encoding an ASCII character of the text is that byte in the file.
        if literals.len() > MANY || !fallback.is_ascii_compatible() {
            return None;
        }
        let finders: Option<Vec<Finder<'static>>> = literals
            .iter()
            .map(|literal| ascii_run(literal).map(|run| Finder::new(run).into_owned()))
            .collect();
        finders.map(|finders| Prefilter { finders })
    }

    /// Whether a line of a file with these bytes may match.
    pub(super) fn may_match(&self, bytes: &[u8]) -> bool {
        matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
            || self
                .finders
                .iter()
                .any(|finder| finder.find(bytes).is_some())
    }
}

/// The longest run of ASCII characters in a literal.
fn ascii_run(literal: &[u8]) -> Option<&[u8]> {
    literal
        .split(|byte| !byte.is_ascii())
        .max_by_key(|run| run.len())
        .filter(|run| !run.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Document;
    use encoding_rs::{ISO_2022_JP, SHIFT_JIS, UTF_16LE, WINDOWS_1252};
    use proptest::prelude::*;

    #[test]
    fn names_with_accents_are_looked_for_by_their_plain_part() {
        let literals = [b"J\xc3\xbcrgen".to_vec()];
        let filter = Prefilter::of_literals(&literals, WINDOWS_1252).unwrap();
        assert!(filter.may_match(b"Name = J\xfcrgen") && !filter.may_match(b"Name = Anna"));
        assert!(filter.may_match(b"\xff\xfeJ\0"));
        assert!(Prefilter::of_literals(&[b"\xc3\xbc".to_vec()], WINDOWS_1252).is_none());
        assert!(Prefilter::of_literals(&literals, UTF_16LE).is_none());
        assert!(Prefilter::of_literals(&literals, ISO_2022_JP).is_none());
    }

    proptest! {
        #[test]
        fn no_file_is_passed_over_that_holds_the_literal(
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
            at in 0usize..60,
            length in 1usize..5,
            japanese in any::<bool>(),
        ) {
            let fallback = if japanese { SHIFT_JIS } else { WINDOWS_1252 };
            let document = Document::new(&bytes, fallback);
            let text = String::from_utf8(document.text().to_vec()).unwrap();
            let literal: String = text.chars().skip(at).take(length).collect();
            if let Some(filter) = Prefilter::of_literals(&[literal.clone().into_bytes()], fallback)
                && !literal.contains(['\n', '\r'])
            {
                prop_assert!(filter.may_match(&bytes));
            }
        }
    }
}
