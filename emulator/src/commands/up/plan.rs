//! What a new stack shall consist of.

use std::{
    fs,
    path::{Path, PathBuf},
};

use function::manifest::Manifest;

use super::Args;
use crate::{
    bridge::Chaos,
    failure::Failure,
    stack::{LocalFunction, Network, Stack},
    supervisor::ports,
};

/// Reads a project id that keeps every emulator offline.
pub fn project(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.starts_with("demo-") && (6..=30).contains(&text.len()) && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err("must start with `demo-` and have 6 to 30 lower-case letters, digits and dashes".to_owned())
}

/// Plans a stack of every function of the repository.
pub fn stack(args: &Args, root: PathBuf, state: PathBuf, mesh: &Path) -> Result<Stack, Failure> {
    if let Some(chaos) = &args.chaos {
        chaos.parse::<Chaos>().map_err(|error| Failure::usage(format!("`--chaos`: {error}")))?;
    }
    if root.to_str().is_none() {
        return Err(Failure::usage(format!("`{}` is not UTF-8", root.display())));
    }
    let mut functions = Vec::new();
    for (index, manifest) in manifests(&root)?.into_iter().enumerate() {
        functions.push(function(args.place.port_base, index, manifest, mesh)?);
    }
    Ok(Stack {
        project: args.project.clone(),
        root,
        state,
        port_base: args.place.port_base,
        network: Network::Loopback,
        functions,
        chaos: args.chaos.clone(),
    })
}

/// Finds the manifests, in the order of their functions' names.
fn manifests(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = root.join("functions");
    let entries = fs::read_dir(&folder)
        .map_err(|error| Failure::data(format!("cannot read `{}`: {error}", folder.display())))?;
    let manifests = entries.flatten().map(|entry| entry.path().join("function.yaml"));
    let mut manifests = manifests.filter(|manifest| manifest.is_file()).collect::<Vec<_>>();
    manifests.sort();
    Ok(manifests)
}

fn function(
    port_base: u16,
    index: usize,
    manifest: PathBuf,
    mesh: &Path,
) -> Result<LocalFunction, Failure> {
    let shown = manifest.display().to_string();
    let yaml = fs::read_to_string(&manifest)
        .map_err(|error| Failure::data(format!("cannot read `{shown}`: {error}")))?;
    let parsed = Manifest::parse(&yaml).map_err(|mistakes| {
        Failure::data(format!("`{shown}` is wrong: {}", mistakes.join("; ")))
    })?;
    let Manifest { name, calls, .. } = parsed;
    let (port, metadata_port) = ports::of_function(port_base, index).ok_or_else(|| {
        Failure::usage(format!("there is no port for `{name}` above port base {port_base}"))
            .next("Take a lower `--port-base`.")
    })?;
    // Built together with this program, into the same folder.
    let program = mesh.with_file_name(&name);
    if !program.is_file() {
        let reason = format!("`{name}` is not built: `{}` is not there", program.display());
        let release = if mesh.ends_with("release/mesh") { " --release" } else { "" };
        let next = format!("Build every function with `cargo build --workspace{release}`.");
        return Err(Failure::unavailable(reason).next(next));
    }
    Ok(LocalFunction { name, manifest, calls, program, port, metadata_port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_projects_that_stay_offline_are_taken() {
        for id in ["demo-mesh", "demo-1", "demo-a23456789012345678901234x"] {
            assert!(project(id).is_ok(), "{id}");
        }
        for id in ["mesh", "demo-", "demo-Mesh", "demo-a/b", "demo-a234567890123456789012345x"] {
            assert!(project(id).is_err(), "{id}");
        }
    }
}
