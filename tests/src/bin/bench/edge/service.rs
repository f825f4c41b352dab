//! `POST /predict/simple`: the agent against the service that most would write instead, FastAPI with PyTorch.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use overhaul_bundle::Bundle;
use overhaul_tests::gateway::Client;
use overhaul_tests::process::Server;
use overhaul_tests::{programs, wait};

use crate::load::{self, Figures, Load, Sent};
use crate::machine::memory;
use crate::statistics::milliseconds;

/// Connections at once.
const CONNECTIONS: [usize; 2] = [1, 32];
/// Processes of the peer: one a core, of the two that a gateway has.
const WORKERS: &str = "2";
/// How long a load lasts.
const TIME: Duration = Duration::from_secs(5);
/// How long the peer may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// What one service did.
struct Measured {
    name: String,
    figures: Vec<Figures>,
    /// From the start of the process to its first answer.
    ready: Duration,
    /// Mebibytes after the load, of all its processes.
    memory: f64,
    /// The first windows' answers, so that nobody is fast by being wrong.
    answers: Vec<f64>,
}

/// Measures both and prints the tables.
pub(crate) fn run(bundle: &Path, python: Option<&Path>, folder: &Path) -> Result<()> {
    let bodies = bodies(bundle)?;
    let ours = agent(bundle, &bodies, folder)?;
    let peer = python.map(|python| peer(python, bundle, &bodies, folder)).transpose()?;
    if let Some(peer) = &peer {
        must_agree(&ours, peer)?;
    }
    println!("| `POST /predict/simple`, GRU 2 × 64 | connections | requests a second | p50 | p99 | errors |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for measured in [Some(&ours), peer.as_ref()].into_iter().flatten() {
        for (connections, figures) in CONNECTIONS.iter().zip(&measured.figures) {
            let (p50, p99) = (milliseconds(figures.p50), milliseconds(figures.p99));
            let (name, rate, errors) = (&measured.name, figures.rate, figures.errors);
            println!("| {name} | {connections} | {rate:.0} | {p50} | {p99} | {errors} |");
        }
    }
    println!();
    let Some(peer) = peer else { return Ok(()) };
    println!("| against {} | measured | aim |", peer.name);
    println!("| --- | ---: | ---: |");
    for (index, connections) in CONNECTIONS.iter().enumerate() {
        let (ours, peer) = (ours.figures[index], peer.figures[index]);
        let latency = ours.p99.as_secs_f64() / peer.p99.as_secs_f64();
        println!(
            "| requests a second over {connections} | {:.1} times | at least 10 times |",
            ours.rate / peer.rate
        );
        println!("| p99 over {connections} | {latency:.3} times | at most 0.1 times |");
    }
    let [ready, its] = [&ours, &peer].map(|measured| measured.ready.as_secs_f64());
    println!("| start to first answer | {ready:.2} s, it {its:.2} s | |");
    println!("| memory after the load | {:.0} MiB, it {:.0} MiB | |\n", ours.memory, peer.memory);
    Ok(())
}

/// Requests' bodies out of golden windows.
fn bodies(bundle: &Path) -> Result<Vec<Bytes>> {
    let golden = Bundle::open(bundle)?.golden()?;
    let windows = golden.windows.chunks(golden.sequence_length * golden.features);
    let bodies = windows.map(|window| {
        let rows: Vec<&[f32]> = window.chunks(golden.features).collect();
        Ok(serde_json::to_vec(&serde_json::json!({ "sensor_data": rows }))?.into())
    });
    bodies.collect()
}

fn agent(bundle: &Path, bodies: &[Bytes], folder: &Path) -> Result<Measured> {
    let start = || {
        let mut run = programs::program("overhaul-edge")?;
        run.args(["run", "--listen", "127.0.0.1:0", "--bundle"]).arg(bundle);
        run.arg("--data-dir").arg(folder.join("agent")).env("RUST_LOG", "warn");
        let started = Instant::now();
        let server = Server::start(&mut run, &folder.join("agent.log"))?;
        first_answer(server.url(), &bodies[0])?;
        Ok::<_, anyhow::Error>((started.elapsed(), server))
    };
    // The first start compiles the component.
    start()?;
    let (ready, server) = start()?;
    let (figures, answers) = load(server.address(), bodies)?;
    let memory = memory(&server.id().to_string(), "VmRSS")?;
    Ok(Measured { name: "overhaul-edge".to_owned(), figures, ready, memory, answers })
}

fn peer(python: &Path, bundle: &Path, bodies: &[Bytes], folder: &Path) -> Result<Measured> {
    let versions = "import fastapi, torch; print('FastAPI', fastapi.__version__ + ', PyTorch', torch.__version__.split('+')[0])";
    let name = programs::run(Command::new(python).args(["-c", versions]))?.trim().to_owned();
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut uvicorn = Command::new(python);
    uvicorn.args(["-m", "uvicorn", "fastapi_rul:app", "--log-level", "warning", "--no-access-log"]);
    uvicorn.args(["--workers", WORKERS, "--port", &port.to_string(), "--app-dir"]);
    uvicorn
        .arg(programs::checkout().join("tests/peers"))
        .env("BUNDLE", bundle)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    // Its workers are in its group, and are ended with it.
    std::os::unix::process::CommandExt::process_group(&mut uvicorn, 0);
    let log = std::fs::File::create(folder.join("peer.log"))?;
    uvicorn.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let started = Instant::now();
    let group = Group(uvicorn.spawn().with_context(|| format!("cannot start {uvicorn:?}"))?);
    let address = format!("127.0.0.1:{port}");
    let url = format!("http://{address}");
    while first_answer(&url, &bodies[0]).is_err() {
        if started.elapsed() > PATIENCE {
            bail!(
                "the peer does not answer; its log:\n{}",
                std::fs::read_to_string(folder.join("peer.log"))?
            );
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let ready = started.elapsed();
    let (figures, answers) = load(&address, bodies)?;
    Ok(Measured {
        name: format!("{name}, {WORKERS} workers"),
        figures,
        ready,
        memory: group.memory()?,
        answers,
    })
}

fn first_answer(url: &str, body: &Bytes) -> Result<()> {
    let client = Client::new(url);
    let body = std::str::from_utf8(body)?;
    wait::until("the first prediction", || match client.post(body)? {
        (200, _) => Ok(()),
        (status, answer) => bail!("{status}: {answer}"),
    })
}

fn load(address: &str, bodies: &[Bytes]) -> Result<(Vec<Figures>, Vec<f64>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let request = |n: u64, _: Option<&Bytes>| -> Result<Sent> {
        let request =
            Request::post("/predict/simple").header(HOST, address).header(CONTENT_TYPE, "application/json");
        Ok(request.body(Full::from(bodies[n as usize % bodies.len()].clone()))?)
    };
    let told = |error: &anyhow::Error| eprintln!("{address}: the first error: {error:#}");
    let figures = CONNECTIONS.map(|connections| {
        runtime.block_on(load::run(Load { address, connections, time: TIME }, &request, &told))
    });
    let client = Client::new(&format!("http://{address}"));
    let answers = bodies.iter().map(|body| {
        let (status, answer) = client.post(std::str::from_utf8(body)?)?;
        answer["predicted_rul"].as_f64().with_context(|| format!("{status}: {answer}"))
    });
    Ok((figures.into_iter().collect::<Result<_>>()?, answers.collect::<Result<_>>()?))
}

fn must_agree(ours: &Measured, peer: &Measured) -> Result<()> {
    let pairs = ours.answers.iter().zip(&peer.answers);
    let difference = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    if difference.is_nan() || difference > 2e-2 {
        bail!("the agent and {} differ by {difference} cycles", peer.name);
    }
    Ok(())
}

/// A process with its children, which end with it.
struct Group(Child);

impl Group {
    /// The memory of all of them that no two share, in MiB.
    fn memory(&self) -> Result<f64> {
        let mut sum = 0.0;
        for entry in std::fs::read_dir("/proc")? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(id) = name.to_str().filter(|name| name.parse::<u32>().is_ok()) else { continue };
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let group = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(2)?.parse::<u32>().ok());
            if group == Some(self.0.id()) {
                let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
                let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or("0 kB");
                sum += pss.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0;
            }
        }
        Ok(sum)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = killpg(Pid::from_raw(self.0.id() as i32), Signal::SIGKILL);
        let _ = self.0.wait();
    }
}
