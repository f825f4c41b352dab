//! The files of one subset, such as FD001: training units, test units, and the test's answers.

use std::path::Path;

use overhaul_bundle::digest::Hasher;
use overhaul_bundle::{Mistake, Sha256Digest};

use super::hold_out::HeldOut;
use super::schema::Columns;
use super::source::DataSource;
use super::{Schema, Unit, cmapss, hold_out, table};

/// What holds out the test units of data that has no test files: the same units in every run.
const HOLD_OUT_SEED: u64 = 0;

/// One subset of run-to-failure data.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The subset's name, such as `FD001`.
    pub subset: String,
    /// What a reading's columns are.
    pub schema: Schema,
    /// Units that ran until they failed at their last cycle.
    pub train: Vec<Unit>,
    /// Units that were cut off some time before failure.
    pub test: Vec<Unit>,
    /// The cycles that each test unit had left after its last reading.
    pub test_remaining: Vec<f32>,
    /// True when the test units were held out of the training file, because there is no test file.
    pub held_out: bool,
    /// Digest over the bytes of the files: train, test, RUL.
    pub sha256: Sha256Digest,
}

impl Dataset {
    /// Reads one subset from a folder or an archive, whole or not at all: `train_SUBSET.txt`, `test_SUBSET.txt` and
    /// `RUL_SUBSET.txt` in C-MAPSS's form; or as `columns` describes them, `train_SUBSET.csv` with perhaps
    /// `test_SUBSET.csv` and `RUL_SUBSET.txt`.
    pub fn load(data: &Path, subset: &str, columns: Option<&Columns>) -> anyhow::Result<Self> {
        let mut source = DataSource::open(data)?;
        let ending = if columns.is_some() { "csv" } else { "txt" };
        refuse_unknown(&source, data, subset, ending)?;
        let tested = [format!("test_{subset}.{ending}"), format!("RUL_{subset}.txt")];
        let held_out = columns.is_some() && tested.iter().all(|name| !source.names().contains(name));
        let mut hasher = Hasher::default();
        let mut file = |kind: &str, ending: &str| {
            let name = format!("{kind}_{subset}.{ending}");
            let path = source.shown(&name);
            if !source.names().contains(&name) {
                let beside = format!("put it beside train_{subset}.{ending}");
                return Err(Mistake::new(format!("{} is missing; {beside}", path.display())).into());
            }
            let bytes = source.read(&name)?;
            if bytes.trim_ascii().is_empty() {
                let mend = "give it at least one line";
                return Err(Mistake::new(format!("{} is empty; {mend}", path.display())).into());
            }
            hasher.update(&bytes);
            anyhow::Ok((path, bytes))
        };
        let units = |(path, bytes): &(std::path::PathBuf, Vec<u8>)| match columns {
            Some(columns) => table::units(path, bytes, columns),
            None => cmapss::units(path, bytes),
        };
        let train = file("train", ending)?;
        let (train, test, test_remaining) = if held_out {
            let HeldOut { train, test, remaining } = hold_out::hold_out(units(&train)?, HOLD_OUT_SEED)?;
            (train, test, remaining)
        } else {
            let test = file("test", ending)?;
            let rul = file("RUL", "txt")?;
            let (train, test) = (units(&train)?, units(&test)?);
            let remaining = cmapss::remaining(&rul.0, &rul.1, test.len())?;
            (train, test, remaining)
        };
        let schema = columns.map_or_else(Schema::c_mapss, Columns::schema);
        let sha256 = hasher.finish().0;
        Ok(Self { subset: subset.to_owned(), schema, train, test, test_remaining, held_out, sha256 })
    }

    /// All cycles of some units.
    pub fn cycles(units: &[Unit]) -> usize {
        units.iter().map(Unit::cycles).sum()
    }
}

/// Refuses a subset that has no training file, with those that have.
fn refuse_unknown(source: &DataSource, data: &Path, subset: &str, ending: &str) -> Result<(), Mistake> {
    let suffix = format!(".{ending}");
    let known: Vec<&str> = source
        .names()
        .iter()
        .filter_map(|name| name.strip_prefix("train_")?.strip_suffix(suffix.as_str()))
        .collect();
    if known.contains(&subset) {
        return Ok(());
    }
    let there = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(Mistake::new(format!(
        "subset {subset:?} is not in {}; the subsets there: {there} (train_NAME.{ending} with test_NAME.{ending} and RUL_NAME.txt)",
        data.display()
    )))
}

#[cfg(test)]
mod tests;
