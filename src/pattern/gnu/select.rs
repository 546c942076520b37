//! The second reading: GNU grep's DFA decides which lines are selected, and leaves some decisions to `regcomp`'s reading,
//! which says where matches are. Where the two differ, users see both.

use crate::pattern::ast::{Ast, Node, NodeId};
use crate::pattern::ctype::Ctype;
use crate::pattern::extent::Extents;
use crate::pattern::options::Whole;
use crate::pattern::translate::{Anchors, Style, Words, translate};
use crate::pattern::{build, deep};
use grep_regex::RegexMatcher;

/// What the DFA would make of the patterns.
#[derive(Debug)]
pub(crate) struct Select {
    /// Its tree.
    pub ast: Ast,
    /// Its root.
    pub root: NodeId,
    /// It leaves the decision to `regcomp`'s reading.
    pub undecided: bool,
    /// It has `-x` or `-w` in it.
    pub wrapped: bool,
    /// The two readings may differ in what they leave undecided too.
    pub corner: bool,
}

impl Select {
    /// Whether GNU's DFA leaves the decision to the other engine: back-references, most brackets in
    /// UTF-8, and words there.
    pub(crate) fn is_undecided(locale: Ctype, ast: &Ast, root: NodeId) -> bool {
        ast.has(root, |node| match node {
            Node::Opaque => true,
            Node::Assertion(look) => locale.utf8 && look.is_word(),
            _ => false,
        })
    }

    /// What lets pass only what the DFA does, where the two readings differ.
    ///
    /// # Errors
    /// The pattern is too big.
    pub(crate) fn filter(
        &self,
        style: Style,
        locale: Ctype,
    ) -> Result<Option<RegexMatcher>, String> {
        if !(self.undecided && self.corner) {
            return Ok(None);
        }
        let style = Style {
            anchors: Anchors::Text,
            words: if locale.utf8 {
                Words::Everywhere
            } else {
                Words::Ascii
            },
            ..style
        };
        let text = deep::run(self.ast.depth(), || translate(&self.ast, self.root, style))?;
        build::lines(&text, locale.utf8, style.terminator).map(Some)
    }

    /// Which lines that the scan finds do match; `beyond`: some are beyond Rust's regexes.
    pub(crate) fn trust(&self, beyond: bool, whole: Whole, nullable: bool) -> Trust {
        if beyond {
            Trust::None
        } else if whole == Whole::Words && self.undecided {
            // The retries of `-w` never settle for an empty match.
            if nullable { Trust::None } else { Trust::Ascii }
        } else {
            Trust::All
        }
    }

    /// Whether both readings of the patterns are one and the same.
    pub(crate) fn is(&self, extents: &Extents) -> bool {
        let (ast, root) = extents.tree();
        ast.nodes == self.ast.nodes && root == self.root
    }
}

/// Which lines that the scan finds do match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// All of them.
    All,
    /// Those of ASCII alone.
    Ascii,
    /// None: each is looked at again.
    None,
}

/// Whether a backslash and a digit stand side by side, whatever they mean there: so GNU looks for
/// back-references.
pub(crate) fn may_refer_back(pattern: &[u8]) -> bool {
    let mut rest = pattern;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        match rest.get(at + 1) {
            Some(b'1'..=b'9') => return true,
            Some(b'\\') => rest = &rest[at + 2..],
            _ => rest = &rest[at + 1..],
        }
    }
    false
}

/// What GNU's DFA is given for `-x` and, where characters are bytes, `-w`: the text of the
/// patterns, wrapped, whatever their brackets do to it.
pub(crate) fn wrap(joined: &[u8], whole: Whole, extended: bool) -> Vec<u8> {
    let (start, end): (&[u8], &[u8]) = match (whole, extended) {
        (Whole::Lines, true) => (b"^(", b")$"),
        (Whole::Lines, false) => (b"^\\(", b"\\)$"),
        (_, true) => (b"(^|[^[:alnum:]_])(", b")([^[:alnum:]_]|$)"),
        (_, false) => (b"\\(^\\|[^[:alnum:]_]\\)\\(", b"\\)\\([^[:alnum:]_]\\|$\\)"),
    };
    [start, joined, end].concat()
}
