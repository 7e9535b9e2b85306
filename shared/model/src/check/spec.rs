//! What people want to be watched.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Probe;
use crate::{CheckId, ServiceId, Timestamp, Uid, incident::Priority};

/// The shortest interval; below it a check becomes a load.
pub const INTERVAL_SECONDS_MIN: u32 = 10;
/// The longest interval: a day.
const INTERVAL_SECONDS_MAX: u32 = 86_400;
/// The longest a run may take, so that a tick of a minute ends well before its deadline.
pub const TIMEOUT_SECONDS_MAX: u32 = 30;
/// The largest count of results in a row; the last 20 are remembered.
const COUNT_MAX: u32 = 20;
/// Maintenance windows of one check: who needs more switches it off.
const WINDOWS_MAX: usize = 20;

fn interval() -> u32 {
    60
}

fn timeout() -> u32 {
    10
}

fn count() -> u32 {
    2
}

fn enabled() -> bool {
    true
}

/// What is watched, how often, and when it matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// What is asked, and what the answer has to be.
    #[garde(dive, custom(service_is_known(self.service.as_ref())))]
    pub probe: Probe,
    /// The service that it speaks for, if it speaks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub service: Option<ServiceId>,
    /// The time from one run to the next.
    #[serde(default = "interval")]
    #[garde(range(min = INTERVAL_SECONDS_MIN, max = INTERVAL_SECONDS_MAX))]
    #[schema(minimum = 10, maximum = 86_400, default = 60)]
    pub interval_seconds: u32,
    /// How long a run may take.
    #[serde(default = "timeout")]
    #[garde(range(min = 1, max = TIMEOUT_SECONDS_MAX), custom(at_most(self.interval_seconds)))]
    #[schema(minimum = 1, maximum = 30, default = 10)]
    pub timeout_seconds: u32,
    /// How many failures in a row take it down.
    #[serde(default = "count")]
    #[garde(range(min = 1, max = COUNT_MAX))]
    #[schema(minimum = 1, maximum = 20, default = 2)]
    pub fire_after: u32,
    /// How many successes in a row bring it up.
    #[serde(default = "count")]
    #[garde(range(min = 1, max = COUNT_MAX))]
    #[schema(minimum = 1, maximum = 20, default = 2)]
    pub clear_after: u32,
    /// A run that takes longer is slow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 30_000))]
    #[schema(minimum = 1, maximum = 30_000)]
    pub degraded_above_ms: Option<u32>,
    /// The check without which this one cannot be well: while that is down, this one opens
    /// no incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub parent: Option<CheckId>,
    /// How much its incidents matter.
    #[serde(default)]
    #[garde(skip)]
    pub severity: Priority,
    /// Who looks after it, and gets its incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub owner: Option<Uid>,
    /// When it is being worked on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = WINDOWS_MAX), dive)]
    pub maintenance: Vec<MaintenanceWindow>,
    /// Whether it runs.
    #[serde(default = "enabled")]
    #[garde(skip)]
    #[schema(default = true)]
    pub enabled: bool,
}

/// A time during which something is being worked on: no incident is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceWindow {
    /// The first instant.
    #[garde(skip)]
    pub from: Timestamp,
    /// The first instant after it.
    #[garde(custom(after(self.from)))]
    pub until: Timestamp,
    /// Why.
    #[garde(length(chars, min = 3, max = 500))]
    pub reason: String,
}

impl CheckSpec {
    /// Makes the check that a service has unless somebody wrote another: its address is
    /// asked every minute.
    #[must_use]
    pub fn of_service(service: ServiceId, name: &str, timeout_seconds: u32) -> Self {
        Self {
            name: name.to_owned(),
            probe: Probe::Http(super::HttpProbe::default()),
            service: Some(service),
            interval_seconds: interval(),
            timeout_seconds,
            fire_after: count(),
            clear_after: count(),
            degraded_above_ms: None,
            parent: None,
            severity: Priority::default(),
            owner: None,
            maintenance: Vec::new(),
            enabled: true,
        }
    }

    /// Tells whether it is being worked on at an instant.
    #[must_use]
    pub fn in_maintenance(&self, now: Timestamp) -> bool {
        self.maintenance.iter().any(|window| window.from <= now && now < window.until)
    }
}

fn at_most(interval: u32) -> impl FnOnce(&u32, &()) -> garde::Result {
    move |timeout, ()| {
        if *timeout <= interval {
            return Ok(());
        }
        Err(garde::Error::new("longer than the interval: a run would meet the next one"))
    }
}

fn after(from: Timestamp) -> impl FnOnce(&Timestamp, &()) -> garde::Result {
    move |until, ()| {
        if *until > from { Ok(()) } else { Err(garde::Error::new("not after `from`")) }
    }
}

fn service_is_known(service: Option<&ServiceId>) -> impl FnOnce(&Probe, &()) -> garde::Result {
    let known = service.is_some();
    move |probe, ()| match probe {
        Probe::Http(http) if http.url.is_none() && !known => {
            Err(garde::Error::new("needs `url`, or a `service` whose address is asked"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Returns the fields that are wrong with a check.
    fn wrong(change: Value) -> Vec<String> {
        let mut spec = json!({
            "name": "Shop", "probe": {"kind": "http", "url": "https://shop.example/health"},
        });
        for (field, value) in change.as_object().expect("an object") {
            spec[field] = value.clone();
        }
        let spec: CheckSpec = serde_json::from_value(spec).expect("parses");
        match spec.validate() {
            Ok(()) => Vec::new(),
            Err(report) => {
                let mut paths: Vec<_> = report.iter().map(|(path, _)| path.to_string()).collect();
                paths.sort();
                paths
            }
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        assert_eq!(wrong(json!({})), [""; 0]);
        assert_eq!(wrong(json!({"interval_seconds": 10, "timeout_seconds": 10})), [""; 0]);
        assert_eq!(
            wrong(json!({"interval_seconds": 9, "timeout_seconds": 9})),
            ["interval_seconds"]
        );
        assert_eq!(
            wrong(json!({"interval_seconds": 10, "timeout_seconds": 11})),
            ["timeout_seconds"]
        );
        assert_eq!(
            wrong(json!({"name": "", "fire_after": 0, "clear_after": 21, "degraded_above_ms": 0})),
            ["clear_after", "degraded_above_ms", "fire_after", "name"]
        );
        let window = json!([{"from": "2026-11-23T12:00:00Z", "until": "2026-11-23T12:00:00Z",
            "reason": "a disk"}]);
        assert_eq!(wrong(json!({"maintenance": window})), ["maintenance[0].until"]);
        assert_eq!(wrong(json!({"probe": {"kind": "http"}})), ["probe"]);
        assert_eq!(wrong(json!({"probe": {"kind": "http"}, "service": "shop"})), [""; 0]);
        assert_eq!(wrong(json!({"probe": {"kind": "tcp", "host": "", "port": 0}})).len(), 2);
    }

    #[test]
    fn a_window_holds_its_first_instant_and_not_its_last() {
        let at = |text: &str| text.parse::<Timestamp>().expect("valid");
        let mut spec = CheckSpec::of_service(ServiceId::new("shop"), "Shop", 10);
        spec.maintenance.push(MaintenanceWindow {
            from: at("2026-11-23T12:00:00Z"),
            until: at("2026-11-23T13:00:00Z"),
            reason: "a new disk".into(),
        });
        assert!(!spec.in_maintenance(at("2026-11-23T11:59:59.999999Z")));
        assert!(spec.in_maintenance(at("2026-11-23T12:00:00Z")));
        assert!(spec.in_maintenance(at("2026-11-23T12:59:59.999999Z")));
        assert!(!spec.in_maintenance(at("2026-11-23T13:00:00Z")));
    }
}
