//! An error together with its code.

use std::{error::Error, fmt};

use crate::{Code, Problem};

/// An error that knows its canonical code.
pub trait Coded: Error + Send + Sync + 'static {
    /// Returns the code.
    fn code(&self) -> Code;
}

/// Any error on its way to an edge: the code, and the error for the log.
pub struct Failure {
    code: Code,
    error: Box<dyn Error + Send + Sync>,
}

impl Failure {
    /// Makes a failure of a code and words.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, error: message.into().into() }
    }

    /// Returns the canonical code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Returns the message followed by every cause, for people inside.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.error.to_string();
        let mut cause = self.error.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    /// Returns what people outside learn: the message, unless the mistake is ours
    /// or names something of ours that is away.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let withheld = matches!(
            self.code,
            Code::Internal | Code::Unavailable | Code::DeadlineExceeded | Code::Unauthenticated
        );
        Problem { detail: (!withheld).then(|| self.error.to_string()), ..Problem::new(self.code) }
    }
}

impl<E: Coded> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { code: error.code(), error: Box::new(error) }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.chain())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Redelivery;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot save `a`")]
    struct Outer(#[source] std::io::Error);

    impl Coded for Outer {
        fn code(&self) -> Code {
            Code::Internal
        }
    }

    #[test]
    fn people_inside_learn_the_cause_and_people_outside_do_not() {
        let failure = Failure::from(Outer(std::io::Error::other("disk 7 is full")));
        assert_eq!(failure.chain(), "cannot save `a`: disk 7 is full");
        assert_eq!(failure.problem().detail, None);
    }

    #[test]
    fn a_problem_has_the_members_that_rfc_9457_names() {
        let problem = Failure::new(Code::NotFound, "no asset is called `a`").problem();
        let json = serde_json::to_value(problem).expect("serializes");
        assert_eq!(
            json,
            serde_json::json!({
                "type": "about:blank",
                "title": "There is no such thing",
                "status": 404,
                "detail": "no asset is called `a`",
                "code": "NOT_FOUND",
            })
        );
    }

    #[test]
    fn only_what_may_change_by_itself_is_delivered_again() {
        let again: Vec<_> =
            Code::ALL.into_iter().filter(|code| code.redelivery() == Redelivery::Again).collect();
        assert_eq!(
            again,
            [
                Code::Aborted,
                Code::ResourceExhausted,
                Code::DeadlineExceeded,
                Code::Unavailable,
                Code::Internal
            ]
        );
    }
}
