# What is promised for each function.

locals {
  good = join(", ", [for outcome in local.outcomes : "\"${outcome.name}\"" if outcome.verdict == "good"])
  bad  = join(", ", [for outcome in local.outcomes : "\"${outcome.name}\"" if outcome.verdict == "bad"])

  promises = {
    for pair in setproduct(keys(var.functions), keys(local.objectives)) :
    "${pair[0]}/${pair[1]}" => { function = pair[0], objective = local.objectives[pair[1]] }
  }
  # A function's own points of a metric.
  series = {
    for name, function in var.functions : name =>
    "resource.type=\"cloud_run_revision\" AND metric.labels.module=\"${function.service}\" AND metric.type=\"logging.googleapis.com/user"
  }
}

resource "google_monitoring_custom_service" "this" {
  for_each = var.functions

  project      = var.project_id
  service_id   = "mesh-${each.key}"
  display_name = each.key
  user_labels  = var.labels
}

resource "google_monitoring_slo" "this" {
  for_each = local.promises

  project             = var.project_id
  service             = google_monitoring_custom_service.this[each.value.function].service_id
  slo_id              = each.value.objective.name
  display_name        = each.value.objective.says
  goal                = each.value.objective.goal
  rolling_period_days = 30
  user_labels         = var.labels

  request_based_sli {
    dynamic "good_total_ratio" {
      for_each = each.value.objective.within_ms == null ? [true] : []
      content {
        good_service_filter = "${local.series[each.value.function]}/mesh/invocations\" AND metric.labels.outcome=one_of(${local.good})"
        bad_service_filter  = "${local.series[each.value.function]}/mesh/invocations\" AND metric.labels.outcome=one_of(${local.bad})"
      }
    }

    dynamic "distribution_cut" {
      for_each = each.value.objective.within_ms == null ? [] : [each.value.objective.within_ms]
      content {
        distribution_filter = "${local.series[each.value.function]}/mesh/latency\""
        range {
          max = distribution_cut.value
        }
      }
    }
  }

  depends_on = [time_sleep.metrics]
}
