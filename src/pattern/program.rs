//! [`Ast`] → a program of small instructions, for the matching that Rust's regex engines cannot do:
//! back-references, GNU's idea of a word beyond ASCII, encoding errors in patterns, and groups.

use std::sync::Arc;

use super::ast::{Assertion, Ast, Node, NodeId};
use super::ctype::Ctype;
use super::error::TOO_BIG;
use super::set::CharSet;
use super::unit::{Unit, unit};

/// Programs longer than this are refused.
const MAX_LENGTH: usize = 1 << 20;

/// One instruction. Those that match go on at the next one.
#[derive(Clone, Debug)]
pub(super) enum Inst {
    /// A character.
    Char(u32),
    /// A byte.
    Byte(u8),
    /// A character of a set.
    Set(Arc<CharSet>),
    /// Any character.
    Any,
    /// Zero-width.
    Assertion(Assertion),
    /// Goes on at both; the first is preferred.
    Split(u32, u32),
    /// Goes on there.
    Jump(u32),
    /// Remembers the position: slot `2n` begins group `n`, `2n + 1` ends it.
    Save(u32),
    /// What the group matched.
    Backref(u32),
    /// Done.
    Match,
}

/// A program; it starts at instruction 0.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// The instructions.
    pub insts: Vec<Inst>,
    /// Groups, group 0 (the whole match) not counted.
    pub groups: u32,
    /// The groups that are referred back to.
    pub referenced: Vec<u32>,
    /// What characters are.
    pub locale: Ctype,
    /// Back-references ignore case.
    pub ignore_case: bool,
    /// A match may begin within a character.
    pub bytewise: bool,
}

impl Program {
    /// Compiles `root`. Recurses as deep as the tree.
    ///
    /// # Errors
    /// When the program would be too long.
    pub(super) fn new(
        ast: &Ast,
        root: NodeId,
        locale: Ctype,
        ignore_case: bool,
        bytewise: bool,
    ) -> Result<Program, String> {
        let mut builder = Builder {
            ast,
            insts: Vec::new(),
        };
        builder.node(root)?;
        builder.insts.push(Inst::Match);
        let mut referenced: Vec<u32> = builder
            .insts
            .iter()
            .filter_map(|inst| match inst {
                Inst::Backref(group) => Some(*group),
                _ => None,
            })
            .collect();
        referenced.sort_unstable();
        referenced.dedup();
        Ok(Program {
            insts: builder.insts,
            groups: ast.groups,
            referenced,
            locale,
            ignore_case,
            bytewise,
        })
    }

    /// Whether the look-around assertion holds in `line` at `at`.
    pub(super) fn holds(&self, look: Assertion, line: &[u8], at: usize) -> bool {
        match look {
            Assertion::Start => at == 0,
            Assertion::End => at == line.len(),
            _ => {
                let before = self.word_before(line, at);
                let after = self.word_after(line, at);
                match look {
                    Assertion::WordStart => !before && after,
                    Assertion::WordEnd => before && !after,
                    Assertion::Word => before != after,
                    _ => before == after,
                }
            }
        }
    }

    /// `regcomp` takes a byte that is no character for the character of that number.
    fn word_after(&self, line: &[u8], at: usize) -> bool {
        at < line.len()
            && self
                .locale
                .is_word(match unit(&line[at..], self.locale.utf8).0 {
                    Unit::Char(c) => c,
                    Unit::Bad(byte) => u32::from(byte),
                })
    }

    fn word_before(&self, line: &[u8], at: usize) -> bool {
        let Some(&last) = line[..at].last() else {
            return false;
        };
        let c = match bstr::decode_last_utf8(&line[..at]) {
            (Some(c), _) if self.locale.utf8 => u32::from(c),
            _ => u32::from(last),
        };
        self.locale.is_word(c)
    }

    /// How many bytes `inst` takes at `at`, where the character `here` of that length stands;
    /// `None` if it does not match. Only for instructions that take one character or byte.
    pub(super) fn take(
        &self,
        inst: &Inst,
        here: Option<(Unit, usize)>,
        byte: Option<u8>,
    ) -> Option<usize> {
        let (unit, len) = here?;
        let matched = match (inst, unit) {
            (Inst::Byte(want), _) => return (byte == Some(*want)).then_some(1),
            (_, Unit::Bad(_)) => false,
            (Inst::Char(want), Unit::Char(c)) => *want == c,
            (Inst::Set(set), Unit::Char(c)) => set.contains(c),
            (Inst::Any, Unit::Char(_)) => true,
            _ => false,
        };
        matched.then_some(len)
    }
}

struct Builder<'a> {
    ast: &'a Ast,
    insts: Vec<Inst>,
}

impl Builder<'_> {
    fn push(&mut self, inst: Inst) -> Result<usize, String> {
        if self.insts.len() >= MAX_LENGTH {
            return Err(TOO_BIG.into());
        }
        self.insts.push(inst);
        Ok(self.insts.len() - 1)
    }

    fn here(&self) -> u32 {
        self.insts.len() as u32
    }

    fn node(&mut self, id: NodeId) -> Result<(), String> {
        let ast = self.ast;
        match ast.get(id) {
            Node::Empty | Node::Opaque => {}
            Node::Char(c) => drop(self.push(Inst::Char(*c))?),
            Node::Byte(byte) => drop(self.push(Inst::Byte(*byte))?),
            Node::Set(set) => drop(self.push(Inst::Set(Arc::clone(set)))?),
            Node::Any => drop(self.push(Inst::Any)?),
            Node::Assertion(look) => drop(self.push(Inst::Assertion(*look))?),
            Node::Backref(group) => drop(self.push(Inst::Backref(*group))?),
            Node::Group(number, inner) => {
                self.push(Inst::Save(2 * number))?;
                self.node(*inner)?;
                self.push(Inst::Save(2 * number + 1))?;
            }
            Node::Cat(items) => {
                for &item in items {
                    self.node(item)?;
                }
            }
            Node::Alt(items) => {
                let mut jumps = Vec::new();
                for (at, &item) in items.iter().enumerate() {
                    if at + 1 == items.len() {
                        self.node(item)?;
                        break;
                    }
                    let split = self.push(Inst::Split(0, 0))?;
                    let first = self.here();
                    self.node(item)?;
                    jumps.push(self.push(Inst::Jump(0))?);
                    self.insts[split] = Inst::Split(first, self.here());
                }
                for jump in jumps {
                    self.insts[jump] = Inst::Jump(self.here());
                }
            }
            Node::Repeat(inner, min, max) => self.repeat(*inner, *min, *max)?,
        }
        Ok(())
    }

    fn repeat(&mut self, inner: NodeId, min: u32, max: Option<u32>) -> Result<(), String> {
        for _ in 0..min {
            self.node(inner)?;
        }
        match max {
            None => {
                let split = self.push(Inst::Split(0, 0))?;
                let body = self.here();
                self.node(inner)?;
                self.push(Inst::Jump(split as u32))?;
                self.insts[split] = Inst::Split(body, self.here());
            }
            Some(max) => {
                let mut splits = Vec::new();
                for _ in min..max {
                    splits.push(self.push(Inst::Split(0, 0))?);
                    self.node(inner)?;
                }
                let end = self.here();
                for split in splits {
                    self.insts[split] = Inst::Split(split as u32 + 1, end);
                }
            }
        }
        Ok(())
    }
}
