//! A string that every selected line holds: it is looked for before the pattern, for as long as it is rare.

use std::ops::{ControlFlow, Range};

use memchr::memmem::Finder;

use super::lines::Lines;

/// Strings shorter than that are in too many lines.
const SHORTEST: usize = 3;
/// The string is frequent if, after this many lines that hold it in vain, one of so many bytes (or fewer) holds it.
const FEW: usize = 16;
const RARE: usize = 200;

/// The string.
#[derive(Clone, Debug)]
pub(super) struct Required(Finder<'static>);

impl Required {
    /// None: there is no such string.
    pub(super) fn new(string: &[u8]) -> Option<Required> {
        (!string.is_empty()).then(|| Required(Finder::new(string).into_owned()))
    }

    /// Its bytes.
    pub(super) fn string(&self) -> &[u8] {
        self.0.needle()
    }

    /// The first line at `at` (a line's start) or later that holds the string and is a match. To be continued without
    /// the string from where it turns out to be frequent.
    ///
    /// # Errors
    /// Those of `is_match`.
    pub(super) fn find_line<E>(
        &self,
        lines: Lines,
        buffer: &[u8],
        mut at: usize,
        is_match: impl Fn(&[u8]) -> Result<bool, E>,
    ) -> Result<ControlFlow<Option<Range<usize>>, usize>, E> {
        if self.string().len() < SHORTEST {
            return Ok(ControlFlow::Continue(at));
        }
        let (from, mut in_vain) = (at, 0);
        while in_vain < FEW || (at - from) / in_vain > RARE {
            let Some(found) = self.0.find(&buffer[at..]) else {
                return Ok(ControlFlow::Break(None));
            };
            let line = lines.around(buffer, at + found);
            if is_match(lines.content(&buffer[line.clone()]))? {
                return Ok(ControlFlow::Break(Some(line)));
            }
            at = line.end;
            in_vain += 1;
        }
        Ok(ControlFlow::Continue(at))
    }
}
