//! What a new stack starts with: people, services and an estate.
//!
//! Seeding creates what is missing and leaves everything else alone, so that a
//! second `up` changes nothing.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use model::{
    CorrelationId, Role, ServiceId, Uid,
    access::{Claims, User, UserState},
    asset::Asset,
    service::Service,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use store::{Cause, Store, StoreError};
use telemetry::TraceContext;

use crate::{
    bridge::inventory,
    estate::{self, Estate, load},
    failure::{Failure, chain},
    stack::Stack,
    supervisor::parts::AUTH,
};

/// Creating an account hashes a password; that and a busy machine take a moment.
const AUTH_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest estate file: it is read as a whole.
pub const ESTATE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// A person who can sign in on this machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The person's id.
    pub uid: String,
    /// The address that they sign in with.
    pub email: String,
    /// What others call them.
    pub display_name: String,
    /// The password, which is good for this machine only.
    pub password: String,
    /// What they may do.
    pub roles: Vec<Role>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WatchedService {
    id: String,
    name: String,
    /// May start with `{function:NAME}`, which stands for that function's address.
    url: String,
}

impl Person {
    /// What the mesh knows of the person from the beginning.
    fn user(&self) -> User {
        User {
            email: self.email.clone(),
            display_name: self.display_name.clone(),
            state: UserState::Active,
            roles: self.roles.iter().copied().collect(),
            elevations: BTreeMap::new(),
            second_factor_for: [].into(),
            sessions_since: Timestamp::UNIX_EPOCH.into(),
            policy_version: 1,
            invitation: None,
        }
    }
}

/// Everything that a new stack starts with, read and checked.
#[derive(Debug)]
pub struct Seed {
    /// The people.
    pub people: Vec<Person>,
    services: Vec<WatchedService>,
    estate: Estate,
}

impl Seed {
    /// Reads the seed of a repository, with another estate when one is given.
    ///
    /// # Errors
    /// When a file is missing or wrong.
    pub fn read(root: &Path, estate: Option<&Path>) -> Result<Self, Failure> {
        let own = folder(root).join("estate.ndjson");
        Ok(Self {
            people: people(root)?,
            services: yaml(&folder(root).join("services.yaml"))?,
            estate: read_estate(estate.unwrap_or(&own))?,
        })
    }

    /// Creates what is missing.
    ///
    /// # Errors
    /// When an emulator cannot be used.
    pub async fn sow(&self, store: &Store, stack: &Stack, auth: bool) -> Result<(), Failure> {
        let failed = |what: &str, error: &dyn std::error::Error| {
            Failure::internal(format!("cannot seed {what}: {}", chain(error)))
        };
        if auth {
            let http = reqwest::Client::builder().no_proxy().build().map_err(Failure::internal)?;
            for person in &self.people {
                create_account(&http, stack, person).await?;
            }
        }
        self.sow_people(store, stack).await.map_err(|error| failed("the people", &error))?;
        self.sow_services(store, stack).await.map_err(|error| failed("the services", &error))?;
        let assets = self.estate.assets.clone();
        write_inventory(&stack.state.join(inventory::FILE), &assets)
            .map_err(|error| failed("the inventory", &error))?;
        load::load(store, assets, load::Present::Keep, "seeded by `mesh up`", |_| ())
            .await
            .map_err(|error| failed("the estate", &error))?;
        Ok(())
    }

    async fn sow_people(&self, store: &Store, stack: &Stack) -> Result<(), StoreError> {
        let cause = &cause(stack);
        for person in &self.people {
            let id = &Uid::new(&person.uid);
            let user = &person.user();
            let create = |tx: store::Transaction| async move {
                if tx.get::<User>(id).await?.is_none() {
                    tx.create(id, user, "user.seeded", "seeded by `mesh up`").await?;
                }
                Ok::<_, StoreError>(())
            };
            store.transact(cause, create).await?;
        }
        Ok(())
    }

    async fn sow_services(&self, store: &Store, stack: &Stack) -> Result<(), StoreError> {
        let cause = &cause(stack);
        let addresses = &addresses(stack);
        for watched in &self.services {
            let Some(url) = with_addresses(&watched.url, addresses) else { continue };
            let id = &ServiceId::new(&watched.id);
            // Addresses of functions follow the ports of this stack; others are people's own.
            let follows = url != watched.url;
            let service = &Service { name: watched.name.clone(), url };
            let put = |tx: store::Transaction| async move {
                if follows || tx.get::<Service>(id).await?.is_none() {
                    tx.put(id, service, "service.seeded", "seeded by `mesh up`").await?;
                }
                Ok::<_, StoreError>(())
            };
            store.transact(cause, put).await?;
        }
        Ok(())
    }
}

fn cause(stack: &Stack) -> Cause {
    Cause {
        actor: load::local_actor(&stack.project),
        correlation: CorrelationId::new(uuid::Uuid::now_v7().to_string()),
        traceparent: Some(TraceContext::random().traceparent()),
        time: Timestamp::now().into(),
        event: None,
    }
}

/// Reads the people of a repository's seed.
///
/// # Errors
/// When the file is missing or wrong.
pub fn people(root: &Path) -> Result<Vec<Person>, Failure> {
    yaml(&folder(root).join("people.yaml"))
}

/// Reads an estate file whole.
///
/// # Errors
/// When it is missing, too large, or wrong anywhere.
pub fn read_estate(path: &Path) -> Result<Estate, Failure> {
    let shown = path.display();
    let unreadable = |error| Failure::data(format!("cannot read `{shown}`: {error}"));
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > ESTATE_BYTES_MAX {
        let most = ESTATE_BYTES_MAX / 1024 / 1024;
        return Err(Failure::data(format!("`{shown}` is too large: at most {most} MiB are read"))
            .next("Divide the export by asset type or project and load it in parts."));
    }
    estate::parse(&fs::read(path).map_err(unreadable)?).map_err(|error| {
        Failure::data(format!("`{shown}`, {error}"))
            .next("Nothing was loaded: repair the file and try again.")
    })
}

fn folder(root: &Path) -> PathBuf {
    root.join("emulator/seed")
}

fn yaml<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let wrong = |error: String| Failure::data(format!("cannot read `{}`: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    serde_saphyr::from_str(&text).map_err(|error| wrong(error.to_string()))
}

/// The addresses of functions by their placeholders.
fn addresses(stack: &Stack) -> BTreeMap<String, String> {
    let address = |function: &crate::stack::LocalFunction| {
        let placeholder = format!("{{function:{}}}", function.name);
        (placeholder, format!("http://{}", stack.address(&function.name, function.port)))
    };
    stack.functions.iter().map(address).collect()
}

/// Puts addresses in; `None` when a function is not part of the stack.
fn with_addresses(url: &str, addresses: &BTreeMap<String, String>) -> Option<String> {
    let url = addresses
        .iter()
        .fold(url.to_owned(), |url, (placeholder, address)| url.replace(placeholder, address));
    (!url.contains("{function:")).then_some(url)
}

/// Creates a person's account, verified and with roles, unless there is one.
async fn create_account(
    http: &reqwest::Client,
    stack: &Stack,
    person: &Person,
) -> Result<(), Failure> {
    let failed = |reason: String| {
        Failure::internal(format!("cannot seed the account of `{}`: {reason}", person.email))
    };
    let call = async |path: &str, body: Value| -> Result<Value, Failure> {
        let url = format!(
            "http://{}/identitytoolkit.googleapis.com/v1/projects/{}/accounts{path}",
            stack.address(AUTH, stack.auth_port()),
            stack.project
        );
        // `owner` is what the emulator calls an administrator.
        let request = http.post(url).bearer_auth("owner").timeout(AUTH_TIMEOUT).json(&body);
        let answer = request.send().await.map_err(|error| failed(chain(&error)))?;
        let good = answer.status().is_success();
        let body: Value = answer.json().await.map_err(|error| failed(chain(&error)))?;
        match (good, body.pointer("/error/message")) {
            (true, _) => Ok(body),
            (false, Some(Value::String(message))) => Err(failed(message.clone())),
            (false, _) => Err(failed("the Auth emulator refused".to_owned())),
        }
    };
    let found = call(":lookup", json!({ "localId": [person.uid] })).await?;
    if found.get("users").is_some_and(|users| users.as_array().is_some_and(|all| !all.is_empty())) {
        return Ok(());
    }
    let account = json!({
        "localId": person.uid,
        "email": person.email,
        "displayName": person.display_name,
        "password": person.password,
        "emailVerified": true,
    });
    call("", account).await?;
    // The emulator takes claims only in an update.
    let claims = Claims::of(&person.user(), Timestamp::now().into()).to_json();
    call(":update", json!({ "localId": person.uid, "customAttributes": claims })).await.map(|_| ())
}

/// Makes the estate what Cloud Asset Inventory lists, unless it lists something already.
fn write_inventory(file: &Path, assets: &[Asset]) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    let mut text = String::new();
    for asset in assets {
        text.push_str(&serde_json::to_string(asset)?);
        text.push('\n');
    }
    fs::write(file, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_becomes_the_address_of_its_function() {
        let addresses = BTreeMap::from([("{function:a}".into(), "http://127.0.0.1:1".into())]);
        let with = |url| with_addresses(url, &addresses);
        assert_eq!(with("{function:a}/health").as_deref(), Some("http://127.0.0.1:1/health"));
        assert_eq!(with("https://x.example/").as_deref(), Some("https://x.example/"));
        assert_eq!(with("{function:b}/health"), None);
    }

    #[test]
    fn the_seed_of_this_repository_is_whole() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
        let seed = Seed::read(root, None).unwrap_or_else(|failure| panic!("{failure}"));
        for role in Role::ALL {
            let has = |person: &Person| person.roles.contains(&role);
            assert!(seed.people.iter().any(has), "nobody is {role:?}");
        }
        assert!(!seed.services.is_empty() && !seed.estate.assets.is_empty());
    }
}
