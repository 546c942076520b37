//! Room on the stack for what recurses as deep as a pattern is nested.

/// Nesting that any thread's stack has room for.
const SHALLOW: usize = 100;
/// Bytes of stack for each level beyond.
const LEVEL: usize = 32 << 10;

/// Runs `work`, which recurses `depth` levels deep, on a thread of its own if need be.
///
/// # Errors
/// No thread can be had.
pub(super) fn run<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    if depth <= SHALLOW {
        return Ok(work());
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size((4 << 20) + depth * LEVEL);
        match thread.spawn_scoped(scope, work) {
            Ok(handle) => match handle.join() {
                Ok(done) => Ok(done),
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Err(_) => Err(format!(
                "no memory or no thread for a pattern nested {depth} deep; nest it less, or allow more of both"
            )),
        }
    })
}
