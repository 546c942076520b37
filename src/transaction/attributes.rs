//! Owner, extended attributes, access lists and mode: given to a new file as the old one has them.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::sync::OnceLock;

use super::problem::not_allowed;
use crate::system::{Meta, System};

/// Why a new file could not be made like the old one.
#[derive(Debug)]
pub(crate) enum Unlike {
    /// The system does not let us keep this ("its owner"): the file can only be written in place.
    Forbidden(String),
    /// A call failed.
    Failed(io::Error),
}

impl From<io::Error> for Unlike {
    fn from(error: io::Error) -> Unlike {
        Unlike::Failed(error)
    }
}

/// What is known of a new file.
pub(crate) struct Made<'a> {
    pub meta: &'a Meta,
    /// The attributes the system gives every new file in that folder; found out once.
    pub attributes: &'a OnceLock<Vec<OsString>>,
}

/// Gives `to` the attributes of `from` (`meta`): owner and group,
/// extended attributes with access lists, and last the mode.
///
/// `any_owner`: where owner or group cannot be kept, go on without, and without the set-ID bits.
pub(crate) fn copy(
    system: &dyn System,
    from: &File,
    meta: &Meta,
    to: &File,
    made: &Made<'_>,
    any_owner: bool,
) -> Result<(), Unlike> {
    let mut mode = meta.mode;
    let mut chowned = false;
    if (made.meta.user, made.meta.group) != (meta.user, meta.group) {
        match system.set_owner(to, meta.user, meta.group) {
            Ok(()) => chowned = true,
            Err(error) if not_allowed(&error) && any_owner => mode &= 0o1777,
            Err(error) if not_allowed(&error) => {
                return Err(Unlike::Forbidden("its owner and group".into()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    copy_extended(system, from, to, made)?;
    if chowned || made.meta.mode != mode || mode & 0o077 != 0 {
        system.set_mode(to, mode)?;
    }
    Ok(())
}

fn copy_extended(
    system: &dyn System,
    from: &File,
    to: &File,
    made: &Made<'_>,
) -> Result<(), Unlike> {
    let wanted = system.attributes(from)?;
    let present = match made.attributes.get() {
        Some(present) => present,
        None => {
            let present = system.attributes(to)?;
            made.attributes.get_or_init(|| present)
        }
    };
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
        match system.set_attribute(to, name, &value) {
            Ok(()) => {}
            Err(error) if not_allowed(&error) => {
                let what = format!("its attribute {}", name.display());
                return Err(Unlike::Forbidden(what));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Signatures of the content: the kernel makes them anew, the old ones would be wrong.
fn of_the_content(name: &OsStr) -> bool {
    name == "security.ima" || name == "security.evm"
}
