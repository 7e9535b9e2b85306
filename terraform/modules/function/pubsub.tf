# Messages of topics, pushed.

resource "google_pubsub_subscription" "this" {
  for_each = local.of_messages

  project = var.place.project_id
  name    = "${local.name}.${each.key}"
  topic   = var.topics[each.value.topic]
  labels  = local.labels
  filter  = each.value.filter

  # Pub/Sub waits for an answer as long as the function may take, up to its own limit.
  ack_deadline_seconds       = min(max(var.manifest.service.timeout_seconds, 10), 600)
  enable_message_ordering    = each.value.ordered
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${var.url}/events/${each.key}"
    oidc_token {
      service_account_email = var.invoker
      audience              = local.audience
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = "projects/${var.place.project_id}/topics/${google_pubsub_topic.dead[each.key].name}"
    max_delivery_attempts = each.value.attempts_max
  }

  # Never for want of messages.
  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invoker, google_pubsub_topic_iam_member.bury]
}
