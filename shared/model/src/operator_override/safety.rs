//! Rules that no override may break, whoever approved it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Change, Policy, policy::Rule};
use crate::{
    ControlName, Timestamp,
    control::{Control, ControlState, Target},
};

/// Every control that there is a document of.
pub type Controls = BTreeMap<ControlName, Control>;

/// A rule that an override would break, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, ToSchema)]
#[error("the rule `{rule}` forbids it: {why}")]
#[schema(as = BrokenRule)]
pub struct Broken {
    /// The rule.
    pub rule: String,
    /// How the change breaks it.
    pub why: String,
}

/// Returns every rule that a change would break as things are.
#[must_use]
pub fn broken_rules(
    policy: &Policy,
    change: &Change,
    emergency: bool,
    controls: &Controls,
    now: Timestamp,
) -> Vec<Broken> {
    let world = World { policy, change, controls, now };
    let applying = policy.rules.iter().filter(|rule| !(emergency && rule.emergency));
    let broken = applying
        .filter_map(|rule| Some(Broken { rule: rule.name.clone(), why: world.breaks(rule)? }));
    let mut broken: Vec<_> = broken.collect();
    let protected = policy.rules.iter().any(|rule| rule.protected.contains(&change.control));
    if !policy.controls.contains_key(&change.control) && !protected {
        let names: Vec<_> = policy.controls.keys().map(ToString::to_string).collect();
        let why = format!("`{}` is none of: {}", change.control, names.join(", "));
        broken.push(Broken { rule: "only-what-there-is".into(), why });
    }
    broken
}

struct World<'a> {
    policy: &'a Policy,
    change: &'a Change,
    controls: &'a Controls,
    now: Timestamp,
}

impl World<'_> {
    /// Says how the change breaks a rule, if it does.
    fn breaks(&self, rule: &Rule) -> Option<String> {
        let kind = self.change.effect.kind();
        let applies = |kinds: &[String]| kinds.iter().any(|one| one == kind);
        if rule.protected.contains(&self.change.control) {
            return Some(format!("`{}` must always run", self.change.control));
        }
        if let Some(assertion) = &rule.assertion
            && self.halts()
            && assertion.of.contains(&self.change.control)
        {
            let left = assertion.of.iter().filter(|name| !self.is_halted_then(name)).count();
            if left < assertion.at_least {
                let least = assertion.at_least;
                return Some(format!("{left} would be left, and {least} must be"));
            }
        }
        if let Some(gating) = &rule.gating
            && applies(&gating.kinds)
            && self.state(&gating.while_enabled) != ControlState::Enabled
        {
            return Some(format!("`{}` is not enabled", gating.while_enabled));
        }
        if let Some(interval) = &rule.interval
            && applies(&interval.kinds)
            && let Some(control) = self.controls.get(&self.change.control)
        {
            let age = self.now.duration_since(*control.since).as_secs();
            if age < i64::from(interval.seconds) {
                let seconds = interval.seconds;
                return Some(format!("it changed {age} s ago, and {seconds} s must pass"));
            }
        }
        if let Some(radius) = &rule.blast_radius
            && self.halts()
            && self.state(&self.change.control) != ControlState::Halted
        {
            let all = self.policy.controls.len();
            let halted = self.policy.controls.keys().filter(|name| self.is_halted_then(name));
            let halted = halted.count();
            if halted * 100 > all * radius.percent_max {
                let most = radius.percent_max;
                return Some(format!("{halted} of {all} would be halted, more than {most} %"));
            }
        }
        None
    }

    /// Tells whether the change leaves nothing of its control.
    fn halts(&self) -> bool {
        let name = self.change.control.as_str();
        let whole = match &self.change.scope {
            super::Scope::Global => true,
            super::Scope::Module { name: of } | super::Scope::Function { name: of } => of == name,
            super::Scope::Tenant { .. } | super::Scope::Asset { .. } => false,
        };
        whole && self.change.effect.state() == ControlState::Halted
    }

    fn is_halted_then(&self, name: &ControlName) -> bool {
        *name == self.change.control && self.halts() || self.state(name) == ControlState::Halted
    }

    /// What a control lets its own function do now.
    fn state(&self, name: &ControlName) -> ControlState {
        let own = Target { module: name.as_str(), function: name.as_str(), ..Target::default() };
        self.controls.get(name).map(|of| of.decide(own, self.now).state).unwrap_or_default()
    }
}
