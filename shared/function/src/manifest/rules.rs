//! What a manifest must hold beyond its shape.

use super::{Callers, Kind, Manifest, Trigger};

/// Cloud Run's longest request.
const TIMEOUT_SECONDS_MAX: u32 = 3600;
/// Cloud Run's most requests at a time.
const CONCURRENCY_MAX: u32 = 1000;
/// Service account ids end at 30 characters, and a function's name is one.
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=30;

/// Returns every mistake of a manifest, in the order of its keys.
pub(super) fn mistakes(manifest: &Manifest) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |holds: bool, mistake: String| {
        if !holds {
            found.push(mistake);
        }
    };

    expect(
        is_name(&manifest.name) && NAME_LENGTH.contains(&manifest.name.len()),
        format!("name: `{}` must be 3 to 30 lower-case letters, digits and `-`", manifest.name),
    );
    expect(!manifest.summary.trim().is_empty(), "summary: say what the function does".into());
    let service = &manifest.service;
    expect(service.cpu >= 1, "service.cpu: at least 1".into());
    expect(service.memory_mib >= 128, "service.memory_mib: at least 128".into());
    expect(
        (1..=TIMEOUT_SECONDS_MAX).contains(&service.timeout_seconds),
        format!("service.timeout_seconds: 1 to {TIMEOUT_SECONDS_MAX}"),
    );
    expect(
        (1..=CONCURRENCY_MAX).contains(&service.concurrency),
        format!("service.concurrency: 1 to {CONCURRENCY_MAX}"),
    );
    expect(
        service.instances.max >= 1 && service.instances.min <= service.instances.max,
        "service.instances: max must be at least 1 and not below min".into(),
    );
    expect(!manifest.triggers.is_empty(), "triggers: a function needs at least one".into());
    let http = manifest.triggers.values().filter(|trigger| trigger.http.is_some()).count();
    expect(http <= 1, "triggers: at most one `http`, because it takes every path".into());
    for (id, trigger) in &manifest.triggers {
        expect(is_name(id), format!("triggers.{id}: lower-case letters, digits and `-`"));
        // Paths that end in `z` are swallowed in front of Cloud Run.
        expect(!id.ends_with('z'), format!("triggers.{id}: must not end in `z`"));
        for mistake in trigger_mistakes(trigger) {
            expect(false, format!("triggers.{id}{mistake}"));
        }
    }
    for function in &manifest.calls {
        let other = is_name(function) && *function != manifest.name;
        expect(other, format!("calls: `{function}` must be the name of another function"));
    }
    for role in &manifest.roles {
        let valid = role.starts_with("roles/") || role.starts_with("projects/");
        expect(valid, format!("roles: `{role}` must start with `roles/` or `projects/`"));
    }
    for variable in manifest.env.keys().chain(manifest.secrets.keys()) {
        expect(is_variable(variable), format!("env, secrets: `{variable}` must be UPPER_CASE"));
        expect(
            !(manifest.env.contains_key(variable) && manifest.secrets.contains_key(variable)),
            format!("env, secrets: `{variable}` stands in both"),
        );
    }
    found
}

fn trigger_mistakes(trigger: &Trigger) -> Vec<String> {
    let mut found = Vec::new();
    match trigger.kind() {
        None => found.push(": exactly one of `http`, `firestore`, `pubsub`, `schedule`".into()),
        Some(Kind::Http(http)) => {
            let has = |kind| http.callers.contains(&kind);
            if http.callers.is_empty() || (has(Callers::Public) && has(Callers::Services)) {
                found.push(".http.callers: some of `users`, `services` and `public`, and `public` not with `services`".into());
            }
        }
        Some(Kind::Pubsub(pubsub)) if pubsub.topic.len() < 3 => {
            found.push(format!(".pubsub.topic: `{}` is too short for Pub/Sub", pubsub.topic));
        }
        Some(Kind::Schedule(schedule)) => {
            let crontab = format!("{} {}", schedule.cron, schedule.time_zone);
            if let Err(error) = cronexpr::parse_crontab(&crontab) {
                found.push(format!(".schedule: `{crontab}` is not a schedule: {error}"));
            }
        }
        Some(Kind::Pubsub(_) | Kind::Firestore(_)) => {}
    }
    if !(5..=100).contains(&trigger.retry.attempts_max) {
        found.push(".retry.attempts_max: 5 to 100".into());
    }
    found
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_variable(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    const GOOD: &str = r#"
name: audit-engine
summary: Audits.
service: { cpu: 1, memory_mib: 256, timeout_seconds: 300, concurrency: 40, instances: { min: 0, max: 5 } }
triggers:
  api:     { http: { callers: [users] } }
  changed: { firestore: { event: written, document: "assets/{asset}" } }
  nightly: { schedule: { cron: "0 3 * * *", time_zone: Etc/UTC } }
"#;

    fn check(from: &str, to: &str, mistake: &str) {
        assert!(GOOD.contains(from), "{from}");
        let mistakes = Manifest::parse(&GOOD.replace(from, to)).expect_err(mistake);
        assert!(mistakes.iter().any(|line| line.contains(mistake)), "{mistakes:?}");
    }

    #[test]
    fn a_good_manifest_is_accepted() {
        let manifest = Manifest::parse(GOOD).expect("good");
        assert_eq!(manifest.triggers["changed"].retry.attempts_max, 10);
    }

    #[test]
    fn a_bad_manifest_is_refused_with_the_key() {
        check("name: audit-engine", "name: Audit", "name: `Audit`");
        check("http: { callers: [users] }", "http: { callers: [] }", "triggers.api.http.callers");
        check("[users]", "[services, public]", "triggers.api.http.callers");
        check("nightly:", "night_ly:", "triggers.night_ly");
        check("nightly:", "quiz:", "must not end in `z`");
        check("0 3 * * *", "0 25 * * *", "triggers.nightly.schedule");
        check("Etc/UTC", "Mars/Base", "triggers.nightly.schedule");
        check("assets/{asset}", "assets", "names a collection");
        check("assets/{asset}", "assets/x-{asset}", "must be a plain name");
        check("concurrency: 40", "concurrency: 0", "service.concurrency");
        check("min: 0", "min: 6", "service.instances");
        check("triggers:", "calls: [audit-engine]\ntriggers:", "calls: `audit-engine`");
        check("summary: Audits.", "summary: Audits.\nsecret: a", "cannot be read");
        check(
            "api:     { http: { callers: [users] } }",
            "api: { http: { callers: [users] }, pubsub: { topic: abc } }",
            "triggers.api: exactly one",
        );
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let text = GOOD.replace("concurrency: 40", "concurrency: 0").replace("min: 0", "min: 6");
        assert_eq!(Manifest::parse(&text).expect_err("two").len(), 2);
    }
}
