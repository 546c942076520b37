//! Ctrl-C and its like: noted, so that a transaction can roll back before it ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// From now on, SIGINT and SIGTERM set the flag that is returned instead of ending the process. It is
/// meant for a transaction's settings.
///
/// A write beyond the limit on file sizes (SIGXFSZ) becomes an error of that write, too.
///
/// # Errors
/// Where a handler cannot be set.
pub fn stop_on_signals() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
    Ok(stop)
}
