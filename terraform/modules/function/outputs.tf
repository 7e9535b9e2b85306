output "account" {
  description = "The function's service account."
  value       = local.email
}

output "url" {
  description = "Cloud Run's address of the service, which is reached from inside only."
  value       = google_cloud_run_v2_service.this.uri
}

output "service" {
  description = "The service, for whoever watches it or leads to it."
  value = {
    name     = google_cloud_run_v2_service.this.name
    location = google_cloud_run_v2_service.this.location
    open     = local.open
  }
}

output "triggers" {
  description = "What delivers to the function, for whoever watches it: by trigger, its kind and its resource."
  value = merge(
    { for id, trigger in google_eventarc_trigger.this : id => { kind = "firestore", name = trigger.name, dead_letters = google_pubsub_subscription.dead[id].name } },
    { for id, subscription in google_pubsub_subscription.this : id => { kind = "pubsub", name = subscription.name, dead_letters = google_pubsub_subscription.dead[id].name } },
    { for id, job in google_cloud_scheduler_job.this : id => { kind = "schedule", name = job.name, dead_letters = null } },
  )
}

output "told" {
  description = "The subscriptions that tell of its dead letters."
  value       = [for subscription in google_pubsub_subscription.told : subscription.name]
}
