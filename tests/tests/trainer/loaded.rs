//! `load` gives a published version back to libtorch; `--info-only` costs no files.

use std::fs;

use anyhow::Result;
use overhaul_tests::disk;
use overhaul_tests::trained::KINDS;
use overhaul_tests::trainer::must_say;

use super::case::Case;

#[test]
fn each_kind_of_model_answers_its_golden_vectors_in_libtorch_again() -> Result<()> {
    let case = Case::new()?;
    for kind in KINDS {
        let version = case.publish(kind)?;
        let answer = case.trainer.answer(&format!("load --version {version}"), &[])?;
        let difference = answer["largest_difference"].as_f64().unwrap();
        assert!(difference <= 1e-3, "{kind}: {difference}");
        assert_eq!(
            (&answer["version"], &answer["rmse"]),
            (&version.get().into(), &case.models.bundle(kind)?.metadata()?.rmse.into())
        );
    }
    Ok(())
}

#[test]
fn information_needs_no_files_and_loading_does() -> Result<()> {
    let case = Case::new()?;
    case.publish("trend")?;
    for blob in disk::files(&case.registry.folder.join("blobs"))? {
        fs::remove_file(blob)?;
    }

    let answer = case.trainer.answer("load --version 1 --info-only", &[])?;
    assert_eq!((&answer["model_type"], answer.get("largest_difference")), (&"Trend".into(), None));
    assert_eq!(answer["feature_columns"].as_array().unwrap().len(), 24);
    assert!(!case.trainer.output("load --version 1", &[])?.status.success());
    Ok(())
}

#[test]
fn a_version_or_a_model_that_is_not_there_is_refused_with_those_that_are() -> Result<()> {
    let case = Case::new()?;
    case.publish("trend")?;
    for words in ["load --version 7", "load --version 7 --info-only"] {
        must_say(&case.trainer.refusal(words, &[])?, &["no published version 7; there are: 1"])?;
    }
    must_say(&case.trainer.refusal("load --version 0", &[])?, &["version \"0\" is not valid"])?;
    must_say(
        &case.trainer.refusal("load --version 1 --name Pumps", &[])?,
        &["\"Pumps\"", "RUL-Prediction-Model"],
    )
}
