//! Patterns that are strings, or that GNU takes for strings.

use super::assemble::{Compiler, Joined};
use super::ast::{Ast, Node, NodeId};
use super::compile::LONG;
use super::ctype::Cases;
use super::error::Error;
use super::gnu::select::Select;
use super::literal::{Literals, Manner};
use super::many::FEW;
use super::matcher::{Compiled, Engine};
use super::options::Whole;
use super::parse::Notes;
use super::unit::{Unit, unit};

impl Compiler<'_> {
    /// Strings: plain ones, unless they are no valid text or few in many cases.
    pub(super) fn fixed(&self, patterns: &[Vec<u8>]) -> Result<Compiled, Error> {
        let options = self.options;
        let single = patterns.len() == 1;
        let words = options.whole == Whole::Words;
        // Few strings whose letters have other cases beyond ASCII are faster found by a regex.
        let most = match patterns.len() < FEW {
            true => Cases::Ascii,
            false => Cases::All,
        };
        let cases = self.cases(patterns);
        if cases <= most {
            let manner = Manner {
                whole: options.whole,
                cases,
                // GNU takes its other matcher for a single one where characters are bytes, and for cases beyond ASCII.
                blind: words && cases < Cases::All && (self.locale.utf8 || !single),
            };
            // One string without case is faster found by a regex.
            if !(cases == Cases::Ascii && single && options.whole == Whole::Any)
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
                Unit::Char(c) if self.options.ignore_case => ast.folded(c, self.locale),
                Unit::Char(c) => Node::Char(c),
            };
            items.push(ast.push(node));
        }
        ast.cat(items)
    }

    /// The cases in which strings match.
    pub(super) fn cases(&self, patterns: &[Vec<u8>]) -> Cases {
        let mut cases = Cases::One;
        for pattern in patterns {
            let mut rest = &pattern[..];
            while !rest.is_empty() {
                let (unit, len) = unit(rest, self.locale.utf8);
                cases = cases.max(match unit {
                    Unit::Bad(_) => Cases::Unknown,
                    Unit::Char(_) if !self.options.ignore_case => Cases::One,
                    Unit::Char(c) => self.locale.cases(c),
                });
                rest = &rest[len..];
            }
        }
        // As much as the longest takes is put in one case for each match.
        match patterns.iter().any(|pattern| pattern.len() > LONG) {
            true if cases == Cases::All => Cases::Unknown,
            _ => cases,
        }
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
        let required = (manner.cases == Cases::One).then(|| literals.strings().to_vec());
        Ok(Some(self.done(
            Engine::Literals(Box::new(literals)),
            0,
            required,
            warnings,
        )))
    }
}
