//! A real broker on a free port, and a client of it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rumqttc::{Client, Event, MqttOptions, Packet, PublishOptions, QoS};
use serde_json::Value;

use super::eventually;

/// A running `mosquitto`, which keeps sessions over a restart.
pub(crate) struct Broker {
    child: Option<Child>,
    pub(crate) port: u16,
    home: PathBuf,
}

/// A message that a client received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    pub(crate) retain: bool,
}

/// A client, which connects again for as long as the test runs.
pub(crate) struct Subscriber {
    client: Client,
    messages: Receiver<Received>,
    acknowledged: Arc<Mutex<usize>>,
    sent: usize,
}

impl Broker {
    /// Starts it with more lines of configuration.
    pub(crate) fn start(home: &Path, more: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = home.join("broker");
        fs::create_dir_all(&place).unwrap();
        let anonymous = if more.contains("allow_anonymous") { "" } else { "allow_anonymous true" };
        let config = format!(
            "listener {port} 127.0.0.1\n{anonymous}\nuser root\npersistence true\npersistence_location {0}/\n\
             max_queued_messages 0\nlog_dest file {0}/log\n{more}\n",
            place.display()
        );
        fs::write(place.join("config"), config).unwrap();
        let mut broker = Self { child: None, port, home: place };
        broker.restart();
        broker
    }

    /// Starts it again where it was.
    pub(crate) fn restart(&mut self) {
        let child = Command::new(program())
            .arg("-c")
            .arg(self.home.join("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("run `cargo xtask setup` first, which installs mosquitto");
        self.child = Some(child);
        eventually("the broker's port", || TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    /// Ends it; it writes its sessions down.
    pub(crate) fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
        eventually("the broker's end", || child.try_wait().unwrap());
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// A client that subscribes to a topic.
    pub(crate) fn subscriber(&self, id: &str, filter: &str) -> Subscriber {
        let mut options = MqttOptions::new(id, rumqttc::Broker::tcp("127.0.0.1", self.port));
        options.set_clean_session(false).set_max_packet_size(32 << 20, 32 << 20);
        Subscriber::start(options, filter)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Debian puts it where only root looks.
fn program() -> &'static str {
    let place = "/usr/sbin/mosquitto";
    if Path::new(place).exists() { place } else { "mosquitto" }
}

impl Subscriber {
    fn start(options: MqttOptions, filter: &str) -> Self {
        let (client, mut connection) = Client::builder(options).capacity(100).build();
        let (sender, messages) = channel();
        let acknowledged = Arc::new(Mutex::new(0));
        let (again, filter, count) = (client.clone(), filter.to_owned(), Arc::clone(&acknowledged));
        let (ready, is_ready) = channel();
        std::thread::spawn(move || {
            for event in connection.iter() {
                match event {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        again.try_subscribe(filter.as_str(), QoS::AtLeastOnce).unwrap();
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => drop(ready.send(())),
                    Ok(Event::Incoming(Packet::PubAck(_))) => *count.lock().unwrap() += 1,
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
                        let received = Received { topic, payload: publish.payload, retain: publish.retain };
                        if sender.send(received).is_err() {
                            return;
                        }
                    }
                    Ok(_) => {}
                    Err(rumqttc::ConnectionError::RequestsDone) => return,
                    Err(_) => std::thread::sleep(Duration::from_millis(50)),
                }
            }
        });
        is_ready.recv_timeout(Duration::from_mins(1)).unwrap();
        Self { client, messages, acknowledged, sent: 0 }
    }

    /// Publishes at least once, without waiting.
    pub(crate) fn publish(&mut self, topic: &str, payload: impl Into<Vec<u8>>, retain: bool) {
        self.sent += 1;
        let options = PublishOptions::new(QoS::AtLeastOnce).retain(retain);
        self.client.publish(topic, payload.into(), options).unwrap();
    }

    /// Waits until the broker has all that was published.
    pub(crate) fn all_acknowledged(&self) {
        eventually("the broker's acknowledgements", || {
            (*self.acknowledged.lock().unwrap() >= self.sent).then_some(())
        });
    }

    /// The next message that is wanted, within a minute.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&Received) -> bool) -> Received {
        let end = Instant::now() + Duration::from_mins(1);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(message) if wanted(&message) => return message,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => panic!("{what} did not come"),
                Err(RecvTimeoutError::Disconnected) => panic!("the client ended before {what} came"),
            }
        }
    }

    /// The next message of a topic, as JSON.
    pub(crate) fn json(&self, topic: &str) -> Value {
        let message = self.wait(topic, |message| message.topic == topic);
        serde_json::from_slice(&message.payload).unwrap()
    }
}
