//! What a control lets somebody do. Asked before every effect, so nothing is allocated.

use super::{Control, ControlState, Restriction};
use crate::{
    Timestamp,
    operator_override::{Effect, Scope},
};

/// Who wants to do something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target<'a> {
    /// The capability that it is done for, such as `trading-agent`.
    pub module: &'a str,
    /// The function that does it.
    pub function: &'a str,
    /// For whom, when it is done for one customer.
    pub tenant: Option<&'a str>,
    /// To which asset, when it is done to one.
    pub asset: Option<&'a str>,
}

/// What may be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision<'a> {
    /// How much.
    pub state: ControlState,
    /// Whether only reading is allowed.
    pub read_only: bool,
    /// How often a second, when that is bounded.
    pub per_second: Option<u32>,
    /// The value to use instead of one's own, when there is one.
    pub forced: Option<&'a str>,
    /// The restriction that takes away the most.
    pub by: Option<&'a Restriction>,
}

impl Control {
    /// Decides what may be done at an instant: of all restrictions that apply, each takes
    /// away what it does. One whose time is over applies no longer.
    #[must_use]
    pub fn decide(&self, target: Target<'_>, now: Timestamp) -> Decision<'_> {
        let mut decision = Decision::default();
        let applies = |one: &&Restriction| now < one.until && one.scope.covers(target);
        for one in self.restrictions.iter().filter(applies) {
            let state = one.effect.state();
            if decision.by.is_none_or(|by| by.effect.state() < state) {
                decision.by = Some(one);
            }
            decision.state = decision.state.max(state);
            match &one.effect {
                Effect::ReadOnly => decision.read_only = true,
                Effect::Throttle { per_second } => {
                    let least = decision.per_second.map_or(*per_second, |of| of.min(*per_second));
                    decision.per_second = Some(least);
                }
                Effect::Force { value } => decision.forced = Some(value),
                Effect::Kill | Effect::Pause | Effect::Drain => {}
            }
        }
        decision
    }
}

impl Scope {
    fn covers(&self, target: Target<'_>) -> bool {
        match self {
            Self::Global => true,
            Self::Module { name } => name == target.module,
            Self::Function { name } => name == target.function,
            Self::Tenant { id } => target.tenant == Some(id),
            Self::Asset { name } => target.asset == Some(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OverrideId;

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(second).expect("in range").into()
    }

    fn control(effects: &[(Effect, Scope, i64)]) -> Control {
        let restriction = |(effect, scope, until): &(Effect, Scope, i64)| Restriction {
            cause: OverrideId::new("o"),
            hash: String::new(),
            effect: effect.clone(),
            scope: scope.clone(),
            since: at(0),
            until: at(*until),
        };
        Control::default().next(effects.iter().map(restriction).collect(), "test", at(0))
    }

    const ANYBODY: Target<'_> =
        Target { module: "shop", function: "shop", tenant: None, asset: None };

    #[test]
    fn the_most_restrictive_wins_and_what_is_over_counts_no_more() {
        let control = control(&[
            (Effect::Throttle { per_second: 9 }, Scope::Global, 100),
            (Effect::Pause, Scope::Global, 10),
            (Effect::Throttle { per_second: 5 }, Scope::Global, 100),
            (Effect::Force { value: "7".into() }, Scope::Global, 50),
        ]);
        let early = control.decide(ANYBODY, at(9));
        assert_eq!((early.state, early.per_second), (ControlState::Halted, Some(5)));
        assert_eq!(early.by.map(|one| &one.effect), Some(&Effect::Pause));
        let later = control.decide(ANYBODY, at(10));
        assert_eq!((later.state, later.forced), (ControlState::Reduced, Some("7")));
        assert_eq!(control.decide(ANYBODY, at(100)), Decision::default());
    }

    #[test]
    fn a_scope_covers_whom_it_names() {
        let scopes = [
            Scope::Module { name: "shop".into() },
            Scope::Function { name: "till".into() },
            Scope::Tenant { id: "t1".into() },
            Scope::Asset { name: "//a".into() },
        ];
        for (place, scope) in scopes.into_iter().enumerate() {
            let control = control(&[(Effect::Kill, scope, 10)]);
            assert_eq!(control.state, ControlState::Enabled, "it is not everybody's");
            let targets = [
                Target { module: "shop", ..Target::default() },
                Target { function: "till", ..Target::default() },
                Target { tenant: Some("t1"), ..Target::default() },
                Target { asset: Some("//a"), ..Target::default() },
            ];
            for (other, target) in targets.into_iter().enumerate() {
                let halted = control.decide(target, at(0)).state == ControlState::Halted;
                assert_eq!(halted, place == other);
            }
        }
    }
}
