//! Requests that keep flowing, each answer held against what its version must say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use anyhow::{Result, anyhow};

use crate::gateway::Client;

/// A request, and what each version must answer, in cycles.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The request's body.
    pub body: String,
    /// The answer by version.
    pub expected: BTreeMap<u32, f64>,
}

/// Connections that post one request after another.
pub struct Load {
    stop: Arc<AtomicBool>,
    connections: Vec<JoinHandle<Seen>>,
}

/// What the connections saw.
#[derive(Debug, Default, PartialEq)]
pub struct Seen {
    /// Right answers by version.
    pub answers: BTreeMap<u32, u64>,
    /// Requests without an answer, and answers that are not their version's.
    pub wrong: Vec<String>,
}

impl Load {
    /// Starts `connections` of them; they flow until [`Load::stop`].
    pub fn start(url: &str, probes: &[Probe], connections: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let start = |_| {
            let (client, probes, stop) = (Client::new(url), probes.to_vec(), Arc::clone(&stop));
            thread::spawn(move || flow(&client, &probes, &stop))
        };
        Self { connections: (0..connections).map(start).collect(), stop }
    }

    /// Ends them and answers what they saw.
    pub fn stop(self) -> Result<Seen> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for connection in self.connections {
            let seen = connection.join().map_err(|_| anyhow!("a connection's thread died"))?;
            all.wrong.extend(seen.wrong);
            for (version, count) in seen.answers {
                *all.answers.entry(version).or_default() += count;
            }
        }
        Ok(all)
    }
}

fn flow(client: &Client, probes: &[Probe], stop: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    for probe in probes.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        match client.predict(&probe.body) {
            Ok((version, rul)) => match probe.expected.get(&version) {
                Some(expected) if (expected - rul).abs() < 1e-3 => {
                    *seen.answers.entry(version).or_default() += 1;
                }
                expected => seen.wrong.push(format!("version {version} answered {rul}, not {expected:?}")),
            },
            Err(error) => seen.wrong.push(format!("{error:#}")),
        }
    }
    seen
}
