//! `--confirm`: each change shown as a hunk, and asked for. Nothing is written before the last answer.

use super::content;
use crate::change::edit::{Edit, Edits, FileChange};
use crate::files::Document;
use crate::output::diff;
use crate::output::messages::shown_path;
use crate::plan::Job;
use crate::transaction::EditError;
use std::io::{self, BufRead, IsTerminal, Write};
use termcolor::Buffer;

/// Whether there is someone to ask.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// What was answered for one change.
enum Answer {
    Yes,
    No,
    All,
    Quit,
}

/// Why the asking ended.
pub(super) enum AskError {
    /// The terminal is gone.
    Terminal(io::Error),
    /// A file cannot be read again, or is another one now.
    File(EditError),
}

impl From<io::Error> for AskError {
    fn from(error: io::Error) -> AskError {
        AskError::Terminal(error)
    }
}

/// The changes that are wanted.
///
/// # Errors
/// The terminal is gone, or a file is not what it was.
pub(super) fn ask(job: &Job, changes: Vec<FileChange>) -> Result<Vec<FileChange>, AskError> {
    let mut wanted = Vec::new();
    let mut all = false;
    for change in changes {
        if all {
            wanted.push(change);
            continue;
        }
        let bytes = content(&change).unwrap_or_default();
        if *blake3::hash(&bytes).as_bytes() != change.seen.digest {
            let what =
                "another program changed it meanwhile; nothing was changed, run the command again";
            return Err(AskError::File(EditError::at(change.path, what)));
        }
        let mut kept = Edits::default();
        let mut quit = false;
        for edit in change.edits.iter() {
            if !all {
                show(job, &change, &bytes, edit)?;
                match answer(&change)? {
                    Answer::Yes => {}
                    Answer::No => continue,
                    Answer::All => all = true,
                    Answer::Quit => {
                        quit = true;
                        break;
                    }
                }
            }
            kept.push(edit.start, edit.old, edit.new);
        }
        if !kept.is_empty() {
            let mut becomes = blake3::Hasher::new();
            kept.pieces(&bytes, |piece| {
                becomes.update(piece);
            });
            wanted.push(FileChange {
                edits: kept,
                becomes: becomes.finalize().into(),
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
fn show(job: &Job, change: &FileChange, bytes: &[u8], edit: Edit<'_>) -> io::Result<()> {
    let span = edit.start as usize..edit.end() as usize;
    let edited = [&bytes[..span.start], edit.new, &bytes[span.end..]].concat();
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
    let text_change = diff::DiffChange {
        span: start..old.len() - tail,
        new: &new[start..new.len() - tail],
    };
    let look = job.output.diff_look();
    let mut out = if look.color {
        Buffer::ansi()
    } else {
        Buffer::no_color()
    };
    let name = diff::name_of(change.path.as_os_str().as_encoded_bytes());
    diff::unified(&mut out, &name, old, &[text_change], look);
    io::stdout().lock().write_all(out.as_slice())
}

fn answer(change: &FileChange) -> io::Result<Answer> {
    let path = shown_path(change.path.as_os_str().as_encoded_bytes());
    loop {
        print!("Make this change in {path} [y,n,a,q,?]? ");
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            println!();
            return Ok(Answer::Quit);
        }
        match line.trim().to_ascii_lowercase().as_str() {
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
