//! File contents, piece by piece: digests, and the edited copy of an old content.

use std::fs::File;
use std::io;

use crate::change::edit::{Digest, Edit, Edits};
use crate::system::{System, read_full, write_full};

const PIECE: usize = 256 * 1024;

/// A worker's buffers, kept from file to file.
#[derive(Default)]
pub(super) struct Buffers {
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Buffers {
    /// Calls `each` with the first `size` bytes of `file`, in pieces. A file that ends earlier is an error.
    pub(super) fn pieces(
        &mut self,
        system: &dyn System,
        file: &File,
        size: u64,
        mut each: impl FnMut(&[u8], &mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        let largest = usize::try_from(size).map_or(PIECE, |size| size.min(PIECE));
        if self.input.len() < largest {
            self.input.resize(largest, 0);
        }
        let mut offset = 0;
        while offset < size {
            let want = usize::try_from(size - offset).map_or(PIECE, |left| left.min(PIECE));
            let read = read_full(system, file, &mut self.input[..want], offset)?;
            if read < want {
                return Err(mismatch());
            }
            each(&self.input[..read], &mut self.output)?;
            offset += read as u64;
        }
        Ok(())
    }

    /// The digest of the first `size` bytes of `file`.
    pub(super) fn digest(
        &mut self,
        system: &dyn System,
        file: &File,
        size: u64,
    ) -> io::Result<Digest> {
        let mut digest = ContentDigest::new(size);
        self.pieces(system, file, size, |piece, _| {
            digest.update(piece);
            Ok(())
        })?;
        Ok(digest.finish())
    }

    /// Writes the edited content of `from` (`size` bytes long) to `to`, and returns the digest of the old content.
    ///
    /// A content that does not have the bytes the edits replace is an error ([`is_mismatch`]).
    pub(super) fn copy_edited(
        &mut self,
        system: &dyn System,
        from: &File,
        size: u64,
        edits: Option<&Edits>,
        to: &File,
    ) -> io::Result<Digest> {
        let mut digest = ContentDigest::new(size);
        let mut splicer = Splicer::new(edits, 0);
        let mut written = 0;
        self.output.clear();
        self.pieces(system, from, size, |piece, output| {
            digest.update(piece);
            splicer.feed(piece, output)?;
            if output.len() >= PIECE {
                write_full(system, to, output, written)?;
                written += output.len() as u64;
                output.clear();
            }
            Ok(())
        })?;
        splicer.finish(&mut self.output)?;
        write_full(system, to, &self.output, written)?;
        Ok(digest.finish())
    }
}

/// The digest of a content that comes in pieces. Most are one piece, for which a hasher costs more than the hashing.
enum ContentDigest {
    Whole(Digest),
    Pieces(Box<blake3::Hasher>),
}

impl ContentDigest {
    fn new(size: u64) -> ContentDigest {
        match size <= PIECE as u64 {
            true => ContentDigest::Whole(*blake3::hash(b"").as_bytes()),
            false => ContentDigest::Pieces(Box::default()),
        }
    }

    fn update(&mut self, piece: &[u8]) {
        match self {
            ContentDigest::Whole(digest) => *digest = *blake3::hash(piece).as_bytes(),
            ContentDigest::Pieces(hasher) => {
                hasher.update(piece);
            }
        }
    }

    fn finish(self) -> Digest {
        match self {
            ContentDigest::Whole(digest) => digest,
            ContentDigest::Pieces(hasher) => *hasher.finalize().as_bytes(),
        }
    }
}

/// Turns old content into new content, fed in pieces.
pub(super) struct Splicer<'e> {
    edits: Box<dyn Iterator<Item = Edit<'e>> + 'e>,
    next: Option<Edit<'e>>,
    /// Offset in the old content.
    at: u64,
    /// How many bytes of the next edit's old bytes went by; `None`: the edit is not reached.
    inside: Option<usize>,
}

impl<'e> Splicer<'e> {
    /// The old content fed begins at `offset` of the file.
    pub(super) fn new(edits: Option<&'e Edits>, offset: u64) -> Splicer<'e> {
        let mut edits: Box<dyn Iterator<Item = Edit<'e>> + 'e> = match edits {
            Some(edits) => Box::new(edits.iter()),
            None => Box::new(std::iter::empty()),
        };
        let next = edits.next();
        Splicer {
            edits,
            next,
            at: offset,
            inside: None,
        }
    }

    /// Takes the next piece of the old content and adds what it becomes to `output`.
    pub(super) fn feed(&mut self, mut piece: &[u8], output: &mut Vec<u8>) -> io::Result<()> {
        loop {
            match self.next {
                Some(edit) if self.at >= edit.start || self.inside.is_some() => {
                    let gone = *self.inside.get_or_insert_with(|| {
                        output.extend_from_slice(edit.new);
                        0
                    });
                    let rest = &edit.old[gone..];
                    let length = rest.len().min(piece.len());
                    if piece[..length] != rest[..length] {
                        return Err(mismatch());
                    }
                    self.at += length as u64;
                    piece = &piece[length..];
                    if length < rest.len() {
                        self.inside = Some(gone + length);
                        return Ok(());
                    }
                    self.inside = None;
                    self.next = self.edits.next();
                }
                next => {
                    let until = next.map_or(u64::MAX, |edit| edit.start);
                    let length = usize::try_from(until - self.at).unwrap_or(usize::MAX);
                    let length = length.min(piece.len());
                    if length == 0 {
                        return Ok(());
                    }
                    output.extend_from_slice(&piece[..length]);
                    self.at += length as u64;
                    piece = &piece[length..];
                }
            }
        }
    }

    /// The old content is at its end.
    pub(super) fn finish(mut self, output: &mut Vec<u8>) -> io::Result<()> {
        self.feed(&[], output)?;
        if self.next.is_none() {
            Ok(())
        } else {
            Err(mismatch())
        }
    }
}

/// The error for a content that is not the one that was read.
pub(super) fn mismatch() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not the content that was read")
}

/// Whether an error says that a file's content is not what it was.
pub(super) fn is_mismatch(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData && error.raw_os_error().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spliced(pieces: &[&str], edits: &Edits) -> io::Result<String> {
        let mut output = Vec::new();
        let mut splicer = Splicer::new(Some(edits), 0);
        for piece in pieces {
            splicer.feed(piece.as_bytes(), &mut output)?;
        }
        splicer.finish(&mut output)?;
        Ok(String::from_utf8(output).unwrap())
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
            assert_eq!(spliced(pieces, &edits).unwrap(), "<ab-+fgh>");
        }
    }

    #[test]
    fn other_content_is_noticed() {
        let edits = edits(&[(2, "c", "d")]);
        assert!(is_mismatch(&spliced(&["abX"], &edits).unwrap_err()));
        assert!(is_mismatch(&spliced(&["ab"], &edits).unwrap_err()));
    }
}
