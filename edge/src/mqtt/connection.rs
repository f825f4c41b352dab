//! From the settings to a connection's options: who the gateway is to the broker, and whom it trusts.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use overhaul_bundle::{GatewayId, Mistake};
use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::settings::Settings;

/// The most bytes of a packet that is read at all; a longer one ends the connection. What is refused for its length
/// is read first, so that the broker can be told that it need not be sent again.
pub(super) const MAX_PACKET: usize = 16 << 20;
/// How long connecting may take, in seconds.
const TIMEOUT: u64 = 10;

/// What every connection to the broker begins with.
#[derive(Clone)]
pub(super) struct Connection {
    client_id: String,
    settings: Arc<Settings>,
    tls: Option<Arc<ClientConfig>>,
}

impl Connection {
    /// Checks the settings and reads the certificates. `id` is what the gateway is called at the broker.
    pub(super) fn new(settings: Arc<Settings>, id: &GatewayId) -> Result<Self, Mistake> {
        let client_id = id.as_str().to_owned();
        if settings.password_file.is_some() && settings.username.is_none() {
            return Err(Mistake::new("mqtt.password-file is of no use without mqtt.username; name both"));
        }
        if settings.certificate.is_some() != settings.key.is_some() {
            return Err(Mistake::new(
                "mqtt.certificate and mqtt.key are of no use alone; name both, or neither",
            ));
        }
        if !settings.url.is_tls() {
            let given = [("ca", &settings.ca), ("certificate", &settings.certificate)];
            if let Some((key, _)) = given.iter().find(|(_, path)| path.is_some()) {
                let line = format!("mqtt.{key} is of no use with {}; use mqtts://", settings.url);
                return Err(Mistake::new(line));
            }
        }
        let tls = settings.url.is_tls().then(|| tls(&settings)).transpose()?;
        let connection = Self { client_id, settings, tls };
        connection.password()?;
        Ok(connection)
    }

    /// What the gateway is called at the broker.
    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The broker, as it is shown.
    pub(super) fn broker(&self) -> String {
        self.settings.url.to_string()
    }

    /// The options of a connection of the client `client_id`.
    pub(super) fn options(&self, client_id: &str) -> Result<MqttOptions, Mistake> {
        let broker = &self.settings.url;
        let mut options = MqttOptions::new(client_id, rumqttc::Broker::tcp(broker.host(), broker.port()));
        options.set_keep_alive(self.settings.keep_alive.as_secs() as u16);
        options.set_max_packet_size(MAX_PACKET, MAX_PACKET);
        if let Some(tls) = &self.tls {
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::clone(tls))));
        }
        match (&self.settings.username, self.password()?) {
            (Some(username), Some(password)) => options.set_credentials(username.clone(), password),
            (Some(username), None) => options.set_username(username.clone()),
            (None, _) => &mut options,
        };
        Ok(options)
    }

    fn password(&self) -> Result<Option<Vec<u8>>, Mistake> {
        let Some(path) = &self.settings.password_file else { return Ok(None) };
        let mut password = read("password-file", path)?;
        if password.ends_with(b"\n") {
            password.pop();
            if password.ends_with(b"\r") {
                password.pop();
            }
        }
        if password.is_empty() || password.len() > usize::from(u16::MAX) {
            let line = format!("mqtt.password-file {} holds no password; write it there", path.display());
            return Err(Mistake::new(line));
        }
        Ok(Some(password))
    }
}

/// How long connecting may take.
pub(super) fn network_options() -> rumqttc::NetworkOptions {
    let mut options = rumqttc::NetworkOptions::new();
    options.set_connection_timeout(TIMEOUT);
    options.set_tcp_nodelay(true);
    options
}

fn tls(settings: &Settings) -> Result<Arc<ClientConfig>, Mistake> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &settings.ca {
        for certificate in certificates("ca", path)? {
            roots.add(certificate).map_err(|e| bad("ca", path, &e.to_string()))?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Mistake::new(
                "this machine has no certificate authorities; install ca-certificates, or name the broker's in mqtt.ca",
            ));
        }
    }
    let broken = |e: rustls::Error| Mistake::new(format!("TLS cannot be set up for MQTT: {e}"));
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(broken)?
        .with_root_certificates(roots);
    let config = match (&settings.certificate, &settings.key) {
        (Some(certificate), Some(path)) => {
            let key = PrivateKeyDer::from_pem_slice(&read("key", path)?)
                .map_err(|e| bad("key", path, &format!("it holds no private key ({e})")))?;
            builder
                .with_client_auth_cert(certificates("certificate", certificate)?, key)
                .map_err(|e| bad("certificate", certificate, &e.to_string()))?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn certificates(key: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Mistake> {
    let pem = read(key, path)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(bad(key, path, "it holds no certificate")),
        Err(e) => Err(bad(key, path, &e.to_string())),
    }
}

fn read(key: &str, path: &Path) -> Result<Vec<u8>, Mistake> {
    fs::read(path).map_err(|e| bad(key, path, &format!("it cannot be read ({e})")))
}

fn bad(key: &str, path: &Path, problem: &str) -> Mistake {
    Mistake::new(format!("mqtt.{key} {}: {problem}; mend it, or name another file", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(text: &str) -> Result<MqttOptions, String> {
        let settings: Settings = toml::from_str(text).unwrap();
        let gateway = "gw-1".parse().unwrap();
        let connection = Connection::new(Arc::new(settings), &gateway).map_err(|e| e.to_string())?;
        connection.options(connection.client_id()).map_err(|e| e.to_string())
    }

    #[test]
    fn what_does_not_belong_together_is_told_before_anything_starts() {
        for (text, problem) in [
            ("url = 'mqtt://b'\npassword-file = '/p'", "without mqtt.username"),
            ("url = 'mqtts://b'\ncertificate = '/c'", "name both"),
            ("url = 'mqtt://b'\nca = '/c'", "use mqtts://"),
            ("url = 'mqtts://b'\nca = '/nowhere/ca.pem'", "mqtt.ca /nowhere/ca.pem: it cannot be read"),
            (
                "url = 'mqtt://b'\nusername = 'u'\npassword-file = '/nowhere/p'",
                "mqtt.password-file /nowhere/p",
            ),
        ] {
            let line = connection(text).unwrap_err();
            assert!(line.contains(problem), "{line}");
        }
        assert_eq!(connection("url = 'mqtt://b'").unwrap().client_id(), "gw-1");
    }

    #[test]
    fn a_file_that_is_no_certificate_or_no_password_is_told() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "\n").unwrap();
        let with = |line: &str| connection(&line.replace("FILE", file.to_str().unwrap())).unwrap_err();
        assert!(with("url = 'mqtts://b'\nca = 'FILE'").contains("holds no certificate"));
        assert!(
            with("url = 'mqtt://b'\nusername = 'u'\npassword-file = 'FILE'").contains("holds no password")
        );
    }

    #[test]
    fn a_passwords_line_break_is_none_of_it() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("password");
        for (written, password) in
            [("hunter2\n", "hunter2"), ("hunter2", "hunter2"), (" a\r\n", " a"), ("a\n\n", "a\n")]
        {
            fs::write(&file, written).unwrap();
            let text = format!("url = 'mqtt://b'\nusername = 'u'\npassword-file = '{}'", file.display());
            let auth = format!("{:?}", connection(&text).unwrap().auth());
            let wanted = format!("{:?}", {
                let mut options = MqttOptions::new("a", rumqttc::Broker::tcp("b", 1));
                options.set_credentials("u", password.as_bytes().to_vec());
                options.auth().clone()
            });
            assert_eq!(auth, wanted);
        }
    }
}
