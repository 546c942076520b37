//! clap's view of the [table](super::table): the parser, and the source of help, man page and completions.

use super::table::{Group, OPTIONS, Opt, Takes};
use clap::builder::OsStringValueParser;
use clap::{Arg, ArgAction, Command};

/// The id of PATTERNS and FILEs.
pub const OPERANDS: &str = "operands";

/// What the program is, in one sentence.
pub const ABOUT: &str = "A grep for .ini files that can also repair them";

/// clap's command. `own`: with grini's own options.
pub fn command(name: &'static str, own: bool) -> Command {
    let mut command = Command::new(name)
        .about(ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .args_override_self(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .override_usage(format!("{name} [OPTION]... PATTERNS [FILE]..."))
        .arg(
            Arg::new(OPERANDS)
                .num_args(0..)
                .value_name("PATTERNS and FILEs")
                .hide(true)
                .value_hint(clap::ValueHint::AnyPath)
                .value_parser(OsStringValueParser::new()),
        );
    for group in Group::ALL {
        let options = OPTIONS.iter().filter(|option| option.group == *group);
        for option in options.filter(|option| own || option.gnu) {
            command = command.arg(arg(option));
        }
    }
    command
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
    let values = arg
        .clone()
        .action(ArgAction::Append)
        .value_parser(OsStringValueParser::new());
    match option.takes {
        Takes::Nothing => arg.action(ArgAction::SetTrue),
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
