# Metrics that Cloud Logging counts from the functions' lines.

locals {
  lines = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${join(" OR ", [for service in local.services : "\"${service}\""])})"
}

resource "google_logging_metric" "this" {
  for_each = local.metrics

  project     = var.project_id
  name        = each.key
  description = each.value.says
  filter      = "${local.lines} AND (${each.value.filter})"

  value_extractor  = each.value.value
  label_extractors = { for label in each.value.labels : label[0] => label[1] }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = each.value.value == null ? "INT64" : "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.value[0]
        value_type = "STRING"
      }
    }
  }

  # From a tenth of a millisecond to a quarter of an hour, each bucket half again as wide as the last.
  dynamic "bucket_options" {
    for_each = each.value.value == null ? [] : [true]
    content {
      exponential_buckets {
        num_finite_buckets = 40
        growth_factor      = 1.5
        scale              = 0.1
      }
    }
  }
}

# Cloud Monitoring learns of a new metric after the API has answered, and refuses alerts on it until then.
resource "time_sleep" "metrics" {
  create_duration = "30s"
  triggers        = { for name, metric in google_logging_metric.this : name => metric.id }
}
