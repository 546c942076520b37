//! Room on the stack for what recurses as deep as a pattern is nested.

/// Nesting that any thread's stack has room for.
const SHALLOW: usize = 100;
/// Bytes of stack for each level beyond.
const LEVEL: usize = 32 << 10;

/// Runs `work`, which recurses `depth` levels deep, on a thread of its own if need be.
pub(super) fn run<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> T {
    if depth <= SHALLOW {
        return work();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size((4 << 20) + depth * LEVEL);
        match thread.spawn_scoped(scope, work) {
            Ok(handle) => handle
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => panic!("no thread for a deeply nested pattern: {error}"),
        }
    })
}
