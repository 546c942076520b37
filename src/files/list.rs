//! Listing one folder: names as bytes, in byte order of the paths they make.

use super::walk_error::{Problem, WalkError};
use crate::system::folders::{self, Listing};
use crate::system::{Dir, FileKind};
use std::ffi::CStr;
use std::io;
use std::ops::ControlFlow;

/// The names of a folder; a folder's name ends in a slash, which makes byte order path order.
#[derive(Default)]
pub struct FolderNames {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// The first eight bytes, for a quick comparison.
    key: u64,
    start: u32,
    length: u16,
}

impl FolderNames {
    /// Number of names.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The name at a position in path order, a slash after that of a folder.
    pub fn get(&self, at: usize) -> &[u8] {
        self.entries[at].name(&self.bytes)
    }

    fn push(&mut self, name: &[u8], folder: bool) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        if folder {
            self.bytes.push(b'/');
        }
        let mut key = [0; 8];
        let head = &self.bytes[start..(start + 8).min(self.bytes.len())];
        key[..head.len()].copy_from_slice(head);
        self.entries.push(Entry {
            key: u64::from_be_bytes(key),
            start: start as u32,
            length: (self.bytes.len() - start) as u16,
        });
    }

    /// Puts the names in path order.
    fn sort(&mut self) {
        let names = &self.bytes;
        (self.entries).sort_unstable_by(|a, b| {
            a.key
                .cmp(&b.key)
                .then_with(|| a.name(names).cmp(b.name(names)))
        });
        // In the order in which they are asked for, all are near at hand.
        let mut bytes = Vec::with_capacity(self.bytes.len());
        for entry in &mut self.entries {
            let name = entry.name(&self.bytes);
            entry.start = bytes.len() as u32;
            bytes.extend_from_slice(name);
        }
        self.bytes = bytes;
    }
}

impl Entry {
    fn name(self, names: &[u8]) -> &[u8] {
        &names[self.start as usize..][..usize::from(self.length)]
    }
}

/// The names of `folder`, whose path as shown is `prefix`, in path order. `wanted` says of an entry whether it is wanted: as
/// a folder (true) or as a file (false). Those that cannot be looked at become `problems`.
///
/// # Errors
/// The folder cannot be read.
pub fn list(
    folder: &Dir,
    prefix: &[u8],
    wanted: impl Fn(&CStr, Option<FileKind>) -> io::Result<Option<bool>>,
    problems: &mut Vec<Problem>,
) -> io::Result<FolderNames> {
    let mut names = FolderNames::default();
    folders::list(folder, |entry| {
        if let Listing::Name(name, known) = entry {
            match wanted(name, known) {
                Ok(Some(is_folder)) => names.push(name.to_bytes(), is_folder),
                Ok(None) => {}
                Err(error) => problems.push(Problem {
                    path: [prefix, name.to_bytes()].concat(),
                    what: WalkError::Failed(error),
                }),
            }
        }
        ControlFlow::Continue(())
    })?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_path_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "c-x.ini",
            "b.INI",
            "longer-name-1.ini",
            "longer-name-0.ini",
            "no.txt",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("c")).unwrap();
        let wanted = |name: &CStr, kind: Option<FileKind>| {
            let text = name.to_bytes().to_ascii_lowercase();
            let kept = text == b"c" || text.ends_with(b".ini");
            Ok(kept.then_some(kind == Some(FileKind::Dir)))
        };
        let file =
            folders::open_by_path(None, folder.path().as_os_str().as_encoded_bytes()).unwrap();
        let names = list(&file, b"", wanted, &mut Vec::new()).unwrap();
        let got: Vec<&[u8]> = (0..names.count()).map(|at| names.get(at)).collect();
        let expected: [&[u8]; 5] = [
            b"b.INI",
            b"c-x.ini",
            b"c/",
            b"longer-name-0.ini",
            b"longer-name-1.ini",
        ];
        assert_eq!(got, expected);
    }
}
