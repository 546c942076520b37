//! Listing one folder: names as bytes, in byte order of the paths they make.

use super::select::FileSelection;
use super::walk_error::{Problem, WalkError};
use crate::system::folders::{self, Listing};
use crate::system::{Dir, FileKind};
use std::ffi::CStr;
use std::io;
use std::ops::ControlFlow;

/// What of a folder is wanted.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    /// Which files and folders.
    pub selection: &'w FileSelection,
    /// Links are followed.
    pub follow: bool,
    /// Devices, FIFOs and sockets are files, too.
    pub devices: bool,
    /// Folders of that prefix are never entered.
    pub never_enter: Option<&'static [u8]>,
}

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
        self.of(&self.entries[at])
    }

    fn of(&self, entry: &Entry) -> &[u8] {
        let start = entry.start as usize;
        &self.bytes[start..start + usize::from(entry.length)]
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
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_unstable_by(|a, b| {
            let names = || self.of(a).cmp(self.of(b));
            a.key.cmp(&b.key).then_with(names)
        });
        self.entries = entries;
    }
}

/// The names of `folder`, whose path as shown is `prefix`, in path order. Those that cannot be looked at become `problems`.
///
/// # Errors
/// The folder cannot be read.
pub fn list(
    folder: &Dir,
    prefix: &[u8],
    wanted: &Wanted<'_>,
    problems: &mut Vec<Problem>,
) -> io::Result<FolderNames> {
    let mut names = FolderNames::default();
    folders::list(folder, |entry| {
        if let Listing::Name(name, known) = entry {
            match kind(folder, name, known, wanted) {
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

/// Whether an entry is wanted: as a folder (true) or as a file (false).
fn kind(
    folder: &Dir,
    name: &CStr,
    known: Option<FileKind>,
    wanted: &Wanted<'_>,
) -> io::Result<Option<bool>> {
    let bytes = name.to_bytes();
    if bytes == b"." || bytes == b".." {
        return Ok(None);
    }
    let kind = match known {
        None => folders::kind(folder, name, false)?,
        Some(kind) => kind,
    };
    let takes_file = || wanted.selection.takes_file(bytes);
    let kind = match kind {
        FileKind::Symlink if wanted.follow => match folders::kind(folder, name, true) {
            Ok(kind) => kind,
            Err(error) if takes_file() => return Err(error),
            Err(_) => return Ok(None),
        },
        kind => kind,
    };
    Ok(match kind {
        FileKind::Dir => {
            let never = wanted
                .never_enter
                .is_some_and(|prefix| bytes.starts_with(prefix));
            (!never && wanted.selection.enters(bytes)).then_some(true)
        }
        FileKind::File => takes_file().then_some(false),
        FileKind::Symlink => None,
        FileKind::Other => (wanted.devices && takes_file()).then_some(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::select::ByDefault;
    use crate::pattern::{Charset, GlobRules};

    const HOW: GlobRules = GlobRules {
        charset: Charset::Utf8,
        ignore_case: false,
        wide_ranges: true,
        or_bytes: true,
        caret: true,
    };

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
        for name in ["c", ".grini-x"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let selection = FileSelection::new(&[], &[], HOW, ByDefault::Ini);
        let wanted = Wanted {
            selection: &selection,
            follow: false,
            devices: false,
            never_enter: Some(b".grini-"),
        };
        let file =
            folders::open_by_path(None, folder.path().as_os_str().as_encoded_bytes()).unwrap();
        let names = list(&file, b"", &wanted, &mut Vec::new()).unwrap();
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
