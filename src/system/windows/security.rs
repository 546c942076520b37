//! Owners and access lists: the state folder is for one user, and a backup is as closed as its file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_INSUFFICIENT_BUFFER, GENERIC_ALL, GENERIC_WRITE, HANDLE, LocalFree,
};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW,
};
use windows_sys::Win32::Security::*;
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_ADD_FILE, FILE_ADD_SUBDIRECTORY, FILE_DELETE_CHILD, FILE_FLAG_BACKUP_SEMANTICS,
    READ_CONTROL, WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::SystemServices::{
    ACCESS_ALLOWED_ACE_TYPE, SECURITY_DESCRIPTOR_REVISION,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::errors;

/// Who has a folder.
pub(super) struct FolderSecurity {
    /// This user has it, the administrators, or the system.
    pub(super) ours: bool,
    /// Others than these may make, remove or replace names in it.
    pub(super) others_write: bool,
}

fn done(result: i32) -> io::Result<()> {
    match result {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Bytes that the system wrote a structure into, aligned for any of them.
struct AlignedBytes(Vec<u64>);

impl AlignedBytes {
    /// Calls `fill` with a size and a place of that size until what it writes fits.
    fn filled(mut fill: impl FnMut(*mut u64, u32, &mut u32) -> i32) -> io::Result<AlignedBytes> {
        let mut size = 256;
        loop {
            let mut room = vec![0_u64; (size as usize).div_ceil(8)];
            let mut needed = 0;
            match done(fill(room.as_mut_ptr(), room.len() as u32 * 8, &mut needed)) {
                Err(error) if errors::is(&error, &[ERROR_INSUFFICIENT_BUFFER]) && needed > size => {
                    size = needed;
                }
                filled => return filled.map(|()| AlignedBytes(room)),
            }
        }
    }

    fn pointer<T>(&self) -> *const T {
        self.0.as_ptr().cast()
    }
}

/// A security descriptor that the system allocated.
pub(super) struct Descriptor(PSECURITY_DESCRIPTOR);

impl Descriptor {
    pub(super) fn pointer(&self) -> PSECURITY_DESCRIPTOR {
        self.0
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: the system allocated it, and nothing else frees it.
        unsafe { LocalFree(self.0) };
    }
}

/// The user that this process runs as: a TOKEN_USER.
fn user() -> io::Result<AlignedBytes> {
    let mut token: HANDLE = null_mut();
    // SAFETY: the token is written to a variable of that type, asked for what it holds, and closed once.
    unsafe {
        done(OpenProcessToken(
            GetCurrentProcess(),
            TOKEN_QUERY,
            &mut token,
        ))?;
        let user = AlignedBytes::filled(|room, size, needed| {
            GetTokenInformation(token, TokenUser, room.cast(), size, needed)
        });
        CloseHandle(token);
        user
    }
}

/// What makes a new folder, and what is made in it, one for this user and the system alone.
pub(super) fn of_us_alone() -> io::Result<Descriptor> {
    let user = user()?;
    let mut text = null_mut();
    // SAFETY: the room holds a TOKEN_USER, whose identifier points into it; the text ends in NUL and is freed once.
    let id = unsafe {
        let id = (*user.pointer::<TOKEN_USER>()).User.Sid;
        done(ConvertSidToStringSidW(id, &mut text))?;
        let length = (0..).take_while(|&at| *text.add(at) != 0).count();
        let id = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
        LocalFree(text.cast());
        id
    };
    let words = format!("O:{id}D:P(A;OICI;FA;;;{id})(A;OICI;FA;;;SY)");
    let words: Vec<u16> = words.encode_utf16().chain([0]).collect();
    let mut descriptor = null_mut();
    // SAFETY: the words end in NUL, and the descriptor is written to a variable of that type.
    done(unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            words.as_ptr(),
            SECURITY_DESCRIPTOR_REVISION,
            &mut descriptor,
            null_mut(),
        )
    })?;
    Ok(Descriptor(descriptor))
}

fn descriptor(file: &File, what: OBJECT_SECURITY_INFORMATION) -> io::Result<AlignedBytes> {
    let handle = file.as_raw_handle();
    // SAFETY: the handle is open, and the room is as large as is said.
    AlignedBytes::filled(|room, size, needed| unsafe {
        GetKernelObjectSecurity(handle, what, room.cast(), size, needed)
    })
}

/// Who has the folder `path`.
pub(super) fn of_folder(path: &Path) -> io::Result<FolderSecurity> {
    /// Rights to change what names stand for.
    const CHANGES: u32 = FILE_ADD_FILE
        | FILE_ADD_SUBDIRECTORY
        | FILE_DELETE_CHILD
        | DELETE
        | WRITE_DAC
        | WRITE_OWNER
        | GENERIC_WRITE
        | GENERIC_ALL;
    let mut how = OpenOptions::new();
    how.access_mode(READ_CONTROL);
    let folder = how.custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)?;
    let room = descriptor(
        &folder,
        OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
    )?;
    let user = user()?;
    let (mut owner, mut list) = (null_mut(), null_mut());
    let (mut present, mut defaulted) = (0, 0);
    // SAFETY: the room holds a whole descriptor, and what is found points into it; each entry of the list begins with a
    // header, and one of the allowing type has mask and identifier after it.
    unsafe {
        let whole = room.0.as_ptr().cast_mut().cast();
        done(GetSecurityDescriptorOwner(
            whole,
            &mut owner,
            &mut defaulted,
        ))?;
        done(GetSecurityDescriptorDacl(
            whole,
            &mut present,
            &mut list,
            &mut defaulted,
        ))?;
        let me = (*user.pointer::<TOKEN_USER>()).User.Sid;
        let trusted = |id: PSID| {
            let known = [
                WinBuiltinAdministratorsSid,
                WinLocalSystemSid,
                WinCreatorOwnerSid,
            ];
            EqualSid(id, me) != 0 || known.iter().any(|&one| IsWellKnownSid(id, one) != 0)
        };
        let mut others_write = present == 0 || list.is_null();
        let entries = if others_write { 0 } else { (*list).AceCount };
        for at in 0..entries {
            let mut entry = null_mut();
            done(GetAce(list, at.into(), &mut entry))?;
            let entry = &mut *entry.cast::<ACCESS_ALLOWED_ACE>();
            let here = u32::from(entry.Header.AceFlags) & INHERIT_ONLY_ACE == 0;
            others_write |= here
                && u32::from(entry.Header.AceType) == ACCESS_ALLOWED_ACE_TYPE
                && entry.Mask & CHANGES != 0
                && !trusted((&raw mut entry.SidStart).cast());
        }
        Ok(FolderSecurity {
            ours: !owner.is_null() && trusted(owner),
            others_write,
        })
    }
}

/// The access list of an open file, as a descriptor.
pub(super) fn access_list(file: &File) -> io::Result<Vec<u8>> {
    let room = descriptor(file, DACL_SECURITY_INFORMATION)?;
    // SAFETY: the room holds a whole descriptor in one piece.
    let length = unsafe { GetSecurityDescriptorLength(room.0.as_ptr().cast_mut().cast()) };
    let bytes = room.0.iter().flat_map(|word| word.to_ne_bytes());
    Ok(bytes.take(length as usize).collect())
}

/// Gives an open file an access list that [`access_list`] gave.
pub(super) fn set_access_list(file: &File, list: &[u8]) -> io::Result<()> {
    let mut room = vec![0_u64; list.len().div_ceil(8)];
    for (word, bytes) in room.iter_mut().zip(list.chunks(8)) {
        let mut whole = [0; 8];
        whole[..bytes.len()].copy_from_slice(bytes);
        *word = u64::from_ne_bytes(whole);
    }
    // SAFETY: the handle is open, and the room holds a whole descriptor in one piece.
    done(unsafe {
        SetKernelObjectSecurity(
            file.as_raw_handle(),
            DACL_SECURITY_INFORMATION,
            room.as_mut_ptr().cast(),
        )
    })
}
