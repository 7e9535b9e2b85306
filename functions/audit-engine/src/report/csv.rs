//! Comma-separated values.
//!
//! Source: RFC 4180.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{severity, word};
use crate::{assess::Assessment, benchmark::Framework};

const HEADER: &str = "control,title,severity,asset,asset_type,verdict,evidence,asset_hash,\
     control_hash,as_of,cis_gcp_v4,cis_gcp_v5,iso27001_2022,soc2";

pub(super) fn write(assessment: &Assessment<'_>, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{HEADER}\r\n")?;
    let as_of = assessment.manifest.as_of.to_string();
    for row in &assessment.rows {
        let numbers =
            Framework::ALL.map(|framework| framework.numbers(&row.control.mappings).join(" "));
        let [cis_four, cis_five, iso, soc] = &numbers;
        let fields = [
            &row.control.id,
            &row.control.title,
            severity(row.control.severity),
            &*row.asset,
            &row.asset_type,
            word(row.verdict),
            &row.evidence,
            &row.asset_hash,
            &row.control.hash,
            &as_of,
            cis_four,
            cis_five,
            iso,
            soc,
        ];
        write!(out, "{}\r\n", fields.map(field).join(","))?;
    }
    Ok(())
}

/// Quotes what has to be; a spreadsheet must not take what somebody else wrote for a
/// formula.
fn field(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !text.contains([',', '"', '\r', '\n']) {
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
