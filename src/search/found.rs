//! What the search of a text came to, and where.

use super::in_order::Sum;

/// What the search of one file came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// Selected lines.
    pub count: u64,
    /// Of these, those that came before the first chunk with a NUL byte.
    pub before_nul: u64,
    /// A line was not printed because it is no text.
    pub garbled: bool,
    /// Bytes up to the end of the last selected line.
    pub consumed: u64,
}

/// Where the search of a text came to: in one piece of it, or up to the end of one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reached {
    /// Byte offset of the first line, or of the first one that was not searched.
    pub offset: u64,
    /// Lines before that, or in the piece.
    pub lines: u64,
    /// What was found so far.
    pub found: Found,
    /// What follows.
    pub end: End,
}

/// What follows a piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// Another piece.
    #[default]
    Goes,
    /// Nothing: the file ended in it, or what comes after does not matter.
    Last,
    /// The ordinary search: there is a NUL byte in it, and it was not searched.
    Nul,
}

impl Sum for Reached {
    fn and(self, next: Reached) -> Reached {
        let (mut all, found) = (self, next.found);
        (all.offset, all.end) = (next.offset, next.end);
        if next.end != End::Nul {
            all.lines += next.lines;
            all.found.count += found.count;
        }
        if found.count > 0 && next.end != End::Nul {
            all.found.consumed = found.consumed;
        }
        all
    }

    fn is_last(&self) -> bool {
        self.end != End::Goes
    }
}
