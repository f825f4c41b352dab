//! Each version carries a report for people, which no gateway downloads.

use anyhow::{Context as _, Result};
use overhaul_bundle::Bundle;
use overhaul_tests::gateway::Gateway;
use overhaul_tests::trainer::must_say;
use overhaul_tests::{MODEL, disk};

use super::case::Case;

const REPORT: &str = "report.html";

#[test]
fn the_report_names_the_version_and_the_gateway_does_without_it() -> Result<()> {
    let case = Case::new()?;
    case.publish("gru")?;
    let out = case.folder.path().join("bundle");
    let words = "train --model trend --epochs 2 --hidden-size 8 --auto-promote";
    case.trainer.answer(words, &[("--data", &case.models.data()), ("--out", &out)])?;

    let bundle = Bundle::open(&out)?;
    let entry = bundle.manifest().file(REPORT).context("no report")?;
    assert!(!entry.required);
    let page = String::from_utf8(bundle.read(REPORT)?)?;
    must_say(&page, &[&format!("<title>{MODEL} version 2</title>"), "validation", "FD001"])?;
    let unnumbered = String::from_utf8(case.models.bundle("gru")?.read(REPORT)?)?;
    must_say(&unnumbered, &[&format!("<title>{MODEL}</title>")])?;

    case.models.agent(&case.folder.path().join("gateway"))?;
    let gateway = Gateway::start(case.registry.url(), case.folder.path())?;
    gateway.wait_for(2)?;
    let files = disk::files(&case.folder.path().join("gateway"))?;
    let has = |name: &str| files.iter().any(|file| file.file_name().is_some_and(|found| found == name));
    assert!(has("model.onnx"), "{files:?}");
    assert!(!has(REPORT) && !has("weights.safetensors"), "{files:?}");
    Ok(())
}
