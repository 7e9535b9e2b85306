//! `/function health`: the program asks the one that serves beside it, for whoever can only start
//! programs to learn how a container is. Images hold nothing else that could ask.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use super::front::HEALTH;

/// The one argument that a function knows.
pub(super) const ARGUMENT: &str = "health";
/// An answer takes less than a millisecond; whoever asks gives up later.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How much of the answer matters.
const STATUS_LINE: &[u8] = b"HTTP/1.1 200 ";

/// Tells whether the function that listens on this machine's port is healthy.
pub(super) fn run(port: u16) -> ExitCode {
    match ask(port) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot ask port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn ask(port: u16) -> io::Result<bool> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    // In one write: each would be a packet of its own.
    let request = format!("GET {HEALTH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut start = [0; STATUS_LINE.len()];
    stream.read_exact(&mut start)?;
    Ok(start == STATUS_LINE)
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    fn answered(status: &'static str) -> io::Result<bool> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = [0; 512];
            let length = stream.read(&mut request).expect("a request");
            assert!(request[..length].starts_with(b"GET /health HTTP/1.1\r\n"));
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").expect("written");
        });
        let healthy = ask(port);
        server.join().expect("answered");
        healthy
    }

    #[test]
    fn only_what_answers_with_200_is_healthy() {
        assert!(answered("200 OK").expect("an answer"));
        assert!(!answered("503 Service Unavailable").expect("an answer"));
        // Below those that are given out, so that no other test listens there meanwhile.
        assert!(ask(1).is_err());
    }
}
