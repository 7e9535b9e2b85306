# The estate's changes, from Cloud Asset Inventory. What a feed loses, the nightly listing finds.

resource "google_cloud_asset_project_feed" "changes" {
  # Resources and policies are two feeds: one has one kind of content.
  for_each = { for pair in setproduct(setintersection(local.topics, ["asset-changes"]), ["RESOURCE", "IAM_POLICY"]) : pair[1] => pair[0] }

  feed_id         = "mesh-${lower(replace(each.key, "_", "-"))}"
  billing_project = var.project_id
  content_type    = each.key
  asset_types     = [".*"]

  feed_output_config {
    pubsub_destination {
      topic = "projects/${var.project_id}/topics/${google_pubsub_topic.bus[each.value].name}"
    }
  }

  depends_on = [google_pubsub_topic_iam_member.feed]
}

resource "google_pubsub_topic_iam_member" "feed" {
  for_each = setintersection(local.topics, ["asset-changes"])

  topic  = google_pubsub_topic.bus[each.value].name
  role   = "roles/pubsub.publisher"
  member = local.agents.assets

  depends_on = [google_project_service_identity.this]
}
