//! Reports reach the registry once each and in order, whatever happens to either side, and cost no prediction.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::agent::{Agent, following};
use crate::support::registry::{Refusal, Registry, Reported};
use crate::support::{bundle, data_dir, eventually};
use crate::units;

/// A registry with a version in production, and a data directory.
struct Setup {
    home: tempfile::TempDir,
    data: tempfile::TempDir,
    registry: Registry,
}

impl Setup {
    fn new() -> Self {
        let setup =
            Self { home: tempfile::tempdir().unwrap(), data: data_dir(), registry: Registry::start() };
        setup.registry.promote(&bundle::write(&bundle::gru(1), setup.home.path(), "v1"));
        setup
    }

    fn agent(&self) -> Agent {
        self.agent_with(&[])
    }

    fn agent_with(&self, more: &[&str]) -> Agent {
        let more = [&["--gateway-id", "gw-1"], more].concat();
        Agent::follow(&self.registry.url(), self.data.path(), &more)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.data.path().join(name)
    }

    /// Promotes a version that misses its golden vectors.
    fn promote_bad(&self, version: u32) {
        let mut bad = bundle::gru(version);
        bad.golden.expected[0] += 1.0;
        self.registry.promote(&bundle::write(&bad, self.home.path(), &format!("v{version}")));
    }

    fn refuse(&self, refusal: Option<Refusal>) {
        self.registry.change(|content| content.refusal = refusal);
    }

    /// Waits until so many reports came, and sees that none came twice or in another order.
    fn reports(&self, count: usize) -> Vec<Reported> {
        let reports = eventually(&format!("{count} reports"), || {
            let reports = self.registry.change(|content| content.reports.clone());
            (reports.len() >= count).then_some(reports)
        });
        for pair in reports.windows(2) {
            assert!(pair[0].queue != pair[1].queue || pair[0].sequence < pair[1].sequence, "{reports:?}");
        }
        assert!(reports.iter().all(|report| report.gateway == "gw-1"), "{reports:?}");
        reports
    }

    /// The highest number of a report on disk, as a power cut would leave it.
    fn on_disk(&self) -> Option<u64> {
        let copy = tempfile::tempdir().unwrap();
        // The log first: what is moved from it into the file in between is then in both.
        for name in ["reports.db-wal", "reports.db"] {
            fs::copy(self.file(name), copy.path().join(name)).ok()?;
        }
        let database = rusqlite::Connection::open(copy.path().join("reports.db")).ok()?;
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'reports'";
        database.query_row(sql, [], |row| row.get::<_, i64>(0)).ok().map(|number| number as u64)
    }

    fn told(&self, count: usize) -> Vec<String> {
        self.reports(count).iter().map(Reported::told).collect()
    }
}

fn drained(agent: &Agent) -> Value {
    agent.wait_for("an empty queue", |health| {
        health["reports"]["waiting"] == 0 && health["reports"]["last_delivery"] != Value::Null
    })
}

#[test]
fn what_runs_and_what_is_refused_is_reported_in_order() {
    let setup = Setup::new();
    let agent = setup.agent();
    agent.wait_for_version(1);
    setup.promote_bad(2);
    agent.wait_for("a refusal", |health| health["refused"]["version"] == 2);
    let reports = setup.reports(3);
    let told: Vec<String> = reports.iter().map(Reported::told).collect();
    assert_eq!(told, ["started", "activated 1", "refused 2"]);
    assert_eq!(reports[0].event["model"], "RUL-Prediction-Model");
    assert_eq!((&reports[1].event["cause"], &reports[1].event["previous"]), (&"alias".into(), &Value::Null));
    assert!(reports[2].event["reason"].as_str().unwrap().contains("golden vectors"), "{reports:?}");
    assert_eq!(reports[2].event["lasting"], true);
    let health = drained(&agent);
    let status = &health["reports"];
    assert_eq!((&status["gateway"], &status["dropped"]), (&"gw-1".into(), &0.into()));
    assert_eq!((&status["error"], &status["disk_error"]), (&Value::Null, &Value::Null));
    assert_eq!(agent.terminate(), Some(0));
    // The next start goes on where this one ended, and says that it runs again what ran.
    let agent = setup.agent();
    agent.wait_for_version(1);
    let reports = setup.reports(6);
    let told: Vec<String> = reports[3..].iter().map(Reported::told).collect();
    assert_eq!(told, ["started", "activated 1", "refused 2"]);
    assert_eq!(reports[4].event["cause"], "resume");
    assert!(reports.iter().map(|report| report.sequence).eq(1..=6), "{reports:?}");
    assert!(reports.iter().all(|report| report.queue == reports[0].queue), "{reports:?}");
}

#[test]
fn reports_wait_while_the_registry_is_away_and_arrive_once_and_in_order_when_it_is_back() {
    let mut setup = Setup::new();
    let agent = setup.agent();
    agent.wait_for_version(1);
    setup.reports(2);
    drained(&agent);
    setup.registry.go_away();
    agent.wait_for("a registry that is away", |health| health["registry"]["reachable"] == false);
    // What happens meanwhile survives an end as it should be, and a power cut.
    assert_eq!(agent.terminate(), Some(0));
    let agent = setup.agent();
    eventually("reports on disk", || (setup.on_disk() == Some(4)).then_some(()));
    agent.kill();
    let agent = setup.agent();
    let health = agent.wait_for("a failed delivery", |health| {
        health["reports"]["waiting"] == 4 && health["reports"]["error"] != Value::Null
    });
    assert!(health["reports"]["error"].as_str().unwrap().contains("no registry answers"), "{health}");
    assert_eq!(health["model"]["version"], 1);
    setup.registry.come_back();
    assert_eq!(setup.told(6), ["started", "activated 1", "started", "activated 1", "started", "activated 1"]);
    assert_eq!(drained(&agent)["reports"]["error"], Value::Null);
}

#[test]
fn a_registry_that_fails_after_it_has_kept_them_gets_no_report_twice() {
    let setup = Setup::new();
    setup.refuse(Some(Refusal::KeptWith500));
    let agent = setup.agent();
    agent.wait_for_version(1);
    setup.reports(2);
    let waiting = |health: &Value| health["reports"]["error"].as_str().is_some_and(|e| e.contains("500"));
    assert_eq!(agent.wait_for("the error", waiting)["reports"]["waiting"], 2);
    // Killed before it knows, it sends them again, and they are still there once.
    agent.kill();
    let agent = setup.agent();
    setup.reports(4);
    setup.refuse(None);
    drained(&agent);
    assert_eq!(setup.told(4), ["started", "activated 1", "started", "activated 1"]);
    assert!(setup.registry.change(|content| content.batches) >= 3);
}

#[test]
fn killed_over_and_over_it_loses_and_doubles_nothing_that_was_on_disk() {
    let setup = Setup::new();
    let mut expected = Vec::new();
    for round in 0..6 {
        // Every other time, the registry keeps them but fails to say so.
        setup.refuse((round % 2 == 0).then_some(Refusal::KeptWith500));
        let agent = setup.agent();
        agent.wait_for_version(1);
        expected.extend(["started", "activated 1"]);
        eventually("reports on disk", || (setup.on_disk() == Some(expected.len() as u64)).then_some(()));
        // Killed before it sends them, while it does, or after it did.
        std::thread::sleep(std::time::Duration::from_millis(round * 600));
        agent.kill();
    }
    setup.refuse(None);
    let agent = setup.agent();
    expected.extend(["started", "activated 1"]);
    let told = setup.told(expected.len());
    drained(&agent);
    assert_eq!(told, expected);
    assert_eq!(setup.told(0), expected);
}

#[test]
fn a_report_that_the_registry_does_not_take_holds_up_none_behind_it() {
    let setup = Setup::new();
    setup.refuse(Some(Refusal::OfKind("started")));
    let agent = setup.agent();
    agent.wait_for_version(1);
    let reports = setup.reports(2);
    let told: Vec<String> = reports.iter().map(Reported::told).collect();
    assert_eq!(told, ["activated 1", "dropped"]);
    assert_eq!((&reports[1].event["reason"], &reports[1].event["count"]), (&"refused".into(), &1.into()));
    assert_eq!(drained(&agent)["reports"]["dropped"], 1);
    assert!(agent.log().contains("report 1 is thrown away"), "{}", agent.log());
}

#[test]
fn reports_are_kept_for_a_registry_that_does_not_know_this_gateway_or_takes_none() {
    for (status, code, words) in [
        (403, "PERMISSION_DENIED", "403 PERMISSION_DENIED: not today"),
        (401, "UNAUTHENTICATED", "401 UNAUTHENTICATED: not today"),
        (404, "ENDPOINT_NOT_FOUND", "404 ENDPOINT_NOT_FOUND: not today"),
        // What a proxy says is not held against the reports.
        (400, "UNKNOWN", "400 UNKNOWN: not today"),
    ] {
        let setup = Setup::new();
        setup.refuse(Some(Refusal::With(status, code)));
        let agent = setup.agent();
        agent.wait_for_version(1);
        let told = |health: &Value| health["reports"]["error"].as_str().is_some_and(|e| e.contains(words));
        let health = agent.wait_for(words, told);
        assert_eq!((&health["reports"]["waiting"], &health["reports"]["dropped"]), (&2.into(), &0.into()));
        assert_eq!(health["status"], "ok");
    }
}

#[test]
fn a_queue_that_cannot_be_read_is_moved_aside_and_the_registry_is_told() {
    let setup = Setup::new();
    let mut agent = setup.agent();
    agent.wait_for_version(1);
    let first = setup.reports(2)[0].queue.clone();
    drained(&agent);
    agent.kill();
    // From its log alone, the whole of it could be read again.
    fs::remove_file(setup.file("reports.db-wal")).unwrap();
    fs::write(setup.file("reports.db"), b"SQLite format 3\0 and then nothing of the kind").unwrap();
    agent = setup.agent();
    agent.wait_for_version(1);
    let reports = setup.reports(5);
    let told: Vec<String> = reports[2..].iter().map(Reported::told).collect();
    assert_eq!(told, ["dropped", "started", "activated 1"]);
    assert_eq!(
        (&reports[2].event["reason"], &reports[2].event["count"]),
        (&"unreadable".into(), &Value::Null)
    );
    assert!(reports[2..].iter().all(|report| report.queue != first), "{reports:?}");
    assert!(setup.file("reports.db.damaged").exists());
    assert_eq!(agent.log().matches("are not delivered").count(), 1, "{}", agent.log());
}

#[test]
fn a_gateway_without_an_id_draws_one_and_keeps_it() {
    let setup = Setup::new();
    let url = setup.registry.url();
    let follow = following(&url, setup.data.path());
    let id = |agent: &Agent| {
        let health = agent.wait_for("an id", |health| health["reports"]["gateway"] != Value::Null);
        health["reports"]["gateway"].as_str().unwrap().to_owned()
    };
    let agent = Agent::start(&follow);
    let first = id(&agent);
    agent.kill();
    let agent = Agent::start(&follow);
    assert_eq!(id(&agent), first);
    let reports = eventually("reports", || {
        let reports = setup.registry.change(|content| content.reports.clone());
        (!reports.is_empty()).then_some(reports)
    });
    assert!(reports.iter().all(|report| report.gateway == first), "{reports:?}");
    let arguments = [&["run", "--listen", "127.0.0.1:0", "--gateway-id", "a/b"], &follow[..]].concat();
    let line = crate::support::agent::mistake(&arguments);
    assert!(line.contains("a/b"), "{line}");
}

#[test]
fn an_agent_without_a_registry_keeps_no_reports() {
    let home = tempfile::tempdir().unwrap();
    let data = data_dir();
    let bundle = bundle::write(&bundle::gru(1), home.path(), "v1");
    let (bundle, data_dir) = (bundle.to_str().unwrap(), data.path().to_str().unwrap());
    let agent = Agent::start(&["--bundle", bundle, "--data-dir", data_dir]);
    assert_eq!(agent.wait_for_version(1)["reports"], Value::Null);
    assert!(!data.path().join("reports.db").exists());
}

/// Cycles of a unit's predictions that were reported, in their order.
fn predicted(reports: &[Reported]) -> Vec<u64> {
    let predictions = reports.iter().filter(|report| report.event["kind"] == "prediction");
    predictions.map(|report| report.event["cycle"].as_u64().unwrap()).collect()
}

#[test]
fn predictions_of_units_are_reported_all_or_one_in_so_many_or_not_at_all() {
    for (share, cycles) in [("all", vec![1, 2, 3, 4, 5]), ("1/2", vec![1, 3, 5]), ("none", vec![])] {
        let setup = Setup::new();
        let agent = setup.agent_with(&["--report-predictions", share]);
        agent.wait_for_version(1);
        let mut ruls = Vec::new();
        for cycle in 1..=5 {
            let (status, answer) = units::post(&agent, "press", &[(cycle, vec![1.0, 2.0, cycle as f32])]);
            assert_eq!(status, 200, "{answer}");
            ruls.push(answer["predicted_rul"].clone());
        }
        // Repeated, it is no new prediction.
        units::post(&agent, "press", &[(5, vec![1.0, 2.0, 5.0])]);
        assert_eq!(agent.terminate(), Some(0));
        let _agent = setup.agent();
        // started, activated, predictions (summed up), the single ones; then started and activated again.
        let reports = setup.reports(5 + cycles.len());
        assert_eq!(predicted(&reports), cycles, "{share}: {reports:?}");
        for report in reports.iter().filter(|report| report.event["kind"] == "prediction") {
            let cycle = report.event["cycle"].as_u64().unwrap();
            assert_eq!(report.event["rul"], ruls[cycle as usize - 1], "{report:?}");
            assert_eq!((&report.event["unit"], &report.event["version"]), (&"press".into(), &1.into()));
            assert_eq!(report.event["flags"][0], "padded", "{report:?}");
        }
    }
}
