# Times, through Cloud Scheduler. What it gives up is not kept: the next time does the same work.

resource "google_cloud_scheduler_job" "this" {
  for_each = local.of_times

  project = var.place.project_id
  region  = var.place.region
  # Scheduler takes no `.` in names.
  name             = "${local.name}_${each.key}"
  description      = "Calls `${each.key}` of ${local.name}."
  schedule         = each.value.cron
  time_zone        = each.value.time_zone
  attempt_deadline = "${min(max(var.manifest.service.timeout_seconds, 15), 1800)}s"

  retry_config {
    # Scheduler's own limit.
    retry_count          = min(each.value.attempts_max - 1, 5)
    min_backoff_duration = "5s"
    max_backoff_duration = "300s"
    max_doublings        = 5
  }

  http_target {
    http_method = "POST"
    uri         = "${var.url}/events/${each.key}"
    oidc_token {
      service_account_email = var.invoker
      audience              = local.audience
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}
