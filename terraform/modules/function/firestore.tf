# Changes of documents, through Eventarc.

resource "google_eventarc_trigger" "this" {
  for_each = local.of_documents

  project = var.place.project_id
  # Eventarc takes neither `.` nor `_` in names.
  name                    = "${local.name}--${each.key}"
  location                = var.database.location
  labels                  = local.labels
  service_account         = var.invoker
  event_data_content_type = "application/protobuf"

  matching_criteria {
    attribute = "type"
    value     = "google.cloud.firestore.document.v1.${each.value.event}"
  }
  matching_criteria {
    attribute = "database"
    value     = var.database.name
  }
  matching_criteria {
    attribute = "document"
    value     = each.value.document
    operator  = "match-path-pattern"
  }

  destination {
    cloud_run_service {
      service = google_cloud_run_v2_service.this.name
      region  = var.place.region
      path    = "/events/${each.key}"
    }
  }

  lifecycle {
    precondition {
      condition     = length("${local.name}--${each.key}") <= 63
      error_message = "functions/${var.folder}/function.yaml: triggers.${each.key}: Eventarc takes 63 characters together with the function's name, and it has ${length("${local.name}--${each.key}")}."
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}

locals {
  # The transport is told by the service, and no schema promises it. Without it the completion below
  # fails, because there is no subscription of this name.
  carriers = {
    for id, trigger in google_eventarc_trigger.this : id => try(trigger.transport[0].pubsub[0].subscription, "eventarc-${trigger.location}-${trigger.name}")
  }
}

# Eventarc makes the subscription by itself, without a dead-letter topic, and with the audience of
# the service's address, which functions do not take. No resource changes what another one made.
resource "terraform_data" "completed" {
  for_each = local.of_documents

  triggers_replace = {
    subscription = local.carriers[each.key]
    topic        = "projects/${var.place.project_id}/topics/${google_pubsub_topic.dead[each.key].name}"
    attempts     = each.value.attempts_max
    audience     = local.audience
    account      = var.invoker
  }

  provisioner "local-exec" {
    command = "${path.module}/complete-subscription"
    environment = {
      GCLOUD       = var.gcloud
      SUBSCRIPTION = self.triggers_replace.subscription
      TOPIC        = self.triggers_replace.topic
      ATTEMPTS     = self.triggers_replace.attempts
      AUDIENCE     = self.triggers_replace.audience
      ACCOUNT      = self.triggers_replace.account
    }
  }

  depends_on = [google_pubsub_topic_iam_member.bury, google_pubsub_subscription_iam_member.acknowledge_change]
}
