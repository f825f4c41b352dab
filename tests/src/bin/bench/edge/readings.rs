//! `POST /units/{id}/readings` over ten thousand units.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use overhaul_bundle::Bundle;
use overhaul_tests::process::Server;
use overhaul_tests::programs;

use crate::load::{self, Load, Sent};
use crate::machine::memory;
use crate::statistics::milliseconds;

/// Units that send readings.
const UNITS: u64 = 10_000;
/// Connections at once.
const CONNECTIONS: usize = 32;
/// How long the load lasts.
const TIME: Duration = Duration::from_secs(15);

/// Measures and prints the table.
pub(crate) fn run(bundle: &Path, folder: &Path) -> Result<()> {
    let data = folder.join("units");
    let mut run = programs::program("overhaul-edge")?;
    run.args(["run", "--listen", "127.0.0.1:0", "--bundle"]).arg(bundle).arg("--data-dir").arg(&data);
    let server = Server::start(run.env("RUST_LOG", "warn"), &folder.join("units.log"))?;
    let golden = Bundle::open(bundle)?.golden()?;
    let rows: Vec<Bytes> = golden
        .windows
        .chunks(golden.features)
        .map(|row| Ok(serde_json::to_vec(&serde_json::json!({ "values": row }))?.into()))
        .collect::<Result<_>>()?;
    let address = server.address();
    let request = |n: u64, _: Option<&Bytes>| -> Result<Sent> {
        // Connections start a million apart: each walks over all units from a place of its own.
        let unit = (n % 1_000_000 + n / 1_000_000 * 313) % UNITS;
        let request = Request::post(format!("/units/unit-{unit}/readings"));
        let request = request.header(HOST, address).header(CONTENT_TYPE, "application/json");
        Ok(request.body(Full::from(rows[n as usize % rows.len()].clone()))?)
    };
    let told = |error: &anyhow::Error| eprintln!("readings: the first error: {error:#}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let load = Load { address, connections: CONNECTIONS, time: TIME };
    let figures = runtime.block_on(load::run(load, &request, &told))?;
    let resident = memory(&server.id().to_string(), "VmRSS")?;
    let disk = std::fs::metadata(data.join("units.db"))?.len() as f64 / f64::from(1 << 20);
    println!("| readings over {UNITS} units, one a request, {CONNECTIONS} connections | measured | aim |");
    println!("| --- | ---: | ---: |");
    println!("| readings a second, each answered with a RUL | {:.0} | at least 5000 |", figures.rate);
    println!("| p50 | {} | |", milliseconds(figures.p50));
    println!("| p99 | {} | at most 20 ms |", milliseconds(figures.p99));
    println!("| errors | {} | 0 |", figures.errors);
    println!("| resident memory after it | {resident:.0} MiB | |");
    println!("| file of windows after it | {disk:.0} MiB | |\n");
    Ok(())
}
