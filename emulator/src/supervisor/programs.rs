//! The command line of every part: written here and nowhere else.
//!
//! Google's jars swallow a flag that they do not know without a word, so flags
//! are made from typed options and each is spelled once.

use std::{
    collections::BTreeMap,
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
};

use function::manifest::Manifest;

use super::{parts::BRIDGE, process::Program, tools::Tools};
use crate::stack::{LocalFunction, Network, Stack};

/// The class in the Firestore jar, which names no main class itself.
const FIRESTORE_CLASS: &str = "com.google.cloud.datastore.emulator.firestore.CloudFirestore";
/// Enough for estates of some ten thousand assets; an empty emulator takes 125 MB.
const FIRESTORE_HEAP: &str = "-Xmx512m";
const PUBSUB_HEAP: &str = "-Xmx256m";
/// Starts sooner and stays smaller than the defaults, which are for servers. Without memory it
/// ends, to be started again from its last export: it would go on and answer nobody.
const JAVA_LIGHT: [&str; 6] = [
    "-XX:+ExitOnOutOfMemoryError",
    "-Xss512k",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Duser.language=en",
];

/// What the parts inherit from us: where programs are, where a home is, how much to log.
const INHERITED: [&str; 3] = ["PATH", "HOME", "MESH_LOG"];

/// Returns the folder of the Auth emulator.
#[must_use]
pub fn auth_folder(root: &Path) -> PathBuf {
    root.join("emulator/auth")
}

/// Returns the file that the Auth emulator keeps accounts in.
#[must_use]
pub fn auth_state(state: &Path) -> PathBuf {
    state.join("auth.json")
}

/// The Firestore emulator, which takes its documents from an export.
#[must_use]
pub fn firestore(tools: &Tools, stack: &Stack, import: Option<&Path>) -> Program {
    let mut arguments = vec![FIRESTORE_HEAP.to_owned()];
    arguments.extend(JAVA_LIGHT.map(str::to_owned));
    arguments.extend(["-cp".to_owned(), text(&tools.firestore_jar), FIRESTORE_CLASS.to_owned()]);
    let mut flag = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
    flag("--host", stack.network.listen().to_string());
    flag("--port", stack.firestore_port().to_string());
    flag("--websocket_port", stack.firestore_websocket_port().to_string());
    flag("--functions_emulator", stack.address(BRIDGE, stack.bridge_port()));
    flag("--project_id", stack.project.clone());
    let rules = stack.root.join("terraform/firestore.rules");
    // On `meshnet` the file is another machine's.
    if rules.is_file() || stack.network == Network::Meshnet {
        flag("--rules", text(&rules));
    }
    if let Some(export) = import {
        flag("--import-data", text(export));
    }
    arguments.push("--single_project_mode".to_owned());
    program(&tools.java, arguments, &stack.state)
}

/// The Pub/Sub emulator.
#[must_use]
pub fn pubsub(tools: &Tools, stack: &Stack) -> Program {
    let mut arguments = vec![PUBSUB_HEAP.to_owned()];
    arguments.extend(JAVA_LIGHT.map(str::to_owned));
    arguments.extend(["-jar".to_owned(), text(&tools.pubsub_jar)]);
    arguments.push(format!("--host={}", stack.network.listen()));
    arguments.push(format!("--port={}", stack.pubsub_port()));
    program(&tools.java, arguments, &stack.state)
}

/// The Auth emulator.
#[must_use]
pub fn auth(node: &Path, stack: &Stack) -> Program {
    let arguments = [
        "server.js".to_owned(),
        "--port".to_owned(),
        stack.auth_port().to_string(),
        "--project".to_owned(),
        stack.project.clone(),
        "--state".to_owned(),
        text(&auth_state(&stack.state)),
    ];
    program(node, arguments.into(), &auth_folder(&stack.root))
}

/// The bridge: this program again. It takes over the socket that we hold open.
#[must_use]
pub fn bridge(mesh: &Path, stack: &Stack, listener: Arc<TcpListener>) -> Program {
    let arguments = vec!["bridge".to_owned(), "--state".to_owned(), text(&stack.state)];
    Program { listener: Some(listener), ..program(mesh, arguments, &stack.root) }
}

/// A function, with the environment that it has on Cloud Run and no other.
#[must_use]
pub fn function(
    stack: &Stack,
    function: &LocalFunction,
    manifest: &Manifest,
    secrets: &BTreeMap<String, String>,
) -> Program {
    let mut program = program(&function.program, Vec::new(), &stack.root);
    program.environment.extend(stack.environment(function, manifest));
    program.environment.extend(secrets.clone());
    program
}

fn program(file: &Path, arguments: Vec<String>, directory: &Path) -> Program {
    let environment = INHERITED
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)))
        .collect();
    Program {
        file: file.to_owned(),
        arguments,
        environment,
        directory: directory.to_owned(),
        listener: None,
    }
}

/// Paths of this machine that are not UTF-8 are refused when the stack is planned.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack() -> Stack {
        Stack {
            project: "demo-mesh".into(),
            root: "/nowhere".into(),
            state: "/nowhere/.mesh/9000".into(),
            port_base: 9000,
            network: Network::Loopback,
            functions: Vec::new(),
            chaos: None,
        }
    }

    fn tools() -> Tools {
        Tools {
            java: "/j/java".into(),
            firestore_jar: "/j/f.jar".into(),
            pubsub_jar: "/j/p.jar".into(),
            node: None,
            setpriv: "/s".into(),
        }
    }

    #[test]
    fn firestore_gets_only_flags_that_it_knows() {
        // As `--help` of version 1.19.9 lists them.
        let known = [
            "--host",
            "--port",
            "--websocket_port",
            "--functions_emulator",
            "--rules",
            "--import-data",
            "--project_id",
            "--single_project_mode",
        ];
        let program =
            firestore(&tools(), &stack(), Some(Path::new("/e/e.overall_export_metadata")));
        let flags = program.arguments.iter().filter(|argument| argument.starts_with("--"));
        assert!(flags.clone().count() >= 7);
        for flag in flags {
            assert!(known.contains(&flag.as_str()), "{flag}");
        }
        let line = program.arguments.join(" ");
        assert!(
            line.contains("--port 9001 --websocket_port 9002 --functions_emulator 127.0.0.1:9005")
        );
        assert!(line.contains("--import-data /e/e.overall_export_metadata"));
    }

    #[test]
    fn pubsub_takes_its_flags_with_an_equals_sign() {
        let line = pubsub(&tools(), &stack()).arguments.join(" ");
        assert!(line.ends_with("-jar /j/p.jar --host=127.0.0.1 --port=9003"), "{line}");
    }
}
