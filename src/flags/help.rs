//! Help, usage and version.

use super::called::Called;
use super::command::command;
use super::man;
use super::typed::{Color, Typed, UsageError};
use clap_complete::Shell;

/// The lines that follow a usage error.
pub fn usage(called: Called) -> String {
    match called {
        Called::Grini => "Usage: grini [OPTION]... PATTERNS [FILE]...\n       grini --records --where EXPR [OPTION]... [FILE]...\nTry 'grini --help' for more information.\n".to_owned(),
        _ => "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n".to_owned(),
    }
}

/// What `grini -h` prints: one screen, by task.
const BY_TASK: &str = "\
Usage: grini [OPTION]... PATTERNS [FILE]...
       grini --records --where EXPR [OPTION]... [FILE]...

Beneath a folder *.ini files are searched; a match brings its record's State.

find a name          grini 'Jane Doe' Clients
  show other keys    --show 'Num*' (repeatable; --show '*': all)  --no-show
  in every file      -r, or --include='*.conf'
  in one key         grini --key State '^4$' Clients
  as grep does       -i -v -w -x -E -F -P -n -c -l -o -A NUM -B NUM -C NUM ...
select records       grini --records --where State=4 --missing NumSCerts Clients
  conditions         --where 'State=4 and Tries > 3'  --has KEY  --missing KEY
  values for a pipe  --get Mailbox --get State     --tally State: how many each
  for a program      --json      file names for xargs: -lZ, --files0-from
change them          add --set State=1 (--add, --unset, --replace): shows a diff
  write it           --in-place: all files or none      --confirm: ask for each
  take it back       grini --undo      grini --history: what there is
read other dialects  --dialect=windows, python, git, systemd, php or mysql

All options: grini --help      More: man grini
";

/// What the help of `grep` ends with.
const AS_GREP: &str = "
This is grini, called as grep. Its faults are its own: they are not for bug-grep@gnu.org.
";

/// The text that `--help`, `--version` or `--generate` ask for, if they do.
///
/// # Errors
/// `--generate` does not know what to make.
pub fn asked(typed: &Typed) -> Result<Option<Vec<u8>>, UsageError> {
    if typed.has("version") {
        let version = env!("CARGO_PKG_VERSION");
        let text = match typed.called {
            Called::Grini => format!("grini {version}\n"),
            // Scripts read the last word of the first line, and look for GNU in it.
            _ => format!("grep (grini {version}, compatible with GNU grep) 3.8\n"),
        };
        return Ok(Some(text.into_bytes()));
    }
    let lone_h = typed.called == Called::Grini
        && typed.has("no-filename")
        && typed.operands().is_empty()
        && !typed.any_given(&["regexp", "file", "records"]);
    if lone_h && !typed.has("help") {
        return Ok(Some(BY_TASK.as_bytes().to_vec()));
    }
    // GNU grep answers a word of --color that it does not know with its help.
    let color_unknown = typed.called.as_grep()
        && typed
            .values("color")
            .any(|when| Color::read(&when.to_string_lossy()).is_none());
    if typed.has("help") || color_unknown {
        let mut help = command(typed.called.name()).render_help().to_string();
        if typed.called.as_grep() {
            help.push_str(AS_GREP);
        }
        return Ok(Some(help.into_bytes()));
    }
    if let Some(what) = typed.value("generate") {
        return generate(&what.to_string_lossy()).map(Some);
    }
    Ok(None)
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
    clap_complete::generate(*shell, &mut command("grini"), "grini", &mut out);
    Ok(out)
}
