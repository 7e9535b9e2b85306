//! The log files: one for each part, bounded, with one predecessor kept.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The largest log file. Above it the file is moved aside and starts again, so a
/// part that logs without end costs at most twice as much.
const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Returns the folder of a stack's log files.
#[must_use]
pub fn folder(state: &Path) -> PathBuf {
    state.join("logs")
}

/// Returns the log file of a part.
#[must_use]
pub fn file(state: &Path, part: &str) -> PathBuf {
    folder(state).join(format!("{part}.log"))
}

/// Keeps the last run's log under another name; the next one starts empty.
///
/// # Errors
/// When the folder cannot be written to.
pub fn rotate(state: &Path, part: &str) -> io::Result<()> {
    fs::create_dir_all(folder(state))?;
    let file = file(state, part);
    match fs::rename(&file, previous(&file)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Opens a part's log at its end.
///
/// # Errors
/// When it cannot be opened.
pub fn open(state: &Path, part: &str) -> io::Result<File> {
    fs::create_dir_all(folder(state))?;
    // Appending: a file that is cut off goes on from its new end.
    File::options().create(true).append(true).open(file(state, part))
}

/// Moves the content of every log above the bound aside.
pub fn bound(state: &Path) {
    let Ok(entries) = fs::read_dir(folder(state)) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let large = entry.metadata().is_ok_and(|metadata| metadata.len() > LOG_BYTES_MAX);
        if large && path.extension().is_some_and(|extension| extension == "log") {
            // The part keeps the file open, so its content is copied and cut off.
            let _ = fs::copy(&path, previous(&path));
            let _ = File::options().write(true).open(&path).and_then(|file| file.set_len(0));
        }
    }
}

/// Returns the last lines of a part's log.
#[must_use]
pub fn tail(state: &Path, part: &str, lines: usize) -> String {
    let text = fs::read(file(state, part)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all = text.lines().collect::<Vec<_>>();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Returns where what came before a log is kept.
#[must_use]
pub fn previous(file: &Path) -> PathBuf {
    file.with_extension("log.1")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_log_keeps_one_predecessor_and_its_bound() {
        let state = std::env::temp_dir().join(format!("mesh-logs-{}", uuid::Uuid::now_v7()));
        rotate(&state, "a").expect("nothing to keep");
        let mut log = open(&state, "a").expect("opens");
        writeln!(log, "one\ntwo\nthree").expect("writes");
        assert_eq!(tail(&state, "a", 2), "two\nthree");
        rotate(&state, "a").expect("renames");
        assert_eq!(tail(&state, "a", 9), "");
        assert_eq!(fs::read(folder(&state).join("a.log.1")).expect("kept"), b"one\ntwo\nthree\n");

        let mut log = open(&state, "a").expect("opens");
        log.set_len(LOG_BYTES_MAX).expect("sparse");
        bound(&state);
        assert_eq!(log.metadata().expect("there").len(), LOG_BYTES_MAX);
        writeln!(log, "x").expect("writes");
        bound(&state);
        assert_eq!(log.metadata().expect("there").len(), 0);
        writeln!(log, "goes on").expect("writes");
        assert_eq!(tail(&state, "a", 1), "goes on");
        fs::remove_dir_all(&state).expect("was there");
    }
}
