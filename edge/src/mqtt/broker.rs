//! A broker's address: `mqtt://host:1883` or `mqtts://host:8883`.

use std::fmt;

use axum::http::Uri;
use axum::http::uri::Authority;
use serde::Deserialize;

/// Where a broker is, and whether it is spoken to over TLS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Broker {
    host: String,
    port: u16,
    tls: bool,
}

impl Broker {
    /// Its name or address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port: 1883, or 8883 over TLS, unless another was named.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is spoken to over TLS.
    pub fn is_tls(&self) -> bool {
        self.tls
    }
}

impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl TryFrom<String> for Broker {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let usage = "use mqtt://host:1883, or mqtts://host:8883 for TLS";
        // What cannot be read may hold a password.
        let uri: Uri = text.parse().map_err(|_| format!("the url is none; {usage}"))?;
        let authority = uri.authority().map_or("", Authority::as_str);
        if authority.contains('@') {
            return Err("the url holds a user name or password; use username and password-file".to_owned());
        }
        let tls = match uri.scheme_str() {
            Some("mqtt") => false,
            Some("mqtts") => true,
            _ => return Err(format!("the url {text:?} begins with neither mqtt:// nor mqtts://; {usage}")),
        };
        let host = uri.host().unwrap_or_default();
        let bare = uri.path() == "/" || uri.path().is_empty();
        let port = match authority.strip_prefix(host) {
            Some("") => Some(if tls { 8883 } else { 1883 }),
            Some(port) => port.strip_prefix(':').and_then(|port| port.parse().ok()).filter(|port| *port != 0),
            None => None,
        };
        match port.filter(|_| bare && uri.query().is_none() && !host.is_empty()) {
            Some(port) => Ok(Self { host: host.to_owned(), port, tls }),
            None => Err(format!("the url {text:?} is no broker's; {usage}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_a_host_and_a_port() {
        for (text, shown) in [
            ("mqtt://broker", "mqtt://broker:1883"),
            ("mqtts://broker.hall-2/", "mqtts://broker.hall-2:8883"),
            ("mqtt://10.0.0.7:1884", "mqtt://10.0.0.7:1884"),
            ("mqtt://[::1]:1883", "mqtt://[::1]:1883"),
        ] {
            assert_eq!(
                Broker::try_from(text.to_owned()).map(|broker| broker.to_string()),
                Ok(shown.to_owned())
            );
        }
    }

    #[test]
    fn what_is_none_is_told_and_a_password_is_not_repeated() {
        for bad in [
            "",
            "broker",
            "http://broker",
            "mqtt://",
            "mqtt://a:b",
            "mqtt://a:0",
            "mqtt://a:70000",
            "mqtt://a/b",
            "mqtt://a?b",
            "mqtt://a:",
        ] {
            let line = Broker::try_from(bad.to_owned()).unwrap_err();
            assert!(line.contains("use mqtt://host:1883"), "{bad}: {line}");
        }
        let line = Broker::try_from("mqtt://gateway:hunter2@broker".to_owned()).unwrap_err();
        assert!(line.contains("password-file") && !line.contains("hunter2"), "{line}");
    }
}
