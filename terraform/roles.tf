# The roles that a manifest may list, and what each is granted as. The emulator grants none, so a
# manifest lists the published role, and here it is narrowed where that one could do more than
# any function needs.

locals {
  accounts_role = "projects/${var.project_id}/roles/meshAccounts"

  roles = {
    "roles/datastore.user"                       = "roles/datastore.user"
    "roles/monitoring.viewer"                    = "roles/monitoring.viewer"
    "roles/cloudasset.viewer"                    = "roles/cloudasset.viewer"
    "roles/firebaseauth.admin"                   = local.accounts_role
    "roles/run.viewer"                           = "roles/run.viewer"
    "roles/recommender.cloudAssetInsightsViewer" = "roles/recommender.cloudAssetInsightsViewer"
    "roles/aiplatform.user"                      = "roles/aiplatform.user"
    "roles/cloudtrace.agent"                     = "roles/cloudtrace.agent"
  }
}

# Accounts of people, without the project's settings for signing in.
resource "google_project_iam_custom_role" "accounts" {
  project     = var.project_id
  role_id     = "meshAccounts"
  title       = "Mesh: accounts of people"
  description = "Looks up, makes, changes and closes accounts of Firebase Authentication."
  permissions = [
    "firebaseauth.users.create",
    "firebaseauth.users.delete",
    "firebaseauth.users.get",
    "firebaseauth.users.sendEmail",
    "firebaseauth.users.update",
  ]
}
