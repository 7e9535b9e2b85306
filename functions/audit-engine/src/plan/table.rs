//! Which resources of the provider `google` are which assets.

/// How a type of resource is read.
#[derive(Debug)]
pub(super) struct Mapping {
    /// The provider's type.
    pub kind: &'static str,
    /// The type of the asset.
    pub asset_type: &'static str,
    /// The resource name after the service's host; `{field}` is an attribute.
    pub name: &'static str,
    /// The resource that it belongs to, written as `name`, where assets are joined by it.
    pub parent: &'static str,
    /// The attribute with which grants name the resource.
    pub grants_by: &'static str,
    /// Attributes that stand elsewhere in the asset, as paths in camel case.
    pub moved: &'static [(&'static str, &'static str)],
    /// What every such asset has.
    pub fixed: &'static [(&'static str, &'static str)],
    /// What the service decides by itself, so that no plan tells.
    pub decided_later: &'static [&'static str],
}

const PLAIN: Mapping = Mapping {
    kind: "",
    asset_type: "",
    name: "",
    parent: "",
    grants_by: "",
    moved: &[],
    fixed: &[],
    decided_later: &[],
};

const LABELS: (&str, &str) = ("effectiveLabels", "labels");

pub(super) const PROJECT: Mapping = Mapping {
    kind: "google_project",
    asset_type: "cloudresourcemanager.googleapis.com/Project",
    name: "projects/{project_id}",
    grants_by: "project",
    moved: &[LABELS],
    ..PLAIN
};

const MAPPINGS: [Mapping; 18] = [
    PROJECT,
    Mapping {
        kind: "google_cloud_run_v2_service",
        asset_type: "run.googleapis.com/Service",
        name: "projects/{project}/locations/{location}/services/{name}",
        grants_by: "name",
        moved: &[LABELS],
        decided_later: &["terminalCondition"],
        ..PLAIN
    },
    Mapping {
        kind: "google_pubsub_topic",
        asset_type: "pubsub.googleapis.com/Topic",
        name: "projects/{project}/topics/{name}",
        grants_by: "topic",
        moved: &[LABELS],
        ..PLAIN
    },
    Mapping {
        kind: "google_pubsub_subscription",
        asset_type: "pubsub.googleapis.com/Subscription",
        name: "projects/{project}/subscriptions/{name}",
        grants_by: "subscription",
        moved: &[LABELS],
        ..PLAIN
    },
    Mapping {
        kind: "google_secret_manager_secret",
        asset_type: "secretmanager.googleapis.com/Secret",
        name: "projects/{project}/secrets/{secret_id}",
        grants_by: "secret_id",
        moved: &[LABELS],
        ..PLAIN
    },
    Mapping {
        kind: "google_storage_bucket",
        asset_type: "storage.googleapis.com/Bucket",
        name: "{name}",
        grants_by: "bucket",
        moved: &[
            LABELS,
            ("uniformBucketLevelAccess", "iamConfiguration.uniformBucketLevelAccess.enabled"),
            ("publicAccessPrevention", "iamConfiguration.publicAccessPrevention"),
        ],
        ..PLAIN
    },
    Mapping {
        kind: "google_service_account",
        asset_type: "iam.googleapis.com/ServiceAccount",
        name: "projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com",
        grants_by: "service_account_id",
        ..PLAIN
    },
    Mapping {
        kind: "google_service_account_key",
        asset_type: "iam.googleapis.com/ServiceAccountKey",
        name: "{name}",
        moved: &[("validAfter", "validAfterTime"), ("validBefore", "validBeforeTime")],
        fixed: &[("keyType", "USER_MANAGED")],
        ..PLAIN
    },
    Mapping {
        kind: "google_firestore_database",
        asset_type: "firestore.googleapis.com/Database",
        name: "projects/{project}/databases/{name}",
        ..PLAIN
    },
    Mapping {
        kind: "google_kms_crypto_key",
        asset_type: "cloudkms.googleapis.com/CryptoKey",
        name: "{key_ring}/cryptoKeys/{name}",
        grants_by: "crypto_key_id",
        moved: &[LABELS],
        decided_later: &["nextRotationTime"],
        ..PLAIN
    },
    Mapping {
        kind: "google_project_service",
        asset_type: "serviceusage.googleapis.com/Service",
        name: "projects/{project}/services/{service}",
        fixed: &[("state", "ENABLED")],
        ..PLAIN
    },
    Mapping {
        kind: "google_cloud_scheduler_job",
        asset_type: "cloudscheduler.googleapis.com/Job",
        name: "projects/{project}/locations/{region}/jobs/{name}",
        ..PLAIN
    },
    Mapping {
        kind: "google_eventarc_trigger",
        asset_type: "eventarc.googleapis.com/Trigger",
        name: "projects/{project}/locations/{location}/triggers/{name}",
        moved: &[LABELS],
        ..PLAIN
    },
    Mapping {
        kind: "google_artifact_registry_repository",
        asset_type: "artifactregistry.googleapis.com/Repository",
        name: "projects/{project}/locations/{location}/repositories/{repository_id}",
        grants_by: "repository",
        moved: &[LABELS],
        decided_later: &["vulnerabilityScanningConfig.enablementState"],
        ..PLAIN
    },
    Mapping {
        kind: "google_logging_project_sink",
        asset_type: "logging.googleapis.com/LogSink",
        name: "projects/{project}/sinks/{name}",
        ..PLAIN
    },
    Mapping {
        kind: "google_logging_project_bucket_config",
        asset_type: "logging.googleapis.com/LogBucket",
        name: "projects/{project}/locations/{location}/buckets/{bucket_id}",
        ..PLAIN
    },
    Mapping {
        kind: "google_iam_workload_identity_pool_provider",
        asset_type: "iam.googleapis.com/WorkloadIdentityPoolProvider",
        name: "projects/{project}/locations/global/workloadIdentityPools/{workload_identity_pool_id}/providers/{workload_identity_pool_provider_id}",
        ..PLAIN
    },
    Mapping {
        kind: "google_firestore_backup_schedule",
        asset_type: "firestore.googleapis.com/BackupSchedule",
        name: "projects/{project}/databases/{database}/backupSchedules/{name}",
        parent: "projects/{project}/databases/{database}",
        ..PLAIN
    },
];

pub(super) fn mapping(kind: &str) -> Option<&'static Mapping> {
    MAPPINGS.iter().find(|mapping| mapping.kind == kind)
}

impl Mapping {
    /// Returns the service's host.
    pub(super) fn host(&self) -> &'static str {
        self.asset_type.split('/').next().unwrap_or_default()
    }
}
