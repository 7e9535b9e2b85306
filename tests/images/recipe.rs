//! The recipe of the images, as text.

use std::{collections::BTreeMap, fs, process::Command};

use crate::{manifests, repository};

fn read(path: &str) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the instructions of each stage, continued lines joined, by the stage's name.
fn stages(recipe: &str) -> BTreeMap<String, Vec<String>> {
    let joined = recipe.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    let instructions = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (mut stages, mut name) = (BTreeMap::<_, Vec<_>>::new(), String::new());
    for instruction in instructions {
        if instruction.starts_with("FROM ") {
            name = instruction.rsplit(' ').next().unwrap_or_default().to_owned();
        }
        stages.entry(name.clone()).or_default().push(instruction.to_owned());
    }
    stages
}

/// Returns the value of an `ARG` before the first stage.
fn argument(recipe: &str, name: &str) -> String {
    let line = recipe.lines().find_map(|line| line.strip_prefix(&format!("ARG {name}=")));
    line.unwrap_or_else(|| panic!("there is no `ARG {name}`")).to_owned()
}

#[test]
fn the_final_stage_holds_one_program_and_nobody_special_runs_it() {
    let stages = stages(&read("functions/Dockerfile"));
    let last = &stages["function"];
    let base = last[0].strip_prefix("FROM ").expect("a base");
    let digest = base.split_once("@sha256:").and_then(|(_, rest)| rest.split(' ').next());
    assert!(base.starts_with("gcr.io/distroless/cc-debian12:nonroot@sha256:"), "{base}");
    assert_eq!(digest.map(str::len), Some(64), "{base}");
    let with = |word: &str| last.iter().filter(|line| line.starts_with(word)).collect::<Vec<_>>();
    assert_eq!(with("RUN ").len(), 0, "there is no shell that could run anything");
    assert_eq!(with("ADD ").len(), 0);
    assert_eq!(with("COPY ").len(), 1, "{last:#?}");
    assert_eq!(with("USER "), ["USER 65532:65532"]);
    assert_eq!(with("ENTRYPOINT "), [r#"ENTRYPOINT ["/function"]"#]);
    for label in ["title", "description", "version", "revision", "licenses"] {
        let label = format!("org.opencontainers.image.{label}=");
        assert!(last.iter().any(|line| line.contains(&label)), "no label `{label}`");
    }
}

#[test]
fn the_recipe_builds_with_the_toolchains_of_the_repository() {
    let recipe = read("functions/Dockerfile");
    let channel = format!("channel = \"{}\"", argument(&recipe, "RUST"));
    assert!(read("rust-toolchain.toml").contains(&channel), "rust-toolchain.toml: no `{channel}`");
    let node = argument(&recipe, "NODE");
    let major: u32 = node.split('.').next().and_then(|n| n.parse().ok()).expect("a version");
    assert!(major >= 22, "the page and the Auth emulator need a maintained Node.js, not {node}");
    let version = read("Cargo.toml");
    let version = version.lines().find_map(|line| line.strip_prefix("version = "));
    let own = format!("ARG VERSION={}", version.expect("a version").trim_matches('"'));
    assert!(recipe.contains(&own), "the images are of another version: no `{own}`");
}

#[test]
fn every_function_is_a_program_of_its_name() {
    for manifest in manifests() {
        let name = manifest.name;
        let package = read(&format!("functions/{name}/Cargo.toml"));
        assert!(package.contains(&format!("name = \"{name}\"\n")), "{name}");
        let main = repository().join("functions").join(&name).join("src/main.rs");
        assert!(main.is_file(), "{}", main.display());
    }
}

#[test]
fn the_linter_of_recipes_finds_nothing() {
    let linter = repository().join("tests/images/.venv/bin/hadolint");
    if !linter.is_file() {
        return println!("skipped: hadolint is not there; `emulator/install --with-tests` adds it");
    }
    for recipe in
        ["functions/Dockerfile", "terraform/delivery/Dockerfile", "emulator/auth/Dockerfile"]
    {
        let mut command = Command::new(&linter);
        let output = command.arg(recipe).current_dir(repository()).output().expect("hadolint runs");
        let found = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{recipe}:\n{found}");
    }
}
