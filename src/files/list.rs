//! Listing one folder: names as bytes, in byte order of the paths they make.

use super::batch::Folder;
use super::select::Selection;
use super::trouble::{Problem, Trouble};
use crate::system::folders::{self, Listing};
use crate::system::{Dir, Kind, names};
use std::ffi::{CStr, CString};
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What of a folder is wanted.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    /// Which files and folders.
    pub selection: &'w Selection,
    /// Links are followed.
    pub follow: bool,
    /// Devices, FIFOs and sockets are files, too.
    pub devices: bool,
    /// Folders of that prefix are never entered.
    pub never_enter: Option<&'static [u8]>,
}

/// A folder to list.
#[derive(Debug)]
pub struct Request {
    /// The folder above it; none: the name is a path from the current folder.
    pub above: Option<Arc<Dir>>,
    /// Its name.
    pub name: CString,
    /// Its path as it is shown; ends in a slash, or is empty.
    pub prefix: Vec<u8>,
    /// It was named on the command line.
    pub operand: bool,
}

/// A folder that is open.
pub struct Opened {
    /// The folder.
    pub file: Dir,
    /// Its place.
    pub folder: Arc<Folder>,
    /// Device and inode.
    pub identity: (u64, u64),
}

/// Opens a folder, following a link to it where links are followed or the user named it.
///
/// # Errors
/// What the system says.
pub fn open(request: &Request, follow: bool) -> io::Result<Opened> {
    let follow = follow || request.operand;
    let file = folders::open(request.above.as_deref(), &request.name, follow)?;
    let identity = folders::identity(&file)?;
    let path = if request.prefix.is_empty() {
        b"./".to_vec()
    } else {
        request.prefix.clone()
    };
    let short_read_ends = folders::is_local(&file);
    Ok(Opened {
        file,
        folder: Arc::new(Folder {
            path,
            short_read_ends,
        }),
        identity,
    })
}

/// The names of a folder; a folder's name ends in a slash, which makes byte order path order.
#[derive(Default)]
pub struct Names {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// The first eight bytes, for a quick comparison.
    key: u64,
    start: u32,
    length: u16,
    /// Position in listing order.
    listed: u32,
}

/// One name of a folder.
#[derive(Clone, Copy)]
pub struct Name<'n> {
    /// The name, a slash behind that of a folder.
    pub bytes: &'n [u8],
    /// Position in listing order.
    pub listed: usize,
}

impl Name<'_> {
    /// Whether it is a folder's.
    pub fn is_folder(&self) -> bool {
        self.bytes.last() == Some(&b'/')
    }
}

impl Names {
    /// Number of names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The name at a position: in listing order before [`Names::sort`], in path order after it.
    pub fn get(&self, at: usize) -> Name<'_> {
        let entry = self.entries[at];
        let start = entry.start as usize;
        Name {
            bytes: &self.bytes[start..start + usize::from(entry.length)],
            listed: entry.listed as usize,
        }
    }

    /// What to ask for to list the folder whose name is at `at`, in the folder `above`, whose path as shown is `prefix`.
    pub fn below(&self, at: usize, above: &Arc<Dir>, prefix: &[u8]) -> Request {
        let name = self.get(at).bytes;
        let plain = name.strip_suffix(b"/").unwrap_or(name);
        Request {
            above: Some(Arc::clone(above)),
            // A name that was listed has no NUL.
            name: CString::new(plain).unwrap_or_default(),
            prefix: [prefix, plain, &[names::separator_after(prefix)]].concat(),
            operand: false,
        }
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
            listed: self.entries.len() as u32,
        });
    }

    /// Puts the names in path order.
    pub fn sort(&mut self) {
        let bytes = &self.bytes;
        let name = |entry: &Entry| {
            let start = entry.start as usize;
            &bytes[start..start + usize::from(entry.length)]
        };
        self.entries
            .sort_unstable_by(|a, b| a.key.cmp(&b.key).then_with(|| name(a).cmp(name(b))));
    }
}

/// Lists `folder`, whose path as shown is `prefix`. `listed` is called after each piece with all names so far, and may
/// end it.
///
/// # Errors
/// The folder cannot be read. Names that cannot be told become `problems`.
pub fn list(
    folder: &Dir,
    prefix: &[u8],
    wanted: &Wanted<'_>,
    problems: &mut Vec<Problem>,
    mut listed: impl FnMut(&Names) -> ControlFlow<()>,
) -> io::Result<Names> {
    let mut names = Names::default();
    folders::list(folder, |entry| {
        let (name, known) = match entry {
            Listing::Name(name, known) => (name, known),
            Listing::EndOfPiece => return listed(&names),
        };
        match kind(folder, name, known, wanted) {
            Ok(Some(is_folder)) => names.push(name.to_bytes(), is_folder),
            Ok(None) => {}
            Err(error) => problems.push(Problem {
                path: [prefix, name.to_bytes()].concat(),
                what: Trouble::Failed(error),
            }),
        }
        ControlFlow::Continue(())
    })?;
    Ok(names)
}

/// Whether an entry is wanted: as a folder (true) or as a file (false).
fn kind(
    folder: &Dir,
    name: &CStr,
    known: Option<Kind>,
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
        Kind::Symlink if wanted.follow => match folders::kind(folder, name, true) {
            Ok(kind) => kind,
            Err(error) if takes_file() => return Err(error),
            Err(_) => return Ok(None),
        },
        kind => kind,
    };
    Ok(match kind {
        Kind::Dir => {
            let never = wanted
                .never_enter
                .is_some_and(|prefix| bytes.starts_with(prefix));
            (!never && wanted.selection.enters(bytes)).then_some(true)
        }
        Kind::File => takes_file().then_some(false),
        Kind::Symlink => None,
        Kind::Other => (wanted.devices && takes_file()).then_some(false),
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
        let selection = Selection::new(&[], &[], HOW, ByDefault::Ini);
        let wanted = Wanted {
            selection: &selection,
            follow: false,
            devices: false,
            never_enter: Some(b".grini-"),
        };
        let file = folders::open_by_path(folder.path().as_os_str().as_encoded_bytes()).unwrap();
        let mut seen = 0;
        let mut names = list(&file, b"", &wanted, &mut Vec::new(), |names| {
            seen = names.len();
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(seen, names.len());
        names.sort();
        let got: Vec<&[u8]> = (0..names.len()).map(|at| names.get(at).bytes).collect();
        let expected: [&[u8]; 5] = [
            b"b.INI",
            b"c-x.ini",
            b"c/",
            b"longer-name-0.ini",
            b"longer-name-1.ini",
        ];
        assert_eq!(got, expected);
        assert!(names.get(2).is_folder());
    }
}
