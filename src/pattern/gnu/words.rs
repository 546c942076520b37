//! `-w`: how GNU grep's two matchers look on where the longest match is no word.

use crate::pattern::error::MatchError;
use crate::pattern::extent::Extents;
use crate::pattern::literal::Literals;
use crate::pattern::options::Whole;
use crate::pattern::regular::Regular;
use crate::pattern::words;
use std::ops::Range;

impl Regular {
    /// As GNU tries under `-w`: where the longest match is no word, shorter ones that are not
    /// empty, then later ones.
    pub(in crate::pattern) fn find_word(
        &self,
        unit: &Extents,
        line: &[u8],
        from: usize,
    ) -> Result<Option<Range<usize>>, MatchError> {
        let mut at = from;
        let mut ends = Vec::new();
        loop {
            let Some(found) = unit.find(line, at)? else {
                return Ok(None);
            };
            if !words::before(self.locale, line, found.start) {
                if !words::after(self.locale, line, found.end) {
                    return Ok(Some(found));
                }
                if found.end > found.start {
                    unit.ends(line, found.start, &mut ends)?;
                    // GNU counts the limit of a shorter match from `from`, not from the line's
                    // start, so that it comes out short.
                    let mut limit = (found.end - 1).checked_sub(from);
                    for &end in ends.iter().rev() {
                        if end <= found.start || limit.is_none_or(|limit| end > limit) {
                            continue;
                        }
                        if !words::after(self.locale, line, end) {
                            return Ok(Some(found.start..end));
                        }
                        limit = (end - 1).checked_sub(from);
                    }
                }
            }
            // A later match must not begin within a word either.
            at = unit.boundary(line, found.start + 1);
            while at < line.len() && words::before(self.locale, line, at) {
                at += 1;
            }
            if at > line.len() {
                return Ok(None);
            }
        }
    }
}

impl Literals {
    /// The next string that stands as a word: at a start where the longest does not, a shorter
    /// one may. Such a one must end `short` bytes earlier than need be: GNU's regex engine counts
    /// that limit from the wrong place.
    pub(in crate::pattern) fn search_word(
        &self,
        text: &[u8],
        from: usize,
        short: usize,
    ) -> Option<Range<usize>> {
        let mut at = from;
        loop {
            let found = self.search(text, at)?;
            let unseen = self.blind && found.start == from;
            if unseen || !words::before(self.locale, text, found.start) {
                if !words::after(self.locale, text, found.end) {
                    return Some(found);
                }
                if let Some(shorter) = self.shorter_word(text, &found, short) {
                    return Some(shorter);
                }
            }
            // The next match cannot begin within a word.
            at = words::end(self.locale, text, found.start) + 1;
            if at > text.len() {
                return None;
            }
        }
    }

    fn shorter_word(
        &self,
        text: &[u8],
        found: &Range<usize>,
        short: usize,
    ) -> Option<Range<usize>> {
        let mut end = found.end;
        while end > found.start {
            let limit = (end - 1)
                .checked_sub(short)
                .filter(|&limit| limit >= found.start)?;
            let shorter = self.search(&text[..limit], found.start)?;
            if shorter.start != found.start || (shorter.is_empty() && !self.blind) {
                return None;
            }
            if !words::after(self.locale, text, shorter.end) {
                return Some(shorter);
            }
            end = shorter.end;
        }
        None
    }

    /// Whether an empty string among others counts as a word: where characters are bytes, GNU's regex engine decides.
    pub(in crate::pattern) fn empty_words(&self) -> bool {
        self.empty && self.whole == Whole::Words && !self.locale.utf8
    }

    /// Whether there is a place without a word constituent on either side.
    pub(in crate::pattern) fn has_empty_word(&self, line: &[u8]) -> bool {
        let bare =
            |at| !words::before(self.locale, line, at) && !words::after(self.locale, line, at);
        (0..=line.len()).any(bare)
    }
}
