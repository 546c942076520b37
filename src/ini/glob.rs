//! Globs for key and section names.

use super::dialect::{Dialect, KeyForm};
use crate::pattern::{Charset, Glob, GlobRules};

/// A glob (`*`, `?`, `[…]`) for names, which are UTF-8; compares without ASCII case unless that is asked for.
#[derive(Clone, Debug)]
pub struct NameGlob {
    text: String,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Literal(Vec<u8>),
    Every,
    Pattern(Box<Glob>),
}

impl NameGlob {
    /// Compiles `pattern`.
    pub fn new(pattern: &str, case_sensitive: bool) -> NameGlob {
        let rules = GlobRules {
            charset: Charset::Utf8,
            ignore_case: !case_sensitive,
            wide_ranges: true,
            or_bytes: false,
            caret: true,
        };
        let form = if pattern == "*" {
            Form::Every
        } else if !pattern.contains(['*', '?', '[', '\\']) {
            Form::Literal(pattern.as_bytes().to_vec())
        } else {
            Form::Pattern(Box::new(Glob::new(pattern.as_bytes(), rules)))
        };
        NameGlob {
            text: pattern.to_owned(),
            form,
        }
    }

    /// That name and no other, whatever characters are in it.
    pub fn literally(name: &str) -> NameGlob {
        NameGlob {
            text: name.to_owned(),
            form: Form::Literal(name.as_bytes().to_vec()),
        }
    }

    /// The pattern, as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn matches(&self, name: &[u8]) -> bool {
        match &self.form {
            Form::Every => true,
            Form::Literal(literal) => literal == name,
            Form::Pattern(glob) => glob.matches(name),
        }
    }

    /// Whether a key matches, as keys compare in `dialect`.
    pub fn matches_key(&self, key: &[u8], dialect: &Dialect) -> bool {
        match &self.form {
            Form::Literal(literal) => dialect.same_key(literal, key),
            _ if self.matches(key) => true,
            // What does not count there stands between a glob and its key.
            _ => dialect.key_form != KeyForm::Plain && self.matches(&dialect.key_identity(key)),
        }
    }

    /// Whether the name of a section matches, as these compare in `dialect`.
    pub fn matches_section(&self, name: &[u8], dialect: &Dialect) -> bool {
        match &self.form {
            Form::Literal(literal) => dialect.same_section(literal, name),
            _ => self.matches(name),
        }
    }

    /// Whether every name matches.
    pub fn is_every(&self) -> bool {
        matches!(self.form, Form::Every)
    }

    /// The name, if the pattern is one name and no more.
    pub fn literal(&self) -> Option<&[u8]> {
        match &self.form {
            Form::Literal(literal) => Some(literal),
            _ => None,
        }
    }
}
