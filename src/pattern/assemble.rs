//! Parsed patterns → the engine they need.

use super::ast::{Ast, Node, NodeId};
use super::ctype::Ctype;
use super::error::Error;
use super::extent::Extents;
use super::gnu::select::Select;
use super::lines::Lines;
use super::matcher::{Compiled, Engine, Matcher, MatcherInner};
use super::options::{Charset, Options, Whole};
use super::parse::Notes;
use super::regular::Regular;
use std::sync::Arc;

/// Patterns that GNU's `regcomp` is given together.
#[derive(Default)]
pub(super) struct Joined {
    /// Their nodes.
    pub ast: Ast,
    /// One for each pattern.
    pub roots: Vec<NodeId>,
    /// What else there is to say.
    pub notes: Notes,
}

impl Joined {
    /// Their alternation.
    pub(super) fn root(&mut self) -> NodeId {
        let roots = std::mem::take(&mut self.roots);
        let root = self.ast.alt(roots);
        self.roots.push(root);
        root
    }
}

/// What is to be compiled, but for the patterns.
pub(super) struct Compiler<'a> {
    /// How.
    pub options: &'a Options,
    /// What characters are.
    pub locale: Ctype,
    /// How lines end.
    pub lines: Lines,
}

impl Compiler<'_> {
    /// The result.
    pub(super) fn done(
        &self,
        engine: Engine,
        groups: usize,
        required: Option<Vec<Vec<u8>>>,
        warnings: Vec<String>,
    ) -> Compiled {
        let names = match &engine {
            Engine::Perl(perl) => perl.names().to_vec(),
            _ => vec![None; groups + 1],
        };
        let codepage = match self.options.charset {
            Charset::Other(codepage) => Some(codepage),
            _ => None,
        };
        let required = required.filter(|all| {
            codepage.is_none() && !all.is_empty() && all.iter().all(|s| !s.is_empty())
        });
        let inner = MatcherInner {
            engine,
            lines: self.lines,
            codepage,
            groups,
            names,
            required,
        };
        Compiled {
            matcher: Matcher {
                inner: Arc::new(inner),
            },
            warnings,
        }
    }

    /// The engine that finds extents.
    pub(super) fn extents(&self, mut part: Joined) -> Extents {
        let options = self.options;
        let root = part.root();
        let bytewise = !self.locale.utf8 || !(part.notes.complex || options.ignore_case);
        let ast = part.ast;
        Extents::new(
            ast,
            root,
            self.locale,
            options.ignore_case,
            options.terminator,
            bytewise,
        )
    }

    /// The engine for what is not plain.
    pub(super) fn regular(
        &self,
        mut units: Vec<Extents>,
        select: &Select,
        warnings: Vec<String>,
    ) -> Result<Compiled, Error> {
        let options = self.options;
        let groups = units
            .iter()
            .map(|unit| unit.tree().0.groups as usize)
            .max()
            .unwrap_or(0);
        if units.len() == 1 {
            let (ast, root) = if select.undecided {
                units[0].tree()
            } else {
                (&select.ast, select.root)
            };
            if options.whole == Whole::Any
                && !(select.undecided && select.corner)
                && !ast.any(|node| matches!(node, Node::Backref(_)))
                && ast.nullable(root, false)
            {
                let extents = Box::new(units.remove(0));
                return Ok(self.done(Engine::Always(extents), groups, None, warnings));
            }
        }
        let regular = Regular::new(
            units,
            select,
            options.whole,
            self.locale,
            options.ignore_case,
            self.lines,
        )
        .map_err(|message| Error::new(None, message))?;
        let required = regular.required().map(|string| vec![string.to_vec()]);
        Ok(self.done(
            Engine::Regular(Box::new(regular)),
            groups,
            required,
            warnings,
        ))
    }
}
