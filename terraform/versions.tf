terraform {
  # Write-only arguments and ephemeral variables begin with 1.11.
  required_version = "~> 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 8.0"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.0"
    }
  }

  # The bucket and the prefix come with `-backend-config`, one state per environment.
  backend "gcs" {}
}

provider "google" {
  project        = var.project_id
  region         = var.region
  default_labels = local.labels

  # API keys, asset feeds and Identity Platform charge their calls to a project.
  user_project_override = true
  billing_project       = var.project_id
}

provider "google-beta" {
  project        = var.project_id
  region         = var.region
  default_labels = local.labels

  user_project_override = true
  billing_project       = var.project_id
}

# Reads CLOUDFLARE_API_TOKEN, and asks for nothing where no zone is given.
provider "cloudflare" {}
