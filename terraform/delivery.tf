# What builds and plans, and what applies such a plan: two triggers with an account of their own, where a
# repository is connected. Approval stands before the second, so that whoever gives it can read the plan.

locals {
  delivery_account = "mesh-delivery@${var.project_id}.iam.gserviceaccount.com"
  delivery         = var.repository == null ? {} : { delivery = var.repository }
}

resource "google_service_account" "delivery" {
  for_each = local.delivery

  account_id   = "mesh-delivery"
  display_name = "Mesh: delivery"
  description  = "Builds images and applies this configuration."

  depends_on = [google_project_service.this]
}

resource "google_cloudbuild_trigger" "delivery" {
  for_each = local.delivery

  name            = "mesh-${var.environment}"
  location        = var.region
  description     = "Tests, builds and plans what lands on `${var.branch}`."
  filename        = "cloudbuild.yaml"
  service_account = "projects/${var.project_id}/serviceAccounts/${local.delivery_account}"

  repository_event_config {
    repository = each.value
    push {
      branch = "^${var.branch}$"
    }
  }

  substitutions = {
    _ENVIRONMENT = var.environment
    _REGION      = var.region
    _REGISTRY    = local.registry
    _STATE       = var.state_bucket
  }

  depends_on = [google_project_iam_member.delivery]
}

resource "google_cloudbuild_trigger" "apply" {
  for_each = local.delivery

  name            = "mesh-${var.environment}-apply"
  location        = var.region
  description     = "Applies what was planned, when the other trigger calls it."
  service_account = "projects/${var.project_id}/serviceAccounts/${local.delivery_account}"

  source_to_build {
    repository = each.value
    ref        = "refs/heads/${var.branch}"
    repo_type  = var.repository_host
  }

  git_file_source {
    path       = "terraform/delivery/apply.yaml"
    repository = each.value
    revision   = "refs/heads/${var.branch}"
    repo_type  = var.repository_host
  }

  substitutions = {
    _ENVIRONMENT = var.environment
    _REGION      = var.region
    _STATE       = var.state_bucket
    _ADDRESS     = var.domain == null ? "" : "https://${var.domain}"
    _RELEASE     = "none"
  }

  approval_config {
    approval_required = var.protected
  }

  depends_on = [google_project_iam_member.delivery]
}

# It reads everything that the configuration has, to plan, and changes functions. It grants nothing and
# makes no account, so that who can push cannot become anybody: a plan with a new function, or with
# another role, is applied by a person.
resource "google_project_iam_member" "delivery" {
  for_each = var.repository == null ? toset([]) : toset([
    "roles/apikeys.viewer",
    "roles/certificatemanager.viewer",
    "roles/cloudasset.viewer",
    "roles/cloudbuild.builds.editor",
    "roles/cloudkms.viewer",
    "roles/cloudscheduler.viewer",
    "roles/compute.viewer",
    "roles/dns.reader",
    "roles/eventarc.viewer",
    "roles/firebaseauth.viewer",
    "roles/firebaserules.viewer",
    "roles/iam.securityReviewer",
    "roles/logging.logWriter",
    "roles/logging.viewer",
    "roles/monitoring.viewer",
    "roles/pubsub.viewer",
    "roles/run.developer",
    "roles/secretmanager.viewer",
    "roles/serviceusage.serviceUsageConsumer",
    "roles/storage.bucketViewer",
  ])

  project = var.project_id
  role    = each.value
  member  = "serviceAccount:${local.delivery_account}"

  depends_on = [google_service_account.delivery]
}

# The database's settings without its documents, for which there is no published role.
resource "google_project_iam_custom_role" "delivery" {
  for_each = local.delivery

  role_id     = "meshDelivery"
  title       = "Mesh: settings of the database"
  description = "Reads how Firestore is set up, and none of its documents."
  permissions = [
    "datastore.backupSchedules.get",
    "datastore.backupSchedules.list",
    "datastore.databases.getMetadata",
    "datastore.indexes.get",
    "datastore.indexes.list",
    "firebase.projects.get",
  ]
}

resource "google_project_iam_member" "delivery_database" {
  for_each = local.delivery

  project = var.project_id
  role    = "projects/${var.project_id}/roles/${google_project_iam_custom_role.delivery[each.key].role_id}"
  member  = "serviceAccount:${local.delivery_account}"

  depends_on = [google_service_account.delivery]
}

resource "google_artifact_registry_repository_iam_member" "delivery" {
  for_each = local.delivery

  repository = google_artifact_registry_repository.this.name
  location   = google_artifact_registry_repository.this.location
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${local.delivery_account}"

  depends_on = [google_service_account.delivery]
}

# The first build starts the second, which runs as the same account.
resource "google_service_account_iam_member" "hands_over" {
  for_each = local.delivery

  service_account_id = google_service_account.delivery[each.key].name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${local.delivery_account}"
}

# It deploys services that run as the functions' accounts, and as no other.
resource "google_service_account_iam_member" "deploys" {
  for_each = var.repository == null ? toset([]) : toset(keys(local.functions))

  service_account_id = "projects/${var.project_id}/serviceAccounts/${module.function[each.value].account}"
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${local.delivery_account}"

  depends_on = [google_service_account.delivery]
}

resource "google_storage_bucket_iam_member" "state" {
  for_each = local.delivery

  bucket = var.state_bucket
  role   = "roles/storage.objectUser"
  member = "serviceAccount:${local.delivery_account}"

  depends_on = [google_service_account.delivery]
}
