//! A service of a Compose file, as far as Mesh says anything about one.

use std::collections::BTreeMap;

use serde::Serialize;

/// A service. Every one has a root that is read-only, no capability, and no way to get one.
#[derive(Serialize)]
pub struct Service {
    /// The image's name.
    pub image: String,
    /// How the image is built, when it is one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// What is started, or given to what is started.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// What is started instead of what the image says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// Who runs it, by number.
    pub user: &'static str,
    /// The whole of its environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// What has to be healthy, or done, before it starts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub depends_on: BTreeMap<String, Condition>,
    /// How to learn whether it is healthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// Addresses of this machine that lead to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<String>,
    /// Files of the repository, and what outlives a container.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<String>,
    /// Where it may write, in memory.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tmpfs: Vec<&'static str>,
    /// The networks that it is on.
    pub networks: Vec<&'static str>,
    /// What calls it: trigger to kind and source.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Its memory at the most.
    pub mem_limit: String,
    /// Its processes at the most.
    pub pids_limit: u32,
    read_only: bool,
    cap_drop: [&'static str; 1],
    security_opt: [&'static str; 1],
    /// Whether it is started again when it ends.
    pub restart: &'static str,
    /// How long it may take to finish, as on Cloud Run.
    stop_grace_period: &'static str,
}

impl Service {
    /// Begins with what is so of every service.
    pub fn new(image: &str, user: &'static str, memory_mib: u32) -> Self {
        Self {
            image: image.to_owned(),
            build: None,
            command: Vec::new(),
            entrypoint: Vec::new(),
            user,
            environment: BTreeMap::new(),
            depends_on: BTreeMap::new(),
            healthcheck: None,
            ports: Vec::new(),
            volumes: Vec::new(),
            tmpfs: Vec::new(),
            networks: vec!["meshnet"],
            labels: BTreeMap::new(),
            mem_limit: format!("{memory_mib}m"),
            pids_limit: 200,
            read_only: true,
            cap_drop: ["ALL"],
            security_opt: ["no-new-privileges:true"],
            restart: "unless-stopped",
            stop_grace_period: "10s",
        }
    }

    /// Adds what has to be healthy before.
    pub fn after(mut self, parts: &[&str]) -> Self {
        let healthy =
            |part: &&str| ((*part).to_owned(), Condition { condition: "service_healthy" });
        self.depends_on.extend(parts.iter().map(healthy));
        self
    }

    /// Says how to learn whether it is healthy: a program that ends with 0.
    pub fn healthy(mut self, program: &[&str]) -> Self {
        let words = ["CMD"].iter().chain(program);
        let test = words.map(|word| (*word).to_owned()).collect();
        self.healthcheck = Some(Healthcheck { test, ..Healthcheck::default() });
        self
    }
}

/// How an image is built.
#[derive(Serialize)]
pub struct Build {
    /// The folder that is given to the builder, from the Compose file's.
    pub context: &'static str,
    /// The recipe, from the context.
    pub dockerfile: &'static str,
    /// The stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<&'static str>,
    /// The build's arguments.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<&'static str, String>,
}

/// What has to be so of another service.
#[derive(Serialize)]
pub struct Condition {
    /// `service_healthy`.
    pub condition: &'static str,
}

/// How to learn whether a container is healthy.
#[derive(Serialize)]
pub struct Healthcheck {
    test: Vec<String>,
    interval: &'static str,
    timeout: &'static str,
    retries: u32,
    start_period: &'static str,
}

impl Default for Healthcheck {
    fn default() -> Self {
        Self {
            test: Vec::new(),
            interval: "5s",
            timeout: "3s",
            retries: 12,
            // The Auth emulator compiles for 12 s of a processor's time.
            start_period: "60s",
        }
    }
}
