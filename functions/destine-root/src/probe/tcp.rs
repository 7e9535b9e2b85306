//! A TCP port accepts connections.

use model::check::TcpProbe;

use super::{Answer, Reach};

pub(super) async fn ask(reach: &Reach, tcp: &TcpProbe) -> Answer {
    match reach.connect(&tcp.host, tcp.port).await {
        Ok(_) => Answer::good("accepts connections"),
        Err(error) => Answer::bad(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::check::Verdict;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_port_that_listens_is_good_and_one_that_does_not_is_bad() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let local = Reach::new(Arc::new("127.0.0.0/8,::1/128".parse().expect("ranges")));
        let probe = |host: &str| TcpProbe { host: host.into(), port };
        assert_eq!(ask(&local, &probe("127.0.0.1")).await.verdict, Some(Verdict::Good));
        let nowhere = Reach::new(Arc::default());
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let refused = ask(&nowhere, &probe(host)).await;
            assert_eq!(refused.verdict, Some(Verdict::Bad));
            assert!(refused.detail.contains("checks may not go to"), "{}", refused.detail);
        }
        drop(listener);
        let closed = ask(&local, &probe("127.0.0.1")).await;
        assert_eq!((closed.verdict, closed.detail.as_str()), (Some(Verdict::Bad), "no connection"));
    }
}
