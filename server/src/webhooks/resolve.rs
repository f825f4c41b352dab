//! Names to addresses, none of which is refused.
//!
//! Connections are made with this resolver, so that the very address that was checked is connected to: a name
//! that answers a public address to a check and a private one to a connection gains nothing.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address;
use super::target::{Reach, TargetError};

/// How long a name may take to be looked up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers only what its reach allows.
pub(super) struct Resolver(pub(super) Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let addresses = lookup(name.as_str(), reach).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a name, with port 0; an error when one of them is not allowed.
pub(super) async fn lookup(host: &str, reach: Reach) -> Result<Vec<SocketAddr>, TargetError> {
    let unknown = |why: String| TargetError::Unknown { host: host.to_owned(), why };
    let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host, 0))).await;
    let found = found.map_err(|_| unknown(format!("no answer within {PATIENCE:?}")))?;
    let addresses: Vec<SocketAddr> = found.map_err(|e| unknown(e.to_string()))?.collect();
    if addresses.is_empty() {
        return Err(unknown("it has no address".to_owned()));
    }
    if reach == Reach::Public {
        check(host, addresses.iter().map(SocketAddr::ip))?;
    }
    Ok(addresses)
}

/// Refuses a host when any of its addresses is not public: which one is connected to is not up to us alone.
pub(super) fn check(host: &str, addresses: impl IntoIterator<Item = IpAddr>) -> Result<(), TargetError> {
    for address in addresses {
        if let Some(what) = address::refusal(address) {
            return Err(TargetError::NotPublic { host: host.to_owned(), address, what });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_private_address_among_public_ones_is_enough_to_refuse() {
        let addresses =
            |texts: &[&str]| -> Vec<IpAddr> { texts.iter().map(|t| t.parse().unwrap()).collect() };
        assert!(check("a", addresses(&["93.184.216.34", "2606:2800:220:1::1"])).is_ok());
        let refused = check("a", addresses(&["93.184.216.34", "10.0.0.7"])).unwrap_err().to_string();
        assert!(refused.contains("\"a\" resolves to 10.0.0.7 (private"), "{refused}");
    }

    #[tokio::test]
    async fn the_resolver_of_connections_answers_no_private_address() {
        let resolve = |reach| Resolver(reach).resolve("localhost".parse().unwrap());
        assert!(resolve(Reach::Public).await.err().unwrap().to_string().contains("loopback"));
        assert!(resolve(Reach::Anywhere).await.unwrap().all(|address| address.ip().is_loopback()));
    }
}
