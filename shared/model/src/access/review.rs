//! Access reviews: does everybody still need what they have?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Role;
use crate::{Document, Operational, ReviewId, Timestamp, Uid};

/// What was answered about one role of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The person keeps the role.
    Keep,
    /// The person loses the role.
    Remove,
}

/// One role of one person, and what was answered about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewItem {
    /// The person.
    pub person: Uid,
    /// The role.
    pub role: Role,
    /// The answer. Without one the role is removed when the review closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Who answered; never the person themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<Uid>,
    /// What came of it when the review closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// What a review that closes does to one role of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The person keeps the role, as was answered.
    Kept,
    /// The person lost the role.
    Removed,
    /// The person keeps the role, because nobody else who may come in is owner.
    KeptLastOwner,
    /// The person had lost the role before.
    Gone,
}

/// Whether a review goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Answers are taken.
    Open,
    /// No more answers are taken; they are being carried out.
    Closing,
    /// The answers are carried out.
    Closed,
}

/// A campaign in which every role of every person is kept or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessReview {
    /// What it is called, such as `2026 Q4`.
    pub title: String,
    /// Whether it goes on.
    pub state: ReviewState,
    /// Who started it.
    pub started_by: Uid,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it closes.
    pub due_at: Timestamp,
    /// What is asked, by `UID:ROLE`.
    pub items: BTreeMap<String, ReviewItem>,
}

impl AccessReview {
    /// Returns the key of an item.
    #[must_use]
    pub fn key(person: &Uid, role: Role) -> String {
        format!("{person}:{role}")
    }
}

impl Document for AccessReview {
    type Id = ReviewId;
}

impl Operational for AccessReview {}
