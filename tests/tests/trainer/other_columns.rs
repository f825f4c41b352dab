//! Data that is not C-MAPSS: as many columns as it has, under its own names, as far as a gateway's answer.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use overhaul_bundle::Bundle;
use overhaul_tests::trained::{Trained, edge_predict};
use overhaul_tests::trainer::{Trainer, must_say};

const PUMPS: usize = 12;

/// Pumps that ran to failure while their readings drifted, and the file that describes the columns.
pub(crate) struct Data {
    pub(crate) folder: PathBuf,
    pub(crate) columns: PathBuf,
    names: Vec<String>,
}

impl Data {
    /// `train_pumps.csv` with so many features, and `columns.toml`, in a folder.
    pub(crate) fn new(folder: &Path, features: usize) -> Result<Self> {
        let names: Vec<String> = (0..features).map(|number| format!("reading {number}")).collect();
        let data = Self { folder: folder.join("pumps"), columns: folder.join("columns.toml"), names };
        fs::create_dir_all(&data.folder)?;
        let columns = format!("unit = \"pump\"\ncycle = \"hour\"\nfeatures = {:?}\n", data.names);
        fs::write(&data.columns, columns)?;
        let lives: Vec<String> = (0..PUMPS).map(|pump| data.life(pump, hours(pump))).collect();
        fs::write(data.folder.join("train_pumps.csv"), data.header() + &lives.concat())?;
        Ok(data)
    }

    /// Test pumps of its own: each is cut off when it has 20 hours left and some.
    fn with_test(self) -> Result<Self> {
        let lives: Vec<String> = (0..4).map(|pump| self.life(pump, hours(pump) - 20 - pump)).collect();
        fs::write(self.folder.join("test_pumps.csv"), self.header() + &lives.concat())?;
        fs::write(self.folder.join("RUL_pumps.txt"), "20\n21\n22\n23\n")?;
        Ok(self)
    }

    /// Another column stands among those that are described.
    fn header(&self) -> String {
        format!("note,pump,hour,{}\n", self.names.join(","))
    }

    /// The first hours of a pump's life.
    fn life(&self, pump: usize, until: usize) -> String {
        let mut text = String::new();
        for hour in 1..=until {
            let worn = hour as f64 / hours(pump) as f64;
            let _ = write!(text, "x,pump {pump},{hour}");
            for column in 0..self.names.len() {
                let noise = ((pump * 7919 + hour * 104_729 + column * 1_299_709) % 1000) as f64 / 1000.0;
                let drift = if column % 2 == 0 { 8.0 * worn } else { -5.0 * worn * worn };
                let _ = write!(text, ",{:.3}", 10.0 * column as f64 + drift + noise);
            }
            text.push('\n');
        }
        text
    }

    /// What a gateway has of two machines: one that is new and one that is about to fail.
    fn readings(&self, to: &Path) -> Result<()> {
        let text = self.header() + &self.life(0, 40) + &self.life(1, hours(1));
        Ok(fs::write(to, text.replacen("pump,", "unit,", 1))?)
    }

    fn train(&self, folder: &Path, out: &Path) -> Result<serde_json::Value> {
        let words = "train --model trend --epochs 12 --batch-size 64 --hidden-size 16 --subset pumps";
        let paths = [("--data", self.folder.as_path()), ("--columns", &self.columns), ("--out", out)];
        Trainer::new(folder).answer(words, &paths)
    }
}

/// How long a pump lives.
fn hours(pump: usize) -> usize {
    80 + 7 * (pump * 5 % PUMPS)
}

/// The gateway's predictions of a new machine and of one that is about to fail.
fn predictions(data: &Data, bundle: &Path, folder: &Path) -> Result<[f64; 2]> {
    let (readings, agent) = (folder.join("readings.csv"), folder.join("agent"));
    Trained::find()?.agent(&agent)?;
    data.readings(&readings)?;
    let answers = edge_predict(bundle, &readings, &agent)?;
    assert_eq!(answers.len(), 2);
    assert_eq!((&answers[0]["unit"], &answers[1]["unit"]), (&"pump 0".into(), &"pump 1".into()));
    Ok([0, 1].map(|unit| answers[unit]["predicted_rul"].as_f64().unwrap()))
}

#[test]
fn five_columns_without_a_test_file_hold_units_out_and_reach_a_gateways_answer() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, out) = (Data::new(folder.path(), 5)?, folder.path().join("bundle"));
    let answer = data.train(folder.path(), &out)?;
    // A fifth of 12, rounded up.
    assert_eq!(answer["metrics"]["units"], 3);
    let metadata = Bundle::open(&out)?.metadata()?;
    assert_eq!((metadata.input_features, metadata.feature_columns), (5, data.names.clone()));
    assert_eq!((metadata.dataset.as_str(), metadata.test_units), ("pumps", Some(3)));
    let [new, worn] = predictions(&data, &out, folder.path())?;
    assert!(worn + 10.0 < new, "{worn} hours left of the worn pump, {new} of the new one");
    Ok(())
}

#[test]
fn sixty_columns_with_a_test_file_are_scored_on_it_and_reach_a_gateways_answer() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, out) = (Data::new(folder.path(), 60)?.with_test()?, folder.path().join("bundle"));
    let answer = data.train(folder.path(), &out)?;
    assert_eq!(answer["metrics"]["units"], 4);
    let metadata = Bundle::open(&out)?.metadata()?;
    assert_eq!((metadata.input_features, metadata.feature_columns), (60, data.names.clone()));
    let [new, worn] = predictions(&data, &out, folder.path())?;
    assert!(worn + 10.0 < new, "{worn} hours left of the worn pump, {new} of the new one");
    Ok(())
}

#[test]
fn a_reading_that_is_no_number_is_refused_by_line_and_column_and_half_a_test_set_by_name() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, out) = (Data::new(folder.path(), 5)?, folder.path().join("bundle"));
    let refusal = || {
        let paths = [("--data", data.folder.as_path()), ("--columns", &data.columns), ("--out", &out)];
        Trainer::new(folder.path()).refusal("train --model trend --subset pumps", &paths)
    };
    let path = data.folder.join("train_pumps.csv");
    let whole = fs::read_to_string(&path)?;
    let mut lines: Vec<&str> = whole.lines().collect();
    let broken = format!("{},NaN", lines[8].rsplit_once(',').unwrap().0);
    lines[8] = &broken;
    fs::write(&path, lines.join("\n"))?;
    must_say(&refusal()?, &["train_pumps.csv line 9: column 8 (reading 4): NaN is not finite"])?;

    fs::write(&path, whole)?;
    fs::write(data.folder.join("RUL_pumps.txt"), "1\n")?;
    must_say(&refusal()?, &["test_pumps.csv is missing", "put it beside train_pumps.csv"])?;
    assert!(!out.exists());
    Ok(())
}
