use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{super::certified::certified, *};

fn probe(port: u16) -> TlsProbe {
    TlsProbe { host: "localhost".into(), port, degraded_days: vec![30, 14], bad_days: 7 }
}

fn end() -> Timestamp {
    "2040-03-09T00:00:00Z".parse().expect("valid")
}

fn before_end(days: i64) -> Timestamp {
    end().plus(SignedDuration::from_hours(-24 * days))
}

#[test]
fn days_that_are_left_decide() {
    let shown = Shown { expires_at: Some(end()), invalid: None };
    for (days, verdict, bound) in [
        (31, Verdict::Good, None),
        (30, Verdict::Good, None),
        (29, Verdict::Slow, Some("fewer than 30")),
        (14, Verdict::Slow, Some("fewer than 30")),
        (13, Verdict::Slow, Some("fewer than 14")),
        (7, Verdict::Slow, Some("fewer than 14")),
        (6, Verdict::Bad, Some("fewer than 7")),
        (0, Verdict::Bad, Some("expired")),
        (-1, Verdict::Bad, Some("expired")),
    ] {
        let answer = judge(&probe(443), &shown, before_end(days));
        assert_eq!(answer.verdict, Some(verdict), "{days}: {answer:?}");
        assert!(bound.is_none_or(|bound| answer.detail.contains(bound)), "{days}: {answer:?}");
    }
    let odd = Shown { invalid: Some("unknown issuer".into()), ..shown };
    let answer = judge(&probe(443), &odd, before_end(100));
    assert_eq!(answer.verdict, Some(Verdict::Bad));
    assert!(answer.detail.contains("unknown issuer") && answer.detail.contains("100 days"));
}

/// Serves TLS with a certificate for a name; returns the port and whom to trust.
async fn serve(name: &str) -> (u16, RootCertStore) {
    let (config, roots) = certified(name);
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    (port, roots)
}

fn prober(roots: RootCertStore) -> TlsProber {
    let reach = Reach::new(Arc::new("127.0.0.0/8,::1/128".parse().expect("ranges")));
    TlsProber::new(reach, Arc::new(roots)).expect("a prober")
}

#[tokio::test]
async fn a_chain_is_judged_and_a_date_is_read_whatever_the_chain_is() {
    let (port, roots) = serve("localhost").await;
    let trusted = prober(roots.clone()).ask(&probe(port), before_end(100)).await;
    assert_eq!(trusted.verdict, Some(Verdict::Good), "{trusted:?}");
    assert!(trusted.detail.contains("100 days"), "{trusted:?}");
    let unknown = prober(RootCertStore::empty()).ask(&probe(port), before_end(100)).await;
    assert_eq!(unknown.verdict, Some(Verdict::Bad));
    assert!(unknown.detail.contains("not valid") && unknown.detail.contains("100 days"));
    // The certificate of another name, from an authority that is trusted.
    let (port, roots) = serve("shop.example").await;
    let another = prober(roots).ask(&probe(port), before_end(100)).await;
    assert!(another.detail.contains("not valid"), "{another:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_bad() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let answer = prober(RootCertStore::empty()).ask(&probe(port), end()).await;
    assert_eq!(answer.detail, "no TLS handshake");
}
