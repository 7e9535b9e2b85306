//! The services of `emulator/compose.yaml` as programs of this machine.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use emulator::{meshnet, supervisor::tools::Tools};
use serde_json::Value;

use crate::repository;

/// The services that are no functions.
const OTHERS: [&str; 5] = ["auth", "bridge", "firestore", "pubsub", "seed"];

/// The file, and what stands in its containers' places.
pub struct File {
    services: BTreeMap<String, Value>,
    secrets: BTreeMap<String, String>,
    state: PathBuf,
    tools: Tools,
}

impl File {
    /// Reads the file, and makes the secrets that it wants.
    pub fn read(state: &Path) -> Self {
        let text = fs::read_to_string(repository().join(meshnet::COMPOSE_FILE)).expect("the file");
        let file: Value = serde_saphyr::from_str(&text).expect("YAML");
        let services = file["services"].as_object().expect("services").clone();
        let (_, manifests) =
            meshnet::stack(&repository(), state).unwrap_or_else(|failure| panic!("{failure}"));
        let secrets = state.with_file_name("secrets");
        fs::create_dir_all(&secrets).expect("a folder");
        let secrets = meshnet::new_secrets(&manifests, &secrets).expect("secrets");
        let pairs = secrets.lines().filter_map(|line| line.split_once('='));
        Self {
            services: services.into_iter().collect(),
            secrets: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            state: state.to_owned(),
            tools: Tools::find(&repository(), true).expect("what `emulator/install` installs"),
        }
    }

    /// Returns the names of all services.
    pub fn names(&self) -> Vec<String> {
        self.services.keys().cloned().collect()
    }

    /// Returns the names of the functions.
    pub fn functions(&self) -> Vec<String> {
        self.names().into_iter().filter(|name| !OTHERS.contains(&name.as_str())).collect()
    }

    /// Returns what a service starts, on its host.
    pub fn command(&self, name: &str) -> Command {
        let words = texts(&self.services[name]["command"]);
        let words = match name {
            "auth" => {
                let node = self.tools.node.as_ref().expect("Node.js").display().to_string();
                let server = repository().join("emulator/auth/server.js").display().to_string();
                [vec![node, server], words].concat()
            }
            "firestore" | "pubsub" => words,
            _ => [vec!["/function".to_owned()], words].concat(),
        };
        self.on_host(name, words)
    }

    /// Asks a service as its health check does.
    pub fn is_healthy(&self, name: &str) -> bool {
        let words = texts(&self.services[name]["healthcheck"]["test"]);
        assert_eq!(words[0], "CMD");
        let mut command = self.on_host(name, words[1..].to_vec());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn on_host(&self, name: &str, words: Vec<String>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", name]);
        command.args(words.iter().map(|word| self.here(name, word)));
        command.env_clear().envs(self.environment(name)).stdin(Stdio::null());
        command.env("PATH", env::var_os("PATH").expect("a path")).env("HOME", &self.state);
        command
    }

    /// Puts what is on this machine in the places of what is in the containers.
    fn here(&self, name: &str, word: &str) -> String {
        let shown = |path: &Path| path.display().to_string();
        let program = match name {
            "bridge" | "seed" => "mesh",
            function => function,
        };
        let own = Path::new(env!("CARGO_BIN_EXE_probe")).with_file_name(program);
        let firestore =
            "/google-cloud-sdk/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar";
        let pubsub =
            "/google-cloud-sdk/platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar";
        match word {
            "/function" => shown(&own),
            "/mesh" => shown(&repository()),
            "/home/nonroot" => shown(&self.state),
            "java" => shown(&self.tools.java),
            other => other
                .replace(firestore, &shown(&self.tools.firestore_jar))
                .replace(pubsub, &shown(&self.tools.pubsub_jar))
                .replace("exec java ", &format!("exec {} ", shown(&self.tools.java)))
                .replace("/mesh/terraform", &shown(&repository().join("terraform"))),
        }
    }

    /// Returns a service's environment, its secrets filled in as Compose does.
    fn environment(&self, name: &str) -> BTreeMap<String, String> {
        let fields = self.services[name]["environment"].as_object().into_iter().flatten();
        let filled = |value: &Value| {
            let text = value.as_str().expect("a text");
            let secret = text.strip_prefix("${").and_then(|rest| rest.split(':').next());
            secret.map_or_else(|| text.to_owned(), |secret| self.secrets[secret].clone())
        };
        fields.map(|(name, value)| (name.clone(), filled(value))).collect()
    }
}

fn texts(value: &Value) -> Vec<String> {
    let values = value.as_array().into_iter().flatten();
    values.map(|value| value.as_str().expect("a text").to_owned()).collect()
}
