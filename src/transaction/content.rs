//! File contents, piece by piece: digests, and the edited copy of an old content.

use std::fs::File;
use std::io::{self, Read};
use std::iter::Peekable;

use crate::change::edit::{Digest, Edit, Edits};
use crate::system::{System, read_full, write_full};

/// How much is read at once, in bytes.
pub(super) const PIECE: usize = 256 * 1024;

/// The bytes of a file from an offset on.
pub(super) struct FileFrom<'a> {
    system: &'a dyn System,
    file: &'a File,
    at: u64,
}

impl<'a> FileFrom<'a> {
    pub(super) fn new(system: &'a dyn System, file: &'a File, at: u64) -> FileFrom<'a> {
        FileFrom { system, file, at }
    }
}

impl Read for FileFrom<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.system.read_at(self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A worker's buffers, kept from file to file.
#[derive(Default)]
pub(super) struct Buffers {
    input: Vec<u8>,
    output: Vec<u8>,
    hasher: blake3::Hasher,
}

impl Buffers {
    /// Calls `each` with the first `size` bytes of `file`, or as many as it has, in pieces, and returns their digest.
    pub(super) fn pieces(
        &mut self,
        system: &dyn System,
        file: &File,
        size: u64,
        mut each: impl FnMut(&[u8], &mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<Digest> {
        let largest = usize::try_from(size).map_or(PIECE, |size| size.min(PIECE));
        if self.input.len() < largest {
            self.input.resize(largest, 0);
        }
        self.hasher.reset();
        let mut offset = 0;
        while offset < size {
            let want = usize::try_from(size - offset).map_or(PIECE, |left| left.min(PIECE));
            let read = read_full(system, file, &mut self.input[..want], offset)?;
            self.hasher.update(&self.input[..read]);
            each(&self.input[..read], &mut self.output)?;
            offset += read as u64;
            if read < want {
                break;
            }
        }
        Ok(*self.hasher.finalize().as_bytes())
    }

    /// Whether the first `size` bytes of `file` are what has that digest.
    pub(super) fn match_digest(
        &mut self,
        system: &dyn System,
        file: &File,
        size: u64,
        digest: &Digest,
    ) -> io::Result<bool> {
        Ok(self.pieces(system, file, size, |_, _| Ok(()))? == *digest)
    }

    /// Writes the edited content of `from` (`size` bytes long) to `to`, and returns the digest of the old content. Where
    /// that is not the one the edits were made for, what was written is of no use.
    pub(super) fn copy_edited(
        &mut self,
        system: &dyn System,
        (from, size): (&File, u64),
        edits: &Edits,
        to: &File,
    ) -> io::Result<Digest> {
        let mut splicer = Splicer::new(edits, 0);
        let mut written = 0;
        self.output.clear();
        splicer.feed(&[], &mut self.output);
        let digest = self.pieces(system, from, size, |piece, output| {
            splicer.feed(piece, output);
            if output.len() >= PIECE {
                write_full(system, to, output, written)?;
                written += output.len() as u64;
                output.clear();
            }
            Ok(())
        })?;
        write_full(system, to, &self.output, written)?;
        Ok(digest)
    }
}

/// Turns old content into new content, fed in pieces. What stands in an edit's place is not looked at.
pub(super) struct Splicer<'e> {
    edits: Peekable<Box<dyn Iterator<Item = Edit<'e>> + 'e>>,
    /// Offset in the old content.
    at: u64,
    /// How many bytes of the last edit's old bytes are to come.
    replaced: usize,
}

impl<'e> Splicer<'e> {
    /// The old content fed begins at `offset` of the file.
    pub(super) fn new(edits: &'e Edits, offset: u64) -> Splicer<'e> {
        let edits: Box<dyn Iterator<Item = Edit<'e>> + 'e> = Box::new(edits.iter());
        Splicer {
            edits: edits.peekable(),
            at: offset,
            replaced: 0,
        }
    }

    /// Takes the next piece of the old content and adds what it becomes to `output`.
    pub(super) fn feed(&mut self, mut piece: &[u8], output: &mut Vec<u8>) {
        loop {
            let gone = self.replaced.min(piece.len());
            self.replaced -= gone;
            let until = self.edits.peek().map_or(u64::MAX, |edit| edit.start);
            let end = self.at + gone as u64;
            let kept = usize::try_from(until.saturating_sub(end)).unwrap_or(usize::MAX);
            let end = gone + kept.min(piece.len() - gone);
            output.extend_from_slice(&piece[gone..end]);
            self.at += end as u64;
            piece = &piece[end..];
            if self.replaced > 0 {
                return;
            }
            let Some(edit) = self.edits.next_if(|edit| edit.start <= self.at) else {
                return;
            };
            output.extend_from_slice(edit.new);
            self.replaced = edit.old.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Real;

    fn spliced(pieces: &[&str], edits: &Edits) -> String {
        let mut output = Vec::new();
        let mut splicer = Splicer::new(edits, 0);
        for piece in pieces {
            splicer.feed(piece.as_bytes(), &mut output);
        }
        String::from_utf8(output).unwrap()
    }

    fn edits(of: &[(u64, &str, &str)]) -> Edits {
        let mut edits = Edits::default();
        for (start, old, new) in of {
            edits.push(*start, old.as_bytes(), new.as_bytes());
        }
        edits
    }

    #[test]
    fn edits_apply_however_the_content_is_cut() {
        let edits = edits(&[(0, "", "<"), (2, "cde", "-"), (5, "", "+"), (8, "", ">")]);
        for pieces in [
            &["abcdefgh"][..],
            &["a", "bc", "d", "efg", "h"],
            &["abcd", "efgh"],
        ] {
            assert_eq!(spliced(pieces, &edits), "<ab-+fgh>");
        }
    }

    #[test]
    fn other_content_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let options = std::fs::OpenOptions::new()
                .read(true)
                .write(true)
                .to_owned();
            options.open(path).unwrap()
        };
        let edits = edits(&[(2, "c", "d")]);
        let mut buffers = Buffers::default();
        for (content, same) in [("abc", true), ("abX", false), ("Xbc", false), ("ab", false)] {
            let (from, to) = (file("from", content), file("to", ""));
            let digest = buffers.copy_edited(&Real, (&from, 3), &edits, &to).unwrap();
            assert_eq!(digest == *blake3::hash(b"abc").as_bytes(), same);
        }
    }
}
