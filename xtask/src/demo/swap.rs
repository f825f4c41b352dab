//! Moves the alias while requests flow, and holds every answer against what its version must say.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::gateway::Gateway;

/// Connections that post at once.
const CONNECTIONS: usize = 4;
/// How long requests flow before the promotion, and after every connection has met the new version.
const FLOW: Duration = Duration::from_secs(1);
/// How long the gateway may take to notice, pull, verify and swap.
const PATIENCE: Duration = Duration::from_mins(1);
/// Two computations of one window on one component differ by nothing; the text of a number may round it.
const TOLERANCE: f64 = 1e-3;

/// A request and what each version must answer, in cycles.
pub(super) struct Probe {
    /// The request's body.
    pub(super) body: String,
    /// By version.
    pub(super) expected: BTreeMap<String, f64>,
}

/// What the connections saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Answers by version.
    pub(super) answers: BTreeMap<String, u64>,
    /// Requests that got no answer, with why.
    pub(super) failures: Vec<String>,
    /// Answers that are not what the version they name must say.
    pub(super) mixes: Vec<String>,
    /// When each version answered first and last.
    times: BTreeMap<String, (Instant, Instant)>,
}

/// What the swap looked like from outside.
pub(super) struct Swap {
    /// All that was seen.
    pub(super) seen: Seen,
    /// From the promotion to the new version's first answer.
    pub(super) first_new: Duration,
    /// Between the new version's first answer and the old one's last: zero when no request was in flight.
    pub(super) overlap: Duration,
}

/// Posts probes on several connections, promotes in the middle, and goes on until all have met version `to`.
pub(super) fn run(
    url: &str,
    probes: &[Probe],
    to: &str,
    promote: impl FnOnce() -> Result<()>,
) -> Result<Swap> {
    let stop = AtomicBool::new(false);
    let met: Vec<AtomicBool> = (0..CONNECTIONS).map(|_| AtomicBool::new(false)).collect();
    let (promoted, reports) = thread::scope(|scope| {
        let workers: Vec<_> =
            met.iter().map(|met| scope.spawn(|| flow(url, probes, to, &stop, met))).collect();
        thread::sleep(FLOW);
        let start = Instant::now();
        let promoted = promote().map(|()| start);
        while promoted.is_ok()
            && start.elapsed() < PATIENCE
            && !met.iter().all(|met| met.load(Ordering::Relaxed))
        {
            thread::sleep(Duration::from_millis(10));
        }
        thread::sleep(FLOW);
        stop.store(true, Ordering::Relaxed);
        let reports: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        (promoted, reports)
    });
    let promoted = promoted?;
    let mut seen = Seen::default();
    for report in reports {
        match report {
            Ok(report) => seen.add(report),
            Err(_) => bail!("a connection's thread died"),
        }
    }
    let Some((first, _)) = seen.times.get(to) else {
        bail!("the gateway did not take version {to} within {} s", PATIENCE.as_secs());
    };
    let last_old = seen.times.iter().filter(|(version, _)| *version != to).map(|(_, (_, last))| *last).max();
    Ok(Swap {
        first_new: first.saturating_duration_since(promoted),
        overlap: last_old.map_or(Duration::ZERO, |last| last.saturating_duration_since(*first)),
        seen,
    })
}

/// One connection's requests, one after another.
fn flow(url: &str, probes: &[Probe], to: &str, stop: &AtomicBool, met: &AtomicBool) -> Seen {
    let gateway = Gateway::new(url);
    let mut seen = Seen::default();
    for probe in probes.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        match gateway.predict(&probe.body) {
            Ok(answer) => {
                let now = Instant::now();
                match probe.expected.get(&answer.version) {
                    Some(expected) if (expected - answer.predicted_rul).abs() <= TOLERANCE => {}
                    expected => seen.mixes.push(format!(
                        "version {} answered {} instead of {expected:?}",
                        answer.version, answer.predicted_rul
                    )),
                }
                if answer.version == to {
                    met.store(true, Ordering::Relaxed);
                }
                seen.times.entry(answer.version.clone()).or_insert((now, now)).1 = now;
                *seen.answers.entry(answer.version).or_default() += 1;
            }
            Err(error) => seen.failures.push(format!("{error:#}")),
        }
    }
    seen
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.failures.extend(other.failures);
        self.mixes.extend(other.mixes);
        for (version, count) in other.answers {
            *self.answers.entry(version).or_default() += count;
        }
        for (version, (first, last)) in other.times {
            let times = self.times.entry(version).or_insert((first, last));
            *times = (times.0.min(first), times.1.max(last));
        }
    }
}
