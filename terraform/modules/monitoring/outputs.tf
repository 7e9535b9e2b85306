output "policies" {
  description = "The alert policies: the alert, and what it is for."
  value       = sort(keys(google_monitoring_alert_policy.this))
}

output "objectives" {
  description = "The objectives, by function and name."
  value       = { for key, objective in google_monitoring_slo.this : key => objective.name }
}
