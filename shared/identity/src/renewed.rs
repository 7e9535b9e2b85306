//! How keys are fetched, renewed and outlive their issuer.

use problem::{Code, Coded};
use serde_json::Value;

use crate::{
    Identity, IdentityError, KeySource, Service,
    testing::{
        KNOWN, STRANGER, Server, bearer, issue, issue_as, key_set, now, pass, service_claims,
        settings,
    },
};

fn identity(server: &Server) -> Identity {
    let keys = || KeySource::Url(server.url.clone());
    Identity::with_keys(settings(), keys(), keys())
}

async fn verify(identity: &Identity, token: &str) -> Result<Service, IdentityError> {
    identity.verify_delivery(Some(&bearer(token)), now()).await
}

fn code(result: Result<Service, IdentityError>) -> Option<Code> {
    result.err().map(|error| error.code())
}

fn claims() -> Value {
    service_claims()
}

#[tokio::test]
async fn keys_are_fetched_once_when_many_need_them_and_not_before() {
    let server = Server::start(&key_set(KNOWN, "known")).await;
    let identity = identity(&server);
    assert_eq!(server.requests(), 0);
    let token = issue(&claims());
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (identity, token) = (identity.clone(), token.clone());
            tokio::spawn(async move { verify(&identity, &token).await })
        })
        .collect();
    for call in calls {
        call.await.expect("does not panic").expect("genuine");
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn what_is_refused_anyway_fetches_nothing() {
    let server = Server::start(&key_set(KNOWN, "known")).await;
    let identity = identity(&server);
    let mut foreign = claims();
    foreign["aud"] = "https://other.example".into();
    for token in [issue(&foreign), "a.b.c".into(), crate::testing::unsigned("none", &claims())] {
        assert_eq!(code(verify(&identity, &token).await), Some(Code::Unauthenticated));
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_storm_of_invented_key_ids_causes_one_fetch_in_thirty_seconds() {
    let server = Server::start(&key_set(KNOWN, "known")).await;
    let identity = identity(&server);
    verify(&identity, &issue(&claims())).await.expect("genuine");
    let storm = || async {
        let calls: Vec<_> = (0..100)
            .map(|number| {
                let (identity, token) =
                    (identity.clone(), issue_as(&claims(), &number.to_string()));
                tokio::spawn(async move { verify(&identity, &token).await })
            })
            .collect();
        for call in calls {
            let refused = call.await.expect("does not panic");
            assert_eq!(code(refused), Some(Code::Unauthenticated));
        }
    };
    storm().await;
    assert_eq!(server.requests(), 1, "the first fetch was just now");
    pass(15).await;
    storm().await;
    assert_eq!(server.requests(), 1);
    pass(15).await;
    storm().await;
    storm().await;
    assert_eq!(server.requests(), 2);
    verify(&identity, &issue(&claims())).await.expect("still genuine");
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_forgotten() {
    let server = Server::start(&key_set(KNOWN, "old")).await;
    let identity = identity(&server);
    let (old, new) = (issue_as(&claims(), "old"), issue_as(&claims(), "new"));
    verify(&identity, &old).await.expect("genuine");
    server.publish(&key_set(KNOWN, "new"));
    pass(31).await;
    verify(&identity, &old).await.expect("remembered, and the keys are fresh");
    verify(&identity, &new).await.expect("fetched for this");
    assert_eq!(code(verify(&identity, &old).await), Some(Code::Unauthenticated));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_key_that_changed_under_its_id_forgets_what_it_verified() {
    let server = Server::start(&key_set(KNOWN, "known")).await;
    let identity = identity(&server);
    let token = issue(&claims());
    verify(&identity, &token).await.expect("genuine");
    server.publish(&key_set(STRANGER, "known"));
    pass(600).await;
    assert_eq!(code(verify(&identity, &token).await), Some(Code::Unauthenticated));
}

#[tokio::test]
async fn keys_are_renewed_when_their_time_is_over() {
    let server = Server::start(&key_set(KNOWN, "known")).await;
    let identity = identity(&server);
    for (seconds, requests) in [(0, 1), (580, 1), (20, 2), (580, 2), (20, 3)] {
        pass(seconds).await;
        verify(&identity, &issue(&claims())).await.expect("genuine");
        assert_eq!(server.requests(), requests);
    }
}

#[tokio::test]
async fn old_keys_serve_for_a_day_when_the_issuer_fails() {
    let server = Server::start(&key_set(KNOWN, "known")).await;
    let identity = identity(&server);
    let token = issue(&claims());
    verify(&identity, &token).await.expect("genuine");
    let failures = [
        (500, String::new()),
        (200, "<html>".to_owned()),
        (200, r#"{"keys":[]}"#.to_owned()),
        (200, format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(256 * 1024))),
        (302, String::new()),
    ];
    for (status, body) in failures {
        server.answer(status, body);
        pass(600).await;
        let before = server.requests();
        for _ in 0..10 {
            verify(&identity, &token).await.expect("the old keys serve");
        }
        assert_eq!(server.requests(), before + 1, "asked once, then left alone");
        let unknown = verify(&identity, &issue_as(&claims(), "new")).await;
        assert_eq!(code(unknown), Some(Code::Unavailable), "it may be a new key");
    }
    pass(24 * 60 * 60 - 5 * 600).await;
    let error = verify(&identity, &token).await.expect_err("a day is over");
    assert_eq!(error.code(), Code::Unavailable);
    assert_eq!(error.to_string(), format!("cannot fetch the keys at `{}`", server.url));
    server.publish(&key_set(KNOWN, "known"));
    pass(30).await;
    verify(&identity, &token).await.expect("the issuer is back");
}

#[tokio::test]
async fn without_any_keys_nobody_is_served_and_the_issuer_is_asked_once_a_second() {
    let server = Server::start(&key_set(KNOWN, "known")).await;
    server.answer(503, String::new());
    let identity = identity(&server);
    let token = issue(&claims());
    for _ in 0..5 {
        assert_eq!(code(verify(&identity, &token).await), Some(Code::Unavailable));
    }
    assert!(server.requests() <= 2, "{} requests in an instant", server.requests());
    server.publish(&key_set(KNOWN, "known"));
    pass(1).await;
    verify(&identity, &token).await.expect("the issuer is back");
}

#[tokio::test]
async fn an_issuer_that_is_not_there_is_unavailable() {
    let source = || KeySource::Url("http://127.0.0.1:1/".into());
    let identity = Identity::with_keys(settings(), source(), source());
    assert_eq!(code(verify(&identity, &issue(&claims())).await), Some(Code::Unavailable));
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_stop_the_others() {
    let server = Server::start(&key_set(KNOWN, "known")).await;
    let identity = identity(&server);
    let token = issue(&claims());
    for _ in 0..3 {
        let (identity, token) = (identity.clone(), token.clone());
        let call = tokio::spawn(async move { verify(&identity, &token).await });
        tokio::task::yield_now().await;
        call.abort();
    }
    verify(&identity, &token).await.expect("genuine");
}
