//! Where checks may go: a check must not become a way to reach inside.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A range of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    address: IpAddr,
    bits: u8,
}

impl Range {
    const fn v4(a: u8, b: u8, c: u8, bits: u8) -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), bits }
    }

    const fn v6(a: u16, b: u16, bits: u8) -> Self {
        Self { address: IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)), bits }
    }

    /// Tells whether an address is in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(range), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                range.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(range), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                range.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Range {
    type Err = InvalidRange;

    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        let invalid = || InvalidRange(text.to_owned());
        let (address, bits) = text.split_once('/').ok_or_else(invalid)?;
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let bits: u8 = bits.parse().map_err(|_| invalid())?;
        let max = if address.is_ipv4() { 32 } else { 128 };
        if bits > max { Err(invalid()) } else { Ok(Self { address, bits }) }
    }
}

/// A text is not a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a range such as `10.0.0.0/8`")]
pub struct InvalidRange(String);

/// Link-local addresses and the metadata servers: never, whatever is listed. What answers
/// there gives credentials away.
/// Source: <https://cloud.google.com/compute/docs/metadata/overview>.
const NEVER: [Range; 5] = [
    Range::v4(169, 254, 0, 16),
    Range::v4(0, 0, 0, 8),
    Range::v6(0xfe80, 0, 10),
    // fd00:ec2::254 and its neighbours.
    Range::v6(0xfd00, 0x0ec2, 32),
    // fd20:ce::254, Google's over IPv6.
    Range::v6(0xfd20, 0x00ce, 32),
];

/// Addresses that are not of the public internet: only when they are listed.
/// Sources: the special-purpose address registries of IANA, RFC 6890.
const PRIVATE: [Range; 19] = [
    Range::v4(10, 0, 0, 8),
    Range::v4(100, 64, 0, 10),
    Range::v4(127, 0, 0, 8),
    Range::v4(172, 16, 0, 12),
    Range::v4(192, 0, 0, 24),
    Range::v4(192, 0, 2, 24),
    Range::v4(192, 168, 0, 16),
    Range::v4(198, 18, 0, 15),
    Range::v4(198, 51, 100, 24),
    Range::v4(203, 0, 113, 24),
    Range::v4(224, 0, 0, 4),
    Range::v4(240, 0, 0, 4),
    // ::/8 holds `::` and `::1`; addresses that stand for IPv4 ones are taken as those.
    Range::v6(0, 0, 8),
    Range::v6(0x0100, 0, 8),
    Range::v6(0x2001, 0, 23),
    Range::v6(0x2001, 0x0db8, 32),
    Range::v6(0xfc00, 0, 7),
    Range::v6(0xfec0, 0, 10),
    Range::v6(0xff00, 0, 8),
];

/// Names that lead to a metadata server, however they resolve.
const NAMES: [&str; 3] = ["metadata", "metadata.google.internal", "instance-data.ec2.internal"];

/// Which private ranges checks may go to; none unless they are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Egress {
    allowed: Vec<Range>,
}

/// A check wants to go where none may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Forbidden {
    what: String,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "checks may not go to {}", self.what)
    }
}

impl FromStr for Egress {
    type Err = InvalidRange;

    /// Reads ranges that are separated by commas; `none` for none.
    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        if text == "none" {
            return Ok(Self::default());
        }
        let allowed =
            text.split(',').map(|range| range.trim().parse()).collect::<Result<_, _>>()?;
        Ok(Self { allowed })
    }
}

impl Egress {
    /// Tells whether checks may go to an address.
    ///
    /// # Errors
    /// When they may not.
    pub fn admit(&self, address: IpAddr) -> Result<(), Forbidden> {
        let meant = meant(address);
        let within = |ranges: &[Range]| ranges.iter().any(|range| range.contains(meant));
        let forbidden = |what: &str| Forbidden { what: format!("{address}, {what}") };
        if within(&NEVER) {
            return Err(forbidden("which is link-local or a metadata server"));
        }
        if within(&PRIVATE) && !within(&self.allowed) {
            return Err(forbidden("which is not public, nor in CHECK_PRIVATE_RANGES"));
        }
        Ok(())
    }

    /// Tells whether checks may ask for a name at all.
    ///
    /// # Errors
    /// When it is the name of a metadata server.
    pub fn admit_name(&self, name: &str) -> Result<(), Forbidden> {
        let plain = name.trim_end_matches('.').to_ascii_lowercase();
        if NAMES.contains(&plain.as_str()) {
            return Err(Forbidden { what: format!("`{plain}`, which is a metadata server") });
        }
        Ok(())
    }

    /// Takes the addresses of a name, all of which have to be good: one that is not could
    /// be the one that is used the next time.
    ///
    /// # Errors
    /// When checks may not go to one of them.
    pub fn admit_all<A: Copy + Into<IpAddr>>(&self, addresses: &[A]) -> Result<(), Forbidden> {
        addresses.iter().try_for_each(|address| self.admit((*address).into()))
    }
}

/// Returns the IPv4 address that an IPv6 address stands for, if it does.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return v4.into();
    }
    let v4 =
        |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match v6.segments() {
        // 64:ff9b::/96 (RFC 6052) and 64:ff9b:1::/48 (RFC 8215): translated.
        [0x64, 0xff9b, _, _, _, _, high, low] => v4(high, low),
        // 2002::/16 (RFC 3056): tunnelled.
        [0x2002, high, low, ..] => v4(high, low),
        // ::a.b.c.d (RFC 4291): deprecated. `::` and `::1` are what they are.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => v4(high, low),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(egress: &Egress, address: &str) -> bool {
        egress.admit(address.parse().expect("an address")).is_ok()
    }

    #[test]
    fn checks_go_to_the_public_internet_alone() {
        let nowhere = Egress::default();
        for public in [
            "8.8.8.8",
            "1.1.1.1",
            "172.15.255.255",
            "172.32.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:0808:0808::1",
        ] {
            assert!(admits(&nowhere, public), "{public}");
        }
        for private in [
            "10.0.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fdff::1",
            "ff02::1",
            "fec0::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "::127.0.0.1",
        ] {
            assert!(!admits(&nowhere, private), "{private}");
        }
    }

    #[test]
    fn a_listed_range_opens_itself_and_nothing_opens_the_metadata_server() {
        let local: Egress = "127.0.0.0/8, ::1/128".parse().expect("ranges");
        assert!(admits(&local, "127.0.0.1") && admits(&local, "::1"));
        assert!(admits(&local, "::ffff:127.0.0.1"));
        assert!(!admits(&local, "10.0.0.1") && !admits(&local, "::2"));
        let everything: Egress = "0.0.0.0/0,::/0".parse().expect("ranges");
        assert!(admits(&everything, "10.0.0.1") && admits(&everything, "fd12::1"));
        for never in [
            "169.254.169.254",
            "169.254.0.1",
            "fe80::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::",
            "0.0.0.0",
        ] {
            assert!(!admits(&everything, never), "{never}");
        }
        for name in ["metadata.google.internal", "METADATA.google.internal.", "metadata"] {
            assert!(everything.admit_name(name).is_err(), "{name}");
        }
        assert!(everything.admit_name("metadata.example").is_ok());
    }

    #[test]
    fn one_bad_address_of_a_name_spoils_all() {
        let addresses: [IpAddr; 2] =
            ["8.8.8.8".parse().expect("one"), "127.0.0.1".parse().expect("two")];
        assert!(Egress::default().admit_all(&addresses).is_err());
        assert!(Egress::default().admit_all(&addresses[..1]).is_ok());
    }

    #[test]
    fn a_range_is_an_address_and_its_bits() {
        for bad in ["", "10.0.0.0", "10.0.0.0/33", "::/129", "x/8", "10.0.0.0/-1", "10.0.0.0/8,"] {
            assert!(bad.parse::<Egress>().is_err(), "{bad}");
        }
        assert_eq!("none".parse::<Egress>(), Ok(Egress::default()));
    }
}
