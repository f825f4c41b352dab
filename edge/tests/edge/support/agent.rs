//! The real program: started, asked over HTTP, ended with the test.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::eventually;

/// A running `overhaul-edge run`.
pub(crate) struct Agent {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

/// Runs the program to its end.
pub(crate) fn output<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    command(arguments).output().unwrap()
}

/// The one line of a mistake: exit code 2, and nothing else on standard error but warnings.
pub(crate) fn mistake<S: AsRef<OsStr>>(arguments: &[S]) -> String {
    let output = output(arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    let errors: Vec<&str> = text.lines().filter(|line| !line.contains(" WARN ")).collect();
    assert_eq!(errors.len(), 1, "{text}");
    errors[0].to_owned()
}

pub(crate) fn command<S: AsRef<OsStr>>(arguments: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_overhaul-edge"));
    command.args(arguments).stdin(Stdio::null());
    bare(&mut command);
    command
}

/// Nothing of this machine's own settings reaches the program.
fn bare(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("OVERHAUL_")) {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG").env("OVERHAUL_EDGE_CONFIG", "/dev/null");
}

fn run<S: AsRef<OsStr>>(arguments: &[S]) -> Vec<&OsStr> {
    let start = ["run", "--listen", "127.0.0.1:0"].map(OsStr::new);
    start.into_iter().chain(arguments.iter().map(AsRef::as_ref)).collect()
}

fn limited<S: AsRef<OsStr>>(limit: &str, arguments: &[S]) -> Command {
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; {limit}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_overhaul-edge")]);
    command.args(run(arguments)).stdin(Stdio::null());
    bare(&mut command);
    command
}

impl Agent {
    /// Starts `overhaul-edge run` with these arguments on a free port, and waits until it listens.
    pub(crate) fn start<S: AsRef<OsStr>>(arguments: &[S]) -> Self {
        Self::wait_until_listening(command(&run(arguments)))
    }

    /// The same for an agent that follows a registry, and asks it ten times a second.
    pub(crate) fn follow(registry: &str, data: &Path, more: &[&str]) -> Self {
        Self::start(&[&following(registry, data)[..], more].concat())
    }

    /// The same after a change to how it is started, such as a variable in its environment.
    pub(crate) fn start_with<S: AsRef<OsStr>>(arguments: &[S], change: impl FnOnce(&mut Command)) -> Self {
        let mut command = command(&run(arguments));
        change(&mut command);
        Self::wait_until_listening(command)
    }

    /// The same, but no file that it writes can be longer than 128 KiB.
    pub(crate) fn start_limited<S: AsRef<OsStr>>(arguments: &[S]) -> Self {
        Self::wait_until_listening(limited("ulimit -f 256", arguments))
    }

    /// The same, until [`Agent::lift_limit`]; programs that it starts may go beyond by themselves.
    pub(crate) fn start_limited_for_now<S: AsRef<OsStr>>(arguments: &[S]) -> Self {
        Self::wait_until_listening(limited("ulimit -S -f 256", arguments))
    }

    /// The same, but nothing can be written, as on a full disk.
    pub(crate) fn start_on_a_full_disk<S: AsRef<OsStr>>(arguments: &[S]) -> Self {
        Self::wait_until_listening(limited("ulimit -f 0", arguments))
    }

    fn wait_until_listening(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (stderr, lines) = (child.stderr.take().unwrap(), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                lines.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let mut agent = Self { child, address: String::new(), log };
        let Some((_, address)) =
            first.trim().strip_prefix("listening on ").and_then(|url| url.split_once("://"))
        else {
            let _ = agent.child.wait();
            panic!("the agent did not start: {}", agent.log());
        };
        address.clone_into(&mut agent.address);
        agent
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// `GET` or `POST`: the status and the JSON answer.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
        ask(&self.address, method, path, None, body)
    }

    /// The same, with a body that says what it is.
    pub(crate) fn ask_with(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> (u16, Value) {
        ask(&self.address, method, path, Some(content_type), body)
    }

    /// Takes away the limit that [`Agent::start_limited_for_now`] set.
    pub(crate) fn lift_limit(&self) {
        let process = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        let hard = rustix::process::prlimit(
            process,
            rustix::process::Resource::Fsize,
            rustix::process::Rlimit { current: Some(1 << 30), maximum: None },
        );
        hard.unwrap();
    }

    /// The text of a page.
    pub(crate) fn text(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Its health.
    pub(crate) fn health(&self) -> Value {
        let (status, body) = self.ask("GET", "/health", b"");
        assert_eq!(status, 200);
        body
    }

    /// Posts readings to `/predict/simple`.
    pub(crate) fn predict(&self, rows: &[Vec<f32>]) -> (u16, Value) {
        let body = serde_json::json!({ "sensor_data": rows }).to_string();
        self.ask("POST", "/predict/simple", body.as_bytes())
    }

    /// Waits until the health is as wanted, and answers it.
    pub(crate) fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("{what} (log: {})", self.log()), || Some(self.health()).filter(&wanted))
    }

    /// Waits until a version answers.
    pub(crate) fn wait_for_version(&self, version: u32) -> Value {
        self.wait_for(&format!("version {version}"), |health| health["model"]["version"] == version)
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The processes that it has started and not yet waited for.
    pub(crate) fn children(&self) -> Vec<u32> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        let lists =
            threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok());
        lists
            .flat_map(|list| list.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<_>>())
            .collect()
    }

    /// Sends a signal, such as `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the log has a line with all of these, and answers it.
    pub(crate) fn wait_for_line(&self, parts: &[&str]) -> String {
        eventually(&format!("a line with {parts:?}"), || {
            let log = self.log();
            log.lines().find(|line| parts.iter().all(|part| line.contains(part))).map(str::to_owned)
        })
    }

    /// Sends SIGTERM and answers the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        self.signal("TERM");
        eventually("the end", || self.child.try_wait().unwrap()).code()
    }

    /// Ends it without a warning, as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(address: &str, method: &str, path: &str, content_type: Option<&str>, body: &[u8]) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let content_type = content_type.map_or_else(String::new, |text| format!("Content-Type: {text}\r\n"));
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{content_type}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // A server that refuses a long body need not read all of it.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {body}")))
}

/// The arguments of an agent that follows a registry.
pub(crate) fn following<'a>(registry: &'a str, data: &'a Path) -> [&'a str; 6] {
    ["--registry", registry, "--data-dir", data.to_str().unwrap(), "--poll", "100ms"]
}
