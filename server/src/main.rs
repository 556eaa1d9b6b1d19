//! The one binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    zhunsheng::commands::run(std::env::args_os())
}
