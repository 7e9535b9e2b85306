# The way of a function to those that it calls. They take requests from inside only, so whoever calls one
# goes through this network, where Google's addresses are private ones. Nothing else is in it.

resource "google_compute_network" "egress" {
  name                    = "mesh"
  auto_create_subnetworks = false

  depends_on = [google_project_service.this]
}

resource "google_compute_subnetwork" "egress" {
  name                     = "mesh-egress"
  network                  = google_compute_network.egress.id
  region                   = var.region
  ip_cidr_range            = "10.8.0.0/24"
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "EXCLUDE_ALL_METADATA"
  }
}

# Functions start connections and take none.
resource "google_compute_firewall" "nothing_in" {
  name      = "mesh-nothing-in"
  network   = google_compute_network.egress.id
  direction = "INGRESS"
  priority  = 1000

  source_ranges = ["0.0.0.0/0"]
  deny {
    protocol = "all"
  }
  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_firewall" "google_out" {
  name      = "mesh-google-out"
  network   = google_compute_network.egress.id
  direction = "EGRESS"
  priority  = 900

  destination_ranges = local.private_google
  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}

resource "google_compute_firewall" "nothing_else_out" {
  name      = "mesh-nothing-else-out"
  network   = google_compute_network.egress.id
  direction = "EGRESS"
  priority  = 1000

  destination_ranges = ["0.0.0.0/0"]
  deny {
    protocol = "all"
  }
  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

locals {
  # private.googleapis.com.
  private_google = ["199.36.153.8/30"]
}

# Inside, the addresses of Cloud Run are private ones.
resource "google_dns_managed_zone" "run" {
  name        = "mesh-run"
  dns_name    = "run.app."
  description = "Leads functions to each other without the internet."
  visibility  = "private"
  labels      = local.labels

  private_visibility_config {
    networks {
      network_url = google_compute_network.egress.id
    }
  }
}

resource "google_dns_record_set" "run" {
  managed_zone = google_dns_managed_zone.run.name
  name         = "*.run.app."
  type         = "A"
  ttl          = 300
  rrdatas      = [for host in range(4) : cidrhost(local.private_google[0], host)]
}
