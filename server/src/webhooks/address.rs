//! The addresses that are not public: IANA's registries of special-purpose addresses as two tables.
//!
//! IPv4: what a table lists is refused. IPv6: only global unicast addresses are taken (`2000::/3`, the only
//! block that IANA hands out of), and of those not what the other table lists. An IPv6 address that
//! translators or the system turn into an IPv4 address is judged by that one.
//!
//! Sources: RFC 6890 with its updates (RFC 8190), <https://www.iana.org/assignments/iana-ipv4-special-registry>
//! and <https://www.iana.org/assignments/iana-ipv6-special-registry>, beside what each row names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The networks of IPv4 that are refused: base, length of the prefix, what it is.
const IPV4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "this network, RFC 791"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private, RFC 1918"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared with a provider's customers, RFC 6598"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback, RFC 1122"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "the host of an Azure machine"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local, RFC 3927; clouds keep credentials there"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private, RFC 1918"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments, RFC 6890"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation, RFC 5737"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "relays of 6to4, RFC 7526"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private, RFC 1918"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarks, RFC 2544"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation, RFC 5737"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation, RFC 5737"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast, RFC 5771"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved or broadcast, RFC 1112 and RFC 919"),
];

/// The networks within `2000::/3` that are refused.
const IPV6: &[(Ipv6Addr, u32, &str)] = &[
    (
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        23,
        "protocol assignments and Teredo, RFC 2928 and RFC 4380",
    ),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation, RFC 3849"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4, RFC 3056"),
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16, "the closed 6bone, RFC 3701"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation, RFC 9637"),
];

/// Blocks of IPv6 whose last 32 bits are an IPv4 address that is reached through them.
const EMBEDDING: &[(Ipv6Addr, u32)] = &[
    // IPv4-mapped, RFC 4291 section 2.5.5.2: the system itself makes an IPv4 connection.
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
    // NAT64, RFC 6052 section 2.1: what a network without IPv4 resolves public names to.
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
];

/// The addresses that are handed out to anybody, RFC 4291 section 2.4.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Why an address is not public; `None` for one that is.
pub(super) fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => refusal_v4(address),
        IpAddr::V6(address) => refusal_v6(address),
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    let found = IPV4.iter().find(|(base, length, _)| {
        let host_bits = 32 - length;
        address.to_bits() >> host_bits == base.to_bits() >> host_bits
    });
    found.map(|(_, _, what)| *what)
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    if EMBEDDING.iter().any(|&(base, length)| lies_in(address, base, length)) {
        return refusal_v4(Ipv4Addr::from_bits(address.to_bits() as u32));
    }
    if !lies_in(address, GLOBAL_UNICAST.0, GLOBAL_UNICAST.1) {
        return Some(if address.is_loopback() {
            "loopback, RFC 4291"
        } else if address.is_unicast_link_local() {
            "link-local, RFC 4291"
        } else if address.is_unique_local() {
            "private, RFC 4193"
        } else if address.is_multicast() {
            "multicast, RFC 4291"
        } else {
            "no global unicast address, RFC 4291"
        });
    }
    IPV6.iter().find(|&&(base, length, _)| lies_in(address, base, length)).map(|(_, _, what)| *what)
}

fn lies_in(address: Ipv6Addr, base: Ipv6Addr, length: u32) -> bool {
    let host_bits = 128 - length;
    address.to_bits() >> host_bits == base.to_bits() >> host_bits
}

#[cfg(test)]
mod tests;
