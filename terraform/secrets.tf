# Secrets, their versions, and who is told when one is due to be replaced. Values pass through and
# are kept nowhere but in Secret Manager.

locals {
  # Each revision makes one version, so they count alike.
  pinned = { for name in local.secrets_all : name => tostring(lookup(var.secret_revisions, name, 1)) }

  # What Terraform makes itself. It is public, and stands in a secret because its name ends in KEY.
  secrets_made = toset(contains(keys(local.wanted), "WEB_API_KEY") ? ["web-api-key"] : [])
  secrets_all  = setunion(local.secrets, local.secrets_made)
  wanted       = merge([for function in values(local.functions) : function.env]...)
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets_all

  secret_id           = each.value
  labels              = local.labels
  deletion_protection = var.protected
  # A version that is destroyed by mistake can be had back for a week.
  version_destroy_ttl = "604800s"

  replication {
    user_managed {
      replicas {
        location = var.region
        customer_managed_encryption {
          kms_key_name = local.key_ids["secrets"]
        }
      }
    }
  }

  # A reminder, not a rotation: somebody makes the new value, and counts the revision up.
  topics {
    name = "projects/${var.project_id}/topics/${google_pubsub_topic.rotations.name}"
  }
  rotation {
    rotation_period    = "7776000s"
    next_rotation_time = var.rotation_from
  }

  lifecycle {
    # The service moves it on by itself.
    ignore_changes = [rotation[0].next_rotation_time]
  }

  depends_on = [google_pubsub_topic_iam_member.rotations, google_kms_crypto_key_iam_member.this]
}

resource "google_secret_manager_secret_version" "this" {
  for_each = local.secrets

  secret                 = "projects/${var.project_id}/secrets/${google_secret_manager_secret.this[each.value].secret_id}"
  secret_data_wo         = lookup(var.secret_values, each.value, null)
  secret_data_wo_version = local.pinned[each.value]
  # Revisions that run use theirs until they are replaced.
  deletion_policy = "ABANDON"

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_version" "made" {
  for_each = local.secrets_made

  secret                 = "projects/${var.project_id}/secrets/${google_secret_manager_secret.this[each.value].secret_id}"
  secret_data_wo         = google_apikeys_key.page.key_string
  secret_data_wo_version = local.pinned[each.value]
  deletion_policy        = "ABANDON"

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_pubsub_topic" "rotations" {
  # checkov:skip=CKV_GCP_83:messages name what happened and stay for days; what they are about is in Firestore
  name                       = "secret-rotations"
  labels                     = local.labels
  message_retention_duration = "2678400s"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic_iam_member" "rotations" {
  topic  = google_pubsub_topic.rotations.name
  role   = "roles/pubsub.publisher"
  member = local.agents.secrets

  depends_on = [google_project_service_identity.this]
}
