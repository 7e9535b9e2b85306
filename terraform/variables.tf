variable "project_id" {
  description = "The Google Cloud project, which exists and has a billing account."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id: `${var.project_id}` must be 6 to 30 lower-case letters, digits and `-`."
  }
  validation {
    condition     = !startswith(var.project_id, "demo-")
    error_message = "project_id: `${var.project_id}` starts with `demo-`, which is for local stacks: there the functions would accept unsigned tokens."
  }
}

variable "environment" {
  description = "What the place is called: in labels, and on the page."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.environment))
    error_message = "environment: `${var.environment}` must be 2 to 20 lower-case letters, digits and `-`."
  }
}

variable "protected" {
  description = "Whether databases, services, keys and buckets refuse to be destroyed, and logs are locked. Locking cannot be undone."
  type        = bool
  default     = true
}

variable "region" {
  description = "Where the functions run."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "region: `${var.region}` is not a region, such as `europe-west1`."
  }
}

variable "database_location" {
  description = "Where Firestore keeps the documents; it cannot be changed later."
  type        = string
  default     = "eur3"

  validation {
    condition     = can(regex("^([a-z]+[0-9]{1,2}|[a-z]+-[a-z]+[0-9]{1,2})$", var.database_location))
    error_message = "database_location: `${var.database_location}` is neither a multi-region, such as `eur3`, nor a region."
  }
}

variable "functions_folder" {
  description = "The folder of the functions, relative to this one."
  type        = string
  default     = "../functions"
}

variable "images" {
  description = "The digest of each function's image. Delivery writes it after pushing them."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for digest in values(var.images) : can(regex("^sha256:[0-9a-f]{64}$", digest))])
    error_message = "images: ${join(", ", [for name, digest in var.images : "`${name}` is `${digest}`" if !can(regex("^sha256:[0-9a-f]{64}$", digest))])}: an image is deployed by its digest, `sha256:` and 64 hexadecimal digits."
  }
}

variable "env" {
  description = "What this place gives to a function in place of its manifest's values: function to variable to value."
  type        = map(map(string))
  default     = {}

  validation {
    condition = alltrue(flatten([
      for name, values in var.env : [for variable, _ in values : contains(keys(try(local.functions[name].env, {})), variable)]
    ]))
    error_message = "env: ${join(", ", flatten([
      for name, values in var.env : [for variable, _ in values : "`${name}.${variable}`" if !contains(keys(try(local.functions[name].env, {})), variable)]
    ]))}: no function.yaml has it under `env`."
  }
}

variable "secret_revisions" {
  description = "Counts up when a secret's value is replaced; 1 at first. The revision is the version that functions are pinned to."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for revision in values(var.secret_revisions) : revision >= 1 && floor(revision) == revision])
    error_message = "secret_revisions: a revision is a whole number from 1."
  }
  validation {
    condition     = length(setsubtract(keys(var.secret_revisions), local.secrets)) == 0
    error_message = "secret_revisions: ${join(", ", [for name in setsubtract(keys(var.secret_revisions), local.secrets) : "`${name}`"])}: no function.yaml has it under `secrets`."
  }
}

variable "secret_values" {
  description = "The values of revisions that are new. They are sent and forgotten: neither plan nor state has them."
  type        = map(string)
  default     = {}
  ephemeral   = true
  sensitive   = true
}

variable "audit_signing_kms_key" {
  description = "The version of a key in Cloud KMS (EC_SIGN_ED25519) that signs the audit log in place of the secret `audit-signing-key`. A log keeps its key, so that it is chosen before the first apply."
  type        = string
  default     = null

  validation {
    condition     = var.audit_signing_kms_key == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+/cryptoKeyVersions/[0-9]+$", var.audit_signing_kms_key))
    error_message = "audit_signing_kms_key: `${coalesce(var.audit_signing_kms_key, "-")}` must be `projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/…`."
  }
}

variable "rotation_from" {
  description = "When somebody is first reminded to replace secrets; every 90 days after that."
  type        = string

  validation {
    condition     = can(formatdate("YYYY", var.rotation_from))
    error_message = "rotation_from: `${var.rotation_from}` is not an RFC 3339 time, such as `2027-01-01T00:00:00Z`."
  }
}

variable "second_factor_roles" {
  description = "The roles of people that count only in sessions that began with a second factor (TOTP)."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.second_factor_roles, ["viewer", "operator", "auditor", "treasurer", "admin", "owner"])) == 0
    error_message = "second_factor_roles: `${join("`, `", var.second_factor_roles)}` must be some of viewer, operator, auditor, treasurer, admin and owner."
  }
}

variable "trace_ratio" {
  description = "Which share of the traces that nobody upstream decided to record become spans in Cloud Trace, besides those that somebody did; 0 to 1. Null: no spans."
  type        = number
  default     = null

  validation {
    condition     = var.trace_ratio == null ? true : var.trace_ratio >= 0 && var.trace_ratio <= 1
    error_message = "trace_ratio: `${coalesce(var.trace_ratio, 0)}` must be 0 to 1."
  }
}

variable "domain" {
  description = "The host name for people; null: there is no load balancer, and nobody comes in from outside."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "domain: `${coalesce(var.domain, "-")}` is not a host name, such as `mesh.example.com`."
  }
}

variable "requests_per_minute" {
  description = "How many requests one address may send in a minute."
  type        = number
  default     = 600

  validation {
    condition     = var.requests_per_minute >= 10 && var.requests_per_minute <= 100000
    error_message = "requests_per_minute: `${var.requests_per_minute}` must be 10 to 100000."
  }
}

variable "cloudflare_zone_id" {
  description = "The zone of Cloudflare's that the domain is in, if it shall stand in front; its token is in CLOUDFLARE_API_TOKEN."
  type        = string
  default     = null

  validation {
    condition     = var.cloudflare_zone_id == null || can(regex("^[0-9a-f]{32}$", var.cloudflare_zone_id))
    error_message = "cloudflare_zone_id: `${coalesce(var.cloudflare_zone_id, "-")}` is not 32 hexadecimal digits."
  }
  validation {
    condition     = var.cloudflare_zone_id == null || var.domain != null
    error_message = "cloudflare_zone_id: there is no `domain` that it could stand in front of."
  }
}

variable "repository" {
  description = "The repository that delivery builds from, as Cloud Build knows it; null: there is no delivery."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "repository: `${coalesce(var.repository, "-")}` must be `projects/…/locations/…/connections/…/repositories/…`."
  }
}

variable "repository_host" {
  description = "Who has that repository, as Cloud Build spells it."
  type        = string
  default     = "GITHUB"

  validation {
    condition     = contains(["GITHUB", "GITLAB", "BITBUCKET_SERVER", "UNKNOWN"], var.repository_host)
    error_message = "repository_host: `${var.repository_host}` must be GITHUB, GITLAB, BITBUCKET_SERVER or UNKNOWN."
  }
}

variable "branch" {
  description = "What lands on it is delivered."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch: `${var.branch}` is not a branch's name."
  }
}

variable "state_bucket" {
  description = "The bucket of the state, which delivery reads and writes."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || var.state_bucket != null
    error_message = "state_bucket: delivery needs the bucket of the state; name it together with `repository`."
  }
}

variable "gcloud" {
  description = "The command that completes Eventarc's subscriptions, for which there is no resource; `true` where there is no cloud."
  type        = string
  default     = "gcloud"
}

variable "alerts" {
  description = "The addresses that are told of what is wrong: whom a page wakes, and where a ticket lands."
  type        = object({ page = optional(set(string), []), ticket = optional(set(string), []) })
  default     = {}

  validation {
    condition     = alltrue([for address in setunion(var.alerts.page, var.alerts.ticket) : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alerts: `${join("`, `", setunion(var.alerts.page, var.alerts.ticket))}` must be e-mail addresses."
  }
}

variable "runbook_url" {
  description = "Where people read RUNBOOK.md, such as its page in the repository; each alert links its entry. Null: alerts hold their text alone."
  type        = string
  default     = null

  validation {
    condition     = var.runbook_url == null || can(regex("^https://", var.runbook_url))
    error_message = "runbook_url: `${coalesce(var.runbook_url, "-")}` must begin with https://."
  }
}
