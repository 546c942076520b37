//! The committed man page, and the examples in it and in README.md.

use crate::support::{CLIENTS, grini};
use std::fs;

#[test]
fn the_committed_man_page_is_the_generated_one() {
    let said = grini(["--generate", "man"]).said();
    let committed = fs::read_to_string("man/grini.1").unwrap();
    assert!(
        said.out == committed,
        "make it anew: cargo run -- --generate man > man/grini.1"
    );
}

#[test]
fn the_examples_of_the_man_page_run() {
    let page = fs::read_to_string("man/grini.1").unwrap();
    let (_, examples) = page.split_once("\n.SH EXAMPLES\n").unwrap();
    let examples = examples.split("\n.SH").next().unwrap();
    let plain = examples.replace("\\-", "-").replace("\\*(Aq", "'");
    let commands: Vec<&str> = (plain.lines())
        .filter_map(|line| line.strip_prefix("\\fB")?.strip_suffix("\\fR"))
        .collect();
    assert!(commands.len() > 5);
    for example in commands {
        let args = shell_words(&example.replace("Clients", "clients"));
        let said = grini(&args[1..]).clients().said();
        assert_eq!(said.status, 0, "{example}: {said:?}");
    }
}

/// The words of a simple command line.
pub(crate) fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for char in line.chars() {
        match char {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(char),
        }
    }
    words
}

#[test]
fn the_sample_store_is_what_a_key_management_server_would_hold() {
    let files = crate::support::contents(std::path::Path::new(CLIENTS));
    let ini = files
        .iter()
        .filter(|(name, _)| name.to_ascii_lowercase().ends_with(".ini"));
    assert_eq!(ini.clone().count(), 12);
    let of = |test: fn(&[u8]) -> bool| ini.clone().filter(|(_, text)| test(text)).count();
    assert_eq!(of(|text| text.starts_with(b"\xff\xfe")), 1);
    assert!(of(|text| std::str::from_utf8(text).is_err()) >= 3);
    assert_eq!(
        of(|text| text.contains(&b'\n') && !text.contains(&b'\r')),
        1
    );
    assert_eq!(
        of(|text| text.windows(11).any(|at| at == b"; State = 4")),
        1
    );
}

#[test]
fn the_transcript_that_readme_starts_with_is_true() {
    let readme = fs::read_to_string("README.md").unwrap();
    let block: Vec<&str> = readme
        .lines()
        .skip_while(|line| !line.starts_with("    $ "))
        .map_while(|line| line.strip_prefix("    "))
        .collect();
    let mut run = grini([""; 0]).clients();
    fs::rename(run.folder().join("clients"), run.folder().join("Clients")).unwrap();
    let mut commands = 0;
    let mut lines = block.into_iter().peekable();
    while let Some(command) = lines.next() {
        let args = shell_words(command.strip_prefix("$ ").expect("a command"));
        let mut expected = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            expected.push_str(line);
            expected.push('\n');
        }
        let said = run.again(&args[1..]);
        assert_eq!(said.status, 0, "{command}");
        // What a reader sees: both streams, line ends of Windows as any others.
        let seen = format!("{}{}", said.out, said.err).replace("\r\n", "\n");
        snapbox::assert_data_eq!(seen, expected);
        commands += 1;
    }
    assert_eq!(commands, 5);
}
