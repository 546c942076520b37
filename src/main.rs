//! argv in, exit status out.

#![cfg_attr(all(target_os = "linux", target_env = "gnu"), no_main)]

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod entry;

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn main() -> std::process::ExitCode {
    grini::system::threads::on_a_large_stack(run).into()
}

/// What the process is to exit with.
fn run() -> u8 {
    grini::run::run(std::env::args_os().collect()).code()
}
