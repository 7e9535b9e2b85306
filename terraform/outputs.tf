output "address" {
  description = "Where people find the page."
  value       = var.domain == null ? null : "https://${var.domain}"
}

output "dns" {
  description = "The records that the domain needs, where Cloudflare's zone does not have them already."
  value = local.behind_cloudflare ? [] : concat(
    [for address in google_compute_global_address.edge : { name = "${var.domain}.", type = "A", data = address.address }],
    flatten([for authorization in google_certificate_manager_dns_authorization.edge : authorization.dns_resource_record]),
  )
}

output "registry" {
  description = "Where images are pushed to."
  value       = local.registry
}

output "functions" {
  description = "The functions, with what calls them."
  value       = { for name, function in module.function : name => { url = function.url, account = function.account, triggers = function.triggers } }
}

output "log_bucket" {
  description = "Where the sealed log is copied to."
  value       = google_storage_bucket.log.url
}

output "next_steps" {
  description = "What is left to people."
  value = compact([
    var.domain == null ? "Nobody comes in from outside. Set `domain`, and apply again." : null,
    var.domain != null && !local.behind_cloudflare ? "Set the records of `terraform output dns`; the certificate follows within an hour." : null,
    local.behind_cloudflare ? "In Cloudflare's zone, set the encryption mode to Full (strict), and the oldest TLS to 1.2." : null,
    try(local.functions["iam-control"].env.FIRST_OWNER_EMAIL, null) == null || try(var.env["iam-control"].FIRST_OWNER_EMAIL, null) != null ? null : "Nobody is owner. Name an address in `env.iam-control.FIRST_OWNER_EMAIL`, and make an account with it.",
    var.repository == null ? "Nothing is delivered by itself. Connect a repository to Cloud Build, and set `repository` and `state_bucket`." : null,
    var.protected ? null : "Nothing is protected: `protected` is false. That is for places that may be destroyed.",
  ])
}
