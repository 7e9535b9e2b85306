//! The commands of `mesh`.

mod admin;
mod bridge;
mod clock;
mod down;
mod import;
mod letters;
mod log;
mod log_line;
mod logs;
mod meshnet;
mod overview;
mod place;
mod send;
mod status;
mod tick;
mod token;
mod trace_tree;
mod up;

use std::{future::Future, process::ExitCode};

use clap::{Parser, Subcommand};
use tokio::runtime::Builder;

use crate::{
    failure::{Failure, USAGE},
    terminal::tell,
};

/// Runs the whole mesh on this machine, on Google's own emulators, offline.
#[derive(Debug, Parser)]
#[command(name = "mesh", version, bin_name = "mesh", max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  mesh up                       start everything, and stop it with Ctrl-C
  mesh up --detach              the same in the background; `mesh down` stops it
  mesh import estate.ndjson     load an export of Cloud Asset Inventory
  mesh tick nightly             run the nightly audit now

Exit codes: 0 done; 3 `status` of a stack that does not run; 64 wrong command line;
65 wrong data; 69 something is not there; 70 something failed.";

#[derive(Debug, Subcommand)]
enum Command {
    Up(up::Args),
    Down(down::Args),
    Status(status::Args),
    Import(import::Args),
    Token(token::Args),
    Send(send::Args),
    Tick(tick::Args),
    Clock(clock::Args),
    Letters(letters::Args),
    Log(log::Args),
    Logs(logs::Args),
    #[command(hide = true)]
    Bridge(bridge::Args),
    #[command(hide = true)]
    Meshnet(meshnet::Args),
}

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way, too.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let result = match cli.command {
        Command::Up(args) => on_main_thread(up::run(args)),
        Command::Down(args) => on_main_thread(down::run(args)),
        Command::Status(args) => return exit_code(on_main_thread(status::run(args))),
        Command::Import(args) => on_main_thread(import::run(args)),
        Command::Token(args) => on_main_thread(token::run(args)),
        Command::Send(args) => on_main_thread(send::run(args)),
        Command::Tick(args) => on_main_thread(tick::run(args)),
        Command::Clock(args) => on_main_thread(clock::run(args)),
        Command::Letters(args) => on_main_thread(letters::run(args)),
        Command::Log(args) => on_main_thread(log::run(args)),
        Command::Logs(args) => on_main_thread(logs::run(args)),
        Command::Bridge(args) => bridge::run(args),
        Command::Meshnet(args) => meshnet::run(args),
    };
    exit_code(result.map(|()| ExitCode::SUCCESS))
}

/// Runs on the main thread alone, which the supervisor's children depend on.
fn on_main_thread<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Failure::internal)?;
    let result = runtime.block_on(work);
    // Nothing that still waits in the background may hold up the end.
    runtime.shutdown_background();
    result
}

fn exit_code(result: Result<ExitCode, Failure>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(failure) => {
            tell(&failure);
            ExitCode::from(failure.code)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_every_command_explains_itself() {
        Cli::command().debug_assert();
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
        }
    }
}
