# The function's own account, and everything that it may do: what its manifest lists, and to write
# spans where the place wants them.

resource "google_service_account" "this" {
  project      = var.place.project_id
  account_id   = local.name
  display_name = "Mesh: ${local.name}"
  description  = substr(var.manifest.summary, 0, 256)
}

resource "google_project_iam_member" "role" {
  for_each = toset(concat(var.manifest.roles, var.trace_ratio == null ? [] : ["roles/cloudtrace.agent"]))

  project = var.place.project_id
  role    = var.roles[each.value]
  member  = local.member
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = toset(concat(values(var.manifest.secrets), values(local.env_secrets)))

  project   = var.place.project_id
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = local.member
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = toset(var.manifest.publishes)

  project = var.place.project_id
  topic   = var.topics[each.value]
  role    = "roles/pubsub.publisher"
  member  = local.member
}

# Who may call: transports, if something is delivered, and the functions that say that they do.
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = merge(
    length(local.of_documents) + length(local.of_messages) + length(local.of_times) > 0 ? { transports = var.invoker } : {},
    var.callers,
  )

  project  = var.place.project_id
  location = var.place.region
  name     = google_cloud_run_v2_service.this.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${each.value}"
}
