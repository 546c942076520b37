//! Ctrl-C and its like: noted, so that a transaction can roll back before it ends.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on, Ctrl-C, Ctrl-Break and the end of the console or the session set the flag that is returned. It is meant
/// for a transaction's settings.
///
/// # Errors
/// Where the handler cannot be set.
pub fn stop_on_signals() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::clone(STOP.get_or_init(Arc::default));
    // SAFETY: the handler is a function of the type that is asked for, and stays.
    match unsafe { SetConsoleCtrlHandler(Some(note), 1) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(stop),
    }
}

/// Runs in a thread of its own.
unsafe extern "system" fn note(event: u32) -> i32 {
    if let Some(stop) = STOP.get() {
        stop.store(true, Ordering::Relaxed);
    }
    if !matches!(event, CTRL_C_EVENT | CTRL_BREAK_EVENT) {
        // The system ends the process when this returns, and after five seconds anyway.
        std::thread::sleep(Duration::from_secs(10));
    }
    1
}
