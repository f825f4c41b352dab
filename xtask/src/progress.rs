//! What the user sees while something takes its time.

use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// Announces a step, runs it, and says how long it took.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what}");
    let start = Instant::now();
    let result = work();
    let took = seconds(start.elapsed());
    match &result {
        Ok(_) => println!("    {what}: done in {took}"),
        Err(_) => println!("    {what}: failed after {took}"),
    }
    result
}

/// A bar that counts bytes; it draws nothing where standard error is no terminal.
pub(crate) fn bytes(what: &'static str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("    {msg} [{bar:30}] {bytes}/{total_bytes} {eta}");
    bar(what, total, style)
}

/// A bar that counts things.
pub(crate) fn count(what: &'static str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("    {msg} [{bar:30}] {pos}/{len} {eta}");
    bar(what, total, style)
}

fn bar(
    what: &'static str,
    total: u64,
    style: Result<ProgressStyle, indicatif::style::TemplateError>,
) -> ProgressBar {
    let bar = ProgressBar::new(total).with_message(what);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// A duration for people: `0.4 s`, `12 s`, `3 min 20 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    match whole {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{whole} s"),
        _ => format!("{} min {} s", whole / 60, whole % 60),
    }
}
