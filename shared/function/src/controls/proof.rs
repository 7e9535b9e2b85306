//! Whether a control is what approved overrides make of it.

use model::{
    ControlName, OverrideId,
    control::{Control, RESTRICTIONS_MAX},
    operator_override::Override,
};
use store::{Query, Store, StoreError, Transaction};

/// How often a control that changes meanwhile is read again.
const READINGS_MAX: usize = 5;

type InForce = Vec<(OverrideId, Override)>;

/// Reads a control together with its overrides, and says what is wrong with it, if
/// something is.
pub(super) async fn read(
    store: &Store,
    name: &ControlName,
) -> Result<(Control, Result<(), String>), StoreError> {
    let mut before = control(store, name).await?;
    for _ in 0..READINGS_MAX {
        let page = store.list(&query(name)).await?;
        let in_force = page.items.into_iter().map(|stored| (stored.id, stored.document)).collect();
        let after = control(store, name).await?;
        // Each change of what is in force changes the control in the same transaction: what
        // was read between two equal versions belongs to them.
        if after == before {
            let found = check(&after, &in_force);
            return Ok((after, found));
        }
        before = after;
    }
    Ok((before, Err("it changes faster than it can be read".to_owned())))
}

/// Checks a control within a transaction that has read it.
pub(super) async fn in_transaction(
    tx: &Transaction,
    name: &ControlName,
    control: &Control,
) -> Result<Result<(), String>, StoreError> {
    let page = tx.list(&query(name)).await?;
    let in_force = page.items.into_iter().map(|stored| (stored.id, stored.document)).collect();
    Ok(check(control, &in_force))
}

async fn control(store: &Store, name: &ControlName) -> Result<Control, StoreError> {
    Ok(store.get::<Control>(name).await?.map(|stored| stored.document).unwrap_or_default())
}

fn query(name: &ControlName) -> Query<Override> {
    let most = u32::try_from(RESTRICTIONS_MAX + 1).unwrap_or(u32::MAX);
    let of = Query::all().equals("change.control", name).equals("state", "active");
    of.page_size(most)
}

/// Compares a control with the overrides in force.
fn check(control: &Control, in_force: &InForce) -> Result<(), String> {
    for (id, one) in in_force {
        one.proven(id).map_err(|refused| format!("`{id}`: {refused}"))?;
    }
    let known = |id: &OverrideId| in_force.iter().any(|(other, _)| other == id);
    if let Some(foreign) = control.restrictions.iter().find(|one| !known(&one.cause)) {
        return Err(format!("no override `{}` is in force", foreign.cause));
    }
    match control.restricted(in_force, &control.reason, control.since) {
        None => Ok(()),
        Some(_) => Err("it is not what the overrides in force make of it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use model::{
        Actor, Timestamp, Uid,
        operator_override::{Approval, Change, Effect, OverrideState, Policy, Scope},
    };

    use super::*;

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(second).expect("in range").into()
    }

    fn active() -> (OverrideId, Override) {
        let (id, oscar) =
            (OverrideId::new("o1"), Actor::Person { uid: Uid::new("oscar"), email: None });
        let change = Change {
            control: ControlName::new("trading"),
            effect: Effect::Pause,
            scope: Scope::Global,
            minutes: None,
            reason: "the exchange is down".into(),
        };
        let asked = Override::ask(&id, change, oscar, Policy::of_mesh(), at(0));
        let approval = Approval {
            by: Uid::new("opal"),
            at: at(1),
            hash: asked.hash.clone(),
            signed_in_at: at(0),
        };
        let approved = asked.approve(approval, at(1)).expect("approved");
        let controls = Default::default();
        let active = approved.step(&id, 0, &controls, Policy::of_mesh(), at(2)).expect("active");
        assert_eq!(active.state, OverrideState::Active);
        (id, active)
    }

    #[test]
    fn a_control_is_believed_only_with_its_overrides() {
        let active = active();
        let in_force = vec![active.clone()];
        let right = Control::default().restricted(&in_force, "x", at(2)).expect("restricted");
        assert_eq!(check(&right, &in_force), Ok(()));
        assert_eq!(check(&Control::default(), &vec![]), Ok(()));
        // Halted without an override, and enabled in spite of one.
        assert!(check(&right, &vec![]).is_err_and(|why| why.contains("no override `o1`")));
        let freed = Control { restrictions: vec![], state: Default::default(), ..right.clone() };
        assert!(check(&freed, &in_force).is_err());
        // The state alone, the effect, the scope and the end are the override's.
        let enabled = Control { state: Default::default(), ..right.clone() };
        assert!(check(&enabled, &in_force).is_err());
        let mut longer = right.clone();
        longer.restrictions[0].until = at(1_000_000);
        assert!(check(&longer, &in_force).is_err());
        // An override that was changed after it was approved.
        let (id, mut forged) = active;
        forged.change.effect = Effect::Kill;
        let forged = vec![(id, forged)];
        let control = Control::default().restricted(&forged, "x", at(2)).expect("restricted");
        assert!(check(&control, &forged).is_err_and(|why| why.contains("it was changed")));
    }
}
