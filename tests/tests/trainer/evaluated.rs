//! `evaluate` measures what the version's own metadata says, on the data that it was trained for and no other.

use std::fs;

use anyhow::Result;
use overhaul_tests::trained::KINDS;
use overhaul_tests::trainer::{must_say, simulate};
use serde_json::Value;

use super::case::Case;
use super::other_columns::Data;

#[track_caller]
fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-3 * expected.max(1.0), "{found} instead of {expected}");
}

#[test]
fn each_kind_of_model_is_as_good_as_its_metadata_says() -> Result<()> {
    let case = Case::new()?;
    for kind in KINDS {
        let version = case.publish(kind)?;
        let answer = case
            .trainer
            .answer(&format!("evaluate --version {version}"), &[("--data", &case.models.data())])?;
        let metadata = case.models.bundle(kind)?.metadata()?;
        let metrics = &answer["metrics"];
        for (figures, rmse, mae) in
            [("capped", metadata.rmse, metadata.mae), ("raw", metadata.rmse_raw, metadata.mae_raw)]
        {
            near(&metrics[figures]["rmse"], rmse.unwrap());
            near(&metrics[figures]["mae"], mae.unwrap());
        }
        near(&metrics["capped"]["nasa_score"], metadata.nasa_score.unwrap());
        let coverage = &case.models.summary(kind)?["metrics"]["coverage"];
        for figure in ["units", "capped", "raw", "mean_width"] {
            near(&metrics["coverage"][figure], coverage[figure].as_f64().unwrap());
        }
        assert_eq!(
            (&answer["same_data"], &answer["model_type"]),
            (&true.into(), &metadata.model_type.into())
        );
        assert_eq!(answer["version"], version.get());
    }
    Ok(())
}

#[test]
fn other_data_is_measured_and_called_other_and_other_columns_are_refused() -> Result<()> {
    let case = Case::new()?;
    case.publish("trend")?;

    let other = case.folder.path().join("other");
    simulate(&other, 6, 8)?;
    let answer = case.trainer.answer("evaluate --version 1", &[("--data", &other)])?;
    assert_eq!((&answer["same_data"], &answer["metrics"]["units"]), (&false.into(), &6.into()));

    let pumps = Data::new(case.folder.path(), 5)?;
    let line = case.trainer.refusal(
        "evaluate --version 1 --subset pumps",
        &[("--data", &pumps.folder), ("--columns", &pumps.columns)],
    )?;
    must_say(&line, &["reads 24 columns, the data has 5", "\"setting_1\" is not among the data's"])?;
    let fewer = fs::read_to_string(&pumps.columns)?.replace("\"reading 4\"", "\"reading 7\"");
    fs::write(&pumps.columns, fewer)?;
    let line = case.trainer.refusal(
        "evaluate --version 1 --subset pumps",
        &[("--data", &pumps.folder), ("--columns", &pumps.columns)],
    )?;
    must_say(&line, &["has no column \"reading 7\", which --columns names"])
}
