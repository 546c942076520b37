//! The programs whose files the dialects read, each by one trait.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A key as a program has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Its section.
    pub section: String,
    /// The key.
    pub key: String,
    /// None: a key without a delimiter.
    pub value: Option<String>,
}

/// A program that reads INI files.
pub(crate) trait Oracle {
    /// What it reads; none: it refuses the file.
    fn read(&self, text: &[u8]) -> Option<Vec<Entry>>;
    /// The same, asked once more where it is not `ours`: on a busy machine a program may not get to its end.
    fn read_again(&self, text: &[u8], ours: &[Entry]) -> Option<Vec<Entry>> {
        let theirs = self.read(text)?;
        if theirs == ours {
            return Some(theirs);
        }
        self.read(text)
    }
    /// What grini read, in the form of the program.
    fn form(&self, ours: Vec<Entry>) -> Vec<Entry>;
}

fn runs(program: &str, arg: &str) -> bool {
    let run = Command::new(program).arg(arg).stdin(Stdio::null()).output();
    run.is_ok_and(|output| output.status.success())
}

/// Of entries with one section and key the last, sorted.
fn last_of_each(all: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    for entry in all {
        kept.retain(|old| (&old.section, &old.key) != (&entry.section, &entry.key));
        kept.push(entry);
    }
    kept.sort();
    kept
}

/// A script that answers a line of hexadecimal input with a line of JSON: null, or [[section, key, value]…].
struct Script {
    child: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
    form: fn(Vec<Entry>) -> Vec<Entry>,
}

impl Script {
    fn start(program: &str, flag: &str, code: &str, form: fn(Vec<Entry>) -> Vec<Entry>) -> Script {
        let mut child = Command::new(program)
            .args([flag, code])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Script {
            child,
            pipes: RefCell::new((input, output)),
            form,
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Oracle for Script {
    fn read(&self, text: &[u8]) -> Option<Vec<Entry>> {
        let hex: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
        let (input, output) = &mut *self.pipes.borrow_mut();
        writeln!(input, "{hex}").expect("it listens");
        let mut line = String::new();
        output.read_line(&mut line).expect("it answers");
        let answer: Option<Vec<(String, String, Option<String>)>> =
            serde_json::from_str(&line).expect("JSON");
        let entry = |(section, key, value)| Entry {
            section,
            key,
            value,
        };
        let mut read: Vec<Entry> = answer?.into_iter().map(entry).collect();
        read.sort();
        Some(read)
    }

    fn form(&self, ours: Vec<Entry>) -> Vec<Entry> {
        (self.form)(ours)
    }
}

/// `configparser.ConfigParser(interpolation=None, strict=False)`.
pub(crate) fn configparser() -> Option<Box<dyn Oracle>> {
    let code = r#"
import configparser, io, json, sys
for line in sys.stdin:
    text = bytes.fromhex(line).decode()
    parser = configparser.ConfigParser(interpolation=None, strict=False, default_section='\0')
    try:
        parser.read_file(io.StringIO(text, newline=None))
        found = [[name, key, value] for name in parser.sections() for key, value in parser[name].items()]
        print(json.dumps(sorted([name, key, value] for name, key, value in found)), flush=True)
    except configparser.Error:
        print('null', flush=True)
"#;
    let form = |ours: Vec<Entry>| {
        let lower = |entry: Entry| Entry {
            key: entry.key.to_lowercase(),
            ..entry
        };
        last_of_each(ours.into_iter().map(lower).collect())
    };
    runs("python3", "--version").then(|| Box::new(Script::start("python3", "-c", code, form)) as _)
}

/// `parse_ini_file` in its normal mode; its words for true, false and null are left out of the comparison.
pub(crate) fn php() -> Option<Box<dyn Oracle>> {
    let code = r#"
error_reporting(0);
function flat($section, $keys, &$out) {
    foreach ($keys as $key => $value) {
        if (is_array($value)) { foreach ($value as $k => $v) $out[] = [$section, (string)$key."[]", (string)$v]; }
        else $out[] = [$section, (string)$key, $value];
    }
}
while (($line = fgets(STDIN)) !== false) {
    $file = tempnam(sys_get_temp_dir(), "ini");
    file_put_contents($file, hex2bin(trim($line)));
    $raw = parse_ini_file($file, true, INI_SCANNER_RAW);
    $all = parse_ini_file($file, true, INI_SCANNER_NORMAL);
    unlink($file);
    if ($all === false) { echo "null\n"; continue; }
    $out = [];
    foreach ($all as $name => $value) {
        if (is_array($value)) flat((string)$name, $value, $out); else flat("", [$name => $value], $out);
    }
    foreach ($out as &$entry) {
        $word = $raw === false ? null : ($entry[0] === "" ? $raw[$entry[1]] : $raw[$entry[0]][$entry[1]]);
        if (preg_match('/^(on|off|yes|no|true|false|null|none)$/i', (string)$word)
            || $word !== null && preg_match('/^[^"\']*[|&^~!()$][^"\']*$|^[A-Z_]+$|^-?[0-9]+$/', $word)
            || preg_match('/^[^"\']*[A-Z][^"\']*$/', (string)$word)) $entry[2] = $word;
    }
    unset($entry);
    sort($out);
    echo json_encode($out), "\n";
}
"#;
    let form = |ours: Vec<Entry>| {
        // A key without a value is none; keys before a section are next to the sections.
        last_of_each(
            ours.into_iter()
                .filter(|entry| entry.value.is_some())
                .collect(),
        )
    };
    runs("php", "--version").then(|| Box::new(Script::start("php", "-r", code, form)) as _)
}

/// A program that is run once for each file.
struct Runs<R, F> {
    folder: tempfile::TempDir,
    read: R,
    form: F,
}

impl<R, F> Oracle for Runs<R, F>
where
    R: Fn(&std::path::Path, &[u8]) -> Option<Vec<Entry>>,
    F: Fn(Vec<Entry>) -> Vec<Entry>,
{
    fn read(&self, text: &[u8]) -> Option<Vec<Entry>> {
        (self.read)(self.folder.path(), text)
    }

    fn form(&self, ours: Vec<Entry>) -> Vec<Entry> {
        (self.form)(ours)
    }
}

fn folder() -> tempfile::TempDir {
    crate::support::folder()
}

/// git's own name of a section and key, lower case but for a subsection.
fn git_name(entry: &Entry) -> String {
    let section = match entry.section.split_once('"') {
        None => entry.section.to_lowercase(),
        Some((head, sub)) => {
            let sub = sub.strip_suffix('"').unwrap_or(sub);
            let sub = sub
                .replace("\\\\", "\0")
                .replace("\\\"", "\"")
                .replace('\0', "\\");
            format!("{}.{sub}", head.trim_end().to_lowercase())
        }
    };
    format!("{section}.{}", entry.key.to_lowercase())
}

/// `git config --file F --list -z`.
pub(crate) fn git() -> Option<Box<dyn Oracle>> {
    if !runs("git", "--version") {
        return None;
    }
    let version = Command::new("git").arg("--version").output().ok()?.stdout;
    let version = String::from_utf8_lossy(&version).into_owned();
    let minor = version.split('.').nth(1)?.parse::<u32>().ok()?;
    // Before 2.45 blanks within a value came out as spaces.
    let exact = !version.contains("version 2.") || minor >= 45;
    let blanks = move |value: String| {
        if exact {
            value
        } else {
            value.replace('\t', " ").trim_end().to_owned()
        }
    };
    let read = move |folder: &std::path::Path, text: &[u8]| {
        let path = folder.join("f");
        std::fs::write(&path, text).expect("a file");
        let mut command = Command::new("git");
        let output = command
            .args(["config", "--file"])
            .arg(path)
            .args(["--list", "-z"])
            .output()
            .expect("git runs");
        if !output.status.success() {
            return None;
        }
        let all = String::from_utf8_lossy(&output.stdout).into_owned();
        let entries = all.split_terminator('\0').map(|entry| {
            let (key, value) = entry
                .split_once('\n')
                .map_or((entry, None), |(key, value)| (key, Some(value)));
            Entry {
                section: String::new(),
                key: key.to_owned(),
                value: value.map(|value| blanks(value.to_owned())),
            }
        });
        Some(entries.collect())
    };
    let form = move |ours: Vec<Entry>| {
        let form = |entry: Entry| Entry {
            section: String::new(),
            key: git_name(&entry),
            value: entry.value.map(blanks),
        };
        ours.into_iter().map(form).collect()
    };
    Some(Box::new(Runs {
        folder: folder(),
        read,
        form,
    }))
}

/// `my_print_defaults` for the group `g`.
pub(crate) fn mysql() -> Option<Box<dyn Oracle>> {
    mysql_group("g")
}

/// `my_print_defaults` for one group.
pub(crate) fn mysql_group(group: &str) -> Option<Box<dyn Oracle>> {
    if !runs("my_print_defaults", "--version") {
        return None;
    }
    let (asked, wanted) = (group.to_owned(), group.to_lowercase());
    let read = move |folder: &std::path::Path, text: &[u8]| {
        let path = folder.join("f.cnf");
        std::fs::write(&path, text).expect("a file");
        let file = format!("--defaults-file={}", path.display());
        let output = Command::new("my_print_defaults")
            .args([&file, &asked])
            .output()
            .expect("it runs");
        if !output.status.success() || !output.stderr.is_empty() {
            return None;
        }
        let all = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = |line: &str| Entry {
            section: String::new(),
            key: line.to_owned(),
            value: None,
        };
        Some(all.split_terminator('\n').map(line).collect())
    };
    let form = move |ours: Vec<Entry>| {
        let mut lines = Vec::new();
        for entry in ours
            .into_iter()
            .filter(|entry| entry.section.to_lowercase() == wanted)
        {
            if entry.key.starts_with('!') {
                continue;
            }
            let value = entry
                .value
                .map_or(String::new(), |value| format!("={value}"));
            let option = format!("--{}{value}", entry.key);
            lines.extend(option.split('\n').map(|line| Entry {
                section: String::new(),
                key: line.to_owned(),
                value: None,
            }));
        }
        lines
    };
    Some(Box::new(Runs {
        folder: folder(),
        read,
        form,
    }))
}

/// `systemctl --root=FOLDER enable`, which reads the [Install] section without a running systemd: the aliases.
pub(crate) fn systemctl() -> Option<Box<dyn Oracle>> {
    if !runs("systemctl", "--version") {
        return None;
    }
    let read = |folder: &std::path::Path, text: &[u8]| {
        let root = folder.join("root");
        let _ = std::fs::remove_dir_all(&root);
        let units = root.join("etc/systemd/system");
        std::fs::create_dir_all(&units).expect("a folder");
        std::fs::write(units.join("x.service"), text).expect("a file");
        let root = format!("--root={}", root.display());
        let output = Command::new("systemctl")
            .args([&root, "enable", "x.service"])
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.contains("Failed") || said.contains("Invalid") {
            return None;
        }
        let mut names: Vec<Entry> = std::fs::read_dir(units)
            .expect("a folder")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name != "x.service")
            .map(|key| Entry {
                section: String::new(),
                key,
                value: None,
            })
            .collect();
        names.sort();
        Some(names)
    };
    let form = |ours: Vec<Entry>| {
        let mut names: Vec<String> = Vec::new();
        for entry in ours
            .into_iter()
            .filter(|entry| entry.section == "Install" && entry.key == "Alias")
        {
            let value = entry.value.unwrap_or_default();
            if value.is_empty() {
                names.clear();
            }
            names.extend(value.split_whitespace().map(str::to_owned));
        }
        names.sort();
        names.dedup();
        names
            .into_iter()
            .map(|key| Entry {
                section: String::new(),
                key,
                value: None,
            })
            .collect()
    };
    Some(Box::new(Runs {
        folder: folder(),
        read,
        form,
    }))
}

/// systemd.syntax(7), read once more: comments and blank lines are passed over, then lines joined, then split at `=`.
pub(crate) fn systemd_by_the_manual(text: &[u8]) -> Vec<Entry> {
    let text = String::from_utf8_lossy(text).into_owned();
    let mut joined: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let goes_on = line.ends_with('\\');
        let piece = line
            .strip_suffix('\\')
            .map_or(line.to_owned(), |line| format!("{line} "));
        match joined.last_mut().filter(|_| open) {
            Some(last) => last.push_str(piece.trim_start()),
            None => joined.push(piece),
        }
        open = goes_on;
    }
    let mut section = String::new();
    let mut found = Vec::new();
    for line in joined {
        let line = line.trim();
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            section = name.to_owned();
        } else if let Some((key, value)) = line.split_once('=') {
            let (key, value) = (key.trim().to_owned(), Some(value.trim().to_owned()));
            found.push(Entry {
                section: section.clone(),
                key,
                value,
            });
        }
    }
    found
}

/// GLib's `GKeyFile` as Python has it.
pub(crate) fn gkeyfile() -> Option<Box<dyn Oracle>> {
    let code = r#"
import json, sys
from gi.repository import GLib
for line in sys.stdin:
    file = GLib.KeyFile()
    text = bytes.fromhex(line)
    try:
        file.load_from_bytes(GLib.Bytes.new(text), GLib.KeyFileFlags.KEEP_TRANSLATIONS)
        found = {(group, key): file.get_value(group, key) for group in file.get_groups()[0] for key in file.get_keys(group)[0]}
        print(json.dumps(sorted([group, key, value] for (group, key), value in found.items())), flush=True)
    except GLib.Error:
        print('null', flush=True)
"#;
    python("from gi.repository import GLib", code, last_of_each)
}

/// The Python core of EditorConfig, whose sections all count.
pub(crate) fn editorconfig() -> Option<Box<dyn Oracle>> {
    let code = r#"
import json, os, sys, tempfile
from editorconfig.ini import EditorConfigParser
from editorconfig.exceptions import ParsingError
class All(EditorConfigParser):
    def matches_filename(self, config, glob):
        self.found = getattr(self, 'found', [])
        self.keep()
        self.name = glob
        return True
    def keep(self):
        if hasattr(self, 'name'):
            self.found += [[self.name, key, value] for key, value in self.options.items()]
        self.options.clear()
for line in sys.stdin:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(bytes.fromhex(line))
    parser = All(file.name)
    try:
        parser.read(file.name)
        parser.keep()
        last = {(name, key): value for name, key, value in getattr(parser, 'found', [])}
        print(json.dumps(sorted([name, key, value] for (name, key), value in last.items())), flush=True)
    except ParsingError:
        print('null', flush=True)
    os.unlink(file.name)
"#;
    let form = |ours: Vec<Entry>| {
        let read = |entry: Entry| Entry {
            key: entry.key.to_lowercase(),
            value: entry.value.map(|value| match value.as_str() {
                "\"\"" => String::new(),
                _ => value,
            }),
            ..entry
        };
        last_of_each(ours.into_iter().map(read).collect())
    };
    python("import editorconfig", code, form)
}

/// A script for the first Python that has what it imports.
fn python(import: &str, code: &str, form: fn(Vec<Entry>) -> Vec<Entry>) -> Option<Box<dyn Oracle>> {
    let has = |python: &&str| {
        let run = Command::new(python).args(["-c", import]).output();
        run.is_ok_and(|output| output.status.success())
    };
    let python = ["python3", "/usr/bin/python3"].into_iter().find(has)?;
    Some(Box::new(Script::start(python, "-c", code, form)))
}

/// `testparm`, which prints the parameters it knows, of which these take text as it is.
pub(crate) fn testparm() -> Option<Box<dyn Oracle>> {
    const TEXTS: [&str; 4] = ["comment", "preexec", "postexec", "volume"];
    if !runs("testparm", "--version") {
        return None;
    }
    let read = |folder: &std::path::Path, text: &[u8]| {
        let path = folder.join("smb.conf");
        std::fs::write(&path, text).expect("a file");
        let output = Command::new("testparm")
            .arg("-s")
            .arg(path)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let refused = [
            "Unknown parameter",
            "rror",
            "Ignoring",
            "missing",
            "badly formed",
        ];
        if !output.status.success() || refused.iter().any(|word| said.contains(word)) {
            return None;
        }
        let mut found = Vec::new();
        let mut section = String::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
            {
                section = name.to_lowercase();
            } else if let Some((key, value)) = line.trim_start().split_once(" = ")
                && TEXTS.contains(&key)
            {
                found.push(Entry {
                    section: section.clone(),
                    key: key.to_owned(),
                    value: Some(value.to_owned()),
                });
            }
        }
        found.sort();
        Some(found)
    };
    let form = |ours: Vec<Entry>| {
        let read = |entry: Entry| Entry {
            section: entry.section.to_lowercase(),
            key: entry.key.to_lowercase().split_whitespace().collect(),
            value: entry.value,
        };
        let mut all = last_of_each(ours.into_iter().map(read).collect());
        // What is empty is what it is without the line.
        all.retain(|entry| {
            let empty = entry.value.as_ref().is_none_or(String::is_empty);
            TEXTS.contains(&entry.key.as_str()) && !empty
        });
        all
    };
    Some(Box::new(Runs {
        folder: folder(),
        read,
        form,
    }))
}

/// Windows as wine has it: `profile` (GetPrivateProfileString), `inf` (SetupAPI) or `reg` (regedit).
pub(crate) fn windows(mode: &str, form: fn(Vec<Entry>) -> Vec<Entry>) -> Option<Box<dyn Oracle>> {
    const COMPILER: &str = "x86_64-w64-mingw32-gcc";
    if !runs("wine", "--version") || !runs(COMPILER, "--version") {
        return None;
    }
    let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{mode}.exe"));
    let compiled = Command::new(COMPILER)
        .arg("-o")
        .arg(&program)
        .arg(project.join("tests/cli/oracles/windows.c"))
        .args(["-lsetupapi", "-ladvapi32"])
        .status();
    assert!(compiled.is_ok_and(|status| status.success()), "it compiles");
    let wine = project.join(".ci/wine");
    let (wine, program) = (wine.to_str()?, program.to_str()?);
    Some(Box::new(Script::start(wine, program, mode, form)))
}

/// Held by who reads by regedit: there is one registry.
pub(crate) static REGISTRY: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Of sections of one name the first, and in it of keys of one name the first.
pub(crate) fn first_of_each(all: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    for entry in all {
        let same = |old: &Entry| {
            old.section.eq_ignore_ascii_case(&entry.section)
                && old.key.eq_ignore_ascii_case(&entry.key)
        };
        if !kept.iter().any(same) {
            kept.push(entry);
        }
    }
    kept.sort();
    kept
}
