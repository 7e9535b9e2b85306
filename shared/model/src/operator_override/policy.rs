//! What may be overridden, by whose consent, and what no override may do: data.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{Change, Effect, Scope};
use crate::{ControlName, finding::Severity, incident::Priority};

/// The policy of the mesh, from `policy.yaml` beside this file.
static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    serde_saphyr::from_str(include_str!("policy.yaml")).unwrap_or_else(|error| {
        // A test reads the same text, so that no build with a mistake in it passes.
        panic!("policy.yaml: {error}")
    })
});

/// What may be overridden, by whose consent, and what no override may do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Every control.
    pub controls: BTreeMap<ControlName, ControlSpec>,
    /// How many people must agree: by kind, then by scope.
    pub approvals: BTreeMap<String, BTreeMap<String, u32>>,
    /// What no override may do.
    pub rules: Vec<Rule>,
    /// What is asked for, or done, by itself.
    pub automatic: Vec<Automatic>,
}

/// What is to be known of a control.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlSpec {
    /// What it stops, in one line.
    pub summary: String,
    /// How old what a module knows of it may become, in seconds.
    pub max_age_seconds: u32,
    /// What holds when it is older.
    pub fails: FailMode,
}

/// What holds when nobody can tell what a control is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailMode {
    /// What was known last.
    Open,
    /// Halted.
    Closed,
}

/// A rule that no override may break.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The rule's name.
    pub name: String,
    /// These cannot be restricted at all.
    #[serde(default)]
    pub protected: Vec<ControlName>,
    /// So many of these are not halted.
    pub assertion: Option<Assertion>,
    /// These kinds only while a control is enabled.
    pub gating: Option<Gating>,
    /// These kinds only so long after the control's last change.
    pub interval: Option<Interval>,
    /// At most this share of all controls is halted.
    pub blast_radius: Option<BlastRadius>,
    /// Whether who breaks glass may break it.
    #[serde(default)]
    pub emergency: bool,
}

/// So many of a set are not halted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// The set.
    pub of: Vec<ControlName>,
    /// How many.
    pub at_least: usize,
}

/// Kinds that need a control to be enabled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gating {
    /// The kinds.
    pub kinds: Vec<String>,
    /// The control.
    pub while_enabled: ControlName,
}

/// Kinds that wait after a change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The kinds.
    pub kinds: Vec<String>,
    /// How long.
    pub seconds: u32,
}

/// A share of all controls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlastRadius {
    /// In percent.
    pub percent_max: usize,
}

/// An override that nobody has to think of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Automatic {
    /// The rule's name.
    pub name: String,
    /// What it waits for.
    pub when: When,
    /// What it wants.
    pub then: Then,
    /// Whether people still have to agree.
    pub act: Act,
    /// How long it does nothing after it did something.
    pub cool_down_minutes: u32,
}

/// What an automatic override waits for. What is not named is not looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// An incident opens; checks and service levels open them.
    Incident {
        /// Of this service.
        service: Option<crate::ServiceId>,
        /// Of this check.
        check: Option<crate::CheckId>,
        /// At least this urgent.
        priority: Option<Priority>,
    },
    /// A finding opens.
    Finding {
        /// Of this severity.
        severity: Option<Severity>,
        /// Of this control of the audit.
        control: Option<String>,
        /// About assets of this type.
        asset_type: Option<String>,
    },
}

/// What an automatic override wants.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// The control.
    pub control: ControlName,
    /// What to do to it.
    pub effect: Effect,
    /// To whom.
    #[serde(default)]
    pub scope: Scope,
    /// How long.
    pub minutes: u32,
}

/// What becomes of an automatic override.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// People are asked.
    Propose,
    /// It is done.
    Apply,
}

impl Policy {
    /// Returns the policy of the mesh.
    #[must_use]
    pub fn of_mesh() -> &'static Self {
        &POLICY
    }

    /// Returns how many people besides the requester must agree to a change.
    #[must_use]
    pub fn approvals_needed(&self, change: &Change) -> u32 {
        let row = self.approvals.get(change.effect.kind());
        // What nobody thought of needs more than anything that somebody did.
        row.and_then(|row| row.get(change.scope.kind())).copied().unwrap_or(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_only_what_there_is() {
        let policy = Policy::of_mesh();
        let known = |name: &ControlName| policy.controls.contains_key(name);
        for rule in &policy.rules {
            let named = rule.assertion.iter().flat_map(|of| &of.of);
            let named = named.chain(rule.gating.iter().map(|of| &of.while_enabled));
            assert!(named.clone().all(known), "{}", rule.name);
            let kinds = [
                !rule.protected.is_empty(),
                rule.assertion.is_some(),
                rule.gating.is_some(),
                rule.interval.is_some(),
                rule.blast_radius.is_some(),
            ];
            assert_eq!(kinds.into_iter().filter(|is| *is).count(), 1, "{}", rule.name);
        }
        for automatic in &policy.automatic {
            assert!(known(&automatic.then.control), "{}", automatic.name);
        }
    }

    #[test]
    fn every_kind_and_scope_says_who_must_agree() {
        let policy = Policy::of_mesh();
        for kind in ["kill", "pause", "drain", "read_only", "throttle", "force"] {
            for scope in ["global", "module", "function", "tenant", "asset"] {
                assert!(policy.approvals[kind][scope] >= 1, "{kind} {scope}");
            }
        }
    }
}
