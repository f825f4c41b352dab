//! Run-to-failure data from a documented degradation model, in C-MAPSS's files and columns.
//!
//! Every unit `u` has a hidden **damage** that grows exponentially with its cycles `t = 1, 2, …`, as in
//! Saxena et al., "Damage Propagation Modeling for Aircraft Engine Run-to-Failure Simulation" (PHM08):
//!
//! ```text
//! D(t) = d0 + r (exp(b t) - 1)            the unit fails at the first cycle with D(t) >= 1
//! d0 ~ Uniform(0, 0.1)                    manufacturing and wear before the first cycle
//! ln b ~ Normal(ln 0.022, 0.16)           growth a cycle
//! ln r ~ Normal(ln 0.012, 0.35)           where growth starts from
//! ```
//!
//! (normals cut at 2.5 standard deviations), which gives lives of some 100 to 400 cycles, 200 on average.
//! Sensor `s` reads
//!
//! ```text
//! x_s(t) = base_s + offset_s,u + drift_s (0.8 D + 0.2 D^2) + spool_s w_u D + noise_s e
//! offset_s,u ~ Normal(0, noise_s / 4)     e ~ Normal(0, 1) at each cycle     w_u ~ Normal(0, 1)
//! ```
//!
//! rounded to the sensor's decimals; `w_u` is how the unit's control lets the core spool drift (sensors 9
//! and 14), which tells nothing about its life. Base, drift and noise are of the size that FD001's sensors
//! have in degrees Rankine, psia and rpm ([`sensors`]); operational settings only have noise: one operating
//! condition, one fault mode.
//!
//! Test units are made likewise and cut off at random, `Uniform{7, …, min(145, life - 30)}` cycles before
//! failure. All is decided by the seed, and training and test units have random streams of their own.

pub mod sensors;
mod unit;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use overhaul_bundle::Mistake;
use rand::RngExt as _;

use crate::random::{Purpose, stream};
use unit::Simulated;

/// The most units in one simulation.
pub const MAX_UNITS: usize = 100_000;
/// A test unit keeps at least this many cycles.
const MIN_TEST_CYCLES: usize = 30;
/// The cycles that a test unit may have left.
const REMAINING: std::ops::RangeInclusive<usize> = 7..=145;

/// Writes `train_SUBSET.txt`, `test_SUBSET.txt` and `RUL_SUBSET.txt` with `units` units each into a
/// directory, which is made if need be, and answers their paths. Files that exist are not overwritten.
pub fn write(directory: &Path, subset: &str, units: usize, seed: u64) -> anyhow::Result<[PathBuf; 3]> {
    if !(1..=MAX_UNITS).contains(&units) {
        return Err(Mistake::new(format!(
            "--units {units} is not 1 to {MAX_UNITS}; give a number in that range"
        ))
        .into());
    }
    if subset.is_empty() || !subset.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Mistake::new(format!(
            "subset {subset:?} is no name; use letters, digits and '_', such as FD001"
        ))
        .into());
    }
    let paths = ["train", "test", "RUL"].map(|kind| directory.join(format!("{kind}_{subset}.txt")));
    if let Some(path) = paths.iter().find(|path| path.exists()) {
        return Err(Mistake::new(format!(
            "{} exists already; name another --out or remove it",
            path.display()
        ))
        .into());
    }
    let (train, test, remaining) = texts(units, seed);
    std::fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    for (path, text) in paths.iter().zip([train, test, remaining]) {
        let context = || format!("cannot write {}", path.display());
        let mut file = tempfile::NamedTempFile::new_in(directory).with_context(context)?;
        file.write_all(text.as_bytes()).with_context(context)?;
        file.persist_noclobber(path).with_context(context)?;
    }
    Ok(paths)
}

/// The texts of the three files.
fn texts(units: usize, seed: u64) -> (String, String, String) {
    let (mut train, mut test, mut remaining) = (String::new(), String::new(), String::new());
    let mut random = stream(seed, Purpose::TrainUnits);
    for id in 1..=units {
        let unit = Simulated::new(&mut random);
        write_cycles(&mut train, id, &unit, unit.life(), &mut random);
    }
    let mut random = stream(seed, Purpose::TestUnits);
    for id in 1..=units {
        let unit = Simulated::new(&mut random);
        let most = (*REMAINING.end()).min(unit.life() - MIN_TEST_CYCLES);
        let left = random.random_range(*REMAINING.start()..=most);
        write_cycles(&mut test, id, &unit, unit.life() - left, &mut random);
        // Writing to a string cannot fail.
        let _ = writeln!(remaining, "{left} ");
    }
    (train, test, remaining)
}

/// C-MAPSS's lines: 26 numbers parted by blanks, two blanks at the end.
fn write_cycles(text: &mut String, id: usize, unit: &Simulated, cycles: usize, random: &mut impl rand::Rng) {
    for cycle in 1..=cycles {
        let _ = write!(text, "{id} {cycle} ");
        for (value, decimals) in unit.reading(cycle, random) {
            let _ = write!(text, "{value:.decimals$} ");
        }
        text.push_str(" \n");
    }
}

#[cfg(test)]
mod tests;
