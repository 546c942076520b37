//! PATTERNS: where they come from, and the matchers they become.

use super::conditions::CASE;
use super::environment::Environment;
use super::ini::{IniRules, IniWhen};
use super::{hints, lists};
use crate::flags::{Called, Id, Typed, UsageError};
use crate::pattern::{Charset, Matcher, Options, Syntax, Whole};
use std::ffi::OsStr;
use std::sync::OnceLock;

/// PATTERNS as given, one by one.
#[derive(Debug, Default)]
pub struct Patterns {
    texts: Vec<Vec<u8>>,
    /// For each pattern, the file it came from, as an index, and its line there, from 1; none: the command line.
    places: Vec<Option<(usize, usize)>>,
    files: Vec<String>,
}

impl Patterns {
    /// Adds the lines of `text`: those of the last file, or of an argument.
    fn add(&mut self, text: &[u8], of_file: bool) {
        for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
            self.add_one(line.to_vec(), of_file.then_some(at + 1));
        }
    }

    /// Adds a pattern; `line`: where in the last file it stands.
    fn add_one(&mut self, pattern: Vec<u8>, line: Option<usize>) {
        self.texts.push(pattern);
        let file = self.files.len().checked_sub(1);
        self.places.push(file.zip(line));
    }

    /// Whether one of them is empty.
    pub fn has_empty(&self) -> bool {
        self.texts.iter().any(Vec::is_empty)
    }

    /// Whether none of them has a capital letter, other than those of escapes, and one of them has a small one.
    fn are_lower(&self) -> bool {
        let mut letters = false;
        for text in &self.texts {
            let mut chars = String::from_utf8_lossy(text).into_owned();
            while let Some(at) = chars.find('\\') {
                let end = chars[at + 1..].chars().next().map_or(0, char::len_utf8);
                chars.replace_range(at..at + 1 + end, "");
            }
            if chars.chars().any(char::is_uppercase) {
                return false;
            }
            letters |= chars.chars().any(char::is_alphabetic);
        }
        letters
    }

    /// Whether it is easy to see that no line can be selected: no pattern, or one that all lines match with `-v`.
    pub fn select_nothing(&self, typed: &Typed) -> bool {
        if !typed.has(Id::InvertMatch) {
            return self.texts.is_empty();
        }
        let any = !typed.any_given(&[Id::WordRegexp, Id::LineRegexp]);
        any && !self.texts.is_empty() && self.texts.iter().all(Vec::is_empty)
    }

    /// What a compiler's error says, a message for each pattern at fault.
    fn error(&self, called: Called, error: &crate::pattern::Error) -> UsageError {
        let messages = error.failures().iter().map(|(pattern, message)| {
            // What is too deep is too deep as a whole.
            let whole = message == "stack overflow";
            let place = pattern.and_then(|at| *self.places.get(at)?).filter(|_| !whole);
            let place = place.map_or(String::new(), |(file, line)| {
                format!("{}:{line}: ", self.files[file])
            });
            let shown = pattern.and_then(|at| self.texts.get(at));
            match (called, shown) {
                // GNU grep does not name the pattern.
                (Called::Grini, Some(shown)) => format!(
                    "{place}bad pattern '{}': {message}; mend it, or search for it as plain text with -F",
                    String::from_utf8_lossy(shown)
                ),
                _ => format!("{place}{message}"),
            }
        });
        let warnings = error.warnings().iter();
        let warnings = warnings.map(|warning| format!("warning: {warning}"));
        UsageError::several(warnings.chain(messages).collect())
    }
}

/// PATTERNS, compiled for text as the locale has it and for the decoded text of INI files.
pub struct Matchers {
    patterns: Option<Vec<Vec<u8>>>,
    text_options: Options,
    text: OnceLock<Result<Matcher, String>>,
    ini: Option<Matcher>,
}

/// Whether case is ignored in `patterns`.
fn folds_patterns(typed: &Typed, patterns: Option<&Patterns>) -> bool {
    match typed.last_of(CASE) {
        Some(Id::SmartCase) => patterns.is_some_and(Patterns::are_lower),
        last => last == Some(Id::IgnoreCase),
    }
}

/// PATTERNS, one by one; none where `records` says so. Takes the first operand where no `-e` or `-f` is given. Warnings
/// are added to `warnings`.
///
/// # Errors
/// PATTERNS is missing, or the file of `-f` cannot be read.
pub(super) fn collect(
    typed: &Typed,
    operands: &mut Vec<&OsStr>,
    records: bool,
    warnings: &mut Vec<String>,
) -> Result<Option<Patterns>, UsageError> {
    if records {
        return Ok(None);
    }
    let given = [Id::Regexp, Id::File];
    let mut patterns = Patterns::default();
    if !typed.any_given(&given) {
        if operands.is_empty() {
            return Err(missing_pattern(typed));
        }
        let pattern = operands.remove(0);
        hints::of_pattern(typed, pattern, operands, warnings)?;
        let bytes = pattern.as_encoded_bytes();
        // `grep '\-x'` is an old way to write a pattern that starts with a dash.
        let skip = bytes.starts_with(b"\\-") && syntax(typed)? != Syntax::Fixed;
        patterns.add(&bytes[usize::from(skip)..], false);
        return Ok(Some(patterns));
    }
    for (id, value) in typed.in_order(&given) {
        if id == Id::Regexp {
            patterns.add(value.as_encoded_bytes(), false);
            continue;
        }
        patterns.files.push(value.to_string_lossy().into_owned());
        let text = lists::bytes(value).map_err(|error| UsageError::plain(error.to_string()))?;
        if typed.called == Called::Grini {
            let lines = lists::patterns(&text);
            let blank = "a blank line, which matches every line, is left out";
            warnings.extend(lines.warning(&value.to_string_lossy(), blank));
            for (at, line) in lines.entries {
                patterns.add_one(line, Some(at));
            }
        } else if !text.is_empty() {
            patterns.add(text.strip_suffix(b"\n").unwrap_or(&text), true);
        }
    }
    Ok(Some(patterns))
}

fn missing_pattern(typed: &Typed) -> UsageError {
    if typed.called == Called::Grini
        && let Some(option) = hints::given(typed)
    {
        return UsageError::plain(format!(
            "PATTERNS is missing; to do --{option} for every record, add --records, or select some by --where, --has or --missing"
        ));
    }
    UsageError::with_usage("")
}

fn syntax(typed: &Typed) -> Result<Syntax, UsageError> {
    let mut chosen = match typed.called {
        Called::Egrep => Some(Syntax::Extended),
        Called::Fgrep => Some(Syntax::Fixed),
        _ => None,
    };
    let given = typed.in_order(&[
        Id::BasicRegexp,
        Id::ExtendedRegexp,
        Id::FixedStrings,
        Id::PerlRegexp,
        Id::Matcher,
    ]);
    for (id, value) in given {
        let next = match (id, value.to_str()) {
            (Id::BasicRegexp, _) | (Id::Matcher, Some("grep")) => Syntax::Basic,
            (Id::ExtendedRegexp, _)
            | (Id::Matcher, Some("egrep" | "awk" | "gawk" | "posixawk")) => Syntax::Extended,
            (Id::FixedStrings, _) | (Id::Matcher, Some("fgrep")) => Syntax::Fixed,
            (Id::PerlRegexp, _) | (Id::Matcher, Some("perl")) => Syntax::Perl,
            (_, _) => {
                let name = value.to_string_lossy();
                return Err(UsageError::plain(format!("invalid matcher {name}")));
            }
        };
        if chosen.is_some_and(|chosen| chosen != next) {
            return Err(UsageError::plain("conflicting matchers specified"));
        }
        chosen = Some(next);
    }
    Ok(chosen.unwrap_or(Syntax::Basic))
}

impl Matchers {
    /// Compiles what is sure to be needed; the second value is the compilers' warnings.
    ///
    /// # Errors
    /// A pattern does not compile.
    pub fn compile(
        typed: &Typed,
        patterns: Option<&Patterns>,
        rules: &IniRules,
        environment: &Environment,
    ) -> Result<(Matchers, Vec<String>), UsageError> {
        let whole = if typed.has(Id::LineRegexp) {
            Whole::Lines
        } else if typed.has(Id::WordRegexp) {
            Whole::Words
        } else {
            Whole::Any
        };
        let text_options = Options {
            syntax: syntax(typed)?,
            ignore_case: folds_patterns(typed, patterns),
            whole,
            charset: environment.locale.charset,
            terminator: if typed.has(Id::NullData) { 0 } else { b'\n' },
            crlf: false,
            turkish: environment.locale.turkish,
            wide_ranges: environment.locale.wide_ranges,
            // Debian's GNU grep warns where that variable is set; grini warns, since `\d` looks for the letter.
            warn_of_stray: typed.called == Called::Grini
                || (environment.variable)("DEB_GREP_ENABLE_STRAY_BACKSLASH_WARN").is_some(),
        };
        let mut matchers = Matchers {
            patterns: patterns.map(|patterns| patterns.texts.clone()),
            text_options,
            text: OnceLock::new(),
            ini: None,
        };
        let mut warnings = Vec::new();
        let Some(patterns) = patterns else {
            return Ok((matchers, warnings));
        };
        let error = |error: crate::pattern::Error| patterns.error(typed.called, &error);
        if rules.when == IniWhen::Never {
            let compiled =
                Matcher::compile(&patterns.texts, &matchers.text_options).map_err(error)?;
            warnings = compiled.warnings;
            matchers.text = OnceLock::from(Ok(compiled.matcher));
        } else {
            let decoded: Vec<Vec<u8>> = patterns
                .texts
                .iter()
                .map(|pattern| match std::str::from_utf8(pattern) {
                    Ok(_) => pattern.clone(),
                    Err(_) => {
                        let (text, _) = rules.fallback.decode_without_bom_handling(pattern);
                        text.into_owned().into_bytes()
                    }
                })
                .collect();
            let options = Options {
                charset: Charset::Utf8,
                crlf: true,
                wide_ranges: true,
                ..matchers.text_options.clone()
            };
            let compiled = Matcher::compile(&decoded, &options).map_err(error)?;
            warnings = compiled.warnings;
            matchers.ini = Some(compiled.matcher);
        }
        Ok((matchers, warnings))
    }

    /// The matcher for text as the locale has it.
    ///
    /// # Errors
    /// A pattern does not compile in this locale.
    pub fn text(&self) -> Result<&Matcher, String> {
        let compiled = self.text.get_or_init(|| {
            let patterns = self.patterns.as_deref().unwrap_or_default();
            Matcher::compile(patterns, &self.text_options)
                .map(|compiled| compiled.matcher)
                .map_err(|error| error.to_string())
        });
        compiled.as_ref().map_err(Clone::clone)
    }

    /// The matcher for the text of INI files; none with `--records`.
    pub fn ini(&self) -> Option<&Matcher> {
        self.ini.as_ref()
    }

    /// Builds what would wait until enough was searched: for a search of many files, by several threads.
    pub fn prepare(&self) {
        let text = self.text.get().and_then(|text| text.as_ref().ok());
        for matcher in text.into_iter().chain(&self.ini) {
            matcher.prepare();
        }
    }

    /// The character set of text as the locale has it.
    pub fn charset(&self) -> &Charset {
        &self.text_options.charset
    }
}
