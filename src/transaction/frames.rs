//! The form of the files grini keeps for itself: frames with a digest each, so that a file that was
//! cut short, or is not ours, is seen to be so.
//!
//! A frame is the length of its payload (4 bytes, little endian), the first 16 bytes of the payload's
//! BLAKE3 digest, and the payload. An empty frame ends a complete file. Within the payload numbers are
//! 8 bytes, little endian, and byte strings have their length before them.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;

use crate::change::edit::Edit;
use crate::system::{System, read_full, write_full};

const DIGEST: usize = 16;
const FRAME: usize = 256 * 1024;

/// Collects values and writes them as frames.
pub(crate) struct Writer<'a> {
    system: &'a dyn System,
    file: &'a File,
    offset: u64,
    payload: Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Writes from `offset` on.
    pub fn new(system: &'a dyn System, file: &'a File, offset: u64) -> Writer<'a> {
        Writer {
            system,
            file,
            offset,
            payload: Vec::new(),
        }
    }
    pub fn number(&mut self, value: u64) {
        self.payload.extend_from_slice(&value.to_le_bytes());
    }
    pub fn raw(&mut self, bytes: &[u8]) {
        self.payload.extend_from_slice(bytes);
    }
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.raw(bytes);
    }
    pub fn name(&mut self, name: impl AsRef<OsStr>) {
        self.bytes(os_bytes(name.as_ref()));
    }
    pub fn edits(&mut self, edits: &[Edit]) {
        self.number(edits.len() as u64);
        for edit in edits {
            self.number(edit.span.start);
            self.bytes(&edit.old);
            self.bytes(&edit.new);
        }
    }
    /// Ends a value: writes a frame once enough has come together.
    pub fn settle(&mut self) -> io::Result<()> {
        if self.payload.len() >= FRAME {
            self.flush()?;
        }
        Ok(())
    }
    /// Writes what there is as a frame. Returns the offset after it.
    pub fn flush(&mut self) -> io::Result<u64> {
        if !self.payload.is_empty() {
            self.frame()?;
        }
        Ok(self.offset)
    }
    /// Writes what there is, and the end.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.frame()
    }
    fn frame(&mut self) -> io::Result<()> {
        let length = u32::try_from(self.payload.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut frame = Vec::with_capacity(4 + DIGEST + self.payload.len());
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&blake3::hash(&self.payload).as_bytes()[..DIGEST]);
        frame.append(&mut self.payload);
        write_full(self.system, self.file, &frame, self.offset)?;
        self.offset += frame.len() as u64;
        Ok(())
    }
}

/// What the frames of a file hold.
pub(crate) struct Reader {
    payload: Vec<u8>,
    at: usize,
    size: u64,
    /// The end frame was there.
    pub complete: bool,
}

impl Reader {
    /// Takes a file's content apart; what follows the first broken frame is ignored.
    pub fn new(mut rest: &[u8]) -> Reader {
        let mut payload = Vec::with_capacity(rest.len());
        let mut complete = false;
        let mut size = 0;
        while let Some((head, tail)) = rest.split_at_checked(4 + DIGEST) {
            let (length, digest) = head.split_at(4);
            let length = u32::from_le_bytes(length.try_into().unwrap_or_default()) as usize;
            let Some((frame, tail)) = tail.split_at_checked(length) else {
                break;
            };
            if blake3::hash(frame).as_bytes()[..DIGEST] != *digest {
                break;
            }
            if frame.is_empty() {
                complete = true;
                break;
            }
            payload.extend_from_slice(frame);
            size += (4 + DIGEST + length) as u64;
            rest = tail;
        }
        Reader {
            payload,
            at: 0,
            size,
            complete,
        }
    }
    /// The number of bytes the frames took that were good, the end frame not counted.
    pub fn size(&self) -> u64 {
        self.size
    }
    /// Reads the first frame of a file alone.
    pub fn first(system: &dyn System, file: &File) -> io::Result<Reader> {
        let mut head = [0; 4 + DIGEST];
        let read = read_full(system, file, &mut head, 0)?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        // A first frame is a heading; more than this is not one of ours.
        if read < head.len() || length > 64 << 20 {
            return Ok(Reader::new(&[]));
        }
        let mut frame = vec![0; head.len() + length];
        let read = read_full(system, file, &mut frame, 0)?;
        Ok(Reader::new(&frame[..read]))
    }
    fn take(&mut self, length: usize) -> io::Result<&[u8]> {
        let end = self.at.checked_add(length);
        let found = end.and_then(|end| self.payload.get(self.at..end));
        self.at = self.at.saturating_add(length);
        found.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
    pub fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let bytes = self.take(N)?;
        bytes
            .try_into()
            .map_err(|_| io::ErrorKind::InvalidData.into())
    }
    pub fn number(&mut self) -> io::Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }
    pub fn small<T: TryFrom<u64>>(&mut self) -> io::Result<T> {
        T::try_from(self.number()?).map_err(|_| io::ErrorKind::InvalidData.into())
    }
    pub fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let length = self.small()?;
        Ok(self.take(length)?.to_vec())
    }
    pub fn name(&mut self) -> io::Result<OsString> {
        os_string(self.bytes()?)
    }
    /// A list: its length, then each element.
    pub fn list<T>(
        &mut self,
        mut element: impl FnMut(&mut Reader) -> io::Result<T>,
    ) -> io::Result<Vec<T>> {
        let length: usize = self.small()?;
        (0..length).map(|_| element(self)).collect()
    }
    pub fn edits(&mut self) -> io::Result<Vec<Edit>> {
        self.list(|reader| {
            let start = reader.number()?;
            let old = reader.bytes()?;
            let new = reader.bytes()?;
            let end = start.checked_add(old.len() as u64);
            let end = end.ok_or(io::ErrorKind::InvalidData)?;
            Ok(Edit {
                span: start..end,
                old,
                new,
            })
        })
    }
}

#[cfg(unix)]
pub(crate) fn os_bytes(name: &OsStr) -> &[u8] {
    std::os::unix::ffi::OsStrExt::as_bytes(name)
}
#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> io::Result<OsString> {
    Ok(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

// Names that are not Unicode are refused when they are read back, before anything depends on them:
// the manifest is read once after it was written where names can be of that kind.
#[cfg(not(unix))]
pub(crate) fn os_bytes(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}
#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> io::Result<OsString> {
    String::from_utf8(bytes)
        .map(OsString::from)
        .map_err(|_| io::ErrorKind::InvalidData.into())
}
