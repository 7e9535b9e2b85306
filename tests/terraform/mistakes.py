"""Mistakes that somebody will make, each with what Terraform has to say about it."""

GOOD = """\
name: {name}
summary: Tests.
service: {{ cpu: 1, memory_mib: 256, timeout_seconds: 60, concurrency: 40, instances: {{ min: 0, max: 2 }} }}
triggers:
  api:     {{ http: {{ callers: [services] }} }}
  changed: {{ firestore: {{ event: written, document: "things/{{thing}}" }} }}
  asked:   {{ pubsub: {{ topic: thing-asked, filter: 'attributes.a = "b"' }}, retry: {{ attempts_max: 5 }} }}
  nightly: {{ schedule: {{ cron: "0 3 * * *", time_zone: Etc/UTC }} }}
calls:     [others]
publishes: [thing-done]
roles:     [roles/datastore.user]
secrets:   {{ SIGNING_KEY: signing-key }}
env:       {{ COLOUR: blue }}
"""

# Folder, what is written in place of what, and what the message names besides the file.
MANIFESTS = [
    ("another-name", "name: another-name", "name: this-name", "name: `this-name`"),
    ("no-summary", "summary: Tests.", "summary: ' '", "summary: say what"),
    ("no-service", "service: { cpu: 1, memory_mib: 256, timeout_seconds: 60, concurrency: 40, instances: { min: 0, max: 2 } }\n", "", "service.cpu: `0`"),
    ("odd-cpu", "cpu: 1", "cpu: 3", "service.cpu: `3`"),
    ("little-memory", "memory_mib: 256", "memory_mib: 127", "service.memory_mib: `127`"),
    ("long-request", "timeout_seconds: 60", "timeout_seconds: 3601", "service.timeout_seconds: `3601`"),
    ("no-concurrency", "concurrency: 40", "concurrency: 0", "service.concurrency: `0`"),
    ("min-above-max", "min: 0", "min: 3", "service.instances"),
    ("misspelt", "triggers:", "trigers: {}\ntriggers:", "trigers: there is no such key"),
    ("misspelt-within", "topic: thing-asked", "topic: thing-asked, order: true", "triggers.asked.pubsub.order: there is no such key"),
    ("ends-in-zed", "nightly:", "quiz:", "triggers.quiz"),
    ("two-kinds", "http: { callers: [services] }", "http: { callers: [services] }, pubsub: { topic: abc }", "triggers.api: exactly one"),
    ("no-kind", "{ http: { callers: [services] } }", "{ retry: { attempts_max: 5 } }", "triggers.api: exactly one"),
    ("public-services", "[services]", "[services, public]", "triggers.api.http.callers"),
    ("strange-event", "event: written", "event: touched", "triggers.changed.firestore.event"),
    ("collection", "things/{thing}", "things", "triggers.changed.firestore.document: `things`"),
    ("short-topic", "topic: thing-asked", "topic: ab", "triggers.asked.pubsub.topic: `ab`"),
    ("bad-cron", "0 3 * * *", "0 25 * * *", "triggers.nightly.schedule.cron: `0 25 * * *`"),
    ("six-fields", "0 3 * * *", "0 0 3 * * *", "triggers.nightly.schedule.cron: `0 0 3 * * *`"),
    ("no-time-zone", "time_zone: Etc/UTC", "time_zone: noon", "triggers.nightly.schedule.time_zone: `noon`"),
    ("few-attempts", "attempts_max: 5", "attempts_max: 4", "triggers.asked.retry.attempts_max: `4`"),
    ("calls-nobody", "[others]", "[nobody]", "calls: `nobody`"),
    ("unknown-role", "roles/datastore.user", "roles/datastore.owner", "roles: `roles/datastore.owner`"),
    ("basic-role", "roles/datastore.user", "roles/editor", "roles: `roles/editor`"),
    ("lower-case", "COLOUR", "colour", "env, secrets: `colour`"),
    ("in-both", "COLOUR", "SIGNING_KEY", "env, secrets: `SIGNING_KEY`"),
    ("of-the-platform", "COLOUR", "MESH_INVOKERS", "env, secrets: `MESH_INVOKERS`"),
    ("secret-name", "signing-key", "signing key", "secrets: `SIGNING_KEY`"),
]

# Shapes that do not fit into the types. They stop Terraform before the rules above are asked.
SHAPES = [
    ("not-a-number", "cpu: 1", "cpu: many", "service.cpu: it must be a number"),
    ("not-a-list", "roles:     [roles/datastore.user]", "roles: { a: b }", "roles: it must be a list"),
    ("not-keys", "triggers:\n", "triggers: [a]\nenv2:\n", "triggers: it must be keys with values"),
    ("not-attempts", "attempts_max: 5", "attempts_max: few", "triggers.asked.retry.attempts_max: it must be a number"),
    ("not-yaml", "name: not-yaml", "name: not-yaml: it", "it is not YAML"),
]

# The variable, a value that is wrong, and what the message names.
VARIABLES = [
    ("project_id", "Mesh", "project_id: `Mesh`"),
    ("environment", "a place", "environment: `a place`"),
    ("region", "Europe", "region: `Europe`"),
    ("database_location", "here", "database_location: `here`"),
    ("rotation_from", "tomorrow", "rotation_from: `tomorrow`"),
    ("domain", "https://mesh", "domain: `https://mesh`"),
    ("second_factor_roles", ["root"], "second_factor_roles: `root`"),
    ("trace_ratio", 1.5, "trace_ratio: `1.5`"),
    ("requests_per_minute", 1, "requests_per_minute: `1`"),
    ("repository", "mesh", "repository: `mesh`"),
    ("branch", "a b", "branch: `a b`"),
    ("alerts", {"page": ["nobody"]}, "alerts: `nobody`"),
    ("runbook_url", "here", "runbook_url: `here`"),
    ("images", {"dashboard": "latest"}, "images: `dashboard` is `latest`"),
    ("audit_signing_kms_key", "projects/p/locations/l/keyRings/r/cryptoKeys/k", "audit_signing_kms_key: `projects/p/locations/l/keyRings/r/cryptoKeys/k` must be"),
    ("env", {"dashboard": {"COLOUR": "red"}}, "env: `dashboard.COLOUR`"),
    ("secret_revisions", {"nothing": 2}, "secret_revisions: `nothing`"),
]

# What is asked only once the variables above are right, because it depends on them.
DEPENDENT = [
    ("cloudflare_zone_id", "zone", "cloudflare_zone_id: `zone`"),
    ("images", {}, "images: `dashboard` has no digest"),
]
