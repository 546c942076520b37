//! Extended attributes, where rustix has their calls. Elsewhere nothing can be exchanged either, and a
//! file that is edited in place keeps what it has.

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) use calls::{get, list, remove, set};
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(super) use none::{get, list, remove, set};

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod calls {
    use std::ffi::{CStr, OsStr, OsString};
    use std::fs::File;
    use std::io;
    use std::os::unix::ffi::OsStringExt;

    use rustix::fs::{self, XattrFlags};
    use rustix::io::{Errno, retry_on_intr};

    pub(crate) fn list(file: &File) -> io::Result<Vec<OsString>> {
        match retry_on_intr(|| fs::flistxattr_query(file)) {
            Ok(0) | Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Vec::new()),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let names = grown(|buffer| fs::flistxattr(file, buffer))?;
        Ok(names
            .split_inclusive(|&byte| byte == 0)
            .filter_map(|name| CStr::from_bytes_with_nul(name).ok())
            .map(|name| OsString::from_vec(name.to_bytes().to_vec()))
            .collect())
    }

    pub(crate) fn get(file: &File, name: &OsStr) -> io::Result<Vec<u8>> {
        grown(|buffer| fs::fgetxattr(file, name, buffer))
    }

    pub(crate) fn set(file: &File, name: &OsStr, value: &[u8]) -> io::Result<()> {
        Ok(retry_on_intr(|| {
            fs::fsetxattr(file, name, value, XattrFlags::empty())
        })?)
    }

    pub(crate) fn remove(file: &File, name: &OsStr) -> io::Result<()> {
        Ok(retry_on_intr(|| fs::fremovexattr(file, name))?)
    }

    /// Calls `fill` with a buffer that grows until the answer fits; gives what was filled.
    fn grown(mut fill: impl FnMut(&mut [u8]) -> rustix::io::Result<usize>) -> io::Result<Vec<u8>> {
        let mut size = 256;
        loop {
            let mut buffer = vec![0; size];
            match fill(&mut buffer) {
                Ok(filled) => {
                    buffer.truncate(filled);
                    return Ok(buffer);
                }
                Err(Errno::RANGE) if size < 1 << 20 => size *= 8,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod none {
    use std::ffi::{OsStr, OsString};
    use std::fs::File;
    use std::io;

    pub fn list(_: &File) -> io::Result<Vec<OsString>> {
        Ok(Vec::new())
    }
    pub fn get(_: &File, _: &OsStr) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub fn set(_: &File, _: &OsStr, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    pub fn remove(_: &File, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
