//! `mesh logs`: what the parts write.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::sleep;

use super::{
    log_line::render,
    place::Place,
    trace_tree::{self, Line},
};
use crate::{
    failure::Failure,
    supervisor::logs,
    terminal::{say, tell},
};

/// How often a log that is followed is looked at.
const POLL: Duration = Duration::from_millis(250);
/// How much of a log is read at once, and at most for its last lines.
const CHUNK_BYTES: u64 = 1024 * 1024;
/// How many lines of one trace are shown: an import may cause hundreds of thousands.
const TRACE_LINES_MAX: usize = 5_000;

/// Shows the logs of the parts, readable
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh logs                      the last lines of every part
  mesh logs audit-engine -f      follow one function
  mesh logs bridge -n 500        more lines
  mesh logs audit-engine --json  as they are, for `jq`
  mesh logs --trace 0198b9a2-7e3c-7c3e-8a2f-0f5f3a1c2b4d   what one request caused, as a tree")]
pub struct Args {
    /// A function, or firestore, pubsub, auth, bridge, mesh [default: all]
    part: Option<String>,
    /// Goes on with what is written from now
    #[arg(short, long)]
    follow: bool,
    /// How many of the last lines are shown
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    lines: usize,
    /// Shows one request's way through the mesh as a tree: a trace id, a `traceparent`, or the
    /// `x-request-id` of an answer
    #[arg(long, value_name = "ID", conflicts_with_all = ["part", "follow", "lines"])]
    trace: Option<String>,
    /// Shows lines as they are
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Shows the logs.
pub async fn run(args: Args) -> Result<(), Failure> {
    let state = args.place.state()?;
    let mut read = BTreeMap::<PathBuf, u64>::new();
    let files = files(&state, args.part.as_deref());
    if files.is_empty() {
        let known = self::files(&state, None).iter().map(|file| name(file)).collect::<Vec<_>>();
        return Err(match (&args.part, known.is_empty()) {
            (Some(part), false) => Failure::usage(format!("`{part}` has no log"))
                .next(format!("Take one of: {}.", known.join(", "))),
            _ => Failure::unavailable(format!(
                "no stack has run on port base {}",
                args.place.port_base
            ))
            .next("Start one with `emulator/up`."),
        });
    }
    if let Some(id) = &args.trace {
        return follow_trace(&files, trace_tree::id_of(id), args.json);
    }
    let several = files.len() > 1;
    let show = |file: &Path, line: &str| {
        let line = if args.json { line.to_owned() } else { render(line) };
        match several && !args.json {
            true => say(format!("{:16} {line}", name(file))),
            false => say(line),
        }
    };
    for file in files {
        let (lines, end) = tail(&file, args.lines).map_err(Failure::internal)?;
        lines.iter().for_each(|line| show(&file, line));
        read.insert(file, end);
    }
    if !args.follow {
        return Ok(());
    }
    loop {
        sleep(POLL).await;
        for file in self::files(&state, args.part.as_deref()) {
            let from = read.entry(file.clone()).or_default();
            let (lines, end) = since(&file, *from).map_err(Failure::internal)?;
            lines.iter().for_each(|line| show(&file, line));
            *from = end;
        }
    }
}

/// Shows what a trace, or a request that is named by its id, left in all the logs.
fn follow_trace(files: &[PathBuf], id: &str, as_they_are: bool) -> Result<(), Failure> {
    let (mut found, mut id) = (of_trace(files, id).map_err(Failure::internal)?, id.to_owned());
    let trace = found.first().map(|(line, _)| line.trace().to_owned());
    if let Some(trace) = trace.filter(|trace| *trace != id) {
        // A request's id is only the first function's; its trace goes further.
        (found, id) = (of_trace(files, &trace).map_err(Failure::internal)?, trace);
    }
    if found.is_empty() {
        return Err(Failure::unavailable(format!("no line is of the trace `{id}`"))
            .next("Answers carry `x-request-id`, and `mesh logs --json` shows traces."));
    }
    if found.len() == TRACE_LINES_MAX {
        tell(format!("The trace has more lines than the {TRACE_LINES_MAX} that are shown."));
    }
    match as_they_are {
        true => found.iter().for_each(|(_, text)| say(text)),
        false => {
            say(trace_tree::render(found.into_iter().map(|(line, _)| line).collect()).trim_end())
        }
    }
    Ok(())
}

/// Returns the lines of a trace or a request, with their text, from logs and what came before them.
fn of_trace(files: &[PathBuf], id: &str) -> std::io::Result<Vec<(Line, String)>> {
    let mut found = Vec::new();
    for file in files {
        for file in [logs::previous(file), file.clone()] {
            let opened = match File::open(&file) {
                Ok(opened) => BufReader::new(opened),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for text in opened.split(b'\n') {
                let text = String::from_utf8_lossy(&text?).into_owned();
                // Most lines are of other traces, and need not be read to know it.
                let line = text.contains(id).then(|| Line::parse(&part(&file), &text)).flatten();
                if let Some(line) = line.filter(|line| line.is_of(id)) {
                    found.push((line, text));
                }
                if found.len() == TRACE_LINES_MAX {
                    return Ok(found);
                }
            }
        }
    }
    Ok(found)
}

/// Returns whose log a file is, also of one that was moved aside.
fn part(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

fn files(state: &Path, part: Option<&str>) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(logs::folder(state)) else { return Vec::new() };
    let mut files = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "log"))
        .filter(|file| part.is_none_or(|part| name(file) == part))
        .collect::<Vec<_>>();
    files.sort();
    files
}

fn name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the last lines of a file, and where they end.
fn tail(file: &Path, count: usize) -> std::io::Result<(Vec<String>, u64)> {
    let length = fs::metadata(file)?.len();
    let (mut lines, end) = since(file, length.saturating_sub(CHUNK_BYTES))?;
    lines.drain(..lines.len().saturating_sub(count));
    Ok((lines, end))
}

/// Returns the whole lines that follow a place, and where they end.
///
/// A file that became shorter was cut off and is read from its start.
fn since(path: &Path, from: u64) -> std::io::Result<(Vec<String>, u64)> {
    let mut file = File::open(path)?;
    let from = if file.metadata()?.len() < from { 0 } else { from };
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(CHUNK_BYTES).read_to_end(&mut bytes)?;
    let full = bytes.len() as u64 == CHUNK_BYTES;
    let whole = match bytes.iter().rposition(|byte| *byte == b'\n') {
        Some(last) => last + 1,
        // A line without an end would never be shown otherwise.
        None if full => bytes.len(),
        None => 0,
    };
    let text = String::from_utf8_lossy(bytes.get(..whole).unwrap_or_default());
    Ok((text.lines().map(str::to_owned).collect(), from + whole as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_shown_and_none_twice() {
        let file = std::env::temp_dir().join(format!("mesh-log-{}", uuid::Uuid::now_v7()));
        fs::write(&file, "one\ntwo\nthr").expect("writes");
        let (lines, end) = tail(&file, 1).expect("reads");
        assert_eq!((lines, end), (vec!["two".to_owned()], 8));
        fs::write(&file, "one\ntwo\nthree\n").expect("writes");
        assert_eq!(since(&file, end).expect("reads"), (vec!["three".to_owned()], 14));
        fs::write(&file, "new\n").expect("writes");
        assert_eq!(since(&file, 14).expect("reads"), (vec!["new".to_owned()], 4));
        fs::remove_file(&file).expect("was there");
    }
}
