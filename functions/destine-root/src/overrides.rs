//! Carrying overrides out: what is approved comes into force, and what is over ends.
//!
//! One step for one override, in one transaction with its control. An event is the reason
//! to look, a schedule the safety net; both end here, and looking once more changes nothing.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use model::{
    ControlName, IncidentId, OverrideId, Timestamp,
    control::{Control, ControlState, RESTRICTIONS_MAX},
    incident::{Incident, Priority},
    operator_override::{Controls, Override, OverrideState, Policy},
};
use store::{Query, Store, StoreError, Transaction};
use tracing::info;

use crate::RootError;

/// Overrides that one look at a state reads; more wait for the next minute.
const SWEPT_MAX: u32 = 200;
/// How long before its end an emergency that nobody looked at becomes an incident.
const REMINDS_BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// Carries one override out as far as it goes now.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn carry_out(
    tx: &Transaction,
    id: &OverrideId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(stored) = tx.get::<Override>(id).await? else { return Ok(()) };
    let before = stored.document;
    let name = &before.change.control.clone();
    let mut in_force = in_force(tx, name).await?;
    in_force.retain(|(other, _)| other != id);
    let controls = controls(tx).await?;
    let next = before.step(id, in_force.len(), &controls, Policy::of_mesh(), now);
    if let Some(next) = &next {
        tx.put(id, next, action(next.state), &reason(next)).await?;
        if next.state == OverrideState::Active {
            supersede(tx, &mut in_force, id, next, now).await?;
            if next.review.is_some() {
                open_incident(tx, &format!("override-{id}"), emergency(id, next, now)).await?;
            }
        }
        info!(control = %name, "`{id}` is now {:?}", next.state);
    }
    let this = next.unwrap_or(before);
    let why = reason(&this);
    in_force.push((id.clone(), this));
    let control = controls.get(name).cloned().unwrap_or_default();
    if let Some(changed) = control.restricted(&in_force, &why, now) {
        tx.put(name, &changed, control_action(changed.state), &why).await?;
    }
    Ok(())
}

/// Looks at every override of which something may have become by itself, and at every
/// control: none keeps a restriction that no override explains.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn sweep(store: &Store, cause: &store::Cause, now: Timestamp) -> Result<(), RootError> {
    for state in ["requested", "approved", "active"] {
        let waiting = Query::<Override>::all().equals("state", state).page_size(SWEPT_MAX);
        for stored in store.list(&waiting).await?.items {
            let id = &stored.id;
            store.transact(cause, |tx| async move { carry_out(&tx, id, now).await }).await?;
            remind(store, cause, id, &stored.document, now).await?;
        }
    }
    for name in Policy::of_mesh().controls.keys() {
        store.transact(cause, |tx| async move { repair(&tx, name, now).await }).await?;
    }
    Ok(())
}

/// Makes a control what its overrides make of it, whoever wrote something else.
async fn repair(tx: &Transaction, name: &ControlName, now: Timestamp) -> Result<(), StoreError> {
    let Some(control) = tx.get::<Control>(name).await? else { return Ok(()) };
    let in_force = in_force(tx, name).await?;
    let why = "it was not what the overrides in force make of it";
    if let Some(right) = control.document.restricted(&in_force, why, now) {
        tx.put(name, &right, "control.repaired", why).await?;
    }
    Ok(())
}

/// Opens an incident for an emergency that nobody has looked at in time.
async fn remind(
    store: &Store,
    cause: &store::Cause,
    id: &OverrideId,
    known: &Override,
    now: Timestamp,
) -> Result<(), RootError> {
    let due = known.review.as_ref().filter(|review| review.done.is_none());
    if due.is_none_or(|review| now < review.due_at.plus(-REMINDS_BEFORE)) {
        return Ok(());
    }
    let incident = &Incident {
        title: format!("Nobody has reviewed the emergency override of `{}`", known.change.control),
        ..emergency(id, known, now)
    };
    let name = &format!("override-review-{id}");
    let open = |tx: Transaction| async move { open_incident(&tx, name, incident.clone()).await };
    Ok(store.transact(cause, open).await?)
}

async fn in_force(
    tx: &Transaction,
    name: &ControlName,
) -> Result<Vec<(OverrideId, Override)>, StoreError> {
    let most = u32::try_from(RESTRICTIONS_MAX + 1).unwrap_or(u32::MAX);
    let query = Query::<Override>::all().equals("change.control", name).equals("state", "active");
    let page = tx.list(&query.page_size(most)).await?;
    Ok(page.items.into_iter().map(|stored| (stored.id, stored.document)).collect())
}

async fn controls(tx: &Transaction) -> Result<Controls, StoreError> {
    let names: Vec<_> = Policy::of_mesh().controls.keys().cloned().collect();
    let found = tx.get_all::<Control>(&names).await?.into_iter().flatten();
    Ok(found.map(|stored| (stored.id, stored.document)).collect::<BTreeMap<_, _>>())
}

/// Ends what the newer override does to the same.
async fn supersede(
    tx: &Transaction,
    in_force: &mut Vec<(OverrideId, Override)>,
    by: &OverrideId,
    next: &Override,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (other, older) in in_force.iter().filter(|(_, older)| next.supersedes(older)) {
        let ended = older.clone().superseded(by, now);
        tx.put(other, &ended, action(ended.state), &reason(&ended)).await?;
    }
    in_force.retain(|(_, older)| !next.supersedes(older));
    Ok(())
}

async fn open_incident(tx: &Transaction, name: &str, incident: Incident) -> Result<(), StoreError> {
    let id = &IncidentId::new(name);
    if tx.get::<Incident>(id).await?.is_none() {
        tx.create(id, &incident, "incident.opened", &incident.detail).await?;
    }
    Ok(())
}

fn emergency(id: &OverrideId, known: &Override, now: Timestamp) -> Incident {
    let title = format!("`{}` was overridden in an emergency", known.change.control);
    let detail = format!("`{id}` by {}: {}", known.requested_by, known.change.reason);
    let by = known.requested_by.clone();
    Incident { overrides: vec![id.clone()], ..Incident::open(title, Priority::P1, detail, by, now) }
}

fn reason(known: &Override) -> String {
    known.ended.as_ref().map_or(&known.change.reason, |said| &said.reason).clone()
}

fn action(state: OverrideState) -> &'static str {
    match state {
        OverrideState::Requested => "override.requested",
        OverrideState::Approved => "override.approved",
        OverrideState::Active => "override.activated",
        OverrideState::Rejected => "override.rejected",
        OverrideState::Withdrawn => "override.withdrawn",
        OverrideState::Lapsed => "override.lapsed",
        OverrideState::Expired => "override.expired",
        OverrideState::Lifted => "override.lifted",
        OverrideState::Superseded => "override.superseded",
        OverrideState::Failed => "override.failed",
    }
}

fn control_action(state: ControlState) -> &'static str {
    match state {
        ControlState::Enabled => "control.enabled",
        ControlState::Reduced => "control.reduced",
        ControlState::Halted => "control.halted",
    }
}
