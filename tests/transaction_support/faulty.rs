//! A system whose calls are counted, and one of which fails or is the "process's" last.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use grini::system::{Dir, FileKind, Hold, Meta, Real, System};

/// What happens at the call with a number (counted from 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing.
    None,
    /// The process ends before the call.
    KillBefore(usize),
    /// The process ends after the call.
    KillAfter(usize),
    /// The call fails with this error number.
    Fail(usize, i32),
    /// A read or write does half of what it was to do.
    Short(usize),
}

/// What another program does.
pub(crate) type Meanwhile = Mutex<Box<dyn FnMut() + Send>>;

/// The system with a plan. What makes things durable does nothing here: a test ends no machine.
pub(crate) struct Faulty {
    real: Real,
    plan: Plan,
    /// Exchanges do not exist.
    pub no_exchange: bool,
    /// Other programs cannot be kept from a file.
    pub no_hold: bool,
    /// What another program does just before the call of that name (empty: any) and number, counted
    /// from 0; every such call for [`usize::MAX`].
    pub before: Option<(&'static str, usize, Meanwhile)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: Vec<&'static str>,
    dead: bool,
}

enum Gate {
    Go,
    GoThenDie,
    Half,
}

impl Faulty {
    pub(crate) fn new(plan: Plan) -> Faulty {
        Faulty {
            real: Real,
            plan,
            no_exchange: false,
            no_hold: false,
            before: None,
            state: Mutex::default(),
        }
    }
    /// The calls made, by name.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.state.lock().unwrap().calls.clone()
    }
    /// Whether the plan's call was reached and ended the process.
    pub(crate) fn killed(&self) -> bool {
        self.state.lock().unwrap().dead
    }

    fn gate(&self, name: &'static str) -> io::Result<Gate> {
        let mut state = self.state.lock().unwrap();
        let dead = || Err(io::Error::other("the process has ended"));
        if state.dead {
            return dead();
        }
        if let Some((call, number, meanwhile)) = &self.before
            && (call.is_empty() || *call == name)
        {
            let same = |made: &&&str| call.is_empty() || *made == call;
            let made = state.calls.iter().filter(same).count();
            if *number == usize::MAX || *number == made {
                meanwhile.lock().unwrap()();
            }
        }
        let number = state.calls.len();
        state.calls.push(name);
        match self.plan {
            Plan::KillBefore(at) if at == number => {
                state.dead = true;
                dead()
            }
            Plan::KillAfter(at) if at == number => {
                state.dead = true;
                Ok(Gate::GoThenDie)
            }
            Plan::Fail(at, error) if at == number => Err(io::Error::from_raw_os_error(error)),
            Plan::Short(at) if at == number => Ok(Gate::Half),
            _ => Ok(Gate::Go),
        }
    }
    fn call<T>(&self, name: &'static str, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.gate(name)? {
            Gate::Go | Gate::Half => call(),
            Gate::GoThenDie => {
                let _ = call();
                Err(io::Error::other("the process has ended"))
            }
        }
    }
}

impl System for Faulty {
    fn user(&self) -> u32 {
        self.real.user()
    }
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.call("resolve", || self.real.resolve(path))
    }
    fn open_dir(&self, path: &Path) -> io::Result<Dir> {
        self.call("open_dir", || self.real.open_dir(path))
    }
    fn open_dir_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Dir> {
        self.call("open_dir_at", || self.real.open_dir_at(dir, name))
    }
    fn make_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        self.call("make_dir", || self.real.make_dir(dir, name))
    }
    fn remove_dir(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        self.call("remove_dir", || self.real.remove_dir(dir, name))
    }
    fn list(&self, dir: &Dir) -> io::Result<Vec<(OsString, FileKind)>> {
        self.call("list", || self.real.list(dir))
    }
    fn dir_meta(&self, dir: &Dir) -> io::Result<Meta> {
        self.call("dir_meta", || self.real.dir_meta(dir))
    }
    fn dir_writable(&self, dir: &Dir) -> io::Result<bool> {
        self.call("dir_writable", || self.real.dir_writable(dir))
    }
    fn clear_acl(&self, dir: &Dir) -> io::Result<()> {
        self.call("clear_acl", || self.real.clear_acl(dir))
    }
    fn sync_dir(&self, _: &Dir) -> io::Result<()> {
        self.call("sync_dir", || Ok(()))
    }
    fn sync_all(&self, _: &Dir) -> io::Result<()> {
        self.call("sync_all", || Ok(()))
    }
    fn lock_dir(&self, dir: &Dir) -> io::Result<bool> {
        self.call("lock_dir", || self.real.lock_dir(dir))
    }
    fn open(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        self.call("open", || self.real.open(dir, name))
    }
    fn open_write(&self, dir: &Dir, name: &OsStr) -> io::Result<File> {
        self.call("open_write", || self.real.open_write(dir, name))
    }
    fn open_in_place(&self, dir: &Dir, name: &OsStr, readers: bool) -> io::Result<File> {
        self.call("open_write", || self.real.open_in_place(dir, name, readers))
    }
    fn create(&self, dir: &Dir, name: &OsStr, mode: u32) -> io::Result<File> {
        self.call("create", || self.real.create(dir, name, mode))
    }
    fn meta(&self, file: &File) -> io::Result<Meta> {
        self.call("meta", || self.real.meta(file))
    }
    fn meta_at(&self, dir: &Dir, name: &OsStr) -> io::Result<Meta> {
        self.call("meta_at", || self.real.meta_at(dir, name))
    }
    fn writable(&self, dir: &Dir, name: &OsStr) -> io::Result<bool> {
        self.call("writable", || self.real.writable(dir, name))
    }
    fn hold(&self, file: &File) -> io::Result<Hold> {
        let call = || match self.no_hold {
            true => Ok(Hold::Unsupported),
            false => self.real.hold(file),
        };
        self.call("hold", call)
    }
    fn flags(&self, file: &File) -> io::Result<u32> {
        self.call("flags", || self.real.flags(file))
    }
    fn set_flags(&self, file: &File, flags: u32) -> io::Result<()> {
        self.call("set_flags", || self.real.set_flags(file, flags))
    }
    fn lock(&self, file: &File) -> io::Result<bool> {
        self.call("lock", || self.real.lock(file))
    }
    fn read_at(&self, file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self.gate("read_at")? {
            Gate::Half => {
                let half = buffer.len().div_ceil(2);
                self.real.read_at(file, &mut buffer[..half], offset)
            }
            Gate::Go => self.real.read_at(file, buffer, offset),
            Gate::GoThenDie => Err(io::Error::other("the process has ended")),
        }
    }
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
        match self.gate("write_at")? {
            Gate::Half => {
                let half = bytes.len().div_ceil(2);
                self.real.write_at(file, &bytes[..half], offset)
            }
            Gate::Go => self.real.write_at(file, bytes, offset),
            Gate::GoThenDie => {
                // Also a process that is killed writes what it got to.
                let _ = self
                    .real
                    .write_at(file, &bytes[..bytes.len().div_ceil(2)], offset);
                Err(io::Error::other("the process has ended"))
            }
        }
    }
    fn set_len(&self, file: &File, size: u64) -> io::Result<()> {
        self.call("set_len", || self.real.set_len(file, size))
    }
    fn sync(&self, _: &File) -> io::Result<()> {
        self.call("sync", || Ok(()))
    }
    fn set_owner(&self, file: &File, user: u32, group: u32) -> io::Result<()> {
        self.call("set_owner", || self.real.set_owner(file, user, group))
    }
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        self.call("set_mode", || self.real.set_mode(file, mode))
    }
    fn set_modified(&self, file: &File, modified: (i64, u32)) -> io::Result<()> {
        self.call("set_modified", || self.real.set_modified(file, modified))
    }
    fn attributes(&self, file: &File) -> io::Result<Vec<OsString>> {
        self.call("attributes", || self.real.attributes(file))
    }
    fn attribute(&self, file: &File, name: &OsStr) -> io::Result<Vec<u8>> {
        self.call("attribute", || self.real.attribute(file, name))
    }
    fn set_attribute(&self, file: &File, name: &OsStr, value: &[u8]) -> io::Result<()> {
        let call = || self.real.set_attribute(file, name, value);
        self.call("set_attribute", call)
    }
    fn remove_attribute(&self, file: &File, name: &OsStr) -> io::Result<()> {
        let call = || self.real.remove_attribute(file, name);
        self.call("remove_attribute", call)
    }
    fn exchange(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        let call = || match self.no_exchange {
            true => Err(grini::system::errors::invalid()),
            false => self.real.exchange(dir, name, to, other),
        };
        self.call("exchange", call)
    }
    fn rename(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        self.call("rename", || self.real.rename(dir, name, to, other))
    }
    fn link(&self, dir: &Dir, name: &OsStr, to: &Dir, other: &OsStr) -> io::Result<()> {
        self.call("link", || self.real.link(dir, name, to, other))
    }
    fn unlink(&self, dir: &Dir, name: &OsStr) -> io::Result<()> {
        self.call("unlink", || self.real.unlink(dir, name))
    }
}
