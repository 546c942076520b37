//! Patterns and options → a matcher.

use super::assemble::{Compiler, Joined};
use super::ast::{Ast, NodeId};
use super::ctype::{Cases, Ctype};
use super::error::Error;
use super::gnu::select::{Select, may_refer_back, wrap};
use super::gnu::shorten::shorten;
use super::gnu::strings::as_string;
use super::lines::Lines;
use super::literal::Manner;
use super::many::{FEW, Many, Sorted, TOGETHER};
use super::matcher::{Compiled, Engine, Matcher};
use super::mode::{Mode, Reading};
use super::options::{Charset, Options, Syntax, Whole};
use super::parse::{Notes, parse};
use super::perl::Perl;
use super::transcode;
use std::collections::HashSet;

/// Patterns of more bytes are long.
pub(super) const LONG: usize = 256;

impl Matcher {
    /// Compiles `patterns`, alternatives of each other, already split at line feeds. None at all
    /// match nothing; an empty one matches every line.
    ///
    /// # Errors
    /// Patterns that are wrong or too big, in GNU's words.
    pub fn compile(patterns: &[Vec<u8>], options: &Options) -> Result<Compiled, Error> {
        compile(patterns, options)
    }
}

fn compile(patterns: &[Vec<u8>], options: &Options) -> Result<Compiled, Error> {
    let compiler = Compiler {
        options,
        locale: Ctype {
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
        return compiler.compile(&decoded);
    }
    compiler.compile(patterns)
}

impl Compiler<'_> {
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
            // GNU 3.8's classes are ASCII in UTF-8, and those of the locale where its characters are bytes.
            (
                self.locale.utf8,
                !matches!(options.charset, Charset::Other(_)),
            ),
            options.ignore_case,
            options.whole,
            self.lines,
        )
        .map_err(|message| Error::new(Some(0), message))?;
        let groups = perl.names().len() - 1;
        let required = perl.required().map(|string| vec![string.to_vec()]);
        Ok(self.done(Engine::Perl(Box::new(perl)), groups, required, Vec::new()))
    }

    fn posix(&self, patterns: &[Vec<u8>]) -> Result<Compiled, Error> {
        let options = self.options;
        let extended = options.syntax == Syntax::Extended;
        if patterns.len() > 1
            && let Some(strings) = patterns
                .iter()
                .enumerate()
                .map(|(at, p)| as_string(p, options, self.locale, at + 1 == patterns.len()))
                .collect::<Option<Vec<_>>>()
        {
            // GNU takes them for strings, and has nothing to say about stray backslashes.
            return self.fixed(&strings);
        }
        let manner = |cases| Manner {
            whole: options.whole,
            cases,
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
        let most = match patterns.len() < FEW {
            true => Cases::One,
            false => Cases::All,
        };
        if patterns.iter().all(is_plain)
            && let cases = self.cases(patterns)
            && cases <= most
            && let Some(done) = self.literals(patterns.to_vec(), manner(cases), Vec::new())?
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
        let mut plain = Joined::default();
        let mut parts = Vec::new();
        let mut failures = Vec::new();
        for (at, pattern) in patterns.iter().enumerate() {
            let mut part = Joined::default();
            let target = if may_refer_back(pattern) {
                &mut part
            } else {
                &mut plain
            };
            match parse(
                &mut target.ast,
                pattern,
                mode(Reading::Extent),
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
        let plain_roots = plain.roots.clone();
        if !plain.roots.is_empty() {
            parts.push(plain);
        }
        let extent_corner = parts.iter().any(|part| part.notes.corner);

        let joined = patterns.join(&b'\n');
        let read = |text: &[u8]| -> Result<(Ast, NodeId, Notes), Error> {
            let mut ast = Ast::default();
            let mut notes = Notes::default();
            let root =
                parse(&mut ast, text, mode(Reading::Select), &mut notes).map_err(|message| {
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
            && let Some(done) =
                self.literals(strings, manner(Cases::One), notes.warnings.clone())?
        {
            return Ok(done);
        }
        let mut select = Select {
            undecided: Select::is_undecided(self.locale, &select, select_root),
            ast: select,
            root: select_root,
            wrapped: false,
            corner,
        };
        if options.whole != Whole::Any {
            let (ast, root, wrapped) = read(&wrap(&joined, options.whole, extended))?;
            corner |= wrapped.corner;
            select = Select {
                undecided: Select::is_undecided(self.locale, &ast, root),
                ast,
                root,
                wrapped: true,
                corner,
            };
            notes.warnings = wrapped.warnings;
        }
        // Which shorter match GNU finds under -w depends on all patterns; by itself each is tried where they are too many.
        let few = options.whole == Whole::Words && joined.len() <= TOGETHER;
        if !(corner || few)
            && patterns.len() >= FEW
            && let Some(part) = parts.last().filter(|_| !plain_roots.is_empty())
            && let Some(done) = self.many(patterns, (&part.ast, plain_roots), &notes.warnings)?
        {
            return Ok(done);
        }
        if !select.undecided
            && let Some(root) = shorten(&mut select.ast, select.root, self.locale.utf8)
        {
            select.root = root;
        }
        let units = parts.into_iter().map(|part| self.extents(part)).collect();
        self.regular(units, &select, notes.warnings)
    }

    /// The engine for many patterns, if enough of them have a string that their lines must hold; those that refer back have
    /// no root in the tree.
    fn many(
        &self,
        patterns: &[Vec<u8>],
        (ast, roots): (&Ast, Vec<NodeId>),
        warnings: &[String],
    ) -> Result<Option<Compiled>, Error> {
        let mut roots = roots.into_iter();
        let runs = patterns.iter().map(|pattern| {
            let root = (!may_refer_back(pattern)).then(|| roots.next()).flatten();
            // Without an interval, and short, a pattern cannot be too big when it is compiled later.
            let small = pattern.len() <= LONG && !pattern.contains(&b'{');
            let root = root.filter(|_| small);
            root.map_or_else(Vec::new, |root| {
                let one = |set: &_| {
                    let folds = self.options.ignore_case;
                    folds.then(|| self.locale.common_case_of(set)).flatten()
                };
                ast.runs(root, self.locale.utf8, one)
            })
        });
        let Some(sorted) = Sorted::new(patterns, runs) else {
            return Ok(None);
        };
        // Patterns and lines are decoded once.
        let mut options = self.options.clone();
        if let Charset::Other(_) = options.charset {
            options.charset = Charset::Utf8;
        }
        let decoded = Compiler {
            options: &options,
            locale: self.locale,
            lines: self.lines,
        };
        let rest = sorted.together(patterns).map(|some| {
            let together: Vec<Vec<u8>> = some.iter().map(|&at| patterns[at].clone()).collect();
            let compiled = decoded.compile(&together);
            let compiled = compiled.map_err(|error| error.renumbered(some))?;
            Ok(compiled.matcher)
        });
        let rest: Vec<Matcher> = rest.collect::<Result<_, Error>>()?;
        let groups = rest.iter().map(Matcher::group_count).max().unwrap_or(0);
        let groups = groups.max(ast.groups as usize);
        let one = move |pattern: &[u8]| {
            let compiled = Matcher::compile(&[pattern.to_vec()], &options);
            compiled
                .map(|done| done.matcher)
                .map_err(|error| error.to_string())
        };
        let cases = match self.options.ignore_case {
            false => Cases::One,
            true if self.locale.utf8 => Cases::All,
            true => Cases::Ascii,
        };
        let text = (self.lines, self.locale, cases);
        let many =
            Many::new(sorted, rest, text, Box::new(one)).map_err(|text| Error::new(None, text))?;
        Ok(Some(self.done(
            Engine::Many(Box::new(many)),
            groups,
            None,
            warnings.to_vec(),
        )))
    }
}
