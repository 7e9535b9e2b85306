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
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    Context,
    feed::{EVERY, Feed, Place, Seat, Told},
};

/// How many streams one instance serves, below the requests that it takes at a time.
const STREAMS_MAX: usize = 150;
/// How many streams one person has on one instance: some pages on some machines.
const STREAMS_PER_PERSON_MAX: usize = 10;
/// When who was turned away should come again.
const RETRY_AFTER_SECONDS: u32 = 5;
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
    let uid = caller.require(Permission::EventsRead)?.uid().clone();
    if ctx.feed.watchers() >= STREAMS_MAX {
        let words = "this instance streams to as many as it can";
        return Err(HttpError::later(Code::Unavailable, words, RETRY_AFTER_SECONDS));
    }
    let seat = ctx.feed.watch(&uid, STREAMS_PER_PERSON_MAX).ok_or_else(|| {
        let words = format!("you have {STREAMS_PER_PERSON_MAX} streams open: close one");
        HttpError::later(Code::ResourceExhausted, words, RETRY_AFTER_SECONDS)
    })?;
    let behind = match last_event(&headers)? {
        Some(id) => Some(ctx.feed.place_of(&id).await?.ok_or_else(unknown_event)?),
        None => None,
    };
    let keep_alive = KeepAlive::new().interval(HEARTBEAT).text("nothing happened");
    let watch = Watch {
        caller,
        feed: ctx.feed.clone(),
        seat,
        behind: behind.is_some(),
        seen: behind,
        missed: Vec::new().into_iter(),
        ends_at: Instant::now() + ENDS_AFTER,
        check_at: Instant::now() + CHECKED_EVERY,
    };
    Ok(Sse::new(watch.stream()).keep_alive(keep_alive).into_response())
}

fn last_event(headers: &HeaderMap) -> Result<Option<RecordId>, HttpError> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse::<Uuid>().ok());
    id.map(|id| Some(RecordId::new(id.to_string()))).ok_or_else(unknown_event)
}

fn unknown_event() -> HttpError {
    HttpError::new(Code::InvalidArgument, "`Last-Event-ID` is not the id of an event")
}

/// One caller who watches.
struct Watch {
    caller: Caller,
    feed: Feed,
    seat: Seat,
    /// Whether there may be changes between what was seen last and what is told now.
    behind: bool,
    /// The last change that was told, or left out.
    seen: Option<Place>,
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

    /// Waits for the next change that the caller may read; `None` when they may no longer,
    /// or must begin anew.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if Instant::now() >= self.check_at {
                self.check().await?;
            }
            let told = match self.missed.next() {
                Some(told) => Some(told),
                None if self.behind => {
                    self.catch_up().await?;
                    None
                }
                None => tokio::select! {
                    () = tokio::time::sleep_until(self.check_at) => None,
                    // An error is too far behind: the page comes back and says where it was.
                    change = self.seat.changes.recv() => Some(change.ok()?),
                },
            };
            let Some(told) = told else { continue };
            if self.seen.as_ref().is_some_and(|seen| told.place <= *seen) {
                continue;
            }
            self.seen = Some(told.place.clone());
            if let Some(event) = self.event(&told) {
                return Some(event);
            }
        }
    }

    /// Asks whether the caller may still watch.
    async fn check(&mut self) -> Option<()> {
        if Instant::now() >= self.ends_at {
            return None;
        }
        self.check_at = Instant::now() + CHECKED_EVERY;
        let again = self.caller.again().await.ok()?;
        again.person().ok().filter(|person| person.decide(Permission::EventsRead).allows())?;
        self.caller = again;
        Some(())
    }

    /// Reads what was missed since the last change that was seen.
    async fn catch_up(&mut self) -> Option<()> {
        let reading = self.feed.since(self.seen.as_ref()?).await.ok()?;
        if reading.told.is_empty() && !reading.complete {
            tokio::time::sleep(EVERY).await;
        }
        self.behind = !reading.complete;
        self.missed = reading.told.into_iter();
        Some(())
    }

    fn event(&self, told: &Told) -> Option<Event> {
        let person = self.caller.person().ok()?;
        let roles = person.roles();
        let record = &told.record;
        let own = told.owner.as_ref() == Some(person.uid());
        if !own && !may_read(&roles, person.uid().as_str(), &record.target) {
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
        Event::default().id(told.id().as_str()).json_data(change).ok()
    }
}

/// Tells whether the document at a path may be read, as the security rules do. Whether it
/// is a person's own by a field is not in the path.
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
