//! Which URLs are refused, in whatever disguise.

use super::*;

fn refusal(text: &str) -> String {
    Target::parse(text, Reach::Public).err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn an_address_is_known_in_every_disguise() {
    for disguised in [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0X7F.0.0.0x1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.01",
        "%31%32%37.0.0.1",
        "127%2e0%2e0%2e1",
        "１２７.０.０.１",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ] {
        let message = refusal(&format!("https://{disguised}/x"));
        assert!(message.contains("resolves to") && message.contains("loopback"), "{disguised}: {message}");
    }
    for (private, what) in [
        ("[::1]", "loopback"),
        ("[0:0::0:1]", "loopback"),
        ("[::]", "no global"),
        ("[::127.0.0.1]", "no global"),
        ("[fe80::1]", "link-local"),
        ("[fd00::1]", "private"),
        ("[2002:7f00:1::]", "6to4"),
        ("0", "this network"),
        ("169.254.169.254", "link-local"),
        ("2852039166", "link-local"),
        ("0xA9FEA9FE", "link-local"),
        ("[::ffff:a9fe:a9fe]", "link-local"),
        ("10.1", "private"),
        ("168.63.129.16", "Azure"),
    ] {
        let message = refusal(&format!("https://{private}/x"));
        assert!(message.contains("resolves to") && message.contains(what), "{private}: {message}");
    }
    // No address and no name either.
    for none in
        ["127.0.0.256", "0x7f.0.0.0.1", "4294967296", "[fe80::1%25eth0]", "[::ffff:127.0.0.1", "1.2.3.4.5"]
    {
        assert!(refusal(&format!("https://{none}/x")).contains("is not valid"), "{none}");
    }
}

#[test]
fn what_is_checked_is_what_is_connected_to() {
    for (text, host) in [
        ("https://93.184.216.34/x", "93.184.216.34"),
        ("HTTPS://EXAMPLE.org:8443/x", "example.org"),
        ("https://bücher.example/x", "xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example/x", "xn--bcher-kva.example"),
        ("https://example.org#@127.0.0.1/", "example.org"),
        ("https://example.org\\@127.0.0.1/", "example.org"),
        ("https:/example.org/x", "example.org"),
    ] {
        assert_eq!(Target::parse(text, Reach::Public).unwrap().host(), host, "{text}");
    }
    assert!(refusal("https://93.184.216.34@127.0.0.1/x").contains("user name"));
}

#[test]
fn a_url_that_cannot_be_a_webhooks_is_refused_with_the_reason() {
    for (text, wanted) in [
        ("", "empty"),
        (" ", "empty"),
        ("https://a\tb.example/", "control character"),
        (" https://a.example", "space"),
        ("http://93.184.216.34/x", "scheme: \"http\". Allowed schemes are: https."),
        ("ftp://93.184.216.34/x", "scheme: \"ftp\""),
        ("file:///etc/passwd", "scheme: \"file\""),
        ("javascript:alert(1)", "scheme: \"javascript\""),
        ("gopher://127.0.0.1:25/", "scheme: \"gopher\""),
        ("nonsense", "scheme: \"\""),
        ("//example.org/x", "scheme: \"\""),
        ("https://", "is not valid"),
    ] {
        assert!(refusal(text).contains(wanted), "{text}: {}", refusal(text));
    }
    let secret = refusal("https://user:hidden@example.org/x");
    assert!(secret.contains("user name") && !secret.contains("hidden"), "{secret}");
    assert!(refusal(&format!("https://example.org/{}", "x".repeat(MAX_URL))).contains("at most 2000"));
}

#[test]
fn with_the_option_a_receiver_may_stand_anywhere() {
    for text in ["http://127.0.0.1:8080/x", "https://10.0.0.1/x", "http://receiver.plant.local/x"] {
        assert!(Target::parse(text, Reach::Anywhere).is_ok(), "{text}");
    }
    for text in ["ftp://127.0.0.1/x", "http://user@127.0.0.1/x", "", "file:///x"] {
        assert!(Target::parse(text, Reach::Anywhere).is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_name_of_this_machine_is_refused() {
    let target = Target::parse("https://localhost/x", Reach::Public).unwrap();
    let message = target.check().await.unwrap_err().to_string();
    assert!(message.contains("\"localhost\" resolves to") && message.contains("loopback"), "{message}");
    Target::parse("http://localhost/x", Reach::Anywhere).unwrap().check().await.unwrap();
}
