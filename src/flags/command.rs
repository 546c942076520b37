//! clap's view of the [table](super::table): the parser, and the source of help, man page and completions.

use super::option::{Group, Opt, Takes};
use super::table::OPTIONS;
use clap::builder::{OsStringValueParser, PossibleValuesParser};
use clap::{Arg, ArgAction, Command};

/// What the program is, in one sentence.
pub const ABOUT: &str = "A grep for .ini files that can also repair them";

/// clap's command with all options.
pub fn command(name: &'static str) -> Command {
    let in_group =
        |group: &'static Group| OPTIONS.iter().filter(move |option| option.group == *group);
    command_with(name, Group::ALL.iter().flat_map(in_group))
}

/// clap's command with these options: building one for all of them takes longer than grep takes for a small file.
pub fn command_with(
    name: &'static str,
    options: impl IntoIterator<Item = &'static Opt>,
) -> Command {
    Command::new(name)
        .about(ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .args_override_self(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .override_usage(format!("{name} [OPTION]... PATTERNS [FILE]..."))
        .arg(
            Arg::new("operands")
                .num_args(0..)
                .value_name("PATTERNS and FILEs")
                .hide(true)
                .value_hint(clap::ValueHint::AnyPath)
                .value_parser(OsStringValueParser::new()),
        )
        .args(options.into_iter().map(arg))
}

/// clap's command for completion scripts: the values that may be completed are known.
pub fn completing(name: &'static str) -> Command {
    OPTIONS
        .iter()
        .filter(|option| option.takes != Takes::Nothing)
        .fold(command(name), |command, option| {
            command.mut_arg(option.id, |arg| match (option.words, option.takes) {
                ([], Takes::Value("FILE")) => arg.value_hint(clap::ValueHint::FilePath),
                ([], _) => arg.value_hint(clap::ValueHint::Other),
                (words, _) => arg.value_parser(PossibleValuesParser::new(words)),
            })
        })
}

fn arg(option: &'static Opt) -> Arg {
    let mut arg = Arg::new(option.id)
        .help(option.help)
        .help_heading(option.group.heading())
        .hide(option.help.is_empty());
    if !option.long.is_empty() {
        arg = arg
            .long(option.long)
            .aliases(option.aliases.iter().copied());
    }
    let mut letters = option.short.chars();
    if let Some(first) = letters.next() {
        arg = arg.short(first).short_aliases(letters);
    }
    if option.takes == Takes::Nothing {
        return arg.action(ArgAction::SetTrue);
    }
    let values = arg
        .action(ArgAction::Append)
        .value_parser(OsStringValueParser::new());
    match option.takes {
        Takes::Nothing => values,
        Takes::Value(name) => values
            .num_args(1)
            .value_name(name)
            .allow_hyphen_values(true),
        Takes::Optional(name) => values
            .num_args(0..=1)
            .require_equals(true)
            .value_name(name)
            .default_missing_value(""),
    }
}
