//! The numbers of lines.

/// Numbers of lines of a text, each counted on from the one asked for last.
pub(super) struct Numbers<'t> {
    text: &'t [u8],
    counted: usize,
    number: u64,
}

impl<'t> Numbers<'t> {
    /// For a text with `before` lines before it.
    pub(super) fn new(text: &'t [u8], before: u64) -> Numbers<'t> {
        Numbers {
            text,
            counted: 0,
            number: before + 1,
        }
    }

    /// The number, from 1, of the line with the byte at `at`.
    pub(super) fn at(&mut self, at: usize) -> u64 {
        let lines = |from: usize, to: usize| bytecount::count(&self.text[from..to], b'\n') as u64;
        if at >= self.counted {
            self.number += lines(self.counted, at);
        } else {
            self.number -= lines(at, self.counted);
        }
        self.counted = at;
        self.number
    }
}
