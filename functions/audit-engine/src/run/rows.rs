//! The verdicts of a run that somebody has to look at, kept in parts.

use jiff::SignedDuration;
use model::{
    AuditId, AuditRowsId, Timestamp,
    audit::{AuditRow, AuditRows},
};

use crate::{AuditError, Context, assess::Row};

/// The most rows that are kept of one run.
const ROWS_MAX: usize = 50_000;
/// The most rows of one part.
const PART_ROWS_MAX: usize = 1_000;
/// How many bytes a part has; a document may have 1 MiB, names of fields and all.
const PART_BYTES: usize = 512 * 1024;
/// What a row takes besides its texts.
const ROW_BYTES: usize = 300;
/// How long rows are kept: a year and a month, so that a yearly review finds the last one.
const TTL: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Keeps the rows of a run; returns in how many parts, and how many rows were too many.
pub(super) async fn keep(
    ctx: &Context,
    audit: &AuditId,
    rows: &[Row<'_>],
    now: Timestamp,
) -> Result<(u32, u64), AuditError> {
    // Controls without any asset have a row that the counts tell as well.
    let rows: Vec<_> = rows.iter().filter(|row| !row.asset.is_empty()).collect();
    let left_out = rows.len().saturating_sub(ROWS_MAX) as u64;
    let mut index = 0;
    for rows in parts(rows.into_iter().take(ROWS_MAX).map(Row::kept)) {
        let part = AuditRows { rows, expires_at: now.plus(TTL) };
        ctx.store.measure(&AuditRowsId { audit: audit.clone(), index }, &part).await?;
        index += 1;
    }
    Ok((index, left_out))
}

fn parts(rows: impl Iterator<Item = AuditRow>) -> Vec<Vec<AuditRow>> {
    let (mut parts, mut bytes) = (Vec::<Vec<AuditRow>>::new(), 0);
    for row in rows {
        let size = ROW_BYTES + row.evidence.len() + row.asset.len() + row.asset_type.len();
        match parts.last_mut() {
            Some(part) if part.len() < PART_ROWS_MAX && bytes + size <= PART_BYTES => {
                part.push(row);
                bytes += size;
            }
            _ => {
                parts.push(vec![row]);
                bytes = size;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use model::{audit::Verdict, finding::Severity};

    use super::*;

    #[test]
    fn parts_hold_every_row_in_order_and_stay_small() {
        let row = |index: usize| AuditRow {
            control: "RUN-01".into(),
            severity: Severity::High,
            asset: format!("//a/{index}"),
            asset_type: "t".into(),
            asset_hash: String::new(),
            verdict: Verdict::Fail,
            evidence: "e".repeat(if index.is_multiple_of(7) { 100_000 } else { 10 }),
            control_hash: String::new(),
        };
        let rows: Vec<_> = (0..5_000).map(row).collect();
        let parts = parts(rows.clone().into_iter());
        assert!(parts.iter().all(|part| {
            let bytes: usize = part.iter().map(|row| row.evidence.len()).sum();
            part.len() <= PART_ROWS_MAX && bytes <= PART_BYTES
        }));
        assert_eq!(parts.concat(), rows);
    }
}
