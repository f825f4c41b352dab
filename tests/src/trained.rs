//! One model of each kind, trained once for all tests: nextest starts a process for each test, and training takes
//! longer than most of them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};
use overhaul_bundle::{Bundle, VersionNumber};
use serde_json::Value;

use crate::trainer::{Trainer, simulate};
use crate::{disk, programs};

/// The kinds of model, as the command line names them.
pub const KINDS: [&str; 5] = ["lstm", "bilstm", "gru", "transformer", "trend"];
/// What they were trained with: enough that the better ones are clearly better.
pub const SETTINGS: &str = "--epochs 6 --hidden-size 8";

/// Bundles without numbers, the data that they were trained on, and what the trainer said.
pub struct Trained {
    folder: PathBuf,
}

impl Trained {
    /// Trains them, unless an earlier test did with the same programs.
    pub fn find() -> Result<Self> {
        let programs = programs::folder()?;
        let place = programs.parent().context("the programs lie in no folder")?.join("tmp/trained");
        fs::create_dir_all(&place)?;
        let lock = File::create(place.join("lock"))?;
        lock.lock()?;
        let folder = place.join(age(&[programs.join("overhaul-trainer"), programs::component()?])?);
        if !folder.is_dir() {
            for old in place.read_dir()? {
                let old = old?.path();
                if old.is_dir() {
                    fs::remove_dir_all(old)?;
                }
            }
            let partial = place.join("partial");
            make(&partial)?;
            fs::rename(&partial, &folder)?;
        }
        Ok(Self { folder })
    }

    /// The data.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The bundle of a kind of model. It is not to be changed.
    pub fn bundle(&self, kind: &str) -> Result<Bundle> {
        Ok(Bundle::open(&self.folder.join("bundles").join(kind))?)
    }

    /// What the trainer answered of a kind of model.
    pub fn summary(&self, kind: &str) -> Result<Value> {
        let answer: Value = serde_json::from_slice(&fs::read(self.folder.join("answer.json"))?)?;
        let place = KINDS.iter().position(|known| *known == kind).context("no such kind")?;
        Ok(answer["models"][place].clone())
    }

    /// A bundle's copy in a new directory, to be changed.
    pub fn copy(&self, kind: &str, to: &Path) -> Result<()> {
        copy(self.bundle(kind)?.directory(), to)
    }

    /// Publishes a copy of a bundle by way of a folder.
    pub fn publish(&self, kind: &str, trainer: &Trainer, folder: &Path) -> Result<VersionNumber> {
        let place = folder.join(format!("to publish, {kind}"));
        self.copy(kind, &place)?;
        trainer.publish(&place)
    }

    /// A new data directory of a gateway in which the component is compiled already.
    pub fn agent(&self, to: &Path) -> Result<()> {
        copy(&self.folder.join("agent"), to)
    }
}

fn make(folder: &Path) -> Result<()> {
    let (data, bundles, agent) = (folder.join("data"), folder.join("bundles"), folder.join("agent"));
    fs::create_dir_all(&agent)?;
    simulate(&data, 20, 7)?;
    let words = format!("train --model all {SETTINGS}");
    let answer = Trainer::new(folder).answer(&words, &[("--data", &data), ("--out", &bundles)])?;
    fs::write(folder.join("answer.json"), serde_json::to_vec(&answer)?)?;
    let readings = folder.join("readings.csv");
    let bundle = Bundle::open(&bundles.join("trend"))?;
    fs::write(&readings, golden_csv(&bundle)?)?;
    edge_predict(bundle.directory(), &readings, &agent).map(drop)
}

/// A bundle's golden windows as a CSV file: each a unit of its own, named by its place.
pub fn golden_csv(bundle: &Bundle) -> Result<String> {
    let golden = bundle.golden()?;
    let mut text = format!("unit,{}\n", bundle.metadata()?.feature_columns.join(","));
    for (unit, window) in golden.windows.chunks(golden.sequence_length * golden.features).enumerate() {
        for row in window.chunks(golden.features) {
            let numbers: Vec<String> = row.iter().map(ToString::to_string).collect();
            text.extend([&unit.to_string(), ",", &numbers.join(","), "\n"]);
        }
    }
    Ok(text)
}

/// What `overhaul-edge predict` answers, with the component that is compiled in an agent's directory.
pub fn edge_predict(bundle: &Path, readings: &Path, agent: &Path) -> Result<Vec<Value>> {
    let mut predict: Command = programs::program("overhaul-edge")?;
    predict.args(["predict", "--json", "--bundle"]).arg(bundle).arg("--input").arg(readings);
    predict.arg("--data-dir").arg(agent);
    Ok(serde_json::from_str(&programs::run(&mut predict)?)?)
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in disk::files(from)? {
        let place = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(place.parent().unwrap_or(to))?;
        fs::copy(&file, &place).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}

/// A name that another build of these files does not have.
fn age(files: &[PathBuf]) -> Result<String> {
    let ages = files.iter().map(|file| {
        let about = file.metadata().with_context(|| format!("cannot read {}", file.display()))?;
        Ok(format!("{:x}-{:x}", about.len(), about.modified()?.duration_since(UNIX_EPOCH)?.as_nanos()))
    });
    Ok(ages.collect::<Result<Vec<_>>>()?.join("-"))
}
