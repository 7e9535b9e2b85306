//! The stack under Docker Compose: each part a container, on the network `meshnet`.

mod compose;
mod service;

use std::{
    fs,
    path::{Path, PathBuf},
};

use function::manifest::Manifest;

pub use compose::{COMPOSE_FILE, compose};

use crate::{
    bridge::{Secrets, SecretsError},
    failure::Failure,
    stack::{LocalFunction, Network, Stack},
    supervisor::ports,
};

/// The port of the page and `/api`, on this machine as well; the other parts' follow it.
const PORT_BASE: u16 = 8080;
/// Where every function listens, as on Cloud Run.
const FUNCTION_PORT: u16 = 8080;
/// The program of every image.
const PROGRAM: &str = "/function";
/// The project; its name keeps everything offline.
const PROJECT: &str = "demo-mesh";

/// Describes the stack of every function below a folder.
///
/// # Errors
/// When a manifest cannot be read, or there are too many.
pub fn stack(root: &Path, state: &Path) -> Result<(Stack, Vec<Manifest>), Failure> {
    let mut manifests = Vec::new();
    let mut functions = Vec::new();
    for (index, file) in files(root)?.into_iter().enumerate() {
        let shown = file.display();
        let yaml = fs::read_to_string(&file)
            .map_err(|error| Failure::data(format!("cannot read `{shown}`: {error}")))?;
        let manifest = Manifest::parse(&yaml).map_err(|mistakes| {
            Failure::data(format!("`{shown}` is not valid: {}", mistakes.join("; ")))
        })?;
        // Only the metadata servers share a host, the bridge's.
        let (_, metadata_port) = ports::of_function(PORT_BASE, index)
            .ok_or_else(|| Failure::data("there are more functions than ports"))?;
        functions.push(LocalFunction {
            name: manifest.name.clone(),
            calls: manifest.calls.clone(),
            manifest: file.clone(),
            program: PROGRAM.into(),
            port: FUNCTION_PORT,
            metadata_port,
        });
        manifests.push(manifest);
    }
    let stack = Stack {
        project: PROJECT.to_owned(),
        root: root.to_owned(),
        state: state.to_owned(),
        port_base: PORT_BASE,
        network: Network::Meshnet,
        functions,
        chaos: None,
    };
    Ok((stack, manifests))
}

/// Finds the manifests, in the order of their functions' names.
fn files(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = root.join("functions");
    let entries = fs::read_dir(&folder)
        .map_err(|error| Failure::data(format!("cannot read `{}`: {error}", folder.display())))?;
    let files = entries.flatten().map(|entry| entry.path().join("function.yaml"));
    let mut files = files.filter(|file| file.is_file()).collect::<Vec<_>>();
    files.sort();
    Ok(files)
}

/// Returns the variable through which Compose passes a secret on.
#[must_use]
pub fn secret_variable(secret: &str) -> String {
    format!("MESH_SECRET_{}", secret.to_uppercase().replace('-', "_"))
}

/// Returns the names of all secrets, each once, in order.
#[must_use]
pub fn secrets(manifests: &[Manifest]) -> Vec<String> {
    let mut names: Vec<_> =
        manifests.iter().flat_map(|manifest| manifest.secrets.values().cloned()).collect();
    names.sort();
    names.dedup();
    names
}

/// Makes new secrets, as the lines of a file for `docker compose --env-file`.
///
/// # Errors
/// When the folder cannot be used.
pub fn new_secrets(manifests: &[Manifest], folder: &Path) -> Result<String, SecretsError> {
    let made = Secrets::open(&folder.join("secrets.json"));
    let mut lines = String::new();
    for name in secrets(manifests) {
        made.ensure(&name)?;
        lines.push_str(&format!("{}={}\n", secret_variable(&name), made.value(&name)?));
    }
    Ok(lines)
}
