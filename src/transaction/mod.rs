//! The only code that writes users' files: an edit of any number of them is one transaction.
//!
//! [`apply`] writes all of the changes or none, whatever happens on the way; [`recover`] rolls back, or
//! completes, what a process left that ended in the middle; [`take_back`] undoes and redoes.
//!
//! One journal is the only authority: a file in the state folder, whose name says how far the
//! transaction is. Each step from name to name is one rename, made durable:
//!
//! ```text
//!           checked: what is refused is reported, and nothing was written
//!              │
//! ID.writing   the journal names the folders in which new files are staged, in a `.grini-ID` folder each;
//!              │ then every file, with its facts and its bytes before and after. A recovery removes what
//!              │ was staged and the journal
//! ID.prepared  files are exchanged, or written in place, and verified. A recovery puts the old
//!              │ contents back
//! ID.done      the commit. Old files are removed. A recovery goes on with that
//!              │
//! ID.kept      the history, for --undo
//! ```
//!
//! Rolling back is the same code for the transaction itself and for a recovery (`rollback`). While its
//! process lives a journal is locked; what is not locked, and not kept, was left by a process that ended.
//! Nothing found in a folder of data is believed: a staging folder is entered only on the word of a
//! journal.

mod access;
mod attributes;
mod check;
mod commit;
mod content;
mod error;
mod exchange;
mod folders;
mod frames;
mod history;
mod id;
mod in_place;
mod journal;
mod record;
mod recovery;
mod rollback;
mod settings;
mod stage;
mod staging;
mod state;
mod undo;
mod workers;
mod write;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::system::names;

pub use commit::apply;
pub use error::EditError;
pub use history::{Forget, History, HistoryEntry, contents, forget, list as history};
pub use id::is_id;
pub use record::Purpose;
pub use recovery::{pending, recover};
pub use settings::{Applied, Failed, Phase, Progress, Recovered, Settings};
pub use undo::{Direction, Selection, TakeBackPlan, plan as take_back_preview, take_back};

/// The state folder: `grini` in the folder that the system has for a program's state; `None` if the environment names none.
pub fn state_dir(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    names::state_home(absolute).map(|base| base.join("grini"))
}
