//! The binary: hands the command line to `hub::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hub::cli::main(std::env::args_os())
}
