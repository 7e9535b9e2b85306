//! The tables of the page.

use std::io::{self, Write};

use model::{audit::VerdictCounts, finding::Severity};

use super::escape::Text;
use crate::{
    assess::Assessment,
    benchmark::Table,
    report::{severity, word},
};

pub(super) fn by_severity(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "<table>\n<caption>Verdicts by severity</caption>\n<thead><tr>\
         <th scope=\"col\">Severity</th>{}</tr></thead>\n<tbody>",
        VERDICTS.map(|(name, _)| format!("<th scope=\"col\">{name}</th>")).concat()
    )?;
    for level in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low] {
        let controls = assessment.controls.iter().filter(|control| control.severity == level);
        let counts: Vec<_> =
            controls.filter_map(|control| assessment.counts.get(control.id.as_str())).collect();
        let cells = VERDICTS.map(|(_, count)| {
            format!("<td>{}</td>", counts.iter().map(|counts| count(counts)).sum::<u64>())
        });
        let name = severity(level);
        writeln!(out, "<tr><th scope=\"row\">{name}</th>{}</tr>", cells.concat())?;
    }
    writeln!(out, "</tbody>\n</table>")
}

type Count = fn(&VerdictCounts) -> u64;

const VERDICTS: [(&str, Count); 6] = [
    ("pass", |counts| counts.pass),
    ("fail", |counts| counts.fail),
    ("unknown", |counts| counts.unknown),
    ("exempt", |counts| counts.exempt),
    ("manual", |counts| counts.manual),
    ("not applicable", |counts| counts.not_applicable),
];

pub(super) fn benchmark(table: &Table<'_>, out: &mut impl Write) -> io::Result<()> {
    let counts = table.counts();
    let said = VERDICTS.map(|(name, count)| format!("{} {name}", count(&counts))).join(", ");
    writeln!(
        out,
        "<section>\n<h2>{}</h2>\n<p>{} rows: {said}.</p>\n<table>\n<thead><tr>\
         <th scope=\"col\">Number</th><th scope=\"col\">Demand</th><th scope=\"col\">Verdict</th>\
         <th scope=\"col\">Why</th></tr></thead>\n<tbody>",
        Text(table.title),
        table.rows.len(),
    )?;
    for row in &table.rows {
        let verdict = word(row.verdict);
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td>\
             <td><strong class=\"{verdict}\">{}</strong></td><td>{}</td></tr>",
            Text(row.number),
            Text(&row.title),
            verdict.replace('_', " "),
            Text(&row.evidence),
        )?;
    }
    writeln!(out, "</tbody>\n</table>\n</section>")
}

/// Writes what a plan has besides assets.
pub(super) fn not_checked(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    if assessment.not_checked.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>What was not checked</h2>\n<table>\n<thead><tr>\
         <th scope=\"col\">Type of resource</th><th scope=\"col\">Planned</th></tr></thead>\n<tbody>"
    )?;
    for (kind, count) in &assessment.not_checked {
        writeln!(out, "<tr><th scope=\"row\">{}</th><td>{count}</td></tr>", Text(kind))?;
    }
    writeln!(out, "</tbody>\n</table>\n</section>")
}

pub(super) fn manifest(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    let manifest = &assessment.manifest;
    writeln!(
        out,
        "<section>\n<h2>What the verdicts depend on</h2>\n\
         <p>The same estate, controls, engine and instant have the same verdicts.</p>\n<dl>\n\
         <dt>Estate</dt><dd><code>{}</code></dd>\n<dt>Controls</dt><dd><code>{}</code></dd>\n\
         <dt>Engine</dt><dd>{}</dd>\n<dt>As of</dt><dd>{}</dd>\n</dl>\n</section>",
        Text(&manifest.estate_hash),
        Text(&manifest.controls_hash),
        Text(&manifest.engine_version),
        manifest.as_of,
    )
}
