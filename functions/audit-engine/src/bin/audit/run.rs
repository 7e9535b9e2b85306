//! `audit run`: exports in files against the controls, without a database.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use audit_engine::{
    assess::{Assessed, Assessment, Keep, assess},
    control::ControlSet,
    plan::Plan,
    report::{Format, render},
};
use jiff::Timestamp;
use model::{audit::Verdict, finding::Severity};

/// A control fails that may not.
const FAILURES: u8 = 1;
/// The data are wrong (`EX_DATAERR`).
const DATA: u8 = 65;
/// The report cannot be written (`EX_IOERR`).
const OUTPUT: u8 = 74;

/// Audits exports of Cloud Asset Inventory by the controls
///
/// A file that is wrong anywhere is left out whole and named: what is looked for among other
/// assets and not found is then unknown, and the program exits with 65. Otherwise it exits
/// with 1 when a control of the severity, or a higher one, fails.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  audit run --estate estate.ndjson
  audit run --estate exports/ --now 2026-11-23T00:00:00Z --format csv > verdicts.csv
  audit run --estate estate.ndjson --format html --output audit.html
  audit run --plan plan.json --min-severity medium
  audit run --estate estate.ndjson --controls our-controls/ --min-severity critical")]
pub struct Args {
    /// Exports: newline-delimited JSON or arrays, also in gzip; of a folder, its files
    #[arg(long, required_unless_present = "plan", value_name = "FILE|FOLDER")]
    estate: Vec<PathBuf>,
    /// A plan of Terraform in JSON, to audit what it would make: `terraform show -json PLAN`
    #[arg(long, conflicts_with = "estate", value_name = "FILE")]
    plan: Option<PathBuf>,
    /// The instant to judge for [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<Timestamp>,
    /// A folder with controls besides those that the engine comes with
    #[arg(long, value_name = "FOLDER")]
    controls: Option<PathBuf>,
    /// How to tell it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Which failures make the program fail
    #[arg(long, value_enum, default_value = "high", value_name = "SEVERITY")]
    min_severity: Least,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Least {
    Low,
    Medium,
    High,
    Critical,
}

/// What a report comes to.
enum Said {
    Holds,
    /// A control fails that may not.
    Fails,
    /// A file is left out.
    Incomplete,
}

/// Audits, and writes the report.
pub fn run(args: &Args) -> ExitCode {
    match audit(args) {
        Ok(Said::Incomplete) => ExitCode::from(DATA),
        Ok(Said::Fails) => ExitCode::from(FAILURES),
        Ok(Said::Holds) => ExitCode::SUCCESS,
        Err((code, reason)) => {
            eprintln!("audit run: {reason}");
            ExitCode::from(code)
        }
    }
}

fn audit(args: &Args) -> Result<Said, (u8, String)> {
    let mut set = ControlSet::built_in();
    if let Some(folder) = &args.controls {
        let broken = set.extend(folder).map_err(|error| (DATA, error.to_string()))?;
        for error in broken {
            eprintln!("audit run: left out: {error}");
        }
    }
    let now = args.now.unwrap_or_else(Timestamp::now).into();
    let format = args.format;
    let Assessed { assessment, refused } = match &args.plan {
        Some(path) => planned(path, &set, now, format.keep())?,
        None => exported(&args.estate, &set, now, format.keep())?,
    };
    for error in &refused {
        eprintln!("audit run: left out: {error}");
    }
    match &args.output {
        Some(path) => write_file(path, format, &assessment),
        None => write(format, &assessment, io::stdout().lock()),
    }?;
    let least = match args.min_severity {
        Least::Low => Severity::Low,
        Least::Medium => Severity::Medium,
        Least::High => Severity::High,
        Least::Critical => Severity::Critical,
    };
    let mut failing = assessment.rows.iter().filter(|row| row.verdict == Verdict::Fail);
    Ok(match failing.any(|row| row.control.severity >= least) {
        _ if !refused.is_empty() => Said::Incomplete,
        true => Said::Fails,
        false => Said::Holds,
    })
}

fn exported<'c>(
    paths: &[PathBuf],
    set: &'c ControlSet,
    now: model::Timestamp,
    keep: Keep,
) -> Result<Assessed<'c>, (u8, String)> {
    let mut files = Vec::new();
    for path in paths {
        files
            .extend(exports(path).map_err(|error| (DATA, format!("{}: {error}", path.display())))?);
    }
    assess(set, &files, now, keep).map_err(|error| (DATA, error.to_string()))
}

fn planned<'c>(
    path: &Path,
    set: &'c ControlSet,
    now: model::Timestamp,
    keep: Keep,
) -> Result<Assessed<'c>, (u8, String)> {
    let plan = Plan::read(path).map_err(|error| (DATA, format!("`--plan`: {error}")))?;
    for (kind, count) in &plan.not_checked {
        eprintln!("audit run: not checked: {count} of {kind}");
    }
    Ok(Assessed { assessment: plan.assess(set, now, keep), refused: Vec::new() })
}

fn write(format: Format, assessment: &Assessment<'_>, out: impl Write) -> Result<(), (u8, String)> {
    let mut out = BufWriter::new(out);
    let written = render(format, assessment, &mut out).and_then(|()| out.flush());
    written.map_err(|error| (OUTPUT, format!("cannot write the report: {error}")))
}

/// Writes beside the file and then takes its place: nobody reads half a report.
fn write_file(
    path: &Path,
    format: Format,
    assessment: &Assessment<'_>,
) -> Result<(), (u8, String)> {
    let failed = |error: io::Error| (OUTPUT, format!("`--output {}`: {error}", path.display()));
    let name = path.file_name().ok_or_else(|| failed(io::ErrorKind::IsADirectory.into()))?;
    let mut partial = name.to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = path.with_file_name(partial);
    let file = File::create(&partial).map_err(failed)?;
    let written =
        write(format, assessment, file).and_then(|()| fs::rename(&partial, path).map_err(failed));
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written
}

/// Returns a file, or the files of a folder that may be exports, in the order of names.
fn exports(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in path.read_dir()? {
        let file = entry?.path();
        let name = file.to_string_lossy();
        if [".json", ".ndjson", ".jsonl", ".gz"].iter().any(|end| name.ends_with(end)) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
