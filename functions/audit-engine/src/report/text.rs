//! For a terminal: the score, the counts, and what needs looking at.

use std::io::{self, Write};

use model::audit::Verdict;

use super::severity;
use crate::{
    assess::{Assessment, score},
    benchmark,
};

/// Rows of one control that are shown; a table of everything is another format.
const SHOWN_MAX: usize = 5;

pub(super) fn write(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    let manifest = &assessment.manifest;
    let total = assessment.total();
    let score = score(assessment)
        .map_or_else(|| "none".to_owned(), |score| format!("{}.{:02} %", score / 100, score % 100));
    writeln!(
        out,
        "{} assets, {} controls, as of {}",
        manifest.assets,
        assessment.controls.len(),
        manifest.as_of
    )?;
    writeln!(out, "score {score}: {total}")?;
    for (verdict, heading) in [(Verdict::Fail, "fails"), (Verdict::Unknown, "is unknown")] {
        let mut controls: Vec<_> = assessment.controls.clone();
        controls.sort_by_key(|control| std::cmp::Reverse(control.severity));
        for control in controls {
            let rows = assessment.rows.iter();
            let rows: Vec<_> =
                rows.filter(|row| row.control.id == control.id && row.verdict == verdict).collect();
            if rows.is_empty() {
                continue;
            }
            let severity = severity(control.severity);
            writeln!(
                out,
                "\n{} {heading} on {} ({severity}): {}",
                control.id,
                rows.len(),
                control.title
            )?;
            for row in rows.iter().take(SHOWN_MAX) {
                writeln!(out, "  {}\n    {}", row.asset, row.evidence)?;
            }
            if let Some(more) = rows.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
                writeln!(out, "  and {more} more")?;
            }
        }
    }
    if !assessment.not_checked.is_empty() {
        writeln!(out, "\nnot checked:")?;
        for (kind, count) in &assessment.not_checked {
            writeln!(out, "  {kind}: {count}")?;
        }
    }
    writeln!(out)?;
    for table in benchmark::tables(assessment) {
        writeln!(out, "{}: {} rows, {}", table.title, table.rows.len(), table.counts())?;
    }
    writeln!(
        out,
        "\nestate {}\ncontrols {}\nengine {}",
        manifest.estate_hash, manifest.controls_hash, manifest.engine_version
    )
}
