//! Patterns and options → the engine they need.

use super::ast::{Ast, Id, Node};
use super::ctype::Locale;
use super::extent::Extents;
use super::lines::Lines;
use super::literal::Manner;
use super::mode::{Mode, View};
use super::parse::{Notes, parse};
use super::perl::Perl;
use super::regular::{Regular, Select};
use super::shorten::shorten;
use super::{Charset, Compiled, Engine, Error, Inner, Matcher, Options, Syntax, Whole, transcode};
use std::collections::HashSet;
use std::sync::Arc;

/// See [`Matcher::compile`].
pub fn compile(patterns: &[Vec<u8>], options: &Options) -> Result<Compiled, Error> {
    let job = Job {
        options,
        locale: Locale {
            utf8: options.charset != Charset::Bytes,
            turkish: options.turkish,
        },
        lines: Lines {
            terminator: options.terminator,
            crlf: options.crlf && options.terminator == b'\n',
        },
    };
    if let Charset::Other(codepage) = options.charset {
        if options.syntax == Syntax::Perl && codepage.wide.is_some() {
            return Err(Error::new(
                None,
                "-P supports only unibyte and UTF-8 locales",
            ));
        }
        let decoded: Vec<Vec<u8>> = patterns
            .iter()
            .map(|pattern| transcode::pattern(codepage, pattern))
            .collect();
        return job.compile(&decoded);
    }
    job.compile(patterns)
}

/// Patterns that GNU's `regcomp` is given together.
#[derive(Default)]
pub struct Part {
    /// Their nodes.
    pub ast: Ast,
    /// One for each pattern.
    pub roots: Vec<Id>,
    /// What else there is to say.
    pub notes: Notes,
}

impl Part {
    /// Their alternation.
    fn root(&mut self) -> Id {
        let roots = std::mem::take(&mut self.roots);
        let root = self.ast.alt(roots);
        self.roots.push(root);
        root
    }
}

/// Whether a backslash and a digit stand side by side, whatever they mean there: so GNU looks for
/// back-references.
fn may_refer_back(pattern: &[u8]) -> bool {
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

/// What is to be compiled, but for the patterns.
pub struct Job<'a> {
    /// How.
    pub options: &'a Options,
    /// What characters are.
    pub locale: Locale,
    /// How lines end.
    pub lines: Lines,
}

impl Job<'_> {
    fn compile(&self, patterns: &[Vec<u8>]) -> Result<Compiled, Error> {
        if patterns.is_empty() {
            return Ok(self.done(Engine::Never, 0, None, Vec::new()));
        }
        let mut seen = HashSet::new();
        let (indices, distinct): (Vec<usize>, Vec<Vec<u8>>) = patterns
            .iter()
            .enumerate()
            .filter(|(_, pattern)| seen.insert(*pattern))
            .map(|(at, pattern)| (at, pattern.clone()))
            .unzip();
        let compiled = match self.options.syntax {
            Syntax::Perl => self.perl(&distinct),
            Syntax::Fixed => self.fixed(&distinct),
            Syntax::Basic | Syntax::Extended => self.posix(&distinct),
        };
        compiled.map_err(|error| error.renumbered(&indices))
    }

    /// The result.
    pub fn done(
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
        let inner = Inner {
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

    fn perl(&self, patterns: &[Vec<u8>]) -> Result<Compiled, Error> {
        let [pattern] = patterns else {
            return Err(Error::new(
                None,
                "the -P option only supports a single pattern",
            ));
        };
        let options = self.options;
        let perl = Perl::new(
            pattern,
            self.locale.utf8,
            options.ignore_case,
            options.whole,
            self.lines,
        )
        .map_err(|message| Error::new(Some(0), message))?;
        let groups = perl.names().len() - 1;
        Ok(self.done(Engine::Perl(perl), groups, None, Vec::new()))
    }

    fn posix(&self, patterns: &[Vec<u8>]) -> Result<Compiled, Error> {
        let options = self.options;
        let extended = options.syntax == Syntax::Extended;
        if patterns.len() > 1
            && let Some(strings) = patterns
                .iter()
                .enumerate()
                .map(|(at, p)| self.as_string(p, at + 1 == patterns.len()))
                .collect::<Option<Vec<_>>>()
        {
            // GNU takes them for strings, and has nothing to say about stray backslashes.
            return self.fixed(&strings);
        }
        let manner = Manner {
            whole: options.whole,
            ignore_case: false,
            blind: false,
        };
        let special: &[u8] = if extended {
            b"\\[.*^$(){|+?"
        } else {
            b"\\[.*^$"
        };
        let is_plain = |pattern: &Vec<u8>| {
            !pattern.iter().any(|c| special.contains(c))
                && (!self.locale.utf8 || std::str::from_utf8(pattern).is_ok())
        };
        if !options.ignore_case
            && patterns.iter().all(is_plain)
            && let Some(done) = self.literals(patterns.to_vec(), manner, Vec::new())?
        {
            return Ok(done);
        }

        let mode = |view| Mode {
            extended,
            ignore_case: options.ignore_case,
            locale: self.locale,
            wide_ranges: options.wide_ranges,
            warn_of_stray: options.warn_of_stray,
            view,
        };
        // Patterns with back-references each for themselves, the others together.
        let mut plain = Part::default();
        let mut parts = Vec::new();
        let mut failures = Vec::new();
        for (at, pattern) in patterns.iter().enumerate() {
            let mut part = Part::default();
            let target = if may_refer_back(pattern) {
                &mut part
            } else {
                &mut plain
            };
            match parse(
                &mut target.ast,
                pattern,
                mode(View::Extent),
                &mut target.notes,
            ) {
                Ok(root) => target.roots.push(root),
                Err(message) => failures.push((Some(at), message)),
            }
            if !part.roots.is_empty() {
                parts.push(part);
            }
        }
        if !failures.is_empty() {
            return Err(Error::several(failures));
        }
        if !plain.roots.is_empty() {
            parts.push(plain);
        }
        let extent_corner = parts.iter().any(|part| part.notes.corner);

        let joined = patterns.join(&b'\n');
        let read = |text: &[u8]| -> Result<(Ast, Id, Notes), Error> {
            let mut ast = Ast::default();
            let mut notes = Notes::default();
            let root =
                parse(&mut ast, text, mode(View::Select), &mut notes).map_err(|message| {
                    Error::new(None, message).after(std::mem::take(&mut notes.warnings))
                })?;
            Ok((ast, root, notes))
        };
        let (select, select_root, mut notes) = read(&joined)?;
        let mut corner = extent_corner || notes.corner;
        let strings = match &mut parts[..] {
            [part] => {
                let root = part.root();
                part.ast.literals(root, self.locale.utf8)
            }
            _ => None,
        };
        if let Some(strings) = strings
            && select.literals(select_root, self.locale.utf8).as_ref() == Some(&strings)
            && (options.whole == Whole::Any || !(corner || joined.ends_with(b"$)")))
            && let Some(done) = self.literals(strings, manner, notes.warnings.clone())?
        {
            return Ok(done);
        }
        let mut select = Select {
            undecided: self.is_undecided(&select, select_root),
            ast: select,
            root: select_root,
            wrapped: false,
            corner,
        };
        if options.whole != Whole::Any {
            let (ast, root, wrapped) = read(&wrap(&joined, options.whole, extended))?;
            corner |= wrapped.corner;
            select = Select {
                undecided: self.is_undecided(&ast, root),
                ast,
                root,
                wrapped: true,
                corner,
            };
            notes.warnings = wrapped.warnings;
        }
        if !select.undecided
            && let Some(root) = shorten(&mut select.ast, select.root, self.locale.utf8)
        {
            select.root = root;
        }
        let units = parts.into_iter().map(|part| self.extents(part)).collect();
        self.regular(units, &select, notes.warnings)
    }

    /// The engine that tells extents.
    pub fn extents(&self, mut part: Part) -> Extents {
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
    pub fn regular(
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
        let mut required = None;
        if units.len() == 1 || !select.undecided {
            let (ast, root) = if select.undecided {
                units[0].tree()
            } else {
                (&select.ast, select.root)
            };
            if options.whole == Whole::Any
                && units.len() == 1
                && !(select.undecided && select.corner)
                && !ast.any(|node| matches!(node, Node::Backref(_)))
                && ast.nullable(root, false)
            {
                let extents = Box::new(units.remove(0));
                return Ok(self.done(Engine::Always(extents), groups, None, warnings));
            }
            required = Some(vec![ast.required(root, self.locale.utf8)]);
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
        Ok(self.done(
            Engine::Regular(Box::new(regular)),
            groups,
            required,
            warnings,
        ))
    }

    /// Whether GNU's DFA leaves the decision to the other engine: back-references, most brackets in
    /// UTF-8, and words there.
    fn is_undecided(&self, ast: &Ast, root: Id) -> bool {
        ast.has(root, |node| match node {
            Node::Opaque => true,
            Node::Look(look) => self.locale.utf8 && look.is_word(),
            _ => false,
        })
    }
}

/// What GNU's DFA is given for `-x` and, where characters are bytes, `-w`: the text of the
/// patterns, wrapped, whatever their brackets do to it.
fn wrap(joined: &[u8], whole: Whole, extended: bool) -> Vec<u8> {
    let (start, end): (&[u8], &[u8]) = match (whole, extended) {
        (Whole::Lines, true) => (b"^(", b")$"),
        (Whole::Lines, false) => (b"^\\(", b"\\)$"),
        (_, true) => (b"(^|[^[:alnum:]_])(", b")([^[:alnum:]_]|$)"),
        (_, false) => (b"\\(^\\|[^[:alnum:]_]\\)\\(", b"\\)\\([^[:alnum:]_]\\|$\\)"),
    };
    [start, joined, end].concat()
}
