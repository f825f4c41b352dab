//! Readings by unit over HTTP: what is taken, what is refused, what is answered.

use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::{bundle, data_dir, eventually, registry};

/// An agent that runs one bundle, and its directories.
pub(crate) fn agent(draft: &overhaul_bundle::Draft) -> (Agent, [tempfile::TempDir; 2]) {
    let (home, data) = (tempfile::tempdir().unwrap(), data_dir());
    let directory = bundle::write(draft, home.path(), "v1");
    let [directory, at] = [directory.as_path(), data.path()].map(|path| path.to_str().unwrap());
    (Agent::start(&["--bundle", directory, "--data-dir", at]), [home, data])
}

/// An LSTM whose scaler was fitted, so that missing values can be put in.
pub(crate) fn fitted(version: u32) -> overhaul_bundle::Draft {
    let mut draft = bundle::lstm(version);
    for feature in &mut draft.scaler.features {
        (feature.mean, feature.scale) = (0.25, 150.0);
    }
    draft
}

/// Posts readings, each with its cycle.
pub(crate) fn post(agent: &Agent, unit: &str, readings: &[(u64, Vec<f32>)]) -> (u16, Value) {
    let one = |(cycle, values): &(u64, Vec<f32>)| json!({ "cycle": cycle, "values": values });
    let body = json!({ "readings": readings.iter().map(one).collect::<Vec<_>>() });
    agent.ask("POST", &format!("/units/{unit}/readings"), body.to_string().as_bytes())
}

fn ok(answer: (u16, Value)) -> Value {
    assert_eq!(answer.0, 200, "{}", answer.1);
    answer.1
}

fn detail(answer: &(u16, Value), status: u16) -> String {
    assert_eq!(answer.0, status, "{}", answer.1);
    answer.1["detail"].as_str().unwrap().to_owned()
}

/// Readings of cycles 1, 2, 3, …
pub(crate) fn numbered(draft: &overhaul_bundle::Draft, count: usize) -> Vec<(u64, Vec<f32>)> {
    (1..).zip(bundle::readings(draft, count)).collect()
}

#[test]
fn readings_sent_one_by_one_are_answered_as_their_window_is() {
    let draft = fitted(3);
    let (agent, _home) = agent(&draft);
    let readings = numbered(&draft, 10);
    for (place, reading) in readings.iter().enumerate() {
        let answer = ok(post(&agent, "engine-1", std::slice::from_ref(reading)));
        assert_eq!((&answer["cycle"], &answer["accepted"]), (&json!(place + 1), &json!(1)));
        let first = (place + 1).saturating_sub(bundle::LENGTH);
        let window: Vec<Vec<f32>> =
            readings[first..=place].iter().map(|(_, values)| values.clone()).collect();
        let simple = ok(agent.predict(&window));
        for (name, value) in simple.as_object().unwrap() {
            assert_eq!(&answer[name], value, "{name} in {answer}");
        }
    }
    // The same unit from one body, and in three ways of writing it.
    let last = ok(agent.ask("GET", "/units/engine-1", b""));
    let whole = ok(post(&agent, "bulk", &readings));
    assert_eq!((&whole["accepted"], &whole["predicted_rul"]), (&json!(10), &last["predicted_rul"]));
    let line = |(cycle, values): &(u64, Vec<f32>)| json!({ "cycle": cycle, "values": values }).to_string();
    let ndjson = readings.iter().map(line).collect::<Vec<_>>().join("\n");
    let csv = readings.iter().map(|(cycle, v)| format!("{},{cycle},{},{}\n", v[2], v[0], v[1]));
    let csv = format!("sensor_3,cycle,sensor_1,sensor_2\n{}", csv.collect::<String>());
    for (unit, content_type, body) in
        [("lines", "application/x-ndjson", ndjson), ("table", "text/csv; charset=utf-8", csv)]
    {
        let answer =
            ok(agent.ask_with("POST", &format!("/units/{unit}/readings"), content_type, body.as_bytes()));
        assert_eq!((&answer["accepted"], &answer["predicted_rul"]), (&json!(10), &whole["predicted_rul"]));
    }
}

#[test]
fn late_doubled_contradicting_old_and_distant_readings_are_flagged() {
    let draft = fitted(1);
    let (agent, _home) = agent(&draft);
    let values = |number: usize| bundle::readings(&draft, 20)[number].clone();
    ok(post(&agent, "a", &[(1, values(1)), (2, values(2)), (5, values(5))]));
    let answer = ok(post(&agent, "a", &[(4, values(4)), (4, values(4)), (4, values(6)), (6, values(6))]));
    let flags = &answer["flags"];
    assert_eq!(
        (&flags["late"], &flags["duplicate"], &flags["conflict"], &flags["gap"]),
        (&json!(1), &json!(1), &json!(1), &json!(1))
    );
    assert_eq!((&answer["accepted"], &answer["cycle"]), (&json!(2), &json!(6)));
    // What is known changes nothing, and is answered.
    let before = ok(agent.ask("GET", "/units/a", b""));
    let again = ok(post(&agent, "a", &[(6, values(6))]));
    assert_eq!((&again["accepted"], &again["predicted_rul"]), (&json!(0), &answer["predicted_rul"]));
    assert_eq!(ok(agent.ask("GET", "/units/a", b"")), before);
    // A gap as long as the window.
    let answer = ok(post(&agent, "a", &[(14, values(7))]));
    assert_eq!(
        (&answer["flags"]["restarted_window"], &answer["padded_rows"]),
        (&json!(1), &json!(bundle::LENGTH - 1))
    );
    // A counter that starts again.
    let answer = ok(post(&agent, "a", &[(1, values(8))]));
    assert_eq!((&answer["flags"]["conflict"], &answer["cycle"]), (&json!(1), &json!(14)));
    assert!(answer["note"].as_str().unwrap().contains("DELETE /units/a first"), "{answer}");
    ok(post(&agent, "old", &numbered(&draft, 70)));
    let answer = ok(post(&agent, "old", &[(1, values(8)), (2, values(8))]));
    assert_eq!((&answer["flags"]["too_old"], &answer["cycle"]), (&json!(2), &json!(70)));
    assert!(answer["note"].as_str().unwrap().contains("DELETE /units/old first"), "{answer}");
    assert!(
        detail(&post(&agent, "a", &[(1_000_015, values(9))]), 422)
            .contains("1000001 ahead of the unit's newest, 14")
    );
    let flags = &ok(agent.ask("GET", "/units/a", b""))["flags"];
    assert_eq!(*flags, json!(["padded", "restarted_window"]));
}

#[test]
fn a_body_is_kept_whole_or_not_at_all() {
    let draft = fitted(1);
    let (agent, _home) = agent(&draft);
    let send = |body: &str| agent.ask("POST", "/units/a/readings", body.as_bytes());
    let good = r#"{"values": [1, 2, 3]}"#;
    for (bad, status, said) in [
        (r#"{"values": [1, 2]}"#, 422, "reading 1 has 2 values; the model takes 3"),
        (r#"{"values": [1, 2, 3, 4]}"#, 422, "reading 1 has 4 values"),
        (r#"{"values": [1, "x", 3]}"#, 422, "reading 1, value 1 (sensor_2) is the text \"x\""),
        (r#"{"values": [1, NaN, 3]}"#, 400, "a missing value is null, never NaN"),
        (r#"{"values": [1, 1e999, 3]}"#, 400, "not valid JSON"),
        (r#"{"values": [1, 1e99, 3]}"#, 422, "reading 1, value 1 (sensor_2) is 1e+99"),
        (r#"{"cycle": 0.5, "values": [1, 2, 3]}"#, 422, "reading 1 has cycle 0.5"),
        (r#"{"cycle": 5000000, "values": [1, 2, 3]}"#, 422, "ahead of the unit's newest"),
        (r#"{"values": [null, null, 3]}"#, 422, "cycle 2 lacks 2 of the 3 columns"),
    ] {
        let line = detail(&send(&format!("[{good}, {bad}]")), status);
        assert!(line.contains(said), "{bad}: {line}");
        assert!(detail(&agent.ask("GET", "/units/a", b""), 404).contains("there is no unit \"a\""));
    }
    assert!(detail(&send(""), 400).contains("not valid JSON"));
    let form = agent.ask_with("POST", "/units/a/readings", "application/x-www-form-urlencoded", b"{}");
    assert!(detail(&form, 415).contains("send application/json"));
    assert_eq!(agent.ask("POST", "/units/a/readings", &vec![b' '; (8 << 20) + 1]).0, 413);
    assert!(detail(&agent.ask("GET", "/units/a/readings", b""), 405).contains("does not take that method"));
    assert_eq!(
        ok(agent.ask("GET", "/units", b"")),
        json!({ "units": [], "next": null, "total": 0, "alerts": 0 })
    );
}

#[test]
fn a_unit_id_that_is_none_is_refused_in_one_line() {
    let (agent, _home) = agent(&fitted(1));
    let send = |id: &str| agent.ask("POST", &format!("/units/{id}/readings"), br#"{"values": [1, 2, 3]}"#);
    for id in ["a%2Fb", "%2e%2e", "%00", "a%0Ab", "%20a", &"x".repeat(10_240)] {
        let line = detail(&send(id), 422);
        assert!(
            line.contains("unit id") && line.contains("1 to 128 characters") && line.len() < 300,
            "{line}"
        );
    }
    assert!(detail(&send("%FF"), 422).contains("the unit id is not valid"));
    assert!(detail(&send(""), 422).contains("unit id \"\""));
    for path in ["/units/a/b/readings", "/units/"] {
        detail(&agent.ask("POST", path, b"{}"), 404);
    }
    // What is a name has its place in a URL.
    ok(send("Halle%202:%20Pumpe%20S%C3%BCd"));
    assert_eq!(ok(agent.ask("GET", "/units", b""))["units"][0]["unit"], "Halle 2: Pumpe Süd");
}

#[test]
fn a_missing_sensor_is_put_in_and_a_wild_one_is_used_and_both_are_named() {
    let mut draft = fitted(1);
    // What the model does not look at may be missing.
    draft.scaler.features[2].ignored = true;
    let (agent, _home) = agent(&draft);
    let send = |body: &str| agent.ask("POST", "/units/a/readings", body.as_bytes());
    let answer = ok(send(r#"{"values": {"sensor_1": 0.5, "sensor_2": 0.5}}"#));
    assert_eq!((&answer["flags"]["imputed"], &answer["flags"]["wild"]), (&json!([]), &json!([])));
    assert!(detail(&send(r#"{"values": {"sensor_1": 0.5}}"#), 422).contains("(sensor_2), more than 25 %"));
    let answer = ok(send(r#"{"values": [0.5, 950.0, 1e6]}"#));
    assert_eq!(answer["flags"]["wild"], json!(["sensor_2"]));
    // A version whose scaler was never fitted has nothing to put in.
    let (plain, _home) = self::agent(&bundle::lstm(1));
    let line = detail(&plain.ask("POST", "/units/a/readings", br#"{"values": [1, null, 3]}"#), 422);
    assert!(
        line.contains("cycle 1 lacks") && line.contains("columns that the model looks at (sensor_2)"),
        "{line}"
    );
}

#[test]
fn units_are_listed_by_page_and_by_alert_with_trend_and_history() {
    // Its answers are below 0 on the golden windows, so that the alert is raised by the second.
    let draft = bundle::gru(2);
    let (agent, _home) = agent(&draft);
    let readings = numbered(&draft, 9);
    for unit in ["c", "a", "b"] {
        ok(post(&agent, unit, &readings[..8]));
    }
    let first = ok(post(&agent, "b", &readings[8..]));
    assert_eq!(first["alert"], json!({ "active": true, "since_cycle": 9 }), "{first}");
    let names = |path: &str| -> Vec<String> {
        let page = ok(agent.ask("GET", path, b""));
        let units = page["units"].as_array().unwrap().iter();
        units.map(|unit| unit["unit"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("/units"), ["a", "b", "c"]);
    assert_eq!(names("/units?alert=true"), ["b"]);
    assert_eq!(names("/units?alert=false&limit=1"), ["a"]);
    let page = ok(agent.ask("GET", "/units?limit=2", b""));
    assert_eq!((&page["next"], &page["total"], &page["alerts"]), (&json!("b"), &json!(3), &json!(1)));
    assert_eq!(names("/units?limit=2&after=b"), ["c"]);
    for (query, said) in [
        ("limit=0", "limit \"0\""),
        ("limit=x", "1 to 1000"),
        ("alert=maybe", "neither true nor false"),
        ("after=a/b", "unit id"),
    ] {
        assert!(detail(&agent.ask("GET", &format!("/units?{query}"), b""), 422).contains(said));
    }
    let unit = ok(agent.ask("GET", "/units/b", b""));
    let history = unit["history"].as_array().unwrap();
    assert_eq!((history.len(), &unit["readings"], &unit["trend"]["predictions"]), (2, &json!(9), &json!(2)));
    assert_eq!((&history[1]["cycle"], &history[1]["version"]), (&json!(9), &json!(2)));
    assert_eq!(
        (&history[1]["rul"], &history[1]["upper"]),
        (&unit["predicted_rul"], &unit["confidence_interval"]["upper"])
    );
    assert!(unit["last_seen"].as_str().unwrap().ends_with('Z'));
    assert_eq!(ok(agent.ask("GET", "/units/a", b""))["trend"], Value::Null);
    eventually("the alert in the log", || agent.log().contains("alert is raised").then_some(()));
}

#[test]
fn an_overhauled_unit_starts_again_and_its_end_of_life_judges_the_intervals() {
    let draft = fitted(4);
    let (agent, _home) = agent(&draft);
    for reading in numbered(&draft, 9) {
        ok(post(&agent, "a", &[reading]));
    }
    let history = ok(agent.ask("GET", "/units/a", b""))["history"].clone();
    let end = 40.0;
    let inside = history.as_array().unwrap().iter().filter(|point| {
        let left = end - point["cycle"].as_f64().unwrap();
        (point["lower"].as_f64().unwrap()..=point["upper"].as_f64().unwrap()).contains(&left)
    });
    let inside = inside.count();
    let far = agent.ask("POST", "/units/a/end-of-life", br#"{"cycle": 2000000}"#);
    assert!(detail(&far, 422).contains("1999991 ahead of the unit's newest, 9"));
    assert!(
        detail(&agent.ask("POST", "/units/a/end-of-life", b"now"), 422).contains("send {\"cycle\": 200}")
    );
    let ended = ok(agent.ask("POST", "/units/a/end-of-life", br#"{"cycle": 40}"#));
    assert_eq!(ended["coverage"], json!([{ "version": 4, "inside": inside, "total": 9 }]));
    assert_eq!(
        (&ended["end_of_life"], &ended["readings"], &ended["cycle"]),
        (&json!(40), &json!(9), &json!(9))
    );
    detail(&agent.ask("GET", "/units/a", b""), 404);
    let first = ok(post(&agent, "a", &numbered(&draft, 1)));
    assert_eq!((&first["cycle"], &first["padded_rows"]), (&json!(1), &json!(bundle::LENGTH - 1)));
    let forgotten = ok(agent.ask("DELETE", "/units/a", b""));
    assert_eq!(
        (&forgotten["readings"], &forgotten["predictions"], &forgotten["coverage"]),
        (&json!(1), &json!(1), &Value::Null)
    );
    for (method, path) in [("GET", "/units/a"), ("DELETE", "/units/a"), ("POST", "/units/a/end-of-life")] {
        assert!(detail(&agent.ask(method, path, b""), 404).contains("GET /units lists them"));
    }
}

#[test]
fn readings_sent_at_once_for_one_unit_are_each_kept() {
    let draft = fitted(1);
    let (agent, _home) = agent(&draft);
    let readings = numbered(&draft, 60);
    std::thread::scope(|scope| {
        for part in readings.chunks(10) {
            let agent = &agent;
            scope.spawn(move || {
                for reading in part {
                    ok(post(agent, "a", std::slice::from_ref(reading)));
                    ok(post(agent, "b", std::slice::from_ref(reading)));
                }
            });
        }
    });
    for unit in ["a", "b"] {
        let known = ok(agent.ask("GET", &format!("/units/{unit}"), b""));
        assert_eq!(known["cycle"], json!(60));
    }
}

#[test]
fn after_a_swap_to_other_columns_a_unit_goes_on_with_what_both_have() {
    let (home, data, registry) = (tempfile::tempdir().unwrap(), data_dir(), registry::Registry::start());
    let one = fitted(1);
    let mut two = fitted(2);
    let columns = ["sensor_3", "vibration", "sensor_1"].map(str::to_owned);
    for (feature, column) in two.scaler.features.iter_mut().zip(&columns) {
        feature.name.clone_from(column);
    }
    two.metadata.feature_columns = columns.to_vec();
    registry.promote(&bundle::write(&one, home.path(), "v1"));
    let agent = Agent::follow(&registry.url(), data.path(), &[]);
    agent.wait_for_version(1);
    let readings = numbered(&one, 8);
    ok(post(&agent, "a", &readings[..6]));
    registry.promote(&bundle::write(&two, home.path(), "v2"));
    agent.wait_for_version(2);
    let body = json!({ "values": { "sensor_1": 0.1, "sensor_3": 0.3, "vibration": 0.7 } }).to_string();
    let answer = ok(agent.ask("POST", "/units/a/readings", body.as_bytes()));
    assert_eq!(
        (&answer["model_version"], &answer["padded_rows"], &answer["flags"]["imputed"]),
        (&json!(2), &json!(0), &json!(["vibration"]))
    );
    // As if the window had been sent with the training mean in the place of what nobody measured.
    let mut window: Vec<Vec<f32>> = readings[..6].iter().map(|(_, v)| vec![v[2], 0.25, v[0]]).collect();
    window.push(vec![0.3, 0.7, 0.1]);
    assert_eq!(ok(agent.predict(&window))["predicted_rul"], answer["predicted_rul"]);
    // The columns' old names are no readings of this version.
    let old = agent.ask("POST", "/units/a/readings", br#"{"values": {"sensor_2": 1}}"#);
    assert!(detail(&old, 422).contains("they are sensor_3, vibration, sensor_1"));
}

#[test]
fn units_go_by_what_the_settings_file_says_of_them() {
    let (home, data) = (tempfile::tempdir().unwrap(), data_dir());
    let directory = bundle::write(&bundle::gru(1), home.path(), "v1");
    let config = home.path().join("config.toml");
    let settings = |units: &str| {
        let text = format!("bundle = {directory:?}\ndata-dir = {:?}\n[units]\n{units}\n", data.path());
        std::fs::write(&config, text).unwrap();
    };
    settings("max-units = 1\nsmoothing = {}\nalert = { threshold = 100000.0, consecutive = 1 }");
    let agent = Agent::start(&["--config", config.to_str().unwrap()]);
    let readings = numbered(&bundle::gru(1), 3);
    let answer = ok(post(&agent, "first", &readings));
    assert!(answer["smoothed_rul"].is_number(), "{answer}");
    assert_eq!(answer["alert"]["active"], true, "{answer}");
    let (status, answer) = post(&agent, "second", &readings);
    assert!(status >= 400, "{answer}");
    drop(agent);
    settings("max-unit = 1");
    let line = crate::support::agent::mistake(&["run", "--config", config.to_str().unwrap()]);
    assert!(line.contains("there is no key \"units.max-unit\"; did you mean \"units.max-units\"?"), "{line}");
    settings("alert.threshold = -1.0");
    let line = crate::support::agent::mistake(&["run", "--config", config.to_str().unwrap()]);
    assert!(line.contains("units.alert.threshold: -1 is out of range; use 0 to 100000"), "{line}");
}
