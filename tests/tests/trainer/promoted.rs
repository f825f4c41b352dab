//! `--auto-promote` is honest: by validation units, against the version in production, on units that neither knows.

use std::fs;

use anyhow::{Context as _, Result};
use overhaul_bundle::VersionNumber;
use overhaul_tests::MODEL;
use overhaul_tests::trained::{KINDS, SETTINGS, copy};
use overhaul_tests::trainer::must_say;
use serde_json::Value;

use super::case::Case;

const ACTOR: &str = "overhaul-trainer --auto-promote";

/// The kind of model that is best by a figure.
fn best(figure: impl Fn(&str) -> f64) -> &'static str {
    KINDS.into_iter().min_by(|a, b| figure(a).total_cmp(&figure(b))).unwrap()
}

/// The model of a list that is of a kind.
fn of<'a>(models: &'a Value, kind: &str) -> &'a Value {
    let models = models.as_array().unwrap();
    models.iter().find(|model| model["model_type"].as_str().unwrap().eq_ignore_ascii_case(kind)).unwrap()
}

#[track_caller]
fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-3, "{found} instead of {expected}");
}

/// A case whose production is a trained model.
fn in_production(kind: &str) -> Result<Case> {
    let case = Case::new()?;
    case.registry.promote(case.publish(kind)?)?;
    Ok(case)
}

#[test]
fn of_all_kinds_the_lowest_validation_rmse_becomes_production_whatever_the_test_set_says() -> Result<()> {
    let case = Case::new()?;
    // The same data but for the test's answers, which are as wrong as can be.
    let data = case.folder.path().join("data");
    copy(&case.models.data(), &data)?;
    let answers = data.join("RUL_FD001.txt");
    let count = fs::read_to_string(&answers)?.lines().count();
    fs::write(&answers, "1\n".repeat(count))?;

    let words = format!("train --model all --auto-promote {SETTINGS}");
    let answer = case.trainer.answer(&words, &[("--data", &data)])?;
    let (models, promotion) = (&answer["models"], &answer["promotion"]);

    let published = case.registry.versions()?;
    assert_eq!(published.len(), KINDS.len());
    for (version, kind) in published.iter().zip(KINDS) {
        let model = of(models, kind);
        assert_eq!(version.metadata.model_type, model["model_type"].as_str().unwrap());
        assert_eq!(u64::from(version.version.get()), model["version"].as_u64().unwrap());
        assert_eq!(model["validation_rmse"], case.models.summary(kind)?["validation_rmse"], "{kind}");
        assert_ne!(model["metrics"]["capped"], case.models.summary(kind)?["metrics"]["capped"], "{kind}");
    }
    let by_validation = best(|kind| of(models, kind)["validation_rmse"].as_f64().unwrap());
    let by_test = best(|kind| of(models, kind)["metrics"]["capped"]["rmse"].as_f64().unwrap());
    assert_ne!(by_validation, by_test, "this data tells the two apart");

    assert_eq!(promotion["promoted"], true, "{promotion}");
    assert_eq!(promotion["candidate"]["version"], of(models, by_validation)["version"]);
    assert_eq!(promotion["production"], Value::Null);
    let history = case.registry.history()?;
    assert_eq!(history.len(), 1, "{history:?}");
    assert_eq!((history[0].alias.as_str(), history[0].actor.as_str()), ("production", ACTOR));
    assert_eq!(u64::from(history[0].to.get()), promotion["candidate"]["version"].as_u64().unwrap());
    assert_eq!(history[0].reason.as_deref(), Some("there was no production version yet"));
    assert_eq!(case.trainer.checkpoints()?.len(), 0, "what is published needs no checkpoint");
    Ok(())
}

#[test]
fn a_worse_version_is_published_and_not_promoted_and_both_figures_are_told() -> Result<()> {
    let case = in_production("gru")?;
    let words = "train --model trend --epochs 1 --lr 1e-9 --hidden-size 8 --auto-promote";
    let answer = case.trainer.answer(words, &[("--data", &case.models.data())])?;

    let promotion = &answer["promotion"];
    let theirs = case.models.summary("gru")?["validation_rmse"].as_f64().context("no figure")?;
    let ours = answer["validation_rmse"].as_f64().context("no figure")?;
    assert!(ours > theirs, "{ours} against {theirs}");
    assert_eq!((&promotion["promoted"], &promotion["production"]), (&false.into(), &1.into()));
    near(&promotion["production_rmse"], theirs);
    near(&promotion["candidate_rmse"], ours);
    must_say(
        promotion["reason"].as_str().unwrap(),
        &[&format!("{ours:.2} against {theirs:.2} of version 1 in production, on the same 2 units")],
    )?;
    assert_eq!(case.registry.versions()?.len(), 2);
    assert_eq!(case.registry.history()?.len(), 1, "production did not move");
    Ok(())
}

#[test]
fn a_better_version_is_promoted_and_the_history_says_by_whom_and_why() -> Result<()> {
    let case = in_production("lstm")?;
    let words = "train --model trend --epochs 3 --hidden-size 8 --auto-promote";
    let answer = case.trainer.answer(words, &[("--data", &case.models.data())])?;

    let promotion = &answer["promotion"];
    assert_eq!(promotion["promoted"], true, "{promotion}");
    near(&promotion["production_rmse"], case.models.summary("lstm")?["validation_rmse"].as_f64().unwrap());
    let history = case.registry.history()?;
    let moved = &history[0];
    assert_eq!((moved.from.map(VersionNumber::get), moved.to.get()), (Some(1), 2));
    assert_eq!(moved.actor, ACTOR);
    assert_eq!(moved.reason.as_deref(), promotion["reason"].as_str());
    must_say(moved.reason.as_deref().unwrap(), &["validation RMSE", "of version 1 in production"])
}

#[test]
fn a_production_version_of_another_split_is_compared_on_units_that_neither_was_trained_on() -> Result<()> {
    let case = in_production("gru")?;
    // Of this split's two validation units the version in production was trained on one.
    let words = format!("train --model trend {SETTINGS} --split-seed 3 --auto-promote --name {MODEL}");
    let answer = case.trainer.answer(&words, &[("--data", &case.models.data())])?;

    let promotion = &answer["promotion"];
    must_say(promotion["reason"].as_str().unwrap(), &["of version 1 in production, on the same unit"])?;
    let of_all_units = answer["validation_rmse"].as_f64().unwrap();
    let of_the_fresh_one = promotion["candidate_rmse"].as_f64().unwrap();
    assert!((of_all_units - of_the_fresh_one).abs() > 1e-3, "{of_all_units} is over both units");
    let better = of_the_fresh_one < promotion["production_rmse"].as_f64().unwrap();
    assert_eq!(promotion["promoted"], better);
    assert_eq!(case.registry.history()?.len(), if better { 2 } else { 1 });
    Ok(())
}
