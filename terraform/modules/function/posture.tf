# The function as it is planned, for the tests: of a module they see outputs only.
output "posture" {
  description = "What the tests of the whole hold to its promises."
  value = {
    account   = google_service_account.this.account_id
    image     = google_cloud_run_v2_service.this.template[0].containers[0].image
    ingress   = google_cloud_run_v2_service.this.ingress
    open      = google_cloud_run_v2_service.this.invoker_iam_disabled
    protected = google_cloud_run_v2_service.this.deletion_protection
    granted   = [for grant in google_project_iam_member.role : grant.role]
    invokers  = [for grant in google_cloud_run_v2_service_iam_member.invoker : grant.member]
    env       = { for env in google_cloud_run_v2_service.this.template[0].containers[0].env : env.name => env.value if length(env.value_source) == 0 }
    secrets   = { for env in google_cloud_run_v2_service.this.template[0].containers[0].env : env.name => env.value_source[0].secret_key_ref[0] if length(env.value_source) > 0 }

    pushes = merge(
      {
        for id, subscription in google_pubsub_subscription.this : id => {
          kind         = "pubsub"
          endpoint     = subscription.push_config[0].push_endpoint
          audience     = subscription.push_config[0].oidc_token[0].audience
          account      = subscription.push_config[0].oidc_token[0].service_account_email
          filter       = subscription.filter
          attempts     = subscription.dead_letter_policy[0].max_delivery_attempts
          dead_letters = google_pubsub_topic.dead[id].name
          kept         = google_pubsub_subscription.dead[id].message_retention_duration
        }
      },
      {
        for id, job in google_cloud_scheduler_job.this : id => {
          kind         = "schedule"
          endpoint     = job.http_target[0].uri
          audience     = job.http_target[0].oidc_token[0].audience
          account      = job.http_target[0].oidc_token[0].service_account_email
          filter       = null
          attempts     = job.retry_config[0].retry_count
          dead_letters = null
          kept         = null
        }
      },
    )

    changes = {
      for id, trigger in google_eventarc_trigger.this : id => {
        content_type = trigger.event_data_content_type
        location     = trigger.location
        account      = trigger.service_account
        service      = trigger.destination[0].cloud_run_service[0].service
        path         = trigger.destination[0].cloud_run_service[0].path
        criteria     = { for criterion in trigger.matching_criteria : criterion.attribute => { value = criterion.value, operator = criterion.operator } }
        dead_letters = google_pubsub_topic.dead[id].name
        kept         = google_pubsub_subscription.dead[id].message_retention_duration
      }
    }
  }
}
