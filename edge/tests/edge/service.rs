//! The agent as a service: the service manager's protocol, SIGHUP, SIGTERM, HTTPS.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use crate::support::agent::{self, Agent};
use crate::support::registry::Registry;
use crate::support::{bundle, data_dir};

/// A service manager, as far as an agent sees it.
struct Manager {
    socket: UnixDatagram,
    home: tempfile::TempDir,
}

impl Manager {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(home.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        Self { socket, home }
    }

    fn address(&self) -> String {
        self.home.path().join("notify").to_str().unwrap().to_owned()
    }

    /// The next message with a line that begins so; others are passed over.
    fn wait_for(&self, start: &str) -> String {
        loop {
            let mut message = [0; 4096];
            let length = self.socket.recv(&mut message).unwrap_or_else(|e| panic!("no {start}: {e}"));
            let message = String::from_utf8(message[..length].to_vec()).unwrap();
            if message.lines().any(|line| line.starts_with(start)) {
                return message;
            }
        }
    }
}

#[test]
fn the_service_manager_is_told_of_start_life_reload_and_end() {
    let (manager, data) = (Manager::new(), data_dir());
    let arguments = ["--registry", "http://127.0.0.1:1", "--data-dir", data.path().to_str().unwrap()];
    let agent = Agent::start_with(&arguments, |command| {
        command.env("NOTIFY_SOCKET", manager.address()).env("WATCHDOG_USEC", "400000");
    });
    // Without a version: it is there without a registry, too.
    manager.wait_for("READY=1");
    manager.wait_for("STATUS=waiting for a version");
    for _ in 0..3 {
        manager.wait_for("WATCHDOG=1");
    }
    agent.signal("HUP");
    assert!(manager.wait_for("RELOADING=1").contains("MONOTONIC_USEC="));
    manager.wait_for("READY=1");
    manager.wait_for("WATCHDOG=1");
    assert_eq!(agent.terminate(), Some(0));
    manager.wait_for("STOPPING=1");
}

#[test]
fn a_reload_follows_what_can_change_and_names_what_needs_a_restart() {
    let (home, data, registry) = (tempfile::tempdir().unwrap(), data_dir(), Registry::start());
    let config = home.path().join("config.toml");
    let write = |more: &str| {
        let (data, url) = (data.path(), registry.url());
        fs::write(&config, format!("registry = {url:?}\ndata-dir = {data:?}\n{more}")).unwrap();
    };
    write("poll = \"24h\"\n");
    let agent = Agent::start(&["--config", config.to_str().unwrap()]);
    agent.wait_for("a first answer", |health| health["registry"]["reachable"] == true);
    registry.promote(&bundle::write(&bundle::gru(1), home.path(), "v1"));
    write("poll = \"100ms\"\nalias = \"staging\"\n[log]\nlevel = \"debug\"\n[probation]\nfailures = 1\n");
    agent.signal("HUP");
    agent.wait_for_line(&[
        "poll, log.level, probation.failures counts from now on",
        "alias counts after a restart",
    ]);
    // The day of the poll before is not waited for.
    agent.wait_for_version(1);
    write("poll = \"1h\"\nlevle = 3\n");
    agent.signal("HUP");
    agent.wait_for_line(&["the settings stay as they were", "line 4", "did you mean \"log.level\"?"]);
    assert_eq!(agent.health()["status"], "ok");
    assert_eq!(agent.terminate(), Some(0));
}

#[test]
fn the_end_waits_for_requests_but_not_for_those_that_never_end() {
    let data = data_dir();
    let agent =
        Agent::start(&["--registry", "http://127.0.0.1:1", "--data-dir", data.path().to_str().unwrap()]);
    let mut stalled = TcpStream::connect(agent.address()).unwrap();
    stalled.write_all(b"POST /predict/simple HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{").unwrap();
    agent.health();
    let start = Instant::now();
    assert_eq!(agent.terminate(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(30), "a service manager would have killed it");
}

#[test]
fn https_is_answered_with_the_certificate_and_status_finds_it() {
    let (home, data) = (tempfile::tempdir().unwrap(), data_dir());
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(["gateway.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    let [certificate_file, key_file] = ["certificate.pem", "key.pem"].map(|name| home.path().join(name));
    fs::write(&certificate_file, certificate.pem()).unwrap();
    fs::write(&key_file, key.serialize_pem()).unwrap();
    let [certificate, key, data] =
        [certificate_file.as_path(), &key_file, data.path()].map(|path| path.to_str().unwrap());
    let arguments = [
        "--registry",
        "http://127.0.0.1:1",
        "--data-dir",
        data,
        "--tls-certificate",
        certificate,
        "--tls-key",
        key,
    ];
    let agent = Agent::start(&arguments);
    let url = format!("https://{}", agent.address());
    let output = agent::output(&["status", "--url", &url]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let mut plain = TcpStream::connect(agent.address()).unwrap();
    plain.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "HTTP is answered where HTTPS was asked for");
    fs::write(&key_file, "no key").unwrap();
    agent.signal("HUP");
    agent.wait_for_line(&["the settings stay as they were", "key.pem"]);
    assert_eq!(agent::output(&["status", "--url", &url]).status.code(), Some(3));
}
