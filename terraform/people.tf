# How people sign in, and the key that the page shows to Google's APIs for it.

resource "google_firebase_project" "this" {
  provider = google-beta

  depends_on = [google_project_service.this]
}

resource "google_identity_platform_config" "this" {
  authorized_domains = compact([var.domain, "${var.project_id}.firebaseapp.com"])

  sign_in {
    allow_duplicate_emails = false
    email {
      enabled           = true
      password_required = true
    }
    anonymous {
      enabled = false
    }
    phone_number {
      enabled = false
    }
  }

  # Accounts begin with an invitation, which iam-control keeps.
  client {
    permissions {
      disabled_user_signup   = true
      disabled_user_deletion = true
    }
  }

  mfa {
    # Not MANDATORY: who has none yet could not come in to set one up. Roles demand it: `second_factor_roles`.
    state = "ENABLED"
    provider_configs {
      state = "ENABLED"
      totp_provider_config {
        adjacent_intervals = 1
      }
    }
  }

  monitoring {
    request_logging {
      enabled = true
    }
  }

  depends_on = [google_firebase_project.this]
}

# Names the project, and opens nothing but signing in, from the page's own address.
resource "google_apikeys_key" "page" {
  name         = "mesh-page"
  display_name = "The page of Mesh"

  restrictions {
    browser_key_restrictions {
      allowed_referrers = compact([
        var.domain == null ? null : "https://${var.domain}/*",
        "https://${var.project_id}.firebaseapp.com/*",
      ])
    }
    api_targets {
      service = "identitytoolkit.googleapis.com"
    }
    api_targets {
      service = "securetoken.googleapis.com"
    }
    api_targets {
      service = "firestore.googleapis.com"
    }
  }

  depends_on = [google_project_service.this]
}
