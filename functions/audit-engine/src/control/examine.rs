//! The verdict of a control on an asset.

use std::{borrow::Cow, sync::Arc};

use model::{ExceptionId, audit::Verdict};

use super::{Control, Join, JoinBy};
use crate::{
    cel::{Fault, Value},
    estate::{Estate, Facts, Subject},
};

/// What a control says of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen, or what is missing; empty when the demand holds.
    pub evidence: String,
    /// The exception that covers it.
    pub exception: Option<ExceptionId>,
}

impl Examined {
    fn of(verdict: Verdict, evidence: impl Into<String>) -> Self {
        Self { verdict, evidence: evidence.into(), exception: None }
    }

    fn unknown(fault: &Fault) -> Self {
        Self::of(Verdict::Unknown, fault.to_string())
    }
}

impl Control {
    /// Examines an asset as of an instant.
    #[must_use]
    pub fn examine(&self, facts: &Facts<'_>, estate: &Estate) -> Examined {
        let Some(condition) = &self.condition else {
            return Examined::of(Verdict::Manual, self.remediation.text.clone());
        };
        let (variables, absent) = self.variables(facts, estate);
        let unknown = |fault: Fault| match (&fault, &absent) {
            // The reason says more than the name of the join.
            (Fault::Missing(path), Some(reason)) if path.starts_with("related.") => {
                Examined::of(Verdict::Unknown, reason.clone())
            }
            _ => Examined::unknown(&fault),
        };
        for path in &self.evidence {
            if let Err(fault) = path.evaluate(&variables) {
                return unknown(fault);
            }
        }
        match self.applies.as_ref().map(|applies| applies.holds(&variables)) {
            None | Some(Ok(true)) => {}
            Some(Ok(false)) => return Examined::of(Verdict::NotApplicable, ""),
            Some(Err(fault)) => return unknown(fault),
        }
        match condition.holds(&variables) {
            Ok(true) => Examined::of(Verdict::Pass, ""),
            Ok(false) => Examined::of(Verdict::Fail, self.seen(&variables)),
            Err(fault) => unknown(fault),
        }
    }

    /// Returns what the control's expressions read, and why something that it is joined
    /// with cannot be known, if that is so.
    pub(super) fn variables<'a>(
        &'a self,
        facts: &'a Facts<'a>,
        estate: &'a Estate,
    ) -> (Cow<'a, [Option<Value<'a>>]>, Option<String>) {
        if self.joins.is_empty() {
            return (Cow::Borrowed(&facts.variables), None);
        }
        let (mut variables, mut absent) = (facts.variables.to_vec(), None);
        for join in &self.joins {
            let joined = join.find(facts.subject, estate);
            if let Err(missing) = &joined {
                absent = absent.or(Some(missing.clone()));
            }
            variables.push(joined.ok());
        }
        (Cow::Owned(variables), absent)
    }

    /// Says what was seen.
    fn seen(&self, variables: &[Option<Value<'_>>]) -> String {
        let found = self.found.as_ref().map(|found| found.evaluate(variables));
        match found {
            Some(Ok(Value::Text(text))) => text.into_owned(),
            // The verdict stands all the same.
            _ => "the condition does not hold".to_owned(),
        }
    }
}

impl Join {
    /// Finds the assets that a subject is joined with, or says why nobody can know.
    fn find<'a>(&'a self, subject: &'a Subject, estate: &'a Estate) -> Result<Value<'a>, String> {
        let absent = self.asset_types.iter().find(|kind| !estate.has_type(kind));
        if let Some(kind) = absent {
            return Err(format!("the estate has no asset of type `{kind}`"));
        }
        let key = match self.by {
            JoinBy::Name | JoinBy::Email | JoinBy::Value => {
                self.key.as_ref().map(|key| key.of(subject))
            }
            JoinBy::Parent => Some(Ok(Cow::Borrowed(subject.name()))),
            JoinBy::Project => subject.project().map(|project| Ok(Cow::Borrowed(project))),
        };
        let key = key.transpose().map_err(|fault| fault.to_string())?;
        let key = key.ok_or_else(|| "the asset names no project".to_owned())?;
        let joined = match &self.value {
            Some(value) => estate.find_by_value(value, &key, &self.asset_types, subject.name()),
            None => estate.find(self.by, &key, &self.asset_types),
        };
        Ok(Value::Joined(Arc::new(joined)))
    }
}
