//! What the page is told of the place where it runs.

use function::{Environment, Mesh};
use serde::Serialize;

/// Where the API begins, on the page's own origin.
const API: &str = "/api/v1";
/// Where browsers reach Firebase Authentication and Firestore in production.
const GOOGLE: &[&str] = &[
    "https://identitytoolkit.googleapis.com",
    "https://securetoken.googleapis.com",
    "https://firestore.googleapis.com",
];

/// `/config.json`. Nothing of it is a secret.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Config {
    project: String,
    api_key: String,
    auth_domain: String,
    api: &'static str,
    emulators: Option<Emulators>,
    version: &'static str,
    environment: String,
}

/// The addresses of a local stack's emulators.
#[derive(Clone, Debug, Serialize)]
struct Emulators {
    auth: String,
    firestore: String,
}

impl Config {
    /// Reads it from the environment.
    ///
    /// # Errors
    /// Every variable that is missing.
    pub(crate) fn read(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let mut mistakes = Vec::new();
        let mut given = |name: &str| match environment.get(name) {
            Some(value) => value.to_owned(),
            None => {
                mistakes.push(format!("{name}: is not set"));
                String::new()
            }
        };
        let (api_key, auth_domain) = (given("WEB_API_KEY"), given("WEB_AUTH_DOMAIN"));
        let name = given("WEB_ENVIRONMENT");
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        // Browsers may have to take another way to the emulators than functions.
        let for_browsers = environment.get("WEB_EMULATORS_HOST");
        let address = |name| {
            environment.get(name).map(|host| format!("http://{}", for_browsers.unwrap_or(host)))
        };
        let emulators = address("FIREBASE_AUTH_EMULATOR_HOST")
            .zip(address("FIRESTORE_EMULATOR_HOST"))
            .map(|(auth, firestore)| Emulators { auth, firestore });
        Ok(Self {
            project: mesh.project.clone(),
            api_key,
            auth_domain,
            api: API,
            emulators,
            version: env!("CARGO_PKG_VERSION"),
            environment: name,
        })
    }

    /// Returns the origins that the page has to reach besides its own.
    pub(crate) fn origins(&self) -> Vec<&str> {
        match &self.emulators {
            Some(emulators) => vec![&emulators.auth, &emulators.firestore],
            None => GOOGLE.to_vec(),
        }
    }

    /// Returns the origin of the window in which people sign in with Google; none locally.
    pub(crate) fn window(&self) -> Option<String> {
        self.emulators.is_none().then(|| format!("https://{}", self.auth_domain))
    }
}
