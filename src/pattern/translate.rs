//! [`Ast`] → a pattern in Rust's regex syntax, for grep-regex and regex-automata.

use std::fmt::Write as _;

use super::ast::{Assertion, Ast, Node, NodeId};

/// What becomes of `^` and `$`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchors {
    /// They match at line feeds too (multi-line mode).
    Line,
    /// The same, and `$` also before a CR at the line's end: lines that match with that CR stripped
    /// match, and some others.
    LineCr,
    /// They match at the ends of the text alone.
    Text,
}

/// How to treat `\<`, `\>`, `\b`, `\B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// By ASCII letters: right where characters are bytes and on lines of ASCII.
    Ascii,
    /// So that they match wherever a Unicode letter might make them match: more than the pattern.
    Superset,
    /// They hold everywhere.
    Everywhere,
}

/// How to write a pattern down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// `^` and `$`.
    pub anchors: Anchors,
    /// Word assertions.
    pub words: Words,
    /// The line terminator: no line holds it, so a pattern that asks for it never matches.
    pub terminator: u8,
    /// Counts are not written down where they are many: the result matches more than the pattern does, and is small.
    pub uncounted: bool,
    /// Back-references ignore case, so what is said again may differ from what was said.
    pub ignore_case: bool,
}

/// Writes `root`. Back-references become what they might match: with them the result matches more
/// than the pattern does. Recurses as deep as the tree; see [`Ast::depth`].
pub(super) fn translate(ast: &Ast, root: NodeId, style: Style) -> String {
    let mut writer = RegexWriter {
        ast,
        style,
        out: String::new(),
    };
    writer.node(root, false);
    writer.out
}

/// How far an [uncounted](Style::uncounted) pattern counts.
const COUNTED: u32 = 4;

/// A class without members.
pub(super) const NEVER: &str = "[a&&b]";

struct RegexWriter<'a> {
    ast: &'a Ast,
    style: Style,
    out: String,
}

impl RegexWriter<'_> {
    /// `tight`: an operator may follow, or it stands within a concatenation.
    fn node(&mut self, id: NodeId, tight: bool) {
        match self.ast.get(id) {
            Node::Empty => self.out.push_str("(?:)"),
            &Node::Char(c) => self.character(c),
            Node::Byte(byte) => {
                let _ = write!(self.out, "(?-u:\\x{byte:02X})");
            }
            Node::Set(set) => {
                if set.is_empty() {
                    self.out.push_str(NEVER);
                    return;
                }
                self.out.push('[');
                for &(start, end) in set.ranges() {
                    self.member(start);
                    if start < end {
                        self.out.push('-');
                        self.member(end);
                    }
                }
                self.out.push(']');
            }
            Node::Any => self.out.push('.'),
            Node::Assertion(look) => self.look(*look),
            Node::Group(_, inner) => self.node(*inner, tight),
            Node::Cat(items) => {
                if tight {
                    self.out.push_str("(?:");
                }
                for &item in items {
                    // Within a concatenation only an alternation needs brackets.
                    self.node(item, self.is_alternation(item));
                }
                if tight {
                    self.out.push(')');
                }
            }
            Node::Alt(items) => {
                if tight {
                    self.out.push_str("(?:");
                }
                for (at, &item) in items.iter().enumerate() {
                    if at > 0 {
                        self.out.push('|');
                    }
                    self.node(item, false);
                }
                if tight {
                    self.out.push(')');
                }
            }
            Node::Repeat(inner, min, max) => self.repeat(*inner, *min, *max),
            Node::Opaque => self.out.push_str("(?s-u:.)*"),
            Node::Backref(group) => self.backref(id, *group),
        }
    }

    fn is_alternation(&self, mut id: NodeId) -> bool {
        while let Node::Group(_, inner) = self.ast.get(id) {
            id = *inner;
        }
        matches!(self.ast.get(id), Node::Alt(_))
    }

    fn repeat(&mut self, inner: NodeId, mut min: u32, mut max: Option<u32>) {
        if self.style.uncounted {
            min = min.min(COUNTED);
            max = max.filter(|max| *max <= COUNTED);
        }
        self.out.push_str("(?:");
        self.node(inner, false);
        self.out.push(')');
        let _ = match (min, max) {
            (0, None) => write!(self.out, "*"),
            (1, None) => write!(self.out, "+"),
            (0, Some(1)) => write!(self.out, "?"),
            (min, None) => write!(self.out, "{{{min},}}"),
            (min, Some(max)) if min == max => write!(self.out, "{{{min}}}"),
            (min, Some(max)) => write!(self.out, "{{{min},{max}}}"),
        };
    }

    fn character(&mut self, c: u32) {
        if c == u32::from(self.style.terminator) {
            self.out.push_str(NEVER);
        } else {
            self.member(c);
        }
    }

    fn member(&mut self, c: u32) {
        match char::from_u32(c) {
            Some(c) if c.is_ascii_alphanumeric() => self.out.push(c),
            _ if c < 0x100 => {
                let _ = write!(self.out, "\\x{c:02X}");
            }
            _ => {
                let _ = write!(self.out, "\\x{{{c:X}}}");
            }
        }
    }

    fn look(&mut self, look: Assertion) {
        let text = match (look, self.style.anchors, self.style.words) {
            (Assertion::Start, Anchors::Line | Anchors::LineCr, _) => "(?m:^)",
            (Assertion::End, Anchors::Line, _) => "(?m:$)",
            (Assertion::End, Anchors::LineCr, _) => "(?:\\r??(?m:$))",
            (Assertion::Start, Anchors::Text, _) => "\\A",
            (Assertion::End, Anchors::Text, _) => "\\z",
            (_, _, Words::Everywhere) => "(?:)",
            (Assertion::WordStart, _, Words::Ascii) => "(?-u:\\b{start})",
            (Assertion::WordEnd, _, Words::Ascii) => "(?-u:\\b{end})",
            (Assertion::Word, _, Words::Ascii) => "(?-u:\\b)",
            (Assertion::NotWord, _, Words::Ascii) => "(?-u:\\B)",
            (Assertion::WordStart, _, Words::Superset) => WORD_START,
            (Assertion::WordEnd, _, Words::Superset) => WORD_END,
            (Assertion::Word, _, Words::Superset) => "(?-u:\\b{start-half}|\\b{end-half})",
            (Assertion::NotWord, _, Words::Superset) => "(?:)",
        };
        self.out.push_str(text);
    }

    fn backref(&mut self, at: NodeId, group: u32) {
        // The nearest group of that number before it: patterns count their groups separately.
        let before = &self.ast.nodes[..at as usize];
        let found = before.iter().rev().find_map(|node| match node {
            Node::Group(number, inner) if *number == group => Some(*inner),
            _ => None,
        });
        match found {
            None => self.out.push_str(NEVER),
            Some(inner) if !self.style.ignore_case && self.is_simple(inner, &mut 64) => {
                self.node(inner, true);
            }
            Some(_) => self.out.push_str("(?s-u:.)*"),
        }
    }

    /// Whether a group is small and free of assertions and back-references.
    fn is_simple(&self, id: NodeId, budget: &mut u32) -> bool {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        match self.ast.get(id) {
            Node::Assertion(_) | Node::Backref(_) => false,
            Node::Group(_, inner) => self.is_simple(*inner, budget),
            Node::Repeat(inner, min, max) => {
                max.unwrap_or(*min) <= 16 && self.is_simple(*inner, budget)
            }
            Node::Cat(items) | Node::Alt(items) => {
                items.iter().all(|&item| self.is_simple(item, budget))
            }
            _ => true,
        }
    }
}

/// Holds wherever no word constituent stands before, and at some other places beyond ASCII.
pub(super) const WORD_START: &str = "(?-u:\\b{start-half})";
/// Holds wherever no word constituent stands after, and at some other places beyond ASCII.
pub(super) const WORD_END: &str = "(?-u:\\b{end-half})";
