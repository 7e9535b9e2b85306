# Images: scanned when they are pushed, never overwritten, and removed when they are old.

resource "google_artifact_registry_repository" "this" {
  repository_id = "mesh"
  location      = var.region
  format        = "DOCKER"
  description   = "One image for each function."
  labels        = local.labels
  kms_key_name  = local.key_ids["registry"]

  docker_config {
    immutable_tags = true
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  # The last ones are kept however old they are: they are what one rolls back to.
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 20
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "7776000s"
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.this]
}

locals {
  registry = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.this.repository_id}"
}
