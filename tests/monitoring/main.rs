//! What is watched: lines as the telemetry layer writes them, through Cloud Logging's filters
//! and Cloud Monitoring's conditions, as Terraform's files have them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod burn;
mod conditions;
mod entry;
mod files;
mod golden;
mod incidents;
mod query;
mod registry;
mod series;
