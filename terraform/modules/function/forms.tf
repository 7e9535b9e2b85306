# The forms of what stands in a manifest.

locals {
  segment  = "([A-Za-z0-9_-]+|\\{[A-Za-z0-9_-]+\\})"
  document = "^${local.segment}/${local.segment}(/${local.segment}/${local.segment})*$"
  topic    = "^[a-z][a-z0-9-]{2,254}$"

  time_zone = "^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$"

  # A field is a list of ranges with steps; the numbers are held to each field's bounds.
  cron_numbers = {
    minute  = "[0-5]?[0-9]"
    hour    = "(?:1?[0-9]|2[0-3])"
    day     = "(?:[1-9]|[12][0-9]|3[01])"
    month   = "(?:[1-9]|1[0-2]|[A-Z]{3})"
    weekday = "(?:[0-7]|[A-Z]{3})"
  }
  cron_fields = {
    for field, number in local.cron_numbers : field => "(?:\\*|${number}(?:-${number})?)(?:/[1-9][0-9]?)?(?:,(?:\\*|${number}(?:-${number})?)(?:/[1-9][0-9]?)?)*"
  }
  cron = "^${join(" ", [for field in ["minute", "hour", "day", "month", "weekday"] : local.cron_fields[field]])}$"

  # What Cloud Run sets, what Terraform sets, and what would lead a function to emulators.
  reserved = "^(PORT|K_.*|MESH_.*|GOOGLE_.*|GCE_METADATA_HOST|.*_EMULATOR_HOST)$"
}
