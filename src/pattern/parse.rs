//! POSIX basic and extended regular expressions → [`Ast`].
//!
//! GNU grep reads every pattern twice: the C library's `regcomp` finds syntax errors and the extents
//! of matches, its own DFA finds the lines. The two differ in corners (`^*a`, `{1}a`, `a$)`), and
//! users see both, so the parser has a `Reading` for each. It is a loop over tokens with a stack of
//! open groups, not a recursion, so no pattern can overflow the stack.

use std::sync::Arc;

use super::ast::{Assertion, Ast, Node, NodeId};
use super::bracket;
use super::gnu;
use super::interval;
use super::mode::{Mode, Reading};
use super::set::CharSet;
use super::unit::{Unit, unit};

/// Groups nested deeper than this are an error, in GNU's words (it runs out of stack).
const MAX_DEPTH: usize = 2000;

/// What else parsing found.
#[derive(Debug, Default)]
pub struct Notes {
    /// GNU's warnings, without "warning: ".
    pub warnings: Vec<String>,
    /// `regcomp` cannot match byte by byte.
    pub complex: bool,
    /// The two views differ about something else than `^*`, or may do so once the text is wrapped.
    pub corner: bool,
}

/// Parses one pattern (or, for `Reading::Select`, several joined by newlines) into `ast`.
///
/// # Errors
/// GNU's message.
pub fn parse(ast: &mut Ast, text: &[u8], mode: Mode, notes: &mut Notes) -> Result<NodeId, String> {
    Parser {
        ast,
        text,
        mode,
        notes,
        at: 0,
        stack: Vec::new(),
        frame: Frame::default(),
        groups: 0,
        completed: 0,
        start: true,
        caret: true,
        skipped: false,
    }
    .run()
}

/// An open group, or the pattern itself.
#[derive(Default)]
struct Frame {
    group: u32,
    alts: Vec<NodeId>,
    items: Vec<NodeId>,
    /// Groups completed before this one began, and in its earlier alternatives.
    before: u16,
    earlier: u16,
}

struct Parser<'a> {
    ast: &'a mut Ast,
    text: &'a [u8],
    mode: Mode,
    notes: &'a mut Notes,
    at: usize,
    stack: Vec<Frame>,
    frame: Frame,
    groups: u32,
    /// Groups 1–9 that are closed, as bits 0–8: those a back-reference may name.
    completed: u16,
    /// An operator here has nothing to repeat.
    start: bool,
    /// The token before was the pattern's start, `(` or `|`, so `^` is an anchor in a BRE too.
    caret: bool,
    /// An operator was just skipped (ERE, extent view): a `)` that follows is a character.
    skipped: bool,
}

impl Parser<'_> {
    fn run(mut self) -> Result<NodeId, String> {
        while self.at < self.text.len() {
            self.token()?;
        }
        if !self.stack.is_empty() {
            return Err("Unmatched ( or \\(".into());
        }
        self.end_branch();
        self.ast.groups = self.ast.groups.max(self.groups);
        let alts = std::mem::take(&mut self.frame.alts);
        Ok(self.ast.alt(alts))
    }

    fn select(&self) -> bool {
        self.mode.view == Reading::Select
    }

    fn token(&mut self) -> Result<(), String> {
        let extended = self.mode.extended;
        let (unit, len) = unit(&self.text[self.at..], self.mode.locale.utf8);
        let begin = self.at;
        self.at += len;
        let c = match unit {
            Unit::Char(c) if c < 0x80 => c as u8,
            other => {
                self.character(other);
                return Ok(());
            }
        };
        if c == b'\\' {
            return self.escape();
        }
        match c {
            b'\n' if self.select() => self.alternative(),
            b'|' if extended => self.alternative(),
            b'(' if extended => self.open()?,
            b')' if extended => {
                if self.stack.is_empty() || self.skipped {
                    self.notes.corner = true;
                    self.character(unit);
                } else {
                    self.close();
                }
            }
            b'*' => self.operator(c, false, 0, None),
            b'+' if extended => self.operator(c, false, 1, None),
            b'?' if extended => self.operator(c, false, 0, Some(1)),
            b'{' if extended => self.interval(false)?,
            b'.' => self.atom(Node::Any),
            b'[' => self.bracket()?,
            b'^' if extended || begin == 0 || self.caret => self.look(Assertion::Start),
            b'$' if extended || self.dollar_is_anchor() => {
                self.notes.corner |= matches!(self.text[self.at..], [b')' | b'|', ..]);
                self.look(Assertion::End);
            }
            _ => self.character(unit),
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        if self.at == self.text.len() {
            return Err("Trailing backslash".into());
        }
        let basic = !self.mode.extended;
        let (next, len) = unit(&self.text[self.at..], self.mode.locale.utf8);
        self.at += len;
        let c = match next {
            Unit::Char(c) if c < 0x80 => c as u8,
            other => {
                self.stray(other);
                self.character(other);
                return Ok(());
            }
        };
        match c {
            b'|' if basic => self.alternative(),
            b'(' if basic => self.open()?,
            b')' if basic => {
                if self.stack.is_empty() {
                    return Err("Unmatched ) or \\)".into());
                }
                self.close();
            }
            b'+' if basic => self.operator(c, true, 1, None),
            b'?' if basic => self.operator(c, true, 0, Some(1)),
            b'{' if basic => self.interval(true)?,
            b'1'..=b'9' => {
                let group = u32::from(c - b'0');
                if !self.select() && self.completed & (1 << (group - 1)) == 0 {
                    return Err("Invalid back reference".into());
                }
                self.undecided(Node::Backref(group), true);
            }
            b'`' => self.look(Assertion::Start),
            b'\'' => self.look(Assertion::End),
            b'<' => self.look(Assertion::WordStart),
            b'>' => self.look(Assertion::WordEnd),
            b'b' => self.look(Assertion::Word),
            b'B' => self.look(Assertion::NotWord),
            b'w' | b'W' | b's' | b'S' => {
                let locale = self.mode.locale;
                let set = match c.to_ascii_lowercase() {
                    b'w' => locale.word(),
                    _ => locale.class("space").expect("space is a class"),
                };
                let set = if c.is_ascii_uppercase() {
                    set.complement(locale.max())
                } else {
                    set
                };
                self.notes.complex |= locale.utf8;
                self.undecided(Node::Set(Arc::new(set)), locale.utf8);
            }
            b'\\' | b'^' | b'$' | b'*' | b'.' | b'[' | b']' | b'}' | b'\n' => self.character(next),
            b'+' | b'?' | b'{' | b'|' | b'(' | b')' => self.character(next),
            // `regcomp` compares the text in upper case with this letter, which is not.
            b'a'..=b'z' if self.mode.ignore_case && !self.select() => {
                self.atom(Node::Set(Arc::new(CharSet::default())));
            }
            _ => {
                self.stray(next);
                self.character(next);
            }
        }
        Ok(())
    }

    fn stray(&mut self, unit: Unit) {
        if !(self.select() && self.mode.warn_of_stray) {
            return;
        }
        let locale = self.mode.locale;
        self.warn(match unit {
            Unit::Char(c) if locale.is_print(c) => match char::from_u32(c) {
                Some(' ') => "stray \\ before white space".into(),
                _ if c > 0x7f && locale.is_space(c) => "stray \\ before white space".into(),
                Some(c) => format!("stray \\ before {c}"),
                None => "stray \\".into(),
            },
            _ => "stray \\ before unprintable character".into(),
        });
    }

    fn warn(&mut self, text: String) {
        self.notes.warnings.push(text);
    }

    /// In a BRE `$` is an anchor at the end, and before `\)` and `\|`. The DFA takes a bare `)` or
    /// `|` for the same.
    fn dollar_is_anchor(&self) -> bool {
        match &self.text[self.at..] {
            [] => true,
            [b'\\', b')' | b'|', ..] => true,
            [b'\n', ..] => self.select(),
            [b')' | b'|', _, ..] => self.select(),
            _ => false,
        }
    }

    fn push(&mut self, node: Node, start: bool) {
        let id = self.ast.push(node);
        self.frame.items.push(id);
        self.start = start;
        self.caret = false;
        self.skipped = false;
    }

    fn atom(&mut self, node: Node) {
        self.push(node, false);
    }

    fn look(&mut self, look: Assertion) {
        // `regcomp` never repeats an anchor: an operator after it starts anew. The DFA leaves its
        // "at the start" as it was.
        let start = !self.select() || self.start;
        self.notes.complex |= look.is_word() && self.mode.locale.utf8;
        self.push(Node::Assertion(look), start);
    }

    /// An atom that, if so, the DFA cannot decide.
    fn undecided(&mut self, node: Node, so: bool) {
        self.atom(if so && self.select() {
            Node::Opaque
        } else {
            node
        });
    }

    fn character(&mut self, unit: Unit) {
        let node = match unit {
            Unit::Bad(byte) => return self.undecided(Node::Byte(byte), true),
            Unit::Char(c) if self.mode.ignore_case => self.ast.folded(c, self.mode.locale),
            Unit::Char(c) => Node::Char(c),
        };
        self.atom(node);
    }

    fn bracket(&mut self) -> Result<(), String> {
        let found = bracket::parse(&self.text[self.at..], self.mode)?;
        self.at += found.len;
        self.notes.complex |= found.complex;
        self.undecided(Node::Set(Arc::new(found.set)), found.undecided);
        Ok(())
    }

    fn end_branch(&mut self) {
        let items = std::mem::take(&mut self.frame.items);
        let branch = self.ast.cat(items);
        self.frame.alts.push(branch);
    }

    fn alternative(&mut self) {
        self.end_branch();
        self.frame.earlier |= self.completed;
        self.completed = self.frame.before;
        self.fresh();
    }

    /// At the start of a branch.
    fn fresh(&mut self) {
        self.start = true;
        self.caret = true;
        self.skipped = false;
    }

    fn open(&mut self) -> Result<(), String> {
        if self.stack.len() >= MAX_DEPTH {
            return Err("stack overflow".into());
        }
        self.groups += 1;
        let inner = Frame {
            group: self.groups,
            before: self.completed,
            ..Frame::default()
        };
        self.stack.push(std::mem::replace(&mut self.frame, inner));
        self.fresh();
        Ok(())
    }

    fn close(&mut self) {
        self.end_branch();
        let outer = self.stack.pop().expect("the caller saw an open group");
        let inner = std::mem::replace(&mut self.frame, outer);
        self.completed |= inner.earlier;
        if inner.group <= 9 {
            self.completed |= 1 << (inner.group - 1);
        }
        let content = self.ast.alt(inner.alts);
        self.atom(Node::Group(inner.group, content));
    }

    /// `*`, `+`, `?`.
    fn operator(&mut self, c: u8, escaped: bool, min: u32, max: Option<u32>) {
        self.notes.corner |= self.after_look();
        if self.start && !self.mode.extended {
            if escaped {
                self.stray(Unit::Char(u32::from(c)));
            }
            self.character(Unit::Char(u32::from(c)));
        } else if self.start && !self.select() {
            self.skipped = true;
        } else {
            if self.start {
                self.warn(format!("{} at start of expression", char::from(c)));
            }
            self.repeat(min, max);
        }
    }

    fn after_look(&self) -> bool {
        let last = self.frame.items.last().map(|&last| self.ast.get(last));
        matches!(last, Some(Node::Assertion(_) | Node::Empty))
    }

    fn repeat(&mut self, min: u32, max: Option<u32>) {
        self.caret = false;
        self.skipped = false;
        let Some(last) = self.frame.items.pop() else {
            return;
        };
        let node = match (self.ast.get(last), min, max) {
            (Node::Empty, ..) | (.., Some(0)) => Node::Empty,
            (_, 1, Some(1)) => {
                self.frame.items.push(last);
                return;
            }
            // `a**`, `a*+?`: no deeper for it.
            (&Node::Repeat(inner, 0 | 1, None) | &Node::Repeat(inner, 0, Some(1)), 0 | 1, None)
            | (&Node::Repeat(inner, 0 | 1, None), 0, Some(1)) => {
                let both = matches!(self.ast.get(last), Node::Repeat(_, 1, None)) && min == 1;
                Node::Repeat(inner, u32::from(both), None)
            }
            (&Node::Repeat(inner, 0, Some(1)), 0, Some(1)) => Node::Repeat(inner, 0, Some(1)),
            _ => Node::Repeat(last, min, max),
        };
        let id = self.ast.push(node);
        self.frame.items.push(id);
    }

    /// `{…}`, or `\{…\}` in a BRE; the opening has been read.
    fn interval(&mut self, escaped: bool) -> Result<(), String> {
        self.notes.corner |= self.start || self.after_look();
        let brace = Unit::Char(u32::from(b'{'));
        let read = if self.select() {
            gnu::interval::read(&self.text[self.at..], self.mode.extended)
        } else {
            interval::read(&self.text[self.at..], self.mode.extended)
        };
        if self.start && !self.select() {
            if self.mode.extended {
                self.skipped = true;
            } else {
                self.character(brace);
            }
            return Ok(());
        }
        if self.start && !self.mode.extended {
            if escaped {
                self.stray(brace);
            }
            self.character(brace);
            return Ok(());
        }
        let Some((len, min, max)) = read? else {
            self.character(brace);
            return Ok(());
        };
        if self.start {
            self.warn("{...} at start of expression".into());
        }
        self.at += len;
        self.repeat(min, max);
        if self.select() {
            self.start = false;
        }
        Ok(())
    }
}
