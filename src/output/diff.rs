//! Unified diffs, written from the edits, of the file's own bytes: what `patch -p0 --binary` and `git apply -p0` take.

use super::escape::escaped;
use crate::system::names;
use std::borrow::Cow;
use std::io::Write;
use std::iter::successors;
use std::ops::Range;
use std::path::{Component, Path};
use termcolor::Buffer;

/// One change: the bytes at `span` of the old content become `new`.
#[derive(Clone, Debug)]
pub struct DiffChange<'c> {
    /// Byte offsets in the old content.
    pub span: Range<usize>,
    /// What takes their place.
    pub new: &'c [u8],
}

/// How a diff is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiffLook {
    /// In colour.
    pub color: bool,
    /// For eyes alone: control characters escaped, a CR before the line's end left out.
    pub escape: bool,
    /// Lines of context around each change.
    pub context: usize,
}

/// Lines of context in a hunk where none are asked for.
pub const CONTEXT: usize = 3;

/// A run of whole lines that change.
struct Block {
    /// Byte offsets in the old content.
    old: Range<usize>,
    new: Vec<u8>,
}

/// Writes the diff of one file to `out`. The changes are in order and do not touch; lines are cut at LF alone.
pub fn unified(
    out: &mut Buffer,
    name: &[u8],
    old: &[u8],
    changes: &[DiffChange<'_>],
    look: DiffLook,
) {
    let blocks = blocks(old, changes);
    if blocks.is_empty() {
        return;
    }
    let mut painter = Painter { out, look };
    let name = quoted(name);
    painter.line("1", &[b"--- ", name.as_slice(), b"\n"].concat());
    painter.line("1", &[b"+++ ", name.as_slice(), b"\n"].concat());
    let (mut at, mut old_line, mut new_line) = (0, 0, 0);
    let most = look.context.saturating_mul(2);
    let near = |a: &Block, b: &Block| lines(&old[a.old.end..b.old.start]) <= most;
    let line_before = |at: &usize| (*at > 0).then(|| line_start(old, *at - 1));
    let line_after = |at: &usize| (*at < old.len()).then(|| line_end(old, *at));
    let context = look.context.saturating_add(1);
    for hunk in blocks.chunk_by(near) {
        let first = hunk.first().map(|block| block.old.start);
        let last = hunk.last().map(|block| block.old.end);
        let start = successors(first, line_before).take(context).last();
        let end = successors(last, line_after).take(context).last();
        let (start, end) = (start.unwrap_or(at), end.unwrap_or(old.len()));
        let equal = lines(&old[at..start]);
        let removed: usize = hunk
            .iter()
            .map(|block| lines(&old[block.old.clone()]))
            .sum();
        let added: usize = hunk.iter().map(|block| lines(&block.new)).sum();
        let old_lines = old_line + equal..old_line + equal + lines(&old[start..end]);
        let new_start = new_line + equal;
        let new_lines = new_start..new_start + old_lines.len() - removed + added;
        (at, old_line, new_line) = (end, old_lines.end, new_lines.end);
        let head = format!("@@ -{} +{} @@\n", range(old_lines), range(new_lines));
        painter.line("36", head.as_bytes());
        let mut copied = start;
        for block in hunk {
            painter.marked("", b" ", &old[copied..block.old.start]);
            painter.marked("31", b"-", &old[block.old.clone()]);
            painter.marked("32", b"+", &block.new);
            copied = block.old.end;
        }
        painter.marked("", b" ", &old[copied..end]);
    }
}

/// Number of lines, an unended last one included.
fn lines(bytes: &[u8]) -> usize {
    let ended = memchr::memchr_iter(b'\n', bytes).count();
    ended + usize::from(!bytes.is_empty() && bytes.last() != Some(&b'\n'))
}

fn line_start(old: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &old[..at]).map_or(0, |end| end + 1)
}

fn line_end(old: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &old[at..]).map_or(old.len(), |end| at + end + 1)
}

/// The whole lines that a change touches.
fn touched(old: &[u8], change: &DiffChange<'_>) -> Range<usize> {
    let Range { start, end } = change.span;
    let first = line_start(old, start);
    // Lines that come or go whole leave the line after them alone.
    let whole = change.new.is_empty() || change.new.ends_with(b"\n");
    if whole && first == start && line_start(old, end) == end {
        return start..end;
    }
    first..line_end(old, end)
}

/// Whether the new text of a block, with the old content from `copied` on, ends a line or is none.
fn ended(old: &[u8], copied: usize, block: &Block) -> bool {
    let rest = &old[copied.min(block.old.end)..block.old.end];
    let last = rest.last().or(block.new.last());
    last.is_none_or(|byte| *byte == b'\n')
}

/// The lines that the changes touch, overlapping ones joined.
fn blocks(old: &[u8], changes: &[DiffChange<'_>]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // Where the new text of the last block has come to in the old content.
    let mut copied = 0;
    for change in changes {
        // A line without end is not looked through for each of its changes.
        let within = blocks
            .last()
            .is_some_and(|last| change.span.end < last.old.end);
        let lines = if within {
            change.span.clone()
        } else {
            touched(old, change)
        };
        match blocks.last_mut() {
            // Text that has lost its line end goes on with what comes in after it.
            Some(last)
                if lines.start < last.old.end
                    || lines.start == last.old.end && !ended(old, copied, last) =>
            {
                last.old.end = last.old.end.max(lines.end);
            }
            last => {
                if let Some(last) = last {
                    last.new.extend_from_slice(&old[copied..last.old.end]);
                }
                copied = lines.start;
                blocks.push(Block {
                    old: lines,
                    new: Vec::new(),
                });
            }
        }
        if let Some(last) = blocks.last_mut() {
            last.new.extend_from_slice(&old[copied..change.span.start]);
            last.new.extend_from_slice(change.new);
            copied = change.span.end;
        }
    }
    if let Some(last) = blocks.last_mut() {
        last.new.extend_from_slice(&old[copied..last.old.end]);
    }
    blocks
}

struct Painter<'o> {
    out: &'o mut Buffer,
    look: DiffLook,
}

impl Painter<'_> {
    /// Writes one line of the diff, coloured; a line of the file that lacks its LF is marked as diff does.
    fn line(&mut self, sgr: &str, line: &[u8]) {
        let (body, ended) = match line.strip_suffix(b"\n") {
            Some(body) => (body, true),
            None => (line, false),
        };
        let body = if self.look.escape {
            escaped(body.strip_suffix(b"\r").unwrap_or(body), true)
        } else {
            Cow::Borrowed(body)
        };
        let (start, end) = match self.look.color && !sgr.is_empty() {
            true => (format!("\x1b[{sgr}m"), "\x1b[m\n"),
            false => (String::new(), "\n"),
        };
        let note = if ended {
            ""
        } else {
            "\\ No newline at end of file\n"
        };
        for text in [start.as_bytes(), &body, end.as_bytes(), note.as_bytes()] {
            // Writing to memory does not fail.
            let _ = self.out.write_all(text);
        }
    }

    /// Writes lines, each after `mark`.
    fn marked(&mut self, sgr: &str, mark: &[u8], text: &[u8]) {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            self.line(sgr, &[mark, line].concat());
        }
    }
}

/// A range of lines as a hunk's head has it.
fn range(lines: Range<usize>) -> String {
    match lines.len() {
        // An empty range names the line before it.
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        length => format!("{},{length}", lines.start + 1),
    }
}

/// The name of a file in a diff: relative to the current folder, or absolute without the leading slash.
pub fn name_of(path: &[u8]) -> Vec<u8> {
    let path = &*names::path(path);
    let plain = path.is_relative()
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        && !path.is_symlink();
    let found = if plain {
        path.components()
            .filter(|part| *part != Component::CurDir)
            .collect()
    } else {
        // The file itself is edited, wherever a link or `..` leads.
        let real = names::resolve(path).unwrap_or_else(|_| path.to_owned());
        let here = names::resolve(Path::new(".")).ok();
        let inside = here.and_then(|here| real.strip_prefix(here).map(Path::to_owned).ok());
        inside.unwrap_or_else(|| real.strip_prefix("/").map_or(real.clone(), Path::to_owned))
    };
    names::slashed(found.into_os_string().into_encoded_bytes())
}

/// A name as git writes it: quoted where it holds a quote, a backslash or a control character; followed by a tab where
/// it holds a blank.
fn quoted(name: &[u8]) -> Vec<u8> {
    let special = |byte: &u8| byte.is_ascii_control() || matches!(byte, b'"' | b'\\');
    let mut out = Vec::with_capacity(name.len() + 2);
    // patch(1) takes blanks at the start for part of the mark before the name.
    if name.starts_with(b" ") || name.iter().any(special) {
        out.push(b'"');
        for &byte in name {
            match byte {
                b'"' | b'\\' => out.extend([b'\\', byte]),
                b'\n' => out.extend(b"\\n"),
                b'\t' => out.extend(b"\\t"),
                _ if byte.is_ascii_control() => out.extend(format!("\\{byte:03o}").bytes()),
                _ => out.push(byte),
            }
        }
        out.push(b'"');
    } else {
        out.extend_from_slice(name);
        if name.contains(&b' ') {
            out.push(b'\t');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::{Command, Stdio};

    fn diff(old: &[u8], changes: &[(Range<usize>, &[u8])]) -> Vec<u8> {
        diff_with(CONTEXT, old, changes)
    }

    fn diff_with(context: usize, old: &[u8], changes: &[(Range<usize>, &[u8])]) -> Vec<u8> {
        let changes: Vec<DiffChange<'_>> = changes
            .iter()
            .map(|(span, new)| DiffChange {
                span: span.clone(),
                new,
            })
            .collect();
        let mut out = Buffer::no_color();
        let look = DiffLook {
            context,
            ..DiffLook::default()
        };
        unified(&mut out, b"f", old, &changes, look);
        out.into_inner()
    }

    fn applied(old: &[u8], changes: &[(Range<usize>, &[u8])]) -> Vec<u8> {
        let mut new = Vec::new();
        let mut at = 0;
        for (span, text) in changes {
            new.extend_from_slice(&old[at..span.start]);
            new.extend_from_slice(text);
            at = span.end;
        }
        new.extend_from_slice(&old[at..]);
        new
    }

    #[test]
    fn hunks_are_as_diff_writes_them() {
        let old = b"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12";
        let got = diff(old, &[(0..1, b"one"), (22..24, b"x"), (26..26, b"!")]);
        let got = String::from_utf8(got).unwrap();
        assert!(
            got.starts_with("--- f\n+++ f\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ "),
            "{got}"
        );
        assert_eq!(
            diff(b"a\nb\n", &[(2..2, b"x\n")]),
            b"--- f\n+++ f\n@@ -1,2 +1,3 @@\n a\n+x\n b\n"
        );
        assert_eq!(
            diff(b"a\nb\n", &[(0..2, b"")]),
            b"--- f\n+++ f\n@@ -1,2 +1 @@\n-a\n b\n"
        );
        let ends: [(Range<usize>, &[u8]); 2] = [(0..1, b"x"), (8..9, b"y")];
        let whole = b"--- f\n+++ f\n@@ -1,5 +1,5 @@\n-1\n+x\n 2\n 3\n 4\n-5\n+y\n";
        assert_eq!(diff_with(usize::MAX, b"1\n2\n3\n4\n5\n", &ends), whole);
        let apart = b"--- f\n+++ f\n@@ -1 +1 @@\n-1\n+x\n@@ -5 +5 @@\n-5\n+y\n";
        assert_eq!(diff_with(0, b"1\n2\n3\n4\n5\n", &ends), apart);
    }

    #[test]
    fn names_are_quoted_as_git_quotes_them() {
        assert_eq!(quoted(b"a b"), b"a b\t");
        assert_eq!(quoted(b" a"), b"\" a\"");
        assert_eq!(quoted(b"a\"b"), b"\"a\\\"b\"");
        assert_eq!(quoted("ü".as_bytes()), "ü".as_bytes());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn patch_makes_the_new_file(
            old in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'a'), Just(0xfcu8), Just(b'\r'), Just(0u8)], 1..120),
            cuts in proptest::collection::vec((0usize..120, 0usize..6, "[xy\n]{0,3}"), 1..5),
        ) {
            let mut changes: Vec<(Range<usize>, &[u8])> = Vec::new();
            let mut cuts = cuts;
            cuts.sort();
            for (start, length, new) in &cuts {
                let after = changes.last().map_or(0, |(span, _)| span.end + 1);
                let start = (*start).max(after);
                let end = (start + length).min(old.len());
                if start <= old.len() && start <= end && old.get(start..end) != Some(new.as_bytes()) {
                    changes.push((start..end, new.as_bytes()));
                }
            }
            let new = applied(&old, &changes);
            let patch = diff(&old, &changes);
            let Ok(found) = Command::new("patch").arg("--version").stdout(Stdio::null()).status() else {
                eprintln!("patch is not installed: not compared");
                return Ok(());
            };
            prop_assert!(found.success());
            if new.is_empty() || changes.is_empty() || new == old {
                return Ok(());
            }
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("f"), &old).unwrap();
            std::fs::write(folder.path().join("p"), &patch).unwrap();
            let status = Command::new("patch")
                .args(["-p0", "--binary", "-s", "-i", "p"])
                .current_dir(folder.path())
                .status()
                .unwrap();
            prop_assert!(status.success(), "{}", String::from_utf8_lossy(&patch));
            prop_assert_eq!(std::fs::read(folder.path().join("f")).unwrap(), new);
        }
    }
}
