//! Which files beneath a folder are searched: `--include`, `--exclude`, `--exclude-dir`, and grini's `*.ini`.

use bstr::ByteSlice;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;

/// Which files a folder operand stands for where no glob says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByDefault {
    /// Every file (grep's `-r`).
    All,
    /// Files named `*.ini`, in any case.
    Ini,
}

/// One `--include` or `--exclude`, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A shell pattern.
    pub glob: String,
    /// `--include` rather than `--exclude`.
    pub include: bool,
}

/// Compiled rules. The last rule that matches a name decides, as in GNU grep; where none does, a file is searched
/// unless the first rule is an `--include`.
#[derive(Clone, Debug)]
pub struct Selection {
    files: Option<Gitignore>,
    include_first: bool,
    folders: Option<Gitignore>,
    by_default: ByDefault,
}

impl Selection {
    /// Compiles the rules.
    ///
    /// # Errors
    /// The glob that does not compile, and why.
    pub fn new(
        rules: &[Rule],
        exclude_dir: &[String],
        by_default: ByDefault,
    ) -> Result<Selection, String> {
        let included = rules.iter().any(|rule| rule.include);
        let by_default = if included { ByDefault::All } else { by_default };
        let folders: Vec<Rule> = exclude_dir
            .iter()
            .map(|glob| {
                let trimmed = glob.trim_end_matches('/');
                let glob = if trimmed.is_empty() { glob } else { trimmed };
                Rule {
                    glob: glob.to_owned(),
                    include: false,
                }
            })
            .collect();
        Ok(Selection {
            files: compile(rules)?,
            include_first: rules.first().is_some_and(|rule| rule.include),
            folders: compile(&folders)?,
            by_default,
        })
    }

    /// Whether a file of that name is searched; `name` is its base name, or an operand as given.
    pub fn takes_file(&self, name: &[u8]) -> bool {
        self.rules_take(name) && (self.by_default == ByDefault::All || is_ini(name))
    }

    /// Whether an operand is searched: grini's `*.ini` rule does not apply to it.
    pub fn takes_operand(&self, name: &[u8]) -> bool {
        self.rules_take(name)
    }

    fn rules_take(&self, name: &[u8]) -> bool {
        let Some(files) = &self.files else {
            return true;
        };
        match matched(files, name) {
            Some(excluded) => !excluded,
            None => !self.include_first,
        }
    }

    /// Whether there is a rule for operands.
    pub fn has_rules(&self) -> bool {
        self.files.is_some() || self.folders.is_some()
    }

    /// Whether a folder is entered.
    pub fn enters(&self, name: &[u8]) -> bool {
        self.folders
            .as_ref()
            .is_none_or(|folders| matched(folders, name) != Some(true))
    }

    /// What a folder stands for without globs.
    pub fn by_default(&self) -> ByDefault {
        self.by_default
    }
}

/// Whether a name ends in `.ini`, in any case.
pub fn is_ini(name: &[u8]) -> bool {
    name.len() >= 4 && name[name.len() - 4..].eq_ignore_ascii_case(b".ini")
}

fn matched(rules: &Gitignore, name: &[u8]) -> Option<bool> {
    let trimmed = name.trim_end_with(|char| char == '/');
    let name = if trimmed.is_empty() { name } else { trimmed };
    let name = name.strip_prefix(b"./").unwrap_or(name);
    let path = name.to_path().unwrap_or(Path::new(""));
    match rules.matched(path.strip_prefix("/").unwrap_or(path), false) {
        ignore::Match::None => None,
        ignore::Match::Ignore(_) => Some(true),
        ignore::Match::Whitelist(_) => Some(false),
    }
}

fn compile(rules: &[Rule]) -> Result<Option<Gitignore>, String> {
    if rules.is_empty() {
        return Ok(None);
    }
    let mut builder = GitignoreBuilder::new("");
    for rule in rules {
        let mut line = String::new();
        if rule.include {
            line.push('!');
        }
        // As GNU grep does, a glob is compared with every tail of an operand.
        let glob = rule.glob.strip_prefix("./").unwrap_or(&rule.glob);
        if glob.trim_start_matches('/').contains('/') {
            line.push_str("**/");
        }
        // Braces, and a leading # or !, mean themselves in a shell pattern; so does a blank at the end.
        for (at, char) in glob.chars().enumerate() {
            match char {
                '{' | '}' => line.extend(['[', char, ']']),
                '#' | '!' if at == 0 => line.extend(['\\', char]),
                ' ' => line.push_str("[ ]"),
                _ => line.push(char),
            }
        }
        builder
            .add_line(None, &line)
            .map_err(|error| format!("{}: {error}", rule.glob))?;
    }
    builder.build().map(Some).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(rules: &[(&str, bool)], by_default: ByDefault) -> Selection {
        let rules: Vec<Rule> = rules
            .iter()
            .map(|(glob, include)| Rule {
                glob: (*glob).to_owned(),
                include: *include,
            })
            .collect();
        Selection::new(&rules, &["skip*".to_owned(), "x/".to_owned()], by_default).unwrap()
    }

    #[test]
    fn the_last_matching_rule_decides() {
        let all = ByDefault::All;
        for (rules, name, taken) in [
            (&[][..], "a", true),
            (&[("*.c", true)], "a.c", true),
            (&[("*.c", true)], "a.h", false),
            (&[("*.c", false)], "a.h", true),
            (&[("*.c", false), ("a.c", true)], "a.c", true),
            (&[("*.c", true), ("a.c", false)], "a.c", false),
            (&[("a{b}", true)], "a{b}", true),
            (&[("#a", true)], "#a", true),
            (&[("!a", false)], "!a", false),
            (&[("[!a]b", true)], "cb", true),
            (&[("[!a]b", true)], "ab", false),
            (&[("*.c", false)], "dir/a.c", false),
        ] {
            assert_eq!(
                selection(rules, all).takes_operand(name.as_bytes()),
                taken,
                "{rules:?} {name}"
            );
        }
    }

    #[test]
    fn folders_and_ini_files_are_told_by_name() {
        let ini = selection(&[], ByDefault::Ini);
        assert!(
            ini.takes_file(b"A.INI") && ini.takes_file(b".ini") && !ini.takes_file(b"a.ini.bak")
        );
        assert!(!ini.enters(b"skipped") && !ini.enters(b"x") && ini.enters(b"y"));
        assert!(selection(&[("*.conf", true)], ByDefault::Ini).takes_file(b"a.conf"));
        assert!(!selection(&[("b*", false)], ByDefault::Ini).takes_file(b"b.ini"));
    }
}
