//! Child processes and folders that never outlive this program, however it ends short of `kill -9`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long a server may take until it listens.
const START: Duration = Duration::from_mins(1);
/// How long a server may take to stop before it is killed.
const STOP: Duration = Duration::from_secs(5);

/// What a signal has to clean up.
struct Owned {
    children: Vec<u32>,
    folders: Vec<PathBuf>,
}

static OWNED: Mutex<Owned> = Mutex::new(Owned { children: Vec::new(), folders: Vec::new() });

fn owned() -> MutexGuard<'static, Owned> {
    OWNED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C, SIGTERM and SIGHUP stop all children, remove the folders and end this program.
pub(crate) fn stop_all_on_signal() -> Result<()> {
    ctrlc::set_handler(|| {
        let owned = owned();
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            for child in &owned.children {
                send(*child, signal);
            }
            thread::sleep(Duration::from_millis(500));
        }
        for folder in &owned.folders {
            // There is nobody left to tell.
            let _ = std::fs::remove_dir_all(folder);
        }
        eprintln!("\nstopped; nothing is left running");
        std::process::exit(130);
    })
    .context("cannot take over Ctrl-C")
}

/// A folder for one run, removed when it ends, also by a signal.
pub(crate) fn folder(prefix: &str) -> Result<tempfile::TempDir> {
    let folder =
        tempfile::Builder::new().prefix(prefix).tempdir().context("cannot make a folder to work in")?;
    owned().folders.push(folder.path().to_owned());
    Ok(folder)
}

/// Keeps a folder that [`folder`] made.
pub(crate) fn keep(folder: tempfile::TempDir) -> PathBuf {
    let path = folder.keep();
    owned().folders.retain(|other| *other != path);
    path
}

fn send(id: u32, signal: Signal) {
    if let Ok(id) = i32::try_from(id) {
        // It may have ended by itself.
        let _ = kill(Pid::from_raw(id), signal);
    }
}

/// A running child, which is stopped when this is dropped.
#[derive(Debug)]
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        // A signal between the start and the note would leave the child alone: the lock is taken before.
        let mut owned = owned();
        let child =
            command.spawn().with_context(|| format!("cannot start {}", crate::command::shown(command)))?;
        owned.children.push(child.id());
        Ok(Self(child))
    }

    fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.0.wait()?;
        self.forget();
        Ok(status)
    }

    fn forget(&self) {
        owned().children.retain(|id| *id != self.0.id());
    }

    /// SIGTERM, then SIGKILL when that does not help.
    fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.0.try_wait()? {
            self.forget();
            return Ok(status);
        }
        send(self.0.id(), Signal::SIGTERM);
        let asked = Instant::now();
        while asked.elapsed() < STOP {
            if let Some(status) = self.0.try_wait()? {
                self.forget();
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.0.kill()?;
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let stopped = self.stop();
        if stopped.is_err() {
            send(self.0.id(), Signal::SIGKILL);
        }
    }
}

/// Runs a command to its end in front of the user; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = Running::start(command)?.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", crate::command::shown(command));
    }
    Ok(())
}

/// A server of ours that listens.
#[derive(Debug)]
pub(crate) struct Server {
    running: Running,
    name: &'static str,
    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub(crate) url: String,
    /// Its log.
    pub(crate) log: PathBuf,
}

impl Server {
    /// Starts a program that prints `listening on URL` once it is ready; its log goes into `log`.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path) -> Result<Self> {
        let file = std::fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file);
        let mut running = Running::start(command)?;
        let stdout = running.0.stdout.take().context("the child has no standard output")?;
        let (sender, receiver) = mpsc::channel();
        // It reads on to the end: a full pipe would stop the server.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("listening on ") {
                    // Only the first one is waited for.
                    let _ = sender.send(url.trim().to_owned());
                }
            }
        });
        match receiver.recv_timeout(START) {
            Ok(url) => Ok(Self { running, name, url, log: log.to_owned() }),
            Err(why) => {
                let status = running.stop()?;
                let log = std::fs::read_to_string(log).unwrap_or_default();
                let how = match why {
                    RecvTimeoutError::Timeout => format!("did not listen within {} s", START.as_secs()),
                    RecvTimeoutError::Disconnected => format!("ended with {status} before it listened"),
                };
                bail!("{name} {how}; its log:\n{}", log.trim_end())
            }
        }
    }

    /// Stops it and refuses any end but a clean one.
    pub(crate) fn stop(mut self) -> Result<()> {
        let status = self.running.stop()?;
        if !status.success() {
            bail!("{} ended with {status}; its log is {}", self.name, self.log.display());
        }
        Ok(())
    }
}

/// Waits for Ctrl-C, which [`stop_all_on_signal`] answers.
pub(crate) fn wait_for_signal() -> ! {
    loop {
        thread::park();
    }
}

#[cfg(test)]
mod tests;
