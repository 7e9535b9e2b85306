//! Access reviews: started, answered, closed.

use std::collections::BTreeSet;

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ReviewId, Role, Uid,
    access::review::{AccessReview, Verdict},
};

/// A review that shall be held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartReview {
    /// What it is called, such as `2026 Q4`.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    /// After how many days it closes.
    #[garde(range(min = 1, max = 30))]
    #[schema(minimum = 1, maximum = 30)]
    pub due_in_days: u32,
    /// Which roles are looked at; all of them unless said.
    #[serde(default)]
    #[garde(skip)]
    pub roles: BTreeSet<Role>,
}

/// What is answered about one role of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerReview {
    /// The person; never who answers.
    #[garde(skip)]
    pub person: Uid,
    /// The role.
    #[garde(skip)]
    pub role: Role,
    /// Whether the person keeps it.
    #[garde(skip)]
    pub verdict: Verdict,
}

/// A review and its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewView {
    /// The review's id.
    pub id: ReviewId,
    /// The review.
    #[serde(flatten)]
    pub review: AccessReview,
}

/// A page of reviews.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewsPage {
    /// The reviews, newest first.
    pub items: Vec<ReviewView>,
    /// Where the next page starts; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}
