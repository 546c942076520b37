//! getopt_long's reading of an argument vector, driven by the [table](super::table): permuted operands, `--`,
//! bundled letters, `-NUM`, abbreviated long names, POSIXLY_CORRECT.

use super::option::{Opt, Takes};
use super::table::{Id, OPTIONS};
use crate::system::os_string;
use std::ffi::{OsStr, OsString};

/// An argument vector, option by option.
#[derive(Debug, Default)]
pub struct Argv {
    /// Options in order, with their values.
    pub options: Vec<(&'static Opt, Option<OsString>)>,
    /// What is no option, in order.
    pub operands: Vec<OsString>,
    /// How many of them, at the end, came after `--`.
    pub literal: usize,
    /// The digits of `-NUM`, if any were given.
    pub digits: Option<OsString>,
}

/// What is wrong with an argument vector.
#[derive(Debug, PartialEq, Eq)]
pub enum ArgvError {
    /// No long option begins so.
    UnknownLong(OsString),
    /// No option has this letter.
    UnknownShort(Vec<u8>),
    /// Several long options begin so.
    Ambiguous(OsString, Vec<&'static str>),
    /// A long option without its value.
    MissingLong(&'static str),
    /// A letter without its value.
    MissingShort(u8),
    /// A long option with an empty value, where it may have one so named, or none.
    Empty(&'static str, &'static str),
    /// A value for a long option that takes none.
    Unwanted(&'static str),
}

/// Reads `args` (without `argv[0]`). `letters`: grini's own letters are known, too; `permute`: operands may come before
/// options.
///
/// # Errors
/// The first error that getopt_long would report.
pub fn read(args: Vec<OsString>, letters: bool, permute: bool) -> Result<Argv, ArgvError> {
    let mut argv = Argv::default();
    let mut args = args.into_iter();
    let mut digits = Digits::default();
    let mut position = 0usize;
    while let Some(arg) = args.next() {
        position += 1;
        let bytes = arg.as_encoded_bytes();
        if bytes == b"--" {
            argv.literal = args.len();
            argv.operands.extend(args);
            break;
        }
        if let Some(long) = bytes.strip_prefix(b"--") {
            let (name, value) = match memchr::memchr(b'=', long) {
                Some(at) => (&long[..at], Some(os_string(long[at + 1..].to_vec()))),
                None => (long, None),
            };
            let (option, shown) = find_long(name, &arg)?;
            let value = match (option.takes, value) {
                (Takes::Nothing, Some(_)) => return Err(ArgvError::Unwanted(shown)),
                (Takes::Value(_), None) => {
                    position += 1;
                    Some(args.next().ok_or(ArgvError::MissingLong(shown))?)
                }
                (Takes::Optional(what), Some(value)) if value.is_empty() && !option.gnu => {
                    return Err(ArgvError::Empty(shown, what));
                }
                (Takes::Optional(_), None) if *option == *Id::Color.option() => Some("auto".into()),
                (_, value) => value,
            };
            digits.forget_before(option);
            argv.options.push((option, value));
        } else if bytes.len() > 1 && bytes[0] == b'-' {
            let mut rest = &bytes[1..];
            while let Some((&letter, tail)) = rest.split_first() {
                rest = tail;
                if letter.is_ascii_digit() {
                    digits.push(letter, position);
                    continue;
                }
                let option = find_short(letter, letters).ok_or_else(|| {
                    // A letter beyond ASCII is named whole.
                    ArgvError::UnknownShort(vec![letter])
                })?;
                let value = match option.takes {
                    Takes::Value(_) if tail.is_empty() => {
                        position += 1;
                        Some(args.next().ok_or(ArgvError::MissingShort(letter))?)
                    }
                    Takes::Value(_) => {
                        rest = &[];
                        Some(os_string(tail.to_vec()))
                    }
                    _ => None,
                };
                digits.forget_before(option);
                argv.options.push((option, value));
            }
        } else {
            argv.operands.push(arg);
            if !permute {
                argv.operands.extend(args);
                break;
            }
        }
    }
    argv.digits = digits.finish();
    Ok(argv)
}

/// `-1 -2` is 2, `-12` is 12: digits add up within one argument.
#[derive(Default)]
struct Digits {
    text: Vec<u8>,
    position: usize,
}

impl Digits {
    fn push(&mut self, digit: u8, position: usize) {
        if position != self.position {
            self.text.clear();
        }
        self.position = position;
        self.text.push(digit);
    }

    /// A `-C` takes the place of the digits before it.
    fn forget_before(&mut self, option: &Opt) {
        if *option == *Id::Context.option() {
            self.text.clear();
        }
    }

    fn finish(self) -> Option<OsString> {
        (!self.text.is_empty()).then(|| os_string(self.text))
    }
}

fn find_short(letter: u8, own: bool) -> Option<&'static Opt> {
    OPTIONS
        .iter()
        .filter(|option| own || option.gnu)
        .find(|option| option.short.as_bytes().contains(&letter))
}

fn find_long(name: &[u8], arg: &OsStr) -> Result<(&'static Opt, &'static str), ArgvError> {
    let named = |option: &'static Opt| option.long_names().map(move |long| (option, long));
    let mut all = OPTIONS.iter().flat_map(named);
    if let Some(exact) = all.find(|(_, long)| long.as_bytes() == name) {
        return Ok(exact);
    }
    let abbreviated = OPTIONS.iter().filter(|option| option.gnu).flat_map(named);
    let mut found: Vec<(&'static Opt, &'static str)> = abbreviated
        .filter(|(_, long)| long.as_bytes().starts_with(name))
        .collect();
    found.sort_by_key(|(_, long)| GNU_ORDER.iter().position(|known| known == long));
    let Some(&first) = found.first() else {
        return Err(ArgvError::UnknownLong(arg.to_owned()));
    };
    found.retain(|&(option, long)| option != first.0 || long == first.1);
    if found.len() == 1 {
        return Ok(first);
    }
    Err(ArgvError::Ambiguous(
        arg.to_owned(),
        found.into_iter().map(|(_, long)| long).collect(),
    ))
}

/// The order in which GNU grep names the possibilities of an ambiguous option.
const GNU_ORDER: &[&str] = &[
    "basic-regexp",
    "extended-regexp",
    "fixed-regexp",
    "fixed-strings",
    "perl-regexp",
    "after-context",
    "before-context",
    "binary-files",
    "byte-offset",
    "context",
    "color",
    "colour",
    "count",
    "devices",
    "directories",
    "exclude",
    "exclude-from",
    "exclude-dir",
    "file",
    "files-with-matches",
    "files-without-match",
    "group-separator",
    "help",
    "include",
    "ignore-case",
    "no-ignore-case",
    "initial-tab",
    "label",
    "line-buffered",
    "line-number",
    "line-regexp",
    "max-count",
    "no-filename",
    "no-group-separator",
    "no-messages",
    "null",
    "null-data",
    "only-matching",
    "quiet",
    "recursive",
    "dereference-recursive",
    "regexp",
    "invert-match",
    "silent",
    "text",
    "binary",
    "unix-byte-offsets",
    "version",
    "with-filename",
    "word-regexp",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str, letters: bool) -> Result<(Vec<String>, Vec<String>), ArgvError> {
        let argv = read(
            line.split_whitespace().map(OsString::from).collect(),
            letters,
            true,
        )?;
        let options = argv
            .options
            .iter()
            .map(|(option, value)| match value {
                Some(value) => format!("{}={}", option.name(), value.to_string_lossy()),
                None => option.name().to_owned(),
            })
            .chain(
                argv.digits
                    .map(|digits| format!("NUM={}", digits.to_string_lossy())),
            )
            .collect();
        let operands = argv
            .operands
            .iter()
            .map(|op| op.to_string_lossy().into_owned())
            .collect();
        Ok((options, operands))
    }

    #[test]
    fn arguments_are_read_as_getopt_reads_them() {
        for (line, want, operands) in [
            ("-nA2 x f", "line-number after-context=2", "x f"),
            ("x -n f -- -v", "line-number", "x f -v"),
            ("-12 -3 x", "NUM=3", "x"),
            ("-1n2 x", "line-number NUM=12", "x"),
            ("--col x", "color=auto", "x"),
            ("--co x", "", ""),
            ("--color=always --colour x", "color=always color=auto", "x"),
            ("--regex=a --regex b", "regexp=a regexp=b", ""),
            ("--line-n", "line-number", ""),
            ("--where=a --rec", "where=a recursive", ""),
            ("-", "", "-"),
        ] {
            if want.is_empty() && operands.is_empty() {
                assert!(
                    matches!(options(line, true), Err(ArgvError::Ambiguous(..))),
                    "{line}"
                );
                continue;
            }
            let (got, rest) = options(line, true).unwrap();
            assert_eq!(
                (got.join(" ").as_str(), rest.join(" ").as_str()),
                (want, operands),
                "{line}"
            );
        }
        assert!(matches!(
            options("--recor", true),
            Err(ArgvError::UnknownLong(_))
        ));
        assert_eq!(options("-A", true), Err(ArgvError::MissingShort(b'A')));
        assert_eq!(
            options("--count=1", true),
            Err(ArgvError::Unwanted("count"))
        );
        assert_eq!(
            options("-j", true),
            Err(ArgvError::UnknownShort(b"j".to_vec()))
        );
        let (letters, _) = options("-Sp x", true).unwrap();
        assert_eq!(letters, ["smart-case", "show-section"]);
        assert_eq!(
            options("-S x", false),
            Err(ArgvError::UnknownShort(b"S".to_vec()))
        );
    }
}
