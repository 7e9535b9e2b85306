# Here and elsewhere addresses are put together from names, where a resource would tell them only
# after it is made: so a plan says who gets what, and can be audited.

# Topics, and who Google's own services are when they publish, deliver and bury.

resource "google_pubsub_topic" "bus" {
  # checkov:skip=CKV_GCP_83:messages name what happened and stay for days; what they are about is in Firestore
  for_each = local.topics

  name   = each.value
  labels = local.labels
  # What was published is there to be replayed for a week, whoever has acknowledged it.
  message_retention_duration = "604800s"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this]
}

locals {
  invoker = "${google_service_account.invoker.account_id}@${var.project_id}.iam.gserviceaccount.com"
  agents = {
    pubsub  = "serviceAccount:service-${local.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    secrets = "serviceAccount:service-${local.number}@gcp-sa-secretmanager.iam.gserviceaccount.com"
    assets  = "serviceAccount:service-${local.number}@gcp-sa-cloudasset.iam.gserviceaccount.com"
    images  = "serviceAccount:service-${local.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    storage = "serviceAccount:service-${local.number}@gs-project-accounts.iam.gserviceaccount.com"
  }
}

# The account that Eventarc, Pub/Sub and Scheduler show when they call a function.
resource "google_service_account" "invoker" {
  account_id   = "mesh-invoker"
  display_name = "Mesh: transports"
  description  = "Eventarc, Pub/Sub and Cloud Scheduler call functions with it. It may do nothing else."

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "invoker" {
  project = var.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = "serviceAccount:${local.invoker}"
}

# Google's services are somebody in the project from when they are asked.
resource "google_project_service_identity" "this" {
  provider = google-beta
  for_each = toset(["artifactregistry", "cloudasset", "pubsub", "secretmanager"])

  service = "${each.value}.googleapis.com"

  depends_on = [google_project_service.this]
}

# Pub/Sub makes tokens of the invoker, and of nobody else.
resource "google_service_account_iam_member" "tokens" {
  service_account_id = "projects/${var.project_id}/serviceAccounts/${local.invoker}"
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.agents.pubsub

  depends_on = [google_project_service_identity.this]
}

locals {
  # Who keeps dead letters consumes this topic. Transports in the cloud give up the message itself,
  # and to topics of their own, so each of them pushes to the same trigger.
  keepers = flatten([
    for name, function in local.functions : [
      for id, trigger in function.triggers : { function = name, endpoint = "${local.urls[name]}/events/${id}", audience = "https://${name}.mesh.internal" }
      if try(trigger.pubsub.topic, "") == "dead-letters"
    ]
  ])
  letters = one(slice(local.keepers, 0, min(length(local.keepers), 1)))
}
