//! Assessments for people and for other programs.
//!
//! A report is a function of its assessment alone: the same assessment has the same bytes.
//! Rows go to the writer one by one.

mod csv;
mod each;
mod html;
mod ocsf;
mod oscal;
mod remedy;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, Write};

use model::{audit::Verdict, finding::Severity};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::assess::{Assessment, Keep};

/// How an assessment is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportFormat)]
pub enum Format {
    /// For a terminal: what needs looking at.
    Text,
    /// Comma-separated values, a row for each verdict.
    Csv,
    /// For code hosts and editors: what fails, and what is unknown.
    Sarif,
    /// For security event stores: an event for each verdict, one a line.
    Ocsf,
    /// For assessors: every verdict as an observation, every demand as a finding.
    Oscal,
    /// For a browser, or paper.
    Html,
}

impl Format {
    /// Returns the rows that the format shows.
    #[must_use]
    pub fn keep(self) -> Keep {
        match self {
            Self::Text | Self::Sarif | Self::Html => Keep::Notable,
            Self::Csv | Self::Ocsf | Self::Oscal => Keep::All,
        }
    }
}

/// Writes an assessment.
///
/// # Errors
/// When it cannot be written.
pub fn render(format: Format, assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(assessment, out),
        Format::Csv => csv::write(assessment, out),
        Format::Sarif => sarif::write(assessment, out),
        Format::Ocsf => ocsf::write(assessment, out),
        Format::Oscal => oscal::write(assessment, out),
        Format::Html => html::write(assessment, out),
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

/// Returns a severity as documents and reports have it.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// Returns the last part of an asset's name.
fn short(asset: &str) -> &str {
    asset.rsplit('/').next().unwrap_or(asset)
}
