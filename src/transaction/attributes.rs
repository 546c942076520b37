//! Owner, extended attributes, access lists, flags and mode: given to a new file as the old one has them.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::sync::OnceLock;

use super::error::Obstacle;
use super::record::Made;
use crate::system::errors::not_allowed;
use crate::system::{Meta, System};

/// A digest of extended attributes and flags, to see whether they change.
pub(super) type Fingerprint = [u8; 16];

/// The attributes and flags that the system gives every new file of a folder; found out once.
pub(super) type Inherited = OnceLock<(Vec<OsString>, u32)>;

/// Gives `to`, which was just made, the owner, group, attributes, access lists, flags and mode of `from` (`meta`). Returns
/// what it is then, and the fingerprint of `from`.
///
/// `any_owner`: where owner or group cannot be kept, go on without, and without the set-ID bits.
pub(super) fn copy(
    system: &dyn System,
    inherited: &Inherited,
    (from, meta): (&File, &Meta),
    to: &File,
    any_owner: bool,
) -> Result<(Made, Fingerprint), Obstacle> {
    let made = system.meta(to)?;
    let mut mode = meta.mode;
    let other_owner = (made.user, made.group) != (meta.user, meta.group);
    if other_owner {
        match system.set_owner(to, meta.user, meta.group) {
            Err(error) if not_allowed(&error) && any_owner => mode &= 0o1777,
            Err(error) => return Err(Obstacle::of_copying(error, "its owner and group")),
            Ok(()) => {}
        }
    }
    let names = system.attributes(from)?;
    let flags = system.flags(from)?;
    let (present, given) = match inherited.get() {
        Some(known) => known,
        None => {
            let found = (system.attributes(to)?, system.flags(to)?);
            inherited.get_or_init(|| found)
        }
    };
    copy_attributes(system, (from, &names), (to, present))?;
    if flags != *given {
        let set = system.set_flags(to, flags);
        set.map_err(|error| Obstacle::of_copying(error, "its flags (lsattr)"))?;
    }
    if other_owner || made.mode != mode || !names.is_empty() {
        system.set_mode(to, mode)?;
    }
    let old = of_names(system, from, names.clone(), flags)?;
    let extra = present.iter().any(|name| !names.contains(name));
    let made = Made {
        meta: system.meta(to)?,
        attributes: if extra { fingerprint(system, to)? } else { old },
    };
    Ok((made, old))
}

fn copy_attributes(
    system: &dyn System,
    (from, wanted): (&File, &[OsString]),
    (to, present): (&File, &[OsString]),
) -> Result<(), Obstacle> {
    for name in present.iter().filter(|name| !wanted.contains(name)) {
        // What the system gives every new file by itself (a security label) it may not let go.
        match system.remove_attribute(to, name) {
            Err(error) if !not_allowed(&error) => return Err(error.into()),
            _ => {}
        }
    }
    for name in wanted.iter().filter(|name| !of_the_content(name)) {
        let value = system.attribute(from, name)?;
        if present.contains(name) && system.attribute(to, name)? == value {
            continue;
        }
        let set = system.set_attribute(to, name, &value);
        let what = || format!("its attribute {}", name.display());
        set.map_err(|error| Obstacle::of_copying(error, &what()))?;
    }
    Ok(())
}

/// The fingerprint of an open file.
pub(super) fn fingerprint(system: &dyn System, file: &File) -> io::Result<Fingerprint> {
    let names = system.attributes(file)?;
    let flags = system.flags(file)?;
    of_names(system, file, names, flags)
}

fn of_names(
    system: &dyn System,
    file: &File,
    mut names: Vec<OsString>,
    flags: u32,
) -> io::Result<Fingerprint> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&flags.to_le_bytes());
    names.retain(|name| !of_the_content(name));
    names.sort();
    for name in &names {
        let value = system.attribute(file, name)?;
        for part in [name.as_encoded_bytes(), &value] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Ok(fingerprint)
}

/// Signatures of the content: the kernel makes them anew, the old ones would be wrong.
fn of_the_content(name: &OsStr) -> bool {
    name == "security.ima" || name == "security.evm"
}
