//! The two servers, started and measured the same way.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use overhaul_tests::programs;

/// Workers of the real server.
const WORKERS: u32 = 4;
/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running server. It is ended when this is dropped.
pub(super) struct Peer {
    /// What the tables call it.
    pub(super) name: String,
    /// From the start of the process to the first answer.
    pub(super) ready: Duration,
    address: String,
    child: Child,
    /// The real server's Python and database, which is filled without the server.
    pub(super) mlflow: Option<(PathBuf, PathBuf)>,
}

impl Peer {
    /// This project's registry.
    pub(super) fn overhaul(folder: &Path) -> Result<Self> {
        let mut serve = programs::program("overhaul-server")?;
        serve.arg("serve").arg("--data-dir").arg(folder.join("registry"));
        serve.env("RUST_LOG", "warn").arg("--listen");
        Self::start("overhaul-server".to_owned(), serve, folder, None)
    }

    /// The real server with `SQLite` and artifacts on disk, as its documentation starts it.
    pub(super) fn mlflow(python: &Path, folder: &Path) -> Result<Self> {
        let version = programs::run(Command::new(python).args(["-m", "mlflow", "--version"]))?;
        let version = version.rsplit(' ').next().unwrap_or_default().trim().to_owned();
        let database = folder.join("mlflow.db");
        let mut serve = Command::new(python);
        serve.args(["-m", "mlflow", "server", "--workers", &WORKERS.to_string()]);
        serve.arg("--backend-store-uri").arg(format!("sqlite:///{}", database.display()));
        serve.arg("--artifacts-destination").arg(folder.join("artifacts")).arg("--host=127.0.0.1");
        let name = format!("mlflow {version}, {WORKERS} workers");
        Self::start(name, serve, folder, Some((python.to_owned(), database)))
    }

    fn start(
        name: String,
        mut command: Command,
        folder: &Path,
        mlflow: Option<(PathBuf, PathBuf)>,
    ) -> Result<Self> {
        // Free now, and nobody else on a machine that is measured takes it.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        match mlflow {
            Some(_) => command.arg("--port").arg(port.to_string()),
            None => command.arg(&address),
        };
        let log = fs::File::create(folder.join("server.log"))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // Its workers are in its group, and are ended with it.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut peer = Self { name, ready: Duration::ZERO, address, child, mlflow };
        let url = format!("http://{}/health", peer.address);
        while !matches!(ureq::get(&url).call(), Ok(answer) if answer.status() == 200) {
            if started.elapsed() > PATIENCE {
                let log = fs::read_to_string(folder.join("server.log"))?;
                bail!("{} does not answer; its log:\n{log}", peer.name);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        peer.ready = started.elapsed();
        Ok(peer)
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The memory of its processes in MiB, what they share counted once.
    pub(super) fn memory(&self) -> Result<f64> {
        let mut kilobytes = 0.0;
        for process in tree(self.child.id())? {
            // One that has just ended uses none.
            let Ok(text) = fs::read_to_string(format!("/proc/{process}/smaps_rollup")) else { continue };
            let share = text.lines().find_map(|line| line.strip_prefix("Pss:"));
            let share = share.context("smaps_rollup has no Pss")?.trim().trim_end_matches("kB");
            kilobytes += share.trim().parse::<f64>()?;
        }
        Ok(kilobytes / 1024.0)
    }
}

/// A process and all that it started.
fn tree(root: u32) -> Result<Vec<u32>> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&process) = found.get(next) {
        next += 1;
        let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { continue };
        for task in tasks {
            let children = task?.path().join("children");
            let children = fs::read_to_string(children).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
    }
    Ok(found)
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The whole group; it may have ended already.
        if let Ok(group) = i32::try_from(self.child.id()) {
            let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(group), nix::sys::signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}
