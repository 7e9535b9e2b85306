//! What a check refers to has to be there, and must not lead back to it.

use function::HttpError;
use model::{
    CheckId,
    check::{Check, CheckSpec, Probe},
    service::Service,
};
use problem::FieldError;

use crate::{Context, ProxyError};

/// How far up the parents of a check go, as destine-root follows them.
const ANCESTORS_MAX: usize = 8;

/// Refuses a check that refers to what is not there, naming every such field.
pub(super) async fn verify(ctx: &Context, id: &CheckId, spec: &CheckSpec) -> Result<(), HttpError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| {
        errors.push(FieldError { field: field.into(), message });
    };
    if let Some(service) = &spec.service
        && ctx.store.get::<Service>(service).await.map_err(ProxyError::from)?.is_none()
    {
        wrong("service", format!("there is no service `{service}`"));
    }
    if let Some(message) = wrong_parent(ctx, id, spec.parent.as_ref()).await? {
        wrong("parent", message);
    }
    if let Probe::Slo(slo) = &spec.probe {
        if slo.of == *id {
            wrong("probe.of", "a check is no objective of itself".into());
        } else if ctx.store.get::<Check>(&slo.of).await.map_err(ProxyError::from)?.is_none() {
            wrong("probe.of", format!("there is no check `{}`", slo.of));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(HttpError::of_fields(errors)) }
}

/// Says what is wrong with a parent.
async fn wrong_parent(
    ctx: &Context,
    id: &CheckId,
    parent: Option<&CheckId>,
) -> Result<Option<String>, ProxyError> {
    let mut next = parent.cloned();
    for _ in 0..ANCESTORS_MAX {
        let Some(parent) = next else { return Ok(None) };
        if parent == *id {
            return Ok(Some("the check would be its own ancestor".into()));
        }
        let Some(found) = ctx.store.get::<Check>(&parent).await? else {
            return Ok(Some(format!("there is no check `{parent}`")));
        };
        next = found.document.spec.parent;
    }
    Ok(next.map(|_| format!("more than {ANCESTORS_MAX} checks above one another")))
}
