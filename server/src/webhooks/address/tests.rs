//! Which addresses are refused, and which are not.

use super::*;

fn refused(text: &str) -> Option<&'static str> {
    refusal(text.parse().unwrap())
}

#[test]
fn each_network_is_refused_from_its_first_address_to_its_last_and_not_beyond() {
    for &(base, length, what) in IPV4 {
        let last = Ipv4Addr::from_bits(base.to_bits() | u32::MAX.checked_shr(length).unwrap_or(0));
        assert_eq!(refusal_v4(base), Some(what), "{base}");
        assert_eq!(refusal_v4(last), Some(what), "{last}");
    }
    for &(base, length, what) in IPV6 {
        let last = Ipv6Addr::from_bits(base.to_bits() | u128::MAX >> length);
        assert_eq!(refusal_v6(base), Some(what), "{base}");
        assert_eq!(refusal_v6(last), Some(what), "{last}");
    }
    for public in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "93.184.216.34",
        "8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:2800:220:1::1",
        "2a00:1450::1",
        "3fff:1000::",
        "2003::1",
        "2001:db7::",
        "2001:db9::",
    ] {
        assert_eq!(refused(public), None, "{public}");
    }
}

#[test]
fn what_is_inside_is_refused_by_its_own_name() {
    for (address, what) in [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("0.0.0.0", "this network"),
        ("169.254.169.254", "link-local"),
        ("100.100.100.200", "shared"),
        ("192.0.0.192", "protocol"),
        ("255.255.255.255", "broadcast"),
        ("239.255.255.250", "multicast"),
        ("::1", "loopback"),
        ("::", "no global"),
        ("fe80::1", "link-local"),
        ("fd00:ec2::254", "private"),
        ("fec0::1", "no global"),
        ("ff02::1", "multicast"),
        ("100::1", "no global"),
        ("64:ff9b:1::7f00:1", "no global"),
        ("5f00::1", "no global"),
        ("4000::1", "no global"),
        ("2001::1", "Teredo"),
        ("2001:2::1", "protocol"),
        ("2001:20::1", "protocol"),
    ] {
        assert!(
            refused(address).is_some_and(|found| found.contains(what)),
            "{address}: {:?}",
            refused(address)
        );
    }
}

#[test]
fn an_ipv4_address_in_an_ipv6_one_is_judged_by_itself() {
    for (address, public) in [
        ("::ffff:127.0.0.1", false),
        ("::ffff:7f00:1", false),
        ("::ffff:169.254.169.254", false),
        ("64:ff9b::127.0.0.1", false),
        ("64:ff9b::10.0.0.1", false),
        ("::ffff:93.184.216.34", true),
        ("64:ff9b::93.184.216.34", true),
        // Deprecated ways of embedding are refused whatever they hold.
        ("::127.0.0.1", false),
        ("::93.184.216.34", false),
        ("2002:7f00:1::", false),
        ("2002:5db8:d822::1", false),
        ("2001:0:5db8:d822::", false),
    ] {
        assert_eq!(refused(address).is_none(), public, "{address}");
    }
}
