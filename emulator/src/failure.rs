//! How a command fails: a reason, what to do next, and an exit code.

use std::fmt;

/// Why a command did not do what was asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code, as `sysexits.h` has it.
    pub code: u8,
    /// What could not be done, and why.
    pub reason: String,
    /// What to do about it.
    pub next: Option<String>,
}

/// The command line is wrong (`EX_USAGE`).
pub const USAGE: u8 = 64;
/// The data is wrong (`EX_DATAERR`).
pub const DATA: u8 = 65;
/// Something that is needed is not there (`EX_UNAVAILABLE`).
pub const UNAVAILABLE: u8 = 69;
/// Something went wrong on our side (`EX_SOFTWARE`).
pub const INTERNAL: u8 = 70;

impl Failure {
    /// The command line is wrong.
    pub fn usage(reason: impl fmt::Display) -> Self {
        Self::new(USAGE, reason)
    }

    /// The data is wrong.
    pub fn data(reason: impl fmt::Display) -> Self {
        Self::new(DATA, reason)
    }

    /// Something that is needed is not there.
    pub fn unavailable(reason: impl fmt::Display) -> Self {
        Self::new(UNAVAILABLE, reason)
    }

    /// Something went wrong on our side.
    pub fn internal(reason: impl fmt::Display) -> Self {
        Self::new(INTERNAL, reason)
    }

    /// Says what to do next.
    #[must_use]
    pub fn next(mut self, next: impl fmt::Display) -> Self {
        self.next = Some(next.to_string());
        self
    }

    fn new(code: u8, reason: impl fmt::Display) -> Self {
        Self { code, reason: reason.to_string(), next: None }
    }
}

/// Returns an error with everything that caused it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some libraries repeat the cause in their own message.
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.reason)?;
        match &self.next {
            Some(next) => write!(f, "\n{next}"),
            None => Ok(()),
        }
    }
}
