//! One-shot audits, without a database.

#[path = "audit/run.rs"]
mod run;
#[path = "audit/verify.rs"]
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Audits what is in files, and verifies a downloaded audit log.
#[derive(Debug, Parser)]
#[command(name = "audit", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    Verify(verify::Args),
}

/// The command line is wrong (`EX_USAGE` of `sysexits.h`).
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way, too.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Verify(args) => verify::run(&args),
    }
}
