//! What an override changes, and the hash that an approval is bound to.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{Actor, ControlName, OverrideId, control::ControlState};

/// How long an override lasts unless somebody says otherwise.
pub const MINUTES_DEFAULT: u32 = 60;
/// How long an override lasts at the most, and a kill without being confirmed again.
pub const MINUTES_MAX: u32 = 24 * 60;
/// The longest value, name or reason.
pub const TEXT_MAX: usize = 500;

/// What an override does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
#[schema(as = OverrideEffect)]
pub enum Effect {
    /// Nothing is done any more, until it is lifted or not confirmed for a day.
    Kill,
    /// Nothing is done for a while.
    Pause,
    /// Nothing is changed for a while.
    ReadOnly,
    /// At most so much is done.
    Throttle {
        /// How often a second.
        #[schema(minimum = 1)]
        per_second: u32,
    },
    /// A value is used instead of the module's own.
    Force {
        /// The value, as the module reads it.
        #[schema(min_length = 1, max_length = 500)]
        value: String,
    },
    /// What is under way is ended, and nothing new begun.
    Drain,
}

impl Effect {
    /// Returns the kind's name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::ReadOnly => "read_only",
            Self::Throttle { .. } => "throttle",
            Self::Force { .. } => "force",
            Self::Drain => "drain",
        }
    }

    /// Returns what is left of a control.
    #[must_use]
    pub const fn state(&self) -> ControlState {
        match self {
            Self::Kill | Self::Pause | Self::Drain => ControlState::Halted,
            Self::ReadOnly | Self::Throttle { .. } | Self::Force { .. } => ControlState::Reduced,
        }
    }
}

/// Whom an override concerns.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
#[schema(as = OverrideScope)]
pub enum Scope {
    /// Everybody.
    #[default]
    Global,
    /// What is done for one capability.
    Module {
        /// The capability.
        #[schema(min_length = 1, max_length = 500)]
        name: String,
    },
    /// What one function does.
    Function {
        /// The function.
        #[schema(min_length = 1, max_length = 500)]
        name: String,
    },
    /// What is done for one customer.
    Tenant {
        /// The customer.
        #[schema(min_length = 1, max_length = 500)]
        id: String,
    },
    /// What is done to one asset of the estate.
    Asset {
        /// Its full resource name.
        #[schema(min_length = 1, max_length = 500)]
        name: String,
    },
}

impl Scope {
    /// Returns the kind's name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Module { .. } => "module",
            Self::Function { .. } => "function",
            Self::Tenant { .. } => "tenant",
            Self::Asset { .. } => "asset",
        }
    }
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OverrideChange)]
pub struct Change {
    /// The control.
    pub control: ControlName,
    /// What to do to it.
    pub effect: Effect,
    /// To whom.
    #[serde(default)]
    pub scope: Scope,
    /// How long, in minutes; a kill without it stays until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: Option<u32>,
    /// Why; shown to who approves.
    #[schema(min_length = 3, max_length = 500)]
    pub reason: String,
}

/// A field of a change that is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {message}")]
pub struct WrongField {
    /// The field's path.
    pub field: &'static str,
    /// What would be right.
    pub message: String,
}

impl Change {
    /// Returns every field that is wrong.
    #[must_use]
    pub fn mistakes(&self) -> Vec<WrongField> {
        let mut wrong = Vec::new();
        let mut expect = |right: bool, field, message: String| {
            if !right {
                wrong.push(WrongField { field, message });
            }
        };
        let fits = |text: &str, least| (least..=TEXT_MAX).contains(&text.chars().count());
        expect(fits(&self.reason, 3), "reason", format!("3 to {TEXT_MAX} characters"));
        let minutes = self.minutes.is_none_or(|minutes| (1..=MINUTES_MAX).contains(&minutes));
        expect(minutes, "minutes", format!("1 to {MINUTES_MAX}"));
        match &self.effect {
            Effect::Throttle { per_second } => {
                expect(*per_second >= 1, "effect.per_second", "at least 1; or pause it".into());
            }
            Effect::Force { value } => {
                expect(fits(value, 1), "effect.value", format!("1 to {TEXT_MAX} characters"));
            }
            Effect::Kill | Effect::Pause | Effect::ReadOnly | Effect::Drain => {}
        }
        match &self.scope {
            Scope::Module { name } | Scope::Function { name } | Scope::Asset { name } => {
                expect(fits(name, 1), "scope.name", format!("1 to {TEXT_MAX} characters"));
            }
            Scope::Tenant { id } => {
                expect(fits(id, 1), "scope.id", format!("1 to {TEXT_MAX} characters"));
            }
            Scope::Global => {}
        }
        wrong
    }

    /// Returns for how many minutes it is in force without being confirmed.
    #[must_use]
    pub fn minutes_in_force(&self) -> u32 {
        let default = if self.effect == Effect::Kill { MINUTES_MAX } else { MINUTES_DEFAULT };
        self.minutes.unwrap_or(default)
    }

    /// Tells whether it stays in force for as long as somebody confirms it each day.
    #[must_use]
    pub fn is_confirmed_daily(&self) -> bool {
        self.effect == Effect::Kill && self.minutes.is_none()
    }

    /// Hashes exactly what is approved: which override, what it changes, who asked. Every
    /// part is a JSON text, so that no two changes read the same.
    #[must_use]
    pub fn hash(&self, id: &OverrideId, requested_by: &Actor) -> String {
        let parts = serde_json::json!([id, self, requested_by.to_string()]);
        hex::encode(Sha256::digest(parts.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(effect: Effect) -> Change {
        Change {
            control: ControlName::new("trading"),
            effect,
            scope: Scope::Global,
            minutes: None,
            reason: "the exchange is down".into(),
        }
    }

    #[test]
    fn every_part_of_a_change_is_in_its_hash() {
        let (id, oscar) = (OverrideId::new("o1"), Actor::service("oscar@mesh"));
        let pause = change(Effect::Pause);
        let hash = pause.hash(&id, &oscar);
        assert_eq!(hash, pause.clone().hash(&id, &oscar));
        let others = [
            change(Effect::Kill),
            Change { control: ControlName::new("sales"), ..pause.clone() },
            Change { scope: Scope::Tenant { id: "t".into() }, ..pause.clone() },
            Change { minutes: Some(60), ..pause.clone() },
            Change { reason: "another".into(), ..pause.clone() },
        ];
        for other in others {
            assert_ne!(other.hash(&id, &oscar), hash, "{other:?}");
        }
        assert_ne!(pause.hash(&OverrideId::new("o2"), &oscar), hash);
        assert_ne!(pause.hash(&id, &Actor::service("opal@mesh")), hash);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = Change {
            scope: Scope::Function { name: String::new() },
            minutes: Some(MINUTES_MAX + 1),
            reason: "no".into(),
            ..change(Effect::Throttle { per_second: 0 })
        };
        let fields: Vec<_> = wrong.mistakes().into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["reason", "minutes", "effect.per_second", "scope.name"]);
        assert_eq!(change(Effect::Pause).mistakes(), []);
        assert_eq!(change(Effect::Pause).minutes_in_force(), 60);
        assert!(change(Effect::Kill).is_confirmed_daily());
    }
}
