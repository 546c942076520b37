//! A progress bar on standard error, for work over a second, on a terminal only.

use crate::transaction::{Phase, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long work takes before a bar is shown.
const PATIENCE: Duration = Duration::from_secs(1);

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A bar that shows itself when the work takes long.
pub(super) struct Bar {
    start: Instant,
    bar: OnceLock<ProgressBar>,
    terminal: bool,
}

impl Bar {
    /// A bar for work that begins now.
    pub(super) fn new() -> Bar {
        let terminal = std::io::stderr().is_terminal();
        Bar {
            start: Instant::now(),
            bar: OnceLock::new(),
            terminal,
        }
    }

    fn shown(&self) -> Option<&ProgressBar> {
        if !self.terminal || self.start.elapsed() < PATIENCE {
            return None;
        }
        Some(self.bar.get_or_init(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            // How many there are is not known while they are searched.
            bar.set_style(style("{msg} {pos} files"));
            bar
        }))
    }

    /// Shows how many files were searched.
    pub(super) fn searched(&self, files: u64) {
        let Some(bar) = self.shown() else { return };
        bar.set_message("searched");
        bar.set_position(files);
    }

    /// Shows how far a transaction is.
    pub(super) fn transaction(&self, at: Progress) {
        let Some(bar) = self.shown() else { return };
        bar.set_message(match at.phase {
            Phase::Checking => "checking",
            Phase::Staging => "staging",
            Phase::Committing => "writing",
            Phase::Cleaning => "cleaning up",
        });
        if bar.length().is_none() {
            bar.set_style(style("{msg} {bar:30} {pos}/{len}"));
        }
        bar.set_length(at.total as u64);
        bar.set_position(at.done as u64);
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
