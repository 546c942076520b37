//! Stacks of threads.

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
