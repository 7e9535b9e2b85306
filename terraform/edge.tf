# The one address for people: HTTPS, a managed certificate, Cloud Armor, and paths to functions.
# A place without a domain has none of it, and nobody reaches it from outside.

locals {
  edge = var.domain == null ? {} : { edge = var.domain }

  # The page, its API, and below `/hooks` every other function that is open to the internet.
  fixed_routes = { for path, name in { "/" = "dashboard", "/api" = "firebase-proxy" } : path => name if contains(keys(local.functions), name) }
  hooks        = { for name, function in local.functions : "/hooks/${name}" => name if contains(function.callers, "public") && !contains(values(local.fixed_routes), name) }
  routes       = merge(local.fixed_routes, local.hooks)
  backends     = var.domain == null ? toset([]) : toset(values(local.routes))
}

resource "google_compute_global_address" "edge" {
  for_each = local.edge
  name     = "mesh"

  depends_on = [google_project_service.this]
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.backends

  name                  = each.value
  region                = var.region
  network_endpoint_type = "SERVERLESS"
  cloud_run {
    service = module.function[each.value].service.name
  }
}

resource "google_compute_backend_service" "function" {
  for_each = local.backends

  name                  = each.value
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.edge["edge"].id

  backend {
    group = google_compute_region_network_endpoint_group.function[each.value].id
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "edge" {
  for_each        = local.edge
  name            = "mesh"
  default_service = google_compute_backend_service.function[local.routes["/"]].id

  host_rule {
    hosts        = [each.value]
    path_matcher = "mesh"
  }

  path_matcher {
    name            = "mesh"
    default_service = google_compute_backend_service.function[local.routes["/"]].id

    dynamic "path_rule" {
      for_each = { for path, name in local.routes : path => name if path != "/" }
      content {
        paths   = [path_rule.key, "${path_rule.key}/*"]
        service = google_compute_backend_service.function[path_rule.value].id
      }
    }
  }
}

resource "google_compute_ssl_policy" "edge" {
  for_each        = local.edge
  name            = "mesh"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.this]
}

resource "google_certificate_manager_dns_authorization" "edge" {
  for_each = local.edge
  name     = "mesh"
  domain   = each.value

  depends_on = [google_project_service.this]
}

# By DNS, so that the certificate is there before the name leads here, and also behind another proxy.
resource "google_certificate_manager_certificate" "edge" {
  for_each = local.edge
  name     = "mesh"
  labels   = local.labels
  managed {
    domains            = [each.value]
    dns_authorizations = [google_certificate_manager_dns_authorization.edge[each.key].id]
  }
}

resource "google_certificate_manager_certificate_map" "edge" {
  for_each = local.edge
  name     = "mesh"
  labels   = local.labels
}

resource "google_certificate_manager_certificate_map_entry" "edge" {
  for_each     = local.edge
  name         = "mesh"
  map          = google_certificate_manager_certificate_map.edge[each.key].name
  certificates = [google_certificate_manager_certificate.edge[each.key].id]
  hostname     = each.value
  labels       = local.labels
}

resource "google_compute_target_https_proxy" "edge" {
  for_each        = local.edge
  name            = "mesh"
  url_map         = google_compute_url_map.edge[each.key].id
  ssl_policy      = google_compute_ssl_policy.edge[each.key].id
  certificate_map = "//certificatemanager.googleapis.com/${google_certificate_manager_certificate_map.edge[each.key].id}"
}

resource "google_compute_global_forwarding_rule" "https" {
  for_each              = local.edge
  name                  = "mesh-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  target                = google_compute_target_https_proxy.edge[each.key].id
  ip_address            = google_compute_global_address.edge[each.key].id
  port_range            = "443"
  labels                = local.labels
}

# Plain HTTP leads to HTTPS and nowhere else.
resource "google_compute_url_map" "plain" {
  for_each = local.edge
  name     = "mesh-plain"
  default_url_redirect {
    https_redirect         = true
    strip_query            = false
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_target_http_proxy" "plain" {
  for_each = local.edge
  name     = "mesh-plain"
  url_map  = google_compute_url_map.plain[each.key].id
}

resource "google_compute_global_forwarding_rule" "http" {
  for_each              = local.edge
  name                  = "mesh-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  target                = google_compute_target_http_proxy.plain[each.key].id
  ip_address            = google_compute_global_address.edge[each.key].id
  port_range            = "80"
  labels                = local.labels
}
