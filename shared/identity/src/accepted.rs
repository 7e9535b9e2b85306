//! What genuine tokens say, and what is made of it.

use model::Uid;
use serde_json::{Value, json};

use crate::{
    Identity, IdentityError, KeySource, Refusal, Settings, SignIn,
    testing::{
        INVOKER, KNOWN, NOW, at, bearer, header, issue, key_set, now, person_claims, rsa,
        service_claims, settings, sign, unsigned, with, without,
    },
};

fn identity(settings: Settings) -> Identity {
    let keys = || KeySource::Fixed(key_set(KNOWN, "known"));
    Identity::with_keys(settings, keys(), keys())
}

async fn person(claims: &Value) -> SignIn {
    let token = bearer(&issue(claims));
    identity(settings()).verify_person(Some(&token), now()).await.expect("genuine")
}

fn demo() -> Settings {
    Settings { project: "demo-mesh".into(), auth_emulator: true, ..settings() }
}

/// What the Auth emulator says of a person.
fn emulated() -> Value {
    let of_demo = json!({"iss": "https://securetoken.google.com/demo-mesh", "aud": "demo-mesh"});
    with(&with(&person_claims(), of_demo), json!({"email_verified": false}))
}

#[tokio::test]
async fn a_person_is_who_the_token_says() {
    assert_eq!(
        person(&person_claims()).await,
        SignIn {
            uid: Uid::new("ada"),
            email: Some("ada@example.com".into()),
            authenticated_at: at(NOW - 600),
            second_factor: false,
            expires_at: at(NOW + 3540),
        }
    );
    let longest = "\u{e9}".repeat(128);
    assert_eq!(
        person(&with(&person_claims(), json!({"sub": longest}))).await.uid.as_str(),
        longest
    );
}

#[tokio::test]
async fn an_address_counts_only_if_it_was_verified() {
    for claims in [
        with(&person_claims(), json!({"email_verified": false})),
        without(&person_claims(), "email_verified"),
        without(&person_claims(), "email"),
    ] {
        assert_eq!(person(&claims).await.email, None, "{claims}");
    }
}

#[tokio::test]
async fn a_second_factor_is_seen() {
    let factor = json!({"sign_in_second_factor": "totp", "second_factor_identifier": "1"});
    for (firebase, shown) in [(factor, true), (json!({"identities": {}}), false)] {
        let claims = with(&person_claims(), json!({ "firebase": firebase }));
        assert_eq!(person(&claims).await.second_factor, shown);
    }
    assert!(!person(&without(&person_claims(), "firebase")).await.second_factor);
}

#[tokio::test]
async fn a_token_lives_to_the_last_second_of_the_leeway_also_when_remembered() {
    let identity = identity(settings());
    let service = bearer(&issue(&service_claims()));
    let someone = bearer(&issue(&person_claims()));
    let end = NOW + 3540;
    for (second, alive) in [(NOW, true), (end + 29, true), (end + 30, false), (NOW, true)] {
        let now = at(second);
        let verified = identity.verify_delivery(Some(&service), now).await;
        assert_eq!(verified.is_ok(), alive, "{second}");
        assert_eq!(identity.verify_person(Some(&someone), now).await.is_ok(), alive, "{second}");
    }
    let early = identity.verify_delivery(Some(&service), at(NOW - 60 - 31)).await;
    assert!(matches!(early, Err(IdentityError::Refused(Refusal::Future))));
    assert!(identity.verify_delivery(Some(&service), at(NOW - 60 - 30)).await.is_ok());
}

#[tokio::test]
async fn what_does_not_matter_is_not_asked_for() {
    let identity = identity(settings());
    let plain = without(&header(), "typ");
    for header in [plain, with(&header(), json!({"typ": "jwt", "x": {"y": [1]}}))] {
        let claims = with(&service_claims(), json!({"nbf": NOW + 30, "google": {"x": [1]}}));
        let algorithm = jsonwebtoken::Algorithm::RS256;
        let token = sign(&header.to_string(), &claims.to_string(), &rsa(KNOWN), algorithm);
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let value = format!("{scheme} {token}");
            let service = identity.verify_delivery(Some(&value), now()).await.expect("genuine");
            assert_eq!(service.account, INVOKER);
        }
    }
}

#[tokio::test]
async fn the_auth_emulator_is_believed_without_a_signature() {
    let token = bearer(&unsigned("none", &emulated()));
    let person = identity(demo()).verify_person(Some(&token), now()).await.expect("emulated");
    assert_eq!(person.email.as_deref(), Some("ada@example.com"), "verified or not");
}

#[tokio::test]
async fn the_auth_emulator_opens_no_other_door() {
    let identity = identity(demo());
    let good = emulated();
    let claims = |changes: Value| unsigned("none", &with(&good, changes));
    use Refusal::{Algorithm, Audience, Expired, Future, Issuer, Subject};
    let cases = [
        ("a signed token", issue(&good), Algorithm),
        ("a token that says more", format!("{}AAAA", unsigned("none", &good)), Algorithm),
        ("None", unsigned("None", &good), Algorithm),
        ("NONE", unsigned("NONE", &good), Algorithm),
        ("RS256 and no signature", unsigned("RS256", &good), Algorithm),
        ("HS256 and no signature", unsigned("HS256", &good), Algorithm),
        ("a real project", unsigned("none", &person_claims()), Issuer),
        ("another audience", claims(json!({"aud": "demo-other"})), Audience),
        ("expired", claims(json!({"exp": NOW - 30})), Expired),
        ("from the future", claims(json!({"iat": NOW + 31})), Future),
        ("to sign in tomorrow", claims(json!({"auth_time": NOW + 31})), Future),
        ("nobody", claims(json!({"sub": ""})), Subject),
    ];
    for (name, token, refusal) in cases {
        let error = identity.verify_person(Some(&bearer(&token)), now()).await.expect_err(name);
        assert!(
            matches!(error, IdentityError::Refused(found) if found == refusal),
            "{name}: {error}"
        );
    }
    // Services are never unsigned, emulator or not.
    let token = bearer(&unsigned("none", &service_claims()));
    let error = identity.verify_delivery(Some(&token), now()).await.expect_err("unsigned");
    assert!(matches!(error, IdentityError::Refused(Algorithm)), "{error}");
}

#[tokio::test]
async fn a_local_issuer_is_the_only_one() {
    let issuer = "http://127.0.0.1:9";
    let local = Settings { issuer: Some(issuer.into()), auth_emulator: false, ..demo() };
    let identity = identity(local);
    let of = |iss: &str| bearer(&issue(&with(&service_claims(), json!({ "iss": iss }))));
    assert!(identity.verify_delivery(Some(&of(issuer)), now()).await.is_ok());
    for other in ["https://accounts.google.com", "accounts.google.com", "http://127.0.0.1:9/"] {
        let error = identity.verify_delivery(Some(&of(other)), now()).await.expect_err(other);
        assert!(matches!(error, IdentityError::Refused(Refusal::Issuer)), "{other}: {error}");
    }
}

#[test]
fn what_is_local_is_never_believed_in_a_real_project() {
    for (issuer, auth_emulator) in [(Some("http://127.0.0.1:9".into()), false), (None, true)] {
        let settings = Settings { issuer, auth_emulator, ..settings() };
        assert!(std::panic::catch_unwind(|| Identity::new(settings)).is_err());
    }
}
