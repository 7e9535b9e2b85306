//! What the environment says.

use std::time::Duration;

use function::Environment;

/// The configuration of destine-root.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long a service may take to answer (`CHECK_TIMEOUT_SECONDS`).
    pub check_timeout: Duration,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every variable that is missing or does not parse.
    pub fn read(environment: &Environment) -> Result<Self, Vec<String>> {
        let reader = environment.reader();
        let seconds = reader.parse::<u64>("CHECK_TIMEOUT_SECONDS");
        if seconds == Some(0) {
            reader.mistake("CHECK_TIMEOUT_SECONDS: at least 1".into());
        }
        let config = seconds.map(|seconds| Self { check_timeout: Duration::from_secs(seconds) });
        reader.finish(config)
    }
}
