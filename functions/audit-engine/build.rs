//! Embeds the controls: each file of `controls/`, without its fixtures.

use std::{env, error::Error, fs, path::Path};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=controls");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("controls");
    let mut paths = fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    paths.sort();
    let mut controls = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
        let text = fs::read_to_string(path)?;
        let mut control: Value = serde_saphyr::from_str(&text)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        if let Some(fields) = control.as_object_mut() {
            fields.remove("fixtures");
        }
        controls.push(control);
    }
    let json = serde_json::to_string(&controls)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("controls.json"), json)?;
    Ok(())
}
