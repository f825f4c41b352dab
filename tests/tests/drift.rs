//! A sensor that drifts from what its model was trained on shows, and no other does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use overhaul_bundle::Bundle;
use overhaul_tests::gateway::Gateway;
use overhaul_tests::process::Server;
use overhaul_tests::trained::Trained;
use overhaul_tests::{programs, wait};

/// The sensor that drifts.
const SENSOR: &str = "sensor_11";
/// An index above this is a shift that calls for action (Siddiqi, Credit Risk Scorecards, 2006).
const SHIFT: f64 = 0.25;

/// The population stability index of each feature, as a gateway tells it that was posted a file of readings, with
/// so much added to the sensor.
fn stability(bundle: &Bundle, readings: &Path, added: f64, folder: &Path) -> Result<BTreeMap<String, f64>> {
    fs::create_dir_all(folder)?;
    let mut run = programs::program("overhaul-edge")?;
    run.args(["run", "--listen", "127.0.0.1:0", "--bundle"]).arg(bundle.directory());
    let gateway = Gateway::of(Server::start(&mut run, &folder.join("gateway.log"))?);
    wait::until("the bundle", || {
        ensure!(gateway.health()?["model"].is_object(), "nothing runs yet");
        Ok(())
    })?;
    let columns = bundle.metadata()?.feature_columns;
    let sensor = columns.iter().position(|name| name == SENSOR).context("no such sensor")?;
    let client = ureq::Agent::new_with_defaults();
    let mut units: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in fs::read_to_string(readings)?.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [unit, cycle, values @ ..] = &fields[..] else { continue };
        let mut values = values.iter().map(|value| value.parse()).collect::<Result<Vec<f64>, _>>()?;
        values[sensor] += added;
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        let rows = units.entry((*unit).to_owned()).or_default();
        rows.push(format!("{cycle},{}\n", values.join(",")));
    }
    for (unit, rows) in &units {
        let url = format!("{}/units/{unit}/readings", gateway.server.url());
        // A whole life at once: what newer readings push out of the window counts too.
        let table = format!("cycle,{}\n{}", columns.join(","), rows.concat());
        client.post(&url).header("content-type", "text/csv").send(&table)?;
    }
    let url = format!("{}/metrics", gateway.server.url());
    let text = client.get(url).call()?.body_mut().read_to_string()?;
    let found = text.lines().filter_map(|line| {
        let (feature, index) =
            line.strip_prefix("overhaul_edge_feature_stability_index{feature=\"")?.split_once("\"} ")?;
        Some((feature.to_owned(), index.parse().ok()?))
    });
    Ok(found.collect())
}

#[test]
fn a_sensor_that_drifts_from_its_training_shows_and_no_other_does() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trained = Trained::find()?;
    let (bundle, readings) = (trained.bundle("gru")?, trained.data().join("train_FD001.txt"));
    let as_trained = stability(&bundle, &readings, 0.0, &folder.path().join("as trained"))?;
    assert!(as_trained.contains_key(SENSOR), "{as_trained:?}");
    for (feature, index) in &as_trained {
        assert!((0.0..SHIFT).contains(index), "{feature}: {index}");
    }
    let drifted = stability(&bundle, &readings, 0.5, &folder.path().join("drifted"))?;
    assert_eq!(drifted.len(), as_trained.len());
    for (feature, index) in &drifted {
        assert_eq!(*index > SHIFT, feature == SENSOR, "{feature}: {index}");
    }
    Ok(())
}
