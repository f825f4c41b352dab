//! `overhaul-edge bench`: what this machine can do with a bundle.

use std::io::{self, Write as _};
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use overhaul_bundle::window::Window;
use overhaul_bundle::{Bundle, Mistake};
use overhaul_edge::load;
use overhaul_edge::model::Model;
use overhaul_edge::sandbox::CompileLimits;
use serde::Serialize;

use super::compiled;

/// Callers at once, and windows that each asks for in one call.
const LOADS: [(usize, usize); 4] = [(1, 1), (32, 1), (1, 64), (8, 64)];

#[derive(Args)]
pub(crate) struct Bench {
    /// The bundle to predict with.
    #[arg(long, value_name = "DIR")]
    bundle: PathBuf,
    /// How long each load lasts.
    #[arg(long, value_name = "SECONDS", default_value = "3")]
    seconds: NonZeroU64,
    /// Print JSON instead of lines.
    #[arg(long)]
    json: bool,
    /// Use this agent directory's compiled component instead of compiling.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The component to run, instead of the one beside this program.
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
}

/// What was measured.
#[derive(Serialize)]
struct Report {
    /// Processors that this program may use.
    processors: usize,
    model_type: String,
    sequence_length: usize,
    features: usize,
    /// Until the model was loaded and had answered its golden vectors; the component's compilation too, where it was not
    /// at hand.
    load_seconds: f64,
    loads: Vec<Load>,
    /// The most memory that the process had, in MiB, without the one that compiled; `None` where the system does not tell.
    peak_memory_mib: Option<u64>,
}

/// How one load went.
#[derive(Serialize)]
struct Load {
    callers: usize,
    windows_a_call: usize,
    windows_a_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

pub(crate) fn bench(arguments: &Bench) -> anyhow::Result<()> {
    let bundle = Bundle::open(&arguments.bundle)?;
    let golden = bundle.golden()?;
    let size = golden.sequence_length * golden.features;
    let windows: Vec<Window> = golden
        .windows
        .chunks_exact(size)
        .map(|values| Window { values: values.to_vec(), padded: 0 })
        .collect();
    if windows.is_empty() {
        let line = format!("the bundle {} has no golden vectors to predict", arguments.bundle.display());
        return Err(Mistake::new(line).into());
    }
    let cache = compiled(arguments.data_dir.as_deref(), CompileLimits::default())?;
    eprintln!("measuring; leave the machine alone meanwhile");
    let start = Instant::now();
    let model = load::own(&bundle, arguments.component.as_deref(), &cache)?;
    let load_seconds = start.elapsed().as_secs_f64();
    let time = Duration::from_secs(arguments.seconds.get());
    let mut loads = Vec::new();
    for (callers, at_once) in LOADS {
        loads.push(measure(&model, &windows, callers, at_once, time)?);
    }
    let report = Report {
        processors: thread::available_parallelism().map_or(1, usize::from),
        model_type: model.metadata().model_type.clone(),
        sequence_length: golden.sequence_length,
        features: golden.features,
        load_seconds,
        loads,
        peak_memory_mib: peak_memory(),
    };
    print(arguments.json, &report).context("cannot print the figures")
}

/// Calls until the time is over, after a tenth of it that does not count.
fn measure(
    model: &Model,
    windows: &[Window],
    callers: usize,
    at_once: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    let from = Instant::now() + time / 10;
    let until = from + time;
    let caller = &|number: usize| -> anyhow::Result<Vec<Duration>> {
        let mut took = Vec::new();
        let mut next = windows.iter().cycle().skip(number % windows.len());
        loop {
            let input: Vec<Window> = next.by_ref().take(at_once).cloned().collect();
            let start = Instant::now();
            model.predict_blocking(input)?;
            let end = Instant::now();
            if end > until {
                return Ok(took);
            }
            if start >= from {
                took.push(end - start);
            }
        }
    };
    let took: anyhow::Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let callers: Vec<_> = (0..callers).map(|number| scope.spawn(move || caller(number))).collect();
        let joined = callers.into_iter().map(thread::ScopedJoinHandle::join);
        joined.map(|took| took.unwrap_or_else(|_| Err(anyhow::anyhow!("a caller panicked")))).collect()
    });
    let mut took = took?.concat();
    took.sort_unstable();
    let at = |share: f64| -> anyhow::Result<f64> {
        let place = (took.len().saturating_sub(1) as f64 * share) as usize;
        let took = took.get(place).with_context(|| {
            format!("no call of {at_once} windows ended in {} s; give --seconds more", time.as_secs())
        });
        Ok(took?.as_secs_f64() * 1e3)
    };
    Ok(Load {
        callers,
        windows_a_call: at_once,
        windows_a_second: (took.len() * at_once) as f64 / time.as_secs_f64(),
        p50_ms: at(0.5)?,
        p99_ms: at(0.99)?,
    })
}

/// The process's high-water mark, in MiB.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? >> 10)
}

fn print(json: bool, report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, report)?;
        return writeln!(out);
    }
    let Report { processors, model_type, sequence_length, features, load_seconds, loads, peak_memory_mib } =
        report;
    writeln!(
        out,
        "{model_type}, window {sequence_length} × {features}, on {processors} processors of {}",
        std::env::consts::ARCH
    )?;
    writeln!(out, "component and model ready after {load_seconds:.1} s")?;
    if let Some(peak) = peak_memory_mib {
        writeln!(out, "peak memory {peak} MiB")?;
    }
    writeln!(
        out,
        "\n{:>7}  {:>14}  {:>16}  {:>10}  {:>10}",
        "callers", "windows a call", "windows a second", "p50", "p99"
    )?;
    for Load { callers, windows_a_call, windows_a_second, p50_ms, p99_ms } in loads {
        writeln!(
            out,
            "{callers:>7}  {windows_a_call:>14}  {windows_a_second:>16.0}  {p50_ms:>7.3} ms  {p99_ms:>7.3} ms"
        )?;
    }
    Ok(())
}
