use std::sync::OnceLock;

use tracing_subscriber::{EnvFilter, filter::ParseError};

/// What is logged unless the settings say otherwise.
pub(crate) const FILTER: &str = "info";

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// Who is logging, and how much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The project that traces belong to. Empty: traces are written as bare ids,
    /// which Cloud Logging resolves to the project of the service.
    pub project: String,
    /// The service: the label `mesh_module`, and the service of error reports.
    pub service: String,
    /// The revision: the version of error reports.
    pub revision: String,
    /// What to log, in the syntax of [`EnvFilter`]; `info` if absent.
    pub filter: Option<String>,
}

impl Settings {
    /// Reads `GOOGLE_CLOUD_PROJECT`, `K_SERVICE`, `K_REVISION` and `MESH_LOG`.
    ///
    /// An empty variable counts as absent. The service is `mesh` if nobody says,
    /// because an error report without a service is refused.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name| get(name).filter(|value| !value.trim().is_empty());
        Self {
            project: get("GOOGLE_CLOUD_PROJECT").unwrap_or_default(),
            service: get("K_SERVICE").unwrap_or_else(|| "mesh".to_owned()),
            revision: get("K_REVISION").unwrap_or_default(),
            filter: get("MESH_LOG"),
        }
    }

    pub(crate) fn env_filter(&self) -> Result<EnvFilter, ParseError> {
        EnvFilter::try_new(self.filter.as_deref().unwrap_or(FILTER))
    }
}

/// Keeps the settings for the scopes to come. The first call wins.
pub(crate) fn keep(settings: Settings) {
    let _ = SETTINGS.set(settings);
}

pub(crate) fn kept() -> Option<&'static Settings> {
    SETTINGS.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_the_environment() {
        let read = Settings::from_env(|name| Some(format!("<{name}>")));
        assert_eq!(read.project, "<GOOGLE_CLOUD_PROJECT>");
        assert_eq!(read.service, "<K_SERVICE>");
        assert_eq!(read.revision, "<K_REVISION>");
        assert_eq!(read.filter.as_deref(), Some("<MESH_LOG>"));
    }

    #[test]
    fn absent_and_empty_variables_mean_the_defaults() {
        let defaults = Settings { service: "mesh".to_owned(), ..Settings::default() };
        assert_eq!(Settings::from_env(|_| None), defaults);
        assert_eq!(Settings::from_env(|_| Some(" ".to_owned())), defaults);
    }

    #[test]
    fn a_wrong_filter_is_an_error_and_none_is_info() {
        let settings = Settings { filter: Some("mesh=loud".to_owned()), ..Settings::default() };
        assert!(settings.env_filter().is_err());
        assert_eq!(Settings::default().env_filter().expect("a filter").to_string(), "info");
    }
}
