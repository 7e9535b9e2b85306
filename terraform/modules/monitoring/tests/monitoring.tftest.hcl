# What the module promises: every alert of the registry is there for everything that it is for, watches
# something, tells somebody, and says what to do.

mock_provider "google" {}
mock_provider "time" {}

variables {
  project_id = "demo-mesh"
  functions = {
    audit-engine = { service = "audit-engine", subscriptions = ["audit-engine.audit-requested", "audit-engine.audit-logs"] }
    destine-root = { service = "destine-root", subscriptions = ["destine-root.replay-requested"] }
  }
  subscriptions = ["dead-letters"]
  channels = {
    page   = ["projects/demo-mesh/notificationChannels/1"]
    ticket = ["projects/demo-mesh/notificationChannels/2"]
  }
  runbook_url = "https://example.com/RUNBOOK.md"
}

run "everything_of_the_registry_is_there" {
  command = plan

  assert {
    condition     = toset(keys(google_logging_metric.this)) == toset([for metric in jsondecode(file("registry/metrics.json")) : metric.name])
    error_message = "Metrics and registry differ."
  }

  assert {
    condition     = toset([for policy in values(google_monitoring_alert_policy.this) : policy.user_labels.alert]) == toset([for policy in jsondecode(file("registry/policies.json")) : policy.id])
    error_message = "Alerts and registry differ."
  }

  assert {
    condition     = toset(keys(google_monitoring_slo.this)) == toset(["audit-engine/availability", "audit-engine/latency", "destine-root/availability", "destine-root/latency"])
    error_message = "Each function has each objective."
  }

  assert {
    condition     = jsondecode(google_monitoring_dashboard.this.dashboard_json) == jsondecode(file("registry/dashboard.json"))
    error_message = "Dashboard and registry differ."
  }
}

run "every_function_has_three_speeds" {
  command = plan

  assert {
    condition = alltrue([
      for name in ["audit-engine", "destine-root"] : alltrue([
        for tier in ["budget-fast", "budget-medium", "budget-slow"] :
        length(google_monitoring_alert_policy.this["${tier}/${name}"].conditions) == 3 && google_monitoring_alert_policy.this["${tier}/${name}"].combiner == "AND"
      ])
    ])
    error_message = "A tier is two windows and a number of failures, all at once."
  }

  assert {
    condition = [
      for condition in google_monitoring_alert_policy.this["budget-fast/destine-root"].conditions : condition.condition_threshold[0].threshold_value
    ] == [14.4, 14.4, 2]
    error_message = "The fast tier is not what the registry says."
  }
}

run "every_subscription_and_schedule_is_watched" {
  command = plan

  assert {
    condition = alltrue([
      for name in ["audit-engine.audit-requested", "audit-engine.audit-logs", "destine-root.replay-requested", "dead-letters"] :
      contains(keys(google_monitoring_alert_policy.this), "backlog/${name}") && contains(keys(google_monitoring_alert_policy.this), "transport-gave-up/${name}")
    ])
    error_message = "A subscription is not watched."
  }

  assert {
    condition = alltrue([
      for heartbeat in jsondecode(file("registry/heartbeats.json")) :
      contains(keys(google_monitoring_alert_policy.this), "schedule-silent/${heartbeat.function}/${heartbeat.trigger}") == contains(["audit-engine", "destine-root"], heartbeat.function)
    ])
    error_message = "A schedule of a function that is deployed is not watched, or one of another is."
  }

  assert {
    condition     = google_monitoring_alert_policy.this["schedule-silent/audit-engine/nightly"].conditions[0].condition_threshold[0].aggregations[0].alignment_period == "90000s"
    error_message = "A nightly schedule may be silent for as long as Cloud Monitoring looks back."
  }

  assert {
    condition = alltrue([
      for condition in flatten([for policy in values(google_monitoring_alert_policy.this) : policy.conditions]) :
      condition.condition_threshold[0].evaluation_missing_data != "EVALUATION_MISSING_DATA_ACTIVE" || condition.condition_threshold[0].duration != "0s"
    ])
    error_message = "Missing points count only after a while."
  }
}

run "every_alert_tells_somebody_what_to_do" {
  command = plan

  assert {
    condition = alltrue([
      for policy in values(google_monitoring_alert_policy.this) :
      policy.notification_channels == tolist([policy.user_labels.urgency == "page" ? "projects/demo-mesh/notificationChannels/1" : "projects/demo-mesh/notificationChannels/2"])
    ])
    error_message = "A page wakes somebody, and a ticket nobody."
  }

  assert {
    condition = alltrue([
      for policy in values(google_monitoring_alert_policy.this) :
      strcontains(policy.documentation[0].content, "**Act**") && policy.documentation[0].links[0].url == "https://example.com/RUNBOOK.md#${policy.user_labels.alert}"
    ])
    error_message = "An alert does not say what to do."
  }
}

run "lines_are_counted_of_functions_alone" {
  command = plan

  assert {
    condition = alltrue([
      for metric in values(google_logging_metric.this) :
      startswith(metric.filter, "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(\"audit-engine\" OR \"destine-root\") AND (")
    ])
    error_message = "A metric counts the lines of others."
  }
}

run "a_page_that_wakes_nobody_is_refused" {
  command = plan

  variables {
    channels = { page = ["on-call@example.com"] }
  }

  expect_failures = [var.channels]
}

run "a_subscription_of_two_functions_is_refused" {
  command = plan

  variables {
    functions = {
      a = { service = "a", subscriptions = ["s"] }
      b = { service = "b", subscriptions = ["s"] }
    }
  }

  expect_failures = [var.functions]
}

run "a_service_that_cannot_be_one_is_refused" {
  command = plan

  variables {
    functions = { a = { service = "A service" } }
  }

  expect_failures = [var.functions]
}
