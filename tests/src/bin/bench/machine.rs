//! The machine that the figures are of.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

/// One line: processor, cores, memory, system, date.
pub(crate) fn line() -> Result<String> {
    let processor = field("/proc/cpuinfo", "model name")?;
    let kilobytes: u64 = field("/proc/meminfo", "MemTotal")?.trim_end_matches("kB").trim().parse()?;
    let system = fs::read_to_string("/etc/os-release").context("no /etc/os-release")?;
    let system = system
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .unwrap_or("Linux")
        .trim_matches('"');
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().context("cannot ask for the date")?;
    Ok(format!(
        "Measured on {}: {processor}, {} cores, {} GiB of memory, {system}.",
        String::from_utf8_lossy(&date.stdout).trim(),
        std::thread::available_parallelism()?,
        kilobytes.div_ceil(1 << 20)
    ))
}

/// A process's memory by a field of its `/proc/PID/status`, such as `VmHWM`, in MiB.
pub(crate) fn memory(process: &str, name: &str) -> Result<f64> {
    let kilobytes = field(&format!("/proc/{process}/status"), name)?;
    Ok(kilobytes.trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
}

fn field(file: &str, name: &str) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    Ok(value.with_context(|| format!("{file} has no {name}"))?.trim().to_owned())
}
