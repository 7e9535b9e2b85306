//! Why a change of what people may do is refused.

use model::{Role, Timestamp, access::grant::GrantState, access::review::ReviewState};
use problem::{Code, Coded};

/// Why a change is refused. Trying again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// People change what others may do.
    #[error("nobody {0}: ask somebody else")]
    Own(&'static str),
    /// Somebody has to be left who may do everything.
    #[error("they are the last active owner: make somebody else owner first")]
    LastOwner,
    /// Only an owner makes owners, or else every admin could.
    #[error("only an owner makes somebody owner")]
    OwnersOnly,
    /// Who changes something is not who checks it.
    #[error("`{role}` and `{other}` are not held by one person")]
    Conflict {
        /// The role that is asked for.
        role: Role,
        /// The role that the person has, or has asked for.
        other: Role,
    },
    /// The person has the role.
    #[error("they have `{0}` already")]
    HasRole(Role),
    /// The person has asked for the role.
    #[error("`{0}` is asked for already")]
    Asked(Role),
    /// The person is not in a state for this.
    #[error("the person {0}")]
    Person(&'static str),
    /// The elevation is not in a state for this.
    #[error("the elevation is {}, so it cannot be {attempt}", state_name(*.state))]
    Grant {
        /// Where it stands.
        state: GrantState,
        /// What was tried.
        attempt: &'static str,
    },
    /// Nobody answered in time.
    #[error("nobody answered within 24 h: ask again")]
    Unanswered,
    /// Extensions have an end.
    #[error("it cannot be extended: {0}")]
    NotExtended(&'static str),
    /// Only who asked may do this.
    #[error("only who asked for it can withdraw it")]
    NotYours,
    /// No invitation has this secret.
    #[error("no invitation has this secret: it was used, or a newer one took its place")]
    NoInvitation,
    /// The invitation's time is over.
    #[error("the invitation ended at {0}: ask for a new one")]
    InvitationEnded(Timestamp),
    /// Somebody else is accepting it.
    #[error("the invitation is being accepted just now: try again in a minute")]
    InvitationBusy,
    /// Another person has the address.
    #[error("another person has this address")]
    AddressTaken,
    /// The review is not in a state for this.
    #[error("the review is {}", review_name(*.0))]
    Review(ReviewState),
    /// The review does not ask this.
    #[error("the review does not ask about this role of this person")]
    NoSuchItem,
    /// The review would ask more than one document holds.
    #[error("a review asks about at most {max} roles, and this would be {found}: name fewer roles")]
    ReviewTooLarge {
        /// The bound.
        max: usize,
        /// What it would be.
        found: usize,
    },
    /// Nobody has any of the roles.
    #[error("nobody has any of these roles, so there is nothing to review")]
    NothingToReview,
}

fn state_name(state: GrantState) -> &'static str {
    match state {
        GrantState::Requested => "waiting for an answer",
        GrantState::Active => "active",
        GrantState::Rejected => "rejected",
        GrantState::Withdrawn => "withdrawn",
        GrantState::Expired => "expired",
        GrantState::Revoked => "revoked",
    }
}

fn review_name(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Open => "open",
        ReviewState::Closing | ReviewState::Closed => "closed: no more answers are taken",
    }
}

impl Coded for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Own(_) | Self::OwnersOnly | Self::NotYours => Code::PermissionDenied,
            Self::HasRole(_) | Self::Asked(_) | Self::InvitationBusy | Self::AddressTaken => {
                Code::AlreadyExists
            }
            Self::NoInvitation | Self::InvitationEnded(_) | Self::NoSuchItem => Code::NotFound,
            Self::LastOwner
            | Self::Conflict { .. }
            | Self::Person(_)
            | Self::Grant { .. }
            | Self::Unanswered
            | Self::NotExtended(_)
            | Self::Review(_)
            | Self::ReviewTooLarge { .. }
            | Self::NothingToReview => Code::FailedPrecondition,
        }
    }
}
