//! `audit verify`: a downloaded log, or one proof, offline.

use std::{path::PathBuf, process::ExitCode};

use audit_engine::offline::{self, OfflineError, Report};
use clap::ArgGroup;

/// Something is wrong with what was verified.
const WRONG: u8 = 1;
/// There is no such file, or it cannot be read (`EX_NOINPUT`).
const NO_INPUT: u8 = 66;

/// Verifies a downloaded audit log, or the proof of one record, offline
///
/// A folder holds the files of c2sp.org/tlog-tiles: `checkpoint`, `tile/...`, and `policy`
/// with the keys that count. Every tile is computed anew from the entries. One downloaded from
/// the bucket of the log's copy has no `checkpoint`: the last one in `checkpoints/` counts whose
/// entries are all there. Exits with 1 when anything is wrong.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("what").required(true).args(["log", "proof"])), after_help = "\
Examples:
  audit verify --log ./log --policy trusted-policy
  gcloud storage cp -r 'gs://my-project-log/*' ./log && audit verify --log ./log --policy trusted-policy
  audit verify --log ./log --known last-year.checkpoint
  audit verify --log ./log --record 0199f8c2-…
  audit verify --proof 0199f8c2-….tlog-proof --policy trusted-policy")]
pub struct Args {
    /// The folder of a downloaded log
    #[arg(long, value_name = "FOLDER")]
    log: Option<PathBuf>,
    /// A file of c2sp.org/tlog-proof
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// The journal record that has to be there
    #[arg(long, value_name = "ID")]
    record: Option<String>,
    /// Whose signatures count, as a tlog policy [default: the one in the folder]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Checkpoints that you kept: the log must have only grown since
    #[arg(long, value_name = "FILE")]
    known: Vec<PathBuf>,
}

/// Verifies, and says what is wrong.
pub fn run(args: &Args) -> ExitCode {
    let verified = match (&args.log, &args.proof) {
        (Some(folder), _) => {
            offline::log(folder, args.policy.as_deref(), &args.known, args.record.as_deref())
        }
        (None, Some(file)) => offline::proof(file, args.policy.as_deref(), args.record.as_deref()),
        (None, None) => return ExitCode::from(super::USAGE),
    };
    match verified {
        Ok(report) => said(&report),
        Err(error) => {
            eprintln!("audit verify: {error}");
            let cannot_read = matches!(error, OfflineError::File { .. });
            ExitCode::from(if cannot_read { NO_INPUT } else { WRONG })
        }
    }
}

fn said(report: &Report) -> ExitCode {
    for line in &report.said {
        println!("{line}");
    }
    for problem in &report.problems {
        eprintln!("WRONG: {problem}");
    }
    if report.problems.is_empty() {
        println!("verified");
        return ExitCode::SUCCESS;
    }
    eprintln!("NOT VERIFIED: {} problems", report.problems.len());
    ExitCode::from(WRONG)
}
