//! The one binary: everything is in the library.

use std::process::ExitCode;

/// States of matters are many small texts: read and made with this allocator a simulation takes a tenth less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    zhunsheng::commands::run(std::env::args_os())
}
