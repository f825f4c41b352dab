//! What can be set about MQTT: the table `[mqtt]` of the settings' file.

use std::path::PathBuf;
use std::time::Duration;

use overhaul_bundle::GatewayId;
use serde::{Deserialize, Deserializer, de};

use super::broker::Broker;

/// The most bytes of a topic's parts that a person names: topics have at most 65,535 (MQTT 3.1.1, section 1.5.3).
const MAX_NAME: usize = 200;

/// What can be set about MQTT.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The broker: `mqtt://host:1883`, or `mqtts://host:8883` for TLS. The port may be left out.
    pub url: Broker,
    /// What this gateway is called at the broker, where no other client may be called so; the gateway's id by default.
    pub client_id: Option<GatewayId>,
    /// Who it is to the broker, if the broker asks.
    pub username: Option<String>,
    /// The file with the password: all of it but a line break at its end. Read again at each connection.
    pub password_file: Option<PathBuf>,
    /// Certificate authorities (PEM) that the broker's certificate may be from, instead of the system's.
    pub ca: Option<PathBuf>,
    /// This gateway's own certificate (PEM), for brokers that ask for one.
    pub certificate: Option<PathBuf>,
    /// The certificate's private key (PEM).
    pub key: Option<PathBuf>,
    /// After how long without a message the broker is asked whether it is there, 5 s to 1 h: `30s`.
    #[serde(default = "keep_alive", deserialize_with = "keep_alive_of")]
    pub keep_alive: Duration,
    /// What the plain topics begin with: `overhaul`.
    #[serde(default = "prefix", deserialize_with = "prefix_of")]
    pub prefix: String,
    /// How sure the plain messages are, in and out: 1 for at least once, 0 for at most once.
    #[serde(default = "qos", deserialize_with = "qos_of")]
    pub qos: u8,
    /// Whether the broker keeps each unit's last prediction for whoever asks later.
    #[serde(default)]
    pub retain: bool,
    /// The most messages that wait while the broker is away; the oldest goes first. 1,000.
    #[serde(default = "queue", deserialize_with = "queue_of")]
    pub queue: usize,
    /// Sparkplug B, beside the plain topics, if it is wanted.
    pub sparkplug: Option<Sparkplug>,
}

/// What can be set about Sparkplug B.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sparkplug {
    /// The group whose devices' readings are taken, and to which this gateway belongs.
    #[serde(deserialize_with = "segment_of")]
    pub group_id: String,
    /// What this gateway is called as an edge node; no other node of the group may be called so.
    #[serde(deserialize_with = "segment_of")]
    pub node_id: String,
    /// What a unit is called: after its device, or `node:device` where devices of different nodes share names.
    #[serde(default)]
    pub unit: UnitName,
    /// The metric with a reading's cycle number.
    #[serde(default = "cycle")]
    pub cycle: String,
}

/// What a unit is called whose readings come by Sparkplug.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitName {
    /// As the device.
    #[default]
    Device,
    /// As the edge node and the device, with a colon between them.
    NodeAndDevice,
}

fn keep_alive() -> Duration {
    Duration::from_secs(30)
}

fn prefix() -> String {
    "overhaul".to_owned()
}

fn qos() -> u8 {
    1
}

fn queue() -> usize {
    1000
}

fn cycle() -> String {
    "cycle".to_owned()
}

fn keep_alive_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let duration: Option<jiff::SignedDuration> = text.parse().ok();
    duration
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| (Duration::from_secs(5)..=Duration::from_hours(1)).contains(duration))
        .ok_or_else(|| de::Error::custom(format!("{text:?} is no time from 5s to 1h; use one such as 30s")))
}

fn qos_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let qos = i64::deserialize(deserializer)?;
    match qos {
        0 => Ok(0),
        1 => Ok(1),
        _ => {
            Err(de::Error::custom(format!("{qos} is no quality of service that is spoken here; use 1 or 0")))
        }
    }
}

fn queue_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let count = i64::deserialize(deserializer)?;
    match count {
        1..=100_000 => Ok(count as usize),
        _ => Err(de::Error::custom(format!("{count} is no number of messages from 1 to 100000"))),
    }
}

fn prefix_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let ok = !text.starts_with('$') && text.split('/').all(is_segment) && text.len() <= MAX_NAME;
    if ok { Ok(text) } else { Err(de::Error::custom(bad_topic(&text, "between its slashes"))) }
}

fn segment_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let ok = is_segment(&text) && text.len() <= MAX_NAME;
    if ok { Ok(text) } else { Err(de::Error::custom(bad_topic(&text, "and no '/'"))) }
}

fn bad_topic(text: &str, more: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    format!(
        "{shown:?} cannot be part of a topic; use 1 to {MAX_NAME} bytes without '+', '#' or control characters {more}"
    )
}

/// Whether a text can be one level of a topic that is published to.
fn is_segment(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| matches!(c, '/' | '+' | '#') || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        toml::from_str(text).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn a_broker_is_all_that_must_be_named() {
        let settings = read("url = 'mqtt://broker'").unwrap();
        assert_eq!((settings.keep_alive, settings.qos, settings.queue), (Duration::from_secs(30), 1, 1000));
        assert_eq!(
            (settings.prefix.as_str(), settings.retain, settings.sparkplug),
            ("overhaul", false, None)
        );
        assert!(read("").unwrap_err().contains("url"));
    }

    #[test]
    fn all_of_it_can_be_said() {
        let text = r#"
            url = "mqtts://broker.hall-2:8884"
            client-id = "gw-0017"
            username = "gateway"
            password-file = "/etc/overhaul-edge/mqtt-password"
            ca = "/etc/overhaul-edge/broker.pem"
            certificate = "/etc/overhaul-edge/gateway.pem"
            key = "/etc/overhaul-edge/gateway.key"
            keep-alive = "1m"
            prefix = "plant-1/overhaul"
            qos = 0
            retain = true
            queue = 10
            [sparkplug]
            group-id = "Plant 1"
            node-id = "gw-0017"
            unit = "node-and-device"
            cycle = "Cycle"
        "#;
        let settings = read(text).unwrap();
        assert_eq!(settings.keep_alive, Duration::from_mins(1));
        let sparkplug = settings.sparkplug.unwrap();
        assert_eq!((sparkplug.unit, sparkplug.cycle.as_str()), (UnitName::NodeAndDevice, "Cycle"));
    }

    #[test]
    fn each_wrong_value_is_told_with_its_mend() {
        let with = |line: &str| read(&format!("url = 'mqtt://broker'\n{line}")).unwrap_err();
        assert!(with("password = 'secret'").contains("password-file"));
        for (line, mend) in [
            ("qos = 2", "use 1 or 0"),
            ("keep-alive = '1s'", "from 5s to 1h"),
            ("keep-alive = 'soon'", "such as 30s"),
            ("queue = 0", "from 1 to 100000"),
            ("prefix = 'a/+/b'", "without '+'"),
            ("prefix = '/a'", "cannot be part of a topic"),
            ("prefix = '$SYS'", "cannot be part of a topic"),
            ("prefix = ''", "cannot be part of a topic"),
            ("client-id = 'a b'", "ASCII letters"),
            ("sparkplug = { group-id = 'a/b', node-id = 'c' }", "no '/'"),
            ("sparkplug = { group-id = 'a' }", "node-id"),
        ] {
            assert!(with(line).contains(mend), "{line}: {}", with(line));
        }
    }
}
