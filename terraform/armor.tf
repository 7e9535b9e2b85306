# What never reaches a function: floods, and requests in the form of known attacks.

locals {
  # Preconfigured rules at their least sensitive level, which the API's JSON does not set off.
  attacks = {
    1000 = "sqli-v33-stable"
    1010 = "xss-v33-stable"
    1020 = "lfi-v33-stable"
    1030 = "rfi-v33-stable"
    1040 = "rce-v33-stable"
    1050 = "scannerdetection-v33-stable"
    1060 = "protocolattack-v33-stable"
    1070 = "sessionfixation-v33-stable"
    1080 = "cve-canary"
  }

  # Who may come at all. A rule takes ten ranges.
  sources = local.behind_cloudflare ? chunklist(local.cloudflare_ranges, 10) : [["*"]]
}

resource "google_compute_security_policy" "edge" {
  # checkov:skip=CKV_GCP_73:the rule `cve-canary` is among the attacks below, which are made from a list
  for_each    = local.edge
  name        = "mesh"
  description = "In front of everything that people reach."
  type        = "CLOUD_ARMOR"

  advanced_options_config {
    json_parsing = "STANDARD"
    log_level    = "NORMAL"
    # Behind Cloudflare everybody has its addresses; its header says whose request it is.
    user_ip_request_headers = local.behind_cloudflare ? ["CF-Connecting-IP"] : []
  }

  dynamic "rule" {
    for_each = local.attacks
    content {
      action      = "deny(403)"
      priority    = rule.key
      description = rule.value
      match {
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.value}', {'sensitivity': 1})"
        }
      }
    }
  }

  # Functions hold each caller to a budget; this is for whoever is no caller at all.
  dynamic "rule" {
    for_each = local.sources
    content {
      action      = "rate_based_ban"
      priority    = 2000 + rule.key
      description = "At most ${var.requests_per_minute} requests a minute from one address."
      match {
        versioned_expr = "SRC_IPS_V1"
        config {
          src_ip_ranges = rule.value
        }
      }
      rate_limit_options {
        conform_action   = "allow"
        exceed_action    = "deny(429)"
        enforce_on_key   = local.behind_cloudflare ? "USER_IP" : "IP"
        ban_duration_sec = 300
        rate_limit_threshold {
          count        = var.requests_per_minute
          interval_sec = 60
        }
        ban_threshold {
          count        = var.requests_per_minute * 10
          interval_sec = 600
        }
      }
    }
  }

  # Behind Cloudflare nobody comes past it.
  rule {
    action      = local.behind_cloudflare ? "deny(403)" : "allow"
    priority    = 2147483647
    description = "Everybody else."
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  adaptive_protection_config {
    layer_7_ddos_defense_config {
      enable          = true
      rule_visibility = "STANDARD"
    }
  }

  depends_on = [google_project_service.this]
}
