//! `--confirm`: each change shown as a hunk, and asked for. Nothing is written before the last answer.

use crate::change::edit::{Edit, FileChange};
use crate::files::Document;
use crate::output::diff;
use crate::output::messages::shown_path;
use crate::plan::Job;
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use termcolor::Buffer;

/// Whether there is someone to ask.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// What was answered for one change.
enum Answer {
    Yes,
    No,
    All,
    Quit,
}

/// The changes that are wanted.
///
/// # Errors
/// The terminal is gone, or a file cannot be read again.
pub fn ask(job: &Job, changes: Vec<FileChange>) -> io::Result<Vec<FileChange>> {
    let mut wanted = Vec::new();
    let mut changes = changes.into_iter();
    while let Some(mut change) = changes.next() {
        let bytes = std::fs::read(&change.path)?;
        let mut kept = Vec::new();
        let mut edits = std::mem::take(&mut change.edits).into_iter();
        let mut quit = false;
        while let Some(edit) = edits.next() {
            show(job, &change, &bytes, &edit)?;
            match answer(&change)? {
                Answer::Yes => kept.push(edit),
                Answer::No => {}
                Answer::All => {
                    kept.push(edit);
                    kept.extend(edits);
                    wanted.push(FileChange {
                        edits: kept,
                        ..change
                    });
                    wanted.extend(changes);
                    return Ok(wanted);
                }
                Answer::Quit => {
                    quit = true;
                    break;
                }
            }
        }
        if !kept.is_empty() {
            wanted.push(FileChange {
                edits: kept,
                ..change
            });
        }
        if quit {
            break;
        }
    }
    Ok(wanted)
}

/// Shows one change as a hunk of the decoded text.
fn show(job: &Job, change: &FileChange, bytes: &[u8], edit: &Edit) -> io::Result<()> {
    let span = edit.span.start as usize..edit.span.end as usize;
    let edited = [&bytes[..span.start], &edit.new, &bytes[span.end..]].concat();
    let old = Document::new(bytes, job.ini.fallback);
    let new = Document::new(&edited, job.ini.fallback);
    let (old, new) = (old.text(), new.text());
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let room = old.len().min(new.len()) - start;
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(room)
        .take_while(|(a, b)| a == b)
        .count();
    let text_change = diff::Change {
        span: start..old.len() - tail,
        new: &new[start..new.len() - tail],
    };
    let look = job.output.diff_look();
    let mut out = if look.color {
        Buffer::ansi()
    } else {
        Buffer::no_color()
    };
    let name = diff::name_of(change.path.as_os_str().as_bytes());
    diff::unified(&mut out, &name, old, &[text_change], look);
    io::stdout().lock().write_all(out.as_slice())
}

fn answer(change: &FileChange) -> io::Result<Answer> {
    let path = shown_path(change.path.as_os_str().as_bytes());
    loop {
        print!("Make this change in {path} [y,n,a,q,?]? ");
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            println!();
            return Ok(Answer::Quit);
        }
        match line.trim() {
            "y" => return Ok(Answer::Yes),
            "n" => return Ok(Answer::No),
            "a" => return Ok(Answer::All),
            "q" => return Ok(Answer::Quit),
            _ => println!(
                "y - make this change\nn - leave it\na - make this and all that follow\nq - leave this and all that follow\n? - this help"
            ),
        }
    }
}
