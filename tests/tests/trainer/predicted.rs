//! `predict` says what a gateway says for the same readings.

use std::fs;

use anyhow::Result;
use overhaul_tests::trained::{edge_predict, golden_csv};
use overhaul_tests::trainer::must_say;

use super::case::Case;

/// Between native tract and the component.
const TOLERANCE: f64 = 1e-3;

#[test]
fn trainer_and_gateway_predict_alike_and_as_the_golden_vectors_say() -> Result<()> {
    let case = Case::new()?;
    let (input, agent) = (case.folder.path().join("readings.csv"), case.folder.path().join("agent"));
    case.models.agent(&agent)?;
    for kind in ["bilstm", "trend"] {
        let version = case.publish(kind)?;
        let bundle = case.models.bundle(kind)?;
        // One unit more, with less history than the window is long.
        let mut readings = golden_csv(&bundle)?;
        let last = readings.lines().last().unwrap().to_owned();
        let (_, numbers) = last.split_once(',').unwrap();
        readings.extend(["short,", numbers, "\n"]);
        fs::write(&input, readings)?;

        let ours = case.trainer.answer(&format!("predict --version {version}"), &[("--input", &input)])?;
        let ours = ours.as_array().unwrap();
        let theirs = edge_predict(bundle.directory(), &input, &agent)?;
        let expected = bundle.golden()?.expected;
        assert_eq!((ours.len(), theirs.len()), (expected.len() + 1, expected.len() + 1));
        for (place, (our, their)) in ours.iter().zip(&theirs).enumerate() {
            assert_eq!((&our["unit"], &our["cycles"]), (&their["unit"], &their["cycles"]));
            let interval = &their["confidence_interval"];
            for (our, their) in [
                (&our["predicted_rul"], &their["predicted_rul"]),
                (&our["lower"], &interval["lower"]),
                (&our["upper"], &interval["upper"]),
            ] {
                let (our, their) = (our.as_f64().unwrap(), their.as_f64().unwrap());
                assert!((our - their).abs() < TOLERANCE, "{kind}, unit {place}: {our} and {their}");
            }
            if let Some(&expected) = expected.get(place) {
                let difference = our["predicted_rul"].as_f64().unwrap() - f64::from(expected.max(0.0));
                assert!(difference.abs() < TOLERANCE, "{kind}, unit {place}: {difference} cycles off");
            }
        }
    }
    Ok(())
}

#[test]
fn readings_without_a_column_or_with_no_number_are_refused() -> Result<()> {
    let case = Case::new()?;
    case.publish("trend")?;
    let input = case.folder.path().join("readings.csv");
    let readings = golden_csv(&case.models.bundle("trend")?)?;
    let refusal = |text: String| {
        fs::write(&input, text)?;
        case.trainer.refusal("predict --version 1", &[("--input", &input)])
    };
    must_say(
        &refusal(readings.replacen("sensor_9", "sensor nine", 1))?,
        &["readings.csv", "lacks the column sensor_9"],
    )?;
    let mut lines: Vec<&str> = readings.lines().collect();
    let broken = format!("{},NaN", lines[2].rsplit_once(',').unwrap().0);
    lines[2] = &broken;
    must_say(&refusal(lines.join("\n"))?, &["line 3, column sensor_21: \"NaN\""])?;
    let line =
        case.trainer.refusal("predict --version 1", &[("--input", &case.folder.path().join("none.csv"))])?;
    must_say(&line, &["cannot read", "none.csv", "name a CSV file"])
}
