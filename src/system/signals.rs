//! Ctrl-C and its like: noted, so that a transaction can roll back before it ends.

use signal_hook::consts::{
    SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ,
};
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What would end the process, and is meant to let it end in order: Ctrl-C, a closed terminal, a limit on its time.
const ENDING: [i32; 8] = [
    SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU,
];

/// From now on, signals that would end the process set the flag that is returned instead; those that are ignored (by
/// nohup(1), or in the background of a script) stay so. It is meant for a transaction's settings.
///
/// A write beyond the limit on file sizes (SIGXFSZ) becomes an error of that write, too.
///
/// # Errors
/// Where a handler cannot be set.
pub fn stop_on_signals() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in ENDING.into_iter().filter(|&signal| !is_ignored(signal)) {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    Ok(stop)
}

fn is_ignored(signal: i32) -> bool {
    // SAFETY: all zeros are a value of the type, and the call only writes what is done on the signal now.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut now) == 0
            && now.sa_sigaction == libc::SIG_IGN
    }
}
