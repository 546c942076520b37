//! Patterns and options → the engine they need.

use super::ast::{Ast, Id, Node};
use super::ctype::Locale;
use super::extent::Extents;
use super::lines::Lines;
use super::literal::{Literals, Manner};
use super::parse::{Mode, Notes, Unit, View, parse, unit};
use super::perl::Perl;
use super::regular::{Regular, Select};
use super::set::CharSet;
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
    if let Charset::Other(encoding) = options.charset {
        if options.syntax == Syntax::Perl && !encoding.is_single_byte() {
            return Err(Error::new(
                None,
                "-P supports only unibyte and UTF-8 locales",
            ));
        }
        let decoded: Vec<Vec<u8>> = patterns
            .iter()
            .map(|pattern| transcode::pattern(encoding, pattern))
            .collect();
        return job.compile(&decoded);
    }
    job.compile(patterns)
}

/// Patterns that GNU's `regcomp` is given together.
#[derive(Default)]
struct Part {
    ast: Ast,
    /// One for each pattern.
    roots: Vec<Id>,
    notes: Notes,
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

struct Job<'a> {
    options: &'a Options,
    locale: Locale,
    lines: Lines,
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

    fn done(
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
        let encoding = match self.options.charset {
            Charset::Other(encoding) => Some(encoding),
            _ => None,
        };
        let required = required.filter(|all| {
            encoding.is_none() && !all.is_empty() && all.iter().all(|s| !s.is_empty())
        });
        let inner = Inner {
            engine,
            lines: self.lines,
            encoding,
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

    /// Strings: plain ones, unless case folding leads beyond ASCII or they are no valid text.
    fn fixed(&self, patterns: &[Vec<u8>]) -> Result<Compiled, Error> {
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
        let part = Part {
            ast,
            roots: vec![root],
            notes: Notes::default(),
        };
        self.regular(vec![self.extents(part)], &select, Vec::new())
    }

    fn string(&self, ast: &mut Ast, pattern: &[u8], undecided: &mut bool) -> Id {
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
    fn literals(
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
        let takes_empty = match manner.whole {
            Whole::Any => false,
            Whole::Words => manner.blind,
            Whole::Lines => true,
        };
        if empty && !takes_empty {
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

    fn posix(&self, patterns: &[Vec<u8>]) -> Result<Compiled, Error> {
        let options = self.options;
        let extended = options.syntax == Syntax::Extended;
        if patterns.len() > 1
            && let Some(strings) = patterns
                .iter()
                .map(|p| self.as_string(p))
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

    fn extents(&self, mut part: Part) -> Extents {
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

    fn regular(
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

    /// The string that GNU, given several patterns, would take this one for.
    fn as_string(&self, pattern: &[u8]) -> Option<Vec<u8>> {
        let basic = self.options.syntax == Syntax::Basic;
        let mut out = Vec::with_capacity(pattern.len());
        let mut rest = pattern;
        while !rest.is_empty() {
            match rest {
                [b'$' | b'*' | b'.' | b'[' | b'^', ..] => return None,
                [b'(' | b'+' | b'?' | b'{' | b'|', ..] if !basic => return None,
                [b'\\'] => return None,
                [b'\\', next, ..] => {
                    if b"BSW'<bsw`>123456789".contains(next) || (basic && b"(+?{|)".contains(next))
                    {
                        return None;
                    }
                    rest = &rest[1..];
                }
                _ => {}
            }
            let (unit, len) = unit(rest, self.locale.utf8);
            let folds_wide = |c: u32| {
                let folded = self.locale.folded(c);
                folded.len() > 1 && (c > 0x7f || folded.iter().any(|&c| c > 0x7f))
            };
            match unit {
                Unit::Bad(_) => return None,
                Unit::Char(c) if self.options.ignore_case && self.locale.utf8 && folds_wide(c) => {
                    return None;
                }
                Unit::Char(_) => {}
            }
            out.extend_from_slice(&rest[..len]);
            rest = &rest[len..];
        }
        Some(out)
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
