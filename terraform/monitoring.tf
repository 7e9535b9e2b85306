# What is watched and who is told. What there is to watch, the module has from the registry in `shared/telemetry`.

resource "google_monitoring_notification_channel" "mail" {
  for_each = setunion(var.alerts.page, var.alerts.ticket)

  display_name = "Mesh: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = local.labels

  depends_on = [google_project_service.this]
}

module "monitoring" {
  source = "./modules/monitoring"

  project_id = var.project_id
  labels     = local.labels

  # By the names of the manifests, so that a plan says what is watched before anything is made.
  functions = {
    for name, document in local.functions : name => {
      service       = name
      subscriptions = [for id, trigger in document.triggers : "${name}.${id}" if can(trigger.pubsub)]
    }
  }
  subscriptions = flatten([for name, function in module.function : function.told])

  channels = {
    for urgency, addresses in var.alerts :
    urgency => [for address in addresses : google_monitoring_notification_channel.mail[address].name]
  }
  runbook_url = var.runbook_url

  depends_on = [module.function]
}
