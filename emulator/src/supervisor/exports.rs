//! The documents of the Firestore emulator, kept on disk.
//!
//! The emulator holds everything in memory, and its own `--export-on-exit`
//! writes nothing, so it is asked for exports while it runs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use serde_json::json;

use crate::stack::Stack;

/// How many exports are kept: one may be needed while the next is written.
const KEPT: usize = 2;
/// An export writes every document; far more than a local estate needs.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(60);
const STATUS_TIMEOUT: Duration = Duration::from_secs(3);
/// Says that an export is whole: it is written last.
const WHOLE: &str = "whole";

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder cannot be used.
    #[error("cannot use `{}`: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The emulator is away.
    #[error("the Firestore emulator cannot be asked for an export: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// The emulator refused.
    #[error("the Firestore emulator refused an export: {0}")]
    Refused(String),
}

/// Exports the documents of one stack.
#[derive(Debug)]
pub struct Exports {
    folder: PathBuf,
    project: String,
    firestore_port: u16,
    bridge_port: u16,
    http: reqwest::Client,
    /// How many events the bridge had accepted when the last export was made.
    seen: Option<u64>,
}

#[derive(Deserialize)]
struct Accepted {
    accepted: u64,
}

impl Exports {
    /// Names the exports of a stack.
    #[must_use]
    pub fn of(stack: &Stack, http: reqwest::Client) -> Self {
        Self {
            folder: folder(&stack.state),
            project: stack.project.clone(),
            firestore_port: stack.firestore_port(),
            bridge_port: stack.bridge_port(),
            http,
            seen: None,
        }
    }

    /// Exports unless the bridge has seen no event since the last time.
    ///
    /// # Errors
    /// When an export is due and cannot be made.
    pub async fn make_if_changed(&mut self) -> Result<(), ExportError> {
        let accepted = self.accepted().await;
        if accepted.is_some() && accepted == self.seen {
            return Ok(());
        }
        self.make().await?;
        self.seen = accepted;
        Ok(())
    }

    /// Exports every document, and forgets all but the newest exports.
    ///
    /// # Errors
    /// When the export cannot be made; then the earlier ones stay.
    pub async fn make(&self) -> Result<(), ExportError> {
        let name = numbers(&self.folder).last().map_or(1, |last| last + 1).to_string();
        let export = self.folder.join(&name);
        fs::create_dir_all(&self.folder).map_err(|source| self.failed(source))?;
        let url = format!(
            "http://127.0.0.1:{}/emulator/v1/projects/{}:export",
            self.firestore_port, self.project
        );
        let answer = self
            .http
            .post(url)
            .timeout(EXPORT_TIMEOUT)
            .json(&json!({
                "database": format!("projects/{}/databases/(default)", self.project),
                "export_directory": self.folder,
                "export_name": name,
            }))
            .send()
            .await?;
        if !answer.status().is_success() {
            let _ = fs::remove_dir_all(&export);
            return Err(ExportError::Refused(answer.text().await.unwrap_or_default()));
        }
        fs::write(export.join(WHOLE), "").map_err(|source| self.failed(source))?;
        self.forget_old();
        Ok(())
    }

    async fn accepted(&self) -> Option<u64> {
        let url = format!("http://127.0.0.1:{}/admin/status", self.bridge_port);
        let answer = self.http.get(url).timeout(STATUS_TIMEOUT).send().await.ok()?;
        Some(answer.json::<Accepted>().await.ok()?.accepted)
    }

    fn forget_old(&self) {
        let whole = whole_numbers(&self.folder);
        let oldest_kept = whole.iter().rev().nth(KEPT - 1).copied().unwrap_or_default();
        for number in numbers(&self.folder).into_iter().filter(|number| *number < oldest_kept) {
            let _ = fs::remove_dir_all(self.folder.join(number.to_string()));
        }
    }

    fn failed(&self, source: io::Error) -> ExportError {
        ExportError::Folder { path: self.folder.clone(), source }
    }
}

/// Returns the folder of a stack's exports.
#[must_use]
pub fn folder(state: &Path) -> PathBuf {
    state.join("firestore")
}

/// Returns the newest whole export, as `--import-data` wants it.
#[must_use]
pub fn newest(state: &Path) -> Option<PathBuf> {
    let folder = folder(state);
    let number = *whole_numbers(&folder).last()?;
    Some(folder.join(number.to_string()).join(format!("{number}.overall_export_metadata")))
}

fn whole_numbers(folder: &Path) -> Vec<u64> {
    let is_whole = |number: &u64| folder.join(number.to_string()).join(WHOLE).is_file();
    numbers(folder).into_iter().filter(is_whole).collect()
}

/// Returns the numbers of all exports, the broken ones too, in order.
fn numbers(folder: &Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut numbers = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect::<Vec<u64>>();
    numbers.sort_unstable();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exports(state: &Path) -> Exports {
        Exports {
            folder: folder(state),
            project: "demo-mesh".into(),
            firestore_port: 1,
            bridge_port: 1,
            http: reqwest::Client::new(),
            seen: None,
        }
    }

    #[test]
    fn the_newest_whole_export_counts_and_two_are_kept() {
        let state = std::env::temp_dir().join(format!("mesh-exports-{}", uuid::Uuid::now_v7()));
        assert_eq!(newest(&state), None);
        for number in [2, 9, 10, 11] {
            let folder = folder(&state).join(number.to_string());
            fs::create_dir_all(&folder).expect("a folder");
            if number != 11 {
                fs::write(folder.join(WHOLE), "").expect("a file");
            }
        }
        let newest = newest(&state).expect("three are whole");
        assert!(newest.ends_with("10/10.overall_export_metadata"), "{}", newest.display());
        exports(&state).forget_old();
        assert_eq!(numbers(&folder(&state)), [9, 10, 11]);
        fs::remove_dir_all(&state).expect("was there");
    }
}
