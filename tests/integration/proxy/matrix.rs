//! Each role does what the matrix says, and is refused the rest.

use model::{Permission, Role};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, json};

/// What asks for a permission: a request that is refused with 403 without it, and
/// with it with anything but 401 and 403.
fn requests() -> Vec<(Permission, Method, &'static str, Option<Value>)> {
    let because = || Some(json!({"reason": "the matrix says so"}));
    let get = |permission, path| (permission, Method::GET, path, None);
    let post = |permission, path, body| (permission, Method::POST, path, body);
    use Permission as P;
    vec![
        get(P::ServicesRead, "/services"),
        get(P::ServicesRead, "/services/none"),
        get(P::ChecksRead, "/checks"),
        get(P::ChecksRead, "/checks/none/results"),
        post(
            P::ChecksWrite,
            "/checks",
            Some(json!({"check": "m", "spec": {"name": "M",
                "probe": {"kind": "tcp", "host": "shop.example", "port": 443}}})),
        ),
        post(P::HeartbeatsSend, "/heartbeats/none", None),
        get(P::IncidentsRead, "/incident-statistics"),
        get(P::IncidentsRead, "/incidents/none/post-mortem"),
        post(
            P::IncidentsAssign,
            "/incidents/none/assign",
            Some(json!({"to": "m-operator", "reason": "the matrix"})),
        ),
        post(P::IncidentsComment, "/incidents/none/comment", Some(json!({"text": "a word"}))),
        post(P::IncidentsComment, "/incidents/none/link", because()),
        post(P::IncidentsEscalate, "/incidents/none/escalate", because()),
        get(P::IncidentsRead, "/incidents"),
        get(P::IncidentsRead, "/incidents/none"),
        post(P::IncidentsAcknowledge, "/incidents/none/acknowledge", because()),
        post(P::IncidentsResolve, "/incidents/none/resolve", because()),
        get(P::ControlsRead, "/controls"),
        get(P::OverridesRead, "/overrides"),
        post(
            P::OverridesRequest,
            "/overrides",
            Some(
                json!({"control": "sales", "effect": {"kind": "read_only"}, "reason": "the matrix"}),
            ),
        ),
        post(
            P::OverridesApprove,
            "/overrides/none/approve",
            Some(json!({"hash": "0".repeat(64), "reason": "the matrix says so"})),
        ),
        post(P::OverridesApprove, "/overrides/none/reject", because()),
        post(P::OverridesApprove, "/overrides/none/confirm", because()),
        post(P::OverridesRequest, "/overrides/none/withdraw", because()),
        post(P::OverridesLift, "/overrides/none/lift", because()),
        post(P::OverridesReview, "/overrides/none/review", because()),
        post(
            P::OverridesBreakGlass,
            "/overrides/break-glass",
            Some(
                json!({"control": "dns", "effect": {"kind": "read_only"}, "reason": "the matrix"}),
            ),
        ),
        get(P::AssetsRead, "/assets"),
        get(P::AuditsRead, "/audits"),
        get(P::AuditsRead, "/audits/none"),
        post(P::AuditsRun, "/audits", because()),
        get(P::FindingsRead, "/findings"),
        get(P::JournalRead, "/journal"),
        get(P::LogRead, "/log/checkpoint"),
        get(P::LogRead, "/log/checkpoint?witnessed=true"),
        get(P::LogRead, "/log/policy"),
        get(P::LogRead, "/log/tiles?path=tile/0/000"),
        get(P::LogRead, "/log/entries/0"),
        get(P::LogRead, "/log/consistency?from=0"),
        get(P::LogRead, "/log/checks"),
        get(P::LogRead, "/log/records/none/proof"),
        get(P::LogVerify, "/log/records/none/verify"),
        post(
            P::LogShred,
            "/log/shred-requests",
            Some(json!({"person": "nobody", "reason": "the matrix says so"})),
        ),
        get(P::LogRead, "/log/shred-requests"),
        get(P::LogRead, "/log/shred-requests/none"),
        get(P::EventsRead, "/events"),
        get(P::DeadLettersRead, "/dead-letters"),
        get(P::DeadLettersRead, "/dead-letters/none"),
        get(P::DirectoryRead, "/people"),
        post(
            P::PeopleInvite,
            "/people",
            Some(json!({"email": "nina@x.example", "display_name": "Nina", "roles": ["viewer"]})),
        ),
        post(P::PeopleDisable, "/people/none/disable", because()),
        post(P::PeopleDisable, "/people/none/enable", because()),
        post(P::PeopleRevoke, "/people/none/sessions/revoke", because()),
        post(P::GrantsApprove, "/grants/none/approve", because()),
        post(P::GrantsApprove, "/grants/none/reject", because()),
        get(P::ReviewsRead, "/access-reviews"),
        get(P::AccessExplain, "/access/who-can?permission=audits.run"),
        get(P::AccessExplain, "/access/what-can?person=vera"),
        get(P::AccessSuggest, "/access/suggestions"),
        post(
            P::AccessSimulate,
            "/access/what-if",
            Some(json!({"changes": [{"person": "vera", "role": "auditor", "change": "give"}]})),
        ),
    ]
}

#[tokio::test]
async fn each_role_does_what_the_matrix_says_and_no_more() {
    let desk = Desk::open("matrix", &["iam-control"]).await;
    let mut checked = 0;
    for role in Role::ALL {
        let uid = format!("m-{role}");
        let token = desk.person(&uid, role).await;
        for (permission, method, path, body) in requests() {
            let mut request = desk.request(method, path, &token).header("if-match", "\"1\"");
            if let Some(body) = body {
                request = request.json(&body);
            }
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let allowed = role.holds(permission);
            let words = format!("{role} asks {path} ({permission}): {status}");
            if allowed {
                assert!(![401, 403].contains(&status) && status < 500, "{words}");
            } else {
                assert_eq!(status, 403, "{words}");
                let detail = json(answer).await["detail"].to_string();
                assert!(detail.contains(permission.name()), "{words}: {detail}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, Role::ALL.len() * requests().len());
}

#[tokio::test]
async fn everybody_learns_who_they_are() {
    let desk = Desk::open("me", &[]).await;
    for role in Role::ALL {
        let uid = format!("me-{role}");
        let token = desk.person(&uid, role).await;
        let me = json(desk.get("/me", &token).await).await;
        assert_eq!((&me["uid"], &me["roles"]), (&json!(uid), &json!([role])));
        let held: Vec<_> = Permission::ALL.iter().filter(|p| role.holds(**p)).collect();
        assert_eq!(me["permissions"], json!(held));
    }
    let stranger = testkit::token::person(&desk.mesh.project, "nobody-knows-me");
    let refused = desk.get("/me", &stranger).await;
    assert_eq!(refused.status(), 403);
    let nobody = format!("{}/api/v1/me", desk.mesh.function("firebase-proxy").url());
    assert_eq!(desk.mesh.http.get(nobody).send().await.unwrap().status(), 401);
}
