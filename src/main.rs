//! The command `franking`.

use std::process::ExitCode;

fn main() -> ExitCode {
    franking::cli::run(std::env::args_os())
}
