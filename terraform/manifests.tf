# The manifests are the only place where a function says how it is called and what it may do.
# A new folder with one is all that a new function takes.

locals {
  folder    = "${path.module}/${var.functions_folder}"
  documents = { for file in fileset(local.folder, "*/function.yaml") : dirname(file) => try(yamldecode(file("${local.folder}/${file}")), {}) }

  # What the module takes as `optional` would be dropped in silence when it is misspelt.
  keys_known = {
    manifest  = ["name", "summary", "service", "triggers", "publishes", "calls", "roles", "secrets", "env"]
    service   = ["cpu", "memory_mib", "timeout_seconds", "concurrency", "instances"]
    instances = ["min", "max"]
    trigger   = ["http", "firestore", "pubsub", "schedule", "retry"]
    http      = ["callers"]
    firestore = ["event", "document"]
    pubsub    = ["topic", "filter", "ordered"]
    schedule  = ["cron", "time_zone"]
    retry     = ["attempts_max"]
  }
  # Shapes that the module's type would refuse without saying which file has them.
  mistakes = {
    for name, document in local.documents : name => flatten([
      can(yamldecode(file("${local.folder}/${name}/function.yaml"))) ? [] : ["it is not YAML."],
      can(keys(document)) ? [] : ["it must be keys with values."],
      [for key in try(keys(document), []) : "${key}: there is no such key." if !contains(local.keys_known.manifest, key)],
      [for key in try(keys(document.service), []) : "service.${key}: there is no such key." if !contains(local.keys_known.service, key)],
      [for key in try(keys(document.service.instances), []) : "service.instances.${key}: there is no such key." if !contains(local.keys_known.instances, key)],
      [for key, value in try(document.service, {}) : "service.${key}: it must be a number." if key != "instances" && !can(tonumber(value))],
      [for key, value in try(document.service.instances, {}) : "service.instances.${key}: it must be a number." if !can(tonumber(value))],
      [for key in ["publishes", "calls", "roles"] : "${key}: it must be a list." if !can(tolist(try(document[key], [])))],
      [for key in ["service", "triggers", "secrets", "env"] : "${key}: it must be keys with values." if !can(keys(try(document[key], {})))],
      [for key in ["secrets", "env"] : [for variable, value in try(document[key], {}) : "${key}.${variable}: it must be text." if !can(tostring(value))]],
      [
        for id, trigger in try(document.triggers, {}) : [
          can(keys(trigger)) ? [] : ["triggers.${id}: it must be keys with values."],
          [
            for key, value in try({ for key, value in trigger : key => value }, {}) : flatten([
              contains(local.keys_known.trigger, key) ? [] : ["triggers.${id}.${key}: there is no such key."],
              can(keys(value)) ? [] : ["triggers.${id}.${key}: it must be keys with values."],
              [for inner in try(keys(value), []) : "triggers.${id}.${key}.${inner}: there is no such key." if !contains(lookup(local.keys_known, key, [inner]), inner)],
            ])
          ],
          can(tolist(try(trigger.http.callers, []))) ? [] : ["triggers.${id}.http.callers: it must be a list."],
          can(tonumber(try(trigger.retry.attempts_max, 10))) ? [] : ["triggers.${id}.retry.attempts_max: it must be a number."],
          can(tobool(try(trigger.pubsub.ordered, false))) ? [] : ["triggers.${id}.pubsub.ordered: it must be true or false."],
        ]
      ],
    ])
  }

  # The same with every optional key, for what concerns several functions.
  functions = {
    for name, document in local.documents : name => {
      calls     = try(tolist(document.calls), [])
      publishes = try(tolist(document.publishes), [])
      roles     = try(tolist(document.roles), [])
      secrets   = try({ for variable, secret in document.secrets : variable => tostring(secret) }, {})
      env       = try({ for variable, value in document.env : variable => tostring(value) }, {})
      triggers  = try({ for id, trigger in document.triggers : id => trigger }, {})
      callers   = try(distinct(flatten([for trigger in values(document.triggers) : try(trigger.http.callers, [])])), [])
    }
  }

  # Everything that a manifest publishes to or consumes, and what Google's own services publish to.
  topics = toset(flatten([
    for function in values(local.functions) : concat(
      function.publishes,
      [for trigger in values(function.triggers) : trigger.pubsub.topic if can(trigger.pubsub.topic)],
    )
  ]))
  secrets = toset(flatten([for function in values(local.functions) : values(function.secrets)]))
}
