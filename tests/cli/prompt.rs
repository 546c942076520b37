//! What a shell, a pipe and a script make of it: lists of files, help by task.

use crate::support::{called, grini};

#[test]
fn operands_are_read_from_a_list() {
    let run = |args: &[&str]| {
        grini(args)
            .file("a b.ini", "x=1\n")
            .file("n\nl.ini", "x=2\n")
            .file("f/c.ini", "x=3\n")
    };
    run(&["x", "--files0-from=-"])
        .stdin("n\nl.ini\0a b.ini\0f\0")
        .says("n\nl.ini:x=2\na b.ini:x=1\nf/c.ini:x=3\n", "", 0);
    // The last NUL byte may be missing; a single file gets no name, as an operand.
    run(&["x", "--files0-from", "list"])
        .file("list", "a b.ini")
        .says("x=1\n", "", 0);
    // An empty list is no operand at all: nothing is read, least of all standard input.
    run(&["x", "--files0-from=list"])
        .file("list", "")
        .stdin("x\n")
        .says("", "", 1);
    run(&["--records", "--set=x=9", "--in-place", "--files0-from=-"])
        .stdin("a b.ini\0")
        .edits("a b.ini", "x=9\n");
    run(&["x", "--files0-from=list"])
        .file("list", "a b.ini\0none.ini\0")
        .says(
            "a b.ini:x=1\n",
            "grini: none.ini: No such file or directory\n",
            2,
        );
}

#[test]
fn a_list_of_files_that_cannot_be_used_is_reported_as_by_wc() {
    for (args, list, message) in [
        (
            &["x", "a.ini", "--files0-from=list"][..],
            "",
            "extra operand 'a.ini': file operands cannot be combined with --files0-from",
        ),
        (
            &["x", "--files0-from=none"],
            "",
            "cannot open 'none' for reading: No such file or directory",
        ),
        (
            &["x", "--files0-from=."],
            "",
            ".: read error: Is a directory",
        ),
        (
            &["x", "--files0-from=list"],
            "a.ini\nb.ini\n",
            "list: these names end in newlines, and NUL bytes are wanted, as find -print0 writes them",
        ),
        (
            &["x", "--files0-from=list"],
            "a.ini\0\0b.ini\0",
            "list:2: invalid zero-length file name",
        ),
        (
            &["x", "--files0-from=-"],
            "-\0",
            "when reading file names from stdin, no file name of '-' allowed",
        ),
        (
            &["-f-", "--files0-from=-"],
            "",
            "-f - and --files0-from=- both read standard input",
        ),
        (
            &["--where", "x in (a) or x in @-", "--files0-from=-"],
            "",
            "--files0-from=- and @- both read standard input",
        ),
        (
            &["x", "--exclude-from=-", "-f", "-"],
            "",
            "-f - and --exclude-from=- both read standard input",
        ),
        (
            &["--history", "a.ini"],
            "",
            "--history takes no FILE; write --history=ID for a certain edit (--history lists them)",
        ),
    ] {
        grini(args)
            .file("list", list)
            .file("a.ini", "x\n")
            .stdin(list)
            .says("", &format!("grini: {message}\n"), 2);
    }
}

#[test]
fn help_fits_on_one_screen_and_names_only_what_exists() {
    let said = grini(["-h"]).said();
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert!(said.out.lines().count() <= 24, "{}", said.out);
    assert!(
        said.out.lines().all(|line| line.len() <= 80),
        "{}",
        said.out
    );
    let whole = grini(["--help"]).said().out;
    let words = said
        .out
        .split(|char: char| !char.is_ascii_alphanumeric() && char != '-');
    for option in words.filter(|word| word.starts_with('-')) {
        let known = match option.strip_prefix("--") {
            Some(_) => whole.contains(option),
            None => option[1..]
                .chars()
                .all(|letter| whole.contains(&format!("-{letter}, ")) || letter == 'Z'),
        };
        assert!(known, "{option}");
    }
    // With PATTERNS, and called grep, -h is grep's.
    grini(["-h", "x"]).stdin("x\n").says("x\n", "", 0);
    assert_eq!(called("grep", ["-h"]).said().status, 2);
}

#[test]
fn the_help_fits_eighty_columns_and_completions_have_the_values() {
    for args in [["--help"], ["-h"]] {
        let said = grini(args).said();
        assert!(said.out.lines().all(|line| line.len() < 80), "{args:?}");
    }
    for (shell, line) in [
        ("complete-bash", "-W \"line section key value comment\""),
        ("complete-zsh", ":(line section key value comment)"),
        ("complete-fish", "-l part "),
        ("complete-powershell", "'--part'"),
    ] {
        let said = grini(["--generate", shell]).said();
        assert!(said.out.contains(line), "{shell}");
    }
}

#[test]
fn the_examples_of_the_short_help_run() {
    let said = grini(["-h"]).said();
    let examples = said.out.lines().filter_map(|line| {
        let at = line.find("grini ")?;
        (at > 10 && line.ends_with(" Clients")).then(|| line[at..].replace("Clients", "clients"))
    });
    let mut count = 0;
    for example in examples {
        let args = crate::pages::shell_words(&example);
        assert_eq!(grini(&args[1..]).clients().said().status, 0, "{example}");
        count += 1;
    }
    assert_eq!(count, 4);
}

/// What `shell -c` prints of `script`, in which `$1` is the folder of the completion script `name`; none: no such shell.
fn completed(shell: &str, kind: &str, name: &str, flags: &[&str], script: &str) -> Option<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = grini(["--generate", kind]).said().out;
    std::fs::write(folder.path().join(name), text).expect("the script is written");
    let output = std::process::Command::new(shell)
        .args(flags)
        .args(["-c", script])
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env_remove("FPATH")
        .output();
    let Ok(output) = output else {
        crate::peer::missing(shell, "its completions are not tried");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "", "{shell}");
    assert!(output.status.success(), "{shell}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn bash_completes() {
    let script = "source ./grini.bash; COMP_WORDS=(grini --rec); COMP_CWORD=1; \
                  _grini grini --rec grini; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let flags = ["--norc", "--noprofile"];
    if let Some(words) = completed("bash", "complete-bash", "grini.bash", &flags, script) {
        let mut words: Vec<&str> = words.lines().collect();
        words.sort_unstable();
        assert_eq!(words, ["--records", "--recover", "--recursive"]);
    }
}

#[test]
fn fish_completes() {
    let script = "source ./grini.fish; complete -C 'grini --rec'";
    let flags = ["--no-config"];
    if let Some(words) = completed("fish", "complete-fish", "grini.fish", &flags, script) {
        let mut words: Vec<&str> = words
            .lines()
            .filter_map(|line| line.split('\t').next())
            .collect();
        words.sort_unstable();
        assert_eq!(words, ["--records", "--recover", "--recursive"]);
    }
}

#[test]
fn zsh_completes() {
    // zsh completes only where a line is edited: on a terminal of its own.
    let script = "zmodload zsh/zpty; zpty -b z 'TERM=dumb zsh -f -i'; \
                  zpty -w z 'PS1=; autoload -U compinit; compinit -u -D; source ./_grini; LISTMAX=1000; print re''ady'; \
                  wait_for() { for i in {1..300}; do while zpty -r -t z part; do seen+=$part; done; \
                  [[ $seen == *$1* ]] && return; sleep 0.1; done }; \
                  wait_for ready; zpty -w -n z $'grini --rec\\t\\t'; wait_for --recursive; zpty -d z; print -r -- $seen";
    let flags = ["-f"];
    if let Some(seen) = completed("zsh", "complete-zsh", "_grini", &flags, script) {
        for word in ["--records", "--recover", "--recursive"] {
            assert!(seen.contains(word), "{seen:?}");
        }
    }
}

/// The commands of a section of man/recipes.md.
fn recipes(heading: &str) -> Vec<String> {
    let text = std::fs::read_to_string("man/recipes.md").expect("man/recipes.md");
    let section = text
        .split("\n## ")
        .find(|section| section.starts_with(heading));
    let lines = section.expect("the section").lines();
    let commands: Vec<String> = lines
        .filter_map(|line| line.strip_prefix("    "))
        .map(str::to_owned)
        .collect();
    assert!(!commands.is_empty(), "{heading}");
    commands
}

#[test]
fn the_recipes_run() {
    let there = |tool: &str| {
        let found = std::process::Command::new("sh")
            .args(["-c", &format!("command -v {tool}")])
            .stdout(std::process::Stdio::null())
            .status();
        found.is_ok_and(|status| status.success())
    };
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_grini"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", binary.parent().expect("a folder").display());
    for command in [recipes("In scripts"), recipes("More than one")].concat() {
        let tools = ["jq", "parallel", "delta"];
        let missing = tools
            .iter()
            .find(|tool| command.contains(**tool) && !there(tool));
        if let Some(tool) = missing {
            crate::peer::missing(tool, &format!("not tried: {command}"));
            continue;
        }
        let folder = grini(["x"]).clients();
        let root = folder.folder();
        std::fs::rename(root.join("clients"), root.join("Clients")).expect("it is renamed");
        let output = std::process::Command::new("bash")
            .args(["-o", "pipefail", "-c", &command])
            .current_dir(root)
            .env("PATH", &path)
            .env("HOME", root)
            .env_remove("XDG_STATE_HOME")
            .output()
            .expect("bash runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let edits = command.contains("--in-place");
        assert!(
            output.status.success() && said.is_empty() == edits,
            "{command}\n{output:?}"
        );
    }
}

/// Whether it is printed, thrown away or not wanted at all: the answer is the same.
#[test]
fn the_exit_status_does_not_depend_on_where_the_output_goes() {
    for args in [
        &["a", "t"][..],
        &["--records", "t"],
        &["--where", "K=1", "t"],
        &["--records", "--get", "K", "t"],
        &["--records", "--get", "None", "t"],
        &["--records", "--csv", "--get", "None", "t"],
        &["--records", "--json", "--get", "None", "t"],
        &["X", "--get", "K", "t"],
        &["--records", "--tally", "K", "t"],
        &["--lint", "t"],
        &["--json", "--lint", "t"],
        &["--lint", "t/a.ini"],
        &["--count-matches", "K", "t"],
        &["--records", "--set", "K=2", "t"],
        &["--records", "--set", "K=1", "t"],
        &["--records", "--set", "K=2", "t/a.ini"],
        &["--records", "--set", "N=2", "t"],
        &["--records", "--unset", "K", "t"],
        &["--records", "--put", "X=1", "t"],
        &["--records", "--put", "K=1", "t/b.ini"],
        &["[XK]", "--replace", "K", "t"],
        &["X", "--replace", "X", "t"],
        &["X", "-o", "--replace", "X", "t"],
    ] {
        let mut run = grini(args)
            .file("t/a.ini", "[A]\nX=1\n")
            .file("t/b.ini", "[A]\nK=1\n")
            .file("t/c.ini", "[A\nN=a ; b\n");
        let said = run.said();
        let quiet = run.again([&["-q"], args].concat());
        let first_is_enough = said.status == 2 && quiet.status == 0;
        assert!(
            quiet.status == said.status || first_is_enough,
            "{args:?}: {quiet:?}"
        );
        assert!(
            quiet.out.is_empty() || args.contains(&"--json"),
            "{args:?}: {quiet:?}"
        );
        assert!(said.err.contains(&quiet.err), "{args:?}: {quiet:?}");
        let thrown_away = std::process::Command::new(run.folder().join(".bin/grini"))
            .args(args)
            .current_dir(run.folder())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status();
        assert_eq!(thrown_away.unwrap().code(), Some(said.status), "{args:?}");
    }
}
