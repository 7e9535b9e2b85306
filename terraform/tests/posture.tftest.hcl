# What has to hold of the whole mesh, whatever functions there are.

variables {
  project_id        = "mesh-test-000001"
  environment       = "test"
  protected         = true
  database_location = "eur3"
  rotation_from     = "2027-01-01T00:00:00Z"
  domain            = "mesh.example.com"
  gcloud            = "true"
  images            = { for file in fileset("../functions", "*/function.yaml") : dirname(file) => "sha256:${sha256(file)}" }
}

run "every_function" {
  command = plan

  assert {
    condition     = length(module.function) >= 6 && length(module.function) == length(fileset("../functions", "*/function.yaml"))
    error_message = "every folder with a function.yaml is a function, and nothing else is"
  }
  assert {
    condition     = length(distinct([for function in module.function : function.posture.account])) == length(module.function)
    error_message = "every function has an account of its own"
  }
  assert {
    condition     = alltrue([for name, function in module.function : function.posture.account == name])
    error_message = "a function's account has the function's name, which the others know it by"
  }
  assert {
    condition     = alltrue([for name, function in module.function : endswith(function.posture.image, "/mesh/${name}@sha256:${sha256("${name}/function.yaml")}")])
    error_message = "an image is its function's own, by digest"
  }
  assert {
    condition = alltrue([
      for name, function in module.function : toset(function.posture.granted) == toset([for role in try(yamldecode(file("../functions/${name}/function.yaml")).roles, []) : role == "roles/firebaseauth.admin" ? "projects/mesh-test-000001/roles/meshAccounts" : role])
    ])
    error_message = "a function holds the roles of its manifest, and no others"
  }
  assert {
    condition = alltrue([
      for name, function in module.function : length(setintersection(function.posture.granted, ["roles/owner", "roles/editor", "roles/viewer"])) == 0
    ])
    error_message = "nobody holds a basic role"
  }

  assert {
    condition = alltrue([
      for name, function in module.function : function.posture.open == anytrue([
        for trigger in values(yamldecode(file("../functions/${name}/function.yaml")).triggers) :
        length(setintersection(try(trigger.http.callers, []), ["users", "public"])) > 0
      ])
    ])
    error_message = "Cloud Run lets everybody through to a function only if its manifest has people or the public call it"
  }
  assert {
    condition     = alltrue([for function in module.function : function.posture.open || function.posture.ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"])
    error_message = "who is called from inside takes requests from inside only"
  }
  assert {
    condition     = alltrue([for function in module.function : !function.posture.open || function.posture.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"])
    error_message = "people come through the load balancer"
  }
  assert {
    condition     = alltrue(flatten([for function in module.function : [for member in function.posture.invokers : startswith(member, "serviceAccount:")]]))
    error_message = "nobody but accounts of services may invoke"
  }
  assert {
    condition = alltrue([
      for name, function in module.function : toset(function.posture.invokers) == toset(concat(
        [for other in fileset("../functions", "*/function.yaml") : "serviceAccount:${dirname(other)}@mesh-test-000001.iam.gserviceaccount.com"
        if contains(try(yamldecode(file("../functions/${other}")).calls, []), name)],
        anytrue([for trigger in values(yamldecode(file("../functions/${name}/function.yaml")).triggers) : !can(trigger.http)]) ? ["serviceAccount:mesh-invoker@mesh-test-000001.iam.gserviceaccount.com"] : [],
      ))
    ])
    error_message = "a function is invoked by those whose manifests call it, and by the transports if something is delivered to it"
  }

  assert {
    condition = alltrue(flatten([
      for name, function in module.function : [for push in values(function.posture.pushes) : push.audience == "https://${name}.mesh.internal" && push.account == "mesh-invoker@mesh-test-000001.iam.gserviceaccount.com"]
    ]))
    error_message = "every push has a token of the invoker, for exactly the audience that the function takes"
  }
  assert {
    condition = alltrue(flatten([
      for name, function in module.function : [for id, push in function.posture.pushes : push.endpoint == "https://${name}-123456789012.europe-west1.run.app/events/${id}"]
    ]))
    error_message = "every push goes to its trigger's path, over HTTPS"
  }
  assert {
    condition = alltrue(flatten([
      for name, function in module.function : [for id, push in function.posture.pushes : push.dead_letters == "${name}.${id}.dead" && push.attempts == try(yamldecode(file("../functions/${name}/function.yaml")).triggers[id].retry.attempts_max, 10) if push.kind != "schedule"]
    ]))
    error_message = "every subscription has its own dead letters, after the manifest's attempts"
  }
  assert {
    condition = alltrue(flatten([
      for name, function in module.function : [for id, push in function.posture.pushes : push.kept == "2678400s" if push.kind != "schedule"]
    ]))
    error_message = "dead letters are kept for 31 days"
  }
  assert {
    condition = alltrue(flatten([
      for name, function in module.function : [for id, push in function.posture.pushes : push.filter == try(yamldecode(file("../functions/${name}/function.yaml")).triggers[id].pubsub.filter, null) if push.kind == "pubsub"]
    ]))
    error_message = "a subscription takes what the manifest's filter lets through"
  }
  assert {
    condition = alltrue(flatten([
      for name, function in module.function : [for id, change in function.posture.changes :
        change.account == "mesh-invoker@mesh-test-000001.iam.gserviceaccount.com" && change.dead_letters == "${name}.${id}.dead" && change.kept == "2678400s" &&
        change.content_type == "application/protobuf" && change.path == "/events/${id}" && change.service == name && change.location == "eur3"
      ]
    ]))
    error_message = "a change of a document is delivered as protobuf, to its trigger's path, from where the database is"
  }
  assert {
    condition = alltrue(flatten([
      for name, function in module.function : [for id, change in function.posture.changes :
        change.criteria.type.value == "google.cloud.firestore.document.v1.${yamldecode(file("../functions/${name}/function.yaml")).triggers[id].firestore.event}"
        && change.criteria.document.value == yamldecode(file("../functions/${name}/function.yaml")).triggers[id].firestore.document
        && change.criteria.document.operator == "match-path-pattern"
        && change.criteria.database.value == "(default)"
      ]
    ]))
    error_message = "a change of a document is what the manifest names"
  }
  assert {
    condition = alltrue([
      for name, function in module.function : toset(concat(keys(function.posture.pushes), keys(function.posture.changes))) == toset([
        for id, trigger in yamldecode(file("../functions/${name}/function.yaml")).triggers : id if !can(trigger.http)
      ])
    ])
    error_message = "every trigger of a manifest is delivered, once"
  }

  assert {
    condition = alltrue([
      for name, function in module.function : function.posture.env.GOOGLE_CLOUD_PROJECT == "mesh-test-000001"
      && function.posture.env.MESH_AUDIENCE == "https://${name}.mesh.internal"
      && function.posture.env.MESH_INVOKERS == "mesh-invoker@mesh-test-000001.iam.gserviceaccount.com"
    ])
    error_message = "a function knows its project, its audience, and who delivers"
  }
  assert {
    condition     = module.function["audit-witness"].posture.env.MESH_CALLERS == "audit-engine@mesh-test-000001.iam.gserviceaccount.com"
    error_message = "a function knows who calls it"
  }
  assert {
    condition     = module.function["firebase-proxy"].posture.env.MESH_URL_AUDIT_ENGINE == "https://audit-engine-123456789012.europe-west1.run.app"
    error_message = "a function knows where those are that it calls"
  }
  assert {
    condition     = alltrue([for function in module.function : length([for variable in keys(function.posture.env) : variable if can(regex("(EMULATOR_HOST|MESH_ISSUER)", variable))]) == 0])
    error_message = "nothing leads to an emulator"
  }
  assert {
    condition = alltrue([
      for function in module.function : !contains(keys(function.posture.env), "MESH_TRACE_RATIO") && !contains(function.posture.granted, "roles/cloudtrace.agent")
    ]) && !contains(keys(google_project_service.this), "cloudtrace.googleapis.com")
    error_message = "without a ratio no function records spans, or may"
  }
  assert {
    condition     = alltrue(flatten([for function in module.function : [for secret in values(function.posture.secrets) : can(regex("^[1-9][0-9]*$", secret.version))]]))
    error_message = "secrets are pinned to a version"
  }
  assert {
    condition = alltrue([
      for name, function in module.function : length(setsubtract(keys(try(yamldecode(file("../functions/${name}/function.yaml")).secrets, {})), keys(function.posture.secrets))) == 0
    ])
    error_message = "a function has every secret of its manifest"
  }
  assert {
    condition     = try(module.function["dashboard"].posture.secrets.WEB_API_KEY.secret, "") == "web-api-key" && !contains(keys(module.function["dashboard"].posture.env), "WEB_API_KEY")
    error_message = "the page's key stands in no environment"
  }
  assert {
    condition     = module.function["dashboard"].posture.env.WEB_ENVIRONMENT == "test"
    error_message = "the place gives what it knows in place of the manifest's values"
  }

  assert {
    condition     = module.function["audit-engine"].posture.env.AUDIT_BUCKET == "mesh-test-000001-log" && google_storage_bucket.log.name == "mesh-test-000001-log"
    error_message = "audit-engine copies the log to the locked bucket"
  }
  assert {
    condition     = toset([for grant in google_storage_bucket_iam_member.log : "${grant.bucket} ${grant.role} ${grant.member}"]) == toset([for role in ["objectCreator", "objectViewer"] : "mesh-test-000001-log roles/storage.${role} serviceAccount:audit-engine@mesh-test-000001.iam.gserviceaccount.com"])
    error_message = "audit-engine adds to the bucket and reads it, and nobody may delete from it"
  }
  assert {
    condition     = alltrue(flatten([for function in module.function : [for role in function.posture.granted : !startswith(role, "roles/storage.")]]))
    error_message = "nobody has a right to every bucket"
  }
  assert {
    condition     = module.function["audit-engine"].posture.env.AUDIT_KMS_SIGNER == "none" && length(google_kms_crypto_key_iam_member.signing) == 0
    error_message = "without a key in Cloud KMS the secret signs"
  }
}

run "a_key_that_signs" {
  command = plan

  variables {
    audit_signing_kms_key = "projects/mesh-keys-000001/locations/europe-west1/keyRings/signing/cryptoKeys/audit-log/cryptoKeyVersions/1"
  }

  assert {
    condition     = module.function["audit-engine"].posture.env.AUDIT_KMS_SIGNER == var.audit_signing_kms_key
    error_message = "audit-engine knows the key that signs"
  }
  assert {
    condition     = toset([for grant in google_kms_crypto_key_iam_member.signing : "${grant.crypto_key_id} ${grant.role} ${grant.member}"]) == toset([for role in ["signer", "publicKeyViewer"] : "projects/mesh-keys-000001/locations/europe-west1/keyRings/signing/cryptoKeys/audit-log roles/cloudkms.${role} serviceAccount:audit-engine@mesh-test-000001.iam.gserviceaccount.com"])
    error_message = "audit-engine signs with this key alone, and may do nothing else with it"
  }
}

run "traced" {
  command = plan

  variables {
    trace_ratio = 0.05
  }

  assert {
    condition = alltrue([
      for name, function in module.function : toset(function.posture.granted) == toset(concat(
        [for role in try(yamldecode(file("../functions/${name}/function.yaml")).roles, []) : role == "roles/firebaseauth.admin" ? "projects/mesh-test-000001/roles/meshAccounts" : role],
        ["roles/cloudtrace.agent"],
      ))
    ])
    error_message = "with a ratio a function may write spans, and nothing else that its manifest does not list"
  }
  assert {
    condition     = alltrue([for function in module.function : function.posture.env.MESH_TRACE_RATIO == "0.05"])
    error_message = "every function records the same share, so that a trace is whole"
  }
  assert {
    condition     = contains(keys(google_project_service.this), "cloudtrace.googleapis.com")
    error_message = "Cloud Trace takes them"
  }
}
