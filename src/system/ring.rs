//! Reading many small files by io_uring: one system call opens one group of files and reads the group before.
//!
//! Files are opened into fixed slots of the ring, which the next group overwrites instead of closing them. A file that
//! cannot be opened or read so, or does not fit, is left to the ordinary path, which also finds the right words for an
//! error.

use io_uring::types::{DestinationSlot, Fd, Fixed};
use io_uring::{IoUring, opcode, squeue};
use rustix::fs::OFlags;
use std::ffi::CStr;
use std::os::fd::AsRawFd;

use super::Dir;
use super::files::Opening;

/// Files opened or read by one system call.
const GROUP: usize = 16;
/// Bytes read of a file; one that fills them is read by the ordinary path.
const SIZE: usize = 32 << 10;
/// Tells the completion of a read from that of an open.
const READ: u64 = 1 << 32;

/// A ring with its buffers.
pub struct Ring {
    ring: IoUring,
    buffers: Vec<u8>,
}

/// What became of the operations of one step, by position in the group.
type Results = [Option<i32>; GROUP];

impl Ring {
    /// A ring, where the system allows one.
    pub fn new() -> Option<Ring> {
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_coop_taskrun()
            .setup_defer_taskrun()
            .build(2 * GROUP as u32)
            .or_else(|_| IoUring::new(2 * GROUP as u32))
            .ok()?;
        ring.submitter()
            .register_files_sparse(2 * GROUP as u32)
            .ok()?;
        Some(Ring {
            ring,
            buffers: vec![0; GROUP * SIZE],
        })
    }

    /// Reads the files `names` of `folder`, all regular ones of a file system where a read that comes short came to the
    /// end. `each` is called for each, in order, with its content, or with none where the ordinary path is to read it;
    /// false ends the reading. An error: the ring is of no more use, and `each` was not called for the rest.
    ///
    /// # Errors
    /// The number of files that `each` was called for.
    pub fn read(
        &mut self,
        folder: &Dir,
        names: &[&CStr],
        how: Opening,
        mut each: impl FnMut(usize, Option<&[u8]>) -> bool,
    ) -> Result<(), usize> {
        // A slot is no descriptor, and the system refuses to close it on exec.
        let flags = how.flags() - OFlags::CLOEXEC;
        let groups = names.len().div_ceil(GROUP);
        let mut opened: Results = [None; GROUP];
        for step in 0..=groups {
            let opening = if step < groups {
                group(names, step)
            } else {
                &[]
            };
            let reading = if step > 0 {
                group(names, step - 1)
            } else {
                &[]
            };
            let first = step.saturating_sub(1) * GROUP;
            let (open_results, read_results) = self
                .step(folder, opening, step % 2, reading.len(), &opened, flags)
                .map_err(|()| first)?;
            opened = open_results;
            for (at, result) in read_results.iter().take(reading.len()).enumerate() {
                let content = match result {
                    Some(length @ 0..) if (*length as usize) < SIZE => {
                        Some(&self.buffers[at * SIZE..at * SIZE + *length as usize])
                    }
                    _ => None,
                };
                if !each(first + at, content) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Opens `opening` into the slots of `half`, and reads the files that `opened` says are open in the other half.
    fn step(
        &mut self,
        folder: &Dir,
        opening: &[&CStr],
        half: usize,
        reading: usize,
        opened: &Results,
        flags: OFlags,
    ) -> Result<(Results, Results), ()> {
        let mut waiting = 0;
        for (at, result) in opened.iter().take(reading).enumerate() {
            // Where the open failed, the slot holds another file.
            if !matches!(result, Some(0..)) {
                continue;
            }
            let slot = Fixed(((1 - half) * GROUP + at) as u32);
            let buffer = self.buffers[at * SIZE..].as_mut_ptr();
            let entry = opcode::Read::new(slot, buffer, SIZE as u32).build();
            self.push(entry.user_data(READ | at as u64))?;
            waiting += 1;
        }
        for (at, name) in opening.iter().enumerate() {
            let slot = (half * GROUP + at) as u32;
            let slot = DestinationSlot::try_from_slot_target(slot).map_err(drop)?;
            let entry = opcode::OpenAt::new(Fd(folder.0.as_raw_fd()), name.as_ptr())
                .flags(flags.bits() as i32)
                .file_index(Some(slot))
                .build();
            self.push(entry.user_data(at as u64))?;
            waiting += 1;
        }
        let mut results = ([None; GROUP], [None; GROUP]);
        // All must be done before their names and buffers are used again.
        while waiting > 0 {
            if let Err(error) = self.ring.submit_and_wait(waiting)
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                self.abandon();
                return Err(());
            }
            for completion in self.ring.completion() {
                let data = completion.user_data();
                let at = (data & !READ) as usize;
                let result = Some(completion.result());
                if data & READ == 0 {
                    results.0[at] = result;
                } else {
                    results.1[at] = result;
                }
                waiting -= 1;
            }
        }
        Ok(results)
    }

    fn push(&mut self, entry: squeue::Entry) -> Result<(), ()> {
        // SAFETY: the entry's name lives as long as the caller of `read` holds it, its buffer as long as this ring, and
        // `step` waits for every entry it pushed before either is touched again; where waiting fails, `abandon` keeps
        // the buffers for ever. The queue has room for all entries of a step.
        #[allow(unsafe_code)]
        unsafe { self.ring.submission().push(&entry) }.map_err(drop)
    }

    /// Leaves the buffers to operations that may still be under way.
    fn abandon(&mut self) {
        std::mem::forget(std::mem::take(&mut self.buffers));
    }
}

fn group<'n, 'c>(names: &'n [&'c CStr], at: usize) -> &'n [&'c CStr] {
    &names[at * GROUP..((at + 1) * GROUP).min(names.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;

    #[test]
    fn contents_come_in_order_and_failures_are_left() {
        let Some(mut ring) = Ring::new() else {
            eprintln!("no io_uring on this system: nothing was tested");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let mut names = Vec::new();
        for at in 0..100usize {
            let name = format!("{at}");
            // Every seventh is missing, one is as large as the buffer.
            if at % 7 != 3 {
                let size = if at == 50 { SIZE } else { at };
                std::fs::write(folder.path().join(&name), vec![at as u8; size]).unwrap();
            }
            names.push(CString::new(name).unwrap());
        }
        let names: Vec<&CStr> = names.iter().map(CString::as_c_str).collect();
        let file = std::fs::File::open(folder.path()).unwrap();
        let file = Dir(file.into());
        for _ in 0..2 {
            let mut seen = 0;
            let result = ring.read(&file, &names, Opening::NoFollow, |at, content| {
                assert_eq!(at, seen);
                seen += 1;
                match content {
                    Some(content) => assert_eq!(content, vec![at as u8; at]),
                    None => assert!(at % 7 == 3 || at == 50),
                }
                true
            });
            assert_eq!((result, seen), (Ok(()), 100));
        }
    }
}
