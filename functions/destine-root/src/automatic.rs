//! Overrides that rules ask for: what happened, and which rules it is a reason for.

use jiff::SignedDuration;
use model::{
    Actor, OverrideId, Timestamp,
    control::Control,
    finding::{Finding, FindingState},
    incident::{Incident, IncidentState},
    operator_override::{Act, Automatic, Change, Override, Policy, When},
};
use store::{Cause, Query, Store, StoreError};
use tracing::info;

/// How many overrides all rules together ask for in an hour: more is a loop, and people
/// have to look.
const PER_HOUR_MAX: usize = 5;
/// Overrides of one rule that are looked at, the newest first by their ids.
const HISTORY_MAX: u32 = 100;

/// What a rule may wait for.
pub(crate) enum Happened<'a> {
    Incident(&'a Incident),
    Finding(&'a Finding),
}

/// Tells whether a rule waits for what happened.
fn fires(rule: &Automatic, happened: &Happened<'_>) -> bool {
    fn is<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
        wanted.is_none() || wanted == found
    }
    match (&rule.when, happened) {
        (When::Incident { service, check, priority }, Happened::Incident(incident)) => {
            incident.state == IncidentState::Open
                // What an override caused is no reason for another.
                && incident.overrides.is_empty()
                && is(service.as_ref(), incident.service.as_ref())
                && is(check.as_ref(), incident.check.as_ref())
                // The first is the most urgent.
                && priority.is_none_or(|least| incident.priority <= least)
        }
        (When::Finding { severity, control, asset_type }, Happened::Finding(finding)) => {
            finding.state == FindingState::Open
                && is(severity.as_ref(), Some(&finding.severity))
                && is(control.as_ref(), Some(&finding.control))
                && is(asset_type.as_ref(), Some(&finding.asset_type))
        }
        _ => false,
    }
}

/// Tells why a rule does nothing this time, if it does not.
fn holds_back(
    rule: &Automatic,
    control: Option<&Control>,
    own: &[Timestamp],
    everybody: &[Timestamp],
    now: Timestamp,
) -> Option<&'static str> {
    let within = |at: &&Timestamp, span: SignedDuration| now < at.plus(span);
    let cool_down = SignedDuration::from_mins(rule.cool_down_minutes.into());
    if own.iter().any(|at| within(&at, cool_down)) {
        return Some("it cools down");
    }
    let hour = SignedDuration::from_hours(1);
    if everybody.iter().filter(|at| within(at, hour)).count() >= PER_HOUR_MAX {
        return Some("rules did too much in the last hour");
    }
    // What an override causes is no reason for another.
    let restricted = |control: &Control| control.restrictions.iter().any(|one| now < one.until);
    control.is_some_and(restricted).then_some("the control is overridden already")
}

/// Asks for the overrides that rules want because of what happened; once for each event.
///
/// # Errors
/// When documents cannot be read or written.
pub(crate) async fn react(
    store: &Store,
    cause: &Cause,
    happened: Happened<'_>,
) -> Result<(), StoreError> {
    let rules = &Policy::of_mesh().automatic;
    let firing: Vec<_> = rules.iter().filter(|rule| fires(rule, &happened)).collect();
    if firing.is_empty() {
        return Ok(());
    }
    let firing = &firing;
    store
        .once(cause, |tx| async move {
            let mut asked = Vec::new();
            for rule in rules {
                let query = Query::<Override>::all().equals("rule", &rule.name);
                let past = tx.list(&query.page_size(HISTORY_MAX)).await?.items;
                let at = past.into_iter().map(|stored| stored.document.requested_at);
                asked.push((&rule.name, at.collect::<Vec<_>>()));
            }
            for rule in firing {
                let own = asked.iter().find(|(name, _)| *name == &rule.name);
                let own = own.map(|(_, at)| at.clone()).unwrap_or_default();
                let everybody: Vec<_> = asked.iter().flat_map(|(_, at)| at.clone()).collect();
                let control = tx.get::<Control>(&rule.then.control).await?;
                let control = control.as_ref().map(|stored| &stored.document);
                if let Some(why) = holds_back(rule, control, &own, &everybody, cause.time) {
                    info!(rule = rule.name, "the rule `{}` does nothing: {why}", rule.name);
                    continue;
                }
                let event = cause.event.as_ref().map_or("", |origin| origin.event.as_str());
                let id = OverrideId::new(format!("{}-{event}", rule.name));
                let wish = wish(rule, &id, cause);
                tx.put(&id, &wish, "override.requested", &wish.change.reason).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

fn wish(rule: &Automatic, id: &OverrideId, cause: &Cause) -> Override {
    let change = Change {
        control: rule.then.control.clone(),
        effect: rule.then.effect.clone(),
        scope: rule.then.scope.clone(),
        minutes: Some(rule.then.minutes),
        reason: format!("the rule `{}` fired", rule.name),
    };
    let by = match &cause.actor {
        Actor::Service { account } => Actor::service(account),
        person @ Actor::Person { .. } => person.clone(),
    };
    let asked = Override::ask(id, change, by, Policy::of_mesh(), cause.time);
    asked.by_rule(&rule.name, rule.act == Act::Apply)
}

#[cfg(test)]
mod tests {
    use model::{ServiceId, incident::Priority, operator_override::Effect};

    use super::*;

    fn at(minute: i64) -> Timestamp {
        jiff::Timestamp::from_second(minute * 60).expect("in range").into()
    }

    fn rule() -> &'static Automatic {
        let rules = &Policy::of_mesh().automatic;
        rules.iter().find(|rule| matches!(rule.when, When::Incident { .. })).expect("one")
    }

    fn incident(service: &str, priority: Priority) -> Incident {
        let by = Actor::service("destine-root@mesh");
        Incident {
            service: Some(ServiceId::new(service)),
            ..Incident::open("down", priority, "503", by, at(0))
        }
    }

    #[test]
    fn a_rule_fires_for_what_it_names() {
        let fires = |incident: Incident| fires(rule(), &Happened::Incident(&incident));
        assert!(fires(incident("trading-agent", Priority::P1)));
        assert!(!fires(incident("trading-agent", Priority::P2)));
        assert!(!fires(incident("shop", Priority::P1)));
        let resolved = IncidentState::Resolved;
        let over = Incident { state: resolved, ..incident("trading-agent", Priority::P1) };
        assert!(!fires(over));
        let overrides = vec![OverrideId::new("o1")];
        let caused = Incident { overrides, ..incident("trading-agent", Priority::P1) };
        assert!(!fires(caused));
    }

    #[test]
    fn a_rule_cools_down_and_all_together_have_a_bound() {
        let held = |own: &[i64], everybody: &[i64], now| {
            let times = |minutes: &[i64]| minutes.iter().map(|one| at(*one)).collect::<Vec<_>>();
            holds_back(rule(), None, &times(own), &times(everybody), at(now))
        };
        assert_eq!(held(&[], &[], 100), None);
        assert_eq!(held(&[41], &[41], 100), Some("it cools down"));
        assert_eq!(held(&[40], &[40], 100), None);
        let five = [50, 60, 70, 80, 90];
        assert_eq!(held(&[], &five, 100), Some("rules did too much in the last hour"));
        assert_eq!(held(&[], &five, 110), None);
    }

    #[test]
    fn what_an_override_causes_is_no_reason_for_another() {
        let cause = OverrideId::new("o1");
        let restriction = model::control::Restriction {
            cause,
            hash: String::new(),
            effect: Effect::Pause,
            scope: Default::default(),
            since: at(0),
            until: at(60),
        };
        let control = Control::default().next(vec![restriction], "x", at(0));
        assert!(holds_back(rule(), Some(&control), &[], &[], at(59)).is_some());
        assert!(holds_back(rule(), Some(&control), &[], &[], at(60)).is_none());
    }
}
