//! What the component and the agent cost: bytes, seconds, memory.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use overhaul_edge::sandbox::{Limits, Sandbox};
use overhaul_tests::gateway::Client;
use overhaul_tests::process::Server;
use overhaul_tests::{programs, versions, wait};

use crate::machine::memory;
use crate::statistics::quantile;

/// How often the agent is started.
const STARTS: usize = 5;

/// Compiles the component in this process and prints seconds and peak MiB.
pub(crate) fn compile_here() -> Result<()> {
    let component = std::fs::read(programs::component()?)?;
    let before = memory("self", "VmHWM")?;
    let start = Instant::now();
    let sandbox = Sandbox::compile(&component, Limits::default())?;
    let took = start.elapsed();
    drop(sandbox);
    println!("{} {} {before}", took.as_secs_f64(), memory("self", "VmHWM")?);
    Ok(())
}

/// Measures and prints the table.
pub(crate) fn run(bundle: &Path, folder: &Path) -> Result<()> {
    let size = std::fs::metadata(programs::component()?)?.len() as f64 / f64::from(1 << 20);
    let mut compile = Command::new(std::env::current_exe()?);
    let said = programs::run(compile.args(["edge", "--python", "none", "--compile-only"]))?;
    let numbers: Vec<f64> = said.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let [seconds, peak, before] = numbers[..] else { anyhow::bail!("--compile-only printed {said:?}") };

    let data = folder.join("agent");
    start(bundle, &data, folder)?;
    let mut first = Vec::new();
    let mut rest = 0.0;
    for _ in 0..STARTS {
        let (took, server) = start(bundle, &data, folder)?;
        first.push(took);
        std::thread::sleep(Duration::from_secs(2));
        rest = memory(&server.id().to_string(), "VmRSS")?;
    }
    println!("| what | measured | aim |");
    println!("| --- | ---: | ---: |");
    let compiled = compiled_form(&data)? as f64 / 1e6;
    println!("| component, size | {size:.1} MiB | at most 6 MiB |");
    println!("| component, compiled form | {compiled:.1} MB | at most 16 MB |");
    println!("| component, compile time, all cores | {seconds:.1} s | at most 5 s |");
    println!(
        "| component, peak memory while compiling (process before it: {before:.0} MiB) | {peak:.0} MiB | at most 160 MiB |"
    );
    println!(
        "| agent, start to first prediction, compiled form cached, median of {STARTS} | {:.2} s | at most 0.15 s |",
        quantile(&first, 0.5).as_secs_f64()
    );
    println!("| agent, resident memory at rest | {rest:.0} MiB | at most 48 MiB |\n");
    Ok(())
}

/// Bytes of the compiled form that an agent keeps: by far the largest of its files.
fn compiled_form(data: &Path) -> Result<u64> {
    let mut largest = 0;
    let mut folders = vec![data.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                largest = largest.max(about.len());
            }
        }
    }
    Ok(largest)
}

/// Starts an agent with one bundle and answers how long its first prediction took.
fn start(bundle: &Path, data: &Path, folder: &Path) -> Result<(Duration, Server)> {
    let body = versions::known()?.first().context("no golden windows")?.body.clone();
    let mut run = programs::program("overhaul-edge")?;
    run.args(["run", "--listen", "127.0.0.1:0", "--bundle"]).arg(bundle).arg("--data-dir").arg(data);
    let started = Instant::now();
    let server = Server::start(&mut run, &folder.join("agent.log"))?;
    let client = Client::new(server.url());
    wait::until("the first prediction", || match client.post(&body)? {
        (200, _) => Ok(()),
        (status, answer) => anyhow::bail!("{status}: {answer}"),
    })?;
    Ok((started.elapsed(), server))
}
