//! Globs for key and section names.

use super::dialect::Case;
use globset::{GlobBuilder, GlobMatcher};

/// A shell pattern (`*`, `?`, `[…]`) for names; compares without ASCII case unless told otherwise.
#[derive(Clone, Debug)]
pub struct NameGlob {
    text: String,
    form: Form,
    case_sensitive: bool,
}

#[derive(Clone, Debug)]
enum Form {
    Literal(Vec<u8>),
    Every,
    Pattern(Box<GlobMatcher>),
}

impl NameGlob {
    /// Compiles `pattern`.
    ///
    /// # Errors
    /// What is wrong with the pattern, in one sentence.
    pub fn new(pattern: &str, case_sensitive: bool) -> Result<NameGlob, String> {
        let form = if pattern == "*" {
            Form::Every
        } else if !pattern.contains(['*', '?', '[', '\\']) {
            Form::Literal(pattern.as_bytes().to_vec())
        } else {
            // Braces are no shell pattern characters.
            let escaped = pattern.replace('{', "[{]").replace('}', "[}]");
            let glob = GlobBuilder::new(&escaped)
                .case_insensitive(!case_sensitive)
                .literal_separator(false)
                .backslash_escape(true)
                .build()
                .map_err(|error| error.kind().to_string())?;
            Form::Pattern(Box::new(glob.compile_matcher()))
        };
        Ok(NameGlob {
            text: pattern.to_owned(),
            form,
            case_sensitive,
        })
    }

    /// That name and no other, whatever characters are in it.
    pub fn literally(name: &str, case: Case) -> NameGlob {
        NameGlob {
            text: name.to_owned(),
            form: Form::Literal(name.as_bytes().to_vec()),
            case_sensitive: case == Case::Exact,
        }
    }

    /// The pattern, as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `name` matches.
    pub fn matches(&self, name: &[u8]) -> bool {
        match &self.form {
            Form::Every => true,
            Form::Literal(literal) if self.case_sensitive => literal == name,
            Form::Literal(literal) => literal.eq_ignore_ascii_case(name),
            Form::Pattern(glob) => glob.is_match(&*String::from_utf8_lossy(name)),
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
