//! A name resolves to what it should.

use std::net::SocketAddr;

use model::check::{DnsProbe, DnsRecord};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
};

use super::{
    Answer, Reach,
    dns_message::{self, Reply},
};

/// The largest answer over UDP without extensions (RFC 1035, section 4.2.1).
const DATAGRAM_BYTES: usize = 512;
/// Datagrams that are not ours, such as late ones, before it counts as no answer.
const STRANGERS_MAX: usize = 8;

pub(super) async fn ask(reach: &Reach, probe: &DnsProbe) -> Answer {
    let Ok(server) = probe.server.parse::<SocketAddr>() else {
        return Answer::bad("the server is no address");
    };
    if let Err(error) = reach.admit(server) {
        return Answer::bad(error.to_string());
    }
    let id = rand::random::<u16>();
    let Some(query) = dns_message::query(id, &probe.name, probe.record) else {
        return Answer::bad("the name is none");
    };
    let reply = match exchange(server, id, &query, probe.record).await {
        Ok(reply) => reply,
        Err(error) => return Answer::bad(format!("no answer: {}", error.kind())),
    };
    judge(probe, reply)
}

/// Asks over UDP, and over TCP when the answer does not fit.
async fn exchange(
    server: SocketAddr,
    id: u16,
    query: &[u8],
    record: DnsRecord,
) -> std::io::Result<Option<Reply>> {
    let local = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).await?;
    // Connected, it takes datagrams from nobody else.
    socket.connect(server).await?;
    socket.send(query).await?;
    let mut buffer = [0; DATAGRAM_BYTES];
    for _ in 0..STRANGERS_MAX {
        let length = socket.recv(&mut buffer).await?;
        match dns_message::reply(id, query, &buffer[..length], record) {
            Some(reply) if reply.truncated => return over_tcp(server, id, query, record).await,
            Some(reply) => return Ok(Some(reply)),
            None => {}
        }
    }
    Ok(None)
}

async fn over_tcp(
    server: SocketAddr,
    id: u16,
    query: &[u8],
    record: DnsRecord,
) -> std::io::Result<Option<Reply>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(query.len()).unwrap_or(u16::MAX);
    stream.write_all(&[&length.to_be_bytes(), query].concat()).await?;
    let mut buffer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut buffer).await?;
    Ok(dns_message::reply(id, query, &buffer, record))
}

fn judge(probe: &DnsProbe, reply: Option<Reply>) -> Answer {
    let Some(Reply { code, values, .. }) = reply else {
        return Answer::bad("the answer cannot be read");
    };
    match code {
        0 => {}
        2 => return Answer::bad("the server failed (SERVFAIL)"),
        3 => return Answer::bad("there is no such name (NXDOMAIN)"),
        5 => return Answer::bad("the server refused (REFUSED)"),
        code => return Answer::bad(format!("the server answered with the code {code}")),
    }
    if values.is_empty() {
        return Answer::bad("there is no such record");
    }
    let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
    let missing = probe
        .expect
        .iter()
        .find(|wanted| !values.iter().any(|value| plain(value) == plain(wanted)));
    match missing {
        Some(wanted) => {
            Answer::bad(format!("`{wanted}` is not among the {} answers", values.len()))
        }
        None => Answer::good(format!("{} answers, such as `{}`", values.len(), values[0])),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::check::Verdict;

    use super::*;

    /// A name server that knows `shop.example`, cuts its TXT records short over UDP, and
    /// first sends what nobody asked for.
    async fn serve() -> SocketAddr {
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = udp.local_addr().expect("bound");
        let tcp = tokio::net::TcpListener::bind(address).await.expect("the same port");
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
                let query = &buffer[..length];
                let mut stranger = answer(query, false);
                stranger[0] ^= 0xff;
                let _ = udp.send_to(&stranger, from).await;
                let _ = udp.send_to(&answer(query, true), from).await;
            }
        });
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = tcp.accept().await {
                let mut query = vec![0; usize::from(stream.read_u16().await.expect("a length"))];
                stream.read_exact(&mut query).await.expect("a query");
                let answer = answer(&query, false);
                let length = u16::try_from(answer.len()).expect("short").to_be_bytes();
                stream.write_all(&[&length, answer.as_slice()].concat()).await.expect("sent");
            }
        });
        address
    }

    fn answer(query: &[u8], udp: bool) -> Vec<u8> {
        let known = query.windows(14).any(|part| part == b"\x04shop\x07example\0");
        let kind = query[query.len() - 3];
        let data: &[&[u8]] = match kind {
            1 => &[&[203, 0, 113, 7], &[203, 0, 113, 8]],
            15 => &[b"\0\x0a\x04mail\xc0\x0c"],
            16 => &[b"\x05hello\x06 world"],
            _ => &[],
        };
        let mut message = query.to_vec();
        message[2] |= 0x80;
        if !known {
            message[3] |= 3;
            return message;
        }
        if udp && kind == 16 {
            message[2] |= 0x02;
            return message;
        }
        message[7] = u8::try_from(data.len()).expect("few");
        for value in data {
            // The name is a pointer to the question's.
            message.extend([0xc0, 0x0c, 0, kind, 0, 1, 0, 0, 0, 60]);
            message.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
            message.extend(*value);
        }
        message
    }

    #[tokio::test]
    async fn a_name_resolves_to_what_is_expected_or_not() {
        let server = serve().await;
        let reach = Reach::new(Arc::new("127.0.0.0/8".parse().expect("ranges")));
        for (name, record, expect, good, detail) in [
            ("shop.example", DnsRecord::A, &[][..], true, "2 answers, such as `203.0.113.7`"),
            ("shop.example.", DnsRecord::A, &["203.0.113.8"], true, "2 answers"),
            ("shop.example", DnsRecord::A, &["203.0.113.9"], false, "`203.0.113.9` is not among"),
            ("shop.example", DnsRecord::Mx, &["10 MAIL.shop.example."], true, "1 answers"),
            ("shop.example", DnsRecord::Txt, &["hello world"], true, "1 answers"),
            ("shop.example", DnsRecord::Aaaa, &[], false, "there is no such record"),
            ("gone.example", DnsRecord::A, &[], false, "NXDOMAIN"),
            ("a..b", DnsRecord::A, &[], false, "the name is none"),
        ] {
            let probe = DnsProbe {
                name: name.into(),
                record,
                expect: expect.iter().map(|text| (*text).to_owned()).collect(),
                server: server.to_string(),
            };
            let answer = ask(&reach, &probe).await;
            let verdict = if good { Verdict::Good } else { Verdict::Bad };
            assert_eq!(answer.verdict, Some(verdict), "{name} {record:?}: {answer:?}");
            assert!(answer.detail.contains(detail), "{name} {record:?}: {answer:?}");
        }
        let inside = DnsProbe {
            name: "shop.example".into(),
            record: DnsRecord::A,
            expect: vec![],
            server: "169.254.169.254:53".into(),
        };
        assert!(ask(&reach, &inside).await.detail.contains("checks may not go to"));
    }
}
