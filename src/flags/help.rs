//! Help, usage and version.

use super::called::Called;
use super::command::{ABOUT, command};
use super::man;
use super::option::{Group, Opt, Takes};
use super::table::{Id, OPTIONS};
use super::typed::{Color, Typed, UsageError};
use clap_complete::Shell;

/// The lines that follow a usage error.
pub fn usage(called: Called) -> String {
    let name = match called {
        Called::Grini => "grini",
        _ => "grep",
    };
    format!(
        "{}Try '{name} --help' for more information.\n",
        usage_forms(called)
    )
}

/// The forms of a command line.
fn usage_forms(called: Called) -> &'static str {
    match called {
        Called::Grini => {
            "Usage: grini [OPTION]... PATTERNS [FILE]...\n       grini --where EXPR [OPTION]... [FILE]...\n"
        }
        _ => "Usage: grep [OPTION]... PATTERNS [FILE]...\n",
    }
}

/// What `grini -h` prints: one screen, by task.
const BY_TASK: &str = "\
Usage: grini [OPTION]... PATTERNS [FILE]...
       grini --where EXPR [OPTION]... [FILE]...

Beneath a folder *.ini files are searched; a match brings its record's State.

find a name          grini 'Jane Doe' Clients
  show other keys    --show 'Num*' (repeatable; --show '*': all)  --no-show
  in every file      -r, or --include='*.conf'
  in one key         grini --key State '^4$' Clients
  as grep does       -i -v -w -x -E -F -P -n -c -l -o -A NUM -B NUM -C NUM ...
select records       grini --where State=4 --missing NumSCerts Clients
  conditions         --where 'State in (2, 4) and Tries > 3'  --has --missing
  from a list        --where 'Mailbox in @list.txt'     all records: --records
  values for a pipe  --get Mailbox --get State (--csv)  --tally State: how many
  for a program      --json      file names for xargs: -lZ, --files0-from
change them          add --set State=1: shows a diff
  other edits        --put --add --append --unset  text: --replace
  write it           --in-place: all files or none      --confirm: ask for each
  take it back       grini --undo      grini --history: what there is
look for faults      grini --lint Clients
read other dialects  --dialect=git, systemd, php and others (man grini)

All options: grini --help      More: man grini
";

/// What the help of `grep` ends with.
const AS_GREP: &str = "
This is grini, called as grep: do not report its bugs to bug-grep@gnu.org.
";

/// The text that `--help`, `--version` or `--generate` ask for, if they do.
///
/// # Errors
/// `--generate` does not know what to make.
pub fn asked(typed: &Typed) -> Result<Option<Vec<u8>>, UsageError> {
    if typed.has(Id::Version) {
        let version = env!("CARGO_PKG_VERSION");
        let text = match typed.called {
            Called::Grini => format!("grini {version}\n"),
            // Scripts read the last word of the first line, and look for GNU in it.
            _ => format!("grep (grini {version}, compatible with GNU grep) 3.8\n"),
        };
        return Ok(Some(text.into_bytes()));
    }
    let lone_h = typed.called == Called::Grini
        && typed.has(Id::NoFilename)
        && typed.operands().is_empty()
        && !typed.any_given(&[
            Id::Regexp,
            Id::File,
            Id::Records,
            Id::Where,
            Id::Has,
            Id::Missing,
            Id::Lint,
        ]);
    if lone_h && !typed.has(Id::Help) {
        return Ok(Some(BY_TASK.as_bytes().to_vec()));
    }
    // GNU grep answers a word of --color that it does not know with its help.
    let color_unknown = typed.called.as_grep()
        && typed
            .values(Id::Color)
            .any(|when| Color::read(&when.to_string_lossy()).is_none());
    if typed.has(Id::Help) || color_unknown {
        let mut help = all_options(typed.called);
        if typed.called.as_grep() {
            help.push_str(AS_GREP);
        }
        return Ok(Some(help.into_bytes()));
    }
    if let Some(what) = typed.value(Id::Generate) {
        return generate(&what.to_string_lossy()).map(Some);
    }
    Ok(None)
}

/// The widest line of the help, in columns.
const WIDTH: usize = 79;

/// Where the help's explanations begin.
const COLUMN: usize = 26;

/// What `--help` prints: all options, by group.
fn all_options(called: Called) -> String {
    let mut out = format!("{ABOUT}\n\n{}", usage_forms(called));
    for group in Group::ALL {
        out.push_str(&format!("\n{}:\n", group.heading()));
        for option in OPTIONS {
            let shown = option.group == *group && !option.hidden;
            if shown {
                entry(option, called, &mut out);
            }
        }
    }
    out
}

/// One option: its names, and what it does to the right of them, or beneath them where there is no room.
fn entry(option: &Opt, called: Called, out: &mut String) {
    let known = option.gnu || !called.as_grep();
    let letter = option.short.chars().next().filter(|_| known);
    let mut names = match letter {
        Some(letter) if option.long.is_empty() => format!("  -{letter}"),
        Some(letter) => format!("  -{letter}, --{}", option.long),
        None => format!("      --{}", option.long),
    };
    match option.takes {
        Takes::Nothing => {}
        Takes::Value(name) => names.push_str(&format!("={name}")),
        Takes::Optional(name) => names.push_str(&format!("[={name}]")),
    }
    let mut line = names;
    if line.len() + 2 > COLUMN {
        out.push_str(&line);
        out.push('\n');
        line = String::new();
    }
    let blank = " ".repeat(COLUMN - line.len());
    line.push_str(&blank);
    for word in option.explained().split(' ') {
        let starts = line.trim_end().is_empty() || line.len() == COLUMN;
        if !starts && line.len() + 1 + word.len() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(COLUMN + 2);
        } else if !starts {
            line.push(' ');
        }
        line.push_str(word);
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// What `--generate` can make.
const SHELLS: &[(&str, Shell)] = &[
    ("complete-bash", Shell::Bash),
    ("complete-zsh", Shell::Zsh),
    ("complete-fish", Shell::Fish),
    ("complete-powershell", Shell::PowerShell),
];

fn generate(what: &str) -> Result<Vec<u8>, UsageError> {
    if what == "man" {
        return man::page().map_err(|error| UsageError::plain(error.to_string()));
    }
    let Some((_, shell)) = SHELLS.iter().find(|(name, _)| *name == what) else {
        let shells: Vec<&str> = SHELLS.iter().map(|(name, _)| *name).collect();
        let message = format!(
            "--generate={what}: write man or one of {}",
            shells.join(", ")
        );
        return Err(UsageError::plain(message));
    };
    let mut out = Vec::new();
    clap_complete::generate(*shell, &mut command(), "grini", &mut out);
    Ok(out)
}
