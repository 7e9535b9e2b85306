//! Writing what a check shows now, and what becomes of its incident.

use model::{
    CheckId, IncidentId, Timestamp,
    check::{Check, CheckState},
    incident::Incident,
};
use store::{Cause, Store};
use tracing::{info, warn};

use crate::{
    RootError,
    check::{outcome::outcome, view::View},
};

/// Tells whether a document shows something else than a view.
pub(super) fn differs(check: &Check, view: &View) -> bool {
    check.state != view.state
        || check.root_cause != view.root_cause
        || (view.alarm && check.incident.is_none())
        || (view.over && check.incident.is_some())
}

/// Writes it, and returns the document; `None` when somebody deleted the check.
pub(super) async fn judge(
    store: &Store,
    cause: &Cause,
    id: &CheckId,
    present: &Check,
    view: &View,
    detail: &str,
    at: Timestamp,
) -> Result<Option<Check>, RootError> {
    let cause = &Cause { time: at, ..cause.clone() };
    let by_itself =
        present.spec.service.as_ref().is_some_and(|service| Check::default_of(service) == *id);
    let written = store.transact(cause, |tx| async move {
        let known = match tx.get::<Check>(id).await? {
            Some(stored) => stored.document,
            None if by_itself => Check { changed_at: at, ..present.clone() },
            None => return Ok::<_, RootError>(None),
        };
        let named: Option<&IncidentId> = known.incident.as_ref().or(known.last_incident.as_ref());
        let incident = match named {
            Some(incident) => tx.get::<Incident>(incident).await?.map(|stored| stored.document),
            None => None,
        };
        let outcome = outcome(id, known, view, incident, detail, &cause.actor, at);
        if let Some((incident_id, incident, action)) = &outcome.incident {
            tx.put(incident_id, incident, action, detail).await?;
        }
        tx.put(id, &outcome.check, "check.changed", detail).await?;
        Ok(Some(outcome.check))
    });
    let written = written.await?;
    if written.is_some() {
        match view.state {
            CheckState::Down | CheckState::Flapping => {
                warn!(check = %id, "`{id}` is {:?}: {detail}", view.state);
            }
            state => info!(check = %id, "`{id}` is {state:?}: {detail}"),
        }
    }
    Ok(written)
}
