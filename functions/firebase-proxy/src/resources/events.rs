//! Changes as they happen, as a stream of server-sent events.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use std::{convert::Infallible, time::Duration};

use axum::response::IntoResponse;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use function::{Caller, HttpError};
use futures::stream::{self, Stream};
use model::{
    Actor, Permission, RecordId, Role, Timestamp,
    access::rules::{OWN, Own, readers},
};
use problem::Code;
use serde::Serialize;
use tokio::{sync::broadcast, time::Instant};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{Context, feed::Told};

/// How many streams one instance serves, below the requests that it takes at a time.
const STREAMS_MAX: usize = 150;
/// How often it is asked whether the caller may still read; what is asked may be two
/// seconds old, and five are promised.
const CHECKED_EVERY: Duration = Duration::from_secs(2);
/// Keeps proxies from closing a stream on which nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends before Cloud Run cuts it off (`timeout_seconds`); the page comes back.
const ENDS_AFTER: Duration = Duration::from_secs(290);

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(events))
}

/// A change of a document that the caller may read.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeEvent {
    /// What was done, such as `control.halted`.
    action: String,
    /// The path of the document that changed.
    target: String,
    /// When.
    time: Timestamp,
    /// Who did it, for who has `journal.read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Actor>,
    /// Why, for who has `journal.read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Streams changes of what the caller may read. Each event's data is a change; its id,
/// sent back as `Last-Event-ID`, resumes behind it.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(("last-event-id" = Option<String>, Header)),
    responses((status = 200, body = ChangeEvent, content_type = "text/event-stream")))]
async fn events(
    State(ctx): State<Context>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    caller.require(Permission::EventsRead)?;
    let last = last_event(&headers)?;
    if ctx.feed.watchers() >= STREAMS_MAX {
        return Err(HttpError::new(
            Code::Unavailable,
            "this instance streams to as many as it can",
        ));
    }
    let changes = ctx.feed.watch();
    let missed = match &last {
        Some(id) => ctx.feed.since(id).await?,
        None => Vec::new(),
    };
    let keep_alive = KeepAlive::new().interval(HEARTBEAT).text("nothing happened");
    let watch = Watch {
        caller,
        changes,
        missed: missed.into_iter(),
        ends_at: Instant::now() + ENDS_AFTER,
        check_at: Instant::now() + CHECKED_EVERY,
    };
    Ok(Sse::new(watch.stream()).keep_alive(keep_alive).into_response())
}

fn last_event(headers: &HeaderMap) -> Result<Option<RecordId>, HttpError> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse::<Uuid>().ok());
    id.map(|id| Some(RecordId::new(id.to_string()))).ok_or_else(|| {
        HttpError::new(Code::InvalidArgument, "`Last-Event-ID` is not the id of an event")
    })
}

/// One caller who watches.
struct Watch {
    caller: Caller,
    changes: broadcast::Receiver<Told>,
    missed: std::vec::IntoIter<Told>,
    ends_at: Instant,
    check_at: Instant,
}

impl Watch {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut watch| async move {
            let event = watch.next().await?;
            Some((Ok(event), watch))
        })
    }

    /// Waits for the next change that the caller may read; `None` when they may no longer.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.missed.next().and_then(|told| self.event(&told)) {
                return Some(event);
            }
            if self.missed.len() > 0 {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep_until(self.check_at) => {
                    if Instant::now() >= self.ends_at {
                        return None;
                    }
                    self.check_at = Instant::now() + CHECKED_EVERY;
                    let again = self.caller.again().await.ok()?;
                    again.person().ok().filter(|p| p.decide(Permission::EventsRead).allows())?;
                    self.caller = again;
                }
                change = self.changes.recv() => match change {
                    Ok(told) => {
                        if let Some(event) = self.event(&told) {
                            return Some(event);
                        }
                    }
                    // Too far behind: the page comes back and says where it was.
                    Err(_) => return None,
                },
            }
        }
    }

    fn event(&self, told: &Told) -> Option<Event> {
        let person = self.caller.person().ok()?;
        let roles = person.roles();
        let record = &told.record;
        if !may_read(&roles, person.uid().as_str(), &record.target) {
            return None;
        }
        let journal = person.decide(Permission::JournalRead).allows();
        let change = ChangeEvent {
            action: record.action.clone(),
            target: record.target.clone(),
            time: record.time,
            actor: journal.then(|| record.actor.clone()),
            reason: journal.then(|| record.reason.clone()),
        };
        Event::default().id(told.id.as_str()).json_data(change).ok()
    }
}

/// Tells whether the document at a path may be read, as the security rules do. Documents
/// that are a person's own by a field are left out: the path does not tell.
fn may_read(roles: &std::collections::BTreeSet<Role>, uid: &str, target: &str) -> bool {
    let Some((collection, id)) = target.rsplit_once('/') else { return false };
    let fits = |pattern: &str| {
        let (pattern, found) = (pattern.split('/'), collection.split('/'));
        pattern.clone().count() == found.clone().count()
            && pattern.zip(found).all(|(part, found)| part == found || part.starts_with('{'))
    };
    let own = OWN.iter().any(|(name, own)| *name == collection && *own == Own::Id && id == uid);
    own || readers()
        .into_iter()
        .any(|(pattern, allowed)| fits(pattern) && allowed.iter().any(|role| roles.contains(role)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_shows_what_the_rules_show() {
        let may = |role: Role, target: &str| may_read(&[role].into(), "vera", target);
        assert!(may(Role::Viewer, "controls/trading"));
        assert!(may(Role::Viewer, "checks/c/results/2026"));
        assert!(may(Role::Viewer, "users/vera"));
        for hidden in ["users/oscar", "grants/g", "journal/r", "deliveries/d", "nowhere/x", "", "x"]
        {
            assert!(!may(Role::Viewer, hidden), "{hidden}");
        }
        assert!(may(Role::Admin, "users/oscar") && may(Role::Admin, "grants/g"));
        assert!(!may_read(&[].into(), "vera", "controls/trading"));
    }
}
