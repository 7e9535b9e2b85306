# Who is told of what: one policy for each alert and what it is for.

locals {
  # What takes the places of a policy's conditions, for each thing that a policy can be for.
  targets = {
    mesh = { "" = {} }
    function = {
      for name, function in var.functions : name => { module = function.service, slo = google_monitoring_slo.this["${name}/availability"].name }
    }
    subscription = { for name in local.subscriptions : name => { subscription = name } }
    heartbeat = {
      for key, heartbeat in local.heartbeats : key => {
        module  = var.functions[heartbeat.function].service
        trigger = heartbeat.trigger
        window  = heartbeat.silence_seconds
      }
    }
  }

  alerts = merge([
    for id, policy in local.policies : {
      for key, target in local.targets[policy.target] :
      key == "" ? id : "${id}/${key}" => { policy = policy, key = key, places = target }
    }
  ]...)
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alerts

  project               = var.project_id
  display_name          = each.value.key == "" ? each.value.policy.title : "${each.value.policy.title}: ${each.value.key}"
  combiner              = "AND"
  severity              = each.value.policy.urgency == "page" ? "CRITICAL" : "WARNING"
  notification_channels = var.channels[each.value.policy.urgency]
  user_labels           = merge(var.labels, { alert = each.value.policy.id, urgency = each.value.policy.urgency })

  dynamic "conditions" {
    for_each = each.value.policy.conditions
    content {
      display_name = replace(replace(replace(conditions.value.name,
        "{{module}}", try(each.value.places.module, "")),
        "{{trigger}}", try(each.value.places.trigger, "")),
      "{{subscription}}", try(each.value.places.subscription, ""))

      condition_threshold {
        filter = replace(replace(replace(replace(conditions.value.filter,
          "{{module}}", try(each.value.places.module, "")),
          "{{trigger}}", try(each.value.places.trigger, "")),
          "{{subscription}}", try(each.value.places.subscription, "")),
        "{{slo}}", try(each.value.places.slo, ""))

        comparison              = conditions.value.comparison
        threshold_value         = conditions.value.threshold
        duration                = "${conditions.value.duration_seconds}s"
        evaluation_missing_data = conditions.value.absence_counts ? "EVALUATION_MISSING_DATA_ACTIVE" : null

        dynamic "aggregations" {
          for_each = conditions.value.aggregation == null ? [] : [conditions.value.aggregation]
          content {
            alignment_period     = "${try(each.value.places.window, aggregations.value.window_seconds)}s"
            per_series_aligner   = aggregations.value.aligner
            cross_series_reducer = aggregations.value.reducer
          }
        }

        trigger {
          count = 1
        }
      }
    }
  }

  alert_strategy {
    auto_close = "${each.value.policy.auto_close_seconds}s"
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "${each.value.policy.id}: ${each.value.policy.title}"
    content   = each.value.policy.documentation

    dynamic "links" {
      for_each = var.runbook_url == null ? [] : [var.runbook_url]
      content {
        display_name = "Runbook"
        url          = "${links.value}#${each.value.policy.id}"
      }
    }
  }

  depends_on = [time_sleep.metrics]
}
