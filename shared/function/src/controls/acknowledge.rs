//! Saying which version of a control this instance applies, and that it runs.

use jiff::SignedDuration;
use model::{
    AckId, Actor, ControlName, CorrelationId, IncidentId, Timestamp,
    control::{Ack, Control, Instance},
    incident::{Incident, Priority},
};
use store::{Cause, StoreError, Transaction};

use super::{Controls, known::Known};

/// How long what an instance said is kept after it said so last.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Controls {
    pub(super) async fn acknowledge(
        &self,
        name: &ControlName,
        known: &Known,
    ) -> Result<(), StoreError> {
        let now = Timestamp::from(jiff::Timestamp::now());
        let id = AckId { control: name.clone(), instance: self.0.instance.clone() };
        let ack = Ack {
            function: self.0.function.clone(),
            epoch: known.control.epoch,
            applied_at: now,
            refused: known.refused.clone(),
            expires_at: now.plus(KEPT),
        };
        self.0.store.measure(&id, &ack).await
    }

    pub(super) async fn say_alive(&self) -> Result<(), StoreError> {
        let now = Timestamp::from(jiff::Timestamp::now());
        let (counted_since, triggers) = self.0.figures.take(now);
        let instance = Instance {
            function: self.0.function.clone(),
            // All crates of the mesh are of one version.
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            revision: self.0.revision.clone(),
            started_at: self.0.started_at,
            seen_at: now,
            counted_since,
            triggers,
            expires_at: now.plus(KEPT),
        };
        self.0.store.measure(&self.0.instance, &instance).await
    }

    /// Opens an incident for a control that is not what its overrides make of it; all
    /// instances that notice open the same.
    pub(super) async fn report(
        &self,
        name: &ControlName,
        control: &Control,
        why: &str,
    ) -> Result<(), StoreError> {
        let now = Timestamp::from(jiff::Timestamp::now());
        let account =
            format!("{}@{}.iam.gserviceaccount.com", self.0.function, self.0.store.project());
        let cause = &Cause {
            actor: Actor::service(account),
            correlation: CorrelationId::new(format!("control-{name}-{}", control.epoch)),
            traceparent: telemetry::current_trace().map(|trace| trace.traceparent()),
            time: now,
            event: None,
        };
        let id = &IncidentId::new(format!("control-{name}-{}", control.epoch));
        let title = format!("The control `{name}` was written by somebody who may not");
        let incident = &Incident::open(title, Priority::P1, why, cause.actor.clone(), now);
        let open = |tx: Transaction| async move {
            if tx.get::<Incident>(id).await?.is_none() {
                tx.create(id, incident, "incident.opened", why).await?;
            }
            Ok(())
        };
        match self.0.store.transact(cause, open).await {
            Err(StoreError::Exists { .. }) => Ok(()),
            other => other,
        }
    }
}
