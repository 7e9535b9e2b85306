# What a transport gives up: one topic for each subscription, so that it is known whose it was.

locals {
  buried = merge(local.of_documents, local.of_messages)
  # Who keeps dead letters is not told of its own: a letter that it cannot keep would come back to it for ever.
  told = var.letters == null ? {} : var.letters.function == local.name ? {} : local.buried
}

resource "google_pubsub_topic" "dead" {
  # checkov:skip=CKV_GCP_83:messages name what happened and stay for days; what they are about is in Firestore
  for_each = local.buried

  project                    = var.place.project_id
  name                       = "${local.name}.${each.key}.dead"
  labels                     = local.labels
  message_retention_duration = "2678400s"

  message_storage_policy {
    allowed_persistence_regions = [var.place.region]
  }
}

# Pulled by nobody: here a letter stays for 31 days, whatever becomes of it elsewhere.
resource "google_pubsub_subscription" "dead" {
  for_each = local.buried

  project                    = var.place.project_id
  name                       = "${local.name}.${each.key}.dead"
  topic                      = google_pubsub_topic.dead[each.key].name
  labels                     = merge(local.labels, { purpose = "dead-letters" })
  message_retention_duration = "2678400s"
  ack_deadline_seconds       = 60

  expiration_policy {
    ttl = ""
  }
}

# Told to the function that keeps letters as documents, where people see them.
resource "google_pubsub_subscription" "told" {
  for_each = local.told

  project                    = var.place.project_id
  name                       = "${local.name}.${each.key}.told"
  topic                      = google_pubsub_topic.dead[each.key].name
  labels                     = merge(local.labels, { purpose = "dead-letters" })
  message_retention_duration = "604800s"
  ack_deadline_seconds       = 60

  push_config {
    push_endpoint = var.letters.endpoint
    oidc_token {
      service_account_email = var.invoker
      audience              = var.letters.audience
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  expiration_policy {
    ttl = ""
  }
}

# Pub/Sub itself moves a letter: it publishes to the topic, and acknowledges to the subscription.
resource "google_pubsub_topic_iam_member" "bury" {
  for_each = local.buried

  project = var.place.project_id
  topic   = google_pubsub_topic.dead[each.key].name
  role    = "roles/pubsub.publisher"
  member  = var.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "acknowledge" {
  for_each = local.of_messages

  project      = var.place.project_id
  subscription = google_pubsub_subscription.this[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = var.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "acknowledge_change" {
  for_each = local.of_documents

  project      = var.place.project_id
  subscription = local.carriers[each.key]
  role         = "roles/pubsub.subscriber"
  member       = var.pubsub_agent
}
