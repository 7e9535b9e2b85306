//! What the images hold, and that a function runs on nothing else.
//!
//! There need be no Docker: the root file system of each image is put together in a folder and its
//! program started there, as an unprivileged user who can write nowhere. The recipe itself is held
//! to its rules as text.
//!
//! `MESH_PROGRAMS=target/release` tries programs of that folder, and holds images to their size;
//! otherwise it is the programs of this build, whose size says nothing.

mod recipe;
mod root;
mod start;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use emulator::{
    bridge::{SECRETS_FILE, Secrets},
    stack::{LocalFunction, Network, Stack},
};
use function::manifest::Manifest;

use root::RootFolder;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

/// Returns every function's manifest, by the order of their names.
fn manifests() -> Vec<Manifest> {
    let entries = fs::read_dir(repository().join("functions")).expect("functions/");
    let files = entries.filter_map(Result::ok).map(|entry| entry.path().join("function.yaml"));
    let mut files: Vec<_> = files.filter(|file| file.is_file()).collect();
    files.sort();
    let read = |file: &PathBuf| {
        let yaml = fs::read_to_string(file).expect("a manifest");
        Manifest::parse(&yaml).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", file.display()))
    };
    files.iter().map(read).collect()
}

/// Returns the folder of the programs, and whether they are as small as those of images.
fn programs() -> (PathBuf, bool) {
    let own = Path::new(env!("CARGO_BIN_EXE_probe")).parent().expect("a folder").to_owned();
    let folder = env::var_os("MESH_PROGRAMS").map_or(own, |named| repository().join(named));
    let is_release = folder.ends_with("release");
    (folder, is_release)
}

/// Describes a stack that nobody runs: what a function is told there suffices for it to start.
fn stack(state: &Path, manifests: &[Manifest]) -> Stack {
    let (folder, _) = programs();
    let function = |manifest: &Manifest| LocalFunction {
        name: manifest.name.clone(),
        manifest: repository().join("functions").join(&manifest.name).join("function.yaml"),
        calls: manifest.calls.clone(),
        program: folder.join(&manifest.name),
        port: start::free_port(),
        metadata_port: start::free_port(),
    };
    Stack {
        project: "demo-mesh".to_owned(),
        root: repository(),
        state: state.to_owned(),
        port_base: start::free_port(),
        network: Network::Loopback,
        functions: manifests.iter().map(function).collect(),
        chaos: None,
    }
}

#[test]
fn every_function_starts_alone_in_its_root_and_leaves_when_asked() {
    let way = match start::Way::of_this_machine() {
        Ok(way) => way,
        Err(why) => return println!("skipped: {why}"),
    };
    let manifests = manifests();
    let state = env::temp_dir().join(format!("mesh-images-{}", uuid::Uuid::now_v7()));
    fs::create_dir_all(&state).expect("a folder");
    let stack = stack(&state, &manifests);
    let secrets = Secrets::open(&state.join(SECRETS_FILE));
    let (_, is_release) = programs();
    let mut tried = 0;
    for (function, manifest) in stack.functions.iter().zip(&manifests) {
        let name = &function.name;
        let mut environment = stack.environment(function, manifest);
        for (variable, secret) in &manifest.secrets {
            secrets.ensure(secret).expect("a secret");
            environment.insert(variable.clone(), secrets.value(secret).expect("its value"));
        }
        let root = RootFolder::assemble(&state.join(name), &function.program);
        assert!(!way.runs(&root, "/bin/sh"), "`{name}`: there is a shell");
        if is_release {
            let kib = root.image_kib();
            println!("`{name}` takes {kib} KiB to pull");
            assert!(kib <= root::IMAGE_KIB_MAX, "`{name}` takes {kib} KiB to pull");
        }
        if let Err(why) = way.start(&root, &environment, function.port) {
            panic!("`{name}` {why}");
        }
        tried += 1;
    }
    fs::remove_dir_all(&state).expect("the folder was there");
    assert_eq!(tried, manifests.len());
}
