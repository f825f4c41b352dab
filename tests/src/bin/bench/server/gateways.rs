//! 20,000 gateways that ask every ten seconds what to run, while a trainer publishes and a manager promotes.
//!
//! Every question is sent when it is due, whatever became of the one before, and its time counts from then.
//! Each has a connection of its own, as a gateway that asks every ten seconds has.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use http_body_util::Full;
use hyper::Request;
use hyper::header::{HOST, IF_NONE_MATCH};
use overhaul_tests::MODEL;
use overhaul_tests::registry::Registry;

use crate::load::Connection;
use crate::statistics::quantile;

const GATEWAYS: usize = 20_000;
const EVERY: Duration = Duration::from_secs(10);
/// Three questions of each gateway.
const TIME: Duration = Duration::from_secs(30);
/// Between two publications, each promoted at once.
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// What the gateways saw.
#[derive(Default)]
struct Seen {
    took: Vec<Duration>,
    changed: usize,
    errors: Vec<String>,
    /// What each gateway runs, by the tag that the registry gave it.
    tags: Vec<Option<String>>,
}

/// Measures and prints.
pub(super) async fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let registry_folder = folder.path().to_owned();
    // The registry's client has a runtime of its own, which this one must not be in.
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let trainer = thread::spawn(move || publish(&registry_folder, sender));
    let Ok(address) = receiver.await else {
        return trainer.join().map_err(|_| anyhow!("the publisher died"))?.map(drop);
    };
    let seen = Rc::new(RefCell::new(Seen { tags: vec![None; GATEWAYS], ..Seen::default() }));
    let local = tokio::task::LocalSet::new();
    local.run_until(ask_all(&address, &seen)).await?;
    let published = trainer.join().map_err(|_| anyhow!("the publisher died"))??;
    let seen = seen.borrow();
    println!("| {GATEWAYS} gateways, a question every {} s each | measured | aim |", EVERY.as_secs());
    println!("| --- | ---: | ---: |");
    println!(
        "| questions in {} s | {} | {} |",
        TIME.as_secs(),
        seen.took.len() + seen.errors.len(),
        questions()
    );
    println!("| answered with another version than before | {} | |", seen.changed);
    println!("| versions published and promoted meanwhile | {published} | |");
    println!("| errors | {} | 0 |", seen.errors.len());
    for (share, name, aim) in [(0.5, "p50", ""), (0.99, "p99", "at most 20 ms"), (1.0, "longest", "")] {
        println!("| {name} | {:.1} ms | {aim} |", quantile(&seen.took, share).as_secs_f64() * 1e3);
    }
    println!();
    if let Some(error) = seen.errors.first() {
        eprintln!("the first of {} errors: {error}", seen.errors.len());
    }
    Ok(())
}

fn questions() -> u32 {
    (GATEWAYS as u128 * TIME.as_millis() / EVERY.as_millis()) as u32
}

/// Sends every question when it is due and waits for the last answer.
async fn ask_all(address: &str, seen: &Rc<RefCell<Seen>>) -> Result<()> {
    let start = Instant::now();
    let mut asked = Vec::new();
    for question in 0..questions() {
        let due = start + TIME * question / questions();
        tokio::time::sleep_until(due.into()).await;
        let (address, seen) = (address.to_owned(), Rc::clone(seen));
        let gateway = question as usize % GATEWAYS;
        asked.push(tokio::task::spawn_local(async move {
            let tag = seen.borrow().tags[gateway].clone();
            let answer = ask(&address, tag.as_deref()).await;
            let mut seen = seen.borrow_mut();
            match answer {
                Ok(None) => {}
                Ok(tag) => {
                    seen.changed += 1;
                    seen.tags[gateway] = tag;
                }
                Err(error) => return seen.errors.push(format!("{error:#}")),
            }
            seen.took.push(due.elapsed());
        }));
    }
    for answered in asked {
        answered.await?;
    }
    Ok(())
}

/// One question: the tag of what the gateway is to run, or `None` when nothing changed.
async fn ask(address: &str, tag: Option<&str>) -> Result<Option<String>> {
    let request = Request::get(format!("/api/v1/models/{MODEL}/aliases/production")).header(HOST, address);
    let request = request.header(IF_NONE_MATCH, tag.unwrap_or("\"none\""));
    let (status, tag, body) = Connection::open(address).await?.send(request.body(Full::default())?).await?;
    match status {
        304 => Ok(None),
        200 => Ok(Some(tag.context("the answer has no ETag")?)),
        _ => bail!("{status}: {}", String::from_utf8_lossy(&body)),
    }
}

/// Publishes and promotes until the time is over; how many versions.
fn publish(folder: &std::path::Path, ready: tokio::sync::oneshot::Sender<String>) -> Result<u32> {
    let registry = Registry::start(folder)?;
    registry.promote(registry.publish(folder)?.version)?;
    if ready.send(registry.server.address().to_owned()).is_err() {
        bail!("nobody waits for the registry");
    }
    let start = Instant::now();
    let mut published = 0;
    while start.elapsed() < TIME {
        thread::sleep(PUBLISH_EVERY);
        registry.promote(registry.publish(folder)?.version)?;
        published += 1;
    }
    // The last questions are answered before the registry ends.
    thread::sleep(Duration::from_secs(5));
    Ok(published)
}
