//! How lines are printed.

use super::environment::Environment;
use super::names::choice;
use super::numbers;
use crate::flags::{Color, Id, Typed, UsageError};
use crate::output::diff::CONTEXT;
use crate::output::settings::PathShown;
use crate::output::{Colors, OutputSettings};
use crate::pattern::Charset;

/// The output's settings; `operands`: how many files or folders were named.
///
/// # Errors
/// A bad `--color`.
pub(super) fn settings(
    typed: &Typed,
    environment: &Environment,
    operands: usize,
    warnings: &mut Vec<String>,
) -> Result<OutputSettings, UsageError> {
    let name_option = typed.last_of(&[Id::WithFilename, Id::NoFilename]);
    let width = environment.columns.filter(|_| environment.terminal);
    let groups = numbers::context_given(typed);
    let separator = match typed
        .in_order(&[Id::GroupSeparator, Id::NoGroupSeparator])
        .next_back()
    {
        None => Some(b"--".to_vec()),
        Some((Id::GroupSeparator, text)) => Some(text.as_encoded_bytes().to_vec()),
        Some(_) => None,
    };
    let label = match typed.value(Id::Label) {
        Some(label) => label.as_encoded_bytes().to_vec(),
        None => b"(standard input)".to_vec(),
    };
    Ok(OutputSettings {
        names: match name_option {
            Some(Id::WithFilename) => PathShown::Always,
            Some(_) => PathShown::Never,
            None if operands > 1 => PathShown::Always,
            None => PathShown::Walked,
        },
        names_asked: name_option == Some(Id::WithFilename),
        line_number: typed.has(Id::LineNumber) || typed.has(Id::Json),
        byte_offset: typed.has(Id::ByteOffset),
        initial_tab: typed.has(Id::InitialTab),
        null_after_name: typed.has(Id::Null),
        only_matching: typed.has(Id::OnlyMatching),
        invert: typed.has(Id::InvertMatch),
        colors: colors(typed, environment, warnings)?,
        terminal: environment.terminal,
        group_separator: separator,
        groups,
        line_buffered: typed.has(Id::LineBuffered),
        terminator: if typed.has(Id::NullData) { 0 } else { b'\n' },
        label,
        json: typed.has(Id::Json),
        escape: choice(
            typed,
            Id::Escape,
            environment.terminal && !typed.called.as_grep(),
            &[
                ("auto", environment.terminal),
                ("always", true),
                ("never", false),
            ],
        )?,
        columns: numbers::columns(typed, width)?,
        width,
        unicode: environment.locale.charset == Charset::Utf8,
        heading: typed.has(Id::Heading),
        links: typed
            .has(Id::Hyperlink)
            .then(|| links(environment))
            .flatten(),
        diff_context: numbers::diff_context(typed)?.unwrap_or(CONTEXT),
    })
}

/// The current folder, which links begin with, on a terminal that is known to take them (OSC 8).
fn links(environment: &Environment) -> Option<Vec<u8>> {
    let is = |name: &str, known: fn(&str) -> bool| {
        (environment.variable)(name).is_some_and(|value| known(&value))
    };
    let known = is("TERM_PROGRAM", |value| {
        [
            "iTerm.app",
            "WezTerm",
            "vscode",
            "ghostty",
            "Hyper",
            "mintty",
        ]
        .contains(&value)
    }) || is("VTE_VERSION", |value| {
        value.parse().is_ok_and(|version: u32| version >= 5000)
    }) || is("TERM", |value| {
        [
            "xterm-kitty",
            "xterm-ghostty",
            "alacritty",
            "foot",
            "wezterm",
            "contour",
        ]
        .iter()
        .any(|known| value.starts_with(known))
    }) || is("WT_SESSION", |value| !value.is_empty())
        || is("KONSOLE_VERSION", |value| !value.is_empty());
    let here = std::env::current_dir().ok()?;
    let mut start = here.into_os_string().into_encoded_bytes();
    start.push(b'/');
    (known && environment.terminal).then_some(start)
}

fn colors(
    typed: &Typed,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> Result<Option<Colors>, UsageError> {
    let variable = environment.variable;
    let auto = || {
        let unwanted = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        environment.color_terminal && (!unwanted || typed.called.as_grep())
    };
    let on = match typed.value(Id::Color).map(|when| when.to_string_lossy()) {
        // GNU grep colours only when asked; grini, like its users' shells, wherever a terminal shows it.
        None => !typed.called.as_grep() && auto(),
        Some(when) => match Color::read(&when) {
            Some(Color::Always) => true,
            Some(Color::Never) => false,
            Some(Color::Auto) => auto(),
            None => {
                return Err(UsageError::plain(format!(
                    "--color={when}: write auto, always or never"
                )));
            }
        },
    };
    if !on {
        return Ok(None);
    }
    let (colors, deprecated) = Colors::from_environment(
        variable("GREP_COLOR").as_deref(),
        variable("GREP_COLORS").as_deref(),
    );
    if let Some(value) = deprecated {
        warnings.push(format!(
            "warning: GREP_COLOR='{value}' is deprecated; use GREP_COLORS='mt={value}'"
        ));
    }
    Ok(Some(colors))
}
