//! How INI files are read, and which records are meant.

use super::patterns;
use crate::files::decode;
use crate::flags::{Called, Typed, UsageError};
use crate::ini::condition::{Condition, Expression, Term, Test};
use crate::ini::dialect::{
    Case, Continuation, Dialect, Duplicates, InlineComment, PRESETS, QuotedEdit,
};
use crate::ini::glob::NameGlob;
use crate::ini::grammar;
use crate::ini::need::Need;
use crate::ini::record::{KeyName, Scope};
use crate::pattern::{Charset, Matcher, Options, Syntax};
use encoding_rs::{Encoding, WINDOWS_1252};
use std::ffi::OsStr;
use std::sync::Arc;

/// Which files are read as INI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IniWhen {
    /// None.
    Never,
    /// Those named `*.ini`.
    ByName,
    /// All.
    Always,
}

/// The part of a line that patterns are matched against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Line,
    /// A header's name.
    Section,
    /// A key.
    Key,
    /// A value.
    Value,
    /// A comment line.
    Comment,
}

/// How INI files are read, and which records are meant.
pub struct IniRules {
    /// Which files are read as INI.
    pub when: IniWhen,
    /// The rules to scan by.
    pub dialect: Dialect,
    /// The encoding of lines that are not valid UTF-8.
    pub fallback: &'static Encoding,
    /// Whether that encoding was asked for by name.
    pub fallback_chosen: bool,
    /// What a record is.
    pub scope: Scope,
    /// Keys whose lines are shown with a selected record.
    pub show: Vec<NameGlob>,
    /// What must hold for a record.
    pub conditions: Vec<Condition>,
    /// What a file must hold for that.
    pub need: Option<Need>,
    /// Every record that meets the conditions is selected; there are no patterns.
    pub records: bool,
    /// Where in a line patterns match.
    pub part: Part,
    /// In which sections.
    pub section: Option<NameGlob>,
    /// In the values of which keys.
    pub key: Option<NameGlob>,
    /// The keys whose place decides whether sections are records, under [`Scope::Auto`].
    pub deciding: Vec<Vec<u8>>,
    /// The keys that conditions name, as given.
    pub condition_keys: Vec<KeyName>,
}

impl IniRules {
    /// Whether patterns are confined to a part, a section or a key.
    pub fn confined(&self) -> bool {
        self.part != Part::Line || self.section.is_some() || self.key.is_some()
    }
}

/// Options that turn INI reading on for every file.
const RECORD_OPTIONS: &[&str] = &[
    "records",
    "where",
    "has",
    "missing",
    "section",
    "key",
    "part",
    "scope",
    "show",
    "get",
    "tally",
    "set",
    "add",
    "unset",
    "dialect",
    "delim",
    "comment",
    "inline-comment",
    "continuation",
    "case-sensitive",
    "quotes",
    "dup",
];

/// The rules for INI files. `records`: there are no PATTERNS.
///
/// # Errors
/// What is wrong with an option, and what to write instead.
pub fn rules(typed: &Typed, records: bool) -> Result<IniRules, UsageError> {
    let fold = patterns::folds(typed);
    let record_option = RECORD_OPTIONS.iter().find(|id| typed.has(id));
    let when = match typed.last_of(&["ini", "no-ini"]) {
        Some("no-ini") => {
            if let Some(option) = record_option {
                return Err(UsageError::plain(format!(
                    "--no-ini and --{option} contradict each other"
                )));
            }
            IniWhen::Never
        }
        Some(_) => IniWhen::Always,
        None if record_option.is_some() => IniWhen::Always,
        None if typed.called == Called::Grini && !typed.has("null-data") => IniWhen::ByName,
        None => IniWhen::Never,
    };
    if typed.has("null-data") && when == IniWhen::Always {
        let what = record_option.unwrap_or(&"ini");
        return Err(UsageError::plain(format!(
            "-z and --{what} do not go together"
        )));
    }
    let dialect = dialect(typed)?;
    let globs = |id: &str| -> Result<Vec<NameGlob>, UsageError> {
        let case = match id {
            "section" => dialect.section_case,
            _ => dialect.key_case,
        };
        typed
            .values(id)
            .map(|value| glob(id, value, case == Case::Exact))
            .collect()
    };
    let key = globs("key")?.pop();
    let part = part(typed)?;
    if records {
        for id in ["key", "part", "invert-match"] {
            if typed.has(id) {
                let text = format!(
                    "--{id} says where PATTERNS match, and --records takes none: leave one of them out, or write --where"
                );
                return Err(UsageError::plain(text));
            }
        }
    }
    if key.is_some() && !matches!(part, Part::Line | Part::Value) {
        return Err(UsageError::plain(
            "--key matches values: it goes with --part=value only",
        ));
    }
    let show = match typed.in_order(&["show", "no-show"]).pop() {
        Some(("no-show", _)) => Vec::new(),
        Some(_) => globs("show")?,
        None => vec![NameGlob::new("State", false)],
    };
    let (fallback, fallback_chosen) = match typed.value("encoding") {
        None => (WINDOWS_1252, false),
        Some(label) => (
            decode::encoding(&label.to_string_lossy()).map_err(UsageError::plain)?,
            true,
        ),
    };
    let conditions = conditions(typed, fold)?;
    let condition_keys: Vec<KeyName> = conditions
        .iter()
        .flat_map(Condition::keys)
        .cloned()
        .collect();
    let mut deciding: Vec<Vec<u8>> = condition_keys.iter().map(|name| name.key.clone()).collect();
    for id in ["get", "tally"] {
        for value in typed.values(id) {
            deciding.push(key_name(id, value)?.key);
        }
    }
    for id in ["set", "add"] {
        for value in typed.values(id) {
            deciding.push(assignment(id, value)?.0.key);
        }
    }
    for value in typed.values("unset") {
        deciding.push(key_name("unset", value)?.key);
    }
    deciding.sort_unstable();
    deciding.dedup();
    Ok(IniRules {
        when,
        fallback,
        fallback_chosen,
        scope: scope(typed)?,
        show,
        need: Need::new(&conditions, &dialect),
        conditions,
        records,
        part,
        section: globs("section")?.pop(),
        key,
        deciding,
        condition_keys,
        dialect,
    })
}

fn conditions(typed: &Typed, fold: bool) -> Result<Vec<Condition>, UsageError> {
    let compile = |ere: &str| -> Result<Test, String> {
        let options = Options {
            ignore_case: fold,
            ..Options::new(Syntax::Extended, Charset::Utf8)
        };
        let compiled = Matcher::compile(&[ere.as_bytes().to_vec()], &options)
            .map_err(|error| format!("this pattern does not compile: {error}"))?;
        let matcher = compiled.matcher;
        // A value on which the pattern gives up does not satisfy it.
        let test: Test = Arc::new(move |value: &[u8]| matcher.is_match(value).unwrap_or(false));
        Ok(test)
    };
    let context = grammar::Context {
        fold,
        compile: &compile,
    };
    let mut all = Vec::new();
    for (id, value) in typed.in_order(&["where", "has", "missing"]) {
        let expression = match id {
            "where" => grammar::expression(utf8(id, value)?, &context).map_err(|fault| {
                let hint = if lone_word(value) {
                    "\n  if the shell took a > or < from it, quote all of it: --where 'Tries > 3'"
                } else {
                    ""
                };
                UsageError::plain(format!("--where: {fault}{hint}"))
            })?,
            "has" => Expression::Term(key_name(id, value)?, Term::Present),
            _ => Expression::Term(key_name(id, value)?, Term::Missing),
        };
        all.push(Condition { expression });
    }
    Ok(all)
}

/// Whether a condition is what the shell leaves of `Tries > 3` without quotes.
fn lone_word(value: &OsStr) -> bool {
    let word = value.to_string_lossy();
    !word.is_empty()
        && word
            .chars()
            .all(|char| char.is_alphanumeric() || "_-.".contains(char))
}

fn part(typed: &Typed) -> Result<Part, UsageError> {
    choice(
        typed,
        "part",
        Part::Line,
        &[
            ("line", Part::Line),
            ("section", Part::Section),
            ("key", Part::Key),
            ("value", Part::Value),
            ("comment", Part::Comment),
        ],
    )
}

fn scope(typed: &Typed) -> Result<Scope, UsageError> {
    choice(
        typed,
        "scope",
        Scope::Auto,
        &[
            ("auto", Scope::Auto),
            ("section", Scope::Section),
            ("file", Scope::File),
        ],
    )
}

/// The value of an option that takes one of a few words.
fn choice<T: Copy>(
    typed: &Typed,
    id: &str,
    default: T,
    words: &[(&str, T)],
) -> Result<T, UsageError> {
    let Some(given) = typed.value(id) else {
        return Ok(default);
    };
    words
        .iter()
        .find(|(word, _)| given == *word)
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let given = given.to_string_lossy();
            UsageError::plain(format!("--{id}={given}: write one of {}", known.join(", ")))
        })
}

fn dialect(typed: &Typed) -> Result<Dialect, UsageError> {
    let mut dialect = match typed.value("dialect") {
        None => Dialect::default(),
        Some(name) => Dialect::preset(&name.to_string_lossy()).ok_or_else(|| {
            let known: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
            let name = name.to_string_lossy();
            UsageError::plain(format!(
                "--dialect={name}: write one of {}",
                known.join(", ")
            ))
        })?,
    };
    let chars = |id: &str| -> Result<Option<Vec<u8>>, UsageError> {
        let Some(given) = typed.value(id) else {
            return Ok(None);
        };
        let text = utf8(id, given)?;
        if !text.is_ascii() || text.is_empty() || text.contains(['\n', '\r', '[', ']']) {
            let message =
                format!("--{id}={text}: write one or more ASCII characters, such as '=:'");
            return Err(UsageError::plain(message));
        }
        Ok(Some(text.as_bytes().to_vec()))
    };
    if let Some(delimiters) = chars("delim")? {
        dialect.delimiters = delimiters;
    }
    if let Some(comments) = chars("comment")? {
        dialect.comments = comments;
    }
    if let Some(inline) = chars("inline-comment")? {
        dialect.inline_comment = if inline == b"none" {
            InlineComment::None
        } else {
            InlineComment::AfterBlank(inline)
        };
        dialect.inline_comment_known = true;
    }
    let backslash = Continuation::Backslash {
        blank: false,
        escaped: false,
        over_comments: false,
    };
    if typed.has("continuation") {
        dialect.continuation_known = true;
        dialect.continuation = choice(
            typed,
            "continuation",
            Continuation::None,
            &[
                ("none", Continuation::None),
                ("backslash", backslash),
                ("indent", Continuation::Indent),
            ],
        )?;
    }
    if typed.has("case-sensitive") {
        (dialect.key_case, dialect.section_case) = (Case::Exact, Case::Exact);
    }
    let quotes = [("keep", QuotedEdit::Keep), ("replace", QuotedEdit::Replace)]
        .map(|(word, meaning)| (word, Some(meaning)));
    dialect.quoted_edit = choice(typed, "quotes", dialect.quoted_edit, &quotes)?;
    let which = [
        ("first", Duplicates::First),
        ("last", Duplicates::Last),
        ("all", Duplicates::All),
    ]
    .map(|(word, meaning)| (word, Some(meaning)));
    dialect.duplicates_chosen = typed.has("dup");
    dialect.duplicates = choice(typed, "dup", dialect.duplicates, &which)?;
    Ok(dialect)
}

fn glob(id: &str, value: &OsStr, case: bool) -> Result<NameGlob, UsageError> {
    let text = utf8(id, value)?;
    Ok(NameGlob::new(text, case))
}

/// The argument of an option that must be UTF-8.
///
/// # Errors
/// It is not.
pub fn utf8<'v>(id: &str, value: &'v OsStr) -> Result<&'v str, UsageError> {
    value.to_str().ok_or_else(|| {
        let shown = value.to_string_lossy();
        UsageError::plain(format!(
            "--{id}={shown}: not valid UTF-8; type it in a UTF-8 terminal"
        ))
    })
}

/// The `[SECTION]KEY` of an option.
///
/// # Errors
/// Where it is wrong.
pub fn key_name(id: &str, value: &OsStr) -> Result<KeyName, UsageError> {
    grammar::key_name(utf8(id, value)?)
        .map_err(|fault| UsageError::plain(format!("--{id}: {fault}")))
}

/// The `[SECTION]KEY=VALUE` of an option.
///
/// # Errors
/// Where it is wrong.
pub fn assignment(id: &str, value: &OsStr) -> Result<(KeyName, String), UsageError> {
    grammar::assignment(utf8(id, value)?)
        .map_err(|fault| UsageError::plain(format!("--{id}: {fault}")))
}
