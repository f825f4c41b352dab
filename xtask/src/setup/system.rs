//! Compilers, Python and a broker, from the system's packages.

use std::process::Command;

use anyhow::Result;

use crate::command::{output, run, succeeds};
use crate::mistake::mistake;
use crate::progress::step;

/// A Debian package, and a command that succeeds only where what it brings is there.
struct Need {
    package: &'static str,
    probe: &'static [&'static str],
}

const NEEDS: [Need; 5] = [
    Need { package: "gcc", probe: &["cc", "--version"] },
    Need { package: "g++", probe: &["c++", "--version"] },
    Need { package: "python3", probe: &["python3", "--version"] },
    Need { package: "python3-venv", probe: &["python3", "-c", "import ensurepip, venv"] },
    // The gateway's tests speak to it.
    Need { package: "mosquitto", probe: &["sh", "-c", "PATH=$PATH:/usr/sbin; command -v mosquitto"] },
];

/// Installs what is missing, or says in one line how to.
pub(super) fn ensure() -> Result<()> {
    let missing: Vec<&str> = NEEDS.iter().filter(|need| !is_met(need)).map(|need| need.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing)
}

fn is_met(need: &Need) -> bool {
    need.probe
        .split_first()
        .is_some_and(|(program, arguments)| succeeds(Command::new(program).args(arguments)))
}

/// Installs Debian packages as root, or by a `sudo` that asks no password.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if !succeeds(Command::new("apt-get").arg("--version")) {
        return Err(mistake(format!(
            "this machine lacks what Debian's packages {names} bring, and has no apt-get; install them your way, then run this again"
        )));
    }
    let is_root = output(Command::new("id").arg("-u"))? == "0";
    if !is_root && !succeeds(Command::new("sudo").args(["-n", "true"])) {
        return Err(mistake(format!(
            "missing system packages: {names}; run `sudo apt-get update && sudo apt-get install {names}`, then run this again"
        )));
    }
    let apt = || {
        let mut command = Command::new(if is_root { "env" } else { "sudo" });
        if !is_root {
            command.args(["-n", "env"]);
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o=Dpkg::Use-Pty=0"]);
        command
    };
    step(&format!("system packages {names}"), || {
        run(apt().arg("update"))?;
        run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages))
    })
}
