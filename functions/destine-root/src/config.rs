//! What the environment says.

use std::time::Duration;

use function::Environment;

use crate::egress::Egress;

/// The configuration of destine-root.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long a service without a check of its own may take to answer
    /// (`CHECK_TIMEOUT_SECONDS`).
    pub check_timeout: Duration,
    /// Where checks may go besides the public internet (`CHECK_PRIVATE_RANGES`).
    pub egress: Egress,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every variable that is missing or does not parse.
    pub fn read(environment: &Environment) -> Result<Self, Vec<String>> {
        let reader = environment.reader();
        let seconds = reader.parse::<u64>("CHECK_TIMEOUT_SECONDS");
        if seconds.is_some_and(|seconds| !(1..=30).contains(&seconds)) {
            reader.mistake("CHECK_TIMEOUT_SECONDS: 1 to 30".into());
        }
        let egress = reader.parse::<Egress>("CHECK_PRIVATE_RANGES");
        let config = seconds
            .zip(egress)
            .map(|(seconds, egress)| Self { check_timeout: Duration::from_secs(seconds), egress });
        reader.finish(config)
    }
}
