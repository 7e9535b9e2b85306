# A zone of Cloudflare's in front, where one is given.

locals {
  behind_cloudflare = var.cloudflare_zone_id != null && var.domain != null
  cloudflare        = local.behind_cloudflare ? { edge = var.domain } : {}
  cloudflare_ranges = local.behind_cloudflare ? sort(concat(
    data.cloudflare_ip_ranges.this["edge"].ipv4_cidrs,
    data.cloudflare_ip_ranges.this["edge"].ipv6_cidrs,
  )) : []
}

data "cloudflare_ip_ranges" "this" {
  for_each = local.cloudflare
}

resource "cloudflare_dns_record" "edge" {
  for_each = local.cloudflare
  zone_id  = var.cloudflare_zone_id
  name     = each.value
  type     = "A"
  content  = google_compute_global_address.edge[each.key].address
  proxied  = true
  # Automatic, as everything proxied has to be.
  ttl     = 1
  comment = "Mesh ${var.environment}"
}

# Google looks for it before it signs the certificate, and again at each renewal.
resource "cloudflare_dns_record" "certificate" {
  for_each = local.cloudflare
  zone_id  = var.cloudflare_zone_id
  name     = trimsuffix(google_certificate_manager_dns_authorization.edge[each.key].dns_resource_record[0].name, ".")
  type     = google_certificate_manager_dns_authorization.edge[each.key].dns_resource_record[0].type
  content  = trimsuffix(google_certificate_manager_dns_authorization.edge[each.key].dns_resource_record[0].data, ".")
  proxied  = false
  ttl      = 300
  comment  = "Mesh ${var.environment}"
}
