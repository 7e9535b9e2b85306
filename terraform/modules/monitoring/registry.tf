# The tables of `shared/telemetry`, which these files are made from. What is watched, and when somebody is
# told, is decided there; here it becomes resources.

locals {
  metrics    = { for metric in jsondecode(file("${path.module}/registry/metrics.json")) : metric.name => metric }
  objectives = { for objective in jsondecode(file("${path.module}/registry/objectives.json")) : objective.name => objective }
  policies   = { for policy in jsondecode(file("${path.module}/registry/policies.json")) : policy.id => policy }
  outcomes   = jsondecode(file("${path.module}/registry/outcomes.json"))

  # Of functions that are not deployed nothing can be heard.
  heartbeats = {
    for heartbeat in jsondecode(file("${path.module}/registry/heartbeats.json")) :
    "${heartbeat.function}/${heartbeat.trigger}" => heartbeat if contains(keys(var.functions), heartbeat.function)
  }

  services      = [for function in values(var.functions) : function.service]
  subscriptions = concat(flatten([for function in values(var.functions) : function.subscriptions]), var.subscriptions)
}
