//! Published versions as the registry tells of them, and what each must answer.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::MODEL;
use super::data::Unit;
use super::http::Connection;
use crate::command::output;
use crate::layout::Layout;

/// What the demo needs to know of a version.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// Its number.
    pub(super) number: u64,
    /// Such as `GRU`.
    pub(super) model_type: String,
    /// RMSE on the validation units, in cycles: what versions are chosen by.
    pub(super) validation_rmse: f64,
    /// The ceiling on training targets, in cycles.
    pub(super) rul_cap: f64,
}

impl Version {
    /// Asks the registry.
    pub(super) fn of(registry: &Connection, number: u64) -> Result<Self> {
        let answer = registry.get_json(&format!("/api/v1/models/{MODEL}/versions/{number}"))?;
        let metadata = &answer["metadata"];
        let float =
            |name: &str| metadata[name].as_f64().with_context(|| format!("version {number} has no {name}"));
        Ok(Self {
            number,
            model_type: metadata["model_type"].as_str().context("no model_type")?.to_owned(),
            validation_rmse: float("validation_rmse")?,
            rul_cap: float("rul_cap")?,
        })
    }
}

/// Downloads the files of a version that a gateway needs, as a bundle directory.
pub(super) fn download(registry: &Connection, number: u64, folder: &Path) -> Result<PathBuf> {
    let version = format!("/api/v1/models/{MODEL}/versions/{number}");
    let bundle = folder.join(format!("bundle-{number}"));
    fs::create_dir_all(&bundle)?;
    let manifest = registry.get(&format!("{version}/manifest"))?;
    fs::write(bundle.join("manifest.json"), &manifest)?;
    let manifest: Value = serde_json::from_slice(&manifest)?;
    for file in manifest["files"].as_array().context("a manifest without files")? {
        let path = file["path"].as_str().context("a file without a path")?;
        let place = bundle.join(path);
        fs::create_dir_all(place.parent().context("a path without a folder")?)?;
        fs::write(&place, registry.get(&format!("{version}/files/{path}"))?)?;
    }
    Ok(bundle)
}

/// What a bundle answers for each unit, with no registry and no gateway: `overhaul-edge predict`.
pub(super) fn expected(layout: &Layout, bundle: &Path, units: &[Unit], folder: &Path) -> Result<Vec<f64>> {
    let metadata: Value = serde_json::from_slice(&fs::read(bundle.join("metadata.json"))?)?;
    let columns = metadata["feature_columns"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut text = std::iter::once("unit").chain(columns).collect::<Vec<_>>().join(",") + "\n";
    for unit in units {
        for reading in &unit.readings {
            let numbers: Vec<String> = reading.iter().map(ToString::to_string).collect();
            text.extend([&unit.id.to_string(), ",", &numbers.join(","), "\n"]);
        }
    }
    let input = folder.join("probes.csv");
    fs::write(&input, text)?;
    let mut predict = layout.program(layout.debug().join("overhaul-edge"));
    predict.args(["predict", "--json", "--bundle"]).arg(bundle).arg("--input").arg(&input);
    // The component was compiled there once; nothing else of that directory is used.
    predict.arg("--data-dir").arg(folder.join(super::GATEWAY));
    let answer = output(&mut predict)?;
    let answers: Vec<Value> =
        serde_json::from_str(&answer).with_context(|| format!("no JSON list: {answer}"))?;
    let mut expected = Vec::with_capacity(units.len());
    for unit in units {
        let id = unit.id.to_string();
        let answer = answers.iter().find(|answer| answer["unit"] == id);
        let rul = answer.and_then(|answer| answer["predicted_rul"].as_f64());
        expected.push(rul.with_context(|| format!("no prediction of unit {} in {answers:?}", unit.id))?);
    }
    Ok(expected)
}
