//! A gRPC server says that it serves.
//!
//! One call of one message, so the HTTP client is enough: a message is its length behind
//! a byte that says "not compressed".
//! Sources: <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>,
//! <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.

use model::check::GrpcProbe;
use prost::Message;
use reqwest::{Url, header};

use super::{Answer, HttpProber, http};

const METHOD: &str = "/grpc.health.v1.Health/Check";
/// The answer is one small number.
const ANSWER_BYTES_MAX: usize = 1024;
const SERVING: i32 = 1;

/// `grpc.health.v1.HealthCheckRequest`.
#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(string, tag = "1")]
    service: String,
}

/// `grpc.health.v1.HealthCheckResponse`.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    status: i32,
}

impl HttpProber {
    pub(super) async fn ask_grpc(&self, probe: &GrpcProbe) -> Answer {
        let scheme = if probe.tls { "https" } else { "http" };
        let host = match probe.host.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => probe.host.clone(),
        };
        let Ok(url) = Url::parse(&format!("{scheme}://{host}:{}{METHOD}", probe.port)) else {
            return Answer::bad("the host is none");
        };
        if let Err(reason) = self.admit(&url) {
            return Answer::bad(reason);
        }
        let request = Request { service: probe.service.clone() };
        let call = self
            .http2
            .post(url)
            .header(header::CONTENT_TYPE, "application/grpc")
            .header(header::TE, "trailers")
            .body(framed(&request.encode_to_vec()));
        let mut response = match call.send().await {
            Ok(response) => response,
            Err(error) => return Answer::bad(http::reason(&error)),
        };
        // A call that fails before it answers has its status among the headers.
        let status = response.headers().get("grpc-status").and_then(|status| status.to_str().ok());
        if let Some(status) = status.filter(|status| *status != "0") {
            return Answer::bad(refusal(status));
        }
        if !response.status().is_success() {
            return Answer::bad(format!("answered {}", response.status()));
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => return Answer::bad("the answer is no health status"),
                Ok(None) => return judge(&body),
                Err(error) => return Answer::bad(http::reason(&error)),
            }
        }
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[0], length.to_be_bytes().as_slice(), message].concat()
}

fn judge(body: &[u8]) -> Answer {
    let message = body.get(5..).filter(|message| framed(message) == body);
    match message.and_then(|message| Status::decode(message).ok()) {
        Some(Status { status: SERVING }) => Answer::good("serves"),
        Some(Status { status: 2 }) => Answer::bad("says that it does not serve"),
        Some(Status { status: 3 }) => Answer::bad("does not know the service"),
        Some(_) => Answer::bad("says that it does not know how it is"),
        None => Answer::bad("the answer is no health status"),
    }
}

fn refusal(status: &str) -> String {
    match status {
        "5" => "does not know the service".to_owned(),
        "12" => "has no health service".to_owned(),
        status => format!("refused with the status {}", status.chars().take(8).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, sync::Arc};

    use axum::{
        Router, body::Bytes, http::HeaderMap, response::IntoResponse, routing::post,
        serve::Listener,
    };
    use model::check::Verdict;
    use rustls::RootCertStore;
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::{TlsAcceptor, server::TlsStream};

    use super::{
        super::{Reach, certified::certified},
        *,
    };

    async fn check(headers: HeaderMap, body: Bytes) -> impl IntoResponse {
        assert_eq!(headers["content-type"], "application/grpc");
        let request = Request::decode(&body[5..]).expect("a request");
        let known = match request.service.as_str() {
            "" => Some(1),
            "shop.Orders" => Some(2),
            _ => None,
        };
        let content = [("content-type", "application/grpc")];
        match known {
            Some(status) => (content, framed(&Status { status }.encode_to_vec())).into_response(),
            None => (content, [("grpc-status", "5")]).into_response(),
        }
    }

    #[tokio::test]
    async fn a_server_says_whether_it_serves() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let router = Router::new().route(METHOD, post(check));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let reach = Reach::new(Arc::new("127.0.0.0/8".parse().expect("ranges")));
        let prober = HttpProber::new(reach, &RootCertStore::empty()).expect("a client");
        for (service, verdict, detail) in [
            ("", Verdict::Good, "serves"),
            ("shop.Orders", Verdict::Bad, "says that it does not serve"),
            ("shop.Unknown", Verdict::Bad, "does not know the service"),
        ] {
            let probe =
                GrpcProbe { host: "127.0.0.1".into(), port, service: service.into(), tls: false };
            let answer = prober.ask_grpc(&probe).await;
            assert_eq!((answer.verdict, answer.detail.as_str()), (Some(verdict), detail));
        }
        let inside =
            GrpcProbe { host: "169.254.169.254".into(), port: 80, service: "".into(), tls: false };
        assert!(prober.ask_grpc(&inside).await.detail.contains("checks may not go to"));
    }

    /// Takes connections with TLS; those that do not get so far are dropped.
    struct Encrypted(TcpListener, TlsAcceptor);

    impl Listener for Encrypted {
        type Io = TlsStream<TcpStream>;
        type Addr = SocketAddr;

        async fn accept(&mut self) -> (Self::Io, Self::Addr) {
            loop {
                let (stream, peer) = Listener::accept(&mut self.0).await;
                if let Ok(stream) = self.1.accept(stream).await {
                    return (stream, peer);
                }
            }
        }

        fn local_addr(&self) -> std::io::Result<Self::Addr> {
            self.0.local_addr()
        }
    }

    #[tokio::test]
    async fn a_server_is_asked_with_tls_and_has_to_be_whom_it_says() {
        let (mut config, roots) = certified("localhost");
        config.alpn_protocols = vec![b"h2".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let listener = Encrypted(listener, TlsAcceptor::from(Arc::new(config)));
        let router = Router::new().route(METHOD, post(check));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let ask = async |roots: &RootCertStore| {
            let reach = Reach::new(Arc::new("127.0.0.0/8,::1/128".parse().expect("ranges")));
            let prober = HttpProber::new(reach, roots).expect("a client");
            let probe = GrpcProbe { host: "localhost".into(), port, service: "".into(), tls: true };
            prober.ask_grpc(&probe).await
        };
        let trusted = ask(&roots).await;
        assert_eq!((trusted.verdict, trusted.detail.as_str()), (Some(Verdict::Good), "serves"));
        assert_eq!(ask(&RootCertStore::empty()).await.verdict, Some(Verdict::Bad));
    }

    #[test]
    fn an_answer_that_is_none_is_bad() {
        for body in [&[][..], &[0, 0, 0, 0], &[0, 0, 0, 0, 9, 8, 1], &[1, 0, 0, 0, 2, 8, 1]] {
            assert_eq!(judge(body).detail, "the answer is no health status", "{body:?}");
        }
        assert_eq!(judge(&[0, 0, 0, 0, 0]).verdict, Some(Verdict::Bad), "unknown");
    }
}
