//! clap's view of the [table](super::table): the source of man page and completions.

use super::option::{Opt, Takes};
use super::table::OPTIONS;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};

/// What the program is, in one sentence.
pub const ABOUT: &str = "A grep for .ini files that can also repair them";

/// clap's command, for the man page and the completions: the values that may be completed are known.
pub(super) fn command() -> Command {
    Command::new("grini")
        .about(ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .override_usage("grini [OPTION]... PATTERNS [FILE]...")
        .arg(
            Arg::new("operands")
                .num_args(0..)
                .value_name("PATTERNS and FILEs")
                .hide(true)
                .value_hint(ValueHint::AnyPath),
        )
        .args(OPTIONS.iter().filter(|option| !option.hidden).map(arg))
}

fn arg(option: &'static Opt) -> Arg {
    let mut arg = Arg::new(option.name())
        .help(option.explained())
        .help_heading(option.group.heading())
        .aliases(option.alias);
    if !option.long.is_empty() {
        arg = arg.long(option.long);
    }
    let mut letters = option.short.chars();
    if let Some(first) = letters.next() {
        arg = arg.short(first).short_aliases(letters);
    }
    arg = match option.takes {
        Takes::Nothing => return arg.action(ArgAction::SetTrue),
        Takes::Value(name) => arg.num_args(1).value_name(name).allow_hyphen_values(true),
        Takes::Optional(name) => arg.num_args(0..=1).require_equals(true).value_name(name),
    };
    arg = arg.action(ArgAction::Append);
    match (option.words, option.takes) {
        ([], Takes::Value("FILE")) => arg.value_hint(ValueHint::FilePath),
        ([], _) => arg.value_hint(ValueHint::Other),
        (words, _) => arg
            .value_parser(PossibleValuesParser::new(words))
            .hide_possible_values(true),
    }
}
