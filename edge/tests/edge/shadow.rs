//! A candidate predicts beside what answers, answers nobody, and its divergence is reported; so is how readings drift.

use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::registry::Registry;
use crate::support::{bundle, data_dir, eventually};

/// A registry with a GRU in production.
struct Setup {
    home: tempfile::TempDir,
    data: tempfile::TempDir,
    registry: Registry,
}

impl Setup {
    fn new() -> Self {
        let setup =
            Self { home: tempfile::tempdir().unwrap(), data: data_dir(), registry: Registry::start() };
        let mut draft = bundle::gru(1);
        // As fitted scalers are; one with mean 0 and scale 1 throughout says nothing.
        for feature in &mut draft.scaler.features {
            feature.mean = 0.5;
        }
        setup.registry.promote(&bundle::write(&draft, setup.home.path(), "v1"));
        setup
    }

    fn agent(&self, interval: &str) -> Agent {
        let reporting = ["--gateway-id", "gw-1", "--report-interval", interval];
        let more = [&reporting[..], &["--shadow-alias", "candidate"]].concat();
        let agent = Agent::follow(&self.registry.url(), self.data.path(), &more);
        agent.wait_for_version(1);
        agent
    }

    fn reported(&self, kind: &str) -> Option<Value> {
        let reports = self.registry.change(|content| content.reports.clone());
        reports.into_iter().map(|report| report.event).rfind(|event| event["kind"] == kind)
    }
}

fn metric(agent: &Agent, name: &str) -> Option<f64> {
    let text = agent.text("/metrics");
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Posts the cycles of a unit, one at a time, and answers what the last one was answered.
fn feed(agent: &Agent, unit: &str, rows: &[Vec<f32>]) -> Value {
    let mut last = Value::Null;
    for (cycle, row) in (1..).zip(rows) {
        let body = json!({ "cycle": cycle, "values": row }).to_string();
        let (status, answer) = agent.ask("POST", &format!("/units/{unit}/readings"), body.as_bytes());
        assert_eq!(status, 200, "{answer}");
        last = answer;
    }
    last
}

#[test]
fn a_candidate_is_compared_on_live_windows_and_answers_nobody() {
    let setup = Setup::new();
    let agent = setup.agent("24h");
    assert_eq!(metric(&agent, "overhaul_edge_shadow_windows"), None);
    setup.registry.propose(&bundle::write(&bundle::lstm(2), setup.home.path(), "v2"));
    eventually("a comparison", || {
        let answer = feed(&agent, "engine-1", &bundle::readings(&bundle::gru(1), 1));
        assert_eq!(answer["model_version"], 1);
        agent.predict(&bundle::readings(&bundle::gru(1), 7));
        metric(&agent, "overhaul_edge_shadow_windows").filter(|windows| *windows >= 2.0)
    });
    feed(&agent, "engine-2", &bundle::readings(&bundle::gru(1), 20));
    assert!(metric(&agent, "overhaul_edge_shadow_divergence_mean_cycles").unwrap() > 1.0);
    // The end of the agent reports what was found until then.
    let requests = setup.registry.change(|content| content.asked.len());
    assert_eq!(agent.terminate(), Some(0));
    assert!(requests > 0);
    let again = setup.agent("24h");
    let found = eventually("the report", || setup.reported("shadow"));
    assert_eq!((&found["candidate"]["version"], &found["production"]["version"]), (&json!(2), &json!(1)));
    assert!(found["windows"].as_u64().unwrap() >= 2, "{found}");
    assert_eq!(found["failures"], 0);
    assert!(found["divergence"]["max"].as_f64() >= found["divergence"]["mean"].as_f64(), "{found}");
    assert!(found["worst"][0]["unit"].as_str().unwrap().starts_with("engine-"), "{found}");
    // Promoted, it answers, and shadows no more.
    setup.registry.promote(&setup.home.path().join("v2"));
    again.wait_for_version(2);
    eventually("no candidate", || {
        again.predict(&bundle::readings(&bundle::gru(1), 7));
        metric(&again, "overhaul_edge_shadow_windows").is_none().then_some(())
    });
}

#[test]
fn readings_are_compared_with_the_training_s_and_predictions_are_summed_up() {
    let setup = Setup::new();
    let agent = setup.agent("300ms");
    let rows: Vec<Vec<f32>> = (0..150_u16).map(|n| vec![f32::from(n % 10) * 0.1, 9.0, -0.5]).collect();
    feed(&agent, "engine-1", &rows);
    let statistics = eventually("statistics", || {
        setup.reported("statistics").filter(|found| found["features"][1]["wild"] != 0.0)
    });
    assert_eq!(statistics["running"]["version"], 1);
    assert_eq!(statistics["units"], 1);
    let feature = &statistics["features"][1];
    // 9 where training had a mean of 0.5 and a deviation of 1: further than any clean value.
    assert_eq!(
        (&feature["name"], &feature["mean"], &feature["wild"]),
        (&json!("sensor_2"), &json!(9.0), &json!(1.0))
    );
    let predictions = eventually("predictions", || setup.reported("predictions"));
    assert!(predictions["count"].as_u64().unwrap() > 0, "{predictions}");
    assert_eq!(predictions["failed"], 0);
    assert!(predictions["latency"]["p99"].as_f64() >= predictions["latency"]["p50"].as_f64());
}
