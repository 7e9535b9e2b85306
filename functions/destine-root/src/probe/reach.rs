//! Finding and reaching addresses, where checks may go.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::{TcpStream, lookup_host};

use crate::egress::{Egress, Forbidden};

/// How many addresses of a name are tried.
const ADDRESSES_MAX: usize = 4;

/// Finds addresses. Whatever connects uses what this returned and never asks again, so
/// that a name cannot mean another address the second time.
#[derive(Clone)]
pub struct Reach {
    egress: Arc<Egress>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("the name does not resolve")]
    Unresolved,
    #[error("no connection")]
    Refused(#[source] io::Error),
}

impl Reach {
    /// Makes a reach that ends where the policy says.
    #[must_use]
    pub fn new(egress: Arc<Egress>) -> Self {
        Self { egress }
    }

    /// Finds the addresses of a host, all of which have to be good.
    pub(super) async fn find(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Unreachable> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = host.parse::<IpAddr>() {
            self.egress.admit(address)?;
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        self.egress.admit_name(host)?;
        let found = lookup_host((host, port)).await.map_err(|_| Unreachable::Unresolved)?;
        let addresses: Vec<_> = found.collect();
        let ips: Vec<_> = addresses.iter().map(SocketAddr::ip).collect();
        self.egress.admit_all(&ips)?;
        if addresses.is_empty() {
            return Err(Unreachable::Unresolved);
        }
        Ok(addresses.into_iter().take(ADDRESSES_MAX).collect())
    }

    /// Tells whether checks may go to an address.
    pub(super) fn admit(&self, address: SocketAddr) -> Result<(), Forbidden> {
        self.egress.admit(address.ip())
    }

    /// Connects to the first address that accepts.
    pub(super) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Unreachable> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in self.find(host, port).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(Unreachable::Refused(last))
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.clone();
        Box::pin(async move {
            // The client puts the port of the address's scheme.
            let addresses = reach.find(name.as_str(), 0).await?;
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}
