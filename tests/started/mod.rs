//! How tests start a program.

use std::process::{Child, Command};

/// Starts a program, once more where wine answers that it failed within itself, as it now and then does.
pub(crate) fn started(command: &mut Command) -> Child {
    const INTERNAL_ERROR: i32 = 1359;
    for _ in 0..10 {
        match command.spawn() {
            Err(error) if cfg!(windows) && error.raw_os_error() == Some(INTERNAL_ERROR) => {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            child => return child.expect("the binary starts"),
        }
    }
    panic!("wine starts no program");
}
