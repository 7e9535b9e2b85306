//! Comma-separated values.
//!
//! Source: RFC 4180.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{severity, word};
use crate::{
    assess::{Assessment, Row},
    benchmark::Framework,
    control::Control,
};

const HEADER: &str = "control,title,severity,asset,asset_type,verdict,evidence,asset_hash,\
     control_hash,as_of,cis_gcp_v4,cis_gcp_v5,iso27001_2022,soc2";

pub(super) fn write(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{HEADER}\r\n")?;
    let as_of = assessment.manifest.as_of.to_string();
    for rows in assessment.rows.chunk_by(|one, another| one.control.id == another.control.id) {
        let Some(Row { control, .. }) = rows.first() else { continue };
        let [before, after] = of_control(control, &as_of);
        for row in rows {
            let fields = [&*row.asset, &*row.asset_type, word(row.verdict), &row.evidence];
            let [asset, asset_type, verdict, evidence] = fields.map(field);
            let hash = &row.asset_hash;
            write!(out, "{before},{asset},{asset_type},{verdict},{evidence},{hash},{after}\r\n")?;
        }
    }
    Ok(())
}

/// Returns what stands before and behind what is said of each asset.
fn of_control(control: &Control, as_of: &str) -> [String; 2] {
    let before = [&control.id, &control.title, severity(control.severity)];
    let numbers = Framework::ALL.map(|framework| framework.numbers(&control.mappings).join(" "));
    let after = [&control.hash, as_of].into_iter().chain(numbers.iter().map(String::as_str));
    [before.map(field).join(","), after.map(field).collect::<Vec<_>>().join(",")]
}

/// Quotes what has to be; a spreadsheet must not take what somebody else wrote for a
/// formula.
fn field(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        return Cow::Borrowed(text);
    }
    let guard = if formula { "'" } else { "" };
    Cow::Owned(format!("\"{guard}{}\"", text.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_are_no_formulas() {
        assert_eq!(field("plain text"), "plain text");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("he said \"no\"\n"), "\"he said \"\"no\"\"\n\"");
        assert_eq!(field("=cmd()"), "\"'=cmd()\"");
        assert_eq!(field("@x"), "\"'@x\"");
    }
}
