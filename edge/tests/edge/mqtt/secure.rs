//! TLS and passwords: who is trusted, and what is said of who is not.

use std::fs;
use std::path::Path;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::Plant;
use crate::support::agent;

/// An authority's certificate, and a broker's and a client's by it, as files.
fn certify(folder: &Path, name: &str) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    for (name, host) in [("broker", "127.0.0.1"), ("client", "gw-1")] {
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        fs::write(folder.join(format!("{name}.pem")), own.pem()).unwrap();
        fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

#[test]
fn a_broker_is_trusted_that_the_named_authority_vouches_for_and_no_other() {
    let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certify(own.path(), "ours");
    certify(other.path(), "theirs");
    let (place, other) = (own.path().display(), other.path().display());
    let plant = Plant::with_broker(&format!(
        "certfile {place}/broker.pem\nkeyfile {place}/broker.key\ncafile {place}/ca.pem\nrequire_certificate true"
    ));
    let url = format!("url = 'mqtts://127.0.0.1:{}'", plant.broker.port);
    let client = format!("certificate = '{place}/client.pem'\nkey = '{place}/client.key'");
    let agent = plant.lonely_agent(&format!("{url}\n{client}\nca = '{place}/ca.pem'"));
    agent.wait_for("the broker", |health| health["mqtt"]["connected"] == true);
    drop(agent);
    let agent = plant.lonely_agent(&format!("{url}\n{client}\nca = '{other}/ca.pem'"));
    let health = agent.wait_for("an error", |health| health["mqtt"]["error"].is_string());
    let error = health["mqtt"]["error"].as_str().unwrap();
    assert!(error.contains("UnknownIssuer") && error.contains("mqtt.ca"), "{error}");
    drop(agent);
    // The broker asks for a certificate, too.
    let agent = plant.lonely_agent(&format!("{url}\nca = '{place}/ca.pem'"));
    let health = agent.wait_for("an error", |health| health["mqtt"]["error"].is_string());
    let error = health["mqtt"]["error"].as_str().unwrap();
    assert!(health["mqtt"]["connected"] == false && error.contains("mqtt.certificate"), "{error}");
}

#[test]
fn a_password_comes_from_a_file_and_is_told_to_nobody_else() {
    let home = tempfile::tempdir().unwrap();
    let (users, password) = (home.path().join("users"), home.path().join("password"));
    fs::write(&users, "gateway:hunter2\n").unwrap();
    assert!(Command::new("mosquitto_passwd").arg("-U").arg(&users).status().unwrap().success());
    let plant = Plant::with_broker(&format!("allow_anonymous false\npassword_file {}", users.display()));
    let login = format!("username = 'gateway'\npassword-file = '{}'", password.display());
    fs::write(&password, "wrong-hunter\n").unwrap();
    let agent = plant.lonely_agent(&login);
    let health = agent.wait_for("an error", |health| health["mqtt"]["error"].is_string());
    let error = health["mqtt"]["error"].as_str().unwrap();
    assert!(error.contains("mqtt.password-file"), "{error}");
    // Mended while the agent runs.
    fs::write(&password, "hunter2\n").unwrap();
    agent.wait_for("the broker", |health| health["mqtt"]["connected"] == true);
    assert!(!agent.log().contains("hunter"), "{}", agent.log());
}

#[test]
fn mistakes_in_the_settings_are_told_before_anything_starts() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config.toml");
    for (table, problem) in [
        ("[mqtt]\nurl = 'mqtt://b'\npasword-file = 'p'", "did you mean \"mqtt.password-file\"?"),
        ("[mqtt]\nurl = 'http://b'", "use mqtt://host:1883"),
        ("[mqtt]\nurl = 'mqtts://b'\nca = '/nowhere.pem'", "mqtt.ca /nowhere.pem: it cannot be read"),
        ("[mqtt]\nqos = 1", "missing field `url`"),
    ] {
        fs::write(&config, table).unwrap();
        let paths = [config.to_str().unwrap(), home.path().to_str().unwrap()];
        let arguments = ["run", "--listen", "127.0.0.1:0", "--registry", "http://127.0.0.1:1"];
        let line =
            agent::mistake(&[&arguments[..], &["--config", paths[0], "--data-dir", paths[1]]].concat());
        assert!(line.contains(problem), "{line}");
        let output = agent::output(&[
            "check-config",
            "--config",
            paths[0],
            "--registry",
            "http://127.0.0.1:1",
            "--data-dir",
            paths[1],
        ]);
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(problem), "{said}");
    }
}
