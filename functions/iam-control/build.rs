//! Gathers the manifests of all functions, which say what modules may do to each other.
#![allow(missing_docs)]

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let variable = |name| env::var(name).map_err(io::Error::other);
    let folder = variable("CARGO_MANIFEST_DIR")?;
    let functions = Path::new(&folder).join("..");
    println!("cargo::rerun-if-changed={}", functions.display());
    let mut manifests = Vec::new();
    for entry in fs::read_dir(&functions)? {
        let file = entry?.path().join("function.yaml");
        if file.is_file() {
            println!("cargo::rerun-if-changed={}", file.display());
            manifests.push(file.canonicalize()?);
        }
    }
    manifests.sort();
    let lines: String =
        manifests.iter().map(|file| format!("    include_str!({file:?}),\n")).collect();
    let out = Path::new(&variable("OUT_DIR")?).join("manifests.rs");
    fs::write(out, format!("&[\n{lines}]\n"))
}
