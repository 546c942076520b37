//! `--lint`: the faults of a file, one a line.

use super::faults::{FileLine, faults};
use super::opened::ReadIni;
use super::slot::Slot;
use super::worker::Worker;
use crate::output::json::{self, Data};
use crate::output::text::Printer;
use serde_json::json;

impl Worker<'_> {
    /// Prints the faults of a file.
    pub(super) fn lint(&self, file: &ReadIni<'_>, slot: &mut Slot<'_>) {
        let document = file.document;
        let printer = Printer {
            width: 0,
            ..self.printer(file.opened, None)
        };
        let line = |start: usize, end: usize| FileLine {
            bytes: document.file_bytes(start..end),
            end: document.line_end_before(end),
        };
        let mut numbers = file.numbers();
        let mut all = faults(&file.view, document.is_utf16(), &line);
        if document.ends_within_character() {
            let what = "the last byte is half a character of UTF-16";
            all.push((file.view.text.len(), what.to_owned()));
        }
        for (at, what) in all {
            self.shared.select();
            if self.job.quiet {
                return;
            }
            let number = numbers.at(at);
            if self.job.output.json {
                let fault = json!({
                    "path": Data(printer.path),
                    "line_number": number,
                    "text": what,
                });
                json::message(slot.buffer(), "lint", &fault);
            } else {
                printer.fault(slot.buffer(), number, &what);
            }
            slot.line_done(self.job.output.line_buffered);
        }
    }
}
