//! What the registry was told in the end, and the table.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use overhaul_tests::gateway::{Client, Gateway};
use overhaul_tests::{disk, wait};
use serde_json::Value;

use super::GATEWAY;
use super::operator::Operated;
use super::traffic::Answered;

/// What came of it all.
pub(super) struct Verdict {
    answered: Answered,
    operated: Operated,
    took: Duration,
    reports: Reports,
    /// Medians of the second and of the last fifth of the time, in MiB.
    memory: [f64; 2],
    /// What the data directory holds, in MiB.
    disk: f64,
}

/// What the registry has of the gateway.
#[derive(Default)]
struct Reports {
    count: u64,
    lost: u64,
    double: u64,
    kinds: BTreeMap<String, u64>,
}

impl Verdict {
    /// Waits for the last reports and looks at everything.
    pub(super) fn of(
        gateway: &Gateway,
        registry: &str,
        answered: Answered,
        operated: Operated,
        took: Duration,
        resident: &[f64],
        data: &Path,
    ) -> Result<Self> {
        // What is summed up is reported every 10 s; then nothing is under way.
        thread::sleep(Duration::from_secs(12));
        wait::until("the last reports", || match &gateway.health()?["reports"] {
            reports if reports["waiting"] == 0 => Ok(()),
            reports => bail!("reports still wait: {reports}"),
        })?;
        let fifth = resident.len() / 5;
        let disk: u64 = disk::files(data)?
            .iter()
            .map(|file| std::fs::metadata(file).map_or(0, |about| about.len()))
            .sum();
        Ok(Self {
            answered,
            operated,
            took,
            reports: reports(registry)?,
            memory: [median(&resident[fifth..2 * fifth])?, median(&resident[4 * fifth..])?],
            disk: disk as f64 / f64::from(1 << 20),
        })
    }

    /// Whether nothing was lost, wrong or double.
    pub(super) fn is_fine(&self) -> bool {
        let kind = |kind: &str| self.reports.kinds.get(kind).copied().unwrap_or_default();
        self.answered.lost == 0
            && self.answered.wrong == 0
            && (self.reports.lost, self.reports.double) == (0, 0)
            && kind("fell_back") == self.operated.taken_back
            && kind("refused") >= self.operated.refused
    }

    pub(super) fn print(&self) {
        let Self { answered, operated, took, reports, memory: [early, late], disk } = self;
        let kinds: Vec<String> =
            reports.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        println!("| a day in {:.0} minutes | measured | aim |", took.as_secs_f64() / 60.0);
        println!("| --- | ---: | ---: |");
        println!("| predictions | {} in {} requests | |", answered.predictions, answered.requests);
        println!("| swaps of the version under load | {} | |", operated.swaps);
        println!("| losses of the link to the registry, 4 s each | {} | |", operated.losses);
        println!("| hostile versions refused before they answered | {} | |", operated.refused);
        println!("| hostile versions taken back on probation | {} | |", operated.taken_back);
        println!("| requests without an answer | {} | 0 |", answered.lost);
        println!("| answers that the version which they name does not give | {} | 0 |", answered.wrong);
        println!("| reports at the registry | {} ({}) | |", reports.count, kinds.join(", "));
        println!("| reports lost | {} | 0 |", reports.lost);
        println!("| reports twice | {} | 0 |", reports.double);
        println!(
            "| resident memory, second fifth of the time to last | {early:.1} to {late:.1} MiB ({:+.1} %) | flat to 2 % |",
            (late / early - 1.0) * 100.0
        );
        println!("| data directory after it | {disk:.0} MiB | |\n");
    }
}

/// All reports that the registry has.
fn reports(registry: &str) -> Result<Reports> {
    let client = Client::new(registry);
    let mut found = Reports::default();
    let mut numbers: BTreeMap<u64, u64> = BTreeMap::new();
    let mut token: Option<String> = None;
    loop {
        let after = token.map(|token| format!("&page_token={token}")).unwrap_or_default();
        let path = format!("/api/v1/gateways/{GATEWAY}/reports?max_results=1000{after}");
        let (status, page) = client.get(&path)?;
        let list = page["reports"].as_array().with_context(|| format!("{status}: {page}"))?;
        for report in list {
            let number = report["sequence"].as_u64().context("a report without a number")?;
            *numbers.entry(number).or_default() += 1;
            let kind = report["event"]["kind"].as_str().unwrap_or("?").to_owned();
            *found.kinds.entry(kind).or_default() += 1;
        }
        token = page.get("next_page_token").and_then(Value::as_str).map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    let last = numbers.last_key_value().map_or(0, |(number, _)| *number);
    found.count = numbers.values().sum();
    found.lost = last - numbers.len() as u64;
    found.double = found.count - numbers.len() as u64;
    Ok(found)
}

fn median(values: &[f64]) -> Result<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().context("the time was too short to look at the memory")
}
