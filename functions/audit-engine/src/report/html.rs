//! One page for a browser or paper, which needs nothing besides itself.

mod escape;
mod tables;

use std::{
    cmp::Reverse,
    io::{self, Write},
};

use escape::Text;
use model::audit::Verdict;

use super::{remedy::command, severity};
use crate::{
    assess::{Assessment, Row, score},
    benchmark,
    control::Control,
};

/// Rows of one control and verdict on the page. More are for programs, which other formats
/// serve; a browser becomes slow.
const SHOWN_MAX: usize = 100;

pub(super) fn write(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    let as_of = assessment.manifest.as_of;
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Audit of the estate, {as_of}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>Audit of the estate</h1>\n\
         <p>{} assets, {} controls, as of <time datetime=\"{as_of}\">{as_of}</time>.</p>\n\
         </header>\n<main>",
        assessment.manifest.assets,
        assessment.controls.len(),
        STYLE = include_str!("html/style.css"),
    )?;
    let score = score(assessment)
        .map_or_else(|| "none".to_owned(), |score| format!("{}.{:02} %", score / 100, score % 100));
    writeln!(
        out,
        "<section>\n<h2>Score</h2>\n<p class=\"score\">{score}</p>\n\
         <p>The weight of what passes, of what passes, fails or is unknown. A verdict weighs 10 \
         when its control is critical, 5 when it is high, 3 when it is medium and 1 when it is \
         low.</p>"
    )?;
    tables::by_severity(assessment, out)?;
    writeln!(out, "</section>")?;
    for (verdict, heading, none) in [
        (Verdict::Fail, "What fails", "Nothing fails."),
        (Verdict::Unknown, "What is unknown", "Nothing is unknown."),
        (Verdict::Exempt, "What is exempt", "Nothing is exempt."),
    ] {
        writeln!(out, "<section>\n<h2>{heading}</h2>")?;
        if !controls(assessment, verdict, out)? {
            writeln!(out, "<p>{none}</p>")?;
        }
        writeln!(out, "</section>")?;
    }
    tables::not_checked(assessment, out)?;
    for table in benchmark::tables(assessment) {
        tables::benchmark(&table, out)?;
    }
    tables::manifest(assessment, out)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

/// Writes the controls with a verdict, the worst first; tells whether there is one.
fn controls(
    assessment: &Assessment<'_>,
    verdict: Verdict,
    out: &mut impl Write,
) -> io::Result<bool> {
    let mut controls = assessment.controls.clone();
    controls.sort_by_key(|control| Reverse(control.severity));
    let mut any = false;
    for control in controls {
        let rows = assessment.rows.iter();
        let mut rows =
            rows.filter(|row| row.verdict == verdict && row.control.id == control.id).peekable();
        if rows.peek().is_some() {
            any = true;
            one(control, rows, out)?;
        }
    }
    Ok(any)
}

fn one<'r>(
    control: &Control,
    mut rows: impl Iterator<Item = &'r Row<'r>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let severity = severity(control.severity);
    writeln!(
        out,
        "<article>\n<h3>{}: {}</h3>\n<p><strong class=\"{severity}\">{severity}</strong> {}</p>\n\
         <p><strong>What to do:</strong> {}</p>",
        Text(&control.id),
        Text(&control.title),
        Text(&control.rationale),
        Text(&control.remediation.text),
    )?;
    writeln!(
        out,
        "<table>\n<thead><tr><th scope=\"col\">Asset</th>\
         <th scope=\"col\">What was seen</th></tr></thead>\n<tbody>"
    )?;
    for row in rows.by_ref().take(SHOWN_MAX) {
        write!(out, "<tr><th scope=\"row\">{}</th><td>{}", Text(&row.asset), Text(&row.evidence))?;
        if let Some(command) = command(&control.remediation, &row.asset) {
            write!(out, "<pre>{}</pre>", Text(&command))?;
        }
        writeln!(out, "</td></tr>")?;
    }
    writeln!(out, "</tbody>\n</table>")?;
    match rows.count() {
        0 => {}
        more => writeln!(out, "<p>And {more} more, which the other formats list.</p>")?,
    }
    writeln!(out, "</article>")
}
