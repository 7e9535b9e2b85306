//! What is known of each control, and what follows when that is too old.

use std::collections::BTreeMap;

use model::{
    ControlName, Timestamp,
    control::{Control, ControlState, Decision, Target},
    operator_override::{ControlSpec, FailMode, Policy},
};

/// What may be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permit {
    /// How much.
    pub state: ControlState,
    /// Whether only reading is allowed.
    pub read_only: bool,
    /// How often a second, when that is bounded.
    pub per_second: Option<u32>,
    /// The version of the control.
    pub epoch: u64,
    /// Whether nobody could tell for so long that the control's fail mode holds.
    pub stale: bool,
}

impl Permit {
    pub(super) fn of(decision: &Decision<'_>, epoch: u64) -> Self {
        Self {
            state: decision.state,
            read_only: decision.read_only,
            per_second: decision.per_second,
            epoch,
            stale: false,
        }
    }

    fn halted(epoch: u64, stale: bool) -> Self {
        Self { state: ControlState::Halted, epoch, stale, ..Self::default() }
    }
}

/// A version of a control that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) control: Control,
    /// Why it is not believed; then it counts as halted.
    pub(super) refused: Option<String>,
}

/// Everything that is known.
#[derive(Default)]
pub(super) struct Table {
    known: BTreeMap<ControlName, Known>,
    /// When it was last true.
    confirmed_at: Option<Timestamp>,
}

impl Table {
    /// Learns of a version, unless a newer one is known.
    pub(super) fn learn(&mut self, name: ControlName, known: Known) {
        let newest = self.known.get(&name).map_or(0, |before| before.control.epoch);
        if known.control.epoch >= newest {
            self.known.insert(name, known);
        }
    }

    pub(super) fn confirm(&mut self, at: Timestamp) {
        self.confirmed_at = self.confirmed_at.max(Some(at));
    }

    pub(super) fn confirmed_at(&self) -> Option<Timestamp> {
        self.confirmed_at
    }

    pub(super) fn known(&self, name: &ControlName) -> Option<&Known> {
        self.known.get(name)
    }

    pub(super) fn names(&self) -> Vec<ControlName> {
        self.known.keys().cloned().collect()
    }

    /// Tells whether this very version was looked at and believed.
    pub(super) fn believes(&self, name: &ControlName, control: &Control) -> bool {
        self.known
            .get(name)
            .is_some_and(|known| known.refused.is_none() && known.control == *control)
    }

    pub(super) fn permit(&self, name: &ControlName, target: Target<'_>, now: Timestamp) -> Permit {
        let spec = Policy::of_mesh().controls.get(name);
        let stale = self.is_stale(spec, now);
        let closed = spec.is_none_or(|spec| spec.fails == FailMode::Closed);
        let Some(known) = self.known.get(name) else {
            return if stale && closed {
                Permit::halted(0, true)
            } else {
                Permit { stale, ..Permit::default() }
            };
        };
        if known.refused.is_some() || stale && closed {
            return Permit::halted(known.control.epoch, stale);
        }
        let decision = known.control.decide(target, now);
        Permit { stale, ..Permit::of(&decision, known.control.epoch) }
    }

    pub(super) fn forced(
        &self,
        name: &ControlName,
        target: Target<'_>,
        now: Timestamp,
    ) -> Option<String> {
        let known = self.known.get(name).filter(|known| known.refused.is_none())?;
        known.control.decide(target, now).forced.map(str::to_owned)
    }

    pub(super) fn stale(&self, now: Timestamp) -> BTreeMap<ControlName, i64> {
        let age = self.confirmed_at.map_or(i64::MAX, |at| now.duration_since(*at).as_secs());
        let stale = |(_, spec): &(&ControlName, &ControlSpec)| self.is_stale(Some(spec), now);
        let controls = Policy::of_mesh().controls.iter().filter(stale);
        controls.map(|(name, _)| (name.clone(), age)).collect()
    }

    /// A control of which the policy does not say how old it may be is always stale.
    fn is_stale(&self, spec: Option<&ControlSpec>, now: Timestamp) -> bool {
        let age = |at: Timestamp| now.duration_since(*at).as_secs();
        match (self.confirmed_at, spec) {
            (Some(at), Some(spec)) => age(at) > i64::from(spec.max_age_seconds),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{
        OverrideId,
        control::Restriction,
        operator_override::{Effect, Scope},
    };

    use super::*;

    const ME: Target<'_> = Target { module: "shop", function: "shop", tenant: None, asset: None };

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(second).expect("in range").into()
    }

    fn halted(epoch: u64) -> Control {
        let restriction = Restriction {
            cause: OverrideId::new("o"),
            hash: String::new(),
            effect: Effect::Pause,
            scope: Scope::Global,
            since: at(0),
            until: at(10_000),
        };
        Control { epoch, ..Control::default().next(vec![restriction], "x", at(0)) }
    }

    #[test]
    fn what_is_too_old_takes_its_fail_mode() {
        let (trading, messages) = (ControlName::new("trading"), ControlName::new("messages"));
        let mut table = Table::default();
        // Nothing is known: what fails closed is halted.
        assert_eq!(table.permit(&trading, ME, at(0)), Permit::halted(0, true));
        assert_eq!(table.permit(&messages, ME, at(0)).state, ControlState::Enabled);
        table.confirm(at(100));
        assert_eq!(table.permit(&trading, ME, at(130)), Permit::default());
        assert_eq!(table.permit(&trading, ME, at(131)), Permit::halted(0, true));
        assert_eq!(
            table.stale(at(131)).keys().map(ControlName::as_str).collect::<Vec<_>>(),
            ["trading"]
        );
        // What fails open keeps what was known, a halt as well.
        table.learn(messages.clone(), Known { control: halted(1), refused: None });
        let permit = table.permit(&messages, ME, at(1_000));
        assert_eq!((permit.state, permit.stale), (ControlState::Halted, true));
        // Nobody knows how to treat what the policy does not name.
        assert_eq!(table.permit(&ControlName::new("x"), ME, at(100)).state, ControlState::Halted);
    }

    #[test]
    fn an_older_version_is_not_learnt_and_a_refused_one_halts() {
        let trading = ControlName::new("trading");
        let mut table = Table::default();
        table.confirm(at(0));
        let enabled = |epoch| Control { epoch, ..Control::default() };
        table.learn(trading.clone(), Known { control: halted(5), refused: None });
        table.learn(trading.clone(), Known { control: enabled(4), refused: None });
        assert_eq!(table.permit(&trading, ME, at(0)).state, ControlState::Halted);
        assert!(table.believes(&trading, &halted(5)) && !table.believes(&trading, &enabled(5)));
        let refused = Some("no such override".to_owned());
        table.learn(trading.clone(), Known { control: enabled(6), refused });
        assert_eq!(table.permit(&trading, ME, at(0)), Permit::halted(6, false));
    }
}
