//! The controls as people see them: what the engine asks stands in documents.

use std::collections::BTreeMap;

use model::{
    AuditControlId,
    audit::{AuditControl, ControlMappings},
};
use store::{Cause, Query, Transaction};

use crate::{AuditError, Context, control::Control};

/// Documents of one transaction.
const AT_A_TIME: usize = 100;

/// Writes down the controls that are asked, and takes away those that are no longer.
pub(super) async fn controls(ctx: &Context, cause: &Cause) -> Result<(), AuditError> {
    let mut known = BTreeMap::new();
    let mut next = None;
    loop {
        let page = ctx.store.list(&Query::<AuditControl>::all().after(next)).await?;
        known.extend(page.items.into_iter().map(|stored| (stored.id, stored.document)));
        // What cannot be read is written anew.
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    let mut changes = Vec::new();
    for control in ctx.controls.iter() {
        let (id, document) = (AuditControlId::new(&control.id), describe(control));
        match known.remove(&id) {
            None => changes.push((id, Some(document), "audit_control.added")),
            Some(known) if known != document => {
                changes.push((id, Some(document), "audit_control.changed"));
            }
            Some(_) => {}
        }
    }
    changes.extend(known.into_keys().map(|id| (id, None, "audit_control.removed")));
    for chunk in changes.chunks(AT_A_TIME) {
        let work = |tx: Transaction| async move {
            for (id, document, action) in chunk {
                let reason = "the engine's controls";
                match document {
                    Some(document) => tx.put(id, document, action, reason).await.map(drop)?,
                    None => tx.delete::<AuditControl>(id, action, reason).await.map(drop)?,
                }
            }
            Ok::<_, AuditError>(())
        };
        ctx.store.transact(cause, work).await?;
    }
    Ok(())
}

fn describe(control: &Control) -> AuditControl {
    let mappings = &control.mappings;
    AuditControl {
        title: control.title.clone(),
        severity: control.severity,
        asset_types: control.asset_types.clone(),
        rationale: control.rationale.clone(),
        condition: control.source.clone(),
        remediation: control.remediation.text.clone(),
        command: control.remediation.command.clone(),
        mappings: ControlMappings {
            cis_gcp_v4: mappings.cis_gcp_v4.clone(),
            cis_gcp_v5: mappings.cis_gcp_v5.clone(),
            iso27001_2022: mappings.iso27001_2022.clone(),
            soc2: mappings.soc2.clone(),
        },
        hash: control.hash.clone(),
    }
}
