//! A connection's ups and downs: what is logged of them, and how long to wait before the next attempt.

use std::time::{Duration, Instant};

use rumqttc::{ConnectReturnCode, ConnectionError, StateError, mqttbytes};

use super::status::Monitor;
use crate::pause::Pause;
use crate::random;

/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_mins(1);
/// A connection that held for so long was a good one: the next pause is the shortest again.
const GOOD: Duration = Duration::from_secs(10);

/// A connection's ups and downs.
pub(super) struct Link {
    monitor: Monitor,
    name: &'static str,
    broker: String,
    pause: Pause,
    up: Option<Instant>,
}

impl Link {
    pub(super) fn new(monitor: Monitor, name: &'static str, broker: String) -> Self {
        Self { monitor, name, broker, pause: Pause::up_to(LONGEST), up: None }
    }

    /// The broker is there.
    pub(super) fn connected(&mut self) {
        self.up = Some(Instant::now());
        self.monitor.connected();
        tracing::info!("{}: connected to {}", self.name, self.broker);
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.is_some()
    }

    /// The broker is not there, or no more. Answers how long to wait before the next attempt.
    pub(super) fn lost(&mut self, error: &str) -> Duration {
        let held = self.up.take().map(|up| up.elapsed());
        if held.is_some_and(|held| held >= GOOD) {
            self.pause.forget();
        }
        // The same reason again is no news.
        if self.monitor.lost(error) {
            let what = if held.is_some() { "lost" } else { "cannot connect to" };
            tracing::warn!("{}: {what} {}: {error}; trying again", self.name, self.broker);
        }
        // Without randomness, all pauses are half as long.
        self.pause.after_failure(random::bits().unwrap_or(0))
    }
}

/// Why there is no connection, in one line with the mend where there is one.
pub(super) fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(code) => refused(*code),
        ConnectionError::NetworkTimeout => "the broker did not answer in time".to_owned(),
        ConnectionError::Tls(e) => tls_mend(&e.to_string()),
        ConnectionError::Io(e)
        | ConnectionError::MqttState(
            StateError::Io(e) | StateError::Deserialization(mqttbytes::Error::Io(e)),
        ) => tls_mend(&e.to_string()),
        ConnectionError::MqttState(StateError::AwaitPingResp) => {
            "the broker did not answer a ping".to_owned()
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => {
            "the broker closed the connection".to_owned()
        }
        error if is_too_large(error) => format!(
            "the broker sends a message of more than {} MiB; set its message_size_limit to 1 MiB",
            super::connection::MAX_PACKET >> 20
        ),
        error => error.to_string(),
    }
}

/// Whether a message was too large to be read.
pub(super) fn is_too_large(error: &ConnectionError) -> bool {
    matches!(
        error,
        ConnectionError::MqttState(StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded(
            _
        )))
    )
}

fn refused(code: ConnectReturnCode) -> String {
    let why = match code {
        ConnectReturnCode::BadUserNamePassword => {
            "the user name or password is wrong; mend mqtt.username and mqtt.password-file"
        }
        ConnectReturnCode::NotAuthorized => {
            "this client is not allowed to; mend mqtt.username and mqtt.password-file, or the broker's list"
        }
        ConnectReturnCode::BadClientId => "it does not take this client id; name another in mqtt.client_id",
        ConnectReturnCode::RefusedProtocolVersion => "it does not speak MQTT 3.1.1",
        ConnectReturnCode::ServiceUnavailable => "it is not available",
        ConnectReturnCode::Success => "it says that all is well",
    };
    format!("the broker refused the connection: {why}")
}

/// What is to be done about a certificate.
fn tls_mend(error: &str) -> String {
    let mend = if error.contains("UnknownIssuer") || error.contains("BadSignature") {
        "; name the authority that the broker's certificate is from in mqtt.ca"
    } else if error.contains("NotValidForName") || error.contains("not valid for name") {
        "; name the broker in mqtt.url as its certificate does"
    } else if error.contains("Expired") || error.contains("expired") {
        "; renew the broker's certificate, or mend this machine's clock"
    } else if error.contains("alert: ") && (error.contains("Certificate") || error.contains("UnknownCA")) {
        "; name a certificate in mqtt.certificate that the broker accepts, and its key in mqtt.key"
    } else {
        ""
    };
    format!("{error}{mend}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pause::jittered;

    #[test]
    fn pauses_grow_to_a_minute_and_are_never_all_alike() {
        let agent = crate::mqtt::tests::agent();
        let monitor = Monitor::new(agent, super::super::status::Which::Plain, "b".to_owned());
        let mut link = Link::new(monitor, "MQTT", "b".to_owned());
        for longest in [1, 2, 4, 8, 16, 32, 60, 60] {
            let (pause, longest) = (link.lost("away"), Duration::from_secs(longest));
            assert!(pause >= longest / 2 && pause <= longest, "{pause:?}");
        }
        // A connection that ends at once is no good one.
        link.connected();
        assert!(link.lost("away") >= Duration::from_secs(30));
        assert_eq!(jittered(LONGEST, 0), LONGEST / 2);
        assert_eq!(jittered(LONGEST, u64::MAX.into()), LONGEST);
    }

    #[test]
    fn what_a_person_can_mend_is_told() {
        let line = reason(&ConnectionError::ConnectionRefused(ConnectReturnCode::NotAuthorized));
        assert!(line.contains("mqtt.password-file"), "{line}");
        let error = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let line = reason(&ConnectionError::Io(std::io::Error::other(error)));
        assert!(line.contains("mqtt.ca"), "{line}");
    }
}
