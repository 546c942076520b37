//! Which files beneath a folder are searched: `--include`, `--exclude`, `--exclude-dir`, and grini's `*.ini`.

use crate::pattern::{Glob, GlobRules};
use crate::system::names;

/// Which files a folder operand stands for where no glob says so.
#[derive(Clone, Debug)]
pub enum ByDefault {
    /// Every file (grep's `-r`).
    All,
    /// Every file that `--include` names.
    Included,
    /// Files named `*.ini`, in any case.
    Ini,
    /// Files of such names, in any case.
    Named(Vec<Glob>),
}

impl ByDefault {
    /// Files whose names one of `globs` matches.
    pub fn named(globs: &[&str], how: GlobRules) -> ByDefault {
        let how = GlobRules {
            ignore_case: true,
            ..how
        };
        let globs = globs.iter().map(|glob| Glob::new(glob.as_bytes(), how));
        ByDefault::Named(globs.collect())
    }

    /// Whether it is every file.
    pub fn is_all(&self) -> bool {
        matches!(self, ByDefault::All)
    }

    fn takes(&self, name: &[u8]) -> bool {
        match self {
            ByDefault::All | ByDefault::Included => true,
            ByDefault::Ini => is_ini(name),
            ByDefault::Named(globs) => globs.iter().any(|glob| glob.matches(name)),
        }
    }
}

/// One `--include` or `--exclude`, its glob compiled.
#[derive(Clone, Debug)]
pub struct Rule {
    shape: Shape,
    include: bool,
    walked_alone: bool,
}

#[derive(Clone, Debug)]
enum Shape {
    /// A name without wildcards.
    Name(Vec<u8>),
    Wild(Glob),
}

impl Rule {
    /// `include`: `--include` rather than `--exclude`; `walked_alone`: it does not count for operands (`--exclude-from=-`: GNU
    /// grep reads the list for them once it has been read).
    pub fn new(glob: &[u8], include: bool, walked_alone: bool, how: GlobRules) -> Rule {
        let shape = if how.ignore_case || Glob::has_wildcards(glob) {
            Shape::Wild(Glob::new(glob, how))
        } else {
            Shape::Name(Glob::unescaped(glob))
        };
        Rule {
            shape,
            include,
            walked_alone,
        }
    }

    /// The rule that `--exclude-dir` makes: slashes at its end do not count.
    pub fn of_folders(glob: &[u8], how: GlobRules) -> Rule {
        let slash = |byte: &&u8| names::is_separator(**byte);
        let slashes = glob.iter().rev().take_while(slash).count();
        let len = (glob.len() - slashes).max(usize::from(slashes > 0));
        Rule::new(&glob[..len], false, false, how)
    }

    /// Whether a name matches, or, of an operand, what follows a slash in it.
    fn matches(&self, name: &[u8], operand: bool) -> bool {
        let whole = |name: &[u8]| match &self.shape {
            Shape::Name(text) => name == text,
            Shape::Wild(glob) => glob.matches(name),
        };
        // GNU grep begins no comparison with a slash where there are wildcards.
        let begins = |at: usize| {
            let separator = name.get(at).is_some_and(|&byte| names::is_separator(byte));
            matches!(self.shape, Shape::Name(_)) || !separator
        };
        whole(name)
            || operand
                && (1..=name.len())
                    .filter(|&at| names::is_separator(name[at - 1]))
                    .any(|at| begins(at) && whole(&name[at..]))
    }
}

/// Which files are searched, and which folders entered. The last rule that matches a name decides, as in GNU grep; where
/// none does, a file is searched unless the first rule is an `--include`.
#[derive(Clone, Debug)]
pub struct FileSelection {
    files: Vec<Rule>,
    folders: Vec<Rule>,
    by_default: ByDefault,
}

impl FileSelection {
    /// The rules for files and for folders; `by_default` counts where none includes.
    pub fn new(files: Vec<Rule>, folders: Vec<Rule>, by_default: ByDefault) -> FileSelection {
        let included = files.iter().any(|rule| rule.include);
        FileSelection {
            files,
            folders,
            by_default: match included && !by_default.is_all() {
                true => ByDefault::Included,
                false => by_default,
            },
        }
    }

    /// Whether a file met beneath a folder is searched; `name` is its base name.
    pub fn takes_file(&self, name: &[u8]) -> bool {
        takes(&self.files, name, false) && self.by_default.takes(name)
    }

    /// Whether an operand, as given, is searched: grini's `*.ini` rule does not apply to it.
    pub fn takes_operand(&self, name: &[u8]) -> bool {
        takes(&self.files, name, true)
    }

    /// Whether there is a rule for operands.
    pub fn has_rules(&self) -> bool {
        !(self.files.is_empty() && self.folders.is_empty())
    }

    /// Whether a folder met beneath another one is entered; `name` is its base name.
    pub fn enters(&self, name: &[u8]) -> bool {
        takes(&self.folders, name, false)
    }

    /// Whether a folder operand, as given, is entered.
    pub fn enters_operand(&self, name: &[u8]) -> bool {
        takes(&self.folders, name, true)
    }

    /// What a folder stands for without globs.
    pub fn by_default(&self) -> &ByDefault {
        &self.by_default
    }
}

/// Whether a name ends in `.ini`, in any case.
pub fn is_ini(name: &[u8]) -> bool {
    name.len() >= 4 && name[name.len() - 4..].eq_ignore_ascii_case(b".ini")
}

fn takes(rules: &[Rule], name: &[u8], operand: bool) -> bool {
    let mut rules = rules.iter().filter(|rule| !(operand && rule.walked_alone));
    match rules.clone().rfind(|rule| rule.matches(name, operand)) {
        Some(rule) => rule.include,
        None => rules.next().is_none_or(|rule| !rule.include),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Charset;

    fn selection(rules: &[(&str, bool)], by_default: ByDefault) -> FileSelection {
        let how = GlobRules {
            charset: Charset::Utf8,
            ignore_case: false,
            wide_ranges: true,
            or_bytes: true,
            caret: true,
        };
        let rules = rules
            .iter()
            .map(|(glob, include)| Rule::new(glob.as_bytes(), *include, false, how));
        let folders = [&b"skip*"[..], b"x/"].map(|glob| Rule::of_folders(glob, how));
        FileSelection::new(rules.collect(), folders.into(), by_default)
    }

    #[test]
    fn the_last_matching_rule_decides() {
        let all = || ByDefault::All;
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
            (&[("a.c", true), ("b*", false)], "dir/a.c", true),
            (&[("/f", true)], "d//f", true),
            (&[("/[f]", true)], "d//f", false),
            (&[("", true)], "d/", true),
            (&[("a\\", true)], "a\\", true),
            (&[("?\\", true)], "a\\", false),
            (&[("[b-a]", false)], "b", true),
        ] {
            assert_eq!(
                selection(rules, all()).takes_operand(name.as_bytes()),
                taken,
                "{rules:?} {name}"
            );
        }
    }

    #[test]
    fn folders_and_ini_files_are_known_by_name() {
        let ini = selection(&[], ByDefault::Ini);
        assert!(
            ini.takes_file(b"A.INI") && ini.takes_file(b".ini") && !ini.takes_file(b"a.ini.bak")
        );
        assert!(!ini.enters(b"skipped") && !ini.enters(b"x") && ini.enters(b"y"));
        assert!(selection(&[("*.conf", true)], ByDefault::Ini).takes_file(b"a.conf"));
        assert!(!selection(&[("b*", false)], ByDefault::Ini).takes_file(b"b.ini"));
    }
}
