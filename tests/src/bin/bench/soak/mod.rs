//! A day of a gateway in minutes: ten million predictions, while versions are swapped, the link to the registry is cut
//! and hostile components are promoted. Nothing may leak, get lost, come twice, or be another version's answer.
//!
//! | module | does |
//! | --- | --- |
//! | [`models`] | versions, good and hostile, with what each answers |
//! | [`traffic`] | asks the gateway, and judges every answer |
//! | [`operator`] | promotes versions and cuts the link |
//! | [`link`] | the link between gateway and registry |
//! | [`verdict`] | what the registry was told in the end, and the table |

mod link;
mod models;
mod operator;
mod traffic;
mod verdict;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use clap::Args;
use overhaul_tests::gateway::Gateway;
use overhaul_tests::process::Server;
use overhaul_tests::registry::Registry;

use crate::machine;
use link::Link;
use models::Models;
use operator::Operator;
use traffic::Traffic;
use verdict::Verdict;

/// What the gateway reports as.
const GATEWAY: &str = "soak";
/// How often its memory is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long it goes on.
#[derive(Args)]
pub(crate) struct Arguments {
    /// How many predictions.
    #[arg(long, default_value_t = 10_000_000)]
    predictions: u64,
}

/// Runs it and prints the table.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let folder = tempfile::tempdir()?;
    println!("{}\n", machine::line()?);
    let models = Arc::new(Models::train(folder.path())?);
    let registry = Registry::start(folder.path())?;
    let link = Link::to(registry.server.address())?;
    let registry_url = registry.url().to_owned();
    let mut operator = Operator::new(registry, link, Arc::clone(&models), folder.path());
    operator.promote_good()?;
    let data = folder.path().join("gateway");
    let mut run = Gateway::command(operator.link_url(), &data)?;
    run.args(["--gateway-id", GATEWAY, "--report-interval", "10s", "--report-predictions", "1/1000"]);
    // As the service's unit has it.
    run.env("RUST_LOG", "warn").env("MALLOC_ARENA_MAX", "2");
    let gateway = Gateway::of(Server::start(&mut run, &folder.path().join("gateway.log"))?);
    operator.wait(&gateway)?;

    let traffic = Traffic::new(gateway.server.address(), &models, arguments.predictions);
    let stop = AtomicBool::new(false);
    let start = Instant::now();
    let mut resident = Vec::new();
    let (answered, operated) = thread::scope(|scope| {
        let operating = scope.spawn(|| operator.run(&gateway, &stop));
        let asking = scope.spawn(|| {
            let answered = traffic.run();
            stop.store(true, Ordering::Relaxed);
            answered
        });
        while !stop.load(Ordering::Relaxed) {
            thread::sleep(LOOK);
            let memory = machine::memory(&gateway.server.id().to_string(), "VmRSS")?;
            resident.push(memory);
            if resident.len() % 30 == 0 {
                eprintln!("{} predictions, {memory:.1} MiB", traffic.predictions());
            }
        }
        let died = |_| anyhow!("a thread died");
        let operated = operating.join().map_err(died)?;
        Ok::<_, anyhow::Error>((asking.join().map_err(died)??, operated?))
    })?;
    let took = start.elapsed();
    let verdict = Verdict::of(&gateway, &registry_url, answered, operated, took, &resident, &data)?;
    verdict.print();
    if verdict.is_fine() {
        return Ok(());
    }
    eprintln!("the gateway's log:\n{}", gateway.server.log());
    anyhow::bail!("something was lost, came twice or was wrong: see the table")
}
