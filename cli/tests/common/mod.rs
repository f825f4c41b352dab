//! The `overhaul` program against a real registry process.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use overhaul_client::Registry;
use tempfile::TempDir;

#[path = "../../../server/tests/common/samples.rs"]
pub(crate) mod samples;

/// A registry process with a directory of its own; killed when dropped.
pub(crate) struct Server {
    child: Child,
    _data: TempDir,
    pub(crate) url: String,
    pub(crate) registry: Registry,
}

impl Server {
    pub(crate) fn start() -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_overhaul")).with_file_name("overhaul-server");
        assert!(
            program.exists(),
            "{} is not built; run `cargo build -p overhaul-server` first",
            program.display()
        );
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("the line with the URL").to_owned();
        let registry = Registry::new(&url).unwrap();
        Self { child, _data: data, url, registry }
    }

    /// Runs `overhaul models` with some arguments.
    pub(crate) fn models(&self, arguments: &[&str]) -> Output {
        overhaul(&[&["--registry", self.url.as_str(), "models"], arguments].concat())
    }

    /// The same, for its output when it succeeds.
    pub(crate) fn told(&self, arguments: &[&str]) -> String {
        let output = self.models(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same, for its JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.told(&[arguments, &["--json"]].concat())).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn overhaul(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_overhaul"))
        .args(arguments)
        .env_remove("OVERHAUL_REGISTRY")
        .env("USER", "ada")
        .output()
        .unwrap()
}

/// The exit code and the lines on standard error of a command that is refused.
pub(crate) fn refused(output: &Output) -> (Option<i32>, String) {
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

/// A text in which each time of today, by the server's clock, reads the same.
pub(crate) fn without_now(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        let mut from = 0;
        while let Some(at) = line[from..].find("20").map(|at| from + at) {
            from = at + 2;
            let is_time = line.get(at..at + 19).is_some_and(|time| {
                time.bytes().zip(*b"dddd-dd-dd dd:dd:dd").all(|(b, kind)| match kind {
                    b'd' => b.is_ascii_digit(),
                    other => b == other,
                }) && !time.starts_with("2024-01-")
            });
            if is_time {
                line.replace_range(at..at + 19, "YYYY-MM-DD hh:mm:ss");
            }
        }
        lines.push(line);
    }
    lines.join("\n")
}
