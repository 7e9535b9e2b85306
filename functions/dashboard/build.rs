//! Gathers what the program holds: the built page, and the manifests of all functions.
#![allow(missing_docs)]

use std::{
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

fn main() -> io::Result<()> {
    let variable = |name| env::var(name).map_err(io::Error::other);
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    fs::write(out.join("files.rs"), files(&folder.join("web/dist"))?)?;
    fs::write(out.join("manifests.rs"), manifests(&folder.join(".."))?)
}

/// Lists the files of the page; none when it was not built yet.
fn files(dist: &Path) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut found = Vec::new();
    if dist.is_dir() {
        walk(dist, &mut found)?;
    }
    found.sort();
    let mut lines = String::new();
    for file in &found {
        println!("cargo::rerun-if-changed={}", file.display());
        let path = file.strip_prefix(dist).map_err(io::Error::other)?.display().to_string();
        if path.ends_with(".br") || path.ends_with(".gz") {
            continue;
        }
        let digest = hex::encode(Sha256::digest(fs::read(file)?));
        let packed = |ending| {
            let packed = PathBuf::from(format!("{}.{ending}", file.display()));
            let text = format!("Some(include_bytes!({packed:?}))");
            if packed.is_file() { text } else { "None".to_owned() }
        };
        let (br, gz) = (packed("br"), packed("gz"));
        let _ = writeln!(
            lines,
            "    Embedded {{ path: {path:?}, digest: {:?}, plain: include_bytes!({file:?}), br: {br}, gzip: {gz} }},",
            &digest[..16]
        );
    }
    Ok(format!("&[\n{lines}]\n"))
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, found)? } else { found.push(path) }
    }
    Ok(())
}

fn manifests(functions: &Path) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", functions.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(functions)? {
        let file = entry?.path().join("function.yaml");
        if file.is_file() {
            println!("cargo::rerun-if-changed={}", file.display());
            found.push(file.canonicalize()?);
        }
    }
    found.sort();
    let lines: String = found.iter().map(|file| format!("    include_str!({file:?}),\n")).collect();
    Ok(format!("&[\n{lines}]\n"))
}
