//! Requests byte for byte, because clients would mend what is wrong with them.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long an answer may take on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A request as it goes over the wire.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) port: u16,
    pub(super) method: &'static str,
    pub(super) target: String,
    /// Whole lines without their ends.
    pub(super) lines: Vec<Vec<u8>>,
    pub(super) body: Vec<u8>,
    /// What follows the body, as it is: trailers of a body in chunks.
    pub(super) trailers: Option<Vec<u8>>,
}

impl Wire {
    pub(super) fn line(mut self, line: impl Into<Vec<u8>>) -> Self {
        self.lines.push(line.into());
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", self.method, self.target);
        bytes.push_str("connection: close\r\ncontent-type: application/json\r\n");
        let length = self.body.len();
        match self.trailers {
            None => bytes.push_str(&format!("content-length: {length}\r\n")),
            Some(_) => bytes.push_str("transfer-encoding: chunked\r\ntrailer: authorization\r\n"),
        }
        let mut bytes = bytes.into_bytes();
        for line in &self.lines {
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        match &self.trailers {
            None => bytes.extend_from_slice(&self.body),
            Some(trailers) => {
                bytes.extend_from_slice(format!("{length:x}\r\n").as_bytes());
                bytes.extend_from_slice(&self.body);
                bytes.extend_from_slice(b"\r\n0\r\n");
                bytes.extend_from_slice(trailers);
                bytes.extend_from_slice(b"\r\n\r\n");
            }
        }
        bytes
    }

    /// Sends the request and returns the status of the answer.
    pub(super) async fn send(&self) -> u16 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        // Who is refused early may find the connection closed while writing.
        let _ = stream.write_all(&self.bytes()).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "no end of the answer to {} {}", self.method, self.target);
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
        status.and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
    }
}
