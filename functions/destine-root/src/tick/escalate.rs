//! Incidents that nobody looks after.

use model::{
    Timestamp,
    incident::{Incident, IncidentState},
};
use store::{Cause, Query, Store};
use tracing::warn;

use crate::RootError;

/// How many incidents one tick looks at: with more open, one call more would not be heard.
const PAGES_MAX: usize = 4;

/// Escalates every incident that has waited for too long.
pub(super) async fn escalate(
    store: &Store,
    cause: &Cause,
    now: Timestamp,
) -> Result<(), RootError> {
    for state in [IncidentState::Open, IncidentState::Reopened] {
        let mut next = None;
        for _ in 0..PAGES_MAX {
            let query = Query::<Incident>::all().equals("state", state).after(next);
            let page = store.list(&query).await?;
            for incident in page.items {
                if incident.document.escalated_if_due(cause.actor.clone(), now).is_some() {
                    one(store, cause, &incident.id, now).await?;
                }
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn one(
    store: &Store,
    cause: &Cause,
    id: &model::IncidentId,
    now: Timestamp,
) -> Result<(), RootError> {
    store
        .transact(cause, |tx| async move {
            // Somebody may have acknowledged it meanwhile.
            let Some(stored) = tx.get::<Incident>(id).await? else { return Ok(()) };
            let due = stored.document.escalated_if_due(cause.actor.clone(), now);
            let Some(escalated) = due else { return Ok(()) };
            let words = "nobody has looked after it";
            tx.put(id, &escalated, "incident.escalated", words).await?;
            warn!(event_name = "incident-escalated", incident = %id, "`{id}` is escalated: {words}");
            Ok::<_, RootError>(())
        })
        .await
}
