//! A mesh for one test: a project of its own, a bridge, and functions.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use emulator::{
    bridge::{Bridge, BridgeOptions, Chaos, ISSUER_FILE, Pace, Target},
    stack::INVOKER,
};
use function::manifest::Manifest;
use jiff::Timestamp;
use model::{
    Actor, CorrelationId, Document, Operational, Role, Uid,
    access::{User, UserState},
    journal::JournalRecord,
};
use reqwest::{Client, Response};
use store::{Cause, Query, Store, Stored};

use crate::{
    Emulators, FunctionProcess,
    event::Delivery,
    log_lines,
    process::{free_port, program},
    token,
};

/// How long everything that is on its way may take on a busy machine.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(120);

/// What a test's mesh consists of.
#[derive(Debug, Default)]
pub struct Setup {
    /// Functions of this repository, by name.
    pub functions: Vec<String>,
    /// Other programs, with their manifests.
    pub programs: Vec<(PathBuf, String)>,
    /// Faults to inject.
    pub chaos: Chaos,
    /// Whether functions have a real Auth emulator.
    pub auth: bool,
    /// Functions that are not part of the test, and may call those that are.
    pub callers: Vec<String>,
    /// Variables for every function, besides those of the stack.
    pub environment: BTreeMap<String, String>,
}

/// A mesh for one test.
pub struct Mesh {
    /// The project, which no other test uses.
    pub project: String,
    /// The project's documents.
    pub store: Store,
    /// The bridge between the emulators and the functions.
    pub bridge: Bridge,
    /// A client for plain requests.
    pub http: Client,
    functions: BTreeMap<String, FunctionProcess>,
    /// What no log may show.
    secrets: Vec<String>,
    folder: PathBuf,
}

impl Mesh {
    /// Starts functions of this repository behind a bridge of their own.
    pub async fn start(name: &str, functions: &[&str]) -> Self {
        let functions = functions.iter().map(|&function| function.to_owned()).collect();
        Self::set_up(name, Setup { functions, ..Setup::default() }).await
    }

    /// Starts what a setup says.
    pub async fn set_up(name: &str, setup: Setup) -> Self {
        let emulators = Emulators::shared();
        // Process and time make the project new also on emulators that outlive a run.
        let project = format!("demo-{name}-{}", free_port());
        let folder = std::env::temp_dir().join(format!("mesh-{}-{project}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for the test");

        let mut programs: Vec<(PathBuf, Manifest)> = Vec::new();
        for function in &setup.functions {
            programs.push((program(function), manifest_of(function)));
        }
        for (program, yaml) in &setup.programs {
            programs.push((program.clone(), Manifest::parse(yaml).expect("a manifest")));
        }
        let targets: Vec<_> = programs
            .iter()
            .map(|(_, manifest)| Target {
                name: manifest.name.clone(),
                manifest: manifest.clone(),
                port: free_port(),
                metadata_port: 0,
            })
            .collect();
        let mut options = BridgeOptions::new(&project, folder.clone());
        options.targets.clone_from(&targets);
        options.firestore = Some(emulators.firestore.clone());
        options.pubsub = Some(emulators.pubsub.clone());
        options.chaos = setup.chaos;
        options.pace = Pace {
            backoff_first: Duration::from_millis(20),
            backoff_max: Duration::from_millis(500),
            ..Pace::default()
        };
        let bridge = Bridge::start(options).await.expect("the bridge starts");
        emulators.switchboard.attach(&bridge);
        bridge.ready().await;

        let (mut functions, mut secrets) = (BTreeMap::new(), Vec::new());
        for ((program, manifest), target) in programs.iter().zip(&targets) {
            let mut environment = environment(emulators, &bridge, manifest, target.port);
            environment.extend(neighbours(&targets, manifest, &project, &setup.callers));
            if setup.auth {
                let host = Emulators::auth().to_owned();
                environment.insert("FIREBASE_AUTH_EMULATOR_HOST".to_owned(), host);
            }
            environment.extend(setup.environment.clone());
            let log = folder.join(format!("{}.log", manifest.name));
            let hidden = manifest.secrets.keys().filter(|name| !name.contains("PUBLIC"));
            secrets.extend(hidden.map(|name| environment[name].clone()));
            let process = FunctionProcess::start(program, environment, target.port, &log);
            functions.insert(manifest.name.clone(), process);
        }
        Self {
            store: Store::connect_lazily(store::Settings::new(
                &project,
                Some(emulators.firestore.clone()),
            )),
            http: Client::new(),
            project,
            bridge,
            functions,
            secrets,
            folder,
        }
    }

    /// Returns a function's process.
    #[must_use]
    pub fn function(&self, name: &str) -> &FunctionProcess {
        &self.functions[name]
    }

    /// Returns a function's process, to kill it or start it again.
    pub fn function_mut(&mut self, name: &str) -> &mut FunctionProcess {
        self.functions.get_mut(name).expect("the function is part of the test")
    }

    /// Returns the export that the stand-in for Cloud Asset Inventory lists.
    #[must_use]
    pub fn inventory(&self) -> PathBuf {
        self.folder.join(emulator::bridge::inventory::FILE)
    }

    /// Waits until nothing is pending or on its way.
    pub async fn settle(&self) {
        let settled = self.bridge.drain(SETTLE_TIMEOUT).await;
        assert!(settled, "something is still on its way: {:#?}", self.bridge.status());
    }

    /// Returns the cause of a change that the test makes.
    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause {
            actor: Actor::service(format!("test@{}.iam.gserviceaccount.com", self.project)),
            correlation: CorrelationId::new("test"),
            traceparent: None,
            time: Timestamp::now().into(),
            event: None,
        }
    }

    /// Makes somebody a person of the mesh with these roles, and returns their ID token.
    pub async fn person(&self, uid: &str, roles: &[Role]) -> String {
        let user = User {
            email: format!("{uid}@meridian.example"),
            display_name: uid.to_owned(),
            state: UserState::Active,
            roles: roles.iter().copied().collect(),
            elevations: BTreeMap::new(),
            second_factor_for: [].into(),
            sessions_since: Timestamp::UNIX_EPOCH.into(),
            policy_version: 1,
            invitation: None,
        };
        self.put(&Uid::new(uid), &user).await;
        token::person(&self.project, uid)
    }

    /// Writes a document.
    pub async fn put<D: Operational>(&self, id: &D::Id, document: &D) {
        let cause = self.cause();
        let written = self.store.transact(&cause, |tx| async move {
            tx.put(id, document, "test.put", "the test wants it").await
        });
        written.await.map(|_| ()).expect("the document is written");
    }

    /// Deletes a document.
    pub async fn delete<D: Operational>(&self, id: &D::Id) {
        let cause = self.cause();
        let deleted = self.store.transact(&cause, |tx| async move {
            tx.delete::<D>(id, "test.deleted", "the test wants it").await
        });
        deleted.await.map(|_| ()).expect("the document is deleted");
    }

    /// Writes any fields at a path, around every type and every rule, as a person with
    /// the console might. `document` has the shape of Firestore's REST API.
    pub async fn put_raw(&self, path: &str, document: serde_json::Value) {
        let host = &Emulators::shared().firestore;
        let project = &self.project;
        let url =
            format!("http://{host}/v1/projects/{project}/databases/(default)/documents/{path}");
        let request = self.http.patch(url).bearer_auth("owner").json(&document);
        let answer = request.send().await.expect("the emulator answers");
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }

    /// Deletes a document without a journal record, as a person with the console might.
    pub async fn delete_raw(&self, path: &str) {
        let host = &Emulators::shared().firestore;
        let project = &self.project;
        let url =
            format!("http://{host}/v1/projects/{project}/databases/(default)/documents/{path}");
        let answer = self.http.delete(url).bearer_auth("owner").send().await;
        assert!(answer.expect("the emulator answers").status().is_success());
    }

    /// Publishes a message to a topic.
    pub async fn publish(&self, topic: &str, message: &serde_json::Value) {
        let host = &Emulators::shared().pubsub;
        let url = format!("http://{host}/v1/projects/{}/topics/{topic}:publish", self.project);
        let data = BASE64_STANDARD.encode(message.to_string());
        let body = serde_json::json!({"messages": [{"data": data}]});
        let answer = self.http.post(url).json(&body).send().await.expect("the emulator answers");
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }

    /// Reads a document that must be there.
    pub async fn get<D: Document>(&self, id: &D::Id) -> D {
        let found = self.store.get::<D>(id).await.expect("the document can be read");
        found.unwrap_or_else(|| panic!("{id:?} is not there")).document
    }

    /// Reads a whole collection.
    pub async fn all<D: Document>(&self) -> Vec<Stored<D>> {
        let (mut all, mut next) = (Vec::new(), None);
        loop {
            let page = self.store.list(&Query::all().after(next)).await.expect("the list");
            assert_eq!(page.unreadable, Vec::<String>::new());
            all.extend(page.items);
            next = page.next;
            if next.is_none() {
                return all;
            }
        }
    }

    /// Returns the journal's records for one document, in the order of writing.
    pub async fn history(&self, target: &str) -> Vec<JournalRecord> {
        let records = self.all::<JournalRecord>().await;
        // Ids are made by different processes in the same millisecond, so the chain of
        // hashes orders the records, not their ids.
        let mut open: Vec<_> =
            records.into_iter().map(|r| r.document).filter(|r| r.target == target).collect();
        let (mut chain, mut hash) = (Vec::new(), None);
        // A record of what was refused changes nothing, and comes before what changes it.
        let next = |open: &[JournalRecord], hash: &Option<String>| {
            let follows = |record: &JournalRecord| record.before == *hash;
            let noted = |record: &JournalRecord| follows(record) && record.after == *hash;
            open.iter().position(noted).or_else(|| open.iter().position(follows))
        };
        while let Some(place) = next(&open, &hash) {
            let record = open.remove(place);
            hash.clone_from(&record.after);
            chain.push(record);
        }
        assert!(open.is_empty(), "records of `{target}` that follow on nothing: {open:#?}");
        chain
    }

    /// Posts a delivery to a function as its transport does, with a good token.
    pub async fn deliver(&self, function: &str, trigger: &str, delivery: &Delivery) -> Response {
        let token = self.delivery_token(function);
        self.deliver_as(function, trigger, delivery, Some(&format!("Bearer {token}"))).await
    }

    /// Posts a delivery with any `Authorization`.
    pub async fn deliver_as(
        &self,
        function: &str,
        trigger: &str,
        delivery: &Delivery,
        authorization: Option<&str>,
    ) -> Response {
        let url = format!("{}{}", self.function(function).url(), Manifest::delivery_path(trigger));
        let mut request = self.http.post(url).body(delivery.body.clone());
        for (name, value) in &delivery.headers {
            request = request.header(name, value.as_bytes());
        }
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        request.send().await.expect("the function answers")
    }

    /// Returns the token that transports show to a function.
    #[must_use]
    pub fn delivery_token(&self, function: &str) -> String {
        let account = format!("{INVOKER}@{}.iam.gserviceaccount.com", self.project);
        let audience = Manifest::audience(function);
        let issuer = self.bridge.issuer();
        issuer.identity_token(&account, &audience, Timestamp::now()).expect("a token")
    }

    /// Returns the token that a function shows to another one.
    #[must_use]
    pub fn service_token(&self, from: &str, to: &str) -> String {
        let account = format!("{from}@{}.iam.gserviceaccount.com", self.project);
        let issuer = self.bridge.issuer();
        let token = issuer.identity_token(&account, &Manifest::audience(to), Timestamp::now());
        token.expect("a token")
    }

    /// Returns the key that the mesh's issuer signs with, as PEM, to sign what it never would.
    #[must_use]
    pub fn issuer_key(&self) -> String {
        std::fs::read_to_string(self.folder.join(ISSUER_FILE)).expect("the issuer has a key")
    }

    /// Checks that journal and documents tell the same: the records of each document
    /// form one unbroken chain, and it ends with the document as it is.
    pub async fn assert_journal_agrees(&self) {
        let records = self.all::<JournalRecord>().await;
        let targets: std::collections::BTreeSet<_> =
            records.iter().map(|record| record.document.target.clone()).collect();
        for target in targets {
            let chain = self.history(&target).await;
            let last = chain.last().expect("a chain has a record");
            let present = self.store.hash_of(&target).await.expect("the document can be read");
            assert_eq!(last.after, present, "the journal of `{target}` ends with another state");
        }
    }
}

impl Mesh {
    /// Checks that every line of every function is an entry of Cloud Logging and shows no secret,
    /// which is so whatever the test did.
    fn assert_logs_are_entries(&self) {
        for (name, process) in &self.functions {
            let log = process.log();
            if let Err(wrong) = log_lines::entries(&log) {
                panic!("{name} wrote what is no entry: {wrong}");
            }
            if let Some(shown) = log_lines::secret_in(&log, &self.secrets) {
                panic!("{name} wrote a secret: {shown}");
            }
        }
    }
}

impl Drop for Mesh {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the logs of `{}` are in {}", self.project, self.folder.display());
        } else {
            self.assert_logs_are_entries();
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn manifest_of(function: &str) -> Manifest {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("functions").join(function).join("function.yaml");
    let yaml = std::fs::read_to_string(&path).expect("the function's manifest");
    Manifest::parse(&yaml).expect("a manifest")
}

/// Whom a function calls, and who calls it.
fn neighbours(
    targets: &[Target],
    manifest: &Manifest,
    project: &str,
    others: &[String],
) -> BTreeMap<String, String> {
    let address = |name: &String| {
        // One that is not part of the test does not answer.
        let port = targets.iter().find(|other| other.name == *name).map_or(9, |other| other.port);
        (Manifest::url_variable(name), format!("http://127.0.0.1:{port}"))
    };
    let mut variables: BTreeMap<_, _> = manifest.calls.iter().map(address).collect();
    let callers = targets.iter().filter(|other| other.manifest.calls.contains(&manifest.name));
    let callers = callers.map(|other| other.manifest.service_account(project));
    let others = others.iter().map(|name| format!("{name}@{project}.iam.gserviceaccount.com"));
    let callers: Vec<_> = callers.chain(others).collect();
    variables.insert("MESH_CALLERS".to_owned(), callers.join(","));
    variables
}

fn environment(
    emulators: &Emulators,
    bridge: &Bridge,
    manifest: &Manifest,
    port: u16,
) -> BTreeMap<String, String> {
    let project = bridge.project();
    let metadata = bridge.metadata_address(&manifest.name).expect("a metadata server");
    let mut environment = manifest.env.clone();
    for (variable, secret) in &manifest.secrets {
        let value = bridge.secrets().value(secret).expect("the secret has a value");
        environment.insert(variable.clone(), value);
    }
    let stack = [
        ("PORT", port.to_string()),
        ("K_SERVICE", manifest.name.clone()),
        ("K_REVISION", format!("{}-test", manifest.name)),
        ("GOOGLE_CLOUD_PROJECT", project.to_owned()),
        ("FIRESTORE_EMULATOR_HOST", emulators.firestore.clone()),
        ("PUBSUB_EMULATOR_HOST", emulators.pubsub.clone()),
        // People's tokens are unsigned, as the Auth emulator makes them; functions call it
        // only where the test has one.
        ("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9".to_owned()),
        ("GCE_METADATA_HOST", metadata.to_string()),
        ("MONITORING_EMULATOR_HOST", bridge.address().to_string()),
        ("CLOUD_ASSET_EMULATOR_HOST", bridge.address().to_string()),
        ("MESH_ISSUER", bridge.issuer().url().to_owned()),
        ("MESH_AUDIENCE", Manifest::audience(&manifest.name)),
        ("MESH_INVOKERS", format!("{INVOKER}@{project}.iam.gserviceaccount.com")),
        // What is watched runs on this machine.
        ("CHECK_PRIVATE_RANGES", "127.0.0.0/8,::1/128".to_owned()),
    ];
    environment.extend(stack.map(|(name, value)| (name.to_owned(), value)));
    environment
}
