# Keys of our own for what is worth one: whoever takes the right to a key away, takes what it protects.

locals {
  keys = {
    secrets  = local.agents.secrets
    registry = local.agents.images
    log      = local.agents.storage
  }
}

locals {
  key_ids = { for name, key in google_kms_crypto_key.this : name => "${key.key_ring}/cryptoKeys/${key.name}" }
}

resource "google_kms_key_ring" "this" {
  name     = "mesh"
  location = var.region

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key" "this" {
  # checkov:skip=CKV_GCP_82:a key can be had back for 30 days, and a place that may be destroyed has to be
  for_each = local.keys

  name            = each.key
  key_ring        = "projects/${var.project_id}/locations/${google_kms_key_ring.this.location}/keyRings/${google_kms_key_ring.this.name}"
  purpose         = "ENCRYPT_DECRYPT"
  rotation_period = "7776000s"
  labels          = local.labels
  # A key that is destroyed by mistake can be had back for 30 days.
  destroy_scheduled_duration = "2592000s"
}

resource "google_kms_crypto_key_iam_member" "this" {
  for_each = local.keys

  crypto_key_id = local.key_ids[each.key]
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value

  depends_on = [google_project_service_identity.this, data.google_storage_project_service_account.this]

}

# A key of somebody's that signs the audit log: audit-engine may use it and ask for its public
# half, and nothing else.
resource "google_kms_crypto_key_iam_member" "signing" {
  for_each = var.audit_signing_kms_key != null && contains(keys(local.functions), "audit-engine") ? toset(["roles/cloudkms.signer", "roles/cloudkms.publicKeyViewer"]) : toset([])

  crypto_key_id = split("/cryptoKeyVersions/", var.audit_signing_kms_key)[0]
  role          = each.value
  member        = "serviceAccount:${module.function["audit-engine"].account}"
}
