//! What a function has to know to tell its callers apart.

/// What the ids of projects that exist on one machine only start with.
///
/// Google reserves it: the emulators never reach for a real project of that name.
/// Source: <https://firebase.google.com/docs/emulator-suite/connect_auth#choose_a_firebase_project>.
const DEMO_PREFIX: &str = "demo-";

/// Whom a function trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The id of the Google Cloud and Firebase project.
    pub project: String,
    /// What the tokens of services must be made for: the function's own base URL.
    pub audience: String,
    /// The addresses of the service accounts that may deliver events.
    pub invokers: Vec<String>,
    /// The addresses of the service accounts of functions that call this one.
    pub callers: Vec<String>,
    /// The base URL of a local issuer, which then is the only one for services.
    pub issuer: Option<String>,
    /// Whether people come with the unsigned tokens of the Auth emulator.
    pub auth_emulator: bool,
}

impl Settings {
    /// Reads `GOOGLE_CLOUD_PROJECT`, `MESH_AUDIENCE`, `MESH_INVOKERS` (separated by
    /// commas), and, where set, `MESH_CALLERS` (as `MESH_INVOKERS`), `MESH_ISSUER` and `FIREBASE_AUTH_EMULATOR_HOST`.
    ///
    /// An empty variable counts as one that is not set.
    ///
    /// # Errors
    /// Every mistake, each starting with the variable's name.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let get = |name| get(name).filter(|value| !value.is_empty());
        let mut mistakes = Vec::new();
        let mut need = |name| {
            get(name).unwrap_or_else(|| {
                mistakes.push(format!("{name}: is not set"));
                String::new()
            })
        };
        let settings = Self {
            project: need("GOOGLE_CLOUD_PROJECT"),
            audience: need("MESH_AUDIENCE"),
            invokers: need("MESH_INVOKERS").split(',').map(|name| name.trim().into()).collect(),
            callers: get("MESH_CALLERS")
                .map(|names| names.split(',').map(|name| name.trim().into()).collect())
                .unwrap_or_default(),
            issuer: get("MESH_ISSUER"),
            auth_emulator: get("FIREBASE_AUTH_EMULATOR_HOST").is_some(),
        };
        mistakes.extend(settings.mistakes(get("MESH_INVOKERS").is_some()));
        if mistakes.is_empty() { Ok(settings) } else { Err(mistakes) }
    }

    /// Tells whether the project exists on one machine only.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.project.starts_with(DEMO_PREFIX)
    }

    fn mistakes(&self, has_invokers: bool) -> Vec<String> {
        let mut mistakes = Vec::new();
        let lists = [("MESH_INVOKERS", &self.invokers), ("MESH_CALLERS", &self.callers)];
        for (name, accounts) in lists.into_iter().filter(|_| has_invokers) {
            for account in accounts.iter().filter(|account| !account.contains('@')) {
                mistakes
                    .push(format!("{name}: `{account}` is not the address of a service account"));
            }
        }
        if let Some(issuer) = &self.issuer {
            let is_base = issuer.starts_with("http://") || issuer.starts_with("https://");
            if !is_base || issuer.ends_with('/') {
                mistakes.push(format!(
                    "MESH_ISSUER: `{issuer}` must start with http:// or https:// and not end with /"
                ));
            }
        }
        let local = [
            ("MESH_ISSUER", self.issuer.is_some()),
            ("FIREBASE_AUTH_EMULATOR_HOST", self.auth_emulator),
        ];
        for (name, _) in local.into_iter().filter(|(_, set)| *set && !self.is_demo()) {
            mistakes.push(format!(
                "{name}: is allowed only in a project whose id starts with `{DEMO_PREFIX}`, \
                 because whoever runs it could be anybody; `{}` does not",
                self.project
            ));
        }
        mistakes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        Settings::from_env(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    const FULL: [(&str, &str); 3] = [
        ("GOOGLE_CLOUD_PROJECT", "mesh-7"),
        ("MESH_AUDIENCE", "https://a.example"),
        ("MESH_INVOKERS", "a@x.example, b@x.example"),
    ];

    #[test]
    fn what_production_sets_is_read() {
        let settings = read(&FULL).expect("complete");
        assert_eq!(settings.project, "mesh-7");
        assert_eq!(settings.audience, "https://a.example");
        assert_eq!(settings.invokers, ["a@x.example", "b@x.example"]);
        assert_eq!((settings.issuer, settings.auth_emulator), (None, false));
    }

    #[test]
    fn every_mistake_is_reported() {
        let mistakes = read(&[("MESH_ISSUER", "localhost/"), ("GOOGLE_CLOUD_PROJECT", "")])
            .expect_err("nothing is right");
        let names: Vec<_> = mistakes.iter().filter_map(|words| words.split(':').next()).collect();
        assert_eq!(
            names,
            [
                "GOOGLE_CLOUD_PROJECT",
                "MESH_AUDIENCE",
                "MESH_INVOKERS",
                "MESH_ISSUER",
                "MESH_ISSUER"
            ]
        );
        let invokers = [FULL[0], FULL[1], ("MESH_INVOKERS", "a@x.example,,b")];
        assert_eq!(read(&invokers).expect_err("two are no addresses").len(), 2);
    }

    #[test]
    fn what_is_local_is_for_demo_projects_only() {
        let local =
            [("MESH_ISSUER", "http://localhost:1"), ("FIREBASE_AUTH_EMULATOR_HOST", "localhost:2")];
        let with = |project| {
            read(&[&[("GOOGLE_CLOUD_PROJECT", project)], &FULL[1..], &local[..]].concat())
        };
        let settings = with("demo-mesh").expect("a demo project");
        assert_eq!(settings.issuer.as_deref(), Some("http://localhost:1"));
        assert!(settings.auth_emulator);
        for project in ["mesh-7", "demo", "Demo-mesh", "my-demo-mesh"] {
            assert_eq!(with(project).expect_err(project).len(), 2, "{project}");
        }
    }
}
