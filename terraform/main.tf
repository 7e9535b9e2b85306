data "google_project" "this" {
  project_id = var.project_id
}

locals {
  labels = { app = "mesh", environment = var.environment }
  number = data.google_project.this.number

  # Cloud Run's own name for a service that is not there yet, so that functions may call each other in circles.
  urls     = { for name in keys(local.functions) : name => "https://${name}-${local.number}.${var.region}.run.app" }
  accounts = { for name in keys(local.functions) : name => "${name}@${var.project_id}.iam.gserviceaccount.com" }

  # What only the place knows. A manifest that has the variable under `env` gets it.
  known = {
    AUDIT_BUCKET        = google_storage_bucket.log.name
    AUDIT_KMS_SIGNER    = coalesce(var.audit_signing_kms_key, "none")
    WEB_AUTH_DOMAIN     = "${var.project_id}.firebaseapp.com"
    WEB_ENVIRONMENT     = var.environment
    SECOND_FACTOR_ROLES = length(var.second_factor_roles) == 0 ? "none" : join(",", var.second_factor_roles)
  }
  known_secrets = { WEB_API_KEY = "web-api-key" }
}

module "function" {
  source   = "./modules/function"
  for_each = local.documents

  folder    = each.key
  manifest  = each.value
  mistakes  = local.mistakes[each.key]
  functions = keys(local.documents)

  place = {
    project_id = var.project_id
    number     = local.number
    region     = var.region
    protected  = var.protected
    labels     = local.labels
  }
  image        = try("${local.registry}/${each.key}@${var.images[each.key]}", null)
  url          = local.urls[each.key]
  invoker      = local.invoker
  callers      = { for name, function in local.functions : name => local.accounts[name] if contains(function.calls, each.key) }
  peers        = { for name in local.functions[each.key].calls : name => lookup(local.urls, name, "") }
  env          = merge(local.known, lookup(var.env, each.key, {}))
  topics       = { for name, topic in google_pubsub_topic.bus : name => topic.name }
  letters      = local.letters
  roles        = local.roles
  database     = { name = google_firestore_database.this.name, location = google_firestore_database.this.location_id }
  env_secrets  = local.known_secrets
  pubsub_agent = local.agents.pubsub
  secrets      = { for name, secret in google_secret_manager_secret.this : name => local.pinned[secret.secret_id] }
  subnet       = length(local.functions[each.key].calls) > 0 ? google_compute_subnetwork.egress.id : null
  gcloud       = var.gcloud
  trace_ratio  = var.trace_ratio

  # The first request needs what the account may do; IAM follows within minutes of the grant.
  depends_on = [google_project_service.this, google_project_service_identity.this, google_service_account_iam_member.tokens, google_project_iam_custom_role.accounts, google_secret_manager_secret_version.this, google_secret_manager_secret_version.made]
}
