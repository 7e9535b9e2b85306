# What must not be lost, and what must not be open.

variables {
  project_id        = "mesh-test-000001"
  environment       = "test"
  database_location = "eur3"
  rotation_from     = "2027-01-01T00:00:00Z"
  domain            = "mesh.example.com"
  gcloud            = "true"
  images            = { for file in fileset("../functions", "*/function.yaml") : dirname(file) => "sha256:${sha256(file)}" }
}

run "the_place" {
  command = plan

  assert {
    condition     = google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.this.deletion_policy == "ABANDON"
    error_message = "the database is not deleted by one command"
  }
  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "documents can be had back to a point in time"
  }
  assert {
    condition     = google_firestore_backup_schedule.daily.retention == "1209600s" && google_firestore_backup_schedule.weekly.retention == "8467200s"
    error_message = "backups are kept for two and for fourteen weeks"
  }
  assert {
    condition     = alltrue([for function in module.function : function.posture.protected])
    error_message = "services are not deleted by one command"
  }
  assert {
    condition     = google_logging_project_bucket_config.audit.locked && google_logging_project_bucket_config.audit.retention_days >= 365
    error_message = "audit logs are locked, and kept for a year and more"
  }
  assert {
    condition     = google_storage_bucket.log.retention_policy[0].is_locked && tonumber(google_storage_bucket.log.retention_policy[0].retention_period) >= 31536000
    error_message = "the log's copy is locked, and kept for a year and more"
  }
  assert {
    condition     = google_storage_bucket.log.public_access_prevention == "enforced" && google_storage_bucket.log.uniform_bucket_level_access && !google_storage_bucket.log.force_destroy
    error_message = "the log's copy is nobody's but the project's"
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.deletion_protection && length(secret.rotation) == 1 && length(secret.topics) == 1])
    error_message = "secrets are protected, and somebody is reminded to replace them"
  }
  assert {
    condition     = alltrue([for version in google_secret_manager_secret_version.this : version.secret_data == null])
    error_message = "no value of a secret is in the state"
  }
  assert {
    condition     = alltrue([for key in google_kms_crypto_key.this : key.rotation_period == "7776000s" && key.destroy_scheduled_duration == "2592000s"])
    error_message = "keys are replaced every 90 days, and can be had back for 30"
  }
  assert {
    condition     = google_artifact_registry_repository.this.docker_config[0].immutable_tags && google_artifact_registry_repository.this.vulnerability_scanning_config[0].enablement_config == "INHERITED"
    error_message = "images are scanned and never overwritten"
  }

  assert {
    condition     = length(google_firestore_index.this) == length(jsondecode(file("./firestore.indexes.json")).indexes)
    error_message = "every index of the file is made"
  }
  assert {
    condition = alltrue([
      for field in jsondecode(file("./firestore.indexes.json")).fieldOverrides :
      length(google_firestore_field.this["${field.collectionGroup}/${field.fieldPath}"].ttl_config) == (field.ttl ? 1 : 0)
      && length(google_firestore_field.this["${field.collectionGroup}/${field.fieldPath}"].index_config[0].indexes) == length(field.indexes)
    ])
    error_message = "what expires is removed, and what is not looked for is not indexed"
  }
  assert {
    condition     = google_firebaserules_ruleset.this.source[0].files[0].content == file("./firestore.rules") && google_firebaserules_release.firestore.name == "cloud.firestore"
    error_message = "the rules that hold are the repository's"
  }

  assert {
    condition     = google_compute_url_map.plain["edge"].default_url_redirect[0].https_redirect
    error_message = "plain HTTP leads to HTTPS"
  }
  assert {
    condition     = google_compute_ssl_policy.edge["edge"].min_tls_version == "TLS_1_2" && google_compute_ssl_policy.edge["edge"].profile == "RESTRICTED"
    error_message = "old versions of TLS are refused"
  }
  assert {
    condition = toset([
      for rule in google_compute_url_map.edge["edge"].path_matcher[0].path_rule : join(" ", rule.paths)
    ]) == toset([for path in keys(local.routes) : "${path} ${path}/*" if path != "/"])
    error_message = "every path leads to its function"
  }
  assert {
    condition     = local.routes["/"] == "dashboard" && local.routes["/api"] == "firebase-proxy"
    error_message = "the page is at `/`, and its API at `/api`"
  }
  assert {
    condition     = length([for rule in google_compute_security_policy.edge["edge"].rule : rule if rule.action == "rate_based_ban"]) == 1
    error_message = "an address that floods is banned"
  }
  assert {
    condition     = length([for rule in google_compute_security_policy.edge["edge"].rule : rule if rule.action == "deny(403)" && strcontains(try(rule.match[0].expr[0].expression, ""), "evaluatePreconfiguredWaf")]) == 9
    error_message = "known attacks are turned away"
  }
  assert {
    condition     = alltrue([for backend in google_compute_backend_service.function : backend.load_balancing_scheme == "EXTERNAL_MANAGED" && backend.log_config[0].enable])
    error_message = "every request at the edge is logged"
  }
}

run "without_a_domain" {
  command = plan
  variables {
    domain = null
  }

  assert {
    condition     = length(google_compute_global_forwarding_rule.https) + length(google_compute_global_forwarding_rule.http) + length(google_compute_security_policy.edge) == 0
    error_message = "without a domain nothing leads in from outside"
  }
}

run "behind_cloudflare" {
  command = plan
  variables {
    cloudflare_zone_id = "0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = one([for rule in google_compute_security_policy.edge["edge"].rule : rule.action if rule.priority == 2147483647]) == "deny(403)"
    error_message = "nobody comes past Cloudflare"
  }
  assert {
    condition     = cloudflare_dns_record.edge["edge"].proxied
    error_message = "Cloudflare stands in front"
  }
}

run "unprotected" {
  command = plan
  variables {
    protected = false
  }

  assert {
    condition     = google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED" && !google_logging_project_bucket_config.audit.locked && !google_storage_bucket.log.retention_policy[0].is_locked
    error_message = "a place that may be destroyed can be, but for the database"
  }
}

run "delivered" {
  command = plan
  variables {
    repository   = "projects/mesh-test-000001/locations/europe-west1/connections/host/repositories/mesh"
    state_bucket = "mesh-test-000001-state"
  }

  assert {
    condition     = google_cloudbuild_trigger.apply["delivery"].approval_config[0].approval_required
    error_message = "where it counts, somebody approves a plan before it is applied"
  }
  assert {
    condition     = google_cloudbuild_trigger.delivery["delivery"].service_account == "projects/mesh-test-000001/serviceAccounts/mesh-delivery@mesh-test-000001.iam.gserviceaccount.com"
    error_message = "delivery has an account of its own"
  }
  assert {
    condition = alltrue([
      for grant in google_project_iam_member.delivery : can(regex("([vV]iewer|reader|Reviewer|logWriter|serviceUsageConsumer)$", grant.role)) || contains(["roles/run.developer", "roles/cloudbuild.builds.editor"], grant.role)
    ])
    error_message = "delivery reads what there is, changes functions, and grants nothing"
  }
  assert {
    condition     = toset(keys(google_service_account_iam_member.deploys)) == toset(keys(module.function))
    error_message = "delivery deploys as the functions' accounts"
  }
}
