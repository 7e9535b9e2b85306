//! Messages of the Domain Name System.
//!
//! Source: RFC 1035, section 4; RFC 3596 for AAAA.

use std::net::{Ipv4Addr, Ipv6Addr};

use model::check::DnsRecord;

const HEADER_BYTES: usize = 12;
/// Answers that are read; more are left out.
const ANSWERS_MAX: usize = 64;
/// Pointers that are followed in one name: enough for any honest message.
const POINTERS_MAX: usize = 16;
const CLASS_INTERNET: u16 = 1;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// 0 is success, 3 "no such name".
    pub(super) code: u8,
    /// Whether the answer did not fit.
    pub(super) truncated: bool,
    /// The values of the records that were asked for.
    pub(super) values: Vec<String>,
}

fn number(record: DnsRecord) -> u16 {
    match record {
        DnsRecord::A => 1,
        DnsRecord::Ns => 2,
        DnsRecord::Cname => 5,
        DnsRecord::Mx => 15,
        DnsRecord::Txt => 16,
        DnsRecord::Aaaa => 28,
    }
}

/// Makes a question; `None` when the name is none.
pub(super) fn query(id: u16, name: &str, record: DnsRecord) -> Option<Vec<u8>> {
    let mut message = Vec::with_capacity(HEADER_BYTES + name.len() + 6);
    message.extend(id.to_be_bytes());
    // Recursion is wanted; one question.
    message.extend([0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]);
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.len() > 253 {
        return None;
    }
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        message.push(length);
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend(number(record).to_be_bytes());
    message.extend(CLASS_INTERNET.to_be_bytes());
    Some(message)
}

/// Reads the answer to a question; `None` when it is none.
pub(super) fn reply(id: u16, query: &[u8], message: &[u8], record: DnsRecord) -> Option<Reply> {
    let question = query.get(HEADER_BYTES..)?;
    let same = number_at(message, 0)? == id
        && message.get(2)? & 0x80 != 0
        && message.get(HEADER_BYTES..HEADER_BYTES + question.len())? == question;
    if !same {
        return None;
    }
    let count = usize::from(number_at(message, 6)?).min(ANSWERS_MAX);
    let mut values = Vec::new();
    let mut at = HEADER_BYTES + question.len();
    for _ in 0..count {
        at = name_at(message, at)?.1;
        let kind = number_at(message, at)?;
        let length = usize::from(number_at(message, at + 8)?);
        let data = at + 10;
        if kind == number(record) {
            values.push(value(message, data, length, record)?);
        }
        at = data + length;
    }
    Some(Reply { code: message[3] & 0x0f, truncated: message[2] & 0x02 != 0, values })
}

fn value(message: &[u8], at: usize, length: usize, record: DnsRecord) -> Option<String> {
    let data = message.get(at..at + length)?;
    match record {
        DnsRecord::A => Some(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?).to_string()),
        DnsRecord::Aaaa => Some(Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?).to_string()),
        DnsRecord::Cname | DnsRecord::Ns => name_at(message, at).map(|(name, _)| name),
        DnsRecord::Mx => {
            let (name, _) = name_at(message, at + 2)?;
            Some(format!("{} {name}", number_at(message, at)?))
        }
        DnsRecord::Txt => {
            let (mut text, mut rest) = (Vec::new(), data);
            while let Some((length, after)) = rest.split_first() {
                let length = usize::from(*length);
                text.extend(after.get(..length)?);
                rest = after.get(length..)?;
            }
            Some(String::from_utf8_lossy(&text).into_owned())
        }
    }
}

fn number_at(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?))
}

/// Reads a name and returns where it ends.
fn name_at(message: &[u8], start: usize) -> Option<(String, usize)> {
    let (mut name, mut at, mut end, mut pointers) = (String::new(), start, None, 0);
    loop {
        let length = *message.get(at)?;
        match length {
            0 => return Some((name, end.unwrap_or(at + 1))),
            1..=63 => {
                let label = message.get(at + 1..at + 1 + usize::from(length))?;
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(&String::from_utf8_lossy(label));
                at += 1 + usize::from(length);
            }
            0xc0.. => {
                pointers += 1;
                if pointers > POINTERS_MAX {
                    return None;
                }
                end.get_or_insert(at + 2);
                at = usize::from(number_at(message, at)? & 0x3fff);
            }
            _ => return None,
        }
        if name.len() > 255 {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_not_asked_for() {
        for bad in ["", ".", "a..b", &"x".repeat(64), &"x.".repeat(200)] {
            assert_eq!(query(1, bad, DnsRecord::A), None, "{bad}");
        }
        assert!(query(1, &"x".repeat(63), DnsRecord::A).is_some());
    }

    #[test]
    fn an_answer_that_is_broken_is_none_and_no_panic() {
        let query = query(7, "shop.example", DnsRecord::Cname).expect("a name");
        let mut message = query.clone();
        message[2] |= 0x80;
        message[7] = 1;
        // A name that points at itself.
        let own = u8::try_from(message.len() + 12).expect("short");
        message.extend([0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, own]);
        assert_eq!(reply(7, &query, &message, DnsRecord::Cname), None);
        for length in 0..message.len() {
            assert_eq!(reply(7, &query, &message[..length], DnsRecord::Cname), None);
        }
        let mut random = 1_u32;
        for _ in 0..2000 {
            let mut noise = message.clone();
            for byte in noise.iter_mut().skip(query.len()) {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = random.to_be_bytes()[0];
            }
            let _ = reply(7, &query, &noise, DnsRecord::Txt);
        }
    }
}
