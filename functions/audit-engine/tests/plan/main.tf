terraform {
  required_providers {
    google = { source = "hashicorp/google", version = "~> 8.0" }
    random = { source = "hashicorp/random" }
  }
}
provider "google" {
  project = "harbour-prod"
  region  = "europe-west1"
}
resource "google_service_account" "ingest" {
  account_id   = "ingest"
  display_name = "Runs ingest"
}
resource "google_service_account_key" "ingest" {
  service_account_id = google_service_account.ingest.name
}
resource "google_cloud_run_v2_service" "ingest" {
  name     = "ingest"
  location = "europe-west1"
  ingress  = "INGRESS_TRAFFIC_ALL"
  labels   = { team = "tracking" }
  template {
    service_account                  = google_service_account.ingest.email
    timeout                          = "60s"
    max_instance_request_concurrency = 20
    scaling { max_instance_count = 5 }
    containers {
      image = "europe-west1-docker.pkg.dev/harbour-prod/services/ingest:latest"
      env {
        name  = "UPSTREAM"
        value = "https://upstream.example"
      }
      env {
        name = "API_TOKEN"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.token.secret_id
            version = "3"
          }
        }
      }
      startup_probe {
        http_get { path = "/ready" }
      }
    }
  }
}
resource "google_cloud_run_v2_service_iam_member" "everybody" {
  name     = google_cloud_run_v2_service.ingest.name
  location = "europe-west1"
  role     = "roles/run.invoker"
  member   = "allUsers"
}
resource "google_pubsub_topic" "events" {
  name = "events"
  message_storage_policy { allowed_persistence_regions = ["europe-west1"] }
}
resource "google_pubsub_topic_iam_binding" "publishers" {
  topic   = google_pubsub_topic.events.id
  role    = "roles/pubsub.publisher"
  members = [google_service_account.ingest.member]
}
resource "google_pubsub_subscription" "events" {
  name  = "events-to-ingest"
  topic = google_pubsub_topic.events.id
  push_config {
    push_endpoint = google_cloud_run_v2_service.ingest.uri
    oidc_token { service_account_email = google_service_account.ingest.email }
  }
}
resource "google_secret_manager_secret" "token" {
  secret_id = "upstream-token"
  replication {
    auto {}
  }
}
resource "random_id" "suffix" { byte_length = 4 }
resource "google_storage_bucket" "exports" {
  name                        = "harbour-exports"
  location                    = "EU"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}
resource "google_storage_bucket" "photos" {
  name                        = "harbour-photos"
  location                    = "EU"
  uniform_bucket_level_access = false
}
resource "google_storage_bucket_iam_member" "photos" {
  bucket = google_storage_bucket.photos.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
resource "google_firestore_database" "main" {
  name                              = "(default)"
  location_id                       = "eur3"
  type                              = "FIRESTORE_NATIVE"
  delete_protection_state           = "DELETE_PROTECTION_DISABLED"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
}
resource "google_kms_key_ring" "main" {
  name     = "main"
  location = "europe-west1"
}
resource "google_kms_crypto_key" "documents" {
  name            = "documents"
  key_ring        = google_kms_key_ring.main.id
  rotation_period = "7776000s"
}
resource "google_project_service" "run" { service = "run.googleapis.com" }
resource "google_project_iam_member" "owner" {
  project = "harbour-prod"
  role    = "roles/owner"
  member  = "user:dora@harbour.example"
}
resource "google_cloud_scheduler_job" "nightly" {
  name     = "nightly"
  schedule = "0 3 * * *"
  http_target {
    uri = "https://ingest.example/nightly"
    oidc_token { service_account_email = google_service_account.ingest.email }
  }
}
resource "google_eventarc_trigger" "written" {
  name            = "written"
  location        = "europe-west1"
  service_account = google_service_account.ingest.email
  matching_criteria {
    attribute = "type"
    value     = "google.cloud.firestore.document.v1.written"
  }
  destination {
    cloud_run_service { service = google_cloud_run_v2_service.ingest.name }
  }
}
resource "google_logging_project_bucket_config" "audit" {
  project        = "harbour-prod"
  location       = "global"
  bucket_id      = "audit"
  retention_days = 400
  locked         = true
}
