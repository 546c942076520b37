//! What threads share.

/// Gives this thread its own table of file descriptors where the system has such, so that opening and closing files does
/// not contend with the other threads. To be called before anything is opened: what is opened in this thread from then on
/// must be used and closed in it alone.
pub fn own_descriptors() {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{UnshareFlags, unshare_unsafe};
        // SAFETY: descriptors opened in this thread from now on are used and closed in this thread alone: a batch
        // brings paths, never descriptors, and standard input and output stand in both tables. Where it fails, the
        // table stays shared, which is slower and no more.
        #[allow(unsafe_code)]
        let _ = unsafe { unshare_unsafe(UnshareFlags::FILES) };
    }
}

/// Runs `run` on a stack of eight mebibytes, as elsewhere the first thread has: on Windows it has one.
pub fn on_a_large_stack<T: Send + 'static>(run: fn() -> T) -> T {
    #[cfg(windows)]
    {
        const STACK: usize = 8 << 20;
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(run);
        match thread.map(std::thread::JoinHandle::join) {
            Ok(Ok(done)) => return done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // No thread is left: the stack there is will do.
            Err(_) => {}
        }
    }
    run()
}
