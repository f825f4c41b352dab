//! `export` writes what was published: the bundle, or the registry guide's folder with the bundle in it.

use std::fs;

use anyhow::Result;
use overhaul_bundle::Bundle;
use overhaul_tests::trainer::must_say;
use serde_json::Value;

use super::case::Case;

/// The fields of the guide's `metadata.json`.
const GUIDES: [&str; 12] = [
    "version",
    "model_type",
    "rmse",
    "mae",
    "timestamp",
    "sequence_length",
    "input_features",
    "feature_columns",
    "epochs",
    "batch_size",
    "learning_rate",
    "final_loss",
];

#[test]
fn the_guides_layout_has_the_guides_fields_and_no_other_and_the_whole_bundle() -> Result<()> {
    let case = Case::new()?;
    case.publish("gru")?;
    let models = case.folder.path().join("some/models");
    let out = [("--out", models.as_path())];

    let told = case.trainer.told("export --version 1 --layout files", &out)?;
    let place = models.join("v1");
    assert_eq!(told.trim(), place.to_str().unwrap());
    let written: Value = serde_json::from_slice(&fs::read(place.join("metadata.json"))?)?;
    let written = written.as_object().unwrap();
    let mut fields: Vec<&str> = written.keys().map(String::as_str).collect();
    let mut guides = GUIDES;
    fields.sort_unstable();
    guides.sort_unstable();
    assert_eq!(fields, guides);
    let bundle = Bundle::open(&place.join("bundle"))?;
    assert_eq!(bundle.digest(), case.registry.versions()?[0].bundle_sha256);
    let whole: Value = serde_json::from_slice(&fs::read(bundle.directory().join("metadata.json"))?)?;
    for field in GUIDES {
        assert_eq!(written[field], whole[field], "{field}");
    }
    assert_eq!(written["version"], 1);
    for entry in &bundle.manifest().files {
        assert!(entry.path.under(bundle.directory()).is_file(), "{} was published too", entry.path);
    }

    let line = case.trainer.refusal("export --version 1 --layout files", &out)?;
    must_say(&line, &["some/models/v1 exists already", "name a new directory"])?;
    assert_eq!(models.read_dir()?.count(), 1, "nothing is left beside it");
    Ok(())
}

#[test]
fn the_bundle_itself_is_what_gateways_have_and_nothing_is_overwritten() -> Result<()> {
    let case = Case::new()?;
    case.publish("trend")?;
    let out = case.folder.path().join("exported");
    case.trainer.told("export --version 1", &[("--out", &out)])?;
    assert_eq!(Bundle::open(&out)?.digest(), case.registry.versions()?[0].bundle_sha256);

    let refusal = |place: &std::path::Path| case.trainer.refusal("export --version 1", &[("--out", place)]);
    must_say(&refusal(&out)?, &["exported exists already", "name a new directory"])?;
    must_say(&refusal(&out.join("MLmodel/x"))?, &["MLmodel is no directory", "name another"])?;
    let line = case.trainer.refusal("export --version 2", &[("--out", &case.folder.path().join("two"))])?;
    must_say(&line, &["no published version 2; there are: 1"])?;
    assert!(!case.folder.path().join("two").exists());
    Ok(())
}
