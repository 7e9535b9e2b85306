//! The mesh on the real emulators: every handler twice, late and out of order,
//! and every way in which a caller, an event or a process can be wrong.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod api;
mod attacks;
mod callers;
mod checks;
mod cloud_changes;
mod controls;
mod estate;
mod feed;
mod letters;
mod listing;
mod log;
mod logs;
mod malformed;
mod overrides;
mod own_controls;
mod page;
mod people;
mod proxy;
mod reports;
mod revocation;
mod rules;
mod runtime;
mod slow;
mod storing;
mod traces;
mod twice;

use std::path::PathBuf;

/// The root of the repository.
fn root() -> PathBuf {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ has a parent").to_owned()
}

/// Real exports that nobody here wrote; they stand beside the repository, if at all.
fn corpus() -> Option<Vec<PathBuf>> {
    let folder = std::env::var_os("MESH_CORPUS")
        .map_or_else(|| root().join("../shared/corpus"), PathBuf::from);
    let files = std::fs::read_dir(folder.join("assets")).ok()?;
    let mut files: Vec<_> = files
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    Some(files)
}

/// The program that shows how the runtime behaves.
fn probe() -> testkit::Setup {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_probe"));
    let manifest = include_str!("../probe/function.yaml").to_owned();
    testkit::Setup { programs: vec![(program, manifest)], ..testkit::Setup::default() }
}
