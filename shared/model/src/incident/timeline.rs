//! What happened in an incident.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Incident;
use crate::{Actor, Timestamp};

/// How many entries are kept: with texts of 2,000 characters a document stays well below
/// Firestore's 1 MiB.
pub const TIMELINE_MAX: usize = 200;
/// How many of them may be comments, so that what happened always has a place.
pub const COMMENTS_MAX: usize = 100;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// What.
    pub kind: EntryKind,
    /// In words.
    pub text: String,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// It began.
    Opened,
    /// Somebody looks after it.
    Acknowledged,
    /// Somebody got it.
    Assigned,
    /// Somebody said something.
    Commented,
    /// Somebody further up was called.
    Escalated,
    /// Something was linked.
    Linked,
    /// It ended.
    Resolved,
    /// It came back.
    Reopened,
}

impl Incident {
    /// Adds an entry. When the timeline is full, the oldest entry but the first one goes:
    /// how it began and how it stands matter most, and the journal has the rest.
    #[must_use]
    pub(super) fn with(mut self, at: Timestamp, by: Actor, kind: EntryKind, text: &str) -> Self {
        if self.timeline.len() >= TIMELINE_MAX {
            self.timeline.remove(1);
        }
        self.timeline.push(Entry { at, by, kind, text: text.to_owned() });
        self
    }

    pub(super) fn comments(&self) -> usize {
        self.timeline.iter().filter(|entry| entry.kind == EntryKind::Commented).count()
    }
}
