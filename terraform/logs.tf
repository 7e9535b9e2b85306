# Logs that are kept where nobody can shorten them, and the sealed log's copy.

resource "google_logging_project_bucket_config" "audit" {
  project        = var.project_id
  location       = var.region
  bucket_id      = "mesh-audit"
  description    = "Who changed what in the cloud, for 400 days."
  retention_days = 400
  locked         = var.protected

  depends_on = [google_project_service.this]
}

locals {
  activity = "log_id(\"cloudaudit.googleapis.com/activity\")"
}

resource "google_logging_project_sink" "audit" {
  name                   = "mesh-audit"
  description            = "Keeps Cloud Audit Logs in the locked bucket."
  destination            = "logging.googleapis.com/projects/${var.project_id}/locations/${var.region}/buckets/${google_logging_project_bucket_config.audit.bucket_id}"
  filter                 = "log_id(\"cloudaudit.googleapis.com/activity\") OR log_id(\"cloudaudit.googleapis.com/data_access\") OR log_id(\"cloudaudit.googleapis.com/policy\") OR log_id(\"cloudaudit.googleapis.com/access_transparency\")"
  unique_writer_identity = true
}

# The audit-engine looks for changes that nobody permitted.
resource "google_logging_project_sink" "changes" {
  for_each = setintersection(local.topics, ["audit-logs"])

  name                   = "mesh-changes"
  description            = "Tells the mesh of changes in the cloud."
  destination            = "pubsub.googleapis.com/projects/${var.project_id}/topics/${google_pubsub_topic.bus[each.value].name}"
  filter                 = local.activity
  unique_writer_identity = true
}

resource "google_pubsub_topic_iam_member" "changes" {
  for_each = google_logging_project_sink.changes

  topic  = google_pubsub_topic.bus[each.key].name
  role   = "roles/pubsub.publisher"
  member = each.value.writer_identity
}

# Tiles and entries of the sealed log: added to, never overwritten, never removed before their time.
resource "google_storage_bucket" "log" {
  # checkov:skip=CKV_GCP_62:Cloud Audit Logs say who reads and writes it
  # checkov:skip=CKV_GCP_78:what is retained cannot be overwritten, so that there are no versions
  name                        = "${var.project_id}-log"
  location                    = var.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  retention_policy {
    # Seven years.
    retention_period = "220752000"
    is_locked        = var.protected
  }

  encryption {
    default_kms_key_name = local.key_ids["log"]
  }

  depends_on = [google_kms_crypto_key_iam_member.this]
}

# audit-engine adds to the copy and compares it: on this bucket alone, and without the right to
# delete, which replacing an object takes as well.
resource "google_storage_bucket_iam_member" "log" {
  for_each = contains(keys(local.functions), "audit-engine") ? toset(["roles/storage.objectCreator", "roles/storage.objectViewer"]) : toset([])

  bucket = google_storage_bucket.log.name
  role   = each.value
  member = "serviceAccount:${module.function["audit-engine"].account}"
}

# Asking for it makes it.
data "google_storage_project_service_account" "this" {}

# Reads are written down for what matters: who read a secret, used a key, or read the log's copy.
resource "google_project_iam_audit_config" "reads" {
  for_each = toset(["secretmanager.googleapis.com", "cloudkms.googleapis.com", "iam.googleapis.com", "storage.googleapis.com"])

  project = var.project_id
  service = each.value
  audit_log_config {
    log_type = "ADMIN_READ"
  }
  audit_log_config {
    log_type = "DATA_READ"
  }
  audit_log_config {
    log_type = "DATA_WRITE"
  }
}
