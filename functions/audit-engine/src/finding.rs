//! From a verdict and what was known to what a finding becomes.

use model::{
    AssetId, AuditId, FindingId, Timestamp,
    audit::Verdict,
    finding::{Finding, FindingState},
};

use crate::{
    control::{Control, Examined},
    estate::Subject,
};

/// A finding that must be written.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingChange {
    /// The finding's fingerprint.
    pub id: FindingId,
    /// The finding as it shall be.
    pub finding: Finding,
    /// The journal's word for the change.
    pub action: &'static str,
}

/// Decides what a finding becomes after a control has looked at an asset.
///
/// `None` when nothing changes. The decision depends on whole state, so that
/// the same verdict decided twice changes nothing the second time.
#[must_use]
pub fn decide(
    control: &Control,
    subject: &Subject,
    examined: &Examined,
    known: Option<&Finding>,
    now: Timestamp,
    audit: Option<&AuditId>,
) -> Option<FindingChange> {
    let id = FindingId::of(&control.id, subject.name());
    let state = match examined.verdict {
        Verdict::Fail => FindingState::Open,
        Verdict::Exempt => FindingState::Exempt,
        Verdict::Pass | Verdict::NotApplicable => {
            return known.and_then(|known| resolve(id, known, now));
        }
        // What nobody knows is no news.
        Verdict::Unknown | Verdict::Manual => return None,
    };
    let failing = known.filter(|known| known.state != FindingState::Resolved);
    let before = known.map_or(0, |known| known.times_opened);
    let finding = Finding {
        control: control.id.clone(),
        title: control.title.clone(),
        severity: control.severity,
        asset: AssetId::of(subject.name()),
        asset_name: subject.name().to_owned(),
        asset_type: subject.asset_type().to_owned(),
        owner: subject.owner().map(str::to_owned),
        state,
        evidence: examined.evidence.clone(),
        first_seen: known.map_or(now, |known| known.first_seen.min(now)),
        opened_at: failing.map_or(now, |failing| failing.opened_at),
        times_opened: failing.map_or(before + 1, |failing| failing.times_opened),
        // An event that comes late must not make the finding look older.
        last_seen: known.map_or(now, |known| known.last_seen.max(now)),
        resolved_at: None,
        exception: examined.exception.clone(),
        audit: audit.cloned().or_else(|| known.and_then(|known| known.audit.clone())),
    };
    let action = match (known.map(|known| known.state), state) {
        (None, FindingState::Open) => "finding.opened",
        (Some(before), now) if before == now => "finding.seen",
        (_, FindingState::Exempt) => "finding.exempted",
        (Some(_), _) => "finding.reopened",
        (None, FindingState::Resolved) => return None,
    };
    (known != Some(&finding)).then_some(FindingChange { id, finding, action })
}

/// Resolves a finding: its control holds again, or its asset is gone.
#[must_use]
pub fn resolve(id: FindingId, known: &Finding, now: Timestamp) -> Option<FindingChange> {
    (known.state != FindingState::Resolved).then(|| FindingChange {
        id,
        finding: Finding {
            state: FindingState::Resolved,
            resolved_at: Some(now),
            exception: None,
            ..known.clone()
        },
        action: "finding.resolved",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::control::ControlSet;

    fn at(second: u8) -> Timestamp {
        format!("2026-11-23T00:00:{second:02}Z").parse().expect("valid")
    }

    fn examined(verdict: Verdict) -> Examined {
        Examined { verdict, evidence: "it is open".into(), exception: None }
    }

    fn step(known: Option<&Finding>, verdict: Verdict, now: Timestamp) -> Option<FindingChange> {
        let asset = Subject::new(json!({
            "name": "//b", "assetType": "storage.googleapis.com/Bucket",
            "resource": {"data": {"labels": {"owner": "olivia"}}},
        }))
        .expect("an asset");
        let control = ControlSet::embedded().iter().next().expect("a control");
        decide(control, &asset, &examined(verdict), known, now, None)
    }

    #[test]
    fn a_finding_opens_stays_resolves_and_reopens() {
        let fail = Verdict::Fail;
        let opened = step(None, fail, at(1)).expect("opens");
        assert_eq!(opened.action, "finding.opened");

        let seen = step(Some(&opened.finding), fail, at(2)).expect("is seen again");
        assert_eq!((seen.action, seen.finding.last_seen), ("finding.seen", at(2)));
        assert_eq!(seen.finding.first_seen, at(1));

        let resolved = step(Some(&seen.finding), Verdict::Pass, at(3)).expect("resolves");
        assert_eq!(
            (resolved.action, resolved.finding.resolved_at),
            ("finding.resolved", Some(at(3)))
        );

        let reopened = step(Some(&resolved.finding), fail, at(4)).expect("reopens");
        assert_eq!((reopened.action, reopened.finding.opened_at), ("finding.reopened", at(4)));
        assert_eq!((reopened.finding.first_seen, reopened.finding.resolved_at), (at(1), None));
        assert_eq!((opened.finding.times_opened, reopened.finding.times_opened), (1, 2));
        assert_eq!(reopened.finding.owner.as_deref(), Some("olivia"));
    }

    #[test]
    fn an_exception_stands_between_open_and_resolved() {
        let opened = step(None, Verdict::Fail, at(1)).expect("opens").finding;
        let exempt = step(Some(&opened), Verdict::Exempt, at(2)).expect("is covered");
        assert_eq!((exempt.action, exempt.finding.state), {
            ("finding.exempted", FindingState::Exempt)
        });
        assert_eq!((exempt.finding.opened_at, exempt.finding.times_opened), (at(1), 1));
        let over = step(Some(&exempt.finding), Verdict::Fail, at(3)).expect("opens again");
        assert_eq!((over.action, over.finding.opened_at), ("finding.reopened", at(1)));
        let held = step(Some(&exempt.finding), Verdict::Pass, at(3)).expect("resolves");
        assert_eq!(held.finding.state, FindingState::Resolved);
        let first = step(None, Verdict::Exempt, at(1)).expect("is kept in sight");
        assert_eq!(first.action, "finding.exempted");
        assert_eq!(step(Some(&first.finding), Verdict::Exempt, at(1)), None);
    }

    #[test]
    fn the_same_verdict_decided_twice_changes_nothing() {
        let fail = Verdict::Fail;
        let opened = step(None, fail, at(1)).expect("opens").finding;
        assert_eq!(step(Some(&opened), fail, at(1)), None);
        let resolved = step(Some(&opened), Verdict::Pass, at(2)).expect("resolves").finding;
        assert_eq!(step(Some(&resolved), Verdict::Pass, at(2)), None);
        assert_eq!(step(None, Verdict::Pass, at(2)), None);
    }

    #[test]
    fn a_late_event_does_not_make_a_finding_older() {
        let fail = Verdict::Fail;
        let seen = step(None, fail, at(5)).expect("opens").finding;
        let late = step(Some(&seen), fail, at(1)).expect("first seen moves").finding;
        assert_eq!((late.first_seen, late.last_seen), (at(1), at(5)));
    }

    #[test]
    fn missing_evidence_neither_opens_nor_resolves() {
        let unknown = Verdict::Unknown;
        let opened = step(None, Verdict::Fail, at(1)).expect("opens").finding;
        assert_eq!(step(Some(&opened), unknown, at(2)), None);
        assert_eq!(step(None, unknown, at(2)), None);
    }
}
