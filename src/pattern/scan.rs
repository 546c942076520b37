//! The matcher that finds lines in a buffer. To build it takes longer than to search a small file without it, so it may
//! wait until enough was searched.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use grep_regex::RegexMatcher;

use super::build;

/// Bytes that are searched before a matcher that may wait is built.
const SPARE: usize = 4096;

/// A translated pattern, and the matcher built from it.
#[derive(Debug)]
pub(super) struct LineScan {
    text: String,
    utf8: bool,
    terminator: u8,
    /// None: it is too big.
    built: OnceLock<Option<RegexMatcher>>,
    /// Bytes that may still be searched without it.
    spare: AtomicUsize,
}

impl Clone for LineScan {
    fn clone(&self) -> LineScan {
        LineScan {
            text: self.text.clone(),
            built: self.built.clone(),
            spare: AtomicUsize::new(self.spare.load(Ordering::Relaxed)),
            ..*self
        }
    }
}

impl LineScan {
    /// A matcher of lines from a translated pattern.
    ///
    /// # Errors
    /// GNU's message for a pattern that is too big.
    pub(super) fn new(text: &str, utf8: bool, terminator: u8) -> Result<LineScan, String> {
        let matcher = build::lines(text, utf8, terminator)?;
        Ok(LineScan {
            text: String::new(),
            utf8,
            terminator,
            built: OnceLock::from(Some(matcher)),
            spare: AtomicUsize::new(0),
        })
    }

    /// The same, built when it is needed.
    pub(super) fn waiting(text: String, utf8: bool, terminator: u8) -> LineScan {
        LineScan {
            text,
            utf8,
            terminator,
            built: OnceLock::new(),
            spare: AtomicUsize::new(SPARE),
        }
    }

    /// Whether `bytes` are to be searched without the matcher.
    pub(super) fn spares(&self, bytes: usize) -> bool {
        self.spare.load(Ordering::Relaxed) > bytes || self.matcher().is_none()
    }

    /// Counts bytes that were searched without the matcher.
    pub(super) fn searched(&self, bytes: usize) {
        let less = |spare: usize| Some(spare.saturating_sub(bytes));
        let _ = self
            .spare
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// The matcher; none: the pattern is too big for one, which only one that waits can turn out to be.
    pub(super) fn matcher(&self) -> Option<&RegexMatcher> {
        let build = || build::lines(&self.text, self.utf8, self.terminator).ok();
        self.built.get_or_init(build).as_ref()
    }

    /// Builds the matcher now.
    pub(super) fn prepare(&self) {
        if self.matcher().is_some() {
            self.spare.store(0, Ordering::Relaxed);
        }
    }
}
