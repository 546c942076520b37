//! Patterns that are strings, or that GNU takes for strings.

use std::sync::Arc;

use super::assemble::{Compiler, Joined};
use super::ast::{Ast, Node, NodeId};
use super::error::Error;
use super::gnu::select::Select;
use super::literal::{Literals, Manner};
use super::matcher::{Compiled, Engine};
use super::options::Whole;
use super::parse::Notes;
use super::set::CharSet;
use super::unit::{Unit, unit};

impl Compiler<'_> {
    /// Strings: plain ones, unless case folding leads beyond ASCII or they are no valid text.
    pub(super) fn fixed(&self, patterns: &[Vec<u8>]) -> Result<Compiled, Error> {
        let options = self.options;
        let single = patterns.len() == 1;
        let words = options.whole == Whole::Words;
        if patterns.iter().all(|pattern| self.is_simple(pattern)) {
            let folds =
                options.ignore_case && patterns.iter().flatten().any(u8::is_ascii_alphabetic);
            let manner = Manner {
                whole: options.whole,
                ignore_case: folds,
                // For a single one where characters are bytes, GNU takes its other matcher.
                blind: words && (self.locale.utf8 || !single),
            };
            // One string without case is faster found by a regex.
            if !(folds && single && options.whole == Whole::Any)
                && let Some(done) = self.literals(patterns.to_vec(), manner, Vec::new())?
            {
                return Ok(done);
            }
        }
        let mut ast = Ast::default();
        let mut undecided = self.locale.utf8 && self.options.whole == Whole::Words;
        let mut roots = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            roots.push(self.string(&mut ast, pattern, &mut undecided));
        }
        let root = ast.alt(roots);
        let select = Select {
            ast: ast.clone(),
            root,
            undecided,
            wrapped: false,
            corner: false,
        };
        let part = Joined {
            ast,
            roots: vec![root],
            notes: Notes::default(),
        };
        self.regular(vec![self.extents(part)], &select, Vec::new())
    }

    fn string(&self, ast: &mut Ast, pattern: &[u8], undecided: &mut bool) -> NodeId {
        let mut items = Vec::new();
        let mut rest = pattern;
        while !rest.is_empty() {
            let (unit, len) = unit(rest, self.locale.utf8);
            rest = &rest[len..];
            let node = match unit {
                Unit::Bad(byte) => {
                    *undecided = true;
                    Node::Byte(byte)
                }
                Unit::Char(c) => {
                    let all = if self.options.ignore_case {
                        self.locale.folded(c)
                    } else {
                        vec![c]
                    };
                    match all[..] {
                        [one] => Node::Char(one),
                        _ => Node::Set(Arc::new(CharSet::from_ranges(
                            all.into_iter().map(|c| (c, c)).collect(),
                        ))),
                    }
                }
            };
            items.push(ast.push(node));
        }
        ast.cat(items)
    }

    /// Whether a string is valid text, and its letters have no other case beyond ASCII.
    fn is_simple(&self, pattern: &[u8]) -> bool {
        let mut rest = pattern;
        while !rest.is_empty() {
            let (unit, len) = unit(rest, self.locale.utf8);
            match unit {
                Unit::Bad(_) => return false,
                Unit::Char(c) if self.options.ignore_case && self.locale.utf8 => {
                    let folded = self.locale.folded(c);
                    if folded.len() > 1 && folded.iter().any(|&c| c > 0x7f) {
                        return false;
                    }
                }
                Unit::Char(_) => {}
            }
            rest = &rest[len..];
        }
        true
    }

    /// The engine for plain strings, where they suffice.
    pub(super) fn literals(
        &self,
        mut strings: Vec<Vec<u8>>,
        manner: Manner,
        warnings: Vec<String>,
    ) -> Result<Option<Compiled>, Error> {
        // No line holds its own terminator.
        strings.retain(|string| !string.contains(&self.lines.terminator));
        if strings.is_empty() {
            return Ok(Some(self.done(Engine::Never, 0, None, warnings)));
        }
        let empty = strings.iter().any(Vec::is_empty);
        if empty && manner.whole == Whole::Words && !manner.blind {
            return Ok(None);
        }
        let literals = Literals::new(strings, manner, self.locale, self.lines)
            .map_err(|message| Error::new(None, message))?;
        let required = (!manner.ignore_case).then(|| literals.strings().to_vec());
        Ok(Some(self.done(
            Engine::Literals(Box::new(literals)),
            0,
            required,
            warnings,
        )))
    }
}
