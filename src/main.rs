//! argv in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    let status = grini::run::run(std::env::args_os().collect());
    ExitCode::from(status.code())
}
