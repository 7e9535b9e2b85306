//! Why a caller is turned away.

use std::sync::Arc;

use model::{Permission, access::Reason};
use problem::{Code, Coded};

use crate::FetchError;

/// Why a caller is turned away. No message holds a token.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The token proves nothing.
    #[error("the token is refused: {0}")]
    Refused(Refusal),
    /// The token proves an account that may not call this.
    #[error("the account `{0}` may not call this")]
    Account(String),
    /// The token is genuine and names nobody.
    #[error("the token names no verified account")]
    NoAccount,
    /// The caller is known and lacks a permission.
    #[error("`{permission}` is needed and {held}")]
    Lacking {
        /// What is needed.
        permission: Permission,
        /// What there is instead, in words.
        held: String,
    },
    /// The person is known to Firebase, and may not come in.
    #[error("{}", shut_out(.0))]
    ShutOut(Reason),
    /// It cannot be told what the mesh knows of a person.
    #[error("cannot look up the person")]
    People(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The issuer's keys cannot be had, so nobody can be told apart.
    #[error("cannot fetch the keys at `{url}`")]
    Keys {
        /// Where the keys are.
        url: String,
        /// Why.
        source: Arc<FetchError>,
    },
}

// The refusal is part of the message, so it is not the message's cause as well.
impl From<Refusal> for IdentityError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Why a function has no token to show to others.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnTokenError {
    /// The metadata server cannot be reached, or refuses.
    #[error("the metadata server does not answer")]
    Connect(#[from] reqwest::Error),
    /// The metadata server answered something else than a token.
    #[error("the metadata server gave no token")]
    NoToken,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no `Authorization` header.
    #[error("there is none")]
    Missing,
    /// The header is not `Bearer`, one space and one token.
    #[error("the header is not one bearer token")]
    NotBearer,
    /// The token is longer than any issuer makes them.
    #[error("it is too long")]
    TooLong,
    /// The token is not three parts, or a part does not hold what it should.
    #[error("it is malformed")]
    Malformed,
    /// The token is signed in a way that is not accepted here.
    #[error("its algorithm is not accepted")]
    Algorithm,
    /// The token demands an extension.
    #[error("it demands an extension")]
    Critical,
    /// The token names no key, or none of the issuer's.
    #[error("its key is not known")]
    UnknownKey,
    /// The signature is not of this content by this key.
    #[error("its signature is wrong")]
    Signature,
    /// Somebody else made the token.
    #[error("its issuer is not trusted")]
    Issuer,
    /// The token is made for somebody else.
    #[error("it is for another audience")]
    Audience,
    /// The token's time is over.
    #[error("it is expired")]
    Expired,
    /// The token's time, or the sign-in it is about, has not come.
    #[error("it is from the future")]
    Future,
    /// The token names nobody who could have signed in.
    #[error("its subject is not valid")]
    Subject,
}

fn shut_out(reason: &Reason) -> &'static str {
    match reason {
        Reason::Unknown => "the mesh does not know you: ask an admin to invite you",
        Reason::Invited => "you have not accepted your invitation yet",
        Reason::Disabled => "an admin has disabled you",
        Reason::SessionEnded => "your session was ended: sign in again",
        Reason::SignInTooOld => "you signed in too long ago: sign in again",
        Reason::SecondFactorMissing { .. } => "sign in with a second factor",
        Reason::Role { .. } | Reason::Elevation { .. } | Reason::Lacking { .. } => {
            "you may not come in"
        }
    }
}

impl Coded for IdentityError {
    fn code(&self) -> Code {
        match self {
            Self::Refused(_) | Self::ShutOut(Reason::SessionEnded) => Code::Unauthenticated,
            Self::Account(_) | Self::NoAccount | Self::Lacking { .. } | Self::ShutOut(_) => {
                Code::PermissionDenied
            }
            Self::Keys { .. } | Self::People(_) => Code::Unavailable,
        }
    }
}
