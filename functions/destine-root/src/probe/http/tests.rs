use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::get,
};
use model::check::{HeaderMatch, Verdict};
use tokio::net::TcpListener;

use super::*;

/// Serves what a check may meet, and returns its address.
async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let inside = "http://169.254.169.254/computeMetadata/v1/";
    let router = Router::new()
        .route("/well", get(|| async { ([("x-build", "7f3a")], "all is well") }))
        .route("/ill", get(|| async { StatusCode::BAD_GATEWAY }))
        .route("/large", get(|| async { format!("{}end", "x".repeat(BODY_BYTES_MAX)) }))
        .route("/once", get(|| async { Redirect::temporary("/well") }))
        .route("/twice", get(|| async { Redirect::temporary("/once") }))
        .route("/for-ever", get(|| async { Redirect::temporary("/for-ever") }))
        .route("/inside", get(move || async move { Redirect::temporary(inside) }))
        .route(
            "/by-name",
            get(|| async {
                Redirect::temporary("http://metadata.google.internal/").into_response()
            }),
        )
        .route("/file", get(|| async { Redirect::temporary("file:///etc/passwd") }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn prober(ranges: &str) -> HttpProber {
    let reach = Reach::new(Arc::new(ranges.parse().expect("ranges")));
    HttpProber::new(reach, &RootCertStore::empty()).expect("a client")
}

#[tokio::test]
async fn an_answer_is_judged_by_status_header_and_body() {
    let (address, prober) = (serve().await, prober("127.0.0.0/8"));
    let header = |contains: &str| HttpProbe {
        header: Some(HeaderMatch { name: "X-Build".into(), contains: contains.into() }),
        ..HttpProbe::default()
    };
    let body = |text: &str| HttpProbe { body_contains: Some(text.into()), ..HttpProbe::default() };
    let statuses =
        |statuses: &[u16]| HttpProbe { statuses: statuses.into(), ..HttpProbe::default() };
    let redirects = |redirects_max| HttpProbe { redirects_max, ..HttpProbe::default() };
    for (path, probe, good, detail) in [
        ("/well", HttpProbe::default(), true, "answered 200 OK"),
        ("/ill", HttpProbe::default(), false, "answered 502 Bad Gateway"),
        ("/ill", statuses(&[502]), true, "answered 502 Bad Gateway"),
        ("/well", statuses(&[204]), false, "answered 200 OK"),
        ("/well", header("7f"), true, "answered 200 OK"),
        ("/well", header("8f"), false, "without the header `X-Build`"),
        ("/well", body("is well"), true, "answered 200 OK"),
        ("/well", body("is ill"), false, "the body does not hold"),
        ("/large", body("xend"), false, "the body does not hold"),
        ("/once", redirects(0), false, "answered 307"),
        ("/once", redirects(1), true, "answered 200 OK"),
        ("/twice", redirects(1), false, "redirects more than 1 times"),
        ("/twice", redirects(2), true, "answered 200 OK"),
        ("/for-ever", redirects(5), false, "redirects more than 5 times"),
        ("/inside", redirects(5), false, "checks may not go to 169.254.169.254"),
        ("/by-name", redirects(5), false, "metadata server"),
        ("/file", redirects(5), false, "not an HTTP address"),
    ] {
        let answer = prober.ask(&probe, &format!("{address}{path}")).await;
        assert_eq!(answer.verdict == Some(Verdict::Good), good, "{path}: {answer:?}");
        assert!(answer.detail.contains(detail), "{path}: {answer:?}");
    }
    let head = HttpProbe { method: HttpMethod::Head, ..HttpProbe::default() };
    assert_eq!(prober.ask(&head, &format!("{address}/well")).await.verdict, Some(Verdict::Good));
}

#[tokio::test]
async fn a_check_does_not_reach_inside_by_name_or_by_figures() {
    let address = serve().await;
    let port = Url::parse(&address).expect("an address").port().expect("a port");
    let prober = prober("none");
    for url in [
        format!("{address}/well"),
        format!("http://localhost:{port}/well"),
        format!("http://[::1]:{port}/well"),
        format!("http://[::ffff:127.0.0.1]:{port}/well"),
        // Other ways to write 127.0.0.1.
        format!("http://2130706433:{port}/well"),
        format!("http://0x7f.1:{port}/well"),
        format!("http://0177.0.0.1:{port}/well"),
        "http://169.254.169.254/".to_owned(),
        "http://metadata.google.internal/computeMetadata/v1/".to_owned(),
    ] {
        let answer = prober.ask(&HttpProbe::default(), &url).await;
        assert_eq!(answer.verdict, Some(Verdict::Bad), "{url}");
        assert!(answer.detail.contains("checks may not go to"), "{url}: {answer:?}");
    }
}

#[tokio::test]
async fn a_secret_in_an_address_stays_there() {
    let prober = prober("127.0.0.0/8");
    for url in ["http://user:canary@127.0.0.1:1/", "http://127.0.0.1:1/?key=canary", "canary"] {
        let answer = prober.ask(&HttpProbe::default(), url).await;
        assert!(!answer.detail.contains("canary"), "{answer:?}");
    }
}
