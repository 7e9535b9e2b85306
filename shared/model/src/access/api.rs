//! What iam-control is asked over HTTP, and what it answers.
//!
//! firebase-proxy shows the same routes to people under `/api`, so that both describe
//! them with these types.
//!
//! | route | asks | answers |
//! |---|---|---|
//! | `GET /v1/people` | | [`PeoplePage`] |
//! | `GET /v1/people/{uid}` | | [`PersonView`], with an `ETag` |
//! | `POST /v1/people` | [`InvitePerson`] | 201 [`Invited`] |
//! | `POST /v1/people/{uid}/invitation` | | 201 [`Invited`] |
//! | `POST /v1/invitations/accept` | [`AcceptInvitation`] | [`Accepted`] |
//! | `POST /v1/people/{uid}/disable` | [`Because`] | [`PersonView`] |
//! | `POST /v1/people/{uid}/enable` | [`Because`] | [`PersonView`] |
//! | `POST /v1/people/{uid}/sessions/revoke` | [`Because`] | [`PersonView`] |
//! | `PUT /v1/people/{uid}/roles`, with `If-Match` | [`AssignRoles`] | [`PersonView`], with an `ETag` |
//! | `GET /v1/grants` | | [`GrantsPage`] |
//! | `POST /v1/grants` | [`RequestGrant`] | 201 [`GrantView`] |
//! | `POST /v1/grants/{grant}/approve`, `reject`, `revoke`, `extend`, `withdraw` | [`Because`] | [`GrantView`] |
//! | `POST /v1/glass` | [`Because`] | 201 [`GlassBroken`] |
//! | `GET /v1/access-reviews` | | [`ReviewsPage`] |
//! | `POST /v1/access-reviews` | [`StartReview`] | 201 [`ReviewView`] |
//! | `POST /v1/access-reviews/{review}/answers` | [`AnswerReview`] | [`ReviewView`] |
//! | `POST /v1/access-reviews/{review}/close` | [`Because`] | [`ReviewView`] |
//! | `GET /v1/access/who-can?permission=` | | [`WhoCan`] |
//! | `GET /v1/access/what-can?person=` | | [`WhatCan`] |
//! | `GET /v1/access/why?person=&permission=` | | [`Why`] |
//! | `POST /v1/access/what-if` | [`WhatIf`] | [`WhatWouldChange`] |
//! | `GET /v1/access/suggestions` | | [`Suggestions`] |

mod grants;
mod people;
mod questions;
mod reviews;
mod secret;

use garde::Validate;
pub use grants::{GlassBroken, GrantView, GrantsPage, RequestGrant};
pub use people::{
    AcceptInvitation, Accepted, AssignRoles, InvitePerson, Invited, PeoplePage, PersonDetails,
    PersonView,
};
pub use questions::{
    Change, ChangeKind, Consequence, Held, Holder, ModuleRight, Principal, RoleChange, Suggestion,
    Suggestions, WhatCan, WhatIf, WhatWouldChange, WhoCan, Why,
};
pub use reviews::{AnswerReview, ReviewView, ReviewsPage, StartReview};
pub use secret::{InvitationSecret, Password};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why somebody does something; kept in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// Words for who reads the journal.
    #[garde(length(chars, min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500)]
    pub reason: String,
}
