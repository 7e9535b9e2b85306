# One page of charts, of the same metrics as the alerts.

resource "google_monitoring_dashboard" "this" {
  project        = var.project_id
  dashboard_json = jsonencode(jsondecode(file("${path.module}/registry/dashboard.json")))

  depends_on = [time_sleep.metrics]
}
