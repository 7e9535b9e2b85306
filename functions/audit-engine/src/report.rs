//! Assessments for people and for other programs.
//!
//! A report is a function of its assessment alone: the same assessment has the same bytes.

mod csv;
mod text;

use std::io::{self, Write};

use model::audit::Verdict;

use crate::assess::Assessment;

/// How an assessment is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal: what needs looking at.
    Text,
    /// Comma-separated values, a row for each verdict.
    Csv,
}

/// Writes an assessment.
///
/// # Errors
/// When it cannot be written.
pub fn render(format: Format, assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(assessment, out),
        Format::Csv => csv::write(assessment, out),
    }
}

/// Returns a verdict as documents and reports have it.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Exempt => "exempt",
        Verdict::NotApplicable => "not_applicable",
        Verdict::Manual => "manual",
        Verdict::Unknown => "unknown",
    }
}
