//! Documents for a fuzzer to find: of everything that the API names in a path, some.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use model::{
    Actor, AuditControlId, AuditId, AuditRowsId, CheckId, ControlName, EventId, ExceptionId,
    FindingId, GrantId, IncidentId, LetterId, OverrideId, Permission, ReviewId, Role, ServiceId,
    Timestamp, Uid,
    access::{
        User, UserState,
        grant::{Grant, GrantState},
        review::{AccessReview, ReviewItem, ReviewState},
    },
    asset::Asset,
    audit::{self, Audit, AuditControl, AuditRow, AuditRows, ControlMappings, Verdict},
    check::{Check, CheckSpec, HeartbeatProbe, Probe},
    control::Control,
    dead_letter::DeadLetter,
    exception::{Exception, ExceptionState, Terms},
    finding::{Finding, FindingState, Severity},
    incident::{Incident, Priority},
    operator_override::{Change, Effect, Override, OverrideState, Policy, Scope},
    service::Service,
};
use serde_json::{Value, json};
use store::{StoreError, Transaction};
use testkit::Mesh;

/// Of what is used up by being changed there is as much as a run asks for.
const CHANGEABLE: usize = 16;
/// Services, each with two checks: all documents fit one transaction.
const WATCHED: usize = 4;
/// Overrides of each kind.
const OVERRIDDEN: usize = 6;
/// People whose roles are reviewed, each role of each of them.
const REVIEWED: usize = 2;
/// Invitations that are accepted.
const INVITATIONS: usize = 4;

/// Exceptions in each state.
const EXCEPTIONS: usize = 4;
/// How long they last.
const EXCEPTED: SignedDuration = SignedDuration::from_hours(24);

/// The override that is approved, whose hash is known.
const APPROVED: &str = "override-0";

/// The names of things that are there, by what they are.
pub(super) type Names = BTreeMap<&'static str, Vec<String>>;

/// Writes the documents, and returns what they are called. `caller` asks for some of the
/// elevations, so that they can be withdrawn.
pub(super) async fn settle_in(mesh: &Mesh, caller: &str) -> Names {
    let boss = mesh.person("boss", &[Role::Owner]).await;
    let cause = mesh.cause();
    let now = cause.time;
    // In one transaction: so that all have one version, which fits every document that is
    // as it was.
    let written = mesh.store.transact(&cause, |tx| async move {
        watched(&tx, now).await?;
        let hash = overrides(&tx, now, caller).await?;
        audited(&tx, now).await?;
        exceptions(&tx, now, caller).await?;
        people(&tx, now).await?;
        elevations(&tx, now, caller).await.map(|()| hash)
    });
    let hash = written.await.expect("the documents are written");
    let any = mesh.store.get::<Incident>(&IncidentId::new("incident-0")).await;
    let version = any.expect("it can be read").expect("it is there").updated_at;

    let numbered = |name: &str, count: usize| (0..count).map(|n| format!("{name}-{n}")).collect();
    let mut names = Names::from([
        ("service", numbered("service", WATCHED)),
        ("check", numbered("check", WATCHED)),
        ("heart", numbered("heart", WATCHED)),
        ("control", vec!["trading".to_owned(), "sales".to_owned()]),
        ("incident", numbered("incident", CHANGEABLE)),
        ("override", numbered("override", OVERRIDDEN)),
        ("approved", vec![APPROVED.to_owned()]),
        ("hash", vec![hash]),
        ("mine", numbered("mine", OVERRIDDEN)),
        ("killed", numbered("killed", OVERRIDDEN)),
        ("overridden", Policy::of_mesh().controls.keys().map(ToString::to_string).collect()),
        ("asset", vec![asset().id().to_string()]),
        ("audit", numbered("audit", 2)),
        ("finding", numbered("finding", 2)),
        ("audited", vec!["STO-01".to_owned()]),
        ("exception", numbered("exception", EXCEPTIONS)),
        ("wanted", numbered("wanted", EXCEPTIONS)),
        ("excepted", numbered("excepted", EXCEPTIONS)),
        ("assets", vec![asset().name, format!("{}*", asset().name)]),
        ("until", vec![now.plus(EXCEPTED).to_string()]),
        ("letter", numbered("letter", 2)),
        ("person", numbered("person", CHANGEABLE)),
        ("assigned", numbered("assigned", CHANGEABLE)),
        ("reviewed", numbered("person", REVIEWED)),
        ("invited", numbered("invited", CHANGEABLE)),
        ("asked", numbered("asked", CHANGEABLE)),
        ("own", numbered("own", CHANGEABLE)),
        ("active", numbered("active", CHANGEABLE)),
        ("review", numbered("review", CHANGEABLE)),
        ("version", vec![format!("\"{}\"", version.as_microsecond())]),
        ("target", vec!["controls/trading".to_owned(), "incidents/incident-0".to_owned()]),
        ("permission", Permission::ALL.iter().map(|p| p.name().to_owned()).collect()),
    ]);
    names.insert("secret", invite(mesh, &boss).await);
    mesh.settle().await;
    names
}

async fn watched(tx: &Transaction, now: Timestamp) -> Result<(), StoreError> {
    let because = "the fuzzer looks at it";
    for n in 0..WATCHED {
        let service = ServiceId::new(format!("service-{n}"));
        let watched = Service { name: "shop".into(), url: "http://127.0.0.1:9/".into() };
        tx.create(&service, &watched, "test.put", because).await?;
        let spec = CheckSpec::of_service(service, "shop", 1);
        let beating = Probe::Heartbeat(HeartbeatProbe { period_seconds: 60, grace_seconds: 60 });
        let heart = CheckSpec { probe: beating, ..spec.clone() };
        for (name, spec) in [("check", spec), ("heart", heart)] {
            // Nobody runs them while the fuzzer does.
            let spec = CheckSpec { enabled: false, ..spec };
            let id = CheckId::new(format!("{name}-{n}"));
            tx.create(&id, &Check::new(spec, now), "test.put", because).await?;
        }
    }
    for n in 0..CHANGEABLE {
        let by = Actor::Person { uid: Uid::new("boss"), email: None };
        let incident = Incident {
            service: Some(ServiceId::new("service-0")),
            check: Some(CheckId::new("check-0")),
            ..Incident::open("shop does not answer", Priority::P2, "503", by, now)
        };
        tx.create(&IncidentId::new(format!("incident-{n}")), &incident, "test.put", because)
            .await?;
    }
    Ok(())
}

/// Overrides in each state in which something can be done about them, and the hash of the
/// one that can be approved.
async fn overrides(tx: &Transaction, now: Timestamp, caller: &str) -> Result<String, StoreError> {
    let policy = Policy::of_mesh();
    let (mut hash, mut in_force) = (String::new(), Vec::new());
    for n in 0..OVERRIDDEN {
        let wish = |name: &str, by: &str, effect| {
            let id = OverrideId::new(format!("{name}-{n}"));
            let change = Change {
                control: ControlName::new("trading"),
                effect,
                scope: Scope::Tenant { id: format!("tenant-{n}") },
                minutes: None,
                reason: "the exchange is down".into(),
            };
            let by = Actor::Person { uid: Uid::new(by), email: None };
            (id.clone(), Override::ask(&id, change, by, policy, now))
        };
        let (id, kill) = wish("killed", "boss", Effect::Kill);
        let (until, activated_at) = (now.plus(SignedDuration::from_hours(24)), Some(now));
        let state = OverrideState::Active;
        let alone = kill.in_emergency();
        let killed = Override { state, activated_at, until: Some(until), ..alone };
        in_force.push((id, killed));
        for (id, asked) in
            [wish("override", "boss", Effect::Pause), wish("mine", caller, Effect::Pause)]
        {
            if id.as_str() == APPROVED {
                hash.clone_from(&asked.hash);
            }
            tx.create(&id, &asked, "test.put", "the fuzzer looks at it").await?;
        }
    }
    for (id, killed) in &in_force {
        tx.create(id, killed, "test.put", "the fuzzer looks at it").await?;
    }
    for name in ["trading", "sales"] {
        let of = if name == "trading" { &in_force[..] } else { &[] };
        let because = "less is enough";
        let control = Control::default().restricted(of, because, now).unwrap_or_default();
        tx.create(&ControlName::new(name), &control, "test.put", because).await?;
    }
    Ok(hash)
}

async fn audited(tx: &Transaction, now: Timestamp) -> Result<(), StoreError> {
    let because = "the fuzzer looks at it";
    tx.create(&asset().id(), &asset(), "test.put", because).await?;
    for n in 0..2 {
        let asker = Actor::Person { uid: Uid::new("boss"), email: None };
        let audit = Audit::requested(asker, "a look", audit::Scope::default(), now);
        let audit_id = AuditId::new(format!("audit-{n}"));
        let audit = Audit { parts: 1, previous: (n > 0).then(|| AuditId::new("audit-0")), ..audit };
        tx.create(&audit_id, &audit, "test.put", because).await?;
        let row = AuditRow {
            control: "STO-01".into(),
            severity: Severity::High,
            asset: asset().name,
            asset_type: asset().asset_type,
            asset_hash: "a".repeat(64),
            verdict: if n > 0 { Verdict::Fail } else { Verdict::Unknown },
            evidence: "allUsers".into(),
            control_hash: "c".repeat(64),
        };
        let rows = AuditRows { rows: vec![row], expires_at: now.plus(EXCEPTED) };
        tx.measure(&AuditRowsId { audit: audit_id.clone(), index: 0 }, &rows)?;
        let finding = Finding {
            control: "STO-01".into(),
            title: "everybody reads the bucket".into(),
            severity: Severity::High,
            asset: asset().id(),
            asset_name: asset().name,
            asset_type: "storage.googleapis.com/Bucket".into(),
            state: FindingState::Open,
            evidence: "allUsers".into(),
            first_seen: now,
            opened_at: now,
            last_seen: now,
            owner: None,
            times_opened: 1,
            exception: None,
            resolved_at: None,
            audit: Some(audit_id),
        };
        tx.create(&FindingId::new(format!("finding-{n}")), &finding, "test.put", because).await?;
        let letter = DeadLetter {
            function: "audit-engine".into(),
            trigger: "asset-written".into(),
            event: EventId::new("e"),
            code: "INVALID_ARGUMENT".into(),
            reason: "it is no asset".into(),
            headers: [("ce-id".to_owned(), "1".to_owned())].into(),
            body_bytes: 0,
            body_parts: 0,
            buried_at: now,
            replay: None,
        };
        tx.create(&LetterId::new(format!("letter-{n}")), &letter, "test.put", because).await?;
    }
    Ok(())
}

/// A control of the audit, and exceptions from it in each state in which something can be
/// done about them.
async fn exceptions(tx: &Transaction, now: Timestamp, caller: &str) -> Result<(), StoreError> {
    let because = "the fuzzer looks at it";
    let control = AuditControl {
        title: "nobody but its readers reads a bucket".into(),
        severity: Severity::High,
        asset_types: vec![asset().asset_type],
        rationale: "what everybody reads is no secret".into(),
        condition: Some("true".into()),
        remediation: "take the right away".into(),
        command: Some("gcloud storage buckets remove-iam-policy-binding gs://{id}".into()),
        mappings: ControlMappings::default(),
        hash: "c".repeat(64),
    };
    tx.create(&AuditControlId::new("STO-01"), &control, "test.put", because).await?;
    let person = |uid: &str| Actor::Person { uid: Uid::new(uid), email: None };
    for n in 0..EXCEPTIONS {
        for (name, by) in [("exception", "boss"), ("wanted", caller), ("excepted", "boss")] {
            let terms = Terms {
                control: "STO-01".into(),
                assets: asset().name,
                reason: "it is a public page".into(),
                owner: Uid::new("boss"),
                until: now.plus(EXCEPTED),
            };
            let asked = Exception::ask(terms, person(by), now);
            let exception = match name {
                "excepted" => Exception { state: ExceptionState::Approved, ..asked },
                _ => asked,
            };
            tx.create(&ExceptionId::new(format!("{name}-{n}")), &exception, "test.put", because)
                .await?;
        }
    }
    Ok(())
}

/// A public bucket with fields that Mesh does not know.
fn asset() -> Asset {
    let asset = json!({
        "name": "//storage.googleapis.com/fuzzed",
        "assetType": "storage.googleapis.com/Bucket",
        "ancestors": ["projects/1", "organizations/2"],
        "updateTime": "2026-11-23T01:02:03.123456789Z",
        "resource": {"version": "v1", "data": {"name": "fuzzed", "labels": {"team": "a"}}},
        "iamPolicy": {"etag": "x", "bindings": [{"role": "roles/viewer", "members": ["allUsers"]}]},
        "accessLevel": {"title": "a"},
    });
    serde_json::from_value(asset).expect("an asset")
}

async fn people(tx: &Transaction, now: Timestamp) -> Result<(), StoreError> {
    let because = "the fuzzer looks at it";
    let roles = [Role::Viewer, Role::Operator, Role::Auditor, Role::Treasurer];
    for n in 0..CHANGEABLE {
        let person = |name: &str, state| User {
            email: format!("{name}-{n}@meridian.example"),
            display_name: name.to_owned(),
            state,
            roles: [roles[n % roles.len()]].into(),
            elevations: BTreeMap::new(),
            second_factor_for: [].into(),
            sessions_since: now,
            policy_version: 1,
            invitation: None,
        };
        let state = if n % 4 == 3 { UserState::Disabled } else { UserState::Active };
        let uid = Uid::new(format!("person-{n}"));
        tx.create(&uid, &person("person", state), "test.put", because).await?;
        // Whose roles are assigned is left alone otherwise, so that the version fits.
        let uid = Uid::new(format!("assigned-{n}"));
        tx.create(&uid, &person("assigned", UserState::Active), "test.put", because).await?;
        let uid = Uid::new(format!("invited-{n}"));
        tx.create(&uid, &person("invited", UserState::Invited), "test.put", because).await?;
        // Closing a review takes roles away: they ask about nobody who calls.
        let items = (0..REVIEWED).flat_map(|n| {
            Role::ALL.map(|role| {
                let person = Uid::new(format!("person-{n}"));
                let key = AccessReview::key(&person, role);
                (key, ReviewItem { person, role, verdict: None, answered_by: None, outcome: None })
            })
        });
        let review = AccessReview {
            title: "2026 Q4".into(),
            state: ReviewState::Open,
            started_by: Uid::new("boss"),
            started_at: now,
            due_at: now.plus(SignedDuration::from_hours(24)),
            items: items.collect(),
        };
        tx.create(&ReviewId::new(format!("review-{n}")), &review, "test.put", because).await?;
    }
    Ok(())
}

async fn elevations(tx: &Transaction, now: Timestamp, caller: &str) -> Result<(), StoreError> {
    for n in 0..CHANGEABLE {
        let elevation = |person: &str, state| Grant {
            person: Uid::new(person),
            role: Role::Admin,
            minutes: 15,
            reason: "somebody is ill".into(),
            state,
            requested_at: now,
            decided_by: (state == GrantState::Active).then(|| Uid::new("boss")),
            started_at: (state == GrantState::Active).then_some(now),
            expires_at: (state == GrantState::Active)
                .then(|| now.plus(SignedDuration::from_mins(15))),
            extended: false,
            break_glass: false,
        };
        let other = format!("person-{n}");
        for (name, grant) in [
            ("asked", elevation(&other, GrantState::Requested)),
            ("own", elevation(caller, GrantState::Requested)),
            ("active", elevation(&other, GrantState::Active)),
        ] {
            let id = GrantId::new(format!("{name}-{n}"));
            tx.create(&id, &grant, "test.put", "the fuzzer looks at it").await?;
        }
    }
    Ok(())
}

/// Invites people as an owner does, and returns the secrets of their links.
async fn invite(mesh: &Mesh, boss: &str) -> Vec<String> {
    let url = format!("{}/api/v1/people", mesh.function("firebase-proxy").url());
    let mut secrets = Vec::new();
    for n in 0..INVITATIONS {
        let asked = json!({
            "email": format!("nora-{n}@meridian.example"), "display_name": "Nora", "roles": ["viewer"],
        });
        let answer = mesh.http.post(&url).bearer_auth(boss).json(&asked).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let invited: Value = answer.json().await.unwrap();
        secrets.push(invited["secret"].as_str().expect("a secret").to_owned());
    }
    secrets
}
