//! What the search of a text came to, and where.

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

/// Where the search by pieces came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reached {
    /// Byte offset of the first line that was not searched.
    pub offset: u64,
    /// Lines before it.
    pub lines: u64,
    /// What was found so far.
    pub found: Found,
    /// Whether that is the end of the search.
    pub ended: bool,
}
