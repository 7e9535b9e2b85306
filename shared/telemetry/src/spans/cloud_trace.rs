use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry_gcloud_trace::{GcpCloudTraceExporter, errors::GcloudTraceError};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};
use opentelemetry_semantic_conventions::resource as names;
use tokio::sync::OnceCell;

use crate::Settings;

/// Cloud Trace, connected when there is something to send: a cold start does not wait for it.
#[derive(Clone, Debug)]
pub(super) struct CloudTrace {
    project: String,
    resource: Resource,
    connection: Arc<OnceCell<GcpCloudTraceExporter>>,
}

impl CloudTrace {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            project: settings.project.clone(),
            resource: resource(settings),
            connection: Arc::default(),
        }
    }

    async fn connect(&self) -> Result<GcpCloudTraceExporter, GcloudTraceError> {
        // What happens within a span is in the log.
        GcpCloudTraceExporter::new(&self.project, self.resource.clone(), false).await
    }
}

impl SpanExporter for CloudTrace {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let connection = self.connection.get_or_try_init(|| self.connect()).await;
        let connection =
            connection.map_err(|error| OTelSdkError::InternalFailure(error.to_string()))?;
        connection.export(batch).await
    }
}

/// What every span of this process has in common.
fn resource(settings: &Settings) -> Resource {
    let Settings { service, revision, .. } = settings;
    let attributes = [
        KeyValue::new(names::SERVICE_NAME, service.clone()),
        KeyValue::new(names::SERVICE_VERSION, revision.clone()),
        KeyValue::new(names::FAAS_NAME, service.clone()),
        KeyValue::new(names::FAAS_VERSION, revision.clone()),
        KeyValue::new(names::CLOUD_PROVIDER, "gcp"),
        KeyValue::new(names::CLOUD_PLATFORM, "gcp_cloud_run"),
    ];
    let known = attributes.into_iter().filter(|attribute| !attribute.value.as_str().is_empty());
    Resource::builder_empty().with_attributes(known).build()
}
