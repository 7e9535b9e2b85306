locals {
  # The manifest's variables, each with what this place gives instead.
  env_secrets = { for variable in keys(var.manifest.env) : variable => var.env_secrets[variable] if contains(keys(var.env_secrets), variable) }
  env_plain   = { for variable, value in var.manifest.env : variable => lookup(var.env, variable, value) if !contains(keys(local.env_secrets), variable) }
  env = merge(
    local.env_plain,
    {
      GOOGLE_CLOUD_PROJECT = var.place.project_id
      MESH_AUDIENCE        = local.audience
      MESH_INVOKERS        = var.invoker
    },
    length(var.callers) > 0 ? { MESH_CALLERS = join(",", [for name in sort(keys(var.callers)) : var.callers[name]]) } : {},
    var.trace_ratio == null ? {} : { MESH_TRACE_RATIO = tostring(var.trace_ratio) },
    { for name, url in var.peers : "MESH_URL_${upper(replace(name, "-", "_"))}" => url },
  )
  secret_env = merge(var.manifest.secrets, local.env_secrets)
}

resource "google_cloud_run_v2_service" "this" {
  project     = var.place.project_id
  name        = local.name
  location    = var.place.region
  description = substr(var.manifest.summary, 0, 256)
  labels      = merge(local.labels, local.open ? { mesh-public = "true" } : {})

  # Transports, and functions through the network, count as internal. People come through the load balancer.
  ingress              = local.open ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_INTERNAL_ONLY"
  invoker_iam_disabled = local.open
  custom_audiences     = [local.audience]
  deletion_protection  = var.place.protected

  template {
    service_account                  = local.email
    timeout                          = "${var.manifest.service.timeout_seconds}s"
    max_instance_request_concurrency = var.manifest.service.concurrency
    # The second generation wants half a gibibyte, and starts later.
    execution_environment = var.manifest.service.memory_mib < 512 ? "EXECUTION_ENVIRONMENT_GEN1" : "EXECUTION_ENVIRONMENT_GEN2"
    labels                = local.labels

    scaling {
      min_instance_count = var.manifest.service.instances.min
      max_instance_count = var.manifest.service.instances.max
    }

    containers {
      image = var.image

      resources {
        limits = {
          cpu    = tostring(var.manifest.service.cpu)
          memory = "${var.manifest.service.memory_mib}Mi"
        }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      ports {
        container_port = 8080
      }

      dynamic "env" {
        for_each = local.env
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = local.secret_env
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value
              version = var.secrets[env.value]
            }
          }
        }
      }

      # Ready when its documents can be reached; a start takes well below a second, and a slow network some.
      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 30
        http_get {
          path = "/ready"
          port = 8080
        }
      }
      # Alive as long as it answers at all: what it depends on is no reason to start it anew.
      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 3
        http_get {
          path = "/health"
          port = 8080
        }
      }
    }

    dynamic "vpc_access" {
      for_each = var.subnet == null ? [] : [var.subnet]
      content {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          subnetwork = vpc_access.value
          tags       = ["mesh-egress"]
        }
      }
    }
  }

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  lifecycle {
    # Consoles and gcloud write who they are into the service.
    ignore_changes = [client, client_version]
  }

  # A revision starts only once its account may read its secrets.
  depends_on = [google_secret_manager_secret_iam_member.reader, google_project_iam_member.role]
}
