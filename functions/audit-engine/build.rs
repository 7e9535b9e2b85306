//! Embeds the controls, each without its fixtures, and the benchmarks.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    for name in ["controls", "benchmarks"] {
        println!("cargo::rerun-if-changed={name}");
        let mut files = Vec::new();
        for path in files_of(name)? {
            let text = fs::read_to_string(&path)?;
            let mut file: Value = serde_saphyr::from_str(&text)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            if let Some(fields) = file.as_object_mut() {
                fields.remove("fixtures");
            }
            files.push(file);
        }
        let json = serde_json::to_string(&files)?;
        fs::write(Path::new(&env::var("OUT_DIR")?).join(format!("{name}.json")), json)?;
    }
    Ok(())
}

/// Returns the YAML files of a folder beside this file, in the order of their names.
fn files_of(folder: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(folder);
    let mut paths = fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    Ok(paths)
}
