//! Where the parts of a stack find each other.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// Where the parts of a stack find each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// All on this machine's loopback interface, where nobody else can reach them.
    #[default]
    Loopback,
    /// Each a host of its own, called like the part, on a network that holds nothing else.
    Meshnet,
}

/// The addresses of the network `meshnet`.
pub const SUBNET: &str = "172.31.250.0/24";

impl Network {
    /// Returns the host of a part.
    #[must_use]
    pub fn host(self, part: &str) -> &str {
        match self {
            Self::Loopback => "127.0.0.1",
            Self::Meshnet => part,
        }
    }

    /// Returns the address that a part listens on.
    #[must_use]
    pub fn listen(self) -> Ipv4Addr {
        match self {
            Self::Loopback => Ipv4Addr::LOCALHOST,
            Self::Meshnet => Ipv4Addr::UNSPECIFIED,
        }
    }

    /// Returns the private ranges that checks may look into: where what is watched runs.
    #[must_use]
    pub fn ranges(self) -> &'static str {
        match self {
            Self::Loopback => "127.0.0.0/8,::1/128",
            Self::Meshnet => SUBNET,
        }
    }
}
