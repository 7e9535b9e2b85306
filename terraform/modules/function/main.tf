# One function: its account, its service, and what calls it.

locals {
  name     = var.folder
  email    = "${google_service_account.this.account_id}@${var.place.project_id}.iam.gserviceaccount.com"
  member   = "serviceAccount:${local.email}"
  audience = "https://${local.name}.mesh.internal"
  callers  = distinct(flatten([for trigger in values(var.manifest.triggers) : trigger.http == null ? [] : trigger.http.callers]))
  # People show tokens of Firebase, which Cloud Run cannot verify, and web hooks have signatures of
  # their own. So Cloud Run lets such requests through, and the function verifies them itself.
  open = contains(local.callers, "public") || contains(local.callers, "users")

  of_documents = { for id, trigger in var.manifest.triggers : id => merge(trigger.firestore, { attempts_max = trigger.retry.attempts_max }) if trigger.firestore != null }
  of_messages  = { for id, trigger in var.manifest.triggers : id => merge(trigger.pubsub, { attempts_max = trigger.retry.attempts_max }) if trigger.pubsub != null }
  of_times     = { for id, trigger in var.manifest.triggers : id => merge(trigger.schedule, { attempts_max = trigger.retry.attempts_max }) if trigger.schedule != null }

  labels = merge(var.place.labels, { function = local.name })
}
