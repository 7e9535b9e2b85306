//! The canonical codes and what each edge makes of them.

use std::fmt;

/// A canonical error code, a subset of `google.rpc.Code`.
///
/// Source: <https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The caller sent something wrong, whatever the state of the system.
    InvalidArgument,
    /// The caller went past the valid range.
    OutOfRange,
    /// The system is not in the state that the operation needs; trying again changes nothing.
    FailedPrecondition,
    /// The caller did not prove who they are.
    Unauthenticated,
    /// The caller may not do this.
    PermissionDenied,
    /// There is no such thing.
    NotFound,
    /// The thing to create is there.
    AlreadyExists,
    /// The operation lost a race and may be tried again.
    Aborted,
    /// The caller did too much.
    ResourceExhausted,
    /// The operation took too long.
    DeadlineExceeded,
    /// Something that the operation needs is away for now.
    Unavailable,
    /// A mistake of ours.
    Internal,
}

/// What the event edge does with a delivery that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redelivery {
    /// Acknowledge: it was done before.
    Done,
    /// Keep it as a dead letter, then acknowledge: trying again cannot help.
    Bury,
    /// Refuse the caller; nothing happens.
    Refuse,
    /// Ask for it again.
    Again,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 12] = [
        Self::InvalidArgument,
        Self::OutOfRange,
        Self::FailedPrecondition,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::NotFound,
        Self::AlreadyExists,
        Self::Aborted,
        Self::ResourceExhausted,
        Self::DeadlineExceeded,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Returns the HTTP status of the code.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::InvalidArgument | Self::OutOfRange | Self::FailedPrecondition => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::ResourceExhausted => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::DeadlineExceeded => 504,
        }
    }

    /// Returns what the event edge does.
    #[must_use]
    pub fn redelivery(self) -> Redelivery {
        match self {
            Self::InvalidArgument
            | Self::OutOfRange
            | Self::FailedPrecondition
            | Self::NotFound => Redelivery::Bury,
            Self::Unauthenticated | Self::PermissionDenied => Redelivery::Refuse,
            Self::AlreadyExists => Redelivery::Done,
            Self::Aborted
            | Self::ResourceExhausted
            | Self::DeadlineExceeded
            | Self::Unavailable
            | Self::Internal => Redelivery::Again,
        }
    }

    /// Tells whether the same call may succeed a little later.
    #[must_use]
    pub fn retry_after_seconds(self) -> Option<u32> {
        match self {
            Self::ResourceExhausted | Self::Unavailable => Some(1),
            _ => None,
        }
    }

    /// Returns the name in `google.rpc.Code`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::Aborted => "ABORTED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    /// Returns the title that a problem of this code has.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::InvalidArgument => "The request is not valid",
            Self::OutOfRange => "The request is out of range",
            Self::FailedPrecondition => "The request does not fit the present state",
            Self::Unauthenticated => "Sign in first",
            Self::PermissionDenied => "You may not do this",
            Self::NotFound => "There is no such thing",
            Self::AlreadyExists => "This exists already",
            Self::Aborted => "Somebody else was faster; try again",
            Self::ResourceExhausted => "Too many requests",
            Self::DeadlineExceeded => "This took too long",
            Self::Unavailable => "Not available for the moment",
            Self::Internal => "Something went wrong on our side",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
