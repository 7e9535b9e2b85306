//! How much of what was asked holds, as one number.

use model::finding::Severity;

use super::Assessment;

/// What one verdict of a control counts for.
fn weight(severity: Severity) -> u64 {
    match severity {
        Severity::Critical => 10,
        Severity::High => 5,
        Severity::Medium => 3,
        Severity::Low => 1,
    }
}

/// Returns the score in hundredths of a per cent: the weight of what passes, of the weight
/// of what passes, fails or is unknown. What is exempt, not applicable or for people to
/// judge does not count; `None` when nothing does.
///
/// A verdict weighs 10 when its control is critical, 5 when it is high, 3 when it is medium
/// and 1 when it is low. Evidence that is missing counts as if the control failed.
#[must_use]
pub fn score(assessment: &Assessment<'_>) -> Option<u64> {
    let (mut held, mut asked) = (0, 0);
    for control in &assessment.controls {
        let Some(counts) = assessment.counts.get(control.id.as_str()) else { continue };
        held += weight(control.severity) * counts.pass;
        asked += weight(control.severity) * (counts.pass + counts.fail + counts.unknown);
    }
    (held * 10_000).checked_div(asked)
}
