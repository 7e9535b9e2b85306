# A manifest, as `functions/function.schema.json` has it. Keys that must be there are optional in
# the type, because Terraform's own words for a missing one do not say in which file it is missing.
variable "manifest" {
  description = "The function's function.yaml, decoded."
  type = object({
    name    = optional(string, "")
    summary = optional(string, "")
    service = optional(object({
      cpu             = optional(number, 0)
      memory_mib      = optional(number, 0)
      timeout_seconds = optional(number, 0)
      concurrency     = optional(number, 0)
      instances       = optional(object({ min = optional(number, 0), max = optional(number, 0) }), {})
    }), {})
    triggers = optional(map(object({
      http      = optional(object({ callers = optional(list(string), []) }))
      firestore = optional(object({ event = optional(string, ""), document = optional(string, "") }))
      pubsub = optional(object({
        topic   = optional(string, "")
        filter  = optional(string)
        ordered = optional(bool, false)
      }))
      schedule = optional(object({ cron = optional(string, ""), time_zone = optional(string, "") }))
      retry    = optional(object({ attempts_max = optional(number, 10) }), {})
    })), {})
    publishes = optional(list(string), [])
    calls     = optional(list(string), [])
    roles     = optional(list(string), [])
    secrets   = optional(map(string), {})
    env       = optional(map(string), {})
  })

  validation {
    condition     = var.manifest.name == var.folder && can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.manifest.name))
    error_message = "functions/${var.folder}/function.yaml: name: `${var.manifest.name}` must be the folder's name, 6 to 30 lower-case letters, digits and `-`, because the function's account has it."
  }
  validation {
    condition     = trimspace(var.manifest.summary) != ""
    error_message = "functions/${var.folder}/function.yaml: summary: say what the function does."
  }
  validation {
    condition     = contains([1, 2, 4, 6, 8], var.manifest.service.cpu)
    error_message = "functions/${var.folder}/function.yaml: service.cpu: `${var.manifest.service.cpu}` must be 1, 2, 4, 6 or 8."
  }
  validation {
    condition     = var.manifest.service.memory_mib >= 128 && var.manifest.service.memory_mib <= 32768
    error_message = "functions/${var.folder}/function.yaml: service.memory_mib: `${var.manifest.service.memory_mib}` must be 128 to 32768."
  }
  validation {
    condition     = var.manifest.service.timeout_seconds >= 1 && var.manifest.service.timeout_seconds <= 3600
    error_message = "functions/${var.folder}/function.yaml: service.timeout_seconds: `${var.manifest.service.timeout_seconds}` must be 1 to 3600."
  }
  validation {
    condition     = var.manifest.service.concurrency >= 1 && var.manifest.service.concurrency <= 1000
    error_message = "functions/${var.folder}/function.yaml: service.concurrency: `${var.manifest.service.concurrency}` must be 1 to 1000."
  }
  validation {
    condition     = var.manifest.service.instances.max >= 1 && var.manifest.service.instances.min >= 0 && var.manifest.service.instances.min <= var.manifest.service.instances.max
    error_message = "functions/${var.folder}/function.yaml: service.instances: max must be at least 1 and not below min."
  }
  validation {
    condition     = length(var.manifest.triggers) > 0
    error_message = "functions/${var.folder}/function.yaml: triggers: a function needs at least one."
  }
  validation {
    condition     = length([for trigger in values(var.manifest.triggers) : trigger if trigger.http != null]) <= 1
    error_message = "functions/${var.folder}/function.yaml: triggers: at most one `http`, because it takes every path."
  }
  validation {
    # Paths that end in `z` are swallowed in front of Cloud Run.
    condition     = alltrue([for id in keys(var.manifest.triggers) : can(regex("^[a-z][a-z0-9-]*[a-y0-9]$", id))])
    error_message = join("\n", [for id in keys(var.manifest.triggers) : "functions/${var.folder}/function.yaml: triggers.${id}: lower-case letters, digits and `-`, and no `z` at the end." if !can(regex("^[a-z][a-z0-9-]*[a-y0-9]$", id))])
  }
  validation {
    condition     = alltrue([for trigger in values(var.manifest.triggers) : length([for kind in [trigger.http != null, trigger.firestore != null, trigger.pubsub != null, trigger.schedule != null] : kind if kind]) == 1])
    error_message = join("\n", [for id, trigger in var.manifest.triggers : "functions/${var.folder}/function.yaml: triggers.${id}: exactly one of `http`, `firestore`, `pubsub`, `schedule`." if length([for kind in [trigger.http != null, trigger.firestore != null, trigger.pubsub != null, trigger.schedule != null] : kind if kind]) != 1])
  }
  validation {
    condition = alltrue([
      for trigger in values(var.manifest.triggers) : trigger.http == null ? true : (
        length(trigger.http.callers) > 0
        && length(setsubtract(trigger.http.callers, ["users", "services", "public"])) == 0
        && !(contains(trigger.http.callers, "public") && contains(trigger.http.callers, "services"))
      )
    ])
    error_message = "functions/${var.folder}/function.yaml: triggers.${join(", triggers.", [for id, trigger in var.manifest.triggers : id if trigger.http != null])}.http.callers: some of `users`, `services` and `public`, and `public` not with `services`."
  }
  validation {
    condition     = alltrue([for trigger in values(var.manifest.triggers) : trigger.firestore == null ? true : contains(["created", "updated", "deleted", "written"], trigger.firestore.event)])
    error_message = join("\n", [for id, trigger in var.manifest.triggers : "functions/${var.folder}/function.yaml: triggers.${id}.firestore.event: one of `created`, `updated`, `deleted`, `written`." if trigger.firestore != null])
  }
  validation {
    condition     = alltrue([for trigger in values(var.manifest.triggers) : trigger.firestore == null ? true : can(regex(local.document, trigger.firestore.document))])
    error_message = join("\n", [for id, trigger in var.manifest.triggers : "functions/${var.folder}/function.yaml: triggers.${id}.firestore.document: `${trigger.firestore.document}` is not a document's path, such as `checks/{check}`." if trigger.firestore == null ? false : !can(regex(local.document, trigger.firestore.document))])
  }
  validation {
    condition     = alltrue([for trigger in values(var.manifest.triggers) : trigger.pubsub == null ? true : can(regex(local.topic, trigger.pubsub.topic))])
    error_message = join("\n", [for id, trigger in var.manifest.triggers : "functions/${var.folder}/function.yaml: triggers.${id}.pubsub.topic: `${trigger.pubsub.topic}` must be at least 3 lower-case letters, digits and `-`." if trigger.pubsub != null])
  }
  validation {
    condition     = alltrue([for trigger in values(var.manifest.triggers) : trigger.pubsub == null ? true : trigger.pubsub.filter == null ? true : length(trigger.pubsub.filter) >= 1 && length(trigger.pubsub.filter) <= 256])
    error_message = join("\n", [for id, trigger in var.manifest.triggers : "functions/${var.folder}/function.yaml: triggers.${id}.pubsub.filter: Pub/Sub takes 1 to 256 characters." if try(trigger.pubsub.filter, null) != null])
  }
  validation {
    condition     = alltrue([for trigger in values(var.manifest.triggers) : trigger.schedule == null ? true : can(regex(local.cron, trigger.schedule.cron))])
    error_message = join("\n", [for id, trigger in var.manifest.triggers : "functions/${var.folder}/function.yaml: triggers.${id}.schedule.cron: `${trigger.schedule.cron}` is not minute, hour, day of month, month and day of week." if trigger.schedule == null ? false : !can(regex(local.cron, trigger.schedule.cron))])
  }
  validation {
    condition     = alltrue([for trigger in values(var.manifest.triggers) : trigger.schedule == null ? true : can(regex(local.time_zone, trigger.schedule.time_zone))])
    error_message = join("\n", [for id, trigger in var.manifest.triggers : "functions/${var.folder}/function.yaml: triggers.${id}.schedule.time_zone: `${trigger.schedule.time_zone}` is not an IANA time zone, such as `Etc/UTC`." if trigger.schedule != null])
  }
  validation {
    condition     = alltrue([for trigger in values(var.manifest.triggers) : trigger.retry.attempts_max >= 5 && trigger.retry.attempts_max <= 100])
    error_message = join("\n", [for id, trigger in var.manifest.triggers : "functions/${var.folder}/function.yaml: triggers.${id}.retry.attempts_max: `${trigger.retry.attempts_max}` must be 5 to 100." if trigger.retry.attempts_max < 5 || trigger.retry.attempts_max > 100])
  }
  validation {
    condition     = alltrue([for topic in var.manifest.publishes : can(regex(local.topic, topic))])
    error_message = "functions/${var.folder}/function.yaml: publishes: ${join(", ", [for topic in var.manifest.publishes : "`${topic}`" if !can(regex(local.topic, topic))])} must be at least 3 lower-case letters, digits and `-`."
  }
  validation {
    condition     = alltrue([for name in var.manifest.calls : name != var.folder && contains(var.functions, name)])
    error_message = "functions/${var.folder}/function.yaml: calls: ${join(", ", [for name in var.manifest.calls : "`${name}`" if name == var.folder || !contains(var.functions, name)])} must be the name of another function."
  }
  validation {
    condition     = alltrue([for role in var.manifest.roles : contains(keys(var.roles), role)])
    error_message = "functions/${var.folder}/function.yaml: roles: ${join(", ", [for role in var.manifest.roles : "`${role}`" if !contains(keys(var.roles), role)])} is not among the roles that a function may have; they are in terraform/roles.tf."
  }
  validation {
    condition     = alltrue([for variable in concat(keys(var.manifest.env), keys(var.manifest.secrets)) : can(regex("^[A-Z][A-Z0-9_]*$", variable))])
    error_message = "functions/${var.folder}/function.yaml: env, secrets: ${join(", ", [for variable in concat(keys(var.manifest.env), keys(var.manifest.secrets)) : "`${variable}`" if !can(regex("^[A-Z][A-Z0-9_]*$", variable))])} must be UPPER_CASE."
  }
  validation {
    condition     = length(setintersection(keys(var.manifest.env), keys(var.manifest.secrets))) == 0
    error_message = "functions/${var.folder}/function.yaml: env, secrets: ${join(", ", [for variable in setintersection(keys(var.manifest.env), keys(var.manifest.secrets)) : "`${variable}`"])} stands in both."
  }
  validation {
    condition     = alltrue([for variable in concat(keys(var.manifest.env), keys(var.manifest.secrets)) : !can(regex(local.reserved, variable))])
    error_message = "functions/${var.folder}/function.yaml: env, secrets: ${join(", ", [for variable in concat(keys(var.manifest.env), keys(var.manifest.secrets)) : "`${variable}`" if can(regex(local.reserved, variable))])} is set by the platform."
  }
  validation {
    condition     = alltrue([for secret in values(var.manifest.secrets) : can(regex("^[A-Za-z0-9_-]{1,255}$", secret))])
    error_message = "functions/${var.folder}/function.yaml: secrets: ${join(", ", [for variable, secret in var.manifest.secrets : "`${variable}`" if !can(regex("^[A-Za-z0-9_-]{1,255}$", secret))])}: a secret's name has letters, digits, `_` and `-`."
  }
}

variable "mistakes" {
  description = "What is wrong with the shape of the function.yaml. Decoded into a type, a key that no manifest has would be gone."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.mistakes) == 0
    error_message = join("\n", [for mistake in var.mistakes : "functions/${var.folder}/function.yaml: ${mistake}"])
  }
}
