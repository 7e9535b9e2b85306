//! Whoever is not the transport gets 401 or 403, and nothing happens.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use model::{delivery::Delivery, finding::Finding, journal::JournalRecord};
use serde_json::{Value, json};
use testkit::{Mesh, event, token};

/// A key that the issuer does not know.
const OTHER_KEY: &str = include_str!("../../shared/identity/src/fixtures/test-key-stranger.pem");

fn asset_event() -> event::Delivery {
    let asset: model::asset::Asset = serde_json::from_value(json!({
        "name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket",
        "resource": {"data": {"name": "b"}},
    }))
    .unwrap();
    event::written(&asset.id(), Some(&asset), "e1")
}

fn changed(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

#[tokio::test]
async fn nobody_but_the_transport_may_deliver() {
    let mesh = Mesh::start("callers", &["audit-engine"]).await;
    let good = mesh.delivery_token("audit-engine");
    let (header, claims) = (token::header(&good), token::claims(&good));
    let issuer = mesh.bridge.issuer();
    let now = jiff::Timestamp::now();
    let audience = function::manifest::Manifest::audience("audit-engine");
    let issued =
        |account: &str, audience: &str| issuer.identity_token(account, audience, now).unwrap();
    let stranger = format!("audit-engine@{}.iam.gserviceaccount.com", mesh.project);
    let invoker = claims["email"].as_str().unwrap();
    let other_key = EncodingKey::from_rsa_pem(OTHER_KEY.as_bytes()).unwrap();
    let with_kid = |algorithm| Header {
        kid: header["kid"].as_str().map(str::to_owned),
        ..Header::new(algorithm)
    };
    let signed = |header: &Header, key: &EncodingKey, claims: &Value| {
        jsonwebtoken::encode(header, claims, key).unwrap()
    };
    // The secret of an HS256 token is what everybody can read: the public key set.
    let public_keys = issuer.key_set().to_string();
    let public_key = EncodingKey::from_secret(public_keys.as_bytes());
    let parts: Vec<_> = good.split('.').collect();
    let second = now.as_second();

    let cases: Vec<(&str, u16, Option<String>)> = vec![
        ("no token", 401, None),
        ("no scheme", 401, Some(good.clone())),
        ("another scheme", 401, Some(format!("Basic {good}"))),
        ("two tokens", 401, Some(format!("Bearer {good} {good}"))),
        ("an empty token", 401, Some("Bearer ".into())),
        ("rubbish", 401, Some("Bearer a.b.c".into())),
        ("nobody signed it", 401, Some(format!("Bearer {}", token::unsigned(&claims)))),
        ("the signature is gone", 401, Some(format!("Bearer {}.{}.", parts[0], parts[1]))),
        (
            "the claims are others",
            401,
            Some(format!(
                "Bearer {}.{}.{}",
                parts[0],
                token::unsigned(&changed(&claims, "exp", json!(second + 9999)))
                    .split('.')
                    .nth(1)
                    .unwrap(),
                parts[2]
            )),
        ),
        (
            "another key signed it",
            401,
            Some(format!("Bearer {}", signed(&with_kid(Algorithm::RS256), &other_key, &claims))),
        ),
        (
            "another key without a name",
            401,
            Some(format!("Bearer {}", signed(&Header::new(Algorithm::RS256), &other_key, &claims))),
        ),
        (
            "HS256 with the public key",
            401,
            Some(format!("Bearer {}", signed(&with_kid(Algorithm::HS256), &public_key, &claims))),
        ),
        (
            "another audience",
            401,
            Some(format!("Bearer {}", issued(invoker, "https://destine-root.mesh.internal"))),
        ),
        ("another account", 403, Some(format!("Bearer {}", issued(&stranger, &audience)))),
        (
            "an hour and a minute old",
            401,
            Some(format!(
                "Bearer {}",
                issuer
                    .identity_token(invoker, &audience, now - jiff::SignedDuration::from_mins(61))
                    .unwrap()
            )),
        ),
        ("a person", 401, Some(format!("Bearer {}", token::person(&mesh.project, "olivia")))),
    ];
    for (what, status, authorization) in cases {
        let answer = mesh
            .deliver_as("audit-engine", "estate-changed", &asset_event(), authorization.as_deref())
            .await;
        assert_eq!(answer.status(), status, "{what}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["status"], status, "{what}");
    }
    assert!(mesh.all::<Finding>().await.is_empty());
    assert!(mesh.all::<JournalRecord>().await.is_empty());
    assert!(mesh.all::<Delivery>().await.is_empty());

    let good = format!("Bearer {good}");
    let answer =
        mesh.deliver_as("audit-engine", "estate-changed", &asset_event(), Some(&good)).await;
    assert_eq!(answer.status(), 204, "the good one is accepted");
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let mesh = Mesh::start("two-headers", &["audit-engine"]).await;
    let good = format!("Bearer {}", mesh.delivery_token("audit-engine"));
    let url = format!("{}/events/estate-changed", mesh.function("audit-engine").url());
    let request = mesh.http.post(url).header("authorization", "Bearer x");
    let answer = request.header("authorization", good).send().await.unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn the_metadata_server_gives_each_function_its_own_identity() {
    let mesh = Mesh::start("metadata", &["audit-engine", "destine-root"]).await;
    for function in ["audit-engine", "destine-root"] {
        let host = mesh.bridge.metadata_address(function).unwrap();
        let base = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default");
        let ask = |url: String| mesh.http.get(url).header("metadata-flavor", "Google").send();
        let email = ask(format!("{base}/email")).await.unwrap().text().await.unwrap();
        let account = format!("{function}@{}.iam.gserviceaccount.com", mesh.project);
        assert_eq!(email, account);
        let identity = ask(format!("{base}/identity?audience=https://a.example")).await.unwrap();
        let claims = token::claims(&identity.text().await.unwrap());
        assert_eq!(
            (&claims["email"], &claims["aud"]),
            (&json!(account), &json!("https://a.example"))
        );
        let plain = mesh.http.get(format!("{base}/email")).send().await.unwrap();
        assert_eq!(plain.status(), 403, "without the flavour");
    }
}
