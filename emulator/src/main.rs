//! `mesh`: the whole mesh on one machine.

use std::process::ExitCode;

fn main() -> ExitCode {
    emulator::commands::run()
}
